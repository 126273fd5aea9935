package exchange

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/format/sheet"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// The media types of what leaves.
const (
	typeExcel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	typeCSV   = "text/csv; charset=utf-8"
	typeJSON  = "application/json"
)

// aboutSheet is a hidden sheet that says what an Excel is about, so that nobody has to
// say it when it comes back.
const aboutSheet = "_minamori"

// Excel is the answers of a company to a pack as a spreadsheet.
func (rm *Room) Excel(ctx context.Context, org, pack string) (web.File, error) {
	t, err := rm.take(ctx, org, pack)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: t.fileName("xlsx"), Type: typeExcel, Write: func(w io.Writer) error {
		f := excelize.NewFile()
		defer f.Close()
		if err := t.sheet(ctx, f, "Sheet1"); err != nil {
			return err
		}
		if err := f.SetSheetName("Sheet1", i18n.T(ctx, "exchange.sheet")); err != nil {
			return err
		}
		if err := t.about(f); err != nil {
			return err
		}
		return f.Write(w)
	}}, nil
}

// looks are the styles of a written sheet.
type looks struct{ head, text, fixed int }

func newLooks(f *excelize.File) (l looks, err error) {
	wrap := &excelize.Alignment{WrapText: true, Vertical: "top"}
	// Format 49 is text: a spreadsheet must not make a date of 4-1-5.
	if l.head, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, Alignment: wrap, NumFmt: 49, Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"E8EEF4"}}}); err != nil {
		return l, err
	}
	if l.text, err = f.NewStyle(&excelize.Style{Alignment: wrap, NumFmt: 49}); err != nil {
		return l, err
	}
	l.fixed, err = f.NewStyle(&excelize.Style{Alignment: wrap, NumFmt: 49, Font: &excelize.Font{Color: "555555"}})
	return l, err
}

// widths of columns, in characters.
var widths = map[column]float64{colItem: 10, colTitle: 30, colQuestion: 45, colWording: 45, colChoice: 16, colMemo: 40, colReason: 25, colScope: 25, colException: 25, colDay: 12, colRevision: 6}

