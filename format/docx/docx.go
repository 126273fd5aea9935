package docx

import (
	"archive/zip"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Properties describe a document as a whole.
type Properties struct {
	Title   string
	Creator string
	Lang    string // BCP 47: ja-JP or en-GB
	// Created is written into the file; the zero time means 1980.
	Created time.Time
	Footer  string // stands at the foot of each page, before the number
}

// Doc is a document being gathered. It is not safe for concurrent use.
type Doc struct {
	properties Properties
	body       strings.Builder
	lists      int
}

// New starts an empty document.
func New(p Properties) *Doc {
	if p.Lang == "" {
		p.Lang = "ja-JP"
	}
	if p.Created.Year() < 1980 {
		p.Created = time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC) // a zip knows no earlier time
	}
	p.Created = p.Created.UTC().Truncate(time.Second)
	return &Doc{properties: p}
}

// Title is the name of the document, once, at its head.
func (d *Doc) Title(text string) { d.paragraph("Title", "", text) }

// Heading starts a section of level 1 to 3.
func (d *Doc) Heading(level int, text string) {
	d.paragraph(fmt.Sprintf("Heading%d", min(max(level, 1), 3)), "", text)
}

// Paragraph adds a paragraph; a line break in it stays one.
func (d *Doc) Paragraph(text string) { d.paragraph("", "", text) }

// Right adds a paragraph that is set flush right, as a date is.
func (d *Doc) Right(text string) { d.paragraph("", `<w:jc w:val="right"/>`, text) }

// Numbered adds a list that counts from 1.
func (d *Doc) Numbered(items []string) {
	if len(items) == 0 {
		return
	}
	d.lists++
	for _, item := range items {
		d.paragraph("ListNumber", fmt.Sprintf(`<w:numPr><w:ilvl w:val="0"/><w:numId w:val="%d"/></w:numPr>`, d.lists), item)
	}
}

func (d *Doc) paragraph(style, more, text string) {
	d.body.WriteString("<w:p>")
	if style != "" || more != "" {
		d.body.WriteString("<w:pPr>")
		if style != "" {
			d.body.WriteString(`<w:pStyle w:val="` + style + `"/>`)
		}
		d.body.WriteString(more + "</w:pPr>")
	}
	for i, line := range strings.Split(text, "\n") {
		d.body.WriteString("<w:r>")
		if i > 0 {
			d.body.WriteString("<w:br/>")
		}
		d.body.WriteString(`<w:t xml:space="preserve">` + escape(line) + "</w:t></w:r>")
	}
	d.body.WriteString("</w:p>")
}

// escape makes text safe inside XML and drops what XML 1.0 cannot hold.
func escape(s string) string {
	return entities.Replace(strings.Map(func(r rune) rune {
		if r == utf8.RuneError || r < 0x20 && r != '\t' || r == 0xfffe || r == 0xffff {
			return -1
		}
		return r
	}, s))
}

var entities = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&#34;", "'", "&#39;")

// WriteTo writes the file and returns how many bytes it has.
func (d *Doc) WriteTo(w io.Writer) (int64, error) {
	c := &counter{w: w}
	z := zip.NewWriter(c)
	for _, part := range d.parts() {
		h := &zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: d.properties.Created}
		f, err := z.CreateHeader(h)
		if err != nil {
			return c.n, err
		}
		if _, err := io.WriteString(f, head+part.text); err != nil {
			return c.n, err
		}
	}
	err := z.Close()
	return c.n, err
}

type counter struct {
	w io.Writer
	n int64
}

// Write passes bytes on and counts them.
func (c *counter) Write(b []byte) (int, error) {
	n, err := c.w.Write(b)
	c.n += int64(n)
	return n, err
}
