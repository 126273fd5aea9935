package desk

import (
	"context"
	"image/color"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
)

// SheetPack is a framework as the sheet of paper and the page that takes it need
// it: the questions in their order and the choices, which are at most nine.
type SheetPack struct {
	ID      string
	Title   i18n.Text
	Pledge  bool // never entered on behalf
	Choices []SheetChoice
	Items   []SheetItem
}

// SheetChoice is a possible answer; its place, from 1, is the key that enters it.
type SheetChoice struct {
	Code  string
	Label i18n.Text
}

// SheetItem is one question. Part is the chapter that begins with it, or "".
type SheetItem struct {
	ID       string
	Number   int
	Part     i18n.Text
	Question i18n.Text
}

// paperSheet is what is printed on a sheet for one company.
type paperSheet struct {
	pack    SheetPack
	company string
	number  string // 法人番号, or ""
	desk    string // who gives the sheet out and takes it back
	code    string // finds the case again; typed by staff
	link    string // the same for a camera
	at      time.Time
}

// Sizes of the sheet, in millimetres and points. Nothing is smaller than 12
// points, except the readings above characters.
const (
	sheetWidth, sheetHeight = 180.0, 259.0
	sheetText               = 12.0
	sheetReading            = 6.5
	sheetLine               = 5.7 // of a line of text
	sheetLineReadings       = 7.4 // of a line that carries readings
	sheetBox                = 6.0 // one side of a box to tick
	sheetIndent             = 10.0
)

// doc sets the sheet: the front holds what it is and the first half, the back the
// rest and whose words they are.
func (p paperSheet) doc(ctx context.Context) (*pdf.Doc, error) {
	code, err := qr.Encode(p.link, qr.M, qr.Auto)
	if err != nil {
		return nil, err
	}
	d := pdf.New(pdf.Options{
		Title: p.pack.Title.In(i18n.From(ctx).Lang), Author: p.desk, Lang: i18n.From(ctx).Lang.HTML(), Now: p.at,
		// The marks {n}, {codes} and {char} are filled in by pdf.
		Substitutes: pdf.Substitutes{
			Title:   i18n.T(ctx, "desk.sheet.substitutes"),
			Missing: i18n.T(ctx, "desk.sheet.missing", "n", "{n}", "codes", "{codes}"),
			Form:    i18n.T(ctx, "desk.sheet.form", "char", "{char}", "codes", "{codes}"),
		},
	})
	sides := p.sides()
	for i, items := range sides {
		d.Figure(sheetWidth, sheetHeight, func(c pdf.Canvas) {
			s := setter{Canvas: c, ctx: ctx}
			if i == 0 {
				s.front(p, code.Bounds().Dx(), func(x, y int) bool { return color.GrayModel.Convert(code.At(x, y)).(color.Gray).Y < 128 })
			} else {
				s.head(p, i+1, len(sides))
			}
			var end float64
			if i == len(sides)-1 {
				end = s.foot()
			} else {
				end = s.turn()
			}
			s.items(p.pack.Choices, items, end)
		})
	}
	return d, nil
}

// sides shares the items between front and back; only what does not fit on two
// sides begins a third.
func (p paperSheet) sides() [][]SheetItem {
	const one, front, back = 11, 13, 14
	all := p.pack.Items
	if len(all) <= one {
		return [][]SheetItem{all}
	}
	first := min((len(all)-1)/2, front)
	sides := [][]SheetItem{all[:first]}
	for rest := all[first:]; len(rest) > 0; {
		n := min(len(rest), back)
		sides, rest = append(sides, rest[:n]), rest[n:]
	}
	return sides
}

// setter sets one side from the top down.
type setter struct {
	pdf.Canvas
	ctx context.Context
	y   float64
}

func (s *setter) t(key string, args ...any) string { return i18n.T(s.ctx, key, args...) }

// front says what the sheet is, whose it is and how it is filled in. The code
// for a camera stands at the right of it.
func (s *setter) front(p paperSheet, modules int, dark func(x, y int) bool) {
	const camera = 30.0
	free := sheetWidth - camera - 6
	s.qr(sheetWidth-camera, 0, camera, modules, dark)
	s.TextAt(sheetWidth, camera+3.5, p.code, pdf.Lettering{Size: sheetText, Bold: true, Align: pdf.End})
	s.y = 1
	s.rich(0, free, runsOf(p.pack.Title, i18n.From(s.ctx).Lang), 15, true)
	s.y += 1
	s.rich(0, free, plainRuns(p.company), 14, true)
	line := p.desk
	if p.number != "" {
		line = s.t("desk.sheet.number", "number", p.number) + "　" + line
	}
	s.rich(0, free, plainRuns(line), sheetText, false)
	s.rich(0, free, s.runs("desk.sheet.printed", "day", i18n.Date(s.ctx, p.at)), sheetText, false)
	s.y = max(s.y, camera+7) + 1
	s.rich(0, sheetWidth, s.runs("desk.sheet.how", "n", len(p.pack.Items)), sheetText, false)
	s.rule()
}

// head stands on every side but the first: sheets come apart.
func (s *setter) head(p paperSheet, side, sides int) {
	s.y = 0
	right := p.code + "　" + strconv.Itoa(side) + "/" + strconv.Itoa(sides)
	s.TextAt(sheetWidth, 3, right, pdf.Lettering{Size: sheetText, Bold: true, Align: pdf.End})
	s.rich(0, sheetWidth-60, plainRuns(p.company), sheetText, true)
	s.rule()
}

