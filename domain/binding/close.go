package binding

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// What this room does when a company or a person goes.

// Close removes what this room keeps of an organisation that is closed.
func (rm *Room) Close(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"binding_paper", "binding_side", "binding_code", "binding_holder", "binding_proof", "binding_body"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
}

// exportedProof is a proof with its end: outsiders relied on it from when to when.
type exportedProof struct {
	Proof
	Ended time.Time `json:"ended"`
}

// Export hands over how it was shown who speaks for a company, and what it stated
// in disputes; its papers are among its files.
func (rm *Room) Export(ctx context.Context, id string, add func(name string, write func(io.Writer) error) error) error {
	proofs, err := db.Rows(ctx, (*Proof).fields, "SELECT "+proofColumns+" FROM binding_proof p WHERE p.org_id = ? ORDER BY p.asked_at, p.id", id)
	if err != nil {
		return err
	}
	sides, err := db.Rows(ctx, (*Side).fields, "SELECT "+sideColumns+" FROM binding_side WHERE org_id = ? ORDER BY joined_at, id", id)
	if err != nil {
		return err
	}
	shown := make([]exportedProof, len(proofs))
	for i, p := range proofs {
		shown[i] = exportedProof{p, p.ended}
	}
	return add("binding.json", func(w io.Writer) error {
		return json.NewEncoder(w).Encode(map[string]any{"proofs": shown, "stated": append([]Side{}, sides...)})
	})
}

// Erase forgets who an account was at a provider. The proof stays: others relied
// on it, and it is the company's.
func (rm *Room) Erase(ctx context.Context, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE binding_proof SET subject = '' WHERE made_by = ?", account)
		return err
	})
}
