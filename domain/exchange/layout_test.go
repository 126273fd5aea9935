package exchange_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/domain/assess"
)

// customerSheet is a made-up sheet of a customer: two rows of headings, merged cells, a
// drop-down list, numbers of its own beside those of the scheme.
func customerSheet(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	const name = "チェックシート"
	must(t, f.SetSheetName("Sheet1", name))
	for at, v := range map[string]string{
		"A1": "架空商事 取引先チェックシート", "A3": "No.", "B3": "確認内容", "C3": "貴社記入欄", "C4": "回答", "D4": "備考", "E4": "点",
		"A5": "1-2-1-1", "B5": "責任者を決めていますか", "A6": "1-2-1-2", "B6": "係を決めていますか", "A7": "1-2-1-3", "B7": "役割を見直していますか",
		"A8": "Q-独自", "B8": "情報を守る約束がありますか", "A9": "1-2-3-1", "B9": "秘密の約束がありますか", "B10": "（続き）",
	} {
		must(t, f.SetCellStr(name, at, v))
	}
	must(t, f.MergeCell(name, "A1", "E1"))
	must(t, f.MergeCell(name, "C3", "D3"))
	must(t, f.MergeCell(name, "A3", "A4"))
	must(t, f.MergeCell(name, "A9", "A10"))
	must(t, f.MergeCell(name, "C9", "C10"))
	must(t, f.SetCellFormula(name, "E5", `IF(C5="はい",1,0)`))
	must(t, f.SetCellFormula(name, "C7", `"いいえ"`))
	v := excelize.NewDataValidation(true)
	v.Sqref = "C5:C10"
	must(t, v.SetDropList([]string{"はい", "一部", "いいえ", "対象外"}))
	must(t, f.AddDataValidation(name, v))
	style, err := f.NewStyle(&excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFFF00"}}})
	must(t, err)
	must(t, f.SetCellStyle(name, "C5", "C10", style))
	must(t, f.SetColWidth(name, "B", "B", 44))
	_, err = f.NewSheet("説明")
	must(t, err)
	must(t, f.SetCellStr("説明", "A1", "1. この表は架空のものです"))
	b, err := f.WriteToBuffer()
	must(t, err)
	return b.Bytes()
}

// A customer's sheet is understood, corrected once, and filled into a copy in which
// nothing else changes.
func TestLayout(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say(company, star3, "member", "1-2-1-1", assess.Met, "=役割表")
		s.say(company, star3, "member", "1-2-1-2", assess.NotApplicable, "")
		s.say(company, star3, "member", "1-2-1-3", assess.Met, "")
		s.say(company, star3, "member", "1-2-3-1", assess.Partly, "")
		s.say(company, star3, "member", "1-2-3-2", assess.Unknown, "")
		original := customerSheet(t)
		at := s.upload(here+"/layouts", "member", "sheet", "チェック.xlsx", original, "layout_framework", star3, "customer", " 架空商事 ").to()
		s.get(at, "member").want(http.StatusOK, "架空商事の様式", "5行のうち4行", "Q-独自", `value="はい"`, `value="対象外"`, "チェックシート")
		first := s.get(at+"/filled.xlsx", "member").want(http.StatusOK).Body.Bytes()
		wantCells(t, first, map[string]string{"C5": "はい", "D5": "=役割表", "C6": "対象外", "D6": "機械がない", "C8": "", "C9": "一部", "C10": "一部"})

		form := []string{"customer", "架空商事", "sheet", "チェックシート", "first", "5", "columns.key", "0", "columns.answer", "2", "columns.memo", "", "columns.text", "1",
			"words.met", "実施済", "words.partly", "一部", "words.unknown", "確認中", "items.7", "1-2-3-2"}
		s.post(at, "member", form...).to()
		s.get(at, "member").want(http.StatusOK, "5行のうち5行", `value="実施済"`)
		data := s.get(at+"/filled.xlsx", "member").want(http.StatusOK).Body.Bytes()
		wantCells(t, data, map[string]string{"C5": "実施済", "D5": "", "C6": "", "C8": "確認中", "C9": "一部"})
		untouched(t, original, data, "C5", "C8", "C9", "C10")
		if f := formulaOf(t, data, "C7"); f != `"いいえ"` {
			t.Errorf("a formula became %q", f)
		}
		if calc, err := opened(t, data).GetCalcProps(); err != nil || calc.FullCalcOnLoad == nil || !*calc.FullCalcOnLoad {
			t.Errorf("what depends on the answers stays as it was: %v", err)
		}
		// The correction stays for the next time and speaks for another file in the same place.
		if diff := cmp.Diff(true, strings.Contains(s.verbs(company), "exchange.layout-added exchange.layout-changed")); diff != "" {
			t.Error(diff)
		}
		s.post(at+"/remove", "member").to()
		s.get(at, "member").want(http.StatusNotFound)
	})
}

