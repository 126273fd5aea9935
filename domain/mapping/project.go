package mapping

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
)

// Level is what an item would be by answers elsewhere. Higher is more.
type Level int

// The levels. A Hint raises nothing.
const (
	Nothing Level = iota
	Hint
	Part
	Whole
)

// maxRows is how long a path is: two rows join three packs.
const maxRows = 2

// Atlas is all maps over all packs, ready to look from any item to any other. It
// is read-only.
type Atlas struct {
	lib    *assess.Library
	maps   []*Map
	number map[assess.Place]int32
	nodes  []node
	edges  [][]edge // by node: where one row leads from it
	toward map[string]map[string]bool
}

// node is an item as the projection sees it.
type node struct {
	place assess.Place
	item  *assess.Item
	pack  int32
	// scale says that the pack takes no "met": a maturity is not read off from
	// elsewhere, it is only spoken of.
	scale bool
}

type edge struct {
	to       int32
	level    Level // what the row makes of a met source
	strength int
	m        *Map
	row      *Row
	back     bool
}

// NewAtlas builds the adjacency of maps whose items the library has (Load checks);
// what it does not have is passed over.
func NewAtlas(lib *assess.Library, maps []*Map) *Atlas {
	a := &Atlas{lib: lib, maps: slices.SortedFunc(slices.Values(maps), byID), number: map[assess.Place]int32{}}
	for k, p := range lib.Packs() {
		for i := range p.Items {
			x := &p.Items[i]
			at := assess.Place{Pack: p.ID, Item: x.ID}
			a.number[at] = int32(len(a.nodes))
			a.nodes = append(a.nodes, node{at, x, int32(k), p.Kind == assess.Maturity})
		}
	}
	a.edges = make([][]edge, len(a.nodes))
	for _, m := range a.maps {
		for i := range m.Rows {
			a.addRow(m, &m.Rows[i])
		}
	}
	for _, out := range a.edges {
		slices.SortFunc(out, byContent)
	}
	a.toward = a.reach()
	return a
}

func (a *Atlas) addRow(m *Map, r *Row) {
	from, ok := a.number[assess.Place{Pack: m.Source.Pack, Item: r.From}]
	if !ok || r.Relation == NoRelationship {
		return
	}
	for _, item := range r.To {
		to, ok := a.number[assess.Place{Pack: m.Target.Pack, Item: item}]
		if !ok {
			continue
		}
		level, back := Part, Part
		if r.Relation.whole() {
			level = Whole
		}
		if len(r.To) == 1 {
			back = Whole
		}
		if m.hint() {
			level, back = Hint, Hint
		}
		a.edges[from] = append(a.edges[from], edge{to, level, r.Strength, m, r, false})
		if r.Relation.both() {
			a.edges[to] = append(a.edges[to], edge{from, back, r.Strength, m, r, true})
		}
	}
}

// byContent orders rows by what they say, never by where they stand in a file.
func byContent(a, b edge) int {
	return cmp.Or(cmp.Compare(a.to, b.to), cmp.Compare(b.level, a.level), cmp.Compare(b.strength, a.strength), byID(a.m, b.m))
}

// reach says from which packs something may come to a pack.
func (a *Atlas) reach() map[string]map[string]bool {
	all := map[string]map[string]bool{}
	put := func(from, to int32) {
		f, t := a.nodes[from].place.Pack, a.nodes[to].place.Pack
		if all[t] == nil {
			all[t] = map[string]bool{}
		}
		all[t][f] = true
	}
	for n, out := range a.edges {
		for _, e := range out {
			put(int32(n), e.to)
			for _, f := range a.edges[e.to] {
				if a.nodes[f.to].pack != a.nodes[n].pack {
					put(int32(n), f.to)
				}
			}
		}
	}
	return all
}

