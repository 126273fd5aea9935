package board

import (
	"context"
	"encoding/json"
	"errors"
	"io"

	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
)

// exported is what a company takes along.
type exported struct {
	Profile Profile        `json:"profile"`
	Goals   map[string]int `json:"goals"`
	Results []Result       `json:"results"`
	Counts  bool           `json:"counts_in_statistics"`
}

// Export hands over what the room keeps of a company.
func (rm *Room) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	var x exported
	var errs [4]error
	x.Profile, errs[0] = profileOf(ctx, org)
	x.Goals, errs[1] = goalsOf(ctx, org)
	x.Counts, errs[2] = consents(ctx, org)
	if p := rm.guideline(); p != nil {
		x.Results, errs[3] = resultsOf(ctx, org, p.ID)
	}
	if err := errors.Join(errs[:]...); err != nil {
		return err
	}
	return add("board.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(x) })
}

// Close removes every row of a company. Releases stay, in which it cannot be told.
func (rm *Room) Close(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"board_goal", "board_profile", "board_result", "board_statistics"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", org); err != nil {
				return err
			}
		}
		return count.Forget(ctx, org)
	})
}

// Erase has nothing to do: this room names nobody.
func (rm *Room) Erase(context.Context, string) error { return nil }
