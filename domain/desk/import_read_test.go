package desk

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/problem"
)

// messyList is a list of members as chambers keep them: a merged title above, an
// empty row, headings of two lines in full width, numbers kept as numbers and as
// text, blank rows, and totals below. Companies and numbers are fictional.
func messyList(t testing.TB, members int) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	const sheet = "会員名簿"
	try := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	set := func(cell string, v any) { t.Helper(); try(f.SetCellValue(sheet, cell, v)) }
	try(f.SetSheetName("Sheet1", sheet))
	set("A1", "令和８年度　みほん商工会議所　会員名簿（社外秘）")
	try(f.MergeCell(sheet, "A1", "J1"))
	set("I2", "2026/10/1 現在")
	for i, h := range []string{"No", "会員\n番号", "事業所名（商号）", "フリガナ", "法人番号\r\n(13桁)", "代表者　氏名", "ＴＥＬ", "Ｅメール", "所在地", "入会日"} {
		set(string(rune('A'+i))+"4", h)
	}
	zeros := "00000"
	style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &zeros})
	try(err)
	day, err := f.NewStyle(&excelize.Style{NumFmt: 14})
	try(err)
	row := 5
	for i := 1; i <= members; i++ {
		at := func(col string) string { return col + fmt.Sprint(row) }
		set(at("A"), i)
		if i%2 == 0 {
			set(at("B"), fmt.Sprintf("　%05d", i)) // text with a wide space
		} else {
			set(at("B"), i) // a number that the style shows as 00001
			try(f.SetCellStyle(sheet, at("B"), at("B"), style))
		}
		set(at("C"), []string{"㈱みほん%d製作所", "見本%d商事（株）", "ミホン　%d　工業", "有限会社架空%d"}[i%4])
		v, _ := f.GetCellValue(sheet, at("C"))
		set(at("C"), fmt.Sprintf(v, i))
		set(at("D"), "ミホン")
		number := org.Fictional(i)
		if i%3 == 0 {
			n := 0
			_, _ = fmt.Sscan(string(number), &n)
			set(at("E"), n) // shown as 5E+12
		} else {
			set(at("E"), string(number))
		}
		set(at("F"), "見本　太郎")
		set(at("G"), "０６－１２３４－５６７８")
		set(at("H"), fmt.Sprintf("info%d@example.jp", i))
		set(at("I"), "大阪府みほん市１－２－３")
		set(at("J"), time.Date(2020, 4, 1, 0, 0, 0, 0, time.UTC))
		try(f.SetCellStyle(sheet, at("J"), at("J"), day))
		if row++; i%50 == 0 {
			row++ // a blank row between the pages
		}
	}
	set("A"+fmt.Sprint(row+1), "合計")
	set("C"+fmt.Sprint(row+1), "合　計")
	try(f.SetCellFormula(sheet, "B"+fmt.Sprint(row+1), "COUNTA(C5:C400)"))
	var b bytes.Buffer
	try(f.Write(&b))
	return b.Bytes()
}

func readOne(t testing.TB, data []byte) (memberList, listGuess) {
	t.Helper()
	sheets, err := readList(context.Background(), data)
	if err != nil {
		t.Fatal(err)
	}
	g, ok := guessColumns(sheets)
	if !ok {
		t.Fatal("the columns were not found")
	}
	return sheets[g.Sheet], g
}

func TestAMessyListIsUnderstood(t *testing.T) {
	l, g := readOne(t, messyList(t, 320))
	want := listColumns{fieldKey: 1, fieldName: 2, fieldKana: 3, fieldNumber: 4, fieldPerson: 5, fieldPhone: 6, fieldEmail: 7, fieldPlace: 8}
	if d := cmp.Diff(want, g.Cols); d != "" || g.Header != 3 {
		t.Fatalf("headings in row %d: %s", g.Header+1, d)
	}
	j := judge(l, g, knownCases(nil))
	if n := j.count(RowNew); n != 320 || len(j.rows) != 321 {
		for _, r := range j.rows {
			if r.State != RowNew {
				t.Logf("%+v", r)
			}
		}
		t.Fatalf("%d new of %d rows", n, len(j.rows))
	}
	first := j.rows[0].data
	if d := cmp.Diff(CaseData{
		MemberNumber: "00001", Kind: org.KindCompany, Name: "見本1商事株式会社", Kana: "ミホン", CorporateNumber: org.Fictional(1), Person: "見本 太郎",
		Address: "大阪府みほん市１－２－３", Phone: "06-1234-5678", Email: "info1@example.jp",
	}, first); d != "" {
		t.Error(d)
	}
	third := j.rows[2].data
	if third.MemberNumber != "00003" || third.CorporateNumber != org.Fictional(3) {
		t.Errorf("a number kept as a number: %+v", third)
	}
	if last := j.rows[320]; last.State != RowRefused || last.Why != "total" {
		t.Errorf("totals: %+v", last)
	}
	// What was read once is the same the second time.
	var cases []Case
	for i, r := range j.rows[:320] {
		cases = append(cases, Case{ID: fmt.Sprint(i), CaseData: r.data})
	}
	cases = append(cases, Case{ID: "gone", CaseData: CaseData{MemberNumber: "09999", Name: "架空商店"}})
	again := judge(l, g, knownCases(cases))
	if n := again.count(RowSame); n != 320 || len(again.missing) != 1 || again.missing[0].ID != "gone" {
		t.Errorf("%d the same, missing %v", n, again.missing)
	}
}