// Sources lists the packs whose answers may serve a pack, in the order of the
// library.
func (a *Atlas) Sources(pack string) (ids []string) {
	for _, p := range a.lib.Packs() {
		if a.toward[pack][p.ID] {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// Step is one row on a path.
type Step struct {
	Map      *Map
	Row      *Row
	From, To assess.Place
	Back     bool // the row is read from its target
}

// Source is an answer that speaks for an item, along the best path from it.
type Source struct {
	Origin   assess.Place
	State    assess.State // of the origin
	Choice   string       // its answer
	Level    Level
	Strength int // of the weakest row
	Path     []Step
	Evidence []assess.Evidence // what shows the origin and would show the item
}

// Projected is what an item would be by what is answered elsewhere.
type Projected struct {
	Place    assess.Place
	Level    Level
	Strength int      // of the best source
	Sources  []Source // all that speak for it, the best first
}

// Evidence is what would show the item, each piece once.
func (p *Projected) Evidence() (all []assess.Evidence) {
	seen := map[string]bool{}
	for _, s := range p.Sources {
		for _, e := range s.Evidence {
			if !seen[e.ID] {
				seen[e.ID] = true
				all = append(all, e)
			}
		}
	}
	return all
}

// Project works out what the items of all packs would be by the answers to others.
// It is a pure function of where the company stands and of the moment.
func (a *Atlas) Project(standings map[string]assess.Standing, now time.Time) map[assess.Place]Projected {
	w := walk{Atlas: a, found: map[int32][]Source{}, best: make([]route, len(a.nodes)), now: now}
	for _, p := range a.lib.Packs() {
		s, ok := standings[p.ID]
		if !ok {
			continue
		}
		for i := range s.Items {
			if from, ok := a.number[assess.Place{Pack: p.ID, Item: s.Items[i].Item.ID}]; ok {
				w.from(from, &s.Items[i])
			}
		}
	}
	all := make(map[assess.Place]Projected, len(w.found))
	for n, sources := range w.found {
		slices.SortFunc(sources, better)
		best := sources[0]
		all[a.nodes[n].place] = Projected{a.nodes[n].place, best.Level, best.Strength, sources}
	}
	return all
}

// said is what an answer brings along. The contrary elsewhere is no "no" here, and
// what was not answered says nothing.
func said(s assess.State) Level {
	switch s {
	case assess.Shown, assess.Word, assess.Expired:
		return Whole
	case assess.PartlyMet:
		return Part
	}
	return Nothing
}

// better orders sources: more, stronger, and then by place, so that the order does
// not depend on how maps were written.
func better(a, b Source) int {
	return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(b.Strength, a.Strength), cmp.Compare(len(a.Path), len(b.Path)),
		strings.Compare(a.Origin.Pack, b.Origin.Pack), strings.Compare(a.Origin.Item, b.Origin.Item))
}

// walk is a projection under way. found has the sources of each target, best the
// best route of the origin at hand to each node.
type walk struct {
	*Atlas
	now     time.Time
	found   map[int32][]Source
	best    []route
	touched []int32
}

// route is a path from the origin at hand.
type route struct {
	level    Level // of the rows alone
	strength int
	rows     [maxRows]*edge
	n        int
}

func (r *route) beats(other *route) bool {
	return cmp.Or(cmp.Compare(r.level, other.level), cmp.Compare(r.strength, other.strength), cmp.Compare(other.n, r.n)) > 0
}

// from looks from an origin as far as three packs reach. A path that comes back to
// the pack of its origin ends: it would let a framework answer itself. An answer
// that was itself made from elsewhere is no origin: paths would grow without end.
func (w *walk) from(origin int32, stand *assess.ItemStand) {
	level := said(stand.State)
	if level == Nothing || stand.Answer.Source == assess.SourceMapped || len(w.edges[origin]) == 0 {
		return
	}
	w.touched = w.touched[:0]
	for i := range w.edges[origin] {
		first := &w.edges[origin][i]
		if w.nodes[first.to].pack == w.nodes[origin].pack {
			continue
		}
		r := route{first.level, first.strength, [maxRows]*edge{first}, 1}
		w.keep(first.to, r)
		for k := range w.edges[first.to] {
			second := &w.edges[first.to][k]
			if p := w.nodes[second.to].pack; p == w.nodes[origin].pack || p == w.nodes[first.to].pack {
				continue
			}
			w.keep(second.to, route{min(r.level, second.level), min(r.strength, second.strength), [maxRows]*edge{first, second}, 2})
		}
	}
	shows := w.showing(stand)
	for _, n := range w.touched {
		w.found[n] = append(w.found[n], w.source(origin, n, level, stand, shows))
		w.best[n] = route{}
	}
}

// keep remembers the best route to a node; of equals the first in the order of
// byContent stays.
func (w *walk) keep(n int32, r route) {
	if w.best[n].n == 0 {
		w.touched = append(w.touched, n)
	} else if !r.beats(&w.best[n]) {
		return
	}
	w.best[n] = r
}

func (w *walk) source(origin, target int32, said Level, stand *assess.ItemStand, shows []assess.Evidence) Source {
	r := &w.best[target]
	s := Source{
		Origin: w.nodes[origin].place, State: stand.State, Choice: stand.Answer.Choice,
		Level: min(said, r.level), Strength: r.strength, Path: make([]Step, r.n),
	}
	at := origin
	for i := range s.Path {
		e := r.rows[i]
		s.Path[i] = Step{e.m, e.row, w.nodes[at].place, w.nodes[e.to].place, e.back}
		at = e.to
	}
	if w.nodes[target].scale {
		s.Level = Hint
	}
	if s.Level == Whole {
		for _, e := range shows {
			if fits(w.nodes[target].item, &e) {
				s.Evidence = append(s.Evidence, e)
			}
		}
	}
	return s
}

// showing is the evidence that shows the origin. A confirmation is about the item
// that somebody looked at, and about no other.
func (w *walk) showing(stand *assess.ItemStand) (all []assess.Evidence) {
	if stand.State != assess.Shown {
		return nil
	}
	for _, e := range stand.Proofs {
		if e.Valid(w.now) && !e.Against && e.Kind != assess.KindConfirmation && fits(stand.Item, &e) {
			all = append(all, e)
		}
	}
	return all
}

// fits says that evidence has a form that the item asks for.
func fits(x *assess.Item, e *assess.Evidence) bool {
	return len(x.Needs) == 0 || slices.Contains(x.Needs, e.Form)
}
