package record

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) ledgerRoutes() []web.Route {
	const one = "/orgs/{org}/records/ledgers/{ledger}"
	return []web.Route{
		web.Get(one, web.Viewer, "Show a ledger: its rows, and when it was looked through.", rm.showLedger, ledgerPage),
		web.Get(one+"/new", web.Member, "Show the form for a row.", rm.newRow, rowPage, web.PageOnly),
		web.Post(one+"/rows", web.Member, "Write a row into a ledger.", rm.addRow, nil, web.Again(rm.addRowAgain)),
		web.Get(one+"/rows/{row}", web.Viewer, "Show a row of a ledger.", rm.showRow, rowPage),
		web.Post(one+"/rows/{row}", web.Member, "Write a row of a ledger anew.", rm.editRow, nil, web.Again(rm.editRowAgain)),
		web.Post(one+"/rows/{row}/remove", web.Member, "Take a row out of a ledger.", rm.removeRow, nil),
		web.Post(one+"/look", web.Member, "Note that a ledger was looked through today.", rm.lookThrough, nil, web.Again(rm.lookAgain)),
	}
}

// LedgerIn names a ledger of a company.
type LedgerIn struct {
	Org    string `path:"org" json:"-"`
	Ledger string `path:"ledger" json:"-"`
}

func ledgerPath(org, ledger string) string { return home(org) + "/ledgers/" + ledger }

func (in LedgerIn) path() string { return ledgerPath(in.Org, in.Ledger) }

type ledgerAsk struct {
	LedgerIn
	After string `query:"after" json:"-"`
}

// LookLine is one time that a ledger was looked through, with who did it.
type LookLine struct {
	Look
	Name string `json:"by"`
}

// LedgerView is a ledger, a page of its rows.
type LedgerView struct {
	ID    string     `json:"id"`
	Title i18n.Text  `json:"title"`
	Total int        `json:"total"`
	Rows  []Row      `json:"rows"`
	More  string     `json:"next,omitempty"` // the row after which the next page begins
	Looks []LookLine `json:"looked_through"`
	Until time.Time  `json:"valid_until"` // what it shows is valid until then; zero when it shows nothing

	sheet   *Ledger
	in      ledgerAsk
	role    web.Role
	now     time.Time
	problem *problem.Problem
	typed   string // remark
}

func (rm *Room) showLedger(ctx context.Context, in ledgerAsk) (v LedgerView, err error) {
	l, err := rm.ledgerOf(in.Ledger)
	if err != nil {
		return v, err
	}
	v = LedgerView{ID: l.ID, Title: l.Title, Rows: []Row{}, Looks: []LookLine{}, sheet: l, in: in, role: web.RoleFrom(ctx), now: rm.Now()}
	if v.Total, err = countRows(ctx, in.Org, l.ID); err != nil {
		return v, err
	}
	rows, err := rm.Rows(ctx, in.Org, l.ID, in.After, pageRows+1)
	if err != nil {
		return v, err
	}
	if len(rows) > pageRows {
		rows = rows[:pageRows]
		v.More = rows[pageRows-1].ID
	}
	v.Rows = append(v.Rows, rows...)
	looks, err := rm.Looks(ctx, in.Org, l.ID)
	if err != nil {
		return v, err
	}
	if v.Looks, err = rm.named(ctx, looks); err == nil && len(looks) > 0 && v.Total > 0 {
		v.Until = l.Every.Until(looks[0].At)
	}
	return v, err
}

func (rm *Room) named(ctx context.Context, looks []Look) ([]LookLine, error) {
	accounts := make([]string, len(looks))
	for i, k := range looks {
		accounts[i] = k.By
	}
	names, err := rm.People(ctx, accounts)
	lines := make([]LookLine, len(looks))
	for i, k := range looks {
		lines[i] = LookLine{k, names[k.By]}
	}
	return lines, err
}

// lookIn is a look-through.
type lookIn struct {
	LedgerIn
	Note string `json:"note"`
}

func (rm *Room) lookThrough(ctx context.Context, in lookIn) (Moved, error) {
	return Moved{in.path()}, rm.LookThrough(ctx, in.Org, in.Ledger, in.Note)
}

