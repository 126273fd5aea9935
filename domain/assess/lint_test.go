package assess

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/wording"
)

func linter(t *testing.T) *Linter {
	t.Helper()
	rules, err := wording.Load(content.Wording())
	if err != nil {
		t.Fatal(err)
	}
	l, err := NewLinter(content.Frameworks(), rules)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func lint(t *testing.T, l *Linter, name string, r io.Reader) (all []string) {
	t.Helper()
	faults, err := l.Lint(name, r)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range faults {
		all = append(all, f.String())
	}
	return all
}

// TestShippedPacksPassTheLint: form, references and words of all that we ship.
func TestShippedPacksPassTheLint(t *testing.T) {
	l := linter(t)
	names, err := filepath.Glob("../../content/frameworks/*.yaml")
	if err != nil || len(names) < 12 {
		t.Fatalf("%d packs, %v", len(names), err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range lint(t, l, filepath.Base(name), strings.NewReader(string(raw))) {
			t.Error(fault)
		}
	}
	for _, fault := range l.Editions() {
		t.Error(fault)
	}
}

func TestLint(t *testing.T) {
	small, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text := `{ja: ためし, easy: "ためし", en: Trial}`
	tests := []struct {
		name     string
		old, new []string
		want     []string
	}{
		{"sound", nil, nil, nil},
		{"form, references and words at once", []string{
			`"2026-04-01"`, "area: mail\n    title: " + text, "number: 2", "priority: 1}\n  - id",
		}, []string{
			`"soon"`, `area: moon` + "\n" + `    title: {ja: 認定, easy: "会社", en: Certified}`, "number: 3", "priority: 99}\n  - id",
		}, []string{
			`small.yaml:9: valid_from: 'soon' does not match pattern`,
			`small.yaml:9: valid_from: "soon" is not a day of the calendar`,
			`small.yaml:25: items[0].area: "moon" is not an area`,
			"small.yaml:26: items[0].title (easy): kanji without a reading: 会社",
			"small.yaml:26: items[0].title (en): refused word Certified (say declared, registered, met): Certified",
			"small.yaml:32: items[0].action.priority: maximum: got 99, want 9",
			"small.yaml:34: items[1].number: is 3, want 2",
		}},
		{"the family decides", []string{"family: small", "title: " + text}, []string{"family: scs-star3", `title: {ja: 認定, easy: "ためし", en: Trial}`}, []string{
			"small.yaml:5: title (ja): refused word 認定 (say 宣言、登録): 認定",
		}},
		{"one fault for a missing text", []string{"title: " + text}, []string{"title: {ja: ためし, en: Trial}"}, []string{
			"small.yaml:5: title: missing property 'easy'",
		}},
		{"nothing to choose", []string{"choices:"}, []string{"choices: []\nothers:"}, []string{
			"small.yaml:1: top level: additional properties 'others' not allowed", "small.yaml:15: choices: minItems: got 0, want 2",
		}},
		{"name", []string{"id: small\n"}, []string{"id: large\n"}, []string{`small.yaml:2: id: is "large", but the file is named "small"`}},
		{"not YAML", []string{"kind: diagnosis"}, []string{"kind: [a"}, []string{"small.yaml:"}},
		{"anchor", []string{"kind: diagnosis"}, []string{"kind: &a diagnosis"}, []string{"small.yaml:4: anchors and aliases are not allowed"}},
		{"alias bomb", []string{"kind: diagnosis"}, []string{"kind: [*a, *a, *a]"}, []string{"small.yaml:4: anchors and aliases are not allowed"}},
		{"deep", []string{"kind: diagnosis"}, []string{"kind: " + strings.Repeat("[", 5000)}, []string{"small.yaml:4: is nested deeper than 32 levels"}},
		{"huge", []string{"kind: diagnosis"}, []string{"kind: diagnosis\n" + strings.Repeat("# a comment of some length\n", 1<<16)}, []string{"small.yaml: is larger than 1048576 bytes"}},
		{"a list", []string{string(small)}, []string{"- a\n- b\n"}, []string{"small.yaml:1: top level: got array, want object"}},
		{"nothing", []string{string(small)}, []string{"# nothing\n"}, []string{"small.yaml: holds 1 documents, want 1 that is not empty"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			changed := string(small)
			for i := range tt.old {
				if !strings.Contains(changed, tt.old[i]) {
					t.Fatal("the pack does not hold", tt.old[i])
				}
				changed = strings.Replace(changed, tt.old[i], tt.new[i], 1)
			}
			got := lint(t, linter(t), "small.yaml", strings.NewReader(changed))
			if len(tt.want) != len(got) {
				t.Fatalf("got %d faults:\n%s", len(got), strings.Join(got, "\n"))
			}
			for i := range got {
				if !strings.HasPrefix(got[i], tt.want[i]) {
					t.Errorf("got  %s\nwant %s", got[i], tt.want[i])
				}
			}
		})
	}
}

func TestLintOfEditions(t *testing.T) {
	small, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		t.Fatal(err)
	}
	later := strings.NewReplacer("id: small\n", "id: later\n", "2026-04-01", "2027-04-01").Replace(string(small))
	l := linter(t)
	got := append(lint(t, l, "a/later.yaml", strings.NewReader(later)), lint(t, l, "a/small.yaml", strings.NewReader(string(small)))...)
	for _, f := range l.Editions() {
		got = append(got, f.String())
	}
	want := []string{"a/small.yaml: valid_until: must end before later begins on 2027-04-01"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What cannot be read is no fault of the pack.
func TestLintOfABrokenDisk(t *testing.T) {
	if _, err := linter(t).Lint("small.yaml", iotest.ErrReader(io.ErrClosedPipe)); err == nil {
		t.Error("the reader failed and nobody said so")
	}
}

// FuzzLint: whatever a file holds, the lint names faults and does not fall over;
// what it finds sound, LoadPacks takes.
func FuzzLint(f *testing.F) {
	rules, err := wording.Load(content.Wording())
	if err != nil {
		f.Fatal(err)
	}
	small, err := os.ReadFile("testdata/small.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(small)
	f.Add([]byte("title: {ja: , easy: '{a|', en: {one: 1, other: [x]}}\nitems: [{ja: 1}, {easy: }]\n"))
	f.Add([]byte("? {ja: x}\n: {ja: y}\n1: !!binary x\n"))
	schema, err := loadSchema(content.Frameworks())
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		l := &Linter{schema: schema, rules: rules, files: map[*Pack]string{}}
		faults, err := l.Lint("small.yaml", bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := parsePack(raw, l.schema); err != nil && len(faults) == 0 {
			t.Errorf("the lint finds nothing, the loader says %v", err)
		}
	})
}
