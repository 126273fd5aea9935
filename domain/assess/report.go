package assess

import (
	"context"
	"io"
	"math"
	"strconv"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
	"github.com/minamori-project/minamori/internal/web"
)

// pdfFile is a result on paper, for those who were not at the screen. The page
// stays the accessible original.
func (rm *Room) pdfFile(ctx context.Context, in packIn) (web.File, error) {
	v, err := rm.result(ctx, in)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: v.fileName() + ".pdf", Type: "application/pdf", Write: func(w io.Writer) error {
		return v.report(ctx).WriteTo(ctx, w)
	}}, nil
}

func (v ResultView) report(ctx context.Context) *pdf.Doc {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	d := pdf.New(pdf.Options{
		Title: v.Title, Author: v.Organisation, Lang: i18n.From(ctx).Lang.HTML(), Now: v.now,
		Footer: func(page int) string { return t("assess.pdf.foot", "page", page) },
		// The marks {n}, {codes} and {char} are filled in by pdf.
		Substitutes: pdf.Substitutes{
			Title:   t("assess.pdf.substitutes"),
			Missing: t("assess.pdf.missing", "n", "{n}", "codes", "{codes}"),
			Form:    t("assess.pdf.form", "char", "{char}", "codes", "{codes}"),
		},
	})
	d.Stamp(t("assess.stamp.owner"), t("assess.stamp.manager"))
	d.Heading(1, v.say(ctx))
	d.Note(v.Organisation + "　" + i18n.Date(ctx, v.now))
	d.Note(v.Title + "　" + t("assess.edition.of", "source", v.s.Source.Title, "edition", v.Edition))
	d.Text(v.Statement)
	for _, sentence := range v.OnBehalf {
		d.Note(sentence)
	}
	d.Box(v.figures(ctx)...)
	if v.Band != nil {
		d.Text(v.Band.Advice)
	}
	if v.open() > 0 && v.Answered > 0 {
		d.Text(t("assess.result.open", "n", v.open()))
	}
	if len(v.Areas) >= 3 && v.Complete {
		d.Heading(2, t("assess.areas"))
		d.Figure(150, 62, v.radar)
		d.Table(v.areaTable(ctx))
	}
	v.reportNext(ctx, d)
	d.Heading(2, t("assess.answers"))
	d.Table(v.answerTable(ctx))
	d.Note(v.s.note.In(ctx))
	if v.s.Outdated(v.now) {
		d.Note(v.s.successor.In(ctx))
	}
	return d
}

// say is the sentence at the head, without readings.
func (v ResultView) say(ctx context.Context) string {
	switch {
	case v.pledge() && v.Complete:
		return i18n.T(ctx, "assess.pledge.ready")
	case v.pledge():
		return i18n.T(ctx, "assess.pledge.open", "n", v.open())
	case v.Band != nil:
		return v.Band.Label
	case v.Answered == 0:
		return i18n.T(ctx, "assess.result.none")
	}
	return i18n.T(ctx, "assess.result.open", "n", v.open())
}

// figures are the three lines that are never blended.
func (v ResultView) figures(ctx context.Context) []pdf.KeyFigure {
	t := func(key string, args ...any) string { return i18n.T(ctx, key, args...) }
	own := pdf.KeyFigure{Label: t("assess.claim.said"), Value: strconv.Itoa(v.Answered), Unit: "/ " + strconv.Itoa(v.Items), Note: t("assess.pdf.answered")}
	if v.Band != nil {
		own = pdf.KeyFigure{Label: t("assess.claim.said"), Value: strconv.Itoa(v.Points), Unit: t("ui.score.unit", "max", v.Max), Note: t("assess.claim.own")}
	}
	return []pdf.KeyFigure{
		own,
		{Label: t("ui.claim.shown"), Value: strconv.Itoa(v.Shown), Unit: "/ " + strconv.Itoa(v.Items), Note: t("assess.pdf.shown")},
		{Label: t("ui.claim.examined"), Value: "－", Note: t("ui.claim.examined.none")},
	}
}

