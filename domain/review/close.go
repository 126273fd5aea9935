package review

import (
	"context"
	"encoding/json"
	"io"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// What this room does when a company or a person goes.

// kept is a record as a company takes it with it: all that proves it.
type kept struct {
	ID        string      `json:"id"`
	Kind      Kind        `json:"kind"`
	Number    int         `json:"number"`
	Digest    string      `json:"sha256"`
	Damaged   bool        `json:"damaged"`
	Withdrawn string      `json:"withdrawn_at,omitempty"`
	Facts     string      `json:"facts"` // as text: its bytes are what the digest is of
	Pieces    []keptPiece `json:"pieces"`
}

type keptPiece struct {
	Name   string `json:"name"`
	Salt   string `json:"salt,omitempty"`
	Words  string `json:"words,omitempty"`
	Erased string `json:"erased_at,omitempty"`
}

// Export hands over what the room keeps of a company.
func (rm *Room) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	all, err := db.Rows(ctx, (*Record).fields, "SELECT "+recordColumns+" FROM review_record WHERE org_id = ? ORDER BY made_at, id", org)
	if err != nil {
		return err
	}
	records := make([]kept, 0, len(all))
	for _, r := range all {
		one := []Record{r}
		if err := withPieces(ctx, org, one); err != nil {
			return err
		}
		records = append(records, one[0].kept(true))
	}
	seats, err := db.Rows(ctx, (*Seat).fields, "SELECT "+seatColumns+" FROM review_seat WHERE org_id = ? ORDER BY created, id", org)
	if err != nil {
		return err
	}
	looks, err := db.Rows(ctx, (*Look).fields, "SELECT seat_id, page, day, looks, last_at FROM review_look WHERE org_id = ? ORDER BY day, seat_id, page", org)
	if err != nil {
		return err
	}
	if looks == nil {
		looks = []Look{}
	}
	proposals, err := db.Rows(ctx, (*Proposal).fields, "SELECT "+proposalColumns+" FROM review_proposal WHERE org_id = ? ORDER BY made_at, id", org)
	if err != nil {
		return err
	}
	views := make([]SeatView, 0, len(seats))
	for _, s := range seats {
		views = append(views, rm.seatView(s))
	}
	for _, part := range []struct {
		name string
		what any
	}{{"snapshots.json", records}, {"specialists.json", views}, {"specialist-looks.json", looks}, {"proposals.json", proposalViews(proposals)}} {
		if err := add(part.name, func(w io.Writer) error { return json.NewEncoder(w).Encode(part.what) }); err != nil {
			return err
		}
	}
	return nil
}

// Close removes every row of a company.
func (rm *Room) Close(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{
			"review_proposal", "review_finding", "review_look", "review_seat", "review_piece", "review_record", "review_number",
		} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", org); err != nil {
				return err
			}
		}
		// What a named body said of others goes with it: nobody could ask it any more.
		_, err := db.Exec(ctx, "UPDATE review_qualification SET checked_org = '', checked_by = '', checked_at = NULL, checked_how = '' WHERE checked_org = ?", org)
		return err
	})
}

// Erase removes what names a person: his seats end, his name goes out of every
// record, whose digests stay, and out of what he proposed.
func (rm *Room) Erase(ctx context.Context, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.endSeats(ctx, "left", "account_id = ? OR given_by = ?", account, account); err != nil {
			return err
		}
		if err := rm.eraseNames(ctx, account); err != nil {
			return err
		}
		for _, query := range []string{
			"UPDATE review_seat SET name = '', organisation = '' WHERE account_id = ?",
			"UPDATE review_proposal SET helper = '' WHERE account_id = ?",
			"DELETE FROM review_qualification WHERE account_id = ?",
		} {
			if _, err := db.Exec(ctx, query, account); err != nil {
				return err
			}
		}
		return nil
	})
}

