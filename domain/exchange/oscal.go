package exchange

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/format/oscal"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// ns is the namespace of the names that this program adds to OSCAL.
const ns = "https://minamori.jp/ns/oscal"

// controlID is the token of an item: OSCAL lets no id begin with a digit.
func controlID(item string) string { return oscal.Token("c-", item) }

func prop(name, value string) oscal.Prop { return oscal.Prop{Name: name, NS: ns, Value: value} }

// told is a text of several lines under a name. OSCAL's values have one line.
func told(name, text string) oscal.Prop {
	return oscal.Prop{Name: name, NS: ns, Value: "text", Remarks: oscal.Markup(text)}
}

func metadata(p *assess.Pack, title string, at time.Time) oscal.Metadata {
	return oscal.Metadata{
		Title: oscal.Line(oscal.Markup(title)), LastModified: oscal.Moment(at), Version: cmp.Or(oscal.Line(p.Edition), "1"), OSCALVersion: oscal.Version,
		Props: []oscal.Prop{prop("framework", p.ID), prop("verified", strconv.FormatBool(p.Verified))},
	}
}

// Catalog is a pack as an OSCAL catalog: parts and requirements are groups, items are
// controls. The words are ours; only numbers and names are official.
func Catalog(p *assess.Pack, l i18n.Lang) oscal.Document {
	c := &oscal.Catalog{UUID: oscal.ID("catalog", p.ID), Metadata: metadata(p, p.Title.In(l), madeAt(p))}
	if s := p.Licence.In(l); s != "" {
		c.Metadata.Remarks = oscal.Markup(s)
	}
	var parts, requirements []oscal.Group
	for _, x := range p.Parts {
		parts = append(parts, group("p-", x.ID, "part", cmp.Or(x.Code, x.ID), x.Title.In(l)))
	}
	for _, x := range p.Requirements {
		requirements = append(requirements, group("r-", x.ID, "requirement", cmp.Or(x.Code, x.ID), x.Title.In(l)))
	}
	for i := range p.Items {
		x := &p.Items[i]
		into := &c.Controls
		if g := groupWith(requirements, "r-", x.Requirement); g != nil {
			into = &g.Controls
		} else if g := groupWith(parts, "p-", x.Part); g != nil {
			into = &g.Controls
		}
		*into = append(*into, control(x, l))
	}
	for i, x := range p.Requirements {
		if g := groupWith(parts, "p-", x.Part); g != nil {
			g.Groups = append(g.Groups, requirements[i])
		} else {
			c.Groups = append(c.Groups, requirements[i])
		}
	}
	c.Groups = append(c.Groups, parts...)
	return oscal.Document{Catalog: c}
}

// madeAt is when a pack is from; the same pack gives the same bytes on every day.
func madeAt(p *assess.Pack) time.Time {
	for _, d := range []assess.Date{p.ValidFrom, p.Source.Seen.On} {
		if t := d.Time(); !t.IsZero() {
			return t
		}
	}
	return time.Unix(0, 0)
}

func group(prefix, id, class, sign, title string) oscal.Group {
	return oscal.Group{ID: oscal.Token(prefix, id), Class: class, Title: oscal.Line(oscal.Markup(cmp.Or(title, sign))), Props: []oscal.Prop{{Name: "label", Value: sign}}}
}

func groupWith(all []oscal.Group, prefix, id string) *oscal.Group {
	for i := range all {
		if id != "" && all[i].ID == oscal.Token(prefix, id) {
			return &all[i]
		}
	}
	return nil
}

func control(x *assess.Item, l i18n.Lang) oscal.Control {
	id := controlID(x.ID)
	c := oscal.Control{ID: id, Title: oscal.Line(oscal.Markup(cmp.Or(x.Title.In(l), x.Sign()))), Props: []oscal.Prop{{Name: "label", Value: x.Sign()}, prop("item", x.ID)}}
	for _, t := range []struct {
		name string
		text i18n.Text
	}{{"statement", x.Question}, {"guidance", x.Explain}, {"example", x.ExampleMet}} {
		if s := t.text.In(l); s != "" {
			c.Parts = append(c.Parts, oscal.Part{ID: id + "_" + t.name, Name: t.name, Prose: oscal.Markup(s)})
		}
	}
	return c
}

// profile is what of a pack a company says applies to it.
func profile(t *taken) oscal.Document {
	var out []string
	for _, r := range t.records {
		if r.Answer.Choice == assess.NotApplicable {
			out = append(out, controlID(r.Item.ID))
		}
	}
	d := profileOf(t.pack, t.lang, t.at, out)
	d.Profile.UUID = oscal.ID("profile", t.company.ID, t.pack.ID)
	return d
}

