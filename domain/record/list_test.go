package record_test

import (
	"archive/zip"
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
)

// spreadsheet makes a file; a cell that begins with "F:" holds a formula.
func spreadsheet(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	for y, row := range rows {
		for x, v := range row {
			at, _ := excelize.CoordinatesToCellName(x+1, y+1)
			var err error
			if s, ok := v.(string); ok && strings.HasPrefix(s, "F:") {
				err = f.SetCellFormula("Sheet1", at, s[2:])
			} else {
				err = f.SetCellValue("Sheet1", at, v)
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

var headings = []any{"名前・管理番号", "種類", "メーカー・機種", "OSと版", "台数", "使う人"}

func (s *stage) seen(page string) string {
	s.t.Helper()
	_, rest, ok := strings.Cut(page, `name="seen" value="`)
	if !ok {
		s.t.Fatal("the page has nothing to confirm")
	}
	v, _, _ := strings.Cut(rest, `"`)
	return v
}

func TestListIsPreviewedAndTakenIn(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		ledger := "/orgs/" + id + "/records/ledgers/devices"
		file := spreadsheet(t, []any{"みほん精機の機器"}, headings,
			[]any{"事務所PC", "パソコン", "みほん M-1", "Windows 11", 3, "山田 太郎"},
			[]any{"倉庫PC", "ぱそ", "みほん M-2", "Windows 11", "たくさん", ""},
			[]any{"F:1+1", "server", "F:CONCATENATE(\"x\")", "Linux", 1, ""},
			[]any{"=cmd|' /C calc'!A0", "サーバー", "みほん S-1", "Linux", 1, ""})
		at := s.upload(ledger+"/lists", "甲-member", "台帳.xlsx", file).next()
		page := s.get(at, "甲-member").want(200, "2行増え、0行が変わります", "台帳.xlsx", "読めない行が2行", "選べる中から選んでください。", "数字で書いてください。").Body.String()
		s.get(ledger, "甲-member").want(200, "まだ何も書いていません")
		s.get(at, "甲-viewer").want(403)
		s.post(at+"/apply", "甲-viewer", "seen", s.seen(page)).want(403)
		s.post(at+"/apply", "甲-member", "seen", "else").want(409, "見ている間に")
		s.post(at+"/apply", "甲-member", "seen", s.seen(page)).want(303)
		s.get(ledger, "甲-member").want(200, "2行あります", "事務所PC", "=cmd|")
		s.get(at, "甲-member").want(404)

		// What was handed over comes back edited.
		out := s.get(ledger+"/table.xlsx", "甲-viewer").want(200).Body.Bytes()
		f, err := excelize.OpenReader(bytes.NewReader(out))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		name := f.GetSheetName(0)
		if formula, _ := f.GetCellFormula(name, "A3"); formula != "" {
			t.Errorf("a cell became the formula %s", formula)
		}
		if err := f.SetCellStr(name, "H2", "鈴木 花子"); err != nil {
			t.Fatal(err)
		}
		if err := f.RemoveRow(name, 3); err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow(name, "A3", &[]any{"新しいPC", "パソコン", "みほん M-3", "Windows 11", "", "1"}); err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := f.Write(&b); err != nil {
			t.Fatal(err)
		}
		at = s.upload(ledger+"/lists", "甲-member", "直した.xlsx", b.Bytes()).next()
		page = s.get(at, "甲-member").want(200, "1行増え、1行が変わります", "表にない1行を台帳から消す", "使う人").Body.String()
		s.post(at+"/apply", "甲-member", "seen", s.seen(page), "missing", "yes").want(303)
		s.get(ledger, "甲-member").want(200, "2行あります", "新しいPC").wantNot("=cmd|")

		// CSV: what Excel in Japan writes, and our own.
		csv := s.get(ledger+"/table.csv", "甲-viewer").want(200).Body.Bytes()
		at = s.upload(ledger+"/lists", "甲-member", "同じ.csv", csv).next()
		s.get(at, "甲-member").want(200, "変わるところはありません")
		s.post(at+"/drop", "甲-member").want(303)
		s.get(at, "甲-member").want(404)
		s.sound()
	})
}

// bomb is a spreadsheet that unpacks to far more than may be read.
func bomb(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(w, "<x>")
		blank := bytes.Repeat([]byte(" "), 1<<20)
		for range 40 {
			_, _ = w.Write(blank)
		}
		fmt.Fprint(w, "</x>")
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBadListsChangeNothing(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		ledger := "/orgs/" + id + "/records/ledgers/devices"
		s.post(ledger+"/rows", "甲-member", device("事務所のPC")...).want(303)
		whole := spreadsheet(t, headings, []any{"PC", "パソコン", "x", "x", 1})
		for _, x := range []struct {
			name string
			data []byte
			says string
		}{
			{"bomb.xlsx", bomb(t), "大きすぎます"},
			{"half.xlsx", whole[:len(whole)/2], "壊れている"},
			{"empty.csv", []byte(" \n"), "表が見つかりません"},
			{"paper.pdf", []byte("%PDF-1.4"), "表が見つかりません"},
			{"old.xls", []byte{0xD0, 0xCF, 0x11, 0xE0, 0xA1}, "古いExcel"},
			{"other.csv", []byte("a,b\n1,2\n"), "見出しが見つかりません"},
			{"odd.csv", []byte{0x81, 0xff, 0x00, 0x41}, "文字を読み取れません"},
			{"many.csv", []byte("名前・管理番号,種類,メーカー・機種,OSと版,台数\n" + strings.Repeat("PC,pc,x,x,1\n", 5001)), "多すぎます"},
		} {
			s.upload(ledger+"/lists", "甲-member", x.name, x.data).want(422, x.says)
		}
		s.post(ledger+"/lists", "甲-member").want(422, "ファイルを選んで")
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM record_list"); n != "0" {
			t.Errorf("%s lists are kept", n)
		}
		s.get(ledger, "甲-viewer").want(200, "1行あります")
	})
}

func TestListIsThatOfItsCompany(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, other := s.company("甲", 7), s.company("乙", 8)
		ledger := "/orgs/" + id + "/records/ledgers/devices"
		at := s.upload(ledger+"/lists", "甲-member", "a.xlsx", spreadsheet(t, headings, []any{"PC", "パソコン", "x", "x", 1})).next()
		seen := s.seen(s.get(at, "甲-member").want(200).Body.String())
		theirs := strings.Replace(at, id, other, 1)
		s.get(theirs, "乙-owner").want(404)
		s.post(theirs+"/apply", "乙-owner", "seen", seen).want(404)
		s.post(theirs+"/drop", "乙-owner").want(404)
		s.get(at, "乙-owner").want(404)
		s.get(ledger+"/table.xlsx", "乙-owner").want(404)
		s.upload(ledger+"/lists", "甲-viewer", "a.xlsx", nil).want(403)
		// A list whose rows name rows of another company makes rows of its own.
		s.post(at+"/apply", "甲-member", "seen", seen).want(303)
		out := s.get(ledger+"/table.xlsx", "甲-member").Body.Bytes()
		at = s.upload("/orgs/"+other+"/records/ledgers/devices/lists", "乙-owner", "b.xlsx", out).next()
		page := s.get(at, "乙-owner").want(200, "1行増え").Body.String()
		s.post(at+"/apply", "乙-owner", "seen", s.seen(page)).want(303)
		if n := s.value("SELECT CAST(COUNT(DISTINCT org_id) AS TEXT) FROM record_row"); n != "2" {
			t.Errorf("rows of %s companies", n)
		}
	})
}
