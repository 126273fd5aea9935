package main

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/format/oscal"
	"github.com/minamori-project/minamori/internal/i18n"
)

// As much as a pack holds; the lint would refuse the whole file for more.
const (
	maxItems        = 500
	maxParts        = 40
	maxRequirements = 200
	maxTitle        = 600     // letters
	maxDraft        = 1 << 20 // bytes
)

var (
	errForeignKind = errors.New("only a catalog or a mapping-collection can be brought in")

	codeForm = regexp.MustCompile(`^[A-Za-z0-9 ().-]{1,24}$`)
	dashes   = regexp.MustCompile(`[^a-z0-9]+`)
)

// foreign is the file that a draft comes from.
type foreign struct {
	name, sum string
	on        assess.Date
}

func (f foreign) String() string { return "the OSCAL file " + f.name + " (SHA-256 " + f.sum + ")" }

func readForeign(path string, r io.Reader) (f foreign, d oscal.Document, err error) {
	data, err := io.ReadAll(io.LimitReader(r, oscal.MaxSize+1))
	if err != nil {
		return f, d, err
	}
	sum := sha256.Sum256(data)
	d, err = oscal.Read(bytes.NewReader(data))
	return foreign{name: cut(filepath.Base(path), 60), sum: hex.EncodeToString(sum[:])}, d, err
}

// slug makes an id of ours; both drafts do it alike, so that they fit together.
func slug(s string) string {
	s = strings.Trim(dashes.ReplaceAllString(strings.ToLower(s), "-"), "-")
	return strings.Trim(s[:min(len(s), 60)], "-")
}

// quoted is a text that YAML reads as it was, and that no terminal obeys.
func quoted(s string) string { return strconv.QuoteToGraphic(s) }

func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// inItsRegister puts a text where its language belongs. The others are left out: the
// lint then asks for them, one by one.
func inItsRegister(s string) string {
	switch {
	case s == "":
		return "{}"
	case strings.ContainsFunc(s, func(r rune) bool { return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han) }):
		return "{ja: " + quoted(s) + "}"
	}
	return "{en: " + quoted(s) + "}"
}

func title(s string) string { return oscal.Line(oscal.Plain(s)) }

// label is the official sign as it is printed, "" where it is the id.
func label(props []oscal.Prop, token, id string) string {
	for _, p := range props {
		if p.Name == "label" && codeForm.MatchString(p.Value) {
			token = p.Value
			break
		}
	}
	if token == id || !codeForm.MatchString(token) {
		return ""
	}
	return token
}

// foundControl is a control with the groups above it, outermost first.
type foundControl struct {
	*oscal.Control
	above []*oscal.Group
}

// packDraft gathers what of a catalog a pack can hold.
type packDraft struct {
	controls  []foundControl
	withdrawn int
	layered   bool // every control stands in a group of a group
	groups    map[*oscal.Group]string
	taken     map[string]bool
	parts     []string // lines
	middle    []string
	items     []string
}

func draftPack(c *oscal.Catalog, from foreign, lib *assess.Library) ([]byte, error) {
	d := &packDraft{layered: true, groups: map[*oscal.Group]string{}, taken: map[string]bool{}}
	d.gather(c.Controls, nil)
	d.walk(c.Groups, nil)
	switch {
	case len(d.controls) == 0:
		return nil, errors.New("the catalog has no control that is in force")
	case len(d.controls) > maxItems:
		return nil, fmt.Errorf("the catalog has %d controls, a pack holds %d: bring in a smaller selection", len(d.controls), maxItems)
	}
	for _, x := range d.controls {
		d.layered = d.layered && len(x.above) > 1
	}
	for _, x := range d.controls {
		if err := d.add(x); err != nil {
			return nil, err
		}
	}
	if len(d.parts) > maxParts || len(d.middle) > maxRequirements {
		return nil, fmt.Errorf("the catalog has %d groups and %d groups in them, a pack holds %d and %d", len(d.parts), len(d.middle), maxParts, maxRequirements)
	}
	return d.text(c.Metadata, from, lib)
}

func (d *packDraft) walk(all []oscal.Group, above []*oscal.Group) {
	for i := range all {
		at := append(slices.Clone(above), &all[i])
		d.gather(all[i].Controls, at)
		d.walk(all[i].Groups, at)
	}
}

func (d *packDraft) gather(all []oscal.Control, above []*oscal.Group) {
	for i := range all {
		if slices.ContainsFunc(all[i].Props, func(p oscal.Prop) bool { return p.Name == "status" && strings.EqualFold(p.Value, "withdrawn") }) {
			d.withdrawn++
		} else {
			d.controls = append(d.controls, foundControl{&all[i], above})
		}
		d.gather(all[i].Controls, above)
	}
}

func (d *packDraft) add(x foundControl) error {
	id := slug(x.ID)
	if own := exchange.Ours(x.Props, "item"); own != "" && slug(own) == own {
		id = own
	}
	what := title(x.Title)
	switch {
	case id == "":
		return fmt.Errorf("control %.60q: its id has no letter or digit that an id may hold", x.ID)
	case d.taken["item "+id]:
		return fmt.Errorf("control %.60q: another control comes to the id %q too", x.ID, id)
	case len([]rune(what)) > maxTitle:
		return fmt.Errorf("control %.60q: its title has more than %d letters", x.ID, maxTitle)
	}
	d.taken["item "+id] = true
	part, requirement := d.place(x)
	line := fmt.Sprintf("  - {id: %s, number: %d, part: %s", quoted(id), len(d.items)+1, quoted(part))
	if requirement != "" {
		line += ", requirement: " + quoted(requirement)
	}
	d.items = append(d.items, line+code(x.Props, x.ID, id)+", title: "+inItsRegister(what)+"}")
	return nil
}

