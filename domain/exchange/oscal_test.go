package exchange_test

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/format/oscal"
	"github.com/minamori-project/minamori/internal/i18n"
)

// official holds a document against the schema of NIST.
func official(t testing.TB, file string, data []byte) {
	t.Helper()
	f, err := os.Open("../../format/oscal/testdata/" + file)
	must(t, err)
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	must(t, err)
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	must(t, c.AddResource(file, doc))
	schema, err := c.Compile(file)
	must(t, err)
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	must(t, err)
	if err := schema.Validate(v); err != nil {
		t.Fatalf("%v\n%.2000s", err, data)
	}
}

// Every framework that is shipped becomes a catalog that holds against the schema, has
// all items once, and is the same on every day.
func TestCatalogs(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for _, p := range s.assess.Packs.Packs() {
			for _, l := range i18n.Langs {
				var b bytes.Buffer
				must(t, exchange.Catalog(p, l).Write(&b))
				official(t, "oscal_catalog_schema.json", b.Bytes())
				if n := strings.Count(b.String(), `"name": "item"`); n != len(p.Items) {
					t.Errorf("%s: %d controls, want %d", p.ID, n, len(p.Items))
				}
			}
		}
		a := s.get(here+"/packs/"+star3+"/catalog.json", "member").want(http.StatusOK).Body.String()
		s.now = s.now.AddDate(0, 1, 0)
		if b := s.get(here+"/packs/"+star3+"/catalog.json", "member").Body.String(); a != b {
			t.Error("a catalog changes with the day")
		}
	})
}

// Results say what is known: shown or said not to be so. What is merely said, what
// nobody knows and what was not answered is no finding, and nothing is a pass.
func TestResults(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say(company, star3, "member", "1-2-1-1", assess.Met, "規程が*あります*\n<b>")
		s.say(company, star3, "member", "1-2-1-2", assess.NotMetChoice, "")
		s.say(company, star3, "member", "1-2-1-3", assess.Unknown, "")
		s.say(company, star3, "member", "1-2-3-1", assess.NotApplicable, "")
		s.say(company, star3, "member", "1-2-3-2", assess.Met, "")
		ctx := context.Background()
		for ref, secret := range map[string]string{"one": "", "two": assess.Secret} {
			_, err := s.assess.Record(ctx, assess.Recorded{Org: company, Actor: "member", Source: "test", Ref: ref, Kind: assess.KindPaper, Form: assess.FormRule, Name: "社内規程 " + ref, Digest: strings.Repeat("ab", 32), Sensitivity: secret, CollectedAt: s.now, Proves: []assess.Place{{Pack: star3, Item: "1-2-1-1"}}})
			must(t, err)
		}
		data := s.get(here+"/packs/"+star3+"/results.json", "member").want(http.StatusOK).Body.Bytes()
		official(t, "oscal_assessment-results_schema.json", data)
		d, err := oscal.Read(bytes.NewReader(data))
		must(t, err)
		found := map[string]string{}
		for _, f := range d.AssessmentResults.Results[0].Findings {
			found[f.Target.TargetID] = f.Target.Status.State + " " + f.Target.Status.Reason
		}
		want := map[string]string{"c-1-2-1-2": "not-satisfied other"}
		if s.state("1-2-1-1") == assess.Shown {
			want["c-1-2-1-1"] = "satisfied other"
		}
		if diff := cmp.Diff(want, found); diff != "" {
			t.Error(diff)
		}
		if n := len(d.AssessmentResults.Results[0].Observations); n != 5 {
			t.Errorf("%d observations, want 5", n)
		}
		text := string(data)
		if !strings.Contains(text, strings.Repeat("ab", 32)) || !strings.Contains(text, "社内規程 one") || strings.Contains(text, "社内規程 two") {
			t.Error("the digest must leave, the name of what is secret must not")
		}
		for _, word := range []string{`"pass"`, `"fail"`} {
			if strings.Contains(text, word) {
				t.Errorf("a mark is given: %s", word)
			}
		}
		profile := s.get(here+"/packs/"+star3+"/profile.json", "member").want(http.StatusOK).Body.Bytes()
		official(t, "oscal_profile_schema.json", profile)
		if !strings.Contains(string(profile), `"c-1-2-3-1"`) || strings.Contains(string(profile), `"c-1-2-1-2"`) {
			t.Errorf("the profile must leave out what does not apply, and nothing else: %s", profile)
		}
	})
}

func (s *stage) state(item string) (state assess.State) {
	s.t.Helper()
	must(s.t, s.d.Read(context.Background(), func(ctx context.Context) error {
		st, err := s.assess.Standing(ctx, company, star3)
		for _, it := range st.Items {
			if it.Item.ID == item {
				state = it.State
			}
		}
		return err
	}))
	return state
}

