package approval

import (
	"context"

	"github.com/minamori-project/minamori/internal/db"
)

// Close removes the sheets of an organisation that is closed; the signed papers
// go with its files.
func (rm *Room) Close(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM approval_sheet WHERE org_id = ?", id)
		return err
	})
}