// radar draws the areas; numbers, which the table explains, stand for the names.
func (v ResultView) radar(c pdf.Canvas) {
	const x, y, r = 75.0, 31.0, 24.0
	at := func(i int, percent float64) pdf.Point {
		a := 2*math.Pi*float64(i)/float64(len(v.Areas)) - math.Pi/2
		return pdf.Point{X: x + r*percent/100*math.Cos(a), Y: y + r*percent/100*math.Sin(a)}
	}
	ring := func(percent func(AreaView) float64) (points []pdf.Point) {
		for i, a := range v.Areas {
			points = append(points, at(i, percent(a)))
		}
		return points
	}
	for _, edge := range [...]float64{50, 100} {
		c.Polygon(ring(func(AreaView) float64 { return edge }), pdf.Pen{Shade: 0x99})
	}
	if v.alike() {
		c.Polygon(ring(func(a AreaView) float64 { return value(a.PeerPercent) }), pdf.Pen{Shade: 0x66, Dash: pdf.Dashed, Width: 0.3})
	}
	c.Polygon(ring(func(a AreaView) float64 { return value(a.Percent) }), pdf.Pen{Width: 0.6})
	for i, a := range v.Areas {
		end, label := at(i, 100), at(i, 115)
		c.Line(x, y, end.X, end.Y, pdf.Pen{Shade: 0x99})
		if a.Percent != nil {
			p := at(i, value(a.Percent))
			c.Dot(p.X, p.Y, 0.9, pdf.Pen{Fill: true})
		}
		c.TextAt(label.X, label.Y, strconv.Itoa(i+1), pdf.Lettering{Align: pdf.Middle})
	}
}

func value(percent *int) float64 {
	if percent == nil {
		return 0
	}
	return float64(*percent)
}

func (v ResultView) areaTable(ctx context.Context) ([]pdf.Column, [][]string) {
	cols := []pdf.Column{
		{Width: 10, AlignRight: true}, {Title: i18n.T(ctx, "ui.areas.area")}, {Title: i18n.T(ctx, "assess.pdf.percent"), Width: 32, AlignRight: true},
		{Title: i18n.T(ctx, "ui.areas.points"), Width: 24, AlignRight: true},
	}
	if v.alike() {
		cols = append(cols, pdf.Column{Title: i18n.T(ctx, "ui.peers.average", "n", v.Peers.Count), Width: 40, AlignRight: true})
	}
	var rows [][]string
	for i, a := range v.Areas {
		row := []string{strconv.Itoa(i + 1), a.Title, shownPercent(a.Percent), strconv.Itoa(a.Points) + " / " + strconv.Itoa(a.Max)}
		if v.alike() {
			row = append(row, shownPercent(a.PeerPercent))
		}
		rows = append(rows, row)
	}
	return cols, rows
}

func shownPercent(p *int) string {
	if p == nil {
		return "?"
	}
	return strconv.Itoa(*p)
}

func (v ResultView) reportNext(ctx context.Context, d *pdf.Doc) {
	if len(v.Next) == 0 {
		return
	}
	d.Heading(2, i18n.T(ctx, "assess.next", "n", len(v.Next)))
	var steps []pdf.Step
	for _, n := range v.Next {
		// keys: assess.minutes.*, assess.helper.*
		meta := i18n.T(ctx, "assess.minutes."+n.Every, "n", n.Minutes) + " ・ " + n.Cost + " ・ " + i18n.T(ctx, "assess.helper."+n.Helper)
		if n.Gain > 0 {
			meta += " ・ " + i18n.T(ctx, "assess.gain", "n", n.Gain)
		}
		why := n.Why
		if n.FindOut {
			why = i18n.T(ctx, "assess.next.find-out")
		}
		steps = append(steps, pdf.Step{Title: n.Title, Why: why, Steps: n.Steps, Meta: meta})
	}
	d.Numbered(steps)
}

func (v ResultView) answerTable(ctx context.Context) ([]pdf.Column, [][]string) {
	cols := []pdf.Column{
		{Title: i18n.T(ctx, "assess.number"), Width: 14, AlignRight: true}, {Title: i18n.T(ctx, "assess.item")},
		{Title: i18n.T(ctx, "assess.answer"), Width: 36}, {Title: i18n.T(ctx, "assess.csv.day"), Width: 32}, {Title: i18n.T(ctx, "assess.csv.by"), Width: 28},
	}
	var rows [][]string
	for _, row := range v.Rows {
		line := []string{strconv.Itoa(row.Number), row.Title, i18n.T(ctx, "assess.unanswered")}
		if a := row.Answer; a != nil {
			line = append(line[:2], a.Word, i18n.Date(ctx, a.At), a.author(ctx))
		}
		rows = append(rows, line)
	}
	return cols, rows
}