// Crosswalks leave as a mapping collection that holds against the schema, and come back
// as they were.
func TestCrosswalks(t *testing.T) {
	items := []string{"1", "4-1-5-1", "A.5.1"}
	tokens := exchange.ControlIDs(items)
	item := func(_, token string) string { return tokens[token] }
	line := rapid.StringMatching(`[a-zあ-ん]{1,12}( [a-zあ-ん*<]{1,5})?`)
	ids := rapid.SliceOfN(rapid.SampledFrom(items), 1, 3)
	rapid.Check(t, func(rt *rapid.T) {
		row := rapid.Custom(func(t *rapid.T) exchange.CrosswalkRow {
			return exchange.CrosswalkRow{From: ids.Draw(t, "from"), To: ids.Draw(t, "to"), Strength: rapid.IntRange(0, 10).Draw(t, "strength"),
				Relation:   rapid.SampledFrom([]string{"equal-to", "equivalent-to", "subset-of", "superset-of", "intersects-with", "no-relationship"}).Draw(t, "relation"),
				Confidence: rapid.SampledFrom([]string{"", "high", "low"}).Draw(t, "confidence"), Rationale: line.Draw(t, "why")}
		})
		want := []exchange.Crosswalk{{ID: line.Draw(rt, "id"), Version: "1.0.0", From: star3, To: pack25, Status: rapid.SampledFrom([]string{"draft", "reviewed", "official"}).Draw(rt, "status"),
			Method: rapid.SampledFrom([]string{"human", "rule", "machine-suggested"}).Draw(rt, "method"), Author: line.Draw(rt, "author"), Basis: line.Draw(rt, "basis"), Rows: rapid.SliceOfN(row, 1, 4).Draw(rt, "rows")}}
		want[0].ID = strings.ReplaceAll(want[0].ID, " ", "-")
		var b bytes.Buffer
		if err := exchange.Collection("x", "対応表", want, when).Write(&b); err != nil {
			rt.Fatal(err)
		}
		official(t, "oscal_mapping_schema.json", b.Bytes())
		got, err := exchange.ReadCrosswalks(bytes.NewReader(b.Bytes()), item)
		if err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			rt.Fatal(diff)
		}
	})
	if _, err := exchange.ReadCrosswalks(strings.NewReader(`{"catalog":{}}`), item); err == nil {
		t.Error("a catalog was taken for a mapping")
	}
}

// What leads nowhere leaves as a gap, which holds against the schema and comes back
// after the other rows; a mapping of gaps alone is none.
func TestCrosswalkGaps(t *testing.T) {
	tokens := exchange.ControlIDs([]string{"1", "2", "3"})
	all := []exchange.Crosswalk{
		{ID: "some", From: pack25, To: star3, Method: "human", Rows: []exchange.CrosswalkRow{
			{From: []string{"2"}, Relation: "no-relationship"}, {From: []string{"1"}, To: []string{"3"}, Relation: "equal-to"}, {From: []string{"3"}, Relation: "no-relationship"},
		}},
		{ID: "none", From: pack25, To: star3, Method: "human", Rows: []exchange.CrosswalkRow{{From: []string{"1"}, Relation: "no-relationship"}}},
	}
	var b bytes.Buffer
	must(t, exchange.Collection("x", "対応表", all, when).Write(&b))
	official(t, "oscal_mapping_schema.json", b.Bytes())
	got, err := exchange.ReadCrosswalks(&b, func(_, token string) string { return tokens[token] })
	must(t, err)
	want := all[:1]
	want[0].Rows = []exchange.CrosswalkRow{want[0].Rows[1], want[0].Rows[0], want[0].Rows[2]}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Nothing raises where a company stands because a file of somebody else kept silent
// on how it was made, or because a machine had a part in it.
func TestForeignCrosswalks(t *testing.T) {
	for said, want := range map[string]string{"": "machine-suggested", "human": "human", "hybrid": "machine-suggested", "automation": "machine-suggested", "rule": "machine-suggested"} {
		c := oscal.MappingCollection{
			Provenance: oscal.Provenance{Method: said},
			Mappings:   oscal.Mappings{{UUID: "u", Source: oscal.CatalogRef{Href: "#r"}, Target: oscal.CatalogRef{Href: "https://example.org/b.json"}, Maps: []oscal.Map{{Relationship: "equal-to", Sources: []oscal.MapItem{{IDRef: "a"}}, Targets: []oscal.MapItem{{IDRef: "b"}}}}}},
			BackMatter: oscal.BackMatter{Resources: []oscal.Resource{{UUID: "r", Title: "List A"}}},
		}
		got, err := exchange.CrosswalksOf(&c, func(_, token string) string { return token })
		must(t, err)
		rows := []exchange.CrosswalkRow{{From: []string{"a"}, To: []string{"b"}, Relation: "equal-to"}}
		if diff := cmp.Diff([]exchange.Crosswalk{{ID: "u", From: "List A", To: "https://example.org/b.json", Method: want, Rows: rows}}, got); diff != "" {
			t.Errorf("%q: %s", said, diff)
		}
	}
}
