package assess

import (
	"context"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// ForgetBehalf removes what staff entered for a company, its history and results
// too: the owner who takes the company over wants to begin anew. It is for a
// company in which nobody has answered himself yet.
func (rm *Room) ForgetBehalf(ctx context.Context, org, actor string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, query := range []string{
			"DELETE FROM assess_answer WHERE org_id = ? AND behalf_channel <> ''",
			"DELETE FROM assess_answer_past WHERE org_id = ? AND behalf_channel <> ''",
			"DELETE FROM assess_result WHERE org_id = ?",
		} {
			if _, err := db.Exec(ctx, query, org); err != nil {
				return err
			}
		}
		return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor, Verb: "assess.behalf_forgotten", Subject: org}, nil)
	})
}

// Erase forgets the name of a helper whose proposals companies accepted; the
// answers stay theirs.
func (rm *Room) Erase(ctx context.Context, name string) error {
	if name == "" {
		return nil
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"assess_answer", "assess_answer_past"} {
			if _, err := db.Exec(ctx, "UPDATE "+table+" SET source_note = '' WHERE source = ? AND source_note = ?", SourceHelper, name); err != nil {
				return err
			}
		}
		return nil
	})
}
