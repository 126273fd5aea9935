package approval

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	const papers, sheet = "/orgs/{org}/papers", "/orgs/{org}/papers/{sheet}"
	return []web.Route{
		web.Get(papers, web.Manager, "List the sheets that wait for a signature or were signed.", rm.list, listPage),
		web.Get(papers+"/new", web.Manager, "Show the form of an act that is to be signed on paper.", rm.showNew, newPage, web.PageOnly),
		web.Post(papers, web.Manager, "Make a sheet to be signed; nothing else happens yet.", rm.prepare, nil, web.Again(rm.prepareAgain)),
		web.Get(sheet, web.Manager, "Show a sheet, and take it in when it is signed.", rm.show, sheetPage),
		web.GetFile(sheet+"/sheet.pdf", web.Manager, "Fetch a sheet for printing.", rm.pdfFile),
		web.GetFile(sheet+"/signed", web.Manager, "Fetch the signed sheet as it was uploaded.", rm.openSigned),
		web.Post(sheet+"/signed", web.Manager, "Upload a signed sheet; its act happens.", rm.sign, nil,
			web.PageOnly, web.StepUp, web.Limit(web.UploadLimit), web.Again(rm.signAgain)),
		web.Post(sheet+"/withdraw", web.Manager, "Withdraw a sheet that is not signed.", rm.withdraw, nil),
		web.Post(sheet+"/deny", web.Owner, "Say that an owner does not recognise a signed sheet.", rm.deny, nil),
	}
}

// pageSize is how many sheets a page of the list shows.
const pageSize = 50

// ListIn asks for a page of sheets.
type ListIn struct {
	Org    string `path:"org" json:"-"`
	Before string `query:"before"`
}

// SheetRow is a sheet in the list.
type SheetRow struct {
	Sheet
	Phase Phase  `json:"phase"`
	By    string `json:"uploaded_by,omitempty"` // a name
}

// ListView is a page of sheets, the newest first.
type ListView struct {
	Sheets []SheetRow `json:"sheets"`
	Next   string     `json:"before,omitempty"` // to be passed as before; empty on the last page

	org  string
	acts []Act
}

func (rm *Room) list(ctx context.Context, in ListIn) (ListView, error) {
	all, err := sheets(ctx, in.Org, in.Before, pageSize+1)
	if err != nil {
		return ListView{}, err
	}
	v := ListView{org: in.Org, acts: rm.Acts}
	if len(all) > pageSize {
		all = all[:pageSize]
		v.Next = all[pageSize-1].ID
	}
	v.Sheets, err = rm.rows(ctx, all)
	return v, err
}

// rows adds phases and names, with one question for all names.
func (rm *Room) rows(ctx context.Context, all []Sheet) ([]SheetRow, error) {
	var by []string
	for _, s := range all {
		if s.UploadedBy != "" {
			by = append(by, s.UploadedBy)
		}
	}
	names, err := rm.People(ctx, by)
	rows := make([]SheetRow, 0, len(all))
	for _, s := range all {
		rows = append(rows, SheetRow{s, s.Phase(rm.Now()), names[s.UploadedBy]})
	}
	return rows, err
}

// NewIn names the act.
type NewIn struct {
	Org    string   `path:"org" json:"-"`
	Act    string   `query:"act" json:"-"`
	Inputs []string `query:"input" json:"-"`
}

// PrepareIn is a sheet as typed.
type PrepareIn struct {
	Org    string   `path:"org" json:"-"`
	Act    string   `json:"act"`
	Inputs []string `json:"input"` // in the order of the act's fields
}

// NewView is the form of an act.
type NewView struct {
	org     string
	act     Act
	fields  []ui.FieldView
	problem *problem.Problem
}

func (rm *Room) showNew(ctx context.Context, in NewIn) (NewView, error) {
	return rm.form(ctx, PrepareIn(in), nil)
}

func (rm *Room) form(ctx context.Context, in PrepareIn, p *problem.Problem) (NewView, error) {
	act := rm.act(in.Act)
	if act == nil {
		return NewView{}, problem.NotFound()
	}
	v := NewView{org: in.Org, act: *act, problem: p}
	for i, f := range act.Fields {
		field := ui.FieldView{
			Kind: f.Kind, Name: "input", ID: "f-" + f.Name, Label: ui.T("approval.field." + f.Name), Autocomplete: "off",
			Error: ui.FieldProblem(p, f.Name),
		}
		if i < len(in.Inputs) {
			field.Value = in.Inputs[i]
		}
		if f.Options != nil {
			options, err := f.Options(ctx, in.Org)
			if err != nil {
				return v, err
			}
			field.Options = options
		}
		v.fields = append(v.fields, field)
	}
	return v, nil
}

