package webhook

import (
	"context"

	"github.com/minamori-project/minamori/internal/db"
)

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
