package mapping

import (
	"slices"

	"github.com/minamori-project/minamori/domain/assess"
)

// What became of an item in another edition.
const (
	Same     = "same"
	Reworded = "reworded" // the same thing in other words
	Changed  = "changed"  // it asks for another part, or for more
	Added    = "new"
	Gone     = "gone"
)

// Change is what became of an item from one edition of a framework to another. Old
// is nil of a new item, New of one that is gone.
type Change struct {
	Kind     string
	Old, New *assess.Item
	Level    Level // what an answer to Old comes to at New
	Sure     bool  // a map says so; otherwise number and title alone do
	Map      *Map  // nil without one
	Row      *Row
}

// Compare says what changes between two editions of a family, in the order of the
// new one, and what is gone at the end. Where a map leads from one to the other it
// decides; otherwise items of the same number are the same when their titles are.
func (a *Atlas) Compare(old, next *assess.Pack) (all []Change) {
	used := map[string]bool{}
	m := a.between(old.ID, next.ID)
	for i := range next.Items {
		x := &next.Items[i]
		c := Change{Kind: Added, New: x}
		if m != nil {
			c = m.changeTo(old, x)
		} else if o := old.Item(x.ID); o != nil {
			c = Change{Kind: Reworded, Old: o, New: x, Level: Whole}
			if o.Title == x.Title {
				c.Kind, c.Sure = Same, true
			}
		}
		if c.Old != nil {
			used[c.Old.ID] = true
		}
		all = append(all, c)
	}
	for i := range old.Items {
		if x := &old.Items[i]; !used[x.ID] {
			all = append(all, Change{Kind: Gone, Old: x})
		}
	}
	return all
}

// between is the map from one pack to another that people made, or nil.
func (a *Atlas) between(source, target string) *Map {
	for _, m := range a.maps {
		if m.Source.Pack == source && m.Target.Pack == target && !m.hint() {
			return m
		}
	}
	return nil
}

// changeTo finds the best row of a map to an item.
func (m *Map) changeTo(old *assess.Pack, x *assess.Item) Change {
	best := Change{Kind: Added, New: x}
	for i := range m.Rows {
		r := &m.Rows[i]
		if r.Relation == NoRelationship || !slices.Contains(r.To, x.ID) {
			continue
		}
		c := Change{Kind: Changed, Old: old.Item(r.From), New: x, Level: Part, Sure: true, Map: m, Row: r}
		if r.Relation.whole() {
			c.Level, c.Kind = Whole, Reworded
		}
		if r.Relation == EqualTo && len(r.To) == 1 && c.Old.Title == x.Title {
			c.Kind = Same
		}
		if best.Row == nil || c.Level > best.Level || c.Level == best.Level && r.Strength > best.Row.Strength {
			best = c
		}
	}
	return best
}

// Later lists the other editions of a family that came after a pack, the newest
// first.
func (a *Atlas) Later(p *assess.Pack) (all []*assess.Pack) {
	for _, x := range a.lib.Packs() {
		if x.Family == p.Family && x.ValidFrom > p.ValidFrom {
			all = append(all, x)
		}
	}
	slices.Reverse(all)
	return all
}