func TestLayoutRefuses(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		up := func(data []byte, pairs ...string) answer {
			return s.upload(here+"/layouts", "member", "sheet", "a.xlsx", data, append(pairs, "layout_framework", star3)...)
		}
		up(customerSheet(t), "customer", "").want(http.StatusUnprocessableEntity, "取引先の名前")
		up(withMacros(t), "customer", "架空").want(http.StatusUnprocessableEntity, "マクロが入ったファイル")
		up([]byte("a,b\n"), "customer", "架空").want(http.StatusUnprocessableEntity, "表が見つかりません")
		at := up(customerSheet(t), "customer", "架空").to()
		for name, form := range map[string][]string{
			"sheet":  {"customer", "架空", "sheet", "none", "first", "5", "columns.key", "0", "columns.answer", "2"},
			"column": {"customer", "架空", "sheet", "チェックシート", "first", "5", "columns.key", "0", "columns.answer", "0"},
			"row":    {"customer", "架空", "sheet", "チェックシート", "first", "0", "columns.key", "0", "columns.answer", "2"},
			"item":   {"customer", "架空", "sheet", "チェックシート", "first", "5", "columns.key", "0", "columns.answer", "2", "items.7", "9-9-9-9"},
		} {
			if a := s.post(at, "member", form...); a.Code != http.StatusUnprocessableEntity {
				t.Errorf("%s: %d", name, a.Code)
			}
		}
		s.get(at, "member").want(http.StatusOK, "5行のうち4行")
	})
}

func withMacros(t testing.TB) []byte {
	t.Helper()
	data := customerSheet(t)
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	must(t, err)
	var b bytes.Buffer
	out := zip.NewWriter(&b)
	for _, f := range in.File {
		must(t, out.Copy(f))
	}
	w, err := out.Create("xl/vbaProject.bin")
	must(t, err)
	_, err = w.Write([]byte("program"))
	must(t, err)
	must(t, out.Close())
	return b.Bytes()
}

