package board

import (
	"context"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
	"github.com/minamori-project/minamori/internal/web"
)

// pdfFile is the page for the board on one sheet, for those who were not at the screen.
// The page stays the accessible original.
func (rm *Room) pdfFile(ctx context.Context, in orgIn) (web.File, error) {
	v, err := rm.show(ctx, in)
	if err != nil {
		return web.File{}, err
	}
	name, err := rm.Name(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: "board-" + i18n.ISO(v.now) + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error {
		return v.sheet(ctx, name).WriteTo(ctx, w)
	}}, nil
}

func (v BoardView) sheet(ctx context.Context, company string) *pdf.Doc {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	d := pdf.New(pdf.Options{
		Title: t("board.paper"), Author: company, Lang: i18n.From(ctx).Lang.HTML(), Now: v.now,
		Footer: func(int) string { return t("ui.print.own") + between(ctx) + t("board.foot") },
		Substitutes: pdf.Substitutes{
			Title:   t("assess.pdf.substitutes"),
			Missing: t("assess.pdf.missing", "n", "{n}", "codes", "{codes}"),
			Form:    t("assess.pdf.form", "char", "{char}", "codes", "{codes}"),
		},
	})
	d.Stamp(t("board.stamp.president"), t("board.stamp.manager"))
	d.Heading(1, t("board.paper"))
	d.Note(clip(company, 60) + "　" + i18n.Date(ctx, v.now))
	d.Text(v.headline(ctx))
	d.Box(v.figures(ctx)...)
	if len(v.Decisions) > 0 {
		d.Heading(2, t("board.ask"))
		d.Table(v.decisionTable(ctx))
	}
	d.Heading(2, t("board.ten"))
	d.Figure(180, 70, func(c pdf.Canvas) { v.draw(ctx, c) })
	d.List(v.remarks(ctx))
	return d
}

// clip keeps a text from growing the sheet beyond one page: most is counted in wide
// letters, of which Latin ones are about half.
func clip(s string, most float64) string {
	width := 0.0
	for i, r := range s {
		if width++; r < 0x2000 {
			width -= 0.45
		}
		if width > most {
			return strings.TrimRight(s[:i], " ") + "…"
		}
	}
	return s
}

// figures are the three lines that are never blended.
func (v BoardView) figures(ctx context.Context) []pdf.KeyFigure {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	said := pdf.KeyFigure{Label: t("board.said"), Value: "－", Note: t("board.said.none")}
	shown := pdf.KeyFigure{Label: t("board.shown"), Value: "－", Note: t("ui.claim.shown.none")}
	examined := pdf.KeyFigure{Label: t("board.examined"), Value: "－", Note: t("ui.claim.examined.none")}
	if s := v.Star3; s != nil {
		of := "/ " + strconv.Itoa(s.Tally.Items())
		if s.Tally.Answered() > 0 {
			said.Value, said.Unit, said.Note = strconv.Itoa(s.Tally.Met()), of, t("board.said.note")
		}
		if s.Tally.Shown > 0 {
			shown.Value, shown.Unit, shown.Note = strconv.Itoa(s.Tally.Shown), of, t("board.shown.note", "date", i18n.Date(ctx, s.Oldest))
		}
		if s.Examined > 0 {
			examined.Value, examined.Unit, examined.Note = strconv.Itoa(s.Examined), of, t("board.examined.note", "date", i18n.Date(ctx, s.examinedAt))
		}
	}
	if len(v.declared) > 0 {
		if said.Value == "－" {
			said.Note = v.declared[0].text(ctx)
		} else {
			said.Note += "\n" + v.declared[0].text(ctx)
		}
	}
	return []pdf.KeyFigure{said, shown, examined}
}