func TestTextsInEveryEncoding(t *testing.T) {
	text := "会員番号,会社名,電話\r\nA-1,㈱髙﨑みほん,0312345678\r\nA－２,\"架空,商店\",\r\n"
	sjis, err := japanese.ShiftJIS.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	wide, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String(strings.ReplaceAll(text, ",", "\t"))
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string]string{"UTF-8": text, "with a mark": "\ufeff" + text, "Shift_JIS": sjis, "UTF-16": strings.ReplaceAll(wide, "", "")} {
		l, g := readOne(t, []byte(data))
		j := judge(l, g, knownCases(nil))
		if len(j.rows) != 2 || j.rows[0].Name != "株式会社髙﨑みほん" || j.rows[1].Number != "A-2" {
			t.Errorf("%s: %+v", name, j.rows)
		}
	}
}

func TestWhatARowIs(t *testing.T) {
	long := "x"
	for range 45 {
		long += "1"
	}
	have := knownCases([]Case{
		{ID: "a", CaseData: CaseData{MemberNumber: "100", Name: "見本商事株式会社", Phone: "06-1"}},
		{ID: "b", CaseData: CaseData{MemberNumber: "200", Name: "架空工業"}},
	})
	head := []string{"会員番号", "会社名", "電話番号", "法人番号", "メール"}
	for _, c := range []struct {
		why   string
		cells []string
		state RowState
		code  string
	}{
		{"new", []string{"300", "みほん食品"}, RowNew, ""},
		{"the same", []string{"１００", "見本商事㈱"}, RowSame, ""},
		{"changed", []string{"100", "見本商事㈱", "06-2"}, RowChanged, ""},
		{"empty cells change nothing", []string{"100", "見本商事㈱", ""}, RowSame, ""},
		{"no number", []string{"", "みほん食品"}, RowRefused, "no-key"},
		{"no name", []string{"300", ""}, RowRefused, "no-name"},
		{"a total", []string{"", "合　計"}, RowRefused, "total"},
		{"hidden signs", []string{"300", "みほん\u202e食品"}, RowRefused, "name"},
		{"long number", []string{long, "みほん食品"}, RowRefused, "long"},
		{"another company's number", []string{"200", "みほん食品"}, RowDoubtful, "other-name"},
		{"a known name", []string{"300", "架空　工業"}, RowDoubtful, "same-name"},
		{"a formula as a name", []string{"300", "=HYPERLINK(\"http://x\")"}, RowDoubtful, "sign"},
		{"a wide sign", []string{"300", "＠みほん"}, RowDoubtful, "sign"},
		{"a date as a number", []string{"2026/1/2", "みほん食品"}, RowDoubtful, "date"},
		{"wrong check digit", []string{"300", "みほん食品", "", "1234567890123"}, RowDoubtful, "number"},
		{"no address of mail", []string{"300", "みほん食品", "", "", "info＠"}, RowDoubtful, "email"},
	} {
		l := memberList{head, c.cells}
		g, ok := guessColumns([]memberList{l})
		if !ok {
			t.Fatal("headings")
		}
		j := judge(l, g, have)
		if len(j.rows) != 1 || j.rows[0].State != c.state || j.rows[0].Why != c.code {
			t.Errorf("%s: %+v", c.why, j.rows)
		}
	}
}

func TestHeadingsPeopleWrite(t *testing.T) {
	for heading, want := range map[string]listField{
		"会員番号": fieldKey, "会員ＮＯ．": fieldKey, "会員\nNo.": fieldKey, "取引先ｺｰﾄﾞ": fieldKey, "仕入先コード（必須）": fieldKey, "ｺｰﾄﾞ": fieldKey,
		"会 社 名": fieldName, "事業所名称": fieldName, "商号又は名称": fieldName, "【会社名】": fieldName, "会社名(正式)": fieldName,
		"会社名フリガナ": fieldKana, "ﾌﾘｶﾞﾅ": fieldKana, "法人番号（１３桁）": fieldNumber, "代表者名": fieldPerson, "代表者フリガナ": "", "担当者　氏名": fieldPerson,
		"電話": fieldPhone, "TEL": fieldPhone, "ＦＡＸ": "", "FAX番号": "", "E-mail": fieldEmail, "メールアドレス": fieldEmail, "郵便番号": "", "住所１": fieldPlace,
		"所在地": fieldPlace, "備考": "", "入会年月日": "", "": "", "平成のころからの長い題名がここにあってもそれは見出しではない": "",
	} {
		if got, _ := guessField(heading); got != want {
			t.Errorf("%q: %q, want %q", heading, got, want)
		}
	}
}

