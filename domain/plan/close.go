package plan

import (
	"context"
	"encoding/json"
	"io"

	"github.com/minamori-project/minamori/internal/db"
)

// Export hands over the plan of a company.
func (rm *Room) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	all, err := rm.Steps(ctx, org)
	if err != nil {
		return err
	}
	if all == nil {
		all = []Step{}
	}
	return add("plan.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(all) })
}

// Close removes every row of a company.
func (rm *Room) Close(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"plan_step", "plan_calendar"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", org); err != nil {
				return err
			}
		}
		return nil
	})
}

// Erase takes an account off the steps it had. Names that were typed are texts of
// the company; the names of its addresses go with the account.
func (rm *Room) Erase(ctx context.Context, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "UPDATE plan_step SET account = '', revision = revision + 1 WHERE account = ?", account); err != nil {
			return err
		}
		_, err := db.Exec(ctx, "DELETE FROM plan_calendar WHERE made_by = ?", account)
		return err
	})
}