// Profile is a pack as an OSCAL profile that takes all of it, for others to tailor.
func Profile(p *assess.Pack, l i18n.Lang) oscal.Document { return profileOf(p, l, madeAt(p), nil) }

func profileOf(p *assess.Pack, l i18n.Lang, at time.Time, out []string) oscal.Document {
	source := oscal.ID("catalog", p.ID)
	take := oscal.Import{Href: "#" + source, IncludeAll: &oscal.All{}}
	if len(out) > 0 {
		take.ExcludeControls = []oscal.Select{{WithIDs: out}}
	}
	return oscal.Document{Profile: &oscal.Profile{
		UUID: oscal.ID("profile", p.ID), Metadata: metadata(p, p.Title.In(l), at), Imports: []oscal.Import{take},
		Merge: &oscal.Merge{AsIs: true}, BackMatter: oscal.BackMatter{Resources: []oscal.Resource{{
			UUID: source, Title: oscal.Line(oscal.Markup(p.Title.In(l))), RLinks: []oscal.RLink{{Href: "catalog.json", MediaType: "application/oscal.catalog+json"}},
		}}},
	}}
}

// results is where a company stands. Answers and evidence are observations. A finding
// stands only where something is known: shown by evidence, or said not to be so. What a
// company merely says is met, what has expired and what nobody knows are no findings,
// since OSCAL has but two states and "unknown" is neither. No mark is given: the reason
// is always "other", never "pass" or "fail".
func results(t *taken, s assess.Standing) oscal.Document {
	plan := oscal.ID("plan", t.company.ID, t.pack.ID)
	r := oscal.Result{
		UUID: oscal.ID("result", t.company.ID, t.pack.ID), Title: oscal.Line(oscal.Markup(t.pack.Title.In(t.lang))), Start: oscal.Moment(t.at),
		Description:      "Self-assessment: what the company says of itself and the evidence it keeps. It is no certification.",
		Props:            []oscal.Prop{prop("framework", t.pack.ID), prop("organisation", t.company.ID)},
		ReviewedControls: oscal.ReviewedControls{ControlSelections: []oscal.Selection{{IncludeAll: &oscal.All{}}}},
	}
	for _, it := range s.Items {
		if it.State == assess.Open && len(it.Proofs) == 0 {
			continue
		}
		o := observation(t, it)
		r.Observations = append(r.Observations, o)
		if state := found(it.State); state != "" {
			r.Findings = append(r.Findings, oscal.Finding{
				UUID: oscal.ID("finding", t.company.ID, t.pack.ID, it.Item.ID), Title: o.Title, Description: o.Description, Props: []oscal.Prop{prop("state", string(it.State))},
				Target:              oscal.Target{Type: "objective-id", TargetID: controlID(it.Item.ID), Status: oscal.Status{State: state, Reason: "other"}},
				RelatedObservations: []oscal.RelatedObservation{{ObservationUUID: o.UUID}},
			})
		}
	}
	m := metadata(t.pack, t.pack.Title.In(t.lang), t.at)
	m.Parties = []oscal.Party{{UUID: oscal.ID("party", t.company.ID), Type: "organization", Name: oscal.Line(t.company.Name)}}
	if m.Parties[0].Name == "" {
		m.Parties = nil
	}
	return oscal.Document{AssessmentResults: &oscal.AssessmentResults{
		UUID: oscal.ID("assessment-results", t.company.ID, t.pack.ID), Metadata: m, ImportAP: oscal.ImportAP{Href: "#" + plan}, Results: []oscal.Result{r},
		BackMatter: oscal.BackMatter{Resources: []oscal.Resource{{UUID: plan, Title: "Self-assessment", Description: "There was no plan apart from the framework itself.", RLinks: []oscal.RLink{{Href: "catalog.json"}}}}},
	}}
}

// found is what OSCAL calls a state, "" where it has no word for it.
func found(s assess.State) string {
	switch s {
	case assess.Shown:
		return oscal.Satisfied
	case assess.NotMet, assess.PartlyMet:
		return oscal.NotSatisfied
	}
	return ""
}

