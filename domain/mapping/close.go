package mapping

import (
	"context"
	"encoding/json"
	"io"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// Export hands over what the answers of a company were made from.
func (rm *Room) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	all, err := appliedOf(ctx, org, "")
	if err != nil || len(all) == 0 {
		return err
	}
	return add("mapping.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(map[string]any{"applied": all}) })
}

// Close removes every row of a company.
func (rm *Room) Close(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM mapping_applied WHERE org_id = ?", org)
		return err
	})
}

// Erase has nothing to remove: no row names a person, only the account that is
// forgotten elsewhere.
func (rm *Room) Erase(ctx context.Context, account string) error { return nil }

// Replay has nothing to take away again: nothing here is a right of anybody.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error { return nil }
