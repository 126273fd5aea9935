package star

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// Export hands over what the room keeps of a company: its answers to the guide and
// every number with its history.
func (rm *Room) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	guide, err := guideOf(ctx, org)
	if err != nil {
		return err
	}
	all, err := rm.declarationViews(ctx, org)
	if err != nil {
		return err
	}
	kept := struct {
		Guide        Guide             `json:"guide"`
		Declarations []DeclarationView `json:"declarations"`
	}{guide, all}
	return add("stars.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(kept) })
}

// Close removes every row of a company.
func (rm *Room) Close(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"star_seen", "star_declaration", "star_guide"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", org); err != nil {
				return err
			}
		}
		return nil
	})
}

// Erase has nothing to do: a person stands here as the number of an account alone,
// and the name behind it goes with the account.
func (rm *Room) Erase(context.Context, string) error { return nil }

// Replay ends again what a line of the ledger says had ended. It may be done twice,
// and for what the copy does not know.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	why := strings.TrimPrefix(e.Verb, "star.")
	if why != Corrected && why != Followed && why != Stopped {
		return nil
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		return endRow(ctx, e.Org, e.Subject, why, dateOf(e.At), e.Actor, e.At)
	})
}
