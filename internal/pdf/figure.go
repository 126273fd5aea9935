package pdf

import "codeberg.org/go-pdf/fpdf"

// Point is a place on a canvas, in millimetres from its upper left corner.
type Point struct{ X, Y float64 }

// Dash is the kind of a line. Charts tell series apart by it, not by colour.
type Dash int

// The kinds of lines.
const (
	Solid Dash = iota
	Dashed
	Dotted
)

// Pen draws lines and fills areas in shades of grey.
type Pen struct {
	Width float64 // millimetres; 0 is a hairline of 0.1
	Dash  Dash
	Shade uint8 // 0 black … 255 white
	Fill  bool  // fill the area in Shade instead of drawing its edge
}

// Align says which part of a text is at the point given.
type Align int

// The alignments.
const (
	Start Align = iota
	Middle
	End
)

// Lettering is how a text on a canvas looks.
type Lettering struct {
	Size  float64 // points; 0 is 9
	Bold  bool
	Align Align
}

// Canvas is a place to draw on, valid while the function given to Figure runs.
type Canvas struct {
	s    *sheet
	x, y float64
}

// Figure adds a drawing of w × h millimetres, centred; a larger one than the
// page is cut to the page. draw runs each time the document is written and must
// draw the same each time.
func (d *Doc) Figure(w, h float64, draw func(Canvas)) {
	w, h = min(max(finite(w), 0), textWidth), min(max(finite(h), 0), bottom-top)
	d.add(func(s *sheet) {
		s.block(h)
		if s.err != nil {
			return
		}
		draw(Canvas{s, left + (textWidth-w)/2, s.y})
		s.y += h + 3
	})
}

func (c Canvas) take(p Pen) {
	if p.Width <= 0 {
		p.Width = 0.1
	}
	c.s.f.SetLineWidth(finite(p.Width))
	c.s.f.SetDrawColor(int(p.Shade), int(p.Shade), int(p.Shade))
	c.s.f.SetFillColor(int(p.Shade), int(p.Shade), int(p.Shade))
	switch p.Dash {
	case Dashed:
		c.s.f.SetDashPattern([]float64{1.6, 1.1}, 0)
	case Dotted:
		c.s.f.SetDashPattern([]float64{0.3, 0.9}, 0)
	}
}

// lay puts the pen down again: blocks draw solid lines.
func (c Canvas) lay() { c.s.f.SetDashPattern(nil, 0) }

func (p Pen) mode() string {
	if p.Fill {
		return "F"
	}
	return "D"
}

// Line draws a line.
func (c Canvas) Line(x1, y1, x2, y2 float64, p Pen) {
	c.take(p)
	c.s.f.Line(c.x+finite(x1), c.y+finite(y1), c.x+finite(x2), c.y+finite(y2))
	c.lay()
}

// Polygon draws or fills a closed area of three or more points.
func (c Canvas) Polygon(points []Point, p Pen) {
	if len(points) < 3 {
		return
	}
	moved := make([]fpdf.PointType, len(points))
	for i, q := range points {
		moved[i] = fpdf.PointType{X: c.x + finite(q.X), Y: c.y + finite(q.Y)}
	}
	c.take(p)
	c.s.f.Polygon(moved, p.mode())
	c.lay()
}

// Dot draws or fills a circle of radius r around a point.
func (c Canvas) Dot(x, y, r float64, p Pen) {
	c.take(p)
	c.s.f.Circle(c.x+finite(x), c.y+finite(y), max(finite(r), 0), p.mode())
	c.lay()
}

// Width is how wide a text is on one line, in millimetres: whoever breaks lines or
// sets words beside one another needs it.
func (c Canvas) Width(text string, l Lettering) float64 {
	return c.s.measure(l.style())(c.s.single(text))
}

func (l Lettering) style() style {
	t := style{size: finite(l.Size), bold: l.Bold, shade: ink, leading: 1}
	if t.size <= 0 {
		t.size = 9
	}
	return t
}

// TextAt writes one line, its middle at the height y.
func (c Canvas) TextAt(x, y float64, text string, l Lettering) {
	t := l.style()
	for i, line := range Break(c.s.script.set(text), textWidth, c.s.measure(t)) {
		atX, atY := c.x+finite(x), c.y+finite(y)-t.line()/2+float64(i)*t.line()*1.3
		switch l.Align {
		case Middle:
			c.s.center(atX, atY, line, t)
		case End:
			c.s.right(atX, atY, line, t)
		default:
			c.s.print(atX, atY, line, t)
		}
	}
}
