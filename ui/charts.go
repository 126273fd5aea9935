package ui

import (
	"context"
	"math"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/i18n"
)

// num writes a coordinate with one decimal at most, to keep drawings small.
func num(f float64) string {
	return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64)
}

type point struct{ x, y float64 }

func points(all []point) string {
	var b strings.Builder
	for i, p := range all {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(num(p.x))
		b.WriteByte(',')
		b.WriteString(num(p.y))
	}
	return b.String()
}

// NoValue stands where a number is unknown or may not be shown.
const NoValue = math.MinInt

// Area is one field of a result. Own and Peer are percentages or NoValue; Points
// are what the scheme counts.
type Area struct {
	Name          string // plain: a drawing cannot carry readings
	Label         Words  // for the table, with readings; Name unless given
	Own, Peer     int
	Points, OutOf int
	Weak          bool
}

// AreasView feeds Radar and AreaTable, which show the same content.
type AreasView struct {
	Areas         []Area
	PeerCount     int // how many companies the peers are; 0 draws none
	Points, OutOf int
}

func (a Area) words() Words {
	if a.Label != nil {
		return a.Label
	}
	return Plain(a.Name)
}

func (v AreasView) hasPeers() bool { return v.PeerCount > 0 }

// The radar lies in a box of 360 × 330 units; at 390 pixels a unit is a pixel.
const (
	radarX, radarY, radarR = 180.0, 162.0, 104.0
	lineHeight             = 15.5
)

func (v AreasView) at(i int, percent float64) point {
	angle := 2*math.Pi*float64(i)/float64(len(v.Areas)) - math.Pi/2
	r := radarR * percent / 100
	return point{radarX + r*math.Cos(angle), radarY + r*math.Sin(angle)}
}

func (v AreasView) ring(percent float64) string {
	return v.polygon(func(Area) float64 { return percent })
}

func (v AreasView) polygon(value func(Area) float64) string {
	all := make([]point, len(v.Areas))
	for i, a := range v.Areas {
		all[i] = v.at(i, value(a))
	}
	return points(all)
}

func (v AreasView) spokes() string {
	var b strings.Builder
	for i := range v.Areas {
		end := v.at(i, 100)
		b.WriteString("M" + num(radarX) + " " + num(radarY) + "L" + num(end.x) + " " + num(end.y))
	}
	return b.String()
}

// known leads the line through the centre where nothing is known; no dot stands
// there, and label and table show a question instead of a number.
func known(n int) float64 { return float64(max(0, n)) }

type radarLabel struct {
	x, y   float64
	anchor string
	lines  []string
	value  string
	class  string
}

func (v AreasView) label(i int) radarLabel {
	a, p := v.Areas[i], v.at(i, 100)
	l := radarLabel{x: p.x, lines: labelLines(a.Name, labelRoom(p)), value: percent(a.Own), class: "tk"}
	height := lineHeight * float64(len(l.lines)+1)
	l.anchor, l.y = "middle", p.y-14-height+lineHeight
	switch dx, dy := p.x-radarX, p.y-radarY; {
	case math.Abs(dx) < 1 && dy > 0:
		l.y = p.y + 22
	case math.Abs(dx) < 1:
	case dx > 0:
		l.anchor, l.x, l.y = "start", p.x+10, p.y-height/2+lineHeight*0.8+dy*0.16
	default:
		l.anchor, l.x, l.y = "end", p.x-10, p.y-height/2+lineHeight*0.8+dy*0.16
	}
	switch {
	case a.Own == NoValue:
		l.class = "t2"
	case a.Weak:
		l.value, l.class = "▼ "+l.value, "ta"
	}
	return l
}

func (l radarLabel) lineY(i int) string { return num(l.y + lineHeight*float64(i)) }

// percent shows what is unknown as a question, never as nothing.
func percent(n int) string {
	if n == NoValue {
		return "?"
	}
	return strconv.Itoa(n)
}

// labelRoom is how many wide letters of 13 units fit beside a point of the radar.
func labelRoom(p point) float64 {
	const most = 6.6
	if dx := math.Abs(p.x - radarX); dx >= 1 {
		return min(most, (radarX-dx-10)/13)
	}
	return most
}

// labelLines breaks a name at spaces, after ・ and after と, so that it fits.
func labelLines(name string, room float64) []string {
	var lines []string
	line := ""
	for _, piece := range breakable(name) {
		if line != "" && width(line)+width(strings.TrimRight(piece, " ")) > room {
			lines = append(lines, strings.TrimSpace(line))
			line = ""
		}
		line += piece
	}
	return append(lines, strings.TrimSpace(line))
}

func breakable(name string) []string {
	var out []string
	start := 0
	for i, r := range name {
		if r == ' ' || r == '・' || r == 'と' {
			end := i + utf8.RuneLen(r)
			out = append(out, name[start:end])
			start = end
		}
	}
	return append(out, name[start:])
}

