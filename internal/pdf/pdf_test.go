package pdf

import (
	"bytes"
	"context"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/problem"
)

var testSubstitutes = Substitutes{
	Title:   "この書類で表せない文字",
	Missing: "〓{n}：{codes}",
	Form:    "{char}：字形の指定（{codes}）は表せません",
}

func testOptions() Options {
	return Options{
		Title: "経営報告 𠮷野精機", Lang: "ja", Author: "𠮷野精機株式会社",
		Now:         time.Date(2026, 10, 14, 9, 12, 0, 0, time.UTC),
		Footer:      func(page int) string { return fmt.Sprintf("みずから確かめた結果です ・ %d", page) },
		Substitutes: testSubstitutes,
	}
}

func render(t testing.TB, d *Doc) []byte {
	t.Helper()
	data, err := d.Bytes(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// extract returns the text a reader program finds.
func extract(t *testing.T, data []byte) string {
	t.Helper()
	if _, err := exec.LookPath("pdftotext"); err != nil {
		t.Skip("pdftotext is not installed; the text of the file is not checked")
	}
	path := filepath.Join(t.TempDir(), "doc.pdf")
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	var complaints bytes.Buffer
	cmd := exec.Command("pdftotext", "-layout", "-enc", "UTF-8", path, "-")
	cmd.Stderr = &complaints
	out, err := cmd.Output()
	if err != nil || complaints.Len() > 0 {
		t.Fatalf("pdftotext: %v %s", err, &complaints)
	}
	return string(out)
}

func TestNamesAreFoundInTheFile(t *testing.T) {
	d := New(testOptions())
	d.Heading(1, "𠮷野精機株式会社")
	d.Text("髙﨑 一郎、𡈽屋 花子、葛󠄀城 太郎、神\uFA19 次郎")
	d.Text("か\u3099っこう　ハ\u309Aン")
	text := extract(t, render(t, d))
	for _, want := range []string{"𠮷野精機株式会社", "髙﨑", "𡈽屋", "葛󠄀城", "神\uFA19", "がっこう", "パン"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if strings.Contains(text, testSubstitutes.Title) {
		t.Errorf("nothing was missing, yet substitutes are explained:\n%s", text)
	}
}

func TestRuns(t *testing.T) {
	face, err := loadTypeface()
	if err != nil {
		t.Fatal(err)
	}
	set := newScript(&face.glyphs, Substitutes{}).set
	got := face.glyphs.runs(set("辺𠮷𡈽葛󠄀城𠮷"))
	want := []run{{"辺", ""}, {set("𠮷𡈽葛󠄀"), "𠮷𡈽葛󠄀"}, {"城", ""}, {set("𠮷"), "𠮷"}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(run{})); diff != "" {
		t.Error(diff)
	}
}

func TestMissingCharactersAreNamed(t *testing.T) {
	d := New(testOptions())
	d.Text("寿司🍣5貫、한국어、鐘\a、葛\U000E01EF、🍣また")
	d.Text("家族👨‍👩‍👧、外字\uE000、壊れ\xff、\u202E逆")
	text := extract(t, render(t, d))
	for _, want := range []string{
		"寿司〓1 5貫、〓2、鐘〓3、葛、〓1また", "家族〓4、外字〓5、壊れ〓6、逆",
		testSubstitutes.Title,
		"〓1：U+1F363", "〓2：U+D55C U+AD6D U+C5B4", "〓3：U+0007", "葛：字形の指定（U+E01EF）は表せません",
		"〓4：U+1F468 U+200D U+1F469 U+200D U+1F467", "〓5：U+E000", "〓6：U+FFFD",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if n := strings.Count(text, "U+1F363"); n != 1 {
		t.Errorf("🍣 is explained %d times, want once", n)
	}
}

func TestSubstitutesInTheFootAreNamed(t *testing.T) {
	o := testOptions()
	o.Footer = func(int) string { return "株式会社🍣" }
	d := New(o)
	d.Text("本文")
	if text := extract(t, render(t, d)); !strings.Contains(text, "〓1：U+1F363") {
		t.Errorf("the foot's substitute is not explained:\n%s", text)
	}
}

func TestRenderedLinesKeepTheRules(t *testing.T) {
	d := New(testOptions())
	for n := range 40 {
		d.Text(strings.Repeat("あ", n) + strings.Repeat("「はい」、ちょっと（見て）ください。データー", 8))
	}
	for line := range strings.Lines(extract(t, render(t, d))) {
		line = strings.TrimSpace(strings.Trim(line, "\f\n"))
		if line == "" {
			continue
		}
		rs := []rune(line)
		if in(noStart, rs[0]) || in(noEnd, rs[len(rs)-1]) {
			t.Errorf("line breaks a rule: %q", line)
		}
	}
}

func TestTableHeadIsRepeatedAndRowsStayWhole(t *testing.T) {
	d := New(testOptions())
	var rows [][]string
	for i := range 120 {
		rows = append(rows, []string{fmt.Sprintf("番号%03d", i), strings.Repeat("確かめたこと。", 9), fmt.Sprintf("末尾%03d", i)})
	}
	d.Table([]Column{{Title: "見出しA", Width: 25}, {Title: "内容"}, {Title: "見出しC", Width: 25, AlignRight: true}}, rows)
	pages := strings.Split(strings.TrimRight(extract(t, render(t, d)), "\f"), "\f")
	if len(pages) < 3 {
		t.Fatalf("%d pages, want several", len(pages))
	}
	found := 0
	for i, page := range pages {
		if n := strings.Count(page, "見出しA"); n != 1 {
			t.Errorf("page %d has %d heads", i+1, n)
		}
		for r := range rows {
			a := strings.Contains(page, rows[r][0])
			if a != strings.Contains(page, rows[r][2]) {
				t.Errorf("row %d is split on page %d", r, i+1)
			}
			if a {
				found++
			}
		}
	}
	if found != len(rows) {
		t.Errorf("%d rows found, want %d", found, len(rows))
	}
}

func TestRowTallerThanAPageLosesNothing(t *testing.T) {
	d := New(testOptions())
	d.Table([]Column{{Title: "長い欄", Width: 12}, {}}, [][]string{{strings.Repeat("一二三四", 200) + "終", "短い"}})
	text := strings.Join(strings.Fields(extract(t, render(t, d))), "")
	if n := strings.Count(text, "四"); n != 200 || !strings.Contains(text, "終") {
		t.Errorf("%d of 200 found", n)
	}
}

func TestTableRefusesSurplusCells(t *testing.T) {
	d := New(testOptions())
	d.Table([]Column{{Title: "一"}}, [][]string{{"a", "b"}})
	if _, err := d.Bytes(context.Background()); err == nil {
		t.Error("a cell without a column was accepted")
	}
}

func TestSameInputSameBytes(t *testing.T) {
	if a, b := render(t, sample()), render(t, sample()); !bytes.Equal(a, b) {
		t.Error("two runs differ")
	}
	d := sample()
	if a, b := render(t, d), render(t, d); !bytes.Equal(a, b) {
		t.Error("writing one document twice differs")
	}
}

func TestMetadata(t *testing.T) {
	if _, err := exec.LookPath("pdfinfo"); err != nil {
		t.Skip("pdfinfo is not installed; the metadata is not checked")
	}
	o := testOptions()
	o.Lang = "ja) /Evil (x"
	d := New(o)
	d.Text("本文")
	data := render(t, d)
	cmd := exec.Command("pdfinfo", "-isodates", "-enc", "UTF-8", "-")
	cmd.Stdin = bytes.NewReader(data)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v %s", err, out)
	}
	for _, want := range []string{"経営報告 𠮷野精機", "𠮷野精機株式会社", "595.28 x 841.89 pts (A4)"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in\n%s", want, out)
		}
	}
	if n := strings.Count(string(out), "2026-10-14T09:12:00"); n != 2 {
		t.Errorf("the caller's time is used %d times, want for creation and change:\n%s", n, out)
	}
	if !bytes.Contains(data, []byte("/Lang (jaEvilx)")) {
		t.Error("the language was not cleaned")
	}
}

func TestLimits(t *testing.T) {
	long := New(testOptions())
	long.Text(strings.Repeat("あ", 400_000))
	long.Text("もう少し")
	pages := New(testOptions())
	pages.Text(strings.Repeat("\n", 12_000))
	within := New(testOptions())
	within.Text(strings.Repeat("\n", 40*maxPages))
	for name, d := range map[string]*Doc{"text": long, "pages": pages} {
		var w bytes.Buffer
		err := d.WriteTo(context.Background(), &w)
		if !problem.Is(err, "pdf-too-large") || problem.As(err).Status != 413 || w.Len() > 0 {
			t.Errorf("%s: got %v and %d bytes", name, err, w.Len())
		}
	}
	render(t, within)
}

func TestGivesUpWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := sample().Bytes(ctx); err != context.Canceled {
		t.Errorf("got %v", err)
	}
	press <- struct{}{}
	defer func() { <-press }()
	ctx, cancel = context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := sample().Bytes(ctx); err != context.DeadlineExceeded {
		t.Errorf("waiting for its turn: got %v", err)
	}
}

func TestColumnsFillThePage(t *testing.T) {
	for name, cols := range map[string][]Column{
		"shared":   {{Width: 30}, {}, {}},
		"given":    {{Width: 90}, {Width: 90}},
		"too wide": {{Width: 300}, {}, {Width: 300}},
		"no sense": {{Width: math.NaN()}, {Width: -3}},
	} {
		total := 0.0
		for _, c := range tabulate(cols) {
			if !(c.Width > 0) {
				t.Errorf("%s: a column of %v", name, c.Width)
			}
			total += c.Width
		}
		if math.Abs(total-textWidth) > 0.01 {
			t.Errorf("%s: total %v", name, total)
		}
	}
}

func TestFontHasTheLettersOfOurTexts(t *testing.T) {
	face, err := loadTypeface()
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range "◎○△×？－●▼★〓①②③｡｢ｱ々〆ヶ髙﨑德濵邊邉齋齊𠮷𡈽𠮟𩸽㈱№℡≒∥€" {
		if _, ok := face.glyphs.code(r); !ok {
			t.Errorf("%c is missing", r)
		}
	}
}

func TestHeadingStaysWithItsTable(t *testing.T) {
	for n := range 30 {
		d := New(testOptions())
		d.Text(strings.Repeat("行\n", 20+n))
		d.Heading(2, "見出し二")
		d.Heading(3, "見出し三")
		d.Table([]Column{{Title: "欄"}}, [][]string{{"最初の行"}})
		for i, page := range strings.Split(extract(t, render(t, d)), "\f") {
			if strings.Contains(page, "見出し二") != strings.Contains(page, "最初の行") {
				t.Errorf("after %d lines, page %d parts the heading from its table", 20+n, i+1)
			}
		}
	}
}

func TestArtefact(t *testing.T) {
	dir := os.Getenv("MINAMORI_TEST_PDF_DIR")
	if dir == "" {
		t.Skip("MINAMORI_TEST_PDF_DIR is not set; no sample is kept to look at")
	}
	if err := os.WriteFile(filepath.Join(dir, "sample.pdf"), render(t, sample()), 0o600); err != nil {
		t.Fatal(err)
	}
}

func FuzzDocument(f *testing.F) {
	f.Add("𠮷野🍣葛\U000E01EF\x00\u202E", "「」。、", 12.5)
	f.Add("\xff\xfe\r\n\t", strings.Repeat("あ", 300), -1.0)
	f.Fuzz(func(t *testing.T, a, b string, w float64) {
		d := New(Options{Title: a, Lang: b, Author: b, Footer: func(int) string { return a }, Substitutes: Substitutes{Missing: a, Form: b}})
		d.Heading(len(a)%5, a)
		d.Text(b)
		d.Table([]Column{{Title: a, Width: w}, {Title: b, AlignRight: true}}, [][]string{{a, b}, {b}, nil})
		d.Numbered([]Step{{Title: a, Why: b, Steps: []string{b, a}, Meta: a}})
		d.Box(KeyFigure{a, b, a, b}, KeyFigure{Value: a})
		d.Stamp(a, b)
		d.List([]string{a, b})
		d.Space(w)
		d.Figure(w, w, func(c Canvas) {
			c.TextAt(w, w, a, Lettering{Size: w, Align: End})
			c.Polygon([]Point{{w, 0}, {0, w}, {w, w}}, Pen{Width: w, Dash: Dotted})
			c.Dot(w, w, w, Pen{Fill: true})
		})
		data, err := d.Bytes(context.Background())
		if err != nil && !problem.Is(err, "pdf-too-large") {
			t.Fatal(err)
		}
		if err == nil && (bytes.Contains(data, []byte("NaN")) || !bytes.HasSuffix(bytes.TrimSpace(data), []byte("%%EOF"))) {
			t.Fatal("the file is broken")
		}
	})
}

func BenchmarkOnePage(b *testing.B) {
	var size int
	for b.Loop() {
		size = len(render(b, sample()))
	}
	b.ReportMetric(float64(size)/1000, "KB/doc")
	b.ReportAllocs()
}
