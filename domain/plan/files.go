package plan

import (
	"bytes"
	"context"
	"io"

	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/format/ical"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

const typeExcel = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// product stands in calendars as what wrote them.
const product = "Minamori"

// icsFile is the plan as a calendar for a member, with names.
func (rm *Room) icsFile(ctx context.Context, in orgIn) (web.File, error) {
	people, err := rm.People(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	return rm.calendar(ctx, in.Org, func(s Step) string { return i18n.T(ctx, "plan.ics.who", "name", s.whoText(ctx, people)) })
}

// addressFile is the plan as a calendar program reads it: nobody is named.
func (rm *Room) addressFile(ctx context.Context, in addressedIn) (web.File, error) {
	secret, ok := cutEnding(in.Address)
	if !ok {
		secret = ""
	}
	org, err := rm.opened(ctx, secret)
	if err != nil {
		return web.File{}, err
	}
	return rm.calendar(ctx, org, func(s Step) string {
		if s.nobody() {
			return i18n.T(ctx, "plan.ics.nobody")
		}
		return i18n.T(ctx, "plan.ics.somebody")
	})
}

// calendar writes what is to be done, each on its day. What is done or has no day is
// left out: a calendar is for what comes.
func (rm *Room) calendar(ctx context.Context, org string, who func(Step) string) (web.File, error) {
	c := ical.Calendar{Product: product, Name: i18n.T(ctx, "plan.ics.name"), Stamp: rm.Now()}
	steps, err := rm.Steps(ctx, org)
	if err != nil {
		return web.File{}, err
	}
	for _, s := range steps {
		if s.State == Done || s.Due == "" {
			continue
		}
		c.Events = append(c.Events, ical.Event{On: ical.DayOf(s.Due.Time()), Entry: ical.Entry{
			UID: s.ID + "@minamori", Summary: s.What, Description: s.place(ctx) + "\n" + who(s), URL: rm.Base + stepPath(org, s.ID), Sequence: s.Revision,
		}})
	}
	if rm.Duties != nil {
		duties, err := rm.Duties(ctx, org)
		if err != nil {
			return web.File{}, err
		}
		for _, d := range duties {
			if d.Done || d.Due.Time().IsZero() {
				continue
			}
			c.Events = append(c.Events, ical.Event{On: ical.DayOf(d.Due.Time()), Entry: ical.Entry{UID: d.ID + "-" + string(d.Due) + "@minamori", Summary: d.Title}})
		}
	}
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		return web.File{}, err
	}
	return web.File{Name: "plan.ics", Type: ical.Type, Write: func(w io.Writer) error { _, err := w.Write(b.Bytes()); return err }}, nil
}

// place names the item of a step.
func (s Step) place(ctx context.Context) string {
	if s.at.Item == nil {
		return s.Pack + " " + s.Item
	}
	lang := i18n.From(ctx).Lang
	return s.in.Title.In(lang) + " " + s.at.Item.Sign() + " " + s.at.Item.Title.In(lang)
}

// whoText is who does it, in plain text.
func (s Step) whoText(ctx context.Context, people []Person) string {
	if s.Name != "" {
		return s.Name
	}
	if p, ok := personIn(people, s.Account); ok {
		return p.Name
	}
	return i18n.T(ctx, "plan.nobody")
}

// stateText is the state in a word, with what a person said.
// keys: plan.state.open, plan.state.overdue, plan.state.done
func (s Step) stateText(ctx context.Context) string {
	return i18n.T(ctx, "plan.state."+string(s.State))
}

// excelFile is the plan as a spreadsheet.
func (rm *Room) excelFile(ctx context.Context, in orgIn) (web.File, error) {
	steps, err := rm.Steps(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	people, err := rm.People(ctx, in.Org)
	if err != nil {
		return web.File{}, err
	}
	heads, rows := sheetOf(ctx, steps, people)
	return web.File{Name: "plan-" + string(rm.today()) + ".xlsx", Type: typeExcel, Write: func(w io.Writer) error {
		return writeSheet(w, i18n.T(ctx, "plan.xlsx.sheet"), heads, rows)
	}}, nil
}

// sheetOf is the plan as a table of texts.
func sheetOf(ctx context.Context, steps []Step, people []Person) (heads []string, rows [][]string) {
	t := func(key string) string { return i18n.T(ctx, key) }
	heads = []string{t("plan.due"), t("plan.what"), t("plan.who"), t("plan.state"), t("plan.said"), t("plan.pack"), t("plan.number"), t("plan.item")}
	for _, s := range steps {
		said, sign, title, pack := "", s.Item, "", s.Pack
		if s.Waiting() {
			said = t("plan.waiting")
		}
		if s.at.Item != nil {
			lang := i18n.From(ctx).Lang
			sign, title, pack = s.at.Item.Sign(), s.at.Item.Title.In(lang), s.in.Title.In(lang)
		}
		rows = append(rows, []string{string(s.Due), s.What, s.whoText(ctx, people), s.stateText(ctx), said, pack, sign, title})
	}
	return heads, rows
}

// asText is the number format of cells that take everything as text: 4-1-5 must not
// become a date, and =1+1 stays what somebody wrote.
const asText = 49

// writeSheet writes a spreadsheet in which every cell is a string.
func writeSheet(w io.Writer, name string, heads []string, rows [][]string) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	wrap := &excelize.Alignment{WrapText: true, Vertical: "top"}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: asText, Alignment: wrap})
	if err != nil {
		return err
	}
	text, err := f.NewStyle(&excelize.Style{NumFmt: asText, Alignment: wrap})
	if err != nil {
		return err
	}
	out, err := f.NewStreamWriter(name)
	if err != nil {
		return err
	}
	for i, width := range []float64{12, 40, 20, 12, 24, 30, 10, 40} {
		if err := out.SetColWidth(i+1, i+1, width); err != nil {
			return err
		}
	}
	for y, row := range append([][]string{heads}, rows...) {
		style := text
		if y == 0 {
			style = bold
		}
		cells := make([]any, len(row))
		for x, s := range row {
			cells[x] = excelize.Cell{StyleID: style, Value: s}
		}
		at, _ := excelize.CoordinatesToCellName(1, y+1)
		if err := out.SetRow(at, cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

// day is a day as pages show it.
func day(ctx context.Context, d assess.Date) string {
	if d == "" {
		return i18n.T(ctx, "plan.due.none")
	}
	return i18n.Deadline(ctx, d.Time())
}
