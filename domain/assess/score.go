package assess

import (
	"cmp"
	"slices"
)

// Result is what a set of answers comes to. An item without an answer counts
// nowhere: not answered yet is neither "no" nor "unknown".
type Result struct {
	Points   int // sum over the answered items; negative when many are unknown
	Max      int // of the whole pack: 100 for the 25 items, 0 for a pledge
	Items    int
	Answered int
	Unknown  int // answered "unknown", counted in Answered too
	Complete bool
	Band     *Band // nil until complete, and for a pledge
	Areas    []Group
	Parts    []Group
	Weak     []Group // areas under half, the lowest first, at most three
}

// Group is the share of an area or a part in a result.
type Group struct {
	ID       string
	Points   int
	Max      int // of all its items
	Items    int
	Answered int
	// Percent of the points its answered items can bring, 0 to 100. Without an
	// answer it is 0 and means nothing: look at Answered first.
	Percent int
}

// Complete says whether every item of the group has an answer.
func (g Group) Complete() bool { return g.Answered == g.Items }

// Score adds up the answers (item id to choice code). Items and codes the pack
// does not know are passed over: they come from another edition.
func Score(p *Pack, answers map[string]string) Result {
	best := p.best()
	r := Result{Max: best * len(p.Items), Items: len(p.Items)}
	areas, parts := map[string]*Group{}, map[string]*Group{}
	for _, a := range p.Areas {
		areas[a.ID] = &Group{ID: a.ID}
	}
	for _, x := range p.Parts {
		parts[x.ID] = &Group{ID: x.ID}
	}
	for _, item := range p.Items {
		c := p.Choice(answers[item.ID])
		areas[item.Area].add(c, best)
		parts[item.Part].add(c, best)
		if c == nil {
			continue
		}
		r.Points += c.Points
		r.Answered++
		if c.Code == Unknown {
			r.Unknown++
		}
	}
	for _, a := range p.Areas {
		r.Areas = append(r.Areas, areas[a.ID].close(best))
	}
	for _, x := range p.Parts {
		r.Parts = append(r.Parts, parts[x.ID].close(best))
	}
	r.Complete = r.Answered == r.Items
	if r.Complete {
		r.Band = p.band(r.Points)
	}
	r.Weak = weakest(r.Areas)
	return r
}

// add counts one item. The group is nil for items that belong to none.
func (g *Group) add(c *Choice, best int) {
	if g == nil {
		return
	}
	g.Items++
	g.Max += best
	if c != nil {
		g.Answered++
		g.Points += c.Points
	}
}

func (g *Group) close(best int) Group {
	if reach := g.Answered * best; reach > 0 {
		// Half up; points below zero draw as nothing on the chart.
		g.Percent = (200*max(0, g.Points) + reach) / (2 * reach)
	}
	return *g
}

// weakest leaves out areas that are not complete: a single answer says too
// little to call a whole area weak.
func weakest(areas []Group) []Group {
	var weak []Group
	for _, a := range areas {
		if a.Items > 0 && a.Complete() && a.Percent < 50 {
			weak = append(weak, a)
		}
	}
	slices.SortStableFunc(weak, func(a, b Group) int {
		return cmp.Or(cmp.Compare(a.Percent, b.Percent), cmp.Compare(a.Points, b.Points))
	})
	return weak[:min(3, len(weak))]
}

func (p *Pack) band(points int) *Band {
	for i := range p.Bands {
		if points >= p.Bands[i].Min {
			return &p.Bands[i]
		}
	}
	return nil
}

// best returns the points of the best choice, 0 in a pledge.
func (p *Pack) best() int {
	most := 0
	for _, c := range p.Choices {
		most = max(most, c.Points)
	}
	return most
}

// NextThing is an item worth doing next.
type NextThing struct {
	*Item
	Answer string // not_done, unknown or partly
	Gain   int    // points to be won, 0 in a pledge
	// FindOut is true after "unknown": the first step is then UnknownHint, not
	// the steps of the action, for it may be done already.
	FindOut bool
}

// NextThings returns the n things worth doing next. What is not done or unknown
// comes before what is partly done; then what prevents most harm, then what
// takes least time, then the official number. Items that are done or not
// answered yet are never among them.
func NextThings(p *Pack, answers map[string]string, n int) []NextThing {
	best := p.best()
	var all []NextThing
	for i := range p.Items {
		c := p.Choice(answers[p.Items[i].ID])
		if c == nil || c.Code == Done {
			continue
		}
		all = append(all, NextThing{Item: &p.Items[i], Answer: c.Code, Gain: best - c.Points, FindOut: c.Code == Unknown})
	}
	slices.SortStableFunc(all, func(a, b NextThing) int {
		return cmp.Or(
			cmp.Compare(urgency(a.Answer), urgency(b.Answer)),
			cmp.Compare(a.Action.Priority, b.Action.Priority),
			cmp.Compare(a.Action.Minutes, b.Action.Minutes),
			cmp.Compare(a.Number, b.Number))
	})
	return all[:min(max(n, 0), len(all))]
}

// urgency puts "unknown" beside "not done": its gain is a point higher, but
// that point is no reason to prefer it.
func urgency(answer string) int {
	if answer == Partly {
		return 1
	}
	return 0
}
