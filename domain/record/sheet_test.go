package record

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

func loaded(t testing.TB) (*Book, *i18n.Catalogue) {
	t.Helper()
	b, err := LoadBook(content.Ledgers(), content.Forms(), content.Duties())
	if err != nil {
		t.Fatal(err)
	}
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	return b, texts
}

// A list is found by its headings whatever language it was written in.
func TestNumberOfARowIsCalledAsInTheTexts(t *testing.T) {
	_, texts := loaded(t)
	for i, lang := range []i18n.Lang{i18n.JA, i18n.Easy, i18n.EN} {
		if got := texts.In(lang).T(idKey); got != idNames[i] {
			t.Errorf("%s: %q is %q in the texts", lang, idNames[i], got)
		}
	}
}

// cellsOf draws what somebody may have typed, nasty things among it.
func cellsOf(t *rapid.T, cols []Column) Cells {
	words := rapid.OneOf(
		rapid.String(),
		rapid.SampledFrom([]string{"=1+1", "'=1", "''＠a", "＝cmd|' /C calc'!A0", "-5", "－５", "+81", "@SUM(A1)", "0012", "1E5", "2026/11/24", "a,b;c\td", `say "no"`, "_x0041_", "<b>&amp;", "TRUE", "山田　太郎", "𠮷野家", " a  b ", "\u200b"}),
	)
	var v problem.Invalid
	typed := map[string]string{}
	for _, c := range cols {
		switch c.Kind {
		case Choice:
			typed[c.ID] = rapid.SampledFrom(c.Options).Draw(t, c.ID).Code
		case Date:
			typed[c.ID] = rapid.SampledFrom([]string{"", "2026-11-24", "2026年1月2日", "1999/12/31"}).Draw(t, c.ID)
		case Number:
			typed[c.ID] = rapid.SampledFrom([]string{"", "0", "-3", "１２", "1,234", "0.5"}).Draw(t, c.ID)
		default:
			typed[c.ID] = words.Draw(t, c.ID)
		}
		if c.Required && tidy(typed[c.ID]) == "" {
			typed[c.ID] = "1"
		}
	}
	cells := read(cols, typed, &v)
	if err := v.Or(); err != nil {
		t.Skip("not a row")
	}
	return cells
}

// What is written into a spreadsheet or CSV and read back changes nothing, in every
// language, for every ledger.
func TestSheetsComeBackTheSame(t *testing.T) {
	b, texts := loaded(t)
	rapid.Check(t, func(t *rapid.T) {
		l := rapid.SampledFrom(b.Ledgers).Draw(t, "ledger")
		lang := rapid.SampledFrom([]i18n.Lang{i18n.JA, i18n.Easy, i18n.EN}).Draw(t, "language")
		ctx := i18n.Into(context.Background(), texts.In(lang))
		var rows []Row
		for i := range rapid.IntRange(1, 5).Draw(t, "rows") {
			rows = append(rows, Row{ID: strings.Repeat(string(rune('a'+i)), 26), Cells: cellsOf(t, l.Columns)})
		}
		heads, lines := l.sheetOf(ctx, rows)
		var file bytes.Buffer
		var err error
		if rapid.Bool().Draw(t, "csv") {
			err = writeCSV(&file, heads, lines)
		} else {
			err = writeXLSX(&file, l.Title.JA, heads, lines)
		}
		if err != nil {
			t.Fatal(err)
		}
		back, err := l.readList(ctx, file.Bytes())
		if err != nil {
			t.Fatal(err)
		}
		c := l.compare(rows, back)
		if c.N[rowSame] != len(rows) || len(c.Rows) != len(rows) {
			t.Fatalf("%+v\nwrote %q\nread  %+v", c.N, lines, back)
		}
	})
}

// No cell of a CSV begins with what a spreadsheet runs.
func TestCellsOfCSVRunNothing(t *testing.T) {
	b, texts := loaded(t)
	l := b.ledger("devices")
	ctx := i18n.Into(context.Background(), texts.In(i18n.JA))
	for _, s := range []string{"=1+1", "+1", "-x", "@a", "＝1", "＋1", "－x", "＠a", "=HYPERLINK(\"http://x\")"} {
		var file bytes.Buffer
		heads, lines := l.sheetOf(ctx, []Row{{ID: "x", Cells: Cells{"name": s}}})
		if err := writeCSV(&file, heads, lines); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(file.String(), "\"'"+s[:1]) {
			t.Errorf("%s is not marked: %s", s, file.String())
		}
	}
}
