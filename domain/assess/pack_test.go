package assess

import (
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/i18n"
)

func library(t testing.TB) *Library {
	t.Helper()
	lib, err := LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// TestShippedPacks: the official counts (domain of each scheme), and nothing that
// is not among them.
func TestShippedPacks(t *testing.T) {
	want := map[string]int{
		"security-action-articles-5": 5, "security-action-articles-6": 6, "self-diagnosis-25": 25,
		"scs-star3-2026": 81, "scs-star4-2026": 153, "jama-japia-csg-2-3": 93, "executive-guideline-3": 10, "ipa-cloud-15": 15,
		"nist-csf-2": 22, "iso-27001-2022-annex-a": 93, "cis-controls-8-1-ig1": 56, "cpsf-supplier-15": 15,
	}
	for _, p := range library(t).Packs() {
		if len(p.Items) != want[p.ID] {
			t.Errorf("%s: %d items, want %d", p.ID, len(p.Items), want[p.ID])
		}
		delete(want, p.ID)
	}
	if len(want) > 0 {
		t.Errorf("not there: %v", want)
	}
}

func TestCurrent(t *testing.T) {
	lib := library(t)
	at := func(s string) time.Time {
		day, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return day
	}
	tests := []struct{ name, family, at, want string }{
		{"before any edition", "security-action-articles", "2020-01-01T00:00:00+09:00", ""},
		{"last moment of the five", "security-action-articles", "2026-03-31T23:59:59+09:00", "security-action-articles-5"},
		{"first moment of the six", "security-action-articles", "2026-04-01T00:00:00+09:00", "security-action-articles-6"},
		{"the day is Japan's", "security-action-articles", "2026-03-31T15:00:00Z", "security-action-articles-6"},
		{"no end known", "self-diagnosis-25", "2030-01-01T00:00:00+09:00", "self-diagnosis-25"},
		{"no such family", "star-nine", "2026-04-01T00:00:00+09:00", ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := ""
			if p := lib.Current(tt.family, at(tt.at)); p != nil {
				got = p.ID
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestOutdated(t *testing.T) {
	p := library(t).ByID("self-diagnosis-25")
	day := time.Date(2026, 4, 1, 0, 0, 0, 0, i18n.Tokyo)
	if p.Outdated(day.Add(-time.Second)) || !p.Outdated(day) {
		t.Error("the note on edition 4.0 must show from 2026-04-01 on, and not before")
	}
}

// TestAreas pins the membership the radar chart and its table are drawn from.
func TestAreas(t *testing.T) {
	got := map[string][]int{}
	for _, item := range library(t).ByID("self-diagnosis-25").Items {
		got[item.Area] = append(got[item.Area], item.Number)
	}
	want := map[string][]int{
		"devices": {1, 2}, "passwords": {3, 4}, "mail": {6, 7, 8}, "network": {9, 10, 11},
		"paper": {12, 13, 14, 15, 16, 17, 18}, "people": {5, 19, 20, 21},
		"partners": {22, 23}, "emergency": {24, 25},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestLoadPacksRefuses(t *testing.T) {
	small, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := fs.ReadFile(content.Frameworks(), "schema.json")
	if err != nil {
		t.Fatal(err)
	}
	load := func(text string) error {
		_, err := LoadPacks(fstest.MapFS{"schema.json": {Data: schema}, "small.yaml": {Data: []byte(text)}})
		return err
	}
	if err := load(string(small)); err != nil {
		t.Fatal("the unchanged pack must load:", err)
	}
	tests := []struct{ name, old, new, want string }{
		{"duplicate item", `id: "2"`, `id: "1"`, `small.yaml: items[1]: "1" stands twice`},
		{"duplicate choice", "code: unknown", "code: done", `small.yaml: choices[1]: "done" stands twice`},
		{"out of order", "number: 2", "number: 3", "small.yaml: items[1].number: is 3, want 2"},
		{"unknown area", "area: mail", "area: moon", `small.yaml: items[0].area: "moon" is not an area`},
		{"unknown part", "part: p1", "part: p9", `small.yaml: items[0].part: "p9" is not a part`},
		{"unknown key", "every: once", "evry: once", "small.yaml: items[0].action: "},
		{"no easy text", `easy: "ためし"`, `easy: ""`, "small.yaml: title.easy: "},
		{"open brace", `easy: "ためし"`, `easy: "{ためし"`, "small.yaml: title: "},
		{"gap in the bands", "min: 1,", "min: 3,", "small.yaml: bands[1]: runs from -2 to 0, want an end at 2"},
		{"bands end early", "min: -2", "min: -1", "small.yaml: bands: the last begins at -1, want -2"},
		{"no such day", "2026-04-01", "2026-02-30", `small.yaml: valid_from: "2026-02-30" is not a day of the calendar`},
		{"cost without words", "class: none", "class: low", "small.yaml: items[0].action.cost"},
		{"wrong name", "id: small\n", "id: large\n", `small.yaml: id: is "large"`},
		{"alias", `edition: "1"` + "\nvalid", "edition: &e \"1\"\nvalid", "anchors and aliases are not allowed"},
		{"deep brackets", "kind: diagnosis", "kind: " + strings.Repeat("[", 40), "small.yaml: line 4: is nested deeper than 32 levels"},
		{"deep lists", "kind: diagnosis", "kind:\n" + strings.Repeat("- ", 40), "small.yaml: line 5: is nested deeper than 32 levels"},
		{"long line", "kind: diagnosis", "kind: " + strings.Repeat("a", 5000), "small.yaml: line 4: is longer than 4096 bytes"},
		{"large file", "kind: diagnosis", "kind: diagnosis\n" + strings.Repeat("# a comment of some length\n", 1<<16), "small.yaml: is larger than 1048576 bytes"},
		{"many lines", "kind: diagnosis", "kind: diagnosis\n" + strings.Repeat("#\n", 40_000), "small.yaml: has more than 10000 lines"},
		{"two documents", "kind: diagnosis", "---\nkind: diagnosis", "small.yaml: holds 2 documents, want 1 that is not empty"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changed := strings.Replace(string(small), tt.old, tt.new, 1)
			if changed == string(small) {
				t.Fatal("the pack does not hold", tt.old)
			}
			err := load(changed)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestEditionsMayNotOverlap(t *testing.T) {
	schema, err := fs.ReadFile(content.Frameworks(), "schema.json")
	if err != nil {
		t.Fatal(err)
	}
	small, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	later := strings.NewReplacer("id: small\n", "id: later\n", "2026-04-01", "2027-04-01").Replace(string(small))
	_, err = LoadPacks(fstest.MapFS{
		"schema.json": {Data: schema}, "small.yaml": {Data: small}, "later.yaml": {Data: []byte(later)},
	})
	want := "small.yaml: valid_until: must end before later begins on 2027-04-01"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

// BenchmarkLoadPacks is a part of every start of the server.
func BenchmarkLoadPacks(b *testing.B) {
	for b.Loop() {
		library(b)
	}
}

func FuzzLoadPack(f *testing.F) {
	schema, err := loadSchema(content.Frameworks())
	if err != nil {
		f.Fatal(err)
	}
	small, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Add([]byte("id: small\nitems: [{}, *a]\n"))
	f.Add([]byte("1: x\n2: y\n"))
	f.Add([]byte("? - ? - a\n: !!binary x\n"))
	f.Add([]byte("{會: |-\n  x\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parsePack(raw, schema)
		if err != nil {
			return
		}
		if p.ID == "" || len(p.Items) == 0 || len(p.Choices) < 2 {
			t.Errorf("accepted a pack without id, items or choices: %+v", p)
		}
		Score(p, map[string]string{p.Items[0].ID: p.Choices[0].Code})
	})
}
