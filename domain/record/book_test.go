package record_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/record"
)

// Every criterion that asks for a ledger, an approval or something done every year has
// a sheet, and no sheet names a criterion that the scheme does not have.
func TestSheetsCoverTheCriteria(t *testing.T) {
	lib, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	b, star := book(t), lib.ByID(pack)
	if star == nil {
		t.Fatal("no pack for ★3")
	}
	needs := map[string][]string{}
	for _, x := range star.Items {
		needs[x.ID] = x.Needs
	}
	for _, p := range places(b) {
		if needs[p] == nil {
			t.Errorf("a sheet names %s, which is no criterion", p)
		}
	}
	covered := map[string]bool{}
	take := func(form string, proves record.Proves) {
		for _, p := range proves {
			as := form
			if p.As != "" {
				as = p.As
			}
			for _, item := range p.Items {
				covered[as+" "+item] = true
			}
		}
	}
	for _, l := range b.Ledgers {
		take("ledger", l.Proves)
	}
	for _, f := range b.Forms {
		take("approval", f.Proves)
	}
	for _, d := range b.Duties {
		take("duty", d.Proves)
	}
	elsewhere := []string{"4-4-4-1"} // the room of assets knows what has a licence and support
	for item, forms := range needs {
		for _, form := range forms {
			if form != "rule" && form != "agreement" && form != "setting" && form != "record" && !covered[form+" "+item] && !slices.Contains(elsewhere, item) {
				t.Errorf("%s asks for %s, which no sheet leaves", item, form)
			}
		}
	}
}

func TestBadSheetsAreNamed(t *testing.T) {
	const good = `id: x
title: {ja: あ, easy: あ, en: a}
why: {ja: あ, easy: あ, en: a}
proves: [{pack: p, items: ["1"]}]
every: year
columns:
  - {id: name, kind: text, title: {ja: あ, easy: あ, en: a}}
`
	load := func(text string) error {
		none := fstest.MapFS{}
		_, err := record.LoadBook(fstest.MapFS{"x.yaml": {Data: []byte(text)}}, none, none)
		return err
	}
	if err := load(good); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct{ old, new, says string }{
		{"id: x", "id: y", "name of the file"},
		{"every: year", "every: day", "rhythm"},
		{"kind: text", "kind: formula", "kind"},
		{"kind: text", "kind: choice", "two options"},
		{"easy: あ, en: a}\nwhy", "en: a}\nwhy", "register"},
		{"every: year", "every: year\ncolour: red", "colour"},
		{"id: name", "id: Name", "plain"},
		{`items: ["1"]`, "items: []", "proves"},
		{"columns:", "columns:\n  - {id: name, kind: text, title: {ja: あ, easy: あ, en: a}}", "twice"},
	} {
		err := load(strings.Replace(good, x.old, x.new, 1))
		if err == nil || !strings.Contains(err.Error(), x.says) || !strings.Contains(err.Error(), "x.yaml") {
			t.Errorf("%s: %v", x.new, err)
		}
	}
}
