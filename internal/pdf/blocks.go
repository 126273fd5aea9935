package pdf

import (
	"fmt"
	"slices"
)

// Heading adds a heading of level 1 (the document), 2 (with a rule) or 3; other
// levels count as the nearest. It stays on the page of what follows.
func (d *Doc) Heading(level int, text string) {
	d.add(func(s *sheet) { s.held = append(s.held, heading{min(max(level, 1), 3), text}) }, text)
}

// heading waits for the block after it, to be set on the same page.
type heading struct {
	level int
	text  string
}

func (h heading) style() style {
	return style{size: []float64{18, 13, 11}[h.level-1], bold: true, shade: ink, leading: 1.4}
}

func (h heading) before() float64 { return []float64{8, 7, 5}[h.level-1] }

func (s *sheet) printHeading(h heading) {
	s.gap(h.before())
	if h.level > 1 {
		s.clear()
	}
	for _, line := range s.lines(h.text, s.width(), h.style()) {
		if s.y+h.style().line() > bottom {
			s.newPage()
		}
		s.print(left, s.y, line, h.style())
		s.y += h.style().line()
	}
	if h.level == 2 {
		s.line(left, s.y+0.8, left+textWidth, s.y+0.8, 0.3, ink)
		s.y += 0.8
	}
	s.y += 2
}

// Text adds a paragraph; a line feed begins a new line.
func (d *Doc) Text(text string) {
	d.add(func(s *sheet) {
		s.flow(text, bodyStyle)
	}, text)
}

// Note adds a paragraph in smaller, softer letters.
func (d *Doc) Note(text string) {
	d.add(func(s *sheet) {
		s.flow(text, noteStyle)
	}, text)
}

// Space adds room in millimetres, none at the head of a page.
func (d *Doc) Space(mm float64) {
	d.add(func(s *sheet) { s.gap(min(max(finite(mm), 0), pageHeight)) })
}

// flow sets a paragraph over the width that is free.
func (s *sheet) flow(text string, t style) {
	s.room(2 * t.line())
	s.paragraph(left, s.width(), text, t)
	s.y += 1.5
}

// List adds items with a dot before each.
func (d *Doc) List(items []string) {
	d.add(func(s *sheet) {
		s.block(bodyStyle.line())
		for _, item := range items {
			s.room(float64(min(2, len(s.lines(item, textWidth-5, bodyStyle)))) * bodyStyle.line())
			s.print(left+0.5, s.y, "•", boldStyle)
			s.paragraph(left+5, textWidth-5, item, bodyStyle)
			s.y += 0.5
		}
		s.y += 1
	}, items...)
}

// Step is one thing to do next.
type Step struct {
	Title string
	Why   string   // what it is good for; may be ""
	Steps []string // how to go about it; may be empty
	Meta  string   // effort, cost and the like; may be ""
}

// Numbered adds steps with a large number before each. A step stays on one page
// if a page can hold it.
func (d *Doc) Numbered(steps []Step) {
	var texts []string
	for _, step := range steps {
		texts = append(append(texts, step.Title, step.Why, step.Meta), step.Steps...)
	}
	d.add(func(s *sheet) {
		for i, step := range steps {
			s.step(i+1, step)
		}
	}, texts...)
}

func (s *sheet) step(number int, step Step) {
	const indent = 11.0
	const x, width = left + indent, textWidth - indent
	title := style{size: 11, bold: true, shade: ink, leading: 1.5}
	h := s.height(width, step.Title, title) + s.height(width, step.Why, bodyStyle) + s.height(width, step.Meta, noteStyle) + 4
	for _, sub := range step.Steps {
		h += s.height(width-4, sub, bodyStyle)
	}
	s.block(h)
	s.center(left+4, s.y-0.6, fmt.Sprint(number), style{size: 16, bold: true, shade: ink, leading: 1.2})
	s.paragraph(x, width, step.Title, title)
	if step.Why != "" {
		s.paragraph(x, width, step.Why, bodyStyle)
	}
	for _, sub := range step.Steps {
		s.room(bodyStyle.line())
		s.print(x+0.5, s.y, "•", bodyStyle)
		s.paragraph(x+4, width-4, sub, bodyStyle)
	}
	if step.Meta != "" {
		s.paragraph(x, width, step.Meta, noteStyle)
	}
	s.y += 3
}

// KeyFigure is one big number and what it means.
type KeyFigure struct {
	Label string
	Value string // the number itself, short
	Unit  string // after the number, small; may be ""
	Note  string // below; may be ""
}

// Box adds up to four key figures side by side, in boxes of equal height. More
// than four are set in further rows.
func (d *Doc) Box(figures ...KeyFigure) {
	var texts []string
	for _, k := range figures {
		texts = append(texts, k.Label, k.Value, k.Unit, k.Note)
	}
	d.add(func(s *sheet) {
		for row := range slices.Chunk(figures, 4) {
			s.keyFigures(row)
		}
	}, texts...)
}

var (
	labelStyle = style{size: 9, bold: true, shade: ink, leading: 1.4}
	valueStyle = style{size: 26, bold: true, shade: ink, leading: 1.25}
)

func (s *sheet) keyFigures(figures []KeyFigure) {
	const pad, between = 4.0, 4.0
	n := float64(len(figures))
	width := (textWidth - between*(n-1)) / n
	h := 0.0
	for _, k := range figures {
		h = max(h, s.height(width-2*pad, k.Label, labelStyle)+valueStyle.line()+s.height(width-2*pad, k.Note, noteStyle)+2*pad-1)
	}
	s.block(h)
	y := s.y
	for i, k := range figures {
		x := left + float64(i)*(width+between)
		s.box(x, y, width, h, 0.3, ink)
		s.y = y + pad - 0.5
		s.keyFigure(x+pad, width-2*pad, k)
	}
	s.y = y + h + 3
}

func (s *sheet) keyFigure(x, width float64, k KeyFigure) {
	if k.Label != "" {
		s.paragraph(x, width, k.Label, labelStyle)
	}
	value, unit := s.single(k.Value), s.single(k.Unit)
	t := s.fit(value, width-s.measure(bodyStyle)(unit)-1, valueStyle)
	s.print(x, s.y, value, t)
	s.print(x+s.measure(t)(value)+1, s.y+t.base()-bodyStyle.base(), unit, bodyStyle)
	s.y += valueStyle.line()
	if k.Note != "" {
		s.paragraph(x, width, k.Note, noteStyle)
	}
}

// Stamp adds empty boxes to stamp at the right, one for each label. A heading
// of level 1, texts and notes after it are set beside it; all else below.
func (d *Doc) Stamp(labels ...string) {
	d.add(func(s *sheet) {
		const size, head = 20.0, 6.0
		s.block(size + head)
		width := min(size*float64(len(labels)), textWidth/2)
		each := width / float64(max(len(labels), 1))
		x := left + textWidth - width
		for _, label := range labels {
			name := s.single(label)
			s.box(x, s.y, each, head, 0.2, ink)
			s.box(x, s.y+head, each, size, 0.2, ink)
			s.center(x+each/2, s.y+0.7, name, s.fit(name, each-2, labelStyle))
			x += each
		}
		s.aside, s.asideEnd = width+6, s.y+size+head+3
	}, labels...)
}
