package desk

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
)

func paperPacks(t testing.TB) []SheetPack {
	t.Helper()
	lib, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	var all []SheetPack
	for _, p := range lib.Packs() {
		x := SheetPack{ID: p.ID, Title: p.Title, Pledge: p.Kind == assess.Pledge}
		for _, c := range p.Choices {
			x.Choices = append(x.Choices, SheetChoice{c.Code, c.Label})
		}
		part := ""
		for _, item := range p.Items {
			row := SheetItem{ID: item.ID, Number: item.Number, Question: item.Question}
			if item.Part != part {
				part = item.Part
				for _, q := range p.Parts {
					if q.ID == part {
						row.Part = q.Title
					}
				}
			}
			x.Items = append(x.Items, row)
		}
		all = append(all, x)
	}
	return all
}

func pack25(t testing.TB) SheetPack {
	t.Helper()
	for _, p := range paperPacks(t) {
		if p.ID == "self-diagnosis-25" {
			return p
		}
	}
	t.Fatal("no pack of 25 items")
	return SheetPack{}
}

func paperContext(t testing.TB, lang i18n.Lang) context.Context {
	t.Helper()
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	return i18n.Into(context.Background(), texts.In(lang))
}

func samplePaper(pack SheetPack) paperSheet {
	return paperSheet{
		pack: pack, company: "株式会社 𠮷野精機製作所", number: "4999900001234", desk: "みほん商工会議所",
		code: caseCode("k7m2p9qrs4tuvwxyzabcdefgh2"), link: "https://minamori.example/orgs/abcdefghijklmnopqrstuvwxyz/sheets/K7M2P-9QRS4",
		at: time.Date(2026, 10, 14, 2, 0, 0, 0, time.UTC),
	}
}

// TestSheetIsTwoSides holds the sheet of the 25 questions to one leaf of paper in
// every register. MINAMORI_KEEP_SHEETS names a folder to keep them in.
func TestSheetIsTwoSides(t *testing.T) {
	for _, lang := range i18n.Langs {
		doc, err := samplePaper(pack25(t)).doc(paperContext(t, lang))
		if err != nil {
			t.Fatal(err)
		}
		b, err := doc.Bytes(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if n := bytes.Count(b, []byte("/Type /Page\n")); n != 2 {
			t.Errorf("%s: %d sides", lang, n)
		}
		file := filepath.Join(t.TempDir(), "sheet.pdf")
		if dir := os.Getenv("MINAMORI_KEEP_SHEETS"); dir != "" {
			file = filepath.Join(dir, "sheet-"+string(lang)+".pdf")
		}
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := exec.LookPath("pdftotext"); err != nil {
			t.Log("pdftotext is not here: the words of the sheet are not looked at")
			continue
		}
		text, err := exec.Command("pdftotext", "-layout", file, "-").Output()
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"4999900001234", "K7M2P-9QRS4", "みほん商工会議所", "2/2"} {
			if !strings.Contains(string(text), want) {
				t.Errorf("%s: %q is not on the sheet", lang, want)
			}
		}
		for _, c := range pack25(t).Choices {
			if n := strings.Count(string(text), c.Label.In(lang)); n < 25 {
				t.Errorf("%s: the choice %q stands %d times", lang, c.Label.In(lang), n)
			}
		}
	}
}

func TestSidesKeepEveryItem(t *testing.T) {
	for n := range 60 {
		p := paperSheet{}
		for i := range n {
			p.pack.Items = append(p.pack.Items, SheetItem{ID: fmt.Sprint(i)})
		}
		sides, seen := p.sides(), 0
		for _, side := range sides {
			for _, x := range side {
				if x.ID != fmt.Sprint(seen) {
					t.Fatalf("of %d items, %s stands at %d", n, x.ID, seen)
				}
				seen++
			}
		}
		if seen != n || n <= 27 && len(sides) > 2 {
			t.Errorf("%d items: %d on %d sides", n, seen, len(sides))
		}
	}
}
