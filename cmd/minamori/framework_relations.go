package main

import (
	"cmp"
	"fmt"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/domain/mapping"
	"github.com/minamori-project/minamori/format/oscal"
	"github.com/minamori-project/minamori/internal/problem"
)

// As much as a mapping holds.
const (
	maxRows    = 2000
	maxTargets = 60
)

var versionForm = regexp.MustCompile(`^(0|[1-9][0-9]{0,3})(\.(0|[1-9][0-9]{0,3})){2}$`)

// draftMapping writes one mapping of a collection. It is an unverified draft whatever
// the collection says of itself: nobody here has read it against both frameworks.
func draftMapping(c *oscal.MappingCollection, from foreign, lib *assess.Library, id string) ([]byte, error) {
	names := &packNames{lib: lib, items: map[string]map[string]string{}}
	all, err := exchange.CrosswalksOf(c, names.item)
	if err != nil {
		return nil, err
	}
	w, err := chosen(all, id)
	if err != nil {
		return nil, err
	}
	rows, split, err := draftRows(w)
	if err != nil {
		return nil, err
	}
	source, target := names.pack(w.From), names.pack(w.To)
	own := ownID(c, w.ID, source+"-to-"+target)
	if !versionForm.MatchString(w.Version) {
		w.Version = "1.0.0"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Draft of a mapping. Save it as %s.yaml; note and reasons want all three registers\n# before it can be loaded. Where the source says neither strength nor confidence, the\n# lowest stand.\n", own)
	if split > 0 {
		fmt.Fprintf(&b, "# Rows from several items at once, each now said to be no more than a part: %d.\n", split)
	}
	fmt.Fprintf(&b, "id: %s\nversion: %s\nstatus: draft\nsource: {pack: %s}\ntarget: {pack: %s}\n", quoted(own), quoted(w.Version), quoted(source), quoted(target))
	author := cmp.Or(oscal.Line(w.Author), owner(c.Metadata), title(c.Metadata.Title))
	basis := strings.TrimPrefix(cut(oscal.Line(w.Basis), 150)+"; "+from.String(), "; ")
	fmt.Fprintf(&b, "method: {kind: %s, author: %s, basis: %s}\nverified: false\n", kindOf(w.Method), quoted(cut(author, 300)), quoted(basis))
	b.WriteString("note: {en: \"Read from an OSCAL mapping collection. Nobody has read it against both frameworks yet.\"}\nrows:\n")
	for _, r := range rows {
		writeRow(&b, r)
	}
	return small(b.String())
}

// ownID is what a mapping calls itself, unless that is but a UUID.
func ownID(c *oscal.MappingCollection, id, otherwise string) string {
	if slices.ContainsFunc(c.Mappings, func(m oscal.Mapping) bool { return m.UUID == id }) {
		id = ""
	}
	return cmp.Or(slug(id), slug(otherwise))
}

// kindOf lets a file say no more than the three words that there are.
func kindOf(said string) string {
	if said == "human" || said == "rule" {
		return said
	}
	return "machine-suggested"
}

// chosen is the one mapping that is meant.
func chosen(all []exchange.Crosswalk, id string) (exchange.Crosswalk, error) {
	var ids []string
	for _, w := range all {
		if w.ID == id || id == "" && len(all) == 1 {
			return w, nil
		}
		ids = append(ids, cut(visible(w.ID), 60))
	}
	return exchange.Crosswalk{}, problem.New(http.StatusBadRequest, "which-mapping", "n", len(ids), "ids", strings.Join(ids[:min(len(ids), 50)], ", "))
}

// packNames finds the packs and items that a collection speaks of.
type packNames struct {
	lib   *assess.Library
	items map[string]map[string]string // by pack: token to id
}

// pack is the id of a pack of this program, or what a draft of the catalog would make.
func (n *packNames) pack(name string) string {
	for _, p := range n.lib.Packs() {
		if name == p.ID || name == "#"+oscal.ID("catalog", p.ID) {
			return p.ID
		}
	}
	if strings.Contains(name, "/") {
		name = strings.TrimSuffix(path.Base(name), path.Ext(name))
	}
	return cmp.Or(slug(name), "framework")
}

func (n *packNames) item(name, token string) string {
	known, ok := n.items[name]
	if !ok {
		if p := n.lib.ByID(n.pack(name)); p != nil {
			var ids []string
			for i := range p.Items {
				ids = append(ids, p.Items[i].ID)
			}
			known = exchange.ControlIDs(ids)
		}
		n.items[name] = known
	}
	return cmp.Or(known[token], slug(token))
}

// draftRows makes rows from one item each. Of several that together are equal to
// something, one alone is a part of it; what several cover, one perhaps only touches.
func draftRows(w exchange.Crosswalk) (rows []exchange.CrosswalkRow, split int, err error) {
	relations := []mapping.Relation{mapping.EqualTo, mapping.EquivalentTo, mapping.SupersetOf, mapping.SubsetOf, mapping.IntersectsWith, mapping.NoRelationship}
	for _, r := range w.Rows {
		switch {
		case !slices.Contains(relations, mapping.Relation(r.Relation)):
			return nil, 0, fmt.Errorf("row %d: %.60q is not one of the relations %q", len(rows)+1, r.Relation, relations)
		case len(r.To) > maxTargets:
			return nil, 0, fmt.Errorf("row %d: it leads to %d items, at most %d are possible", len(rows)+1, len(r.To), maxTargets)
		case len(rows)+len(r.From) > maxRows:
			return nil, 0, fmt.Errorf("the mapping has more than %d rows", maxRows)
		}
		if len(r.From) > 1 {
			split++
			r.Relation = ofOne(r.Relation)
		}
		for _, id := range r.From {
			one := r
			one.From = []string{id}
			rows = append(rows, one)
		}
	}
	return rows, split, nil
}

func ofOne(relation string) string {
	switch mapping.Relation(relation) {
	case mapping.EqualTo, mapping.EquivalentTo:
		return string(mapping.SubsetOf)
	case mapping.SupersetOf:
		return string(mapping.IntersectsWith)
	}
	return relation
}

func writeRow(b *strings.Builder, r exchange.CrosswalkRow) {
	to := make([]string, len(r.To))
	for i, id := range r.To {
		to[i] = quoted(id)
	}
	confidence := strings.ToLower(r.Confidence)
	if !slices.Contains([]string{"low", "medium", "high"}, confidence) {
		confidence = "low"
	}
	if r.Strength < 1 || r.Strength > 10 {
		r.Strength = 1
	}
	fmt.Fprintf(b, "  - from: %s\n    to: [%s]\n    relation: %s\n    strength: %d\n    confidence: %s\n", quoted(r.From[0]), strings.Join(to, ", "), r.Relation, r.Strength, confidence)
	if why := oscal.Line(r.Rationale); why != "" {
		fmt.Fprintf(b, "    rationale: %s\n", inItsRegister(cut(why, maxTitle)))
	}
}
