package record

import (
	"context"
	"io"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
	"github.com/minamori-project/minamori/internal/web"
)

// blank is a form to fill in by hand, on one sheet of A4.
func (rm *Room) blank(ctx context.Context, in FormIn) (web.File, error) {
	f, err := rm.formOf(in.Form)
	if err != nil {
		return web.File{}, err
	}
	company, number, err := rm.Company(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	d := rm.paper(ctx, f, company, number)
	return web.File{Name: f.Title.In(i18n.From(ctx).Lang) + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error { return d.WriteTo(ctx, w) }}, nil
}

func (rm *Room) paper(ctx context.Context, f *Form, company, number string) *pdf.Doc {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	d := pdf.New(pdf.Options{
		Title: f.Title.In(i18n.From(ctx).Lang), Author: company, Lang: i18n.From(ctx).Lang.HTML(), Now: rm.Now(),
		Footer: func(int) string { return t("record.blank.foot", "codes", f.Proves.codes()) },
		Substitutes: pdf.Substitutes{
			Title:   t("record.pdf.substitutes"),
			Missing: t("record.pdf.missing", "n", "{n}", "codes", "{codes}"),
			Form:    t("record.pdf.form", "char", "{char}", "codes", "{codes}"),
		},
	})
	d.Heading(1, f.Title.In(i18n.From(ctx).Lang))
	d.Note(company + "　" + number)
	rows := make([]boxRow, 0, len(f.Columns))
	for _, c := range f.Columns {
		rows = append(rows, boxRow{c.Title.In(i18n.From(ctx).Lang), c.choices(ctx)})
	}
	d.Heading(3, t("record.blank.ask"))
	boxes(d, append(rows, boxRow{t("record.blank.asker"), t("record.blank.day-name")}))
	d.Heading(3, t("record.blank.decide"))
	boxes(d, []boxRow{
		{t("record.blank.decision"), "□ " + t("record.blank.yes") + "　　□ " + t("record.blank.no")},
		{t("record.blank.reason"), ""},
		{t("record.blank.decider"), t("record.blank.day-name")},
	})
	d.Heading(3, t("record.blank.after"))
	after := []boxRow{{t("record.blank.done"), t("record.blank.day-name")}}
	if f.Ends {
		after = append(after, boxRow{t("record.blank.end"), t("record.blank.day-name")})
	}
	boxes(d, after)
	d.Note(t("record.blank.note"))
	return d
}

// choices are boxes to tick.
func (c Column) choices(ctx context.Context) string {
	var all []string
	for _, o := range c.Options {
		all = append(all, "□ "+o.Title.In(i18n.From(ctx).Lang))
	}
	return strings.Join(all, "　")
}

// boxRow is a line of a form: what belongs there, and what is printed into the box.
type boxRow struct{ label, inside string }

// Measures of a form in millimetres.
const (
	boxWidth   = 180.0
	labelWidth = 52.0
	boxHeight  = 13.0
	lineHeight = 5.5
)

// boxes draws a frame with a line for each row.
func boxes(d *pdf.Doc, rows []boxRow) {
	heights, total := make([]float64, len(rows)), 0.0
	for i, r := range rows {
		lines := 1 + len([]rune(r.inside))/42 // as many as may be needed
		heights[i] = max(boxHeight, lineHeight*float64(lines)+5)
		total += heights[i]
	}
	d.Figure(boxWidth, total, func(c pdf.Canvas) {
		pen := pdf.Pen{Width: 0.25}
		y := 0.0
		c.Line(0, 0, boxWidth, 0, pen)
		for i, r := range rows {
			middle := y + heights[i]/2
			writeIn(c, 2, middle, labelWidth-4, r.label, 10)
			writeIn(c, labelWidth+2, middle, boxWidth-labelWidth-4, r.inside, 10)
			y += heights[i]
			c.Line(0, y, boxWidth, y, pen)
		}
		for _, x := range []float64{0, labelWidth, boxWidth} {
			c.Line(x, 0, x, y, pen)
		}
	})
}

// writeIn writes a text into a box, on as many lines as it needs, breaking at spaces
// where it can.
func writeIn(c pdf.Canvas, x, middle, width float64, text string, size float64) {
	if text == "" {
		return
	}
	var lines []string
	line := ""
	for _, part := range pieces(text) {
		if line != "" && c.Width(line+part, pdf.Lettering{Size: size}) > width {
			lines = append(lines, line)
			line = ""
		}
		line += part
	}
	lines = append(lines, line)
	y := middle - lineHeight*float64(len(lines)-1)/2
	for i, l := range lines {
		c.TextAt(x, y+lineHeight*float64(i), l, pdf.Lettering{Size: size})
	}
}

// pieces cuts a text behind its spaces, and a long run of signs anywhere.
func pieces(text string) (all []string) {
	piece := ""
	for _, r := range text {
		piece += string(r)
		if r == '　' && piece != "　" || r == ' ' && !strings.HasSuffix(piece, "□ ") || len([]rune(piece)) >= 14 {
			all, piece = append(all, piece), ""
		}
	}
	return append(all, piece)
}