func observation(t *taken, it assess.ItemStand) oscal.Observation {
	a := it.Answer
	o := oscal.Observation{
		UUID: oscal.ID("observation", t.company.ID, t.pack.ID, it.Item.ID), Title: oscal.Line(oscal.Markup(it.Item.Sign() + " " + it.Item.Title.In(t.lang))),
		Description: oscal.Markup(cmp.Or(label(t.pack, a.Choice, t.lang), "-")), Methods: []string{"INTERVIEW"}, Collected: oscal.Moment(a.At),
		Props: []oscal.Prop{prop("item", it.Item.ID), prop("state", string(it.State))}, Remarks: oscal.Markup(a.Memo),
	}
	if a.Revision > 0 {
		o.Props = append(o.Props, prop("choice", a.Choice), prop("revision", strconv.Itoa(a.Revision)))
		for _, x := range [][2]string{{"reason", a.Reason}, {"scope", a.Scope}, {"exception", a.Exception}} {
			if x[1] != "" {
				o.Props = append(o.Props, told(x[0], x[1]))
			}
		}
	}
	if len(it.Proofs) > 0 {
		o.Methods = append(o.Methods, "EXAMINE")
	}
	for _, e := range it.Proofs {
		o.Evidence = append(o.Evidence, proof(e))
		if a.Revision == 0 && e.At.After(o.Collected) {
			o.Collected = oscal.Moment(e.At)
		}
	}
	if !it.Until.IsZero() {
		end := oscal.Moment(it.Until)
		o.Expires = &end
	}
	if o.Collected.Year() < 1900 {
		o.Collected = oscal.Moment(t.at)
	}
	return o
}

// proof names a piece of evidence by its digest. Of what is secret nothing else leaves.
func proof(e assess.Evidence) oscal.Evidence {
	x := oscal.Evidence{Description: oscal.Markup(e.Name)}
	if e.Sensitivity == assess.Secret {
		x.Description = "-"
	}
	x.Props = append(x.Props, prop("collected", e.At.UTC().Format(time.RFC3339)))
	if kind := oscal.Line(e.Kind); kind != "" {
		x.Props = append(x.Props, prop("kind", kind))
	}
	if e.Digest != "" {
		x.Props = append(x.Props, prop("sha-256", e.Digest))
	}
	if e.Against {
		x.Props = append(x.Props, prop("against", "true"))
	}
	return x
}

// The documents that leave as OSCAL.
const (
	docCatalog = "catalog"
	docProfile = "profile"
	docResults = "assessment-results"
)

// OSCAL is one of the documents of a pack and a company.
func (rm *Room) OSCAL(ctx context.Context, org, pack, kind string) (web.File, error) {
	t, err := rm.take(ctx, org, pack)
	if err != nil {
		return web.File{}, err
	}
	var d oscal.Document
	switch kind {
	case docCatalog:
		d = Catalog(t.pack, t.lang)
	case docProfile:
		d = profile(t)
	default:
		s, err := rm.Assess.Standing(ctx, org, pack)
		if err != nil {
			return web.File{}, err
		}
		d = results(t, s)
	}
	return web.File{Name: t.pack.ID + "-" + kind + "-" + i18n.ISO(t.at) + ".json", Type: typeJSON, Write: func(w io.Writer) error { return d.Write(w) }}, nil
}

// readOSCAL takes assessment results that this program made as a file of answers.
func (rm *Room) readOSCAL(org string, data []byte) (read, error) {
	d, err := oscal.Read(bytes.NewReader(data))
	if err != nil || d.AssessmentResults == nil || len(d.AssessmentResults.Results) != 1 {
		return read{}, badFile("json")
	}
	x := d.AssessmentResults.Results[0]
	r := read{pack: Ours(x.Props, "framework"), foreign: Ours(x.Props, "organisation") != org}
	p := rm.Assess.Packs.ByID(r.pack)
	if p == nil {
		return r, badFile("pack")
	}
	for i, o := range x.Observations {
		l := line{Row: i + 1, Choice: Ours(o.Props, "choice")}
		if item := Ours(o.Props, "item"); p.Item(item) != nil {
			l.Item = item
		} else {
			l.Unknown = short(item)
		}
		if l.Choice != "" && p.Choice(l.Choice) == nil {
			l.fault(colChoice, "word", l.Choice)
			l.Choice = ""
		}
		memo := oscal.Plain(o.Remarks)
		l.Memo = &memo
		for name, into := range map[string]**string{"reason": &l.Reason, "scope": &l.Scope, "exception": &l.Exception} {
			s := Told(o.Props, name)
			*into = &s
		}
		if n, err := strconv.Atoi(Ours(o.Props, "revision")); err == nil {
			l.Revision = &n
		}
		r.lines = append(r.lines, l)
	}
	return r, nil
}

// Ours is the value of a property of this program, "" where there is none.
func Ours(all []oscal.Prop, name string) string {
	for _, p := range all {
		if p.NS == ns && p.Name == name {
			return p.Value
		}
	}
	return ""
}

// Told is the text of several lines under a name of this program, "" where there is none.
func Told(all []oscal.Prop, name string) string {
	for _, p := range all {
		if p.NS == ns && p.Name == name {
			return oscal.Plain(p.Remarks)
		}
	}
	return ""
}

// speaksOSCAL says whether a JSON file is one of OSCAL.
func speaksOSCAL(data []byte) bool {
	return strings.Contains(string(data[:min(len(data), 200)]), `"`+docResults+`"`)
}
