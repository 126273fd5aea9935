package pdf

import (
	"context"
	"fmt"
	"math"
	"strings"
	"unicode/utf16"

	"codeberg.org/go-pdf/fpdf"
)

// All lengths are millimetres, letters are in points.
const (
	pageWidth, pageHeight = 210.0, 297.0
	left, top             = 15.0, 14.0
	bottom                = pageHeight - 20 // end of the text; the foot is below
	footLine              = pageHeight - 14
	textWidth             = pageWidth - 2*left
	millimetre            = 25.4 / 72 // of a point
)

// Shades of black: text, notes, rules.
const (
	ink  = 0x1a
	soft = 0x4d
	rule = 0x99
)

// style is how letters look.
type style struct {
	size    float64
	bold    bool
	shade   int
	leading float64 // line height as a multiple of the size
}

func (t style) line() float64 { return t.size * t.leading * millimetre }

// base is the way from the top of the line box to the foot of the letters.
func (t style) base() float64 { return t.line()/2 + t.size*0.36*millimetre }

var (
	bodyStyle = style{size: 10, shade: ink, leading: 1.6}
	boldStyle = style{size: 10, bold: true, shade: ink, leading: 1.6}
	noteStyle = style{size: 8.5, shade: soft, leading: 1.5}
	footStyle = style{size: 8, shade: soft, leading: 1.4}
)

// sheet is the document being set and the place reached on the page.
type sheet struct {
	ctx    context.Context
	f      *fpdf.Fpdf
	script *script
	footer func(int) string
	chosen style           // font in force
	widths [2]map[rune]int // of letters in regular and bold, thousandths of the size
	y      float64         // top of what comes next
	held   []heading
	// The stamp boxes take aside millimetres at the right down to asideEnd.
	aside, asideEnd float64
	err             error
}

func newSheet(ctx context.Context, o Options) (*sheet, error) {
	face, err := loadTypeface()
	if err != nil {
		return nil, err
	}
	f := fpdf.New("P", "mm", "A4", "")
	f.SetMargins(0, 0, 0)
	f.SetAutoPageBreak(false, 0)
	f.SetCatalogSort(true)
	f.SetCreationDate(o.Now)
	f.SetModificationDate(o.Now)
	f.SetProducer("Minamori", false)
	f.SetTitle(utf16Text(o.Title), false)
	f.SetAuthor(utf16Text(o.Author), false)
	f.SetLang(languageTag(o.Lang))
	f.AddUTF8FontFromBytes("biz", "", face.regular)
	f.AddUTF8FontFromBytes("biz", "B", face.bold)
	s := &sheet{ctx: ctx, f: f, script: newScript(&face.glyphs, o.Substitutes), footer: o.Footer, widths: [2]map[rune]int{{}, {}}}
	if err := f.Error(); err != nil {
		return nil, fmt.Errorf("pdf: font: %w", err)
	}
	s.newPage()
	return s, s.err
}

// utf16Text encodes metadata. The library's own conversion breaks beyond U+FFFF.
func utf16Text(s string) string {
	b := []byte{0xFE, 0xFF}
	for _, u := range utf16.Encode([]rune(s)) {
		b = append(b, byte(u>>8), byte(u))
	}
	return string(b)
}

// languageTag drops what could end the string in the file.
func languageTag(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, s)
}

func (s *sheet) newPage() {
	if s.err == nil {
		s.err = s.ctx.Err()
	}
	if s.err == nil && s.f.PageNo() >= maxPages {
		s.err = tooLarge()
	}
	if s.err != nil {
		return
	}
	s.f.AddPage()
	s.y, s.asideEnd = top, 0
	if s.footer != nil {
		// First on the page, so that its substitutes are explained as well.
		line := s.single(s.footer(s.f.PageNo()))
		s.right(pageWidth-left, footLine, line, s.fit(line, textWidth, footStyle))
	}
}

// room starts a new page unless h millimetres are left on this one, and prints
// the headings that wait for what comes next.
func (s *sheet) room(h float64) {
	held, need := s.held, h
	s.held = nil
	for _, waiting := range held {
		need += waiting.before() + s.height(s.width(), waiting.text, waiting.style()) + 3
	}
	if s.y+need > bottom && s.y > top {
		s.newPage()
	}
	for _, waiting := range held {
		s.printHeading(waiting)
	}
	if len(held) > 0 && s.y+h > bottom && s.y > top {
		s.newPage()
	}
}

// block is room for what needs the whole width.
func (s *sheet) block(h float64) {
	s.room(h)
	if s.y < s.asideEnd {
		s.clear()
		s.room(h)
	}
}

// clear moves below the stamp boxes.
func (s *sheet) clear() { s.y = max(s.y, s.asideEnd) }

// width is what the stamp boxes leave free.
func (s *sheet) width() float64 {
	if s.y < s.asideEnd {
		return textWidth - s.aside
	}
	return textWidth
}