// turn says that the sheet goes on. It returns where it begins.
func (s *setter) turn() float64 {
	const high = 8.0
	y := s.y
	s.y = sheetHeight - high + 1
	s.rich(sheetWidth-50, 50, s.runs("desk.sheet.turn"), sheetText, true)
	s.y = y
	return sheetHeight - high
}

// foot asks whose words these are and when. It returns where it begins.
func (s *setter) foot() float64 {
	const high = 35.0
	y, start := s.y, sheetHeight-high
	s.y = start
	s.rule()
	for _, row := range [...][2]string{{"desk.sheet.who", "desk.sheet.when"}, {"desk.sheet.sign", "desk.sheet.staff"}} {
		top := s.y + 3
		for i, key := range row {
			x := float64(i) * sheetWidth / 2
			s.y = top
			s.rich(x, sheetWidth/2-4, s.runs(key), sheetText, false)
			s.Line(x+34, top+8.5, x+sheetWidth/2-5, top+8.5, pdf.Pen{Width: 0.3})
		}
		s.y = top + 9
	}
	s.y += 1
	s.rich(0, sheetWidth, s.runs("desk.sheet.no-consent"), sheetText, false)
	s.y = y
	return start
}

// items sets the questions and gives each an equal share of the room down to end.
func (s *setter) items(choices []SheetChoice, items []SheetItem, end float64) {
	var high float64
	for _, x := range items {
		high += s.itemHeight(x)
	}
	gap := max(0.4, (end-s.y-high)/float64(len(items)+1))
	for i, x := range items {
		if i > 0 {
			s.Line(0, s.y+gap/2, sheetWidth, s.y+gap/2, pdf.Pen{Shade: 0xbb})
		}
		s.y += gap
		s.item(choices, x)
	}
}

const choiceRow = sheetBox + 0.8

func (s *setter) itemHeight(x SheetItem) float64 {
	lang := i18n.From(s.ctx).Lang
	high := s.height(sheetWidth-sheetIndent, runsOf(x.Question, lang), sheetText, false) + choiceRow
	if part := runsOf(x.Part, lang); len(part) > 0 {
		high += s.height(sheetWidth, part, sheetText, true)
	}
	return high
}

func (s *setter) item(choices []SheetChoice, x SheetItem) {
	lang := i18n.From(s.ctx).Lang
	if part := runsOf(x.Part, lang); len(part) > 0 {
		s.rich(0, sheetWidth, part, sheetText, true)
	}
	question := runsOf(x.Question, lang)
	s.TextAt(sheetIndent-3, s.y+lineHeight(question)-sheetLine/2, strconv.Itoa(x.Number), pdf.Lettering{Size: sheetText, Bold: true, Align: pdf.End})
	s.rich(sheetIndent, sheetWidth-sheetIndent, question, sheetText, false)
	s.choices(choices)
	s.y += choiceRow
}

// choices sets the boxes of an item in one row, each with its number and word.
func (s *setter) choices(all []SheetChoice) {
	const pad, after = 2.0, 1.5
	word, lang := pdf.Lettering{Size: sheetText}, i18n.From(s.ctx).Lang
	used := 0.0
	for _, c := range all {
		used += sheetBox + pad + s.Width(c.Label.In(lang), word)
	}
	between := max(after, (sheetWidth-sheetIndent-used)/float64(max(len(all)-1, 1)))
	x, middle := sheetIndent, s.y+choiceRow/2
	for i, c := range all {
		top := middle - sheetBox/2
		s.Polygon([]pdf.Point{{X: x, Y: top}, {X: x + sheetBox, Y: top}, {X: x + sheetBox, Y: top + sheetBox}, {X: x, Y: top + sheetBox}}, pdf.Pen{Width: 0.35})
		s.TextAt(x+sheetBox/2, middle, strconv.Itoa(i+1), pdf.Lettering{Size: sheetText, Align: pdf.Middle})
		s.TextAt(x+sheetBox+pad, middle, c.Label.In(lang), word)
		x += sheetBox + pad + s.Width(c.Label.In(lang), word) + min(between, 12)
	}
}

func (s *setter) rule() {
	s.Line(0, s.y+1, sheetWidth, s.y+1, pdf.Pen{Width: 0.4})
	s.y += 1.6
}

// qr draws a code with its empty margin of four modules (ISO/IEC 18004).
func (s *setter) qr(x, y, side float64, modules int, dark func(x, y int) bool) {
	unit := side / float64(modules+8)
	for row := range modules {
		for col := 0; col < modules; col++ {
			from := col
			for col < modules && dark(col, row) {
				col++
			}
			if col > from {
				left, right := x+float64(from+4)*unit, x+float64(col+4)*unit
				top, bottom := y+float64(row+4)*unit, y+float64(row+5)*unit
				s.Polygon([]pdf.Point{{X: left, Y: top}, {X: right, Y: top}, {X: right, Y: bottom}, {X: left, Y: bottom}}, pdf.Pen{Fill: true})
			}
		}
	}
}

// caseCode is what stands on a sheet and leads back to its case: the first ten
// signs of the id, in two groups. Within one desk that is enough; what it opens is
// decided by the reader's rights and never by the code.
func caseCode(id string) string {
	if len(id) < codeSigns {
		return strings.ToUpper(id)
	}
	return strings.ToUpper(id[:codeSigns/2] + "-" + id[codeSigns/2:codeSigns])
}

const codeSigns = 10
