package star

import (
	"cmp"
	"slices"

	"github.com/minamori-project/minamori/domain/assess"
)

// Deed is what an action does about its criteria.
type Deed string

// The deeds, by the state that asks for them.
const (
	DeedDo     Deed = "do"     // not met: take the steps
	DeedFinish Deed = "finish" // partly: what is missing
	DeedFind   Deed = "find"   // unknown: find out
	DeedRenew  Deed = "renew"  // evidence has ended: look again
	DeedShow   Deed = "show"   // by word alone: put evidence to it
	DeedAnswer Deed = "answer" // no answer yet
)

var deeds = map[assess.State]Deed{
	assess.NotMet: DeedDo, assess.PartlyMet: DeedFinish, assess.NotKnown: DeedFind,
	assess.Expired: DeedRenew, assess.Word: DeedShow, assess.Open: DeedAnswer,
}

// Action is one thing to do. It moves all its items at once: they belong to one
// requirement and ask for the same kind of evidence.
type Action struct {
	Pack        *assess.Pack
	Deed        Deed
	Requirement *assess.Requirement // nil in packs that have none
	Form        string              // of the evidence, "" when any will do
	Items       []*assess.Item      // the one that prevents most harm first
	Minutes     int
	Cost        string // none, low, some
	Helper      string // self, owner, it_vendor, helper, specialist

	worth float64 // risk removed for the effort
	moves float64 // criteria moved for the effort
}

// Lead is the item whose words the action takes.
func (a *Action) Lead() *assess.Item { return a.Items[0] }

// Letter says that there are questions to send to the IT vendor.
func (a *Action) Letter() bool {
	return a.Requirement != nil && len(a.Requirement.VendorQuestions) > 0
}

const (
	mostActions = 6
	topActions  = 3
)

// Next works out the n things to do (at most six) that remove most risk for their
// effort. Packs that are a preview, a pledge or a scale of maturity have none. Where a
// pack has titles alone, nothing is known of how to do an item, and only what needs no
// steps is among them.
func Next(s assess.Standing, n int) []Action {
	return choose(s, n, func(a Action) float64 { return a.worth })
}

// Fastest is Next by the criteria that an action moves for its effort, whatever harm
// they prevent: who needs all criteria of a star asks for these.
func Fastest(s assess.Standing, n int) []Action {
	return choose(s, n, func(a Action) float64 { return a.moves })
}

func choose(s assess.Standing, n int, value func(Action) float64) []Action {
	if s.Pack == nil || s.Pack.Preview || s.Pack.Kind == assess.Pledge || s.Pack.Kind == assess.Maturity {
		return nil
	}
	var all []Action
	for _, items := range bundles(s) {
		all = append(all, newAction(s.Pack, items))
	}
	// The order of the pack decides between equals: the same page every time.
	slices.SortStableFunc(all, func(a, b Action) int { return cmp.Compare(value(b), value(a)) })
	return all[:min(max(n, 0), mostActions, len(all))]
}

// bundles are the items that one act moves, in the order of the pack.
func bundles(s assess.Standing) [][]*assess.ItemStand {
	type key struct {
		deed              Deed
		requirement, form string
	}
	place := map[key]int{}
	var all [][]*assess.ItemStand
	for i := range s.Items {
		it := &s.Items[i]
		deed, ok := deeds[it.State]
		if !ok || s.Pack.TitlesOnly && (deed == DeedDo || deed == DeedFinish || deed == DeedFind) {
			continue
		}
		k := key{deed, cmp.Or(it.Item.Requirement, it.Item.ID), formOf(it.Item)}
		if deed == DeedAnswer {
			k.requirement, k.form = "", "" // to go on answering is one thing
		}
		at, known := place[k]
		if !known {
			at = len(all)
			place[k], all = at, append(all, nil)
		}
		all[at] = append(all[at], it)
	}
	return all
}

func formOf(x *assess.Item) string {
	if len(x.Needs) == 0 {
		return ""
	}
	return x.Needs[0]
}

func newAction(p *assess.Pack, items []*assess.ItemStand) Action {
	a := Action{Pack: p, Deed: deeds[items[0].State], Form: formOf(items[0].Item)}
	for _, it := range items {
		a.Items = append(a.Items, it.Item)
	}
	slices.SortStableFunc(a.Items, func(x, y *assess.Item) int {
		return cmp.Or(cmp.Compare(priority(x), priority(y)), cmp.Compare(x.Number, y.Number))
	})
	a.Requirement = requirement(p, a.Lead().Requirement)
	a.effort()
	risk := 0.0
	for _, x := range a.Items {
		risk += riskOf[min(priority(x), len(riskOf))-1]
	}
	effort := float64(a.Minutes) * costOf[a.Cost]
	a.worth, a.moves = risk*shareOf[a.Deed]/effort, float64(len(a.Items))/effort
	if a.clears() {
		a.moves /= 4 // some of what becomes clear is then still to be done
	}
	return a
}

// How much harm an item prevents by its priority, and which share of it is still to
// be removed. What is met by word is mostly done; what is unknown may be done already;
// an answer alone removes nothing but shows where to go.
var (
	riskOf  = []float64{8, 5, 3, 2, 1}
	shareOf = map[Deed]float64{DeedDo: 1, DeedFinish: 0.6, DeedFind: 0.5, DeedRenew: 0.3, DeedShow: 0.25, DeedAnswer: 0.1}
	costOf  = map[string]float64{"none": 1, "low": 1.5, "some": 3}
)

// priority of an item without an action is the middle.
func priority(x *assess.Item) int {
	if x.Action.Priority == 0 {
		return 3
	}
	return x.Action.Priority
}

// effort is time, cost class and who helps. Steps of the same kind for a further item
// take half as long: the rule is open already, the screen is found.
func (a *Action) effort() {
	a.Cost, a.Helper = "none", "self"
	switch a.Deed {
	case DeedDo, DeedFinish:
		a.steps()
	case DeedFind:
		a.Minutes, a.Helper = 15+5*(len(a.Items)-1), cmp.Or(a.Lead().Action.Helper, "self")
	case DeedRenew, DeedShow:
		a.Minutes = 10 + 5*(len(a.Items)-1)
	case DeedAnswer:
		a.Minutes = 2 * len(a.Items)
	}
}

func (a *Action) steps() {
	most, sum := 0, 0
	for _, x := range a.Items {
		most, sum = max(most, x.Action.Minutes), sum+x.Action.Minutes
		if costOf[x.Action.Cost.Class] > costOf[a.Cost] {
			a.Cost = x.Action.Cost.Class
		}
	}
	a.Minutes, a.Helper = most+(sum-most)/2, a.Lead().Action.Helper
	if a.Deed == DeedFinish {
		a.Minutes /= 2
	}
	a.Minutes = max(5, (a.Minutes+4)/5*5) // a guess is no better than five minutes
}

func requirement(p *assess.Pack, id string) *assess.Requirement {
	for i := range p.Requirements {
		if p.Requirements[i].ID == id {
			return &p.Requirements[i]
		}
	}
	return nil
}