func width(s string) float64 {
	w := 0.0
	for _, r := range s {
		if r < 0x2000 {
			w += 0.6
		} else {
			w++
		}
	}
	return w
}

// Band is a range of scores that the scheme names.
type Band struct{ From, To int }

// ScoreView is a score on its scale. Peer is the median of similar companies,
// or NoValue. Label says the whole drawing in a sentence.
type ScoreView struct {
	Min, Max, Score int
	Peer            int
	Bands           []Band
	Label           string
}

const scoreWidth = 720.0

func (v ScoreView) x(n int) float64 {
	return scoreWidth * float64(n-v.Min) / float64(max(1, v.Max-v.Min))
}

func (v ScoreView) holds(b Band) bool {
	return v.Score >= b.From && (v.Score < b.To || b.To == v.Max)
}

// ownLabelX keeps the label inside the drawing.
func (v ScoreView) ownLabelX() float64 { return min(scoreWidth-60, max(60, v.x(v.Score))) }

// peerLabel stands clear of the own one, on the side where the peers are. Both
// texts are taken at the size that phones show.
func (v ScoreView) peerLabel(ownText, peerText string) (x float64, anchor string) {
	own, peer := v.ownLabelX(), v.x(v.Peer)
	gap, need := scoreTextWidth(ownText)/2+20, scoreTextWidth(peerText)
	if peer < own && own-gap > need || own+gap > scoreWidth-need {
		return min(own-gap, peer+80), "end"
	}
	return max(own+gap, peer-80), "start"
}

// scoreTextWidth is about how wide a label of the scale is on a phone.
func scoreTextWidth(s string) float64 {
	width := 0.0
	for _, r := range s {
		if r < 0x2000 {
			width += 14
		} else {
			width += 25
		}
	}
	return width
}

// TrendPoint is a score on a day.
type TrendPoint struct {
	At    time.Time
	Value int
}

// TrendView is how a score moved. Guides are values that get a line; Label says
// the whole drawing in a sentence.
type TrendView struct {
	Points   []TrendPoint // oldest first
	Min, Max int
	Guides   []int
	Label    string
}

type trendMark struct {
	point
	value string // "" where it would run into its neighbour, as month
	month string
	last  bool
}

func (v TrendView) y(value int) float64 {
	return 180 - 150*float64(value-v.Min)/float64(max(1, v.Max-v.Min))
}

func (v TrendView) marks(ctx context.Context) []trendMark {
	if len(v.Points) == 0 {
		return nil
	}
	first, last := v.Points[0].At, v.Points[len(v.Points)-1].At
	span := max(1, last.Sub(first).Hours())
	out := make([]trendMark, len(v.Points))
	free, freeValue := -100.0, -100.0
	for i, p := range v.Points {
		isLast := i == len(v.Points)-1
		x := 290.0
		if !isLast {
			x = 34 + 256*p.At.Sub(first).Hours()/span
		}
		out[i] = trendMark{point: point{x, v.y(p.Value)}, last: isLast}
		if isLast || x > freeValue && x < 290-26 {
			out[i].value, freeValue = strconv.Itoa(p.Value), x+26
		}
		if isLast || x > free && x < 290-62 {
			out[i].month, free = month(ctx, p.At), x+62
		}
	}
	return out
}

func trendLine(marks []trendMark) string {
	all := make([]point, len(marks))
	for i, m := range marks {
		all[i] = m.point
	}
	return points(all)
}

func month(ctx context.Context, t time.Time) string {
	t = t.In(i18n.Tokyo)
	if i18n.From(ctx).Lang == i18n.EN {
		return t.Format("Jan 06")
	}
	return t.Format("06年1月")
}

// DotsView is a field of criteria, one dot each: with evidence, by word, still
// to do, not applicable. Label says the counts in a sentence.
type DotsView struct {
	Proof, ByWord, ToDo, NotApplicable int
	Label                              string
}

const dotsPerRow = 9

func (v DotsView) kinds() []string {
	all := make([]string, 0, v.Proof+v.ByWord+v.ToDo+v.NotApplicable)
	for _, g := range [...]struct {
		kind string
		n    int
	}{{"d-proof", v.Proof}, {"d-near", v.ByWord}, {"d-todo", v.ToDo}, {"d-na", v.NotApplicable}} {
		for range g.n {
			all = append(all, g.kind)
		}
	}
	return all
}

func (v DotsView) viewBox() string {
	rows := (v.Proof + v.ByWord + v.ToDo + v.NotApplicable + dotsPerRow - 1) / dotsPerRow
	return "0 0 " + strconv.Itoa(20*dotsPerRow) + " " + strconv.Itoa(20*max(1, rows))
}

// dotRadius differs by kind so that the shapes can
// be told apart without colour.
func dotRadius(kind string) string {
	switch kind {
	case "d-near":
		return "5.4"
	case "d-todo":
		return "6.3"
	}
	return "7"
}
