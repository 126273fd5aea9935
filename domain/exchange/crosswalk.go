package exchange

import (
	"cmp"
	"fmt"
	"io"
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
	From, To   []string
	Relation   string // OSCAL's words, or no-relationship
	Strength   int    // 1 to 10; 0 when nobody said
	Confidence string
	Rationale  string
}

// methods and statuses are OSCAL's words for ours; ours stands beside as a property.
var (
	methods  = map[string]string{"human": "human", "rule": "hybrid", "machine-suggested": "automation"}
	statuses = map[string]string{"draft": "draft", "reviewed": "complete", "official": "complete"}
)

// Collection writes crosswalks as an OSCAL mapping collection. It needs at least one
// row.
func Collection(id, title string, all []Crosswalk, at time.Time) oscal.Document {
	c := &oscal.MappingCollection{
		UUID:     oscal.ID("mapping-collection", id),
		Metadata: oscal.Metadata{Title: oscal.Line(oscal.Markup(cmp.Or(title, id))), LastModified: oscal.Moment(at), Version: "1", OSCALVersion: oscal.Version},
		Provenance: oscal.Provenance{Method: "hybrid", MatchingRationale: "semantic", Status: "draft",
			MappingDescription: "Each mapping says how it was made and who answers for it."},
	}
	for _, w := range all {
		if len(w.Rows) > 0 {
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

func catalogRef(pack string) oscal.CatalogRef {
	return oscal.CatalogRef{Type: "catalog", Href: "#" + oscal.ID("catalog", pack), Props: []oscal.Prop{prop("framework", pack)}}
}

// ReadCrosswalks takes the crosswalks out of a mapping collection that this program
// wrote. item turns the token of a control of a pack back into the item's id, or "".
func ReadCrosswalks(r io.Reader, item func(pack, token string) string) ([]Crosswalk, error) {
	d, err := oscal.Read(r)
	if err != nil {
		return nil, err
	}
	if d.MappingCollection == nil {
		return nil, oscal.ErrKind
	}
	var all []Crosswalk
	for _, m := range d.MappingCollection.Mappings {
		w := Crosswalk{
			ID: ours(m.Props, "mapping"), From: ours(m.Source.Props, "framework"), To: ours(m.Target.Props, "framework"),
			Version: textOf(m.Props, "version"), Status: textOf(m.Props, "status"), Method: textOf(m.Props, "method"), Author: textOf(m.Props, "author"), Basis: textOf(m.Props, "basis"),
		}
		for _, x := range m.Maps {
			row := CrosswalkRow{Relation: x.Relationship, Rationale: oscal.Plain(x.Remarks)}
			row.Strength, _ = strconv.Atoi(ours(x.Props, "strength"))
			if x.Confidence != nil {
				row.Confidence = x.Confidence.Category
			}
			if row.From, err = itemsOf(w.From, x.Sources, item); err != nil {
				return nil, err
			}
			if row.To, err = itemsOf(w.To, x.Targets, item); err != nil {
				return nil, err
			}
			w.Rows = append(w.Rows, row)
		}
		all = append(all, w)
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
