package main

import (
	"bytes"
	"fmt"
	"image/color"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/goccy/go-yaml"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
	"github.com/minamori-project/minamori/internal/problem"
)

type hostPapersCmd struct {
	Output
	Folder  string `arg:"" type:"path" help:"Folder to write into; it is made."`
	Name    string `required:"" help:"Name of who runs the installation, as it stands on the papers."`
	Contact string `required:"" help:"Telephone or mail that companies turn to."`
	URL     string `name:"url" required:"" help:"Address that companies open, as https://minamori.example.jp."`
}

// hostPaper is a paper that a host hands out (content/host).
type hostPaper struct {
	File   string
	Title  string
	Check  string // what has to be checked, and by whom, before it is handed out
	Blocks []hostBlock
}

// hostBlock is one part of a paper: the first of its fields that is set. Text
// beside Code stands at the right of the code.
type hostBlock struct {
	Heading, Text, Note, Code string
	List, Sign                []string
	Table                     *hostTable
}

type hostTable struct {
	Columns []string
	Widths  []float64 // millimetres; 0 shares what the others leave
	Rows    [][]string
}

// madePaper is a file that was written, and what to have checked.
type madePaper struct {
	File  string `json:"file"`
	Check string `json:"check"`
}

// Run writes the papers that a host hands out, with its name in them. They are in
// Japanese whatever the language of the terminal: companies read them.
func (h hostPapersCmd) Run(c *console) error {
	if u, err := url.Parse(h.URL); err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") {
		return problem.New(400, "public-url", "url", h.URL)
	}
	papers, err := hostPapers(content.Host(), strings.NewReplacer("{name}", h.Name, "{contact}", h.Contact, "{url}", h.URL))
	if err != nil {
		return err
	}
	if err := os.MkdirAll(h.Folder, 0o755); err != nil {
		return err
	}
	var done []madePaper
	for _, p := range papers {
		d, err := h.set(c, p)
		if err != nil {
			return err
		}
		body, err := d.Bytes(c.ctx)
		if err != nil {
			return err
		}
		file := filepath.Join(h.Folder, p.File+".pdf")
		if err := os.WriteFile(file, body, 0o644); err != nil {
			return err
		}
		done = append(done, madePaper{file, p.Check})
	}
	return h.print(c, done, func(w io.Writer) {
		for _, p := range done {
			fmt.Fprintf(w, "%s\n  確かめること：%s\n", p.File, p.Check)
		}
	})
}

// hostPapers reads every paper. What was typed is filled in after the file is
// parsed, so that it cannot become anything but text.
func hostPapers(tree fs.FS, fill *strings.Replacer) (all []hostPaper, err error) {
	names, err := fs.Glob(tree, "*.yaml")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		raw, err := fs.ReadFile(tree, name)
		if err != nil {
			return nil, err
		}
		var p hostPaper
		if err := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict()).Decode(&p); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		for i := range p.Blocks {
			p.Blocks[i].fill(fill)
		}
		all = append(all, p)
	}
	return all, nil
}

func (b *hostBlock) fill(r *strings.Replacer) {
	for _, s := range []*string{&b.Heading, &b.Text, &b.Note, &b.Code} {
		*s = r.Replace(*s)
	}
	for i, s := range b.List {
		b.List[i] = r.Replace(s)
	}
	if b.Table == nil {
		return
	}
	for _, row := range b.Table.Rows {
		for i, s := range row {
			row[i] = r.Replace(s)
		}
	}
}

func (h hostPapersCmd) set(c *console, p hostPaper) (*pdf.Doc, error) {
	l := c.texts.In(i18n.JA)
	d := pdf.New(pdf.Options{
		Title: p.Title, Author: h.Name, Lang: i18n.JA.HTML(), Now: c.now(),
		Substitutes: pdf.Substitutes{
			Title:   l.T("org.pdf.substitutes"),
			Missing: l.T("org.pdf.missing", "n", "{n}", "codes", "{codes}"),
			Form:    l.T("org.pdf.form", "char", "{char}", "codes", "{codes}"),
		},
	})
	d.Heading(1, p.Title)
	for _, b := range p.Blocks {
		if err := b.set(d); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (b hostBlock) set(d *pdf.Doc) error {
	switch {
	case b.Heading != "":
		d.Heading(2, b.Heading)
	case b.Code != "":
		return setCode(d, b.Code, b.Text)
	case b.Text != "":
		d.Text(b.Text)
	case b.Note != "":
		d.Note(b.Note)
	case b.List != nil:
		d.List(b.List)
	case b.Sign != nil:
		setSign(d, b.Sign)
	case b.Table != nil:
		b.Table.set(d)
	}
	return nil
}

func (t hostTable) set(d *pdf.Doc) {
	var columns []pdf.Column
	for i, title := range t.Columns {
		columns = append(columns, pdf.Column{Title: title, Width: t.Widths[i]})
	}
	d.Table(columns, t.Rows)
}

const paperWide = 180.0 // millimetres between the margins

// setSign adds a line to write on for each label, two beside each other.
func setSign(d *pdf.Doc, labels []string) {
	const high = 17.0
	wide := paperWide / 2
	rows := (len(labels) + 1) / 2
	d.Figure(paperWide, float64(rows)*high, func(c pdf.Canvas) {
		for i, label := range labels {
			x, y := float64(i%2)*wide, float64(i/2)*high
			c.TextAt(x, y+3, label, pdf.Lettering{Size: 9})
			c.Line(x, y+high-2, x+wide-6, y+high-2, pdf.Pen{Width: 0.3})
		}
	})
}

// setCode draws the camera's code of an address, with a text beside it.
func setCode(d *pdf.Doc, address, text string) error {
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		return err
	}
	const side, line = 40.0, 6.5
	n := code.Bounds().Dx()
	unit := side / float64(n+8) // a code needs a white border of four modules
	letters := pdf.Lettering{Size: 10.5}
	d.Figure(paperWide, side, func(c pdf.Canvas) {
		for i := range n * n {
			row, col := i/n, i%n
			if color.GrayModel.Convert(code.At(col, row)).(color.Gray).Y >= 128 {
				continue
			}
			x, y := float64(col+4)*unit, float64(row+4)*unit
			c.Polygon([]pdf.Point{{X: x, Y: y}, {X: x + unit, Y: y}, {X: x + unit, Y: y + unit}, {X: x, Y: y + unit}}, pdf.Pen{Fill: true})
		}
		for i, l := range pdf.Break(text, paperWide-side-4, func(s string) float64 { return c.Width(s, letters) }) {
			c.TextAt(side+4, 5+float64(i)*line, l, letters)
		}
	})
	return nil
}
