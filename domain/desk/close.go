package desk

import (
	"context"

	"github.com/minamori-project/minamori/internal/db"
)

// Close forgets a company that is closed: what it let staff see and who looked.
// Where it was itself a desk, its lists go with letters and history. A circle that
// looked after it keeps the line of its own list, which no longer leads to a company.
func (rm *Room) Close(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, query := range []string{
			"DELETE FROM desk_look WHERE org_id = ?",
			"DELETE FROM desk_consent WHERE org_id = ?",
			"DELETE FROM desk_consent WHERE desk_id = ?",
			"UPDATE desk_case SET company_id = NULL, asked_at = NULL WHERE company_id = ?",
			"DELETE FROM desk_letter WHERE org_id = ?",
			"DELETE FROM desk_contact WHERE org_id = ?",
			"DELETE FROM desk_case WHERE org_id = ?",
			"DELETE FROM desk_import WHERE org_id = ?",
			"DELETE FROM desk_sender WHERE org_id = ?",
		} {
			if _, err := db.Exec(ctx, query, id); err != nil {
				return err
			}
		}
		return nil
	})
}