// eraseNames forgets the pieces that name an account, and the words of the journal
// about them.
func (rm *Room) eraseNames(ctx context.Context, account string) error {
	type row struct{ org, record string }
	all, err := db.Rows(ctx, func(r *row) []any { return []any{&r.org, &r.record} },
		"SELECT DISTINCT org_id, record_id FROM review_piece WHERE account_id = ? AND erased_at IS NULL ORDER BY org_id, record_id", account)
	for _, r := range all {
		if err == nil {
			_, err = erasePieces(ctx, r.org, r.record, account, rm.Now())
		}
		if err == nil {
			err = rm.note(ctx, r.org, "review.name-erased", r.record, words{})
		}
	}
	if err != nil {
		return err
	}
	said, err := db.Rows(ctx, (*Said).fields, "SELECT "+saidColumns+" FROM review_qualification WHERE account_id = ? AND checked_org <> '' ORDER BY id", account)
	for _, s := range said {
		if err == nil {
			_, err = journal.Erase(ctx, s.Body, s.ID, "system", "erased on request", rm.Now())
		}
	}
	if err != nil {
		return err
	}
	seats, err := db.Rows(ctx, (*Seat).fields, "SELECT "+seatColumns+" FROM review_seat WHERE account_id = ? ORDER BY id", account)
	for _, s := range seats {
		if err == nil {
			_, err = journal.Erase(ctx, s.Org, s.ID, "system", "erased on request", rm.Now())
		}
	}
	return err
}

// Void ends the invitations that nobody took, as a restore of an older copy must:
// it cannot tell what became of them since.
func (rm *Room) Void(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, `UPDATE review_seat SET ended_at = ?, ended_by = 'system', ended_how = 'revoked', email = ''
			WHERE ended_at IS NULL AND accepted_at IS NULL`, rm.Now())
		return err
	})
}

// Replay takes away again what a line of the ledger says was taken away.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		var err error
		switch e.Verb {
		case "review.seat-ended":
			_, err = db.Exec(ctx, "UPDATE review_seat SET ended_at = ?, ended_by = ?, ended_how = 'revoked', email = '' WHERE id = ? AND org_id = ? AND ended_at IS NULL",
				e.At, e.Actor, e.Subject, e.Org)
		case "review.snapshot-withdrawn", "review.confirmation-withdrawn", "review.oath-withdrawn":
			err = rm.withdrawnAgain(ctx, e)
		case "review.erased":
			_, err = erasePieces(ctx, e.Org, e.Subject, "", e.At)
		case "review.check-taken-back":
			err = uncheck(ctx, e.Subject, e.Org)
		}
		return err
	})
}

// withdrawnAgain also takes from assess what was confirmed.
func (rm *Room) withdrawnAgain(ctx context.Context, e journal.Entry) error {
	_, err := db.Exec(ctx, "UPDATE review_record SET withdrawn_at = ?, withdrawn_by = ?, withdrawn_how = 'withdrawn' WHERE id = ? AND org_id = ? AND withdrawn_at IS NULL",
		e.At, e.Actor, e.Subject, e.Org)
	if err != nil || e.Verb != "review.confirmation-withdrawn" {
		return err
	}
	if err = rm.Assess.Withdraw(ctx, e.Org, "review", e.Subject, e.Actor); problem.Is(err, "not-found") {
		err = nil
	}
	return err
}

// Tidy ends the seats whose time is over and forgets the addresses of invitations
// that nobody took: for the hourly sweep.
func (rm *Room) Tidy(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, `UPDATE review_seat SET ended_at = ?, ended_by = 'system', ended_how = 'expired', email = ''
			WHERE ended_at IS NULL AND (expires <= ? OR accepted_at IS NULL AND invited_until <= ?)`, rm.Now(), rm.Now(), rm.Now())
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, "DELETE FROM review_finding WHERE seat_id IN (SELECT id FROM review_seat WHERE ended_at IS NOT NULL)")
		return err
	})
}
