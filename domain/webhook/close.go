package webhook

import (
	"context"
	"encoding/json"
	"io"

	"github.com/minamori-project/minamori/internal/db"
)

// What this room does when a company goes. It keeps no names of persons: who made
// an endpoint is the number of an account, and its endpoints end when he leaves.

// Close removes what this room keeps of an organisation that is closed.
func (rm *Room) Close(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"webhook_delivery", "webhook_endpoint"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Export hands over which systems of a company were told what, without secrets.
func (rm *Room) Export(ctx context.Context, id string, add func(name string, write func(io.Writer) error) error) error {
	all, err := db.Rows(ctx, (*Endpoint).fields, "SELECT "+endpointColumns+" FROM webhook_endpoint e WHERE e.org_id = ? ORDER BY e.created, e.id", id)
	if err != nil {
		return err
	}
	if all == nil {
		all = []Endpoint{}
	}
	return add("webhooks.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(all) })
}
