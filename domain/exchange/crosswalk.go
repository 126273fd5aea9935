package exchange

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strconv"
	"time"

	"github.com/minamori-project/minamori/format/oscal"
)

// Crosswalk is a mapping between two packs, as it is exchanged.
type Crosswalk struct {
	ID, Version string
	From, To    string // packs
	Status      string // draft, reviewed, official
	Method      string // human, rule, machine-suggested
	Author      string
	Basis       string // on what it rests
	Rows        []CrosswalkRow
}

// CrosswalkRow says how items of one pack relate to items of the other.
type CrosswalkRow struct {
	From, To   []string // To is empty where nothing there answers to it
	Relation   string   // OSCAL's words, or no-relationship
	Strength   int      // 1 to 10; 0 when nobody said
	Confidence string
	Rationale  string
}

// methods and statuses are OSCAL's words for ours; ours stands beside as a property.
var (
	methods  = map[string]string{"human": "human", "rule": "hybrid", "machine-suggested": "automation"}
	statuses = map[string]string{"draft": "draft", "reviewed": "complete", "official": "complete"}
)

// Collection writes crosswalks as an OSCAL mapping collection. It needs at least one
// row that leads somewhere; the others become the summary of gaps, which has room for
// neither strength nor reason.
func Collection(id, title string, all []Crosswalk, at time.Time) oscal.Document {
	c := &oscal.MappingCollection{
		UUID:     oscal.ID("mapping-collection", id),
		Metadata: oscal.Metadata{Title: oscal.Line(oscal.Markup(cmp.Or(title, id))), LastModified: oscal.Moment(at), Version: "1", OSCALVersion: oscal.Version},
		Provenance: oscal.Provenance{Method: "hybrid", MatchingRationale: "semantic", Status: "draft",
			MappingDescription: "Each mapping says how it was made and who answers for it."},
	}
	for _, w := range all {
		if slices.ContainsFunc(w.Rows, func(r CrosswalkRow) bool { return len(r.To) > 0 }) {
			c.Mappings = append(c.Mappings, mappingOf(w))
		}
	}
	return oscal.Document{MappingCollection: c}
}

func mappingOf(w Crosswalk) oscal.Mapping {
	m := oscal.Mapping{
		UUID: oscal.ID("mapping", w.ID), Method: methods[w.Method], MatchingRationale: "semantic", Status: statuses[w.Status],
		Source: catalogRef(w.From), Target: catalogRef(w.To), Props: []oscal.Prop{prop("mapping", w.ID)},
	}
	for _, x := range [][2]string{{"version", w.Version}, {"status", w.Status}, {"method", w.Method}, {"author", w.Author}, {"basis", w.Basis}} {
		if x[1] != "" {
			m.Props = append(m.Props, told(x[0], x[1]))
		}
	}
	for i, row := range w.Rows {
		if len(row.To) == 0 {
			m.SourceGap = withGap(m.SourceGap, w.ID, row.From)
			continue
		}
		x := oscal.Map{UUID: oscal.ID("map", w.ID, strconv.Itoa(i)), Relationship: row.Relation, Remarks: oscal.Markup(row.Rationale)}
		if row.Relation == "no-relationship" {
			x.NS = ns // OSCAL has no word for it
		}
		for _, id := range row.From {
			x.Sources = append(x.Sources, oscal.MapItem{Type: "control", IDRef: controlID(id)})
		}
		for _, id := range row.To {
			x.Targets = append(x.Targets, oscal.MapItem{Type: "control", IDRef: controlID(id)})
		}
		if row.Confidence != "" {
			x.Confidence = &oscal.Confidence{Category: oscal.Line(row.Confidence)}
		}
		if row.Strength > 0 {
			x.Props = append(x.Props, prop("strength", strconv.Itoa(row.Strength)))
		}
		m.Maps = append(m.Maps, x)
	}
	return m
}

func withGap(g *oscal.Gap, id string, items []string) *oscal.Gap {
	if g == nil {
		g = &oscal.Gap{UUID: oscal.ID("gap", id), UnmappedControls: []oscal.Select{{}}}
	}
	for _, x := range items {
		g.UnmappedControls[0].WithIDs = append(g.UnmappedControls[0].WithIDs, controlID(x))
	}
	return g
}

