package oscal_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/format/oscal"
)

// official compiles a schema as NIST published it.
func official(t testing.TB, file string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("testdata/" + file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource(file, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func valid(s *jsonschema.Schema, data []byte) error {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		return err
	}
	return s.Validate(v)
}

func written(t interface{ Fatal(...any) }, d oscal.Document) []byte {
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

var (
	when   = time.Date(2026, 11, 24, 3, 4, 5, 0, time.UTC)
	lines  = rapid.Map(rapid.StringN(1, 40, -1), func(s string) string { return "x" + oscal.Line(oscal.Markup(s)) + "z" })
	texts  = rapid.Map(rapid.String(), oscal.Markup)
	tokens = rapid.StringMatching(`[a-zA-Zあ-ん_][a-zA-Z0-9あ-ん._-]{0,8}`)
	ids    = rapid.Map(rapid.String(), func(s string) string { return oscal.ID(s) })
	times  = rapid.Map(rapid.Int64Range(0, 4e9), func(n int64) time.Time { return time.Unix(n, 0).UTC() })
)

func props(t *rapid.T) []oscal.Prop {
	one := rapid.Custom(func(t *rapid.T) oscal.Prop {
		return oscal.Prop{Name: tokens.Draw(t, "name"), NS: "https://example.jp/ns", Value: lines.Draw(t, "value"), Remarks: texts.Draw(t, "remarks")}
	})
	return none(rapid.SliceOfN(one, 0, 2).Draw(t, "props"))
}

// none is nil for an empty list: OSCAL has no empty lists.
func none[T any](all []T) []T {
	if len(all) == 0 {
		return nil
	}
	return all
}

func head(t *rapid.T) oscal.Metadata {
	return oscal.Metadata{Title: lines.Draw(t, "title"), LastModified: times.Draw(t, "at"), Version: lines.Draw(t, "version"), OSCALVersion: oscal.Version, Props: props(t), Remarks: texts.Draw(t, "remarks")}
}

func someCatalog(t *rapid.T) oscal.Document {
	n := 0
	name := func(p string) string { n++; return fmt.Sprintf("%s%d", p, n) }
	control := func() oscal.Control {
		return oscal.Control{ID: name("c"), Title: lines.Draw(t, "title"), Props: props(t),
			Parts: none([]oscal.Part{{ID: name("s"), Name: "statement", Prose: texts.Draw(t, "prose")}}[:rapid.IntRange(0, 1).Draw(t, "parts")])}
	}
	c := &oscal.Catalog{UUID: ids.Draw(t, "id"), Metadata: head(t)}
	for range rapid.IntRange(0, 3).Draw(t, "groups") {
		g := oscal.Group{ID: name("g"), Title: lines.Draw(t, "title"), Props: props(t)}
		for range rapid.IntRange(0, 3).Draw(t, "controls") {
			g.Controls = append(g.Controls, control())
		}
		c.Groups = append(c.Groups, g)
	}
	c.BackMatter.Resources = []oscal.Resource{{UUID: ids.Draw(t, "r"), Title: lines.Draw(t, "title"), RLinks: []oscal.RLink{{Href: "https://example.jp/a", Hashes: []oscal.Hash{{Algorithm: "SHA-256", Value: "ab"}}}}}}
	return oscal.Document{Catalog: c}
}

func someProfile(t *rapid.T) oscal.Document {
	p := &oscal.Profile{UUID: ids.Draw(t, "id"), Metadata: head(t), Imports: []oscal.Import{{Href: "#" + ids.Draw(t, "r")}}, Merge: &oscal.Merge{AsIs: true}}
	if rapid.Bool().Draw(t, "all") {
		p.Imports[0].IncludeAll = &oscal.All{}
	} else {
		p.Imports[0].IncludeControls = []oscal.Select{{WithIDs: rapid.SliceOfN(tokens, 1, 4).Draw(t, "ids")}}
	}
	return oscal.Document{Profile: p}
}

func someResults(t *rapid.T) oscal.Document {
	r := oscal.Result{UUID: ids.Draw(t, "id"), Title: lines.Draw(t, "title"), Description: texts.Draw(t, "text"), Start: times.Draw(t, "start"), Props: props(t),
		ReviewedControls: oscal.ReviewedControls{ControlSelections: []oscal.Selection{{IncludeControls: []oscal.ControlRef{{ControlID: tokens.Draw(t, "control")}}}}}}
	for range rapid.IntRange(0, 3).Draw(t, "observations") {
		end := times.Draw(t, "until")
		o := oscal.Observation{UUID: ids.Draw(t, "o"), Title: lines.Draw(t, "title"), Description: texts.Draw(t, "text"), Methods: []string{"INTERVIEW"}, Collected: times.Draw(t, "at"), Expires: &end, Props: props(t),
			Evidence: []oscal.Evidence{{Href: "#x", Description: texts.Draw(t, "text")}}}
		r.Observations = append(r.Observations, o)
		r.Findings = append(r.Findings, oscal.Finding{UUID: ids.Draw(t, "f"), Title: lines.Draw(t, "title"), Description: texts.Draw(t, "text"), RelatedObservations: []oscal.RelatedObservation{{ObservationUUID: o.UUID}},
			Target: oscal.Target{Type: "objective-id", TargetID: tokens.Draw(t, "target"), Status: oscal.Status{State: rapid.SampledFrom([]string{oscal.Satisfied, oscal.NotSatisfied}).Draw(t, "state"), Reason: "other"}}})
	}
	return oscal.Document{AssessmentResults: &oscal.AssessmentResults{UUID: ids.Draw(t, "id"), Metadata: head(t), ImportAP: oscal.ImportAP{Href: "#none"}, Results: []oscal.Result{r}}}
}

func someMapping(t *rapid.T) oscal.Document {
	item := func() oscal.MapItem { return oscal.MapItem{Type: "control", IDRef: tokens.Draw(t, "ref")} }
	m := oscal.Mapping{UUID: ids.Draw(t, "id"), Source: oscal.CatalogRef{Type: "catalog", Href: "#a"}, Target: oscal.CatalogRef{Type: "profile", Href: "#b"}, Remarks: texts.Draw(t, "remarks")}
	for range rapid.IntRange(1, 4).Draw(t, "rows") {
		m.Maps = append(m.Maps, oscal.Map{UUID: ids.Draw(t, "row"), Relationship: rapid.SampledFrom([]string{"equal-to", "equivalent-to", "subset-of", "superset-of", "intersects-with", "no-relationship"}).Draw(t, "relation"),
			Sources: []oscal.MapItem{item()}, Targets: []oscal.MapItem{item(), item()}, Props: props(t), Confidence: &oscal.Confidence{Category: "high"}})
	}
	role, party := "author", ids.Draw(t, "party")
	h := head(t)
	h.Roles, h.Parties = []oscal.Role{{ID: role, Title: "Author"}}, []oscal.Party{{UUID: party, Type: "person", Name: lines.Draw(t, "name")}}
	return oscal.Document{MappingCollection: &oscal.MappingCollection{UUID: ids.Draw(t, "id"), Metadata: h, Mappings: oscal.Mappings{m},
		Provenance: oscal.Provenance{Method: "human", MatchingRationale: "semantic", Status: "draft", MappingDescription: texts.Draw(t, "text"), ResponsibleParties: []oscal.ResponsibleParty{{RoleID: role, PartyUUIDs: []string{party}}}}}}
}

// What is written holds against the schemas of NIST and is read back as it was;
// written again it has the same bytes.
func TestOfficialSchemasAndRoundTrip(t *testing.T) {
	for _, c := range []struct {
		file string
		some func(*rapid.T) oscal.Document
	}{
		{"oscal_catalog_schema.json", someCatalog}, {"oscal_profile_schema.json", someProfile},
		{"oscal_assessment-results_schema.json", someResults}, {"oscal_mapping_schema.json", someMapping},
	} {
		t.Run(c.file, func(t *testing.T) {
			schema := official(t, c.file)
			rapid.Check(t, func(t *rapid.T) {
				d := c.some(t)
				b := written(t, d)
				if err := valid(schema, b); err != nil {
					t.Fatalf("%v\n%s", err, b)
				}
				back, err := oscal.Read(bytes.NewReader(b))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(d, back); diff != "" {
					t.Fatal(diff)
				}
				if again := written(t, back); !bytes.Equal(again, b) {
					t.Fatal("the bytes differ")
				}
			})
		})
	}
}

// The schemas are really asked: each refuses what it must.
func TestSchemaRefuses(t *testing.T) {
	s := official(t, "oscal_catalog_schema.json")
	good := string(written(t, oscal.Document{Catalog: &oscal.Catalog{UUID: oscal.ID("a"), Metadata: oscal.Metadata{Title: "t", LastModified: when, Version: "1", OSCALVersion: oscal.Version}}}))
	if err := valid(s, []byte(good)); err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{strings.Replace(good, `"title": "t"`, `"titel": "t"`, 1), strings.Replace(good, oscal.ID("a"), "1", 1)} {
		if valid(s, []byte(bad)) == nil {
			t.Errorf("taken: %s", bad)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	meta := `"uuid":"` + oscal.ID("a") + `","metadata":{"title":"t","last-modified":"2026-11-24T00:00:00Z","version":"1","oscal-version":"1.2.3"}`
	cases := map[string]struct {
		text string
		want error
	}{
		"deep":     {`{"catalog":` + strings.Repeat(`{"groups":[`, 100), oscal.ErrDeep},
		"large":    {strings.Repeat(" ", oscal.MaxSize+1), oscal.ErrLarge},
		"twice":    {`{"catalog":{` + meta + `,"controls":[],"Controls":[]}}`, oscal.ErrTwice},
		"two":      {`{"catalog":{` + meta + `},"profile":{` + meta + `,"imports":[{"href":"x"}]}}`, oscal.ErrKind},
		"nothing":  {`{}`, oscal.ErrKind},
		"cut":      {`{"catalog":{`, nil},
		"encoding": {"{\"catalog\":\"\xff\"}", nil},
		"behind":   {`{"catalog":{` + meta + `}} {}`, nil},
		"same ids": {`{"catalog":{` + meta + `,"controls":[{"id":"a","title":"x"},{"id":"a","title":"y"}]}}`, nil},
		"no uuid":  {`{"catalog":{"uuid":"1"}}`, nil},
	}
	for name, c := range cases {
		_, err := oscal.Read(strings.NewReader(c.text))
		if err == nil || c.want != nil && !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := oscal.Read(strings.NewReader("\ufeff" + `{"catalog":{` + meta + `,"params":[1]}}`)); err != nil {
		t.Errorf("what is not used here must be skipped: %v", err)
	}
}

func TestID(t *testing.T) {
	form := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if a := oscal.ID("pack", "scs"); !form.MatchString(a) || a != oscal.ID("pack", "scs") {
		t.Errorf("ID = %s", a)
	}
	if oscal.ID("a", "bc") == oscal.ID("ab", "c") {
		t.Error("the names run into each other")
	}
}

func TestMarkupRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\\*_<>&`x")))).Draw(t, "s")
		if got := oscal.Plain(oscal.Markup(s)); got != s {
			t.Fatalf("%q became %q", s, got)
		}
	})
	if got := oscal.Markup("<b>*_x_*"); got != `\<b\>\*\_x\_\*` {
		t.Errorf("Markup = %s", got)
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(`{"catalog":{"uuid":"1","metadata":{}}}`))
	f.Add([]byte(`{"mapping-collection":{"mappings":{"maps":[]}}}`))
	f.Add(written(f, oscal.Document{Profile: &oscal.Profile{UUID: oscal.ID("a"), Metadata: oscal.Metadata{Title: "t", LastModified: when, Version: "1", OSCALVersion: "1.2.3"}, Imports: []oscal.Import{{Href: "#x", IncludeAll: &oscal.All{}}}}}))
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := oscal.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		b := written(t, d)
		back, err := oscal.Read(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		if again := written(t, back); !bytes.Equal(again, b) {
			t.Fatalf("%s\nthen\n%s", b, again)
		}
	})
}
