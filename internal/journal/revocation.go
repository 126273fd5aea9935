package journal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// revocation is an entry as the ledger holds it: ids alone.
type revocation struct {
	At      time.Time `json:"at"`
	Org     string    `json:"org"`
	Seq     int64     `json:"seq"`
	Verb    string    `json:"verb"`
	Subject string    `json:"subject"`
	Actor   string    `json:"actor"`
	Detail  string    `json:"detail,omitempty"`
}

// beside writes the entry to the book beside the database.
func (e *Entry) beside(ctx context.Context) error {
	line, err := json.Marshal(revocation{e.At, e.Org, e.Seq, e.Verb, e.Subject, e.Actor, e.Detail})
	if err != nil {
		return err
	}
	return db.Beside(ctx, line)
}

// ReadRevocation reads a line of the ledger.
func ReadRevocation(line []byte) (Entry, error) {
	var r revocation
	if err := json.Unmarshal(line, &r); err != nil {
		return Entry{}, fmt.Errorf("journal: a line of the ledger: %w", err)
	}
	if r.At.IsZero() || r.Verb == "" || r.Seq < 1 {
		return Entry{}, errors.New("journal: a line of the ledger lacks time, verb or number")
	}
	return Entry{At: r.At, Org: r.Org, Seq: r.Seq, Verb: r.Verb, Subject: r.Subject, Actor: r.Actor, Detail: r.Detail, Revokes: true}, nil
}

// Holds says whether the chains hold what a line of the ledger tells. taken is
// when the copy was made: an older line may stand at another number, when it was
// done again after an earlier restore, and is searched for.
func Holds(ctx context.Context, e Entry, taken time.Time) (bool, error) {
	const same = "SELECT COUNT(*) FROM journal_entry WHERE org_id = ? AND at = ? AND verb = ? AND subject = ? AND actor = ?"
	args := []any{e.Org, e.At, e.Verb, e.Subject, e.Actor}
	n, err := db.Value[int](ctx, same+" AND seq = ?", append(args, e.Seq)...)
	if err != nil || n > 0 || e.At.After(taken) {
		return n > 0, err
	}
	n, err = db.Value[int](ctx, same, args...)
	return n > 0, err
}

// Replay does again, after a restore, what an entry of this package's verbs took
// away. It notes nothing.
func Replay(ctx context.Context, e Entry) error {
	if e.Verb != erased {
		return fmt.Errorf("journal: %q is not replayed", e.Verb)
	}
	_, err := forget(ctx, e.Org, e.Subject)
	return err
}