func (rm *Room) lookAgain(ctx context.Context, in lookIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showLedger(ctx, ledgerAsk{LedgerIn: in.LedgerIn})
	v.problem, v.typed = p, in.Note
	return ledgerPage(v), err
}

// RowIn names a row of a ledger.
type RowIn struct {
	LedgerIn
	Row string `path:"row" json:"-"`
}

// RowView is a row, or the form for one.
type RowView struct {
	Row
	Maker   string `json:"made_by"`
	Changer string `json:"changed_by"`

	sheet   *Ledger
	in      LedgerIn
	role    web.Role
	problem *problem.Problem
}

func (rm *Room) newRow(ctx context.Context, in LedgerIn) (RowView, error) {
	l, err := rm.ledgerOf(in.Ledger)
	return RowView{sheet: l, in: in, role: web.RoleFrom(ctx)}, err
}

func (rm *Room) showRow(ctx context.Context, in RowIn) (v RowView, err error) {
	if v, err = rm.newRow(ctx, in.LedgerIn); err != nil {
		return v, err
	}
	if v.Row, err = rm.row(ctx, in.Org, in.Ledger, in.Row); err != nil {
		return v, err
	}
	names, err := rm.People(ctx, []string{v.MadeBy, v.ChangedBy})
	v.Maker, v.Changer = names[v.MadeBy], names[v.ChangedBy]
	return v, err
}

type addRowIn struct {
	LedgerIn
	Cells map[string]string `json:"cells"`
}

func (rm *Room) addRow(ctx context.Context, in addRowIn) (Moved, error) {
	_, err := rm.AddRow(ctx, in.Org, in.Ledger, in.Cells)
	return Moved{in.path()}, err
}

func (rm *Room) addRowAgain(ctx context.Context, in addRowIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.newRow(ctx, in.LedgerIn)
	v.Cells, v.problem = in.Cells, p
	return rowPage(v), err
}

type editRowIn struct {
	RowIn
	Cells map[string]string `json:"cells"`
}

func (rm *Room) editRow(ctx context.Context, in editRowIn) (Moved, error) {
	return Moved{in.path()}, rm.EditRow(ctx, in.Org, in.Ledger, in.Row, in.Cells)
}

func (rm *Room) editRowAgain(ctx context.Context, in editRowIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showRow(ctx, in.RowIn)
	v.Cells, v.problem = in.Cells, p
	return rowPage(v), err
}

func (rm *Room) removeRow(ctx context.Context, in RowIn) (Moved, error) {
	return Moved{in.path()}, rm.RemoveRow(ctx, in.Org, in.Ledger, in.Row)
}

// field is how a cell is asked for.
func (c Column) field(ctx context.Context, value string, p *problem.Problem) ui.FieldView {
	f := ui.FieldView{Name: "cells." + c.ID, Label: ui.Rich(c.Title), Value: value, Optional: !c.Required, Error: ui.FieldProblem(p, "cells."+c.ID), Autocomplete: "off", MaxLength: maxCell}
	if c.Hint != (i18n.Text{}) {
		f.Hint = ui.Rich(c.Hint)
	}
	switch c.Kind {
	case Number:
		f.InputMode, f.Size = "decimal", ui.SizeMedium
	case Date:
		f.Kind, f.Size = ui.FieldDate, ui.SizeMedium
	case Choice:
		f.Kind, f.MaxLength, f.Autocomplete = ui.FieldSelect, 0, ""
		f.Options = append(f.Options, ui.Option{Value: "", Text: i18n.T(ctx, "record.choose")})
		for _, o := range c.Options {
			f.Options = append(f.Options, ui.Option{Value: o.Code, Text: o.Title.In(i18n.From(ctx).Lang), Chosen: o.Code == value})
		}
	}
	return f
}

// shownColumns is how many columns a list shows; the rest stands in the row itself.
const shownColumns = 5

// shown is the columns of a list: those that have to be filled in first.
func (l *Ledger) shown() (cols []Column) {
	for _, required := range []bool{true, false} {
		for _, c := range l.Columns {
			if c.Required == required && len(cols) < shownColumns {
				cols = append(cols, c)
			}
		}
	}
	return cols
}