func (rm *Room) prepareAgain(ctx context.Context, in PrepareIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.form(ctx, in, p)
	return newPage(v), err
}

// PreparedView is the new sheet.
type PreparedView struct {
	ID      string    `json:"id"`
	Expires time.Time `json:"expires"`
	org     string
}

// Next is the page of the sheet, which prints it.
func (v PreparedView) Next() string { return sheetPath(v.org, v.ID) }

func sheetPath(org, sheet string) string { return "/orgs/" + org + "/papers/" + sheet }

func (rm *Room) prepare(ctx context.Context, in PrepareIn) (PreparedView, error) {
	s, err := rm.Prepare(ctx, in.Org, in.Act, in.Inputs)
	return PreparedView{s.ID, s.Expires, in.Org}, err
}

// SheetIn names a sheet.
type SheetIn struct {
	Org   string `path:"org" json:"-"`
	Sheet string `path:"sheet" json:"-"`
}

// SheetView is a sheet to its people.
type SheetView struct {
	SheetRow
	Maker string `json:"made_by"` // a name, "" when the person has gone

	org     string
	role    web.Role
	typed   SignIn
	problem *problem.Problem
}

func (rm *Room) show(ctx context.Context, in SheetIn) (SheetView, error) {
	s, err := sheetOf(ctx, in.Org, in.Sheet)
	if err != nil {
		return SheetView{}, err
	}
	names, err := rm.People(ctx, []string{s.MadeBy, s.UploadedBy})
	row := SheetRow{s, s.Phase(rm.Now()), names[s.UploadedBy]}
	return SheetView{SheetRow: row, Maker: names[s.MadeBy], org: in.Org, role: web.RoleFrom(ctx)}, err
}

// SignIn is a signed sheet as it comes in.
type SignIn struct {
	Org      string     `path:"org" json:"-"`
	Sheet    string     `path:"sheet" json:"-"`
	Signer   string     `json:"signer"`
	SignedOn string     `json:"signed_on"`
	File     web.Upload `json:"file"`
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// sign keeps the file first: it lies outside the transaction. A file whose sheet
// is then refused goes again.
// keys: field.approval-file
func (rm *Room) sign(ctx context.Context, in SignIn) (Moved, error) {
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		_, err := sheetOf(ctx, in.Org, in.Sheet)
		return err
	})
	if err != nil {
		return Moved{}, err
	}
	if !in.File.Present() {
		var v problem.Invalid
		v.Add("file", "approval-file")
		return Moved{}, v.Or()
	}
	blob, err := rm.KeepFile(ctx, in.Org, in.File)
	if err != nil {
		return Moved{}, err
	}
	if err := rm.Sign(ctx, in.Org, in.Sheet, Upload{in.Signer, in.SignedOn, blob}); err != nil {
		_ = rm.DropFile(ctx, in.Org, blob) // the sweep takes what stays
		return Moved{}, err
	}
	return Moved{sheetPath(in.Org, in.Sheet)}, nil
}

func (rm *Room) signAgain(ctx context.Context, in SignIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.show(ctx, SheetIn{in.Org, in.Sheet})
	v.typed, v.problem = in, p
	return sheetPage(v), err
}

func (rm *Room) openSigned(ctx context.Context, in SheetIn) (web.File, error) {
	s, err := sheetOf(ctx, in.Org, in.Sheet)
	if err != nil {
		return web.File{}, err
	}
	if s.blob == "" {
		return web.File{}, problem.NotFound()
	}
	return rm.OpenFile(ctx, in.Org, s.blob)
}

func (rm *Room) withdraw(ctx context.Context, in SheetIn) (Moved, error) {
	return Moved{sheetPath(in.Org, in.Sheet)}, rm.Withdraw(ctx, in.Org, in.Sheet)
}

func (rm *Room) deny(ctx context.Context, in SheetIn) (Moved, error) {
	return Moved{sheetPath(in.Org, in.Sheet)}, rm.Deny(ctx, in.Org, in.Sheet)
}
