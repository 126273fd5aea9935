package mapping

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
)

const goodMap = `id: a-to-b
version: "1.0.0"
status: draft
source: {pack: a}
target: {pack: b}
method: {kind: human, author: "Minamori", basis: "trial"}
verified: false
note: {ja: "試し", easy: "ためし", en: "Trial"}
rows:
  - {from: "1", to: ["1", "2"], relation: superset-of, strength: 5, confidence: medium, rationale: {ja: "試し", easy: "ためし", en: "Trial"}}
  - {from: "2", to: [], relation: no-relationship, strength: 1, confidence: low}
`

func loadText(t testing.TB, lib *assess.Library, name, raw string) (*Atlas, error) {
	t.Helper()
	schema, err := fs.ReadFile(content.Mappings(), "schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return Load(fstest.MapFS{"schema.json": {Data: schema}, name: {Data: []byte(raw)}}, lib)
}

func TestLoadSaysWhereAFaultIs(t *testing.T) {
	change := func(old, now string) string { return strings.Replace(goodMap, old, now, 1) }
	tests := []struct{ name, file, raw, want string }{
		{"good", "a-to-b.yaml", goodMap, ""},
		{"name", "other.yaml", goodMap, `other.yaml: id: is "a-to-b", but the file is named "other"`},
		{"no such pack", "a-to-b.yaml", change("{pack: b}", "{pack: nowhere}"), `target.pack: there is no pack "nowhere"`},
		{"no such source", "a-to-b.yaml", change("{pack: a}", "{pack: nowhere}"), `source.pack: there is no pack "nowhere"`},
		{"onto itself", "a-to-b.yaml", change("{pack: b}", "{pack: a}"), `target.pack: "a" is the source too`},
		{"no such item", "a-to-b.yaml", change(`"2"]`, `"9"]`), `rows[0].to[1]: b has no item "9"`},
		{"no such origin", "a-to-b.yaml", change(`from: "1"`, `from: "9"`), `rows[0].from: a has no item "9"`},
		{"twice", "a-to-b.yaml", change(`{from: "2", to: [], relation: no-relationship`, `{from: "1", to: ["2"], relation: equal-to`), `rows[1].to[0]: "1" to "2" stands twice`},
		{"same target twice", "a-to-b.yaml", change(`["1", "2"]`, `["2", "2"]`), `rows[0].to: `},
		{"no target", "a-to-b.yaml", change(`["1", "2"]`, `[]`), `rows[0].to: `},
		{"relation", "a-to-b.yaml", change("superset-of", "like"), `rows[0].relation: `},
		{"strength", "a-to-b.yaml", change("strength: 5", "strength: 11"), `rows[0].strength: `},
		{"strength none", "a-to-b.yaml", change("strength: 5", "strength: 0"), `rows[0].strength: `},
		{"no author", "a-to-b.yaml", change(`author: "Minamori", `, ""), `method: `},
		{"no basis", "a-to-b.yaml", change(`, basis: "trial"`, ""), `method: `},
		{"version", "a-to-b.yaml", change(`"1.0.0"`, `"1"`), `version: `},
		{"unknown key", "a-to-b.yaml", goodMap + "more: 1\n", `top level: `},
		{"a machine's word is never reviewed", "a-to-b.yaml", strings.NewReplacer("kind: human", "kind: machine-suggested", "status: draft", "status: reviewed").Replace(goodMap), `status: what a machine suggested`},
		{"reading of kanji", "a-to-b.yaml", change(`easy: "ためし"`, `easy: "{試|ため"`), `note: `},
		{"reading in a reason", "a-to-b.yaml", strings.Replace(goodMap, `rationale: {ja: "試し", easy: "ためし"`, `rationale: {ja: "試し", easy: "{試"`, 1), `rows[0].rationale: `},
		{"anchor", "a-to-b.yaml", change(`note: {`, `note: &x {`), `anchors and aliases are not allowed`},
		{"two documents", "a-to-b.yaml", goodMap + "---\na: 1\n", `holds 2 documents`},
		{"empty", "a-to-b.yaml", "", `documents`},
		{"deep", "a-to-b.yaml", strings.Repeat("[", 40), `line 1: is nested deeper than 32 levels`},
		{"long line", "a-to-b.yaml", "id: " + strings.Repeat("x", 5000), `line 1: is longer than 4096 bytes`},
		{"many lines", "a-to-b.yaml", strings.Repeat("\n", 50_000), `has more than 40000 lines`},
		{"large", "a-to-b.yaml", strings.Repeat("#\n", 1<<20), `is larger than 1048576 bytes`},
		{"no YAML", "a-to-b.yaml", "rows: [", `a-to-b.yaml: `},
	}
	lib := world(t)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := loadText(t, lib, tt.file, tt.raw)
			got := ""
			if err != nil {
				got = err.Error()
			}
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func FuzzMapFile(f *testing.F) {
	f.Add(goodMap)
	f.Add("rows: [{from: 1")
	f.Add("- - - - -")
	schema, err := loadSchema(content.Mappings())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(_ *testing.T, raw string) { _, _ = parseMap([]byte(raw), schema) })
}

func TestShippedMapsLoad(t *testing.T) {
	_, a := shipped(t)
	if len(a.Maps()) < 10 {
		t.Errorf("%d maps", len(a.Maps()))
	}
}

func TestCompareEditions(t *testing.T) {
	lib := library(t,
		packFile("old", "trial", "criteria", "2025-01-01", "2025-12-31", "1", "2=Two", "3", "4", "5"),
		packFile("next", "trial", "criteria", "2026-01-01", "", "1", "2=Other", "4", "6"))
	kinds := func(a *Atlas) (all []string) {
		for _, c := range a.Compare(lib.ByID("old"), lib.ByID("next")) {
			s := c.Kind + " "
			if c.Old != nil {
				s += c.Old.ID
			}
			s += ">"
			if c.New != nil {
				s += c.New.ID
			}
			if c.Sure {
				s += " sure"
			}
			all = append(all, s)
		}
		return all
	}
	bare := kinds(NewAtlas(lib, nil))
	if d := cmp.Diff([]string{"same 1>1 sure", "reworded 2>2", "same 4>4 sure", "new >6", "gone 3>", "gone 5>"}, bare); d != "" {
		t.Errorf("without a map (-want +got):\n%s", d)
	}
	m := mapOf("old-to-next", "old", "next", "1 equal-to 1", "2 equal-to 2", "3 subset-of 4", "5 superset-of 6", "4 no-relationship 4")
	mapped := kinds(NewAtlas(lib, []*Map{m}))
	if d := cmp.Diff([]string{"same 1>1 sure", "reworded 2>2 sure", "changed 3>4 sure", "reworded 5>6 sure", "gone 4>"}, mapped); d != "" {
		t.Errorf("with a map (-want +got):\n%s", d)
	}
	if again := kinds(NewAtlas(lib, []*Map{suggested(mapOf("old-to-next", "old", "next", "1 equal-to 6"))})); cmp.Diff(bare, again) != "" {
		t.Errorf("a machine's map decided: %v", again)
	}
}
