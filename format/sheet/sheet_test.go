package sheet_test

import (
	"archive/zip"
	"bytes"
	"context"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"
	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/format/sheet"
)

var ctx = context.Background()

// book is a spreadsheet of one sheet; a cell that begins with "F:" holds a formula.
func book(t testing.TB, rows [][]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for r, row := range rows {
		for c, v := range row {
			cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
			var err error
			if s, ok := v.(string); ok && strings.HasPrefix(s, "F:") {
				err = f.SetCellFormula("Sheet1", cell, s[2:])
			} else {
				err = f.SetCellValue("Sheet1", cell, v)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReadSpreadsheet(t *testing.T) {
	all, err := sheet.Read(ctx, book(t, [][]any{{"番号", "回答"}, {"4-1-5-1", "F:A1"}, nil, {1234567890123, "=1+1", " x\ny "}}))
	if err != nil {
		t.Fatal(err)
	}
	want := []sheet.Table{{Name: "Sheet1", Rows: [][]string{{"番号", "回答"}, {"4-1-5-1"}, {}, {"1234567890123", "=1+1", " x\ny "}}, Formulas: map[sheet.At]bool{{Row: 1, Column: 1}: true}}}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Error(diff)
	}
	if got := all[0].Cell(3, 1); got != "=1+1" {
		t.Errorf("a text became %q", got)
	}
}

func TestReadText(t *testing.T) {
	sjis, _ := japanese.ShiftJIS.NewEncoder().String("番号,回答\r\n1,満たしている\r\n")
	for name, text := range map[string]string{
		"utf-8": sheet.BOM + "番号,回答\r\n1,満たしている\r\n", "shift_jis": sjis, "tabs": "番号\t回答\n1\t満たしている\n", "semicolons": "番号;回答\n1;満たしている\n",
	} {
		all, err := sheet.Read(ctx, []byte(text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if diff := cmp.Diff([][]string{{"番号", "回答"}, {"1", "満たしている"}}, all[0].Rows); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

var ugly = rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("'=+-@＝＋－＠\"\n,;\t漢"))))

// What was marked is unmarked, and what is dangerous is marked once.
func TestMark(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := ugly.Draw(t, "s")
		m := sheet.Mark(s)
		if sheet.Unmark(m) != s {
			t.Fatalf("%q became %q", s, sheet.Unmark(m))
		}
		if m != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(m)[0]) {
			t.Fatalf("%q would run", m)
		}
	})
	for in, want := range map[string]string{"=1": "'=1", "＝1": "'＝1", "'": "'", "'a": "'a", "'=1": "''=1", "": "", "-": "'-"} {
		if got := sheet.Mark(in); got != want {
			t.Errorf("Mark(%q) = %q, want %q", in, got, want)
		}
	}
}

// What is written as CSV is read as it was.
func TestTextRoundTrip(t *testing.T) {
	cell := rapid.Map(ugly, func(s string) string {
		return strings.NewReplacer("\x00", "", "\r", "", "\ufeff", "").Replace(s)
	})
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(cell, 1, 5).Draw(t, "row")
		row = append(row, "end")
		all, err := sheet.Read(ctx, []byte(sheet.BOM+sheet.Line("a", "b", "c")+sheet.Line(row...)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(row, all[0].Rows[1]); diff != "" {
			t.Fatal(diff)
		}
	})
}

// rezip changes the parts of an archive.
func rezip(t testing.TB, data []byte, add map[string]string) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		if _, ok := add[f.Name]; ok {
			continue
		}
		r, _ := f.Open()
		w, _ := out.Create(f.Name)
		_, _ = io.Copy(w, r)
	}
	for name, text := range add {
		w, _ := out.Create(name)
		_, _ = w.Write([]byte(text))
	}
	_ = out.Close()
	return b.Bytes()
}

func TestReadRefuses(t *testing.T) {
	good := book(t, [][]any{{"a", "b"}})
	many := strings.Repeat("x,y\n", sheet.MaxRows+1)
	const cells = `<?xml version="1.0"?><worksheet><sheetData>`
	cases := map[string]struct {
		data []byte
		want sheet.Fault
	}{
		"empty":         {nil, sheet.Kind},
		"pdf":           {[]byte("%PDF-1.7"), sheet.Kind},
		"old":           {[]byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1}, sheet.Old},
		"cut":           {good[:len(good)/2], sheet.Broken},
		"not a sheet":   {[]byte("PK\x03\x04 nothing"), sheet.Broken},
		"large":         {bytes.Repeat([]byte("a"), sheet.MaxFile+1), sheet.Large},
		"rows":          {[]byte(many), sheet.Rows},
		"encoding":      {[]byte("a,\xff\xfe\xfd\n"), sheet.Encoding},
		"bomb":          {rezip(t, good, map[string]string{"xl/media/a.bin": strings.Repeat("\x00", sheet.MaxUnpacked+1)}), sheet.Large},
		"elements":      {rezip(t, good, map[string]string{"xl/worksheets/sheet1.xml": cells + strings.Repeat("<c/>", 2_000_001)}), sheet.Rows},
		"deep":          {rezip(t, good, map[string]string{"xl/worksheets/sheet1.xml": cells + strings.Repeat("<c>", 200)}), sheet.Broken},
		"document type": {rezip(t, good, map[string]string{"xl/sharedStrings.xml": `<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><sst/>`}), sheet.Broken},
	}
	for name, c := range cases {
		if _, err := sheet.Read(ctx, c.data); sheet.FaultOf(err) != c.want {
			t.Errorf("%s: %v, want %s", name, err, c.want)
		}
	}
}

// A file with a program can be looked at, since nothing runs; a copy of it is not made.
func TestMacros(t *testing.T) {
	data := rezip(t, book(t, [][]any{{"a", "b"}}), map[string]string{"xl/vbaProject.bin": "program"})
	if _, err := sheet.Read(ctx, data); err != nil {
		t.Errorf("Read: %v", err)
	}
	if _, err := sheet.Open(ctx, data); sheet.FaultOf(err) != sheet.Macros {
		t.Errorf("Open: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(book(f, [][]any{{"a", "F:A1"}}))
	f.Add([]byte("a,b\n\"x\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		all, err := sheet.Read(ctx, data)
		if err != nil && sheet.FaultOf(err) == "" {
			t.Fatal(err)
		}
		for _, x := range all {
			if len(x.Rows) > sheet.MaxRows {
				t.Fatal(len(x.Rows))
			}
		}
	})
}

// Formulas are found in sheets of any name, of which some need marks in XML.
func TestFormulasBySheetName(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	for _, name := range []string{"A & B", "<回答>", `"x" 'y' z`} {
		if _, err := f.NewSheet(name); err != nil {
			t.Fatal(err)
		}
		_ = f.SetCellStr(name, "A1", "a > b")
		_ = f.SetCellFormula(name, "C3", `IF(A1>"<f>",1,2)`)
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	all, err := sheet.Read(ctx, b.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != 3 {
		t.Fatalf("%d sheets", len(all))
	}
	for _, x := range all {
		if diff := cmp.Diff(map[sheet.At]bool{{Row: 2, Column: 2}: true}, x.Formulas); diff != "" {
			t.Errorf("%s: %s", x.Name, diff)
		}
	}
}
