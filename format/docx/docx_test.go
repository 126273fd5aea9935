package docx_test

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/format/docx"
)

func sample() *docx.Doc {
	d := docx.New(docx.Properties{Title: "方針 <1> & 2", Creator: "株式会社みほん", Created: time.Date(2026, 11, 24, 9, 0, 0, 123, time.UTC), Footer: "第1版"})
	d.Title("情報セキュリティ基本方針")
	d.Heading(1, "1 <基本> & 考え方")
	d.Paragraph("𠮷野家の﨑さん\nは\x00\x1b次の行です。")
	d.Numbered([]string{"いち", "に"})
	d.Heading(9, "深い見出し")
	d.Numbered([]string{"また、いち"})
	d.Right("2026年11月24日")
	return d
}

func write(t *testing.T, d *docx.Doc) []byte {
	t.Helper()
	var b bytes.Buffer
	n, err := d.WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatal(n, err)
	}
	return b.Bytes()
}

func unzip(t *testing.T, b []byte) map[string]string {
	t.Helper()
	z, err := zip.NewReader(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	if z.File[0].Name != "[Content_Types].xml" {
		t.Errorf("the zip begins with %s", z.File[0].Name)
	}
	parts := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		parts[f.Name] = string(text)
	}
	return parts
}

func TestEveryPartIsWellFormedAndNamed(t *testing.T) {
	parts := unzip(t, write(t, sample()))
	for name, text := range parts {
		dec := xml.NewDecoder(strings.NewReader(text))
		for {
			_, err := dec.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
				break
			}
		}
		named := strings.Contains(parts["[Content_Types].xml"], `PartName="/`+name+`"`)
		if plain := name == "[Content_Types].xml" || strings.HasSuffix(name, ".rels"); named == plain {
			t.Errorf("%s: its type is named: %v", name, named)
		}
	}
	for _, rels := range []struct{ file, folder string }{{"_rels/.rels", ""}, {"word/_rels/document.xml.rels", "word/"}} {
		var r struct {
			Relationship []struct {
				ID     string `xml:"Id,attr"`
				Target string `xml:",attr"`
			}
		}
		if err := xml.Unmarshal([]byte(parts[rels.file]), &r); err != nil {
			t.Fatal(err)
		}
		for _, x := range r.Relationship {
			if parts[rels.folder+x.Target] == "" {
				t.Errorf("%s leads to %s, which is missing", rels.file, x.Target)
			}
		}
	}
}

func TestHoldsWhatWasWritten(t *testing.T) {
	parts := unzip(t, write(t, sample()))
	var doc struct {
		Text []string `xml:"body>p>r>t"`
	}
	if err := xml.Unmarshal([]byte(parts["word/document.xml"]), &doc); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(doc.Text, "|")
	if want := "情報セキュリティ基本方針|1 <基本> & 考え方|𠮷野家の﨑さん|は次の行です。|いち|に|深い見出し|また、いち|2026年11月24日"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	var core struct {
		Title   string `xml:"title"`
		Creator string `xml:"creator"`
		Created string `xml:"created"`
	}
	if err := xml.Unmarshal([]byte(parts["docProps/core.xml"]), &core); err != nil {
		t.Fatal(err)
	}
	if core.Title != "方針 <1> & 2" || core.Creator != "株式会社みほん" || core.Created != "2026-11-24T09:00:00Z" {
		t.Errorf("%+v", core)
	}
	for _, font := range []string{`w:eastAsia="游明朝"`, `w:eastAsia="游ゴシック"`} {
		if !strings.Contains(parts["word/styles.xml"], font) {
			t.Errorf("no %s", font)
		}
	}
	if n := strings.Count(parts["word/numbering.xml"], "<w:num "); n != 2 {
		t.Errorf("%d lists", n)
	}
}

func TestSameInputSameBytes(t *testing.T) {
	if !bytes.Equal(write(t, sample()), write(t, sample())) {
		t.Error("two runs differ")
	}
}

// TestLeavesASample writes the sample where a person can open it.
func TestLeavesASample(t *testing.T) {
	path := os.Getenv("MINAMORI_DOCX_SAMPLE")
	if path == "" {
		t.Skip("MINAMORI_DOCX_SAMPLE names no file")
	}
	if err := os.WriteFile(path, write(t, sample()), 0o600); err != nil {
		t.Fatal(err)
	}
}