func (v LedgerView) table(ctx context.Context) ui.TableView {
	cols := v.sheet.shown()
	t := ui.TableView{Caption: ui.Rich(v.Title), HideCaption: true, Stack: true, Empty: &ui.EmptyView{Title: ui.T("record.rows.none"), Why: ui.T("record.rows.none.why")}}
	for _, c := range cols {
		t.Columns = append(t.Columns, ui.Column{Name: ui.Say(ctx, c.Title), Number: c.Kind == Number})
	}
	for _, r := range v.Rows {
		line := []ui.Words{cellLink(v.in.path()+"/rows/"+r.ID, v.called(ctx, r, cols[0]))}
		for _, c := range cols[1:] {
			line = append(line, ui.Plain(c.show(ctx, r.Cells[c.ID])))
		}
		t.Rows = append(t.Rows, line)
	}
	if v.More != "" {
		t.NextURL = v.in.path() + "?after=" + v.More
	}
	if v.in.After != "" {
		t.FirstURL = v.in.path()
	}
	return t
}

func (v LedgerView) looksTable(ctx context.Context) ui.TableView {
	t := ui.TableView{Caption: ui.T("record.looks"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "record.look.day"}, {Key: "record.look.by"}, {Key: "record.look.rows", Number: true}, {Key: "record.look.note"}},
	}
	for _, k := range v.Looks {
		t.Rows = append(t.Rows, []ui.Words{ui.Day(k.At), name(k.Name), ui.Plain(i18n.Number(k.Rows)), ui.Plain(k.Note)})
	}
	return t
}

// name is the name of somebody, or that he has gone.
func name(s string) ui.Words {
	if s == "" {
		return ui.T("record.gone")
	}
	return ui.Plain(s)
}

// codes lists the criteria of the star for which something is kept.
func (p Proves) codes() string {
	s := ""
	for i, place := range p.Places() {
		if i > 0 {
			s += "、"
		}
		s += place.Item
	}
	return s
}

// called is the first cell of a row; it leads to the row, so that it is never blank.
func (v LedgerView) called(ctx context.Context, r Row, c Column) string {
	if s := c.show(ctx, r.Cells[c.ID]); s != "" {
		return s
	}
	return i18n.T(ctx, "record.blank")
}

// fresh says that what was looked through still holds.
func (v LedgerView) fresh() bool { return !v.Until.IsZero() && !v.now.After(v.Until) }

// title is the sentence above a ledger: what it shows today.
func (v LedgerView) title(ctx context.Context) ui.Words {
	switch {
	case v.Total == 0:
		return ui.T("record.rows.none")
	case len(v.Looks) == 0:
		return ui.T("record.look.never")
	case v.now.After(v.Until):
		return ui.T("record.look.old", "date", i18n.Date(ctx, v.Until))
	}
	return ui.T("record.look.fresh", "date", i18n.Date(ctx, v.Until))
}

func (v LedgerView) may(r web.Role) bool { return v.role >= r }

func (v RowView) fields(ctx context.Context) (all []ui.FieldView) {
	for _, c := range v.sheet.Columns {
		all = append(all, c.field(ctx, v.Cells[c.ID], v.problem))
	}
	return all
}

func (v RowView) facts(ctx context.Context) (all []ui.Pair) {
	return cellFacts(ctx, v.sheet.Columns, v.Cells)
}

func cellFacts(ctx context.Context, cols []Column, cells Cells) (all []ui.Pair) {
	for _, c := range cols {
		value := ui.Plain(c.show(ctx, cells[c.ID]))
		if cells[c.ID] == "" {
			value = ui.T("record.blank")
		}
		all = append(all, ui.Pair{Key: ui.Rich(c.Title), Value: value})
	}
	return all
}

func (v RowView) action() string {
	if v.ID == "" {
		return v.in.path() + "/rows"
	}
	return v.in.path() + "/rows/" + v.ID
}

func trail(org string, links ...ui.Link) []ui.Link {
	return slices.Concat([]ui.Link{{Label: ui.T("record.page"), URL: home(org)}}, links)
}