// sheet writes the table of a pack, row by row.
func (t *taken) sheet(ctx context.Context, f *excelize.File, name string) error {
	look, err := newLooks(f)
	if err != nil {
		return err
	}
	w, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	all := columns(t.wording)
	row := make([]any, len(all))
	for i, c := range all {
		if err := w.SetColWidth(i+1, i+1, widths[c]); err != nil {
			return err
		}
		row[i] = excelize.Cell{StyleID: look.head, Value: c.heading(ctx)}
	}
	if err := w.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 1, TopLeftCell: "B2", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	if err := w.SetRow("A1", row); err != nil {
		return err
	}
	for n, r := range t.records {
		for i, c := range all {
			row[i] = t.cell(r, c, look)
		}
		at, _ := excelize.CoordinatesToCellName(1, n+2)
		if err := w.SetRow(at, row); err != nil {
			return err
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return t.offer(f, name, all)
}

func (t *taken) cell(r record, c column, look looks) excelize.Cell {
	if c == colRevision {
		return excelize.Cell{StyleID: look.fixed, Value: r.Answer.Revision}
	}
	style := look.text
	switch c {
	case colItem, colTitle, colQuestion, colWording, colDay:
		style = look.fixed
	}
	return excelize.Cell{StyleID: style, Value: r.cell(t.pack, c, t.lang)}
}

// offer lets people choose an answer from a list instead of typing it.
func (t *taken) offer(f *excelize.File, name string, all []column) error {
	var list []string
	for _, c := range t.pack.Choices {
		list = append(list, c.Label.In(t.lang))
	}
	for i, c := range all {
		if c != colChoice {
			continue
		}
		first, _ := excelize.CoordinatesToCellName(i+1, 2)
		last, _ := excelize.CoordinatesToCellName(i+1, len(t.records)+1)
		v := excelize.NewDataValidation(true)
		v.Sqref = first + ":" + last
		if err := v.SetDropList(list); err != nil {
			return nil // longer than Excel takes: the words can still be typed
		}
		return f.AddDataValidation(name, v)
	}
	return nil
}

// about writes the hidden sheet.
func (t *taken) about(f *excelize.File) error {
	if _, err := f.NewSheet(aboutSheet); err != nil {
		return err
	}
	for i, pair := range [][2]string{{"format", "1"}, {"pack", t.pack.ID}, {"organisation", t.company.ID}, {"made", t.at.UTC().Format(time.RFC3339)}} {
		n := strconv.Itoa(i + 1)
		if err := f.SetCellStr(aboutSheet, "A"+n, pair[0]); err != nil {
			return err
		}
		if err := f.SetCellStr(aboutSheet, "B"+n, pair[1]); err != nil {
			return err
		}
	}
	return f.SetSheetVisible(aboutSheet, false)
}

// CSV is the answers of a company to a pack as a table of text.
func (rm *Room) CSV(ctx context.Context, org, pack string) (web.File, error) {
	t, err := rm.take(ctx, org, pack)
	if err != nil {
		return web.File{}, err
	}
	return web.File{Name: t.fileName("csv"), Type: typeCSV, Write: func(w io.Writer) error {
		out := bufio.NewWriter(w) // keeps the first error
		all := columns(t.wording)
		cells := make([]string, len(all))
		for i, c := range all {
			cells[i] = c.heading(ctx)
		}
		_, _ = out.WriteString(sheet.BOM + sheet.Line(cells...))
		for _, r := range t.records {
			for i, c := range all {
				if cells[i] = r.cell(t.pack, c, t.lang); c == colRevision {
					cells[i] = strconv.Itoa(r.Answer.Revision)
				}
			}
			_, _ = out.WriteString(sheet.Line(cells...))
		}
		return out.Flush()
	}}, nil
}

// answersFile is the JSON form of the answers to a pack.
type answersFile struct {
	Format       string       `json:"format"` // minamori-answers
	Version      int          `json:"version"`
	Pack         string       `json:"pack"`
	Edition      string       `json:"edition"`
	Organisation string       `json:"organisation"`
	Made         time.Time    `json:"made"`
	Answers      []answerLine `json:"answers"`
}

const answersFormat = "minamori-answers"

type answerLine struct {
	Item      string     `json:"item"`
	Title     string     `json:"title,omitempty"`
	Choice    string     `json:"choice"`
	Memo      *string    `json:"memo,omitempty"`
	Reason    *string    `json:"reason,omitempty"`
	Scope     *string    `json:"scope,omitempty"`
	Exception *string    `json:"exception,omitempty"`
	Answered  *time.Time `json:"answered,omitempty"`
	Source    string     `json:"source,omitempty"`
	Revision  *int       `json:"revision,omitempty"`
}

// JSON is the answers of a company to a pack as data.
func (rm *Room) JSON(ctx context.Context, org, pack string) (web.File, error) {
	t, err := rm.take(ctx, org, pack)
	if err != nil {
		return web.File{}, err
	}
	file := answersFile{Format: answersFormat, Version: 1, Pack: t.pack.ID, Edition: t.pack.Edition, Organisation: t.company.ID, Made: t.at.UTC().Truncate(time.Second), Answers: []answerLine{}}
	for _, r := range t.records {
		a := r.Answer
		if a.Revision == 0 {
			continue
		}
		file.Answers = append(file.Answers, answerLine{
			Item: r.Item.ID, Title: r.Item.Title.In(t.lang), Choice: a.Choice, Memo: &a.Memo, Reason: &a.Reason, Scope: &a.Scope, Exception: &a.Exception,
			Answered: &a.At, Source: a.Source, Revision: &a.Revision,
		})
	}
	return web.File{Name: t.fileName("json"), Type: typeJSON, Write: func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		e.SetIndent("", "  ")
		return e.Encode(file)
	}}, nil
}