func code(props []oscal.Prop, token, id string) string {
	if s := label(props, token, id); s != "" {
		return ", code: " + quoted(s)
	}
	return ""
}

// place names the part of a control, and its requirement where all controls have one.
func (d *packDraft) place(x foundControl) (part, requirement string) {
	switch {
	case d.layered:
		part = d.group(x.above[0], "part", "", &d.parts)
		return part, d.group(x.above[1], "requirement", ", part: "+quoted(part), &d.middle)
	case len(x.above) > 0:
		return d.group(x.above[len(x.above)-1], "part", "", &d.parts), ""
	case !d.taken["part all"]:
		d.taken["part all"] = true
		d.parts = append(d.parts, `  - {id: "all", title: {ja: "すべて", easy: "ぜんぶ", en: "All"}}`)
	}
	return "all", ""
}

func (d *packDraft) group(g *oscal.Group, kind, more string, into *[]string) string {
	if id := d.groups[g]; id != "" {
		return id
	}
	base := cmp.Or(slug(g.ID), slug(g.Title), "group")
	id := base
	for n := 2; d.taken[kind+" "+id]; n++ {
		id = base[:min(len(base), 50)] + "-" + strconv.Itoa(n)
	}
	d.taken[kind+" "+id], d.groups[g] = true, id
	*into = append(*into, "  - {id: "+quoted(id)+code(g.Props, g.ID, id)+more+", title: "+inItsRegister(cut(title(g.Title), maxTitle))+"}")
	return id
}

func (d *packDraft) text(m oscal.Metadata, from foreign, lib *assess.Library) ([]byte, error) {
	name := title(m.Title)
	id := cmp.Or(exchange.Ours(m.Props, "framework"), slug(name+" "+m.Version))
	if id = slug(id); id == "" {
		id = "imported"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "# Draft of a pack. Save it as %s.yaml; minamori framework lint names each place that\n# somebody has yet to write. The titles are those of the source: where its licence\n# does not let them stand here, say them in your own words.\n", id)
	if d.withdrawn > 0 {
		fmt.Fprintf(&b, "# Left out, since the source has withdrawn them: %d.\n", d.withdrawn)
	}
	fmt.Fprintf(&b, "id: %s\nfamily: %s\nkind: criteria\ntitles_only: true\ntitle: %s\nowner: %s\n", quoted(id), quoted(cmp.Or(slug(name), id)), inItsRegister(cut(name, maxTitle)), inItsRegister(owner(m)))
	fmt.Fprintf(&b, "source:\n  title: %s\n  edition: %s\n", quoted(cut(name, 200)), quoted(cut(oscal.Line(m.Version), 60)))
	if url := address(m); url != "" {
		fmt.Fprintf(&b, "  url: %s\n", quoted(url))
	}
	fmt.Fprintf(&b, "  seen: {on: %s, in: %s}\nedition: %s\nvalid_from: %s\nverified: false\n", quoted(string(from.on)), quoted(from.String()), quoted(cut(oscal.Line(m.Version), 60)), quoted(i18n.ISO(m.LastModified)))
	b.WriteString("verified_note: {en: \"Read from an OSCAL catalog. Nobody has compared it with the source yet.\"}\nlicence: {}\n")
	list(&b, "parts", d.parts)
	list(&b, "requirements", d.middle)
	list(&b, "choices", choices(lib))
	list(&b, "items", d.items)
	return small(b.String())
}

func list(b *strings.Builder, name string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(b, "%s:\n%s\n", name, strings.Join(lines, "\n"))
	}
}

func small(s string) ([]byte, error) {
	if len(s) > maxDraft {
		return nil, fmt.Errorf("it would come to %d bytes, more than the %d of a file that can be loaded", len(s), maxDraft)
	}
	return []byte(s), nil
}

// choices are those of every pack of criteria, in our words.
func choices(lib *assess.Library) (lines []string) {
	for _, p := range lib.Packs() {
		if p.Kind == assess.Criteria && p.TitlesOnly {
			for _, c := range p.Choices {
				lines = append(lines, fmt.Sprintf("  - {code: %s, label: {ja: %s, easy: %s, en: %s}}", c.Code, quoted(c.Label.JA), quoted(c.Label.Easy), quoted(c.Label.EN)))
			}
			return lines
		}
	}
	return nil
}

func owner(m oscal.Metadata) string {
	for _, p := range m.Parties {
		if p.Type == "organization" && p.Name != "" {
			return cut(oscal.Line(p.Name), maxTitle)
		}
	}
	return ""
}

func address(m oscal.Metadata) string {
	for _, l := range m.Links {
		if l.Rel == "canonical" && strings.HasPrefix(l.Href, "https://") && len(l.Href) <= 300 {
			return l.Href
		}
	}
	return ""
}