// gap moves down, but not at the head of a page.
func (s *sheet) gap(h float64) {
	if len(s.held) > 0 {
		s.room(h)
	}
	if s.y > top {
		s.y += h
	}
}

// measure returns the width of strings already in the codes of the font. The
// library writes into the page whenever a font is chosen, so each letter is
// asked for once and remembered.
func (s *sheet) measure(t style) func(string) float64 {
	known := s.widths[weight(t)]
	return func(text string) float64 {
		sum := 0
		for _, r := range text {
			w, ok := known[r]
			if !ok {
				s.font(t)
				w = s.f.GetStringSymbolWidth(string(r))
				known[r] = w
			}
			sum += w
		}
		return float64(sum) / 1000 * t.size * millimetre
	}
}

func weight(t style) int {
	if t.bold {
		return 1
	}
	return 0
}

func (s *sheet) font(t style) {
	if s.chosen.size != t.size || s.chosen.bold != t.bold {
		s.f.SetFont("biz", []string{"", "B"}[weight(t)], t.size)
		s.chosen = t
	}
}

// single sets text that must stay on one line.
func (s *sheet) single(text string) string {
	return strings.ReplaceAll(s.script.set(text), "\n", " ")
}

// fit makes letters smaller where a line would not fit; the line box stays.
func (s *sheet) fit(line string, width float64, t style) style {
	if w := s.measure(t)(line); w > width && width > 0 {
		t.size *= width / w
		t.leading *= w / width
	}
	return t
}

// lines sets text into the codes of the font and breaks it.
func (s *sheet) lines(text string, width float64, t style) []string {
	return Break(s.script.set(text), width, s.measure(t))
}

// print puts one line at x, its line box beginning at y.
func (s *sheet) print(x, y float64, line string, t style) {
	if s.err != nil || line == "" {
		return
	}
	s.font(t)
	s.f.SetTextColor(t.shade, t.shade, t.shade)
	base := y + t.base()
	for _, run := range s.script.glyphs.runs(line) {
		if run.meaning == "" {
			s.f.Text(x, base, run.codes)
		} else {
			// What is copied or read aloud must be the character, not its private code.
			s.f.RawWriteStr(fmt.Sprintf("/Span <</ActualText <%X>>> BDC", utf16Text(run.meaning)))
			s.f.Text(x, base, run.codes)
			s.f.RawWriteStr("EMC")
		}
		x += s.measure(t)(run.codes)
	}
}

func (s *sheet) right(x, y float64, line string, t style) {
	line = strings.TrimRight(line, " 　")
	s.print(x-s.measure(t)(line), y, line, t)
}

func (s *sheet) center(x, y float64, line string, t style) {
	line = strings.TrimRight(line, " 　")
	s.print(x-s.measure(t)(line)/2, y, line, t)
}

// paragraph prints text from x on, over pages where needed; no line is left
// alone at the foot of a page.
func (s *sheet) paragraph(x, width float64, text string, t style) {
	lines := s.lines(text, width, t)
	s.room(float64(min(2, len(lines))) * t.line())
	for _, line := range lines {
		s.room(t.line())
		if s.err != nil {
			return
		}
		s.print(x, s.y, line, t)
		s.y += t.line()
	}
}

// height is the room a paragraph takes.
func (s *sheet) height(width float64, text string, t style) float64 {
	if text == "" {
		return 0
	}
	return float64(len(s.lines(text, width, t))) * t.line()
}

func (s *sheet) line(x1, y1, x2, y2, width float64, shade int) {
	if s.err != nil {
		return
	}
	s.f.SetLineWidth(width)
	s.f.SetDrawColor(shade, shade, shade)
	s.f.Line(x1, y1, x2, y2)
}

func (s *sheet) box(x, y, w, h, width float64, shade int) {
	if s.err != nil {
		return
	}
	s.f.SetLineWidth(width)
	s.f.SetDrawColor(shade, shade, shade)
	s.f.Rect(x, y, w, h, "D")
}

// explainSubstitutes ends the document with what could not be shown.
func (s *sheet) explainSubstitutes() {
	s.block(0) // headings with nothing after them
	if len(s.script.notes) == 0 {
		return
	}
	s.gap(5)
	s.room(12)
	s.line(left, s.y, left+40, s.y, 0.2, rule)
	s.y += 1.5
	if title := s.script.words.Title; title != "" {
		s.paragraph(left, textWidth, title, style{size: 8.5, bold: true, shade: soft, leading: 1.5})
	}
	// A page begun here may bring new notes from its foot.
	for i := 0; i < len(s.script.notes) && s.err == nil; i++ {
		s.paragraph(left, textWidth, s.script.notes[i], noteStyle)
	}
}

// finite keeps a number that is none out of the file.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