func (v BoardView) decisionTable(ctx context.Context) ([]pdf.Column, [][]string) {
	cols := []pdf.Column{{Width: 8}, {Title: i18n.T(ctx, "board.ask.what")}, {Title: i18n.T(ctx, "board.ask.box"), Width: 40}}
	var rows [][]string
	for i, x := range v.Decisions {
		rows = append(rows, []string{strconv.Itoa(i + 1), x.what(true) + "\n" + x.meta(ctx, true), i18n.T(ctx, "board.ask.boxes")})
	}
	return cols, rows
}

// draw sets the radar at the left and the same numbers as a table at the right.
func (v BoardView) draw(ctx context.Context, c pdf.Canvas) {
	const x, y, r = 42.0, 36.0, 27.5
	n := len(v.Items)
	at := func(i int, level float64) pdf.Point {
		a := angle(i, n)
		return pdf.Point{X: x + r*level/levels*math.Cos(a), Y: y + r*level/levels*math.Sin(a)}
	}
	ring := func(level func(i int) float64) (all []pdf.Point) {
		for i := range n {
			all = append(all, at(i, level(i)))
		}
		return all
	}
	for level := 1.0; level <= levels; level++ {
		c.Polygon(ring(func(int) float64 { return level }), pdf.Pen{Shade: 0xbb})
	}
	c.Polygon(ring(func(i int) float64 { return float64(v.Items[i].Goal) }), pdf.Pen{Dash: pdf.Dotted, Width: 0.4})
	lines := func(level func(i int) float64, pen pdf.Pen) {
		for _, s := range segments(n, func(i int) bool { return level(i) > 0 }) {
			from, to := at(s[0], level(s[0])), at(s[1], level(s[1]))
			c.Line(from.X, from.Y, to.X, to.Y, pen)
		}
	}
	lines(func(i int) float64 {
		if p := v.Items[i].Peers; p != nil {
			return *p
		}
		return 0
	}, pdf.Pen{Dash: pdf.Dashed, Shade: 0x66, Width: 0.3})
	lines(func(i int) float64 { return float64(v.Items[i].Level) }, pdf.Pen{Width: 0.6})
	for i, it := range v.Items {
		end, label := at(i, levels), at(i, levels*1.13)
		c.Line(x, y, end.X, end.Y, pdf.Pen{Shade: 0xbb})
		if it.Level > 0 {
			p := at(i, float64(it.Level))
			c.Dot(p.X, p.Y, 0.9, pdf.Pen{Fill: true})
		}
		c.TextAt(label.X, label.Y, strconv.Itoa(it.Number), pdf.Lettering{Align: pdf.Middle})
	}
	v.drawTable(ctx, c)
}

func (v BoardView) drawTable(ctx context.Context, c pdf.Canvas) {
	const left, own, goal, peers, row = 88.0, 138.0, 152.0, 179.0, 6.3
	t := func(key string) string { return i18n.T(ctx, key) }
	head := pdf.Lettering{Size: 8, Bold: true, Align: pdf.End}
	c.TextAt(own, 3, t("ui.own"), head)
	c.TextAt(goal, 3, t("board.goal"), head)
	c.TextAt(peers, 3, t("board.peers"), head)
	c.Line(left, 6, peers, 6, pdf.Pen{Width: 0.3})
	for i, it := range v.Items {
		y := 9.6 + row*float64(i)
		c.TextAt(left, y, strconv.Itoa(it.Number)+"　"+it.short(ctx), pdf.Lettering{Size: 9, Bold: it.weak()})
		level := levelText(it.Level)
		if it.weak() {
			level = "▼ " + level
		}
		c.TextAt(own, y, level, pdf.Lettering{Size: 9, Bold: true, Align: pdf.End})
		c.TextAt(goal, y, strconv.Itoa(it.Goal), pdf.Lettering{Size: 9, Align: pdf.End})
		c.TextAt(peers, y, peerText(it.Peers), pdf.Lettering{Size: 9, Align: pdf.End})
		c.Line(left, y+row/2, peers, y+row/2, pdf.Pen{Shade: 0xcc})
	}
}