func listCode(err error) string {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return fmt.Sprint(err)
}

// archive builds a spreadsheet around the XML of one sheet.
func archive(t testing.TB, sheet func(io.Writer), more map[string]string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, text := range map[string]string{
		"[Content_Types].xml":        `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>`,
		"_rels/.rels":                `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/_rels/workbook.xml.rels": `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
		"xl/workbook.xml":            `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets><sheet name="a" sheetId="1" r:id="r1"/></sheets></workbook>`,
	} {
		w, _ := z.Create(name)
		_, _ = io.WriteString(w, text)
	}
	for name, text := range more {
		w, _ := z.Create(name)
		_, _ = io.WriteString(w, text)
	}
	if sheet != nil {
		w, _ := z.Create("xl/worksheets/sheet1.xml")
		_, _ = io.WriteString(w, `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`)
		sheet(w)
		_, _ = io.WriteString(w, `</sheetData></worksheet>`)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestBombsStaySmall holds the reader to 96 MB whatever an archive unpacks to.
func TestBombsStaySmall(t *testing.T) {
	repeat := func(s string, n int) func(io.Writer) {
		return func(w io.Writer) {
			for range n {
				_, _ = io.WriteString(w, s)
			}
		}
	}
	huge := repeat(strings.Repeat(" ", 1<<20), 150)
	var zeros bytes.Buffer
	huge(&zeros)
	bombs := map[string][]byte{
		"150 MB of spaces":    archive(t, huge, nil),
		"a million rows":      archive(t, repeat(`<row><c t="inlineStr"><is><t>a</t></is></c></row>`, 1_000_000), nil),
		"deep XML":            archive(t, repeat("<a>", 400_000), nil),
		"shared strings":      archive(t, repeat(`<row/>`, 1), map[string]string{"xl/sharedStrings.xml": "<sst>" + strings.Repeat("<si/>", 3_000_000) + "</sst>"}),
		"entities":            archive(t, nil, map[string]string{"xl/worksheets/sheet1.xml": `<!DOCTYPE a [<!ENTITY b "` + strings.Repeat("x", 1000) + `">]><worksheet/>`}),
		"a far row":           archive(t, repeat(`<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>`, 1), nil),
		"a far column":        archive(t, repeat(`<row r="1"><c r="XFD1"><v>1</v></c></row>`, 4000), nil),
		"a picture of 150 MB": archive(t, nil, map[string]string{"xl/media/image1.png": zeros.String()}),
		"ten thousand files": archive(t, nil, func() map[string]string {
			all := map[string]string{}
			for i := range 10_000 {
				all[fmt.Sprintf("xl/x%d.xml", i)] = "<a/>"
			}
			return all
		}()),
		"text of one cell":  []byte("会員番号,会社名\n1,\"" + strings.Repeat("x", 3<<20)),
		"text of many rows": []byte("会員番号,会社名\n" + strings.Repeat("1,a\n", 600_000)),
	}
	zeros = bytes.Buffer{}
	for name, data := range bombs {
		t.Run(name, func(t *testing.T) {
			runtime.GC()
			stop, peak := make(chan struct{}), make(chan uint64)
			var before runtime.MemStats
			runtime.ReadMemStats(&before)
			go func() {
				var most uint64
				for {
					select {
					case <-stop:
						peak <- most
						return
					case <-time.After(5 * time.Millisecond):
						var m runtime.MemStats
						runtime.ReadMemStats(&m)
						most = max(most, m.HeapAlloc)
					}
				}
			}()
			began := time.Now()
			sheets, err := readList(context.Background(), data)
			took := time.Since(began)
			close(stop)
			most := <-peak
			if err == nil {
				rows := 0
				for _, l := range sheets {
					rows += len(l)
				}
				t.Logf("read as %d rows", rows)
			}
			grown := max(int64(most)-int64(before.HeapAlloc), 0) >> 20
			if grown > 96 || took > readingTakes {
				t.Errorf("%d MB more, %s, %s", grown, took, listCode(err))
			}
			t.Logf("%d kB: %d MB more, %s, %s", len(data)>>10, grown, took.Round(time.Millisecond), listCode(err))
		})
	}
}

func TestFilesThatAreNoLists(t *testing.T) {
	for name, c := range map[string]struct {
		data string
		code string
	}{
		"old Excel":      {"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "desk-list-old"},
		"PDF":            {"%PDF-1.7", "desk-list-kind"},
		"nothing":        {" \n", "desk-list-kind"},
		"broken archive": {"PK\x03\x04 nothing", "desk-list-broken"},
		"no text":        {"\x81\x00\xff\xfe\x00", "desk-list-encoding"},
		"too large":      {strings.Repeat("a", maxListFile+1), "desk-list-large"},
	} {
		if _, err := readList(context.Background(), []byte(c.data)); listCode(err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := readList(ctx, []byte("会員番号,会社名\n1,a")); listCode(err) != "desk-list-slow" {
		t.Errorf("after the time: %v", err)
	}
}

func TestAFormulaIsNeverWorkedOut(t *testing.T) {
	l, g := readOne(t, archive(t, func(w io.Writer) {
		_, _ = io.WriteString(w, `<row r="1"><c r="A1" t="inlineStr"><is><t>会員番号</t></is></c><c r="B1" t="inlineStr"><is><t>会社名</t></is></c></row>`+
			`<row r="2"><c r="A2"><f>1+1</f><v>7</v></c><c r="B2" t="str"><f>WEBSERVICE("http://127.0.0.1/")</f><v>架空商店</v></c></row>`+
			`<row r="3"><c r="A3"><f>1+1</f></c><c r="B3" t="inlineStr"><is><t>見本商店</t></is></c></row>`)
	}, nil))
	j := judge(l, g, knownCases(nil))
	if len(j.rows) != 2 || j.rows[0].Number != "7" || j.rows[0].Name != "架空商店" || j.rows[1].Why != "no-key" {
		t.Errorf("%+v", j.rows)
	}
}

// Whatever a list holds, every row of it is accounted for, and a second import of
// what was taken changes nothing.
func TestEveryRowIsAccountedFor(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(all ...string) string { return all[r.IntN(len(all))] }
	for range 300 {
		l := memberList{{pick("会員番号", "コード", "No"), pick("会社名", "商号", "名称"), "電話", "法人番号", "メール"}}
		full := 0
		for range r.IntN(40) {
			row := []string{
				tidyCell(pick("", "1", "０２", "A-1", "a－１", "12.0", "合計", "2026/1/2", fmt.Sprint(r.IntN(30)), "=1+1", strings.Repeat("9", 50))),
				tidyCell(pick("", "㈱みほん", "みほん株式会社", "架空 商店", "-商店", "小計", "\u202eabc", fmt.Sprint("会社", r.IntN(30)))),
				tidyCell(pick("", "312345678", "０３", "なし")), tidyCell(pick("", string(org.Fictional(r.IntN(9))), "123")), tidyCell(pick("", "a@example.jp", "a@")),
			}
			if strings.Join(row, "") != "" {
				full++
			}
			l = append(l, row)
		}
		g, ok := guessColumns([]memberList{l})
		if !ok {
			t.Fatal("headings")
		}
		j := judge(l, g, knownCases(nil))
		sum, keys := 0, map[string]bool{}
		for _, s := range RowStates() {
			sum += j.count(s)
		}
		var cases []Case
		for i, row := range j.rows {
			if row.State != RowNew {
				continue
			}
			d := row.data
			if keys[row.Number] || d.check() != nil {
				t.Fatalf("%+v would not be kept", row)
			}
			keys[row.Number] = true
			cases = append(cases, Case{ID: fmt.Sprint(i), CaseData: d})
		}
		if sum != full || len(j.rows) != full {
			t.Fatalf("%d rows, %d judged, %d in a state", full, len(j.rows), sum)
		}
		for _, row := range judge(l, g, knownCases(cases)).rows {
			if keys[row.Number] && row.State != RowSame && row.State != RowRefused && row.State != RowDoubtful {
				t.Fatalf("a second time: %+v", row)
			}
		}
	}
}

func FuzzReadList(f *testing.F) {
	f.Add(messyList(f, 3))
	f.Add([]byte("会員番号,会社名\n1,㈱みほん\n"))
	f.Add([]byte("\xff\xfea\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		sheets, err := readList(context.Background(), data)
		if err != nil {
			if !strings.HasPrefix(listCode(err), "desk-list-") {
				t.Fatal(err)
			}
			return
		}
		g, ok := guessColumns(sheets)
		if !ok {
			return
		}
		for _, r := range judge(sheets[g.Sheet], g, knownCases(nil)).rows {
			if r.State == RowNew {
				if d := r.data; d.check() != nil {
					t.Fatalf("%+v", r)
				}
			}
		}
	})
}
