package board

import (
	"context"
	"math"
	"strconv"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
)

// radar is the drawing of the levels in a box of 360 × 330 units: own a solid line with
// a gap where nothing is known, peers grey dashes, goal dots.
type radar struct {
	own, goal []int
	peers     []float64 // 0 where too few
	names     []string
}

const (
	radarX, radarY, radarR = 180.0, 165.0, 98.0
	lineHeight             = 15.5
	levels                 = 5
)

type point struct{ x, y float64 }

func (p point) String() string { return num(p.x) + "," + num(p.y) }

// num writes a coordinate with one decimal at most.
func num(f float64) string { return strconv.FormatFloat(math.Round(f*10)/10, 'f', -1, 64) }

func angle(i, n int) float64 { return 2*math.Pi*float64(i)/float64(n) - math.Pi/2 }

func (r radar) at(i int, level float64) point {
	a := angle(i, len(r.own))
	d := radarR * level / levels
	return point{radarX + d*math.Cos(a), radarY + d*math.Sin(a)}
}

func (r radar) ring(level float64) string {
	return r.polygon(func(int) float64 { return level })
}

func (r radar) polygon(level func(int) float64) string {
	all := make([]string, len(r.own))
	for i := range r.own {
		all[i] = r.at(i, level(i)).String()
	}
	return strings.Join(all, " ")
}

func (r radar) goalLine() string { return r.polygon(func(i int) float64 { return float64(r.goal[i]) }) }

func (r radar) ownLine() string {
	return r.line(func(i int) float64 { return float64(r.own[i]) })
}

func (r radar) peerLine() string { return r.line(func(i int) float64 { return r.peers[i] }) }

func (r radar) hasPeers() bool {
	for _, p := range r.peers {
		if p > 0 {
			return true
		}
	}
	return false
}

// line joins neighbours that are both known; where one is not, there is a gap.
func (r radar) line(level func(int) float64) string {
	var b strings.Builder
	for _, s := range segments(len(r.own), func(i int) bool { return level(i) > 0 }) {
		from, to := r.at(s[0], level(s[0])), r.at(s[1], level(s[1]))
		b.WriteString("M" + num(from.x) + " " + num(from.y) + "L" + num(to.x) + " " + num(to.y))
	}
	return b.String()
}

// segments are the neighbours around a circle that are both known.
func segments(n int, known func(int) bool) (all [][2]int) {
	for i := range n {
		if next := (i + 1) % n; known(i) && known(next) {
			all = append(all, [2]int{i, next})
		}
	}
	return all
}

func (r radar) whole() bool { return Levels(r.own).Complete() }

func (r radar) spokes() string {
	var b strings.Builder
	for i := range r.own {
		end := r.at(i, levels)
		b.WriteString("M" + num(radarX) + " " + num(radarY) + "L" + num(end.x) + " " + num(end.y))
	}
	return b.String()
}

type label struct {
	x, y   float64
	anchor string
	lines  []string
	value  string
	class  string
}

func (l label) lineY(i int) string { return num(l.y + lineHeight*float64(i)) }

func (r radar) label(i int) label {
	p := r.at(i, levels)
	l := label{x: p.x, lines: breakName(r.names[i]), value: strconv.Itoa(r.own[i]), class: "tk", anchor: "middle"}
	height := lineHeight * float64(len(l.lines)+1)
	switch dx, dy := p.x-radarX, p.y-radarY; {
	case math.Abs(dx) < 1 && dy > 0:
		l.y = p.y + 22
	case math.Abs(dx) < 1:
		l.y = p.y - height
	case dx > 0:
		l.anchor, l.x, l.y = "start", p.x+9, p.y-height/2+lineHeight*0.8+dy*0.16
	default:
		l.anchor, l.x, l.y = "end", p.x-9, p.y-height/2+lineHeight*0.8+dy*0.16
	}
	switch {
	case r.own[i] == 0:
		l.value, l.class = "?", "t2"
	case r.own[i] < r.goal[i]:
		l.value, l.class = "▼ "+l.value, "ta"
	}
	return l
}

// breakName puts a long name on two lines, after の or ・ or at a space.
func breakName(name string) []string {
	if len([]rune(name)) <= 5 {
		return []string{name}
	}
	for _, sign := range []string{"の", "・", " "} {
		if before, after, ok := strings.Cut(name, sign); ok && after != "" {
			return []string{strings.TrimSpace(before + sign), after}
		}
	}
	return []string{name}
}

func (v BoardView) radar(ctx context.Context) radar {
	r := radar{own: v.levels}
	for _, it := range v.Items {
		peers := 0.0
		if it.Peers != nil {
			peers = *it.Peers
		}
		r.goal, r.peers, r.names = append(r.goal, it.Goal), append(r.peers, peers), append(r.names, it.short(ctx))
	}
	return r
}

// short is a name for a drawing. The ten items have one; others go by their sign.
// keys: board.short.1, board.short.2, board.short.3, board.short.4, board.short.5
// keys: board.short.6, board.short.7, board.short.8, board.short.9, board.short.10
func (i ItemView) short(ctx context.Context) string {
	if i.Number >= 1 && i.Number <= 10 {
		return i18n.T(ctx, "board.short."+strconv.Itoa(i.Number))
	}
	return i.ID
}

// says is the drawing in one sentence.
func (v BoardView) says(ctx context.Context) string {
	parts := make([]string, len(v.Items))
	for i, it := range v.Items {
		parts[i] = it.short(ctx) + " " + levelText(it.Level)
	}
	return i18n.T(ctx, "board.radar", "levels", strings.Join(parts, i18n.T(ctx, "board.comma")))
}

func levelText(level int) string {
	if level == 0 {
		return "?"
	}
	return strconv.Itoa(level)
}

func peerText(p *float64) string {
	if p == nil {
		return "–"
	}
	return strconv.FormatFloat(*p, 'f', -1, 64)
}
