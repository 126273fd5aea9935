package main

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/domain/mapping"
	"github.com/minamori-project/minamori/format/oscal"
	"github.com/minamori-project/minamori/internal/i18n"
)

// officialSchema is a schema of NIST.
func officialSchema(t *testing.T, file string) *jsonschema.Schema {
	t.Helper()
	f, err := os.Open("../../format/oscal/testdata/" + file)
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
	schema, err := c.Compile(file)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func holds(t *testing.T, schema *jsonschema.Schema, data string) {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(data))
	if err == nil {
		err = schema.Validate(v)
	}
	if err != nil {
		t.Errorf("%v\n%.600s", err, data)
	}
}

func shippedMaps(t *testing.T) (*assess.Library, *mapping.Atlas) {
	t.Helper()
	lib, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	atlas, err := mapping.Load(content.Mappings(), lib)
	if err != nil {
		t.Fatal(err)
	}
	return lib, atlas
}

// Every framework and every mapping that is shipped leaves in a form that holds
// against the schemas of NIST. A catalog comes back with all of its items, and lacks
// nothing but what people have to write.
func TestFrameworksLeaveAndComeBack(t *testing.T) {
	lib, atlas := shippedMaps(t)
	catalog, profile, relations := officialSchema(t, "oscal_catalog_schema.json"), officialSchema(t, "oscal_profile_schema.json"), officialSchema(t, "oscal_mapping_schema.json")
	drafts := t.TempDir()
	for _, p := range lib.Packs() {
		file := written(t, exchange.Catalog(p, i18n.EN))
		holds(t, catalog, file)
		holds(t, profile, written(t, exchange.Profile(p, i18n.EN)))
		if maps := atlas.Touching(p.ID); len(maps) > 0 {
			holds(t, relations, written(t, collectionOf(p, maps, i18n.JA, time.Now())))
		}
		from, d, err := readForeign("catalog.json", strings.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		from.on = "2026-11-24"
		draft, err := draftPack(d.Catalog, from, lib)
		if err != nil {
			t.Fatal(err)
		}
		var back assess.Pack
		if err := yaml.Unmarshal(draft, &back); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(signs(p), signs(&back)); diff != "" || back.ID != p.ID || back.Verified || back.ValidFrom != p.ValidFrom {
			t.Errorf("%s: %s %s\n%s", p.ID, back.ID, back.ValidFrom, diff)
		}
		if err := os.WriteFile(filepath.Join(drafts, p.ID+".yaml"), draft, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code, out, _ := call("framework", "lint", drafts)
	for line := range strings.SplitSeq(strings.TrimSpace(out), "\n") {
		if code != exitNo || !strings.Contains(line, "missing propert") && !strings.HasPrefix(line, "packs: 12, ") {
			t.Errorf("exit %d: %s", code, line)
		}
	}
}

func written(t *testing.T, d oscal.Document) string {
	t.Helper()
	var b strings.Builder
	if err := d.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func signs(p *assess.Pack) (all []string) {
	for i := range p.Items {
		all = append(all, p.Items[i].ID+" "+p.Items[i].Sign()+" "+p.Items[i].Title.EN)
	}
	slices.Sort(all) // a catalog keeps what stands in one group together
	return all
}

// A mapping comes back as it went, but for the registers that it went without: it
// cannot be loaded before they are written, and then it says the same. What a row
// that leads nowhere said of itself is lost.
func TestMappingsLeaveAndComeBack(t *testing.T) {
	lib, atlas := shippedMaps(t)
	schema, err := fs.ReadFile(content.Mappings(), "schema.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range atlas.Maps() {
		p := lib.ByID(m.Source.Pack)
		from, d, err := readForeign("mapping.json", strings.NewReader(written(t, collectionOf(p, atlas.Touching(p.ID), i18n.EN, time.Now()))))
		if err != nil {
			t.Fatal(err)
		}
		draft, err := draftMapping(d.MappingCollection, from, lib, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		load := func(raw []byte) (*mapping.Atlas, error) {
			return mapping.Load(fstest.MapFS{"schema.json": {Data: schema}, m.ID + ".yaml": {Data: raw}}, lib)
		}
		if _, err := load(draft); err == nil || !strings.Contains(err.Error(), "missing propert") {
			t.Errorf("%s: a draft loads: %v", m.ID, err)
		}
		again, err := load(bytes.ReplaceAll(draft, []byte("{en: "), []byte(`{ja: "ためし", easy: "ためし", en: `)))
		if err != nil {
			t.Fatal(err)
		}
		got := again.Maps()[0]
		if got.Status != mapping.Draft || got.Verified || got.Method.Kind != m.Method.Kind || got.Version != m.Version {
			t.Errorf("%s: %+v", m.ID, got.Method)
		}
		if diff := cmp.Diff(said(m), said(got)); diff != "" {
			t.Errorf("%s: %s", m.ID, diff)
		}
	}
}

// said is the rows of a map, those that lead nowhere at the end.
func said(m *mapping.Map) (all []string) {
	var gaps []string
	for _, r := range m.Rows {
		if len(r.To) == 0 {
			gaps = append(gaps, r.From+" nothing")
			continue
		}
		all = append(all, fmt.Sprint(r.From, r.To, r.Relation, r.Strength, r.Confidence, r.Rationale.EN))
	}
	return append(all, gaps...)
}

const foreignHead = `"uuid":"7e3a9c1a-5f0b-4c1e-9d56-0a4c8f6f2b11","metadata":{"title":"Foreign list","last-modified":"2026-01-02T03:04:05Z","version":"3","oscal-version":"1.2.0"}`

// A file may come from anybody: whatever its size and shape, the answer comes soon,
// says what is wrong, prints no draft and leaves the terminal alone.
func TestImportOfHostileFiles(t *testing.T) {
	catalog := func(rest string) string { return `{"catalog":{` + foreignHead + `,` + rest + `}}` }
	many := strings.Repeat(`{"id":"x%d","title":"T"},`, 501)
	for n := range 501 {
		many = strings.Replace(many, "%d", fmt.Sprint(n), 1)
	}
	groups := ""
	for n := range 41 {
		groups += fmt.Sprintf(`{"id":"g%d","title":"G","controls":[{"id":"c%d","title":"T"}]},`, n, n)
	}
	relation := func(word string) string {
		ref := `{"type":"catalog","href":"x"}`
		return `{"mapping-collection":{` + foreignHead + `,"provenance":{"method":"human","matching-rationale":"semantic","status":"draft","mapping-description":"x"},"mappings":[{"uuid":"7e3a9c1a-5f0b-4c1e-9d56-0a4c8f6f2b12","source-resource":` + ref + `,"target-resource":` + ref +
			`,"maps":[{"uuid":"7e3a9c1a-5f0b-4c1e-9d56-0a4c8f6f2b13","relationship":"` + word + `","sources":[{"type":"control","id-ref":"a"}],"targets":[{"type":"control","id-ref":"b"}]}]}]}}`
	}
	tests := []struct{ name, text, want string }{
		{"empty", "", "unexpected end"},
		{"no JSON", "\x00\xff", "not UTF-8"},
		{"cut off", catalog(`"controls":[{"id":"a"`)[:190], "unexpected"},
		{"huge", `{"catalog":"` + strings.Repeat("a", 17<<20) + `"}`, "larger than may be read"},
		{"many values", `{"x":[` + strings.Repeat("1,", 1_100_000) + `1]}`, "larger than may be read"},
		{"deep", strings.Repeat(`{"a":`, 5000), "nested deeper than may be read"},
		{"deep groups", catalog(strings.Repeat(`"groups":[{"title":"g",`, 60)), "nested deeper than may be read"},
		{"name twice", catalog(`"controls":[],"controls":[]`), "stands twice"},
		{"another kind", `{"profile":{` + foreignHead + `,"imports":[{"href":"x"}]}}`, "only a catalog or a mapping-collection"},
		{"not OSCAL", `{"a":1}`, "not exactly one"},
		{"no controls", catalog(`"controls":[]`), "no control that is in force"},
		{"all withdrawn", catalog(`"controls":[{"id":"a","title":"T","props":[{"name":"status","value":"withdrawn"}]}]`), "no control that is in force"},
		{"too many", catalog(`"controls":[` + strings.TrimSuffix(many, ",") + `]`), "501 controls, a pack holds 500"},
		{"too many groups", catalog(`"groups":[` + strings.TrimSuffix(groups, ",") + `]`), "41 groups"},
		{"ids that fall together", catalog(`"controls":[{"id":"A.1","title":"T"},{"id":"a_1","title":"T"}]`), `comes to the id "a-1" too`},
		{"an id without Latin letters", catalog(`"controls":[{"id":"項目","title":"T"}]`), "no letter or digit"},
		{"a title like a book", catalog(`"controls":[{"id":"a","title":"` + strings.Repeat("a", 601) + `"}]`), "more than 600 letters"},
		{"signs of the terminal", catalog(`"controls":[{"id":"a` + "\u009b" + `2J","title":"T"}]`), "catalog: id"},
		{"a relation of their own", relation("likes"), `"likes" is not one of the relations`},
		{"no relation", relation(""), "map: id"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "foreign.json")
			if err := os.WriteFile(file, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			began := time.Now()
			code, out, errs := call("framework", "import", file)
			if code != exitError || out != "" || !strings.Contains(errs, tt.want) || !strings.Contains(errs, "\nhint: ") {
				t.Errorf("exit %d, want %s\n%.300s%.600s", code, tt.want, out, errs)
			}
			if strings.ContainsAny(errs, "\x1b\x07\x00\u009b") || len(errs) > 2000 {
				t.Errorf("the terminal is told what the file says: %.300q", errs)
			}
			if took := time.Since(began); took > 10*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}
