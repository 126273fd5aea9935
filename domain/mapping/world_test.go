package mapping

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
)

var noon = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

const text = `{ja: "試し", easy: "ためし", en: "Trial"}`

// packFile is a small pack: items are "id", "id:needs" or "id=title".
func packFile(id, family, kind, from, until string, items ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "id: %s\nfamily: %s\nkind: %s\ntitles_only: true\ntitle: %s\nowner: %s\n", id, family, kind, text, text)
	fmt.Fprintf(&b, "source: {title: trial, edition: \"1\", seen: {on: \"2026-11-24\", in: here}}\nedition: \"%s\"\nvalid_from: \"%s\"\n", from, from)
	if until != "" {
		fmt.Fprintf(&b, "valid_until: \"%s\"\n", until)
	}
	fmt.Fprintf(&b, "verified: false\nverified_note: %s\nlicence: %s\nparts:\n  - {id: \"p\", title: %s}\nchoices:\n", text, text, text)
	codes := "met partly not_met not_applicable unknown"
	if kind == "maturity" {
		codes = "m1 m2 m3 m4 m5 unknown"
	}
	for c := range strings.FieldsSeq(codes) {
		fmt.Fprintf(&b, "  - {code: %s, label: %s}\n", c, text)
	}
	b.WriteString("items:\n")
	for i, x := range items {
		x, title, _ := strings.Cut(x, "=")
		x, needs, _ := strings.Cut(x, ":")
		fmt.Fprintf(&b, "  - {id: \"%s\", number: %d, part: \"p\", title: {ja: \"こと%s\", easy: \"こと%s\", en: \"Item%s\"}", x, i+1, title, title, title)
		if needs != "" {
			fmt.Fprintf(&b, ", needs: [%s]", needs)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

// criteria is a pack of criteria that has no end.
func criteria(id string, items ...string) string {
	return packFile(id, id, "criteria", "2026-01-01", "", items...)
}

func library(t testing.TB, files ...string) *assess.Library {
	t.Helper()
	schema, err := fs.ReadFile(content.Frameworks(), "schema.json")
	if err != nil {
		t.Fatal(err)
	}
	tree := fstest.MapFS{"schema.json": {Data: schema}}
	for _, f := range files {
		id, _, _ := strings.Cut(strings.TrimPrefix(f, "id: "), "\n")
		tree[id+".yaml"] = &fstest.MapFile{Data: []byte(f)}
	}
	lib, err := assess.LoadPacks(tree)
	if err != nil {
		t.Fatal(err)
	}
	return lib
}

// world has three packs of a few items each, and a scale.
func world(t testing.TB) *assess.Library {
	t.Helper()
	return library(t,
		criteria("a", "1", "2", "3", "4"), criteria("b", "1", "2", "3"), criteria("c", "1", "2", "3:rule"), criteria("d", "1"),
		packFile("scale", "scale", "maturity", "2026-01-01", "", "1"))
}

// mapOf writes a map in one line a row: "1 equal-to 2,3 /7".
func mapOf(id, source, target string, rows ...string) *Map {
	m := &Map{ID: id, Version: "1.0.0", Status: Draft, Source: End{source}, Target: End{target}, Method: Method{Kind: "human"}}
	for _, r := range rows {
		f := strings.Fields(r)
		row := Row{From: f[0], Relation: Relation(f[1]), To: strings.Split(f[2], ","), Strength: 5, Confidence: "medium"}
		if len(f) > 3 {
			_, _ = fmt.Sscanf(f[3], "/%d", &row.Strength)
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

func suggested(m *Map) *Map {
	m.Method.Kind = machineSuggested
	return m
}

// says is where a company stands by answers "a/1=met".
func says(lib *assess.Library, answers ...string) map[string]assess.Standing {
	by := map[string]map[string]assess.Answer{}
	for _, a := range answers {
		at, choice, _ := strings.Cut(a, "=")
		pack, item, _ := strings.Cut(at, "/")
		if by[pack] == nil {
			by[pack] = map[string]assess.Answer{}
		}
		by[pack][item] = assess.Answer{Item: item, Choice: choice, Revision: 1}
	}
	return stand(lib, by, nil)
}

func stand(lib *assess.Library, answers map[string]map[string]assess.Answer, proofs map[string]map[string][]assess.Evidence) map[string]assess.Standing {
	all := map[string]assess.Standing{}
	for _, p := range lib.Packs() {
		all[p.ID] = assess.Stand(p, answers[p.ID], proofs[p.ID], noon)
	}
	return all
}

// lines writes a projection: "b/1" → "full 5 from a/1".
func lines(all map[assess.Place]Projected) map[string]string {
	out := map[string]string{}
	for at, p := range all {
		var from []string
		for _, s := range p.Sources {
			path := ""
			for _, step := range s.Path {
				path += " " + step.Map.ID
				if step.Back {
					path += "*"
				}
			}
			from = append(from, fmt.Sprintf("%s/%s (%s %d%s)", s.Origin.Pack, s.Origin.Item, s.Level, s.Strength, path))
		}
		out[at.Pack+"/"+at.Item] = fmt.Sprintf("%s %d: %s", p.Level, p.Strength, strings.Join(from, ", "))
	}
	return out
}
