package board

import (
	"cmp"
	"context"
	"slices"

	"github.com/minamori-project/minamori/internal/i18n"
)

// mostDecisions is how much a board is asked at once.
const mostDecisions = 3

// readDecisions takes what the executives have in the plan; where there is nothing, the
// actions of the items that are farthest below what is wanted.
func (rm *Room) readDecisions(ctx context.Context, v *BoardView) error {
	if rm.Decisions != nil {
		all, err := rm.Decisions(ctx, v.org)
		if err != nil {
			return err
		}
		v.Decisions = append(v.Decisions, all[:min(mostDecisions, len(all))]...)
	}
	if v.planned = len(v.Decisions) > 0; v.planned {
		return nil
	}
	lang := i18n.From(ctx).Lang
	for _, it := range weakest(v.Items) {
		a := it.x.Action
		if len(v.Decisions) == mostDecisions || a.Title.In(lang) == "" {
			break
		}
		note := i18n.T(ctx, "board.free")
		if a.Cost.Class != "none" && a.Cost.Class != "" {
			note = a.Cost.Text.In(lang)
		}
		v.Decisions = append(v.Decisions, Decision{What: a.Title.In(lang), Note: note})
	}
	return nil
}

// weakest lists the items below what is wanted: the farthest first, then what prevents
// most harm.
func weakest(items []ItemView) (weak []ItemView) {
	for _, it := range items {
		if it.weak() {
			weak = append(weak, it)
		}
	}
	slices.SortStableFunc(weak, func(a, b ItemView) int {
		return cmp.Or((b.Goal-b.Level)-(a.Goal-a.Level), a.x.Action.Priority-b.x.Action.Priority, a.Number-b.Number)
	})
	return weak
}

// risen lists the items whose level is higher than in the last result of another day.
func (v BoardView) risen() (up []ItemView) {
	for _, r := range v.Results {
		if r.Day == dayOf(v.now) || len(r.Levels) != len(v.Items) {
			continue
		}
		for i, it := range v.Items {
			if before := r.Levels[i]; before > 0 && it.Level > before {
				up = append(up, it)
			}
		}
		return up
	}
	return nil
}

// unknown is how many items have no level.
func (v BoardView) unknown() int { return len(v.Items) - v.levels.Known() }
