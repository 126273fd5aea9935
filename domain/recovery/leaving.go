package recovery

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// What this room does when a company or a person goes, and after a restore.

// keepAsked is how long a case waits for its letter.
const keepAsked = 60 * 24 * time.Hour

// Tidy removes cases of which nothing came: most of them name a number that is
// nobody's here.
func (rm *Room) Tidy(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM recovery_case WHERE state = 'asked' AND asked_at < ?", rm.Now().Add(-keepAsked))
		return err
	})
}

// Void ends the codes of letters on their way: a copy of the database may have
// been read by others. The sealed code stays, since its paper lies in a safe.
func (rm *Room) Void(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "UPDATE recovery_case SET letter_hash = NULL WHERE state = 'asked'"); err != nil {
			return err
		}
		_, err := db.Exec(ctx, "UPDATE recovery_code SET slip = NULL, slip_until = NULL")
		return err
	})
}

type exported struct {
	Way   string    `json:"way"`
	State string    `json:"state"`
	Asked time.Time `json:"asked_at"`
	Done  time.Time `json:"done_at"`
}

// Export hands over who became or asked to become the owner, without names.
func (rm *Room) Export(ctx context.Context, id string, add func(name string, write func(io.Writer) error) error) error {
	cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+columns+" FROM recovery_case WHERE org_id = ? AND state <> 'asked' ORDER BY asked_at, id", id)
	if err != nil {
		return err
	}
	all := make([]exported, len(cases))
	for i, c := range cases {
		all[i] = exported{c.Way, c.State, c.Asked, c.Done}
	}
	return add("recovery.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(all) })
}

// Replay does again, after a restore, what an entry took away.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) (err error) {
	switch e.Verb {
	case "recovery.code-made", "recovery.code-used":
		// The code in the copy is an older one, or was used since.
		_, err = db.Exec(ctx, "DELETE FROM recovery_code WHERE org_id = ? AND made_at < ?", e.Org, e.At)
	case "recovery.stopped":
		_, err = db.Exec(ctx, "UPDATE recovery_case SET state = 'stopped' WHERE id = ? AND state IN ('asked', 'notice')", e.Subject)
	}
	return err
}

// Close removes what is kept of an organisation.
func (rm *Room) Close(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, query := range []string{
			"DELETE FROM recovery_approval WHERE case_id IN (SELECT id FROM recovery_case WHERE org_id = ?)",
			"DELETE FROM recovery_owner WHERE case_id IN (SELECT id FROM recovery_case WHERE org_id = ?)",
			"DELETE FROM recovery_case WHERE org_id = ?",
			"DELETE FROM recovery_code WHERE org_id = ?",
		} {
			if _, err := db.Exec(ctx, query, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Erase ends what an account asks for.
func (rm *Room) Erase(ctx context.Context, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+columns+" FROM recovery_case WHERE account = ? AND state IN ('asked', 'notice') ORDER BY id", account)
		if err != nil {
			return err
		}
		for _, c := range cases {
			if _, err := db.Exec(ctx, "UPDATE recovery_case SET state = 'stopped' WHERE id = ?", c.ID); err != nil {
				return err
			}
			if err := rm.liftWhenAlone(ctx, c); err != nil {
				return err
			}
		}
		_, err = db.Exec(ctx, "DELETE FROM recovery_owner WHERE account = ?", account)
		return err
	})
}

// Open says that there is still something to look at in a case.
func (rm *Room) Open(ctx context.Context, id string) (bool, error) {
	c, err := caseWhere(ctx, "id = ?", id)
	if problem.Is(err, "not-found") {
		return false, nil
	}
	return c.State == "notice" || c.undoable(rm.Now()) > 0, err
}