func opened(t testing.TB, data []byte) *excelize.File {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(data))
	must(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func wantCells(t testing.TB, data []byte, want map[string]string) {
	t.Helper()
	f, got := opened(t, data), map[string]string{}
	for at := range want {
		v, err := f.GetCellValue(f.GetSheetName(0), at)
		must(t, err)
		got[at] = v
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func formulaOf(t testing.TB, data []byte, at string) string {
	t.Helper()
	f := opened(t, data)
	s, err := f.GetCellFormula(f.GetSheetName(0), at)
	must(t, err)
	return s
}

// untouched holds every cell, merged cell, drop-down list, width and style of two files
// against each other, except the cells named.
func untouched(t testing.TB, before, after []byte, except ...string) {
	t.Helper()
	a, b := opened(t, before), opened(t, after)
	if diff := cmp.Diff(a.GetSheetList(), b.GetSheetList()); diff != "" {
		t.Fatal(diff)
	}
	for _, name := range a.GetSheetList() {
		look := func(f *excelize.File) map[string]string {
			all := map[string]string{}
			for r := 1; r <= 20; r++ {
				for c := 1; c <= 10; c++ {
					at, _ := excelize.CoordinatesToCellName(c, r)
					if name == a.GetSheetName(0) && slices.Contains(except, at) {
						continue
					}
					v, _ := f.GetCellValue(name, at)
					formula, _ := f.GetCellFormula(name, at)
					style, _ := f.GetCellStyle(name, at)
					x, _ := f.GetStyle(style)
					all[at] = fmt.Sprint(v, "|", formula, "|", x.Fill, x.NumFmt, x.Border)
				}
			}
			merged, _ := f.GetMergeCells(name)
			for _, m := range merged {
				all["merged "+m.GetStartAxis()] = m.GetEndAxis()
			}
			lists, _ := f.GetDataValidations(name)
			for _, v := range lists {
				all["list "+v.Sqref] = v.Formula1
			}
			width, _ := f.GetColWidth(name, "B")
			all["width"] = fmt.Sprint(width)
			return all
		}
		if diff := cmp.Diff(look(a), look(b)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// officialSheet stands in for the official workbook, which was not to be had: the
// numbers are official, the sentences are invented. It has two rows of headings, merged
// cells and the marks of the scheme.
func officialSheet(t testing.TB, p *assess.Pack) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	const name = "★3 要求事項・評価基準"
	must(t, f.SetSheetName("Sheet1", name))
	for at, v := range map[string]string{"B2": "架空の様式", "B4": "要求事項", "D4": "評価基準", "F4": "自己評価", "B5": "No.", "C5": "内容", "D5": "No.", "E5": "評価基準", "F5": "評価結果（○/△/×）", "G5": "補足"} {
		must(t, f.SetCellStr(name, at, v))
	}
	must(t, f.MergeCell(name, "B4", "C4"))
	must(t, f.MergeCell(name, "D4", "E4"))
	must(t, f.MergeCell(name, "F4", "G4"))
	row, first, last := 6, 6, ""
	for i, x := range p.Items {
		at := func(c string) string { return fmt.Sprint(c, row) }
		must(t, f.SetCellStr(name, at("D"), x.ID))
		must(t, f.SetCellStr(name, at("E"), "（架空の文）"+x.ID+" について、次のことを行っているかを見る。"))
		if x.Requirement != last {
			if row-1 > first {
				must(t, f.MergeCell(name, fmt.Sprint("B", first), fmt.Sprint("B", row-1)))
			}
			first, last = row, x.Requirement
			must(t, f.SetCellStr(name, at("B"), x.Requirement))
			must(t, f.SetCellStr(name, at("C"), "（架空の文）要求 "+x.Requirement))
		}
		if i == 3 { // a criterion of which each half has a row
			must(t, f.MergeCell(name, at("D"), fmt.Sprint("D", row+1)))
			must(t, f.MergeCell(name, at("F"), fmt.Sprint("F", row+1)))
			row++
		}
		row++
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = fmt.Sprint("F6:F", row)
	must(t, v.SetDropList([]string{"○", "△", "×"}))
	must(t, f.AddDataValidation(name, v))
	b, err := f.WriteToBuffer()
	must(t, err)
	return b.Bytes()
}

// An operator loads the official workbook: its wording stands beside ours in this
// installation, and a company gets a copy with its answers.
func TestOfficialWorkbook(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		p := s.assess.Packs.ByID(star3)
		original := officialSheet(t, p)
		const all = "/operator/workbooks"
		s.upload(all, "owner", "file", "a.xlsx", original, "framework", star3).want(http.StatusNotFound)
		s.upload(all, "operator", "file", "a.xlsx", withMacros(t), "framework", star3).want(http.StatusUnprocessableEntity, "マクロ")
		at := s.upload(all, "operator", "file", "公式.xlsx", original, "framework", star3).to()
		s.get(at, "operator").want(http.StatusOK, "81項目のうち81項目の文", "この様式を使う", `value="○"`)
		s.get(here+"/packs/"+star3+"/official.xlsx", "member").want(http.StatusNotFound)
		if w := s.wording(); len(w) != 0 {
			t.Errorf("wording before it was kept: %d", len(w))
		}
		s.post(at+"/keep", "owner").want(http.StatusNotFound)
		s.post(at+"/keep", "operator").to()
		s.get(at, "operator").want(http.StatusOK, "使っています")
		w := s.wording()
		if want := "（架空の文）4-1-5-1 について、次のことを行っているかを見る。"; len(w) != 81 || w["4-1-5-1"] != want {
			t.Errorf("%d sentences, %q", len(w), w["4-1-5-1"])
		}
		s.say(company, star3, "member", p.Items[0].ID, assess.Met, "")
		s.say(company, star3, "member", p.Items[1].ID, assess.NotMetChoice, "これから")
		s.say(company, star3, "member", p.Items[2].ID, assess.Unknown, "")
		s.say(company, star3, "member", p.Items[3].ID, assess.Partly, "")
		s.get(here, "member").want(http.StatusOK, "公式の様式に回答を書き込んで")
		data := s.get(here+"/packs/"+star3+"/official.xlsx", "member").want(http.StatusOK).Body.Bytes()
		wantCells(t, data, map[string]string{"F6": "○", "F7": "×", "G7": "これから", "F8": "", "F9": "△", "F11": ""})
		untouched(t, original, data, "F6", "F7", "G7", "F9", "F10")
		text := s.get(here+"/packs/"+star3+"/answers.csv", "member").want(http.StatusOK).Body.String()
		if !strings.Contains(text, "公式の文") || !strings.Contains(text, w["4-1-5-1"]) {
			t.Error("the official wording is not beside ours")
		}
		s.post(at+"/remove", "operator").to()
		if w := s.wording(); len(w) != 0 {
			t.Errorf("%d sentences are left", len(w))
		}
		s.get(here+"/packs/"+star3+"/official.xlsx", "member").want(http.StatusNotFound)
	})
}

func (s *stage) wording() (all map[string]string) {
	s.t.Helper()
	all, err := s.Wording(s.t.Context(), star3)
	must(s.t, err)
	return all
}