func catalogRef(pack string) oscal.CatalogRef {
	return oscal.CatalogRef{Type: "catalog", Href: "#" + oscal.ID("catalog", pack), Props: []oscal.Prop{prop("framework", pack)}}
}

// ReadCrosswalks takes the crosswalks out of a mapping collection. What is no word of
// this program is named as far as it can be: a mapping by its UUID, a catalog by the
// title or the address of what the collection refers to. Method is machine-suggested
// unless the collection says that people did all of it. item turns the token of a
// control of a pack into the item's id, or "".
func ReadCrosswalks(r io.Reader, item func(pack, token string) string) ([]Crosswalk, error) {
	d, err := oscal.Read(r)
	if err != nil {
		return nil, err
	}
	if d.MappingCollection == nil {
		return nil, oscal.ErrKind
	}
	return CrosswalksOf(d.MappingCollection, item)
}

// CrosswalksOf is ReadCrosswalks for a collection that has been read.
func CrosswalksOf(c *oscal.MappingCollection, item func(pack, token string) string) (all []Crosswalk, err error) {
	for _, m := range c.Mappings {
		w := Crosswalk{
			ID: cmp.Or(Ours(m.Props, "mapping"), m.UUID), From: catalogName(c, m.Source), To: catalogName(c, m.Target),
			Version: Told(m.Props, "version"), Status: Told(m.Props, "status"), Author: Told(m.Props, "author"), Basis: Told(m.Props, "basis"),
			Method: cmp.Or(Told(m.Props, "method"), methodOf(cmp.Or(m.Method, c.Provenance.Method))),
		}
		for _, x := range m.Maps {
			row, err := rowOf(w, x, item)
			if err != nil {
				return nil, err
			}
			w.Rows = append(w.Rows, row)
		}
		gaps, err := gapsOf(w, m.SourceGap, item)
		if err != nil {
			return nil, err
		}
		w.Rows = append(w.Rows, gaps...)
		all = append(all, w)
	}
	return all, nil
}

// methodOf is our word for a method of OSCAL. Of a hybrid nobody can say which rows a
// person has seen.
func methodOf(said string) string {
	if said == "human" {
		return said
	}
	return "machine-suggested"
}

func catalogName(c *oscal.MappingCollection, ref oscal.CatalogRef) string {
	if name := Ours(ref.Props, "framework"); name != "" {
		return name
	}
	for _, r := range c.BackMatter.Resources {
		if ref.Href == "#"+r.UUID && r.Title != "" {
			return oscal.Plain(r.Title)
		}
		if ref.Href == "#"+r.UUID && len(r.RLinks) > 0 {
			return r.RLinks[0].Href
		}
	}
	return ref.Href
}

func rowOf(w Crosswalk, x oscal.Map, item func(pack, token string) string) (row CrosswalkRow, err error) {
	row = CrosswalkRow{Relation: x.Relationship, Rationale: oscal.Plain(x.Remarks)}
	row.Strength, _ = strconv.Atoi(Ours(x.Props, "strength"))
	if x.Confidence != nil {
		row.Confidence = x.Confidence.Category
	}
	if row.From, err = itemsOf(w.From, x.Sources, item); err != nil {
		return row, err
	}
	row.To, err = itemsOf(w.To, x.Targets, item)
	return row, err
}

func gapsOf(w Crosswalk, g *oscal.Gap, item func(pack, token string) string) (all []CrosswalkRow, err error) {
	if g == nil {
		return nil, nil
	}
	for _, s := range g.UnmappedControls {
		for _, id := range s.WithIDs {
			from, err := itemsOf(w.From, []oscal.MapItem{{IDRef: id}}, item)
			if err != nil {
				return nil, err
			}
			all = append(all, CrosswalkRow{From: from, Relation: "no-relationship"})
		}
	}
	return all, nil
}

func itemsOf(pack string, refs []oscal.MapItem, item func(pack, token string) string) ([]string, error) {
	var all []string
	for _, r := range refs {
		id := item(pack, r.IDRef)
		if id == "" {
			return nil, fmt.Errorf("oscal: %.60q is no control of %.60q", r.IDRef, pack)
		}
		all = append(all, id)
	}
	return all, nil
}

// ControlIDs are the tokens of the items of a pack, for ReadCrosswalks.
func ControlIDs(items []string) map[string]string {
	all := make(map[string]string, len(items))
	for _, id := range items {
		all[controlID(id)] = id
	}
	return all
}
