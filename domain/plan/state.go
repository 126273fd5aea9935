package plan

import (
	"cmp"
	"context"
	"slices"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
)

// State is how far a step is. It is computed, never typed in.
type State string

// The states.
const (
	Open    State = "open"
	Overdue State = "overdue" // its day has passed
	Done    State = "done"    // evidence or an answer says so
)

// States lists them in the order of a filter.
func States() []State { return []State{Open, Overdue, Done} }

// StateOf works out how far a step is: began is the answer to the item when the step
// was made. It is a pure function.
func StateOf(kind assess.Kind, began string, due, today assess.Date, at assess.ItemStand) State {
	switch {
	case settled(kind, began, at):
		return Done
	case due != "" && due < today:
		return Overdue
	}
	return Open
}

// settled says that evidence or an answer shows what a step wanted. A criterion needs
// evidence; a pledge and a diagnosis are the company's own answers; a maturity has
// risen when its level is above the one at the beginning.
func settled(kind assess.Kind, began string, at assess.ItemStand) bool {
	switch kind {
	case assess.Criteria:
		return at.State == assess.Shown || at.State == assess.Inapplicable
	case assess.Maturity:
		now := at.Answer.Choice
		return level(now) && !at.Contradicted && (!level(began) || now > began)
	}
	return at.State == assess.Shown || at.State == assess.Word
}

// level says that a choice is one of m1 to m5, whose order is that of their names.
func level(choice string) bool { return len(choice) == 2 && choice[0] == 'm' }

// Steps are all of a company, by day: what has none comes behind, what is done last.
func (rm *Room) Steps(ctx context.Context, org string) ([]Step, error) {
	all, err := stepsOf(ctx, org)
	if err != nil {
		return nil, err
	}
	if err := rm.place(ctx, org, all); err != nil {
		return nil, err
	}
	sortSteps(all)
	return all, nil
}

func sortSteps(all []Step) {
	slices.SortStableFunc(all, func(a, b Step) int {
		return cmp.Or(rank(a)-rank(b), cmp.Compare(a.Due, b.Due), cmp.Compare(a.Pack, b.Pack), a.number()-b.number(), cmp.Compare(a.ID, b.ID))
	})
}

// OpenOf are the steps that some accounts have and that are not done, by day: what
// executives are asked to decide.
func (rm *Room) OpenOf(ctx context.Context, org string, accounts []string) ([]Step, error) {
	all, err := stepsOf(ctx, org)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s Step) bool { return !slices.Contains(accounts, s.Account) })
	if err := rm.place(ctx, org, all); err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(s Step) bool { return s.State == Done })
	sortSteps(all)
	return all, nil
}

func rank(s Step) int {
	switch {
	case s.State == Done:
		return 2
	case s.Due == "":
		return 1
	}
	return 0
}

func (s Step) number() int {
	if s.at.Item == nil {
		return 0
	}
	return s.at.Item.Number
}

// place says of each step where the company stands at its item: two queries for
// each pack.
func (rm *Room) place(ctx context.Context, org string, all []Step) error {
	standings := map[string]map[string]assess.ItemStand{}
	for i := range all {
		s := &all[i]
		s.State = Open
		if s.in = rm.Assess.Packs.ByID(s.Pack); s.in == nil {
			continue // a pack that this installation knows no more
		}
		if standings[s.Pack] == nil {
			stand, err := rm.Assess.Standing(ctx, org, s.Pack)
			if err != nil {
				return err
			}
			standings[s.Pack] = map[string]assess.ItemStand{}
			for _, it := range stand.Items {
				standings[s.Pack][it.Item.ID] = it
			}
		}
		s.at = standings[s.Pack][s.Item]
		s.State = StateOf(s.in.Kind, s.began, s.Due, rm.today(), s.at)
	}
	return nil
}

func (rm *Room) today() assess.Date { return assess.Date(i18n.ISO(rm.Now())) }

// Of is the step about an item, when there is one.
func (rm *Room) Of(ctx context.Context, org, pack, item string) (Step, bool, error) {
	s, ok, err := stepAt(ctx, org, pack, item)
	if err != nil || !ok {
		return s, false, err
	}
	one := []Step{s}
	err = rm.place(ctx, org, one)
	return one[0], true, err
}

// Tally counts the steps of a company.
type Tally struct {
	Open    int `json:"open"`
	Overdue int `json:"overdue"`
	Done    int `json:"done"`
	Waiting int `json:"waiting"` // said to be done, among open and overdue
}

// Count is how many steps a company has, for its home.
func (rm *Room) Count(ctx context.Context, org string) (Tally, error) {
	all, err := stepsOf(ctx, org)
	if err != nil || len(all) == 0 {
		return Tally{}, err
	}
	err = rm.place(ctx, org, all)
	return tallyOf(all), err
}

func tallyOf(all []Step) (t Tally) {
	for _, s := range all {
		switch s.State {
		case Overdue:
			t.Overdue++
		case Done:
			t.Done++
		default:
			t.Open++
		}
		if s.Waiting() {
			t.Waiting++
		}
	}
	return t
}
