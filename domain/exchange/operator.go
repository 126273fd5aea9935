package exchange

import (
	"context"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) operatorRoutes() []web.Route {
	const all = "/operator/workbooks"
	const one = all + "/{workbook}"
	return []web.Route{
		web.Get(all, web.Operator, "List the official workbooks of this installation.", rm.showWorkbooks, workbooksPage),
		web.Post(all, web.Operator, "Load an official workbook to look at how it was understood.", rm.loadWorkbook, nil, web.Limit(web.UploadLimit), web.Again(rm.loadWorkbookAgain)),
		web.Get(one, web.Operator, "Show how an official workbook was understood.", rm.showWorkbook, workbookPage),
		web.Post(one, web.Operator, "Say how an official workbook is laid out.", rm.setWorkbook, nil, web.Again(rm.setWorkbookAgain)),
		web.Post(one+"/keep", web.Operator, "Keep an official workbook and its wording in this installation.", rm.keepWorkbook, nil, web.StepUp),
		web.Post(one+"/remove", web.Operator, "Take an official workbook and its wording out of this installation.", rm.removeWorkbook, nil, web.StepUp),
	}
}

// WorkbooksView lists the official workbooks.
type WorkbooksView struct {
	Workbooks []Workbook `json:"workbooks"`

	packs  []ui.Option
	titles map[string]i18n.Text
	bad    *problem.Problem
	chosen string
}

func (rm *Room) showWorkbooks(ctx context.Context, _ struct{}) (v WorkbooksView, err error) {
	v.Workbooks, err = rm.workbooks(ctx)
	if v.Workbooks == nil {
		v.Workbooks = []Workbook{}
	}
	v.packs, v.titles = rm.packOptions(ctx), rm.titles()
	return v, err
}

// LoadIn is an official workbook.
type LoadIn struct {
	Pack string     `json:"framework"`
	File web.Upload `json:"file"`
}

const workbooksPath = "/operator/workbooks"

func (rm *Room) loadWorkbook(ctx context.Context, in LoadIn) (Moved, error) {
	id, err := rm.LoadWorkbook(ctx, in.Pack, in.File)
	return Moved{workbooksPath + "/" + id}, err
}

func (rm *Room) loadWorkbookAgain(ctx context.Context, in LoadIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showWorkbooks(ctx, struct{}{})
	v.bad, v.chosen = p, in.Pack
	return workbooksPage(v), err
}

// WorkbookIn names an official workbook.
type WorkbookIn struct {
	Workbook string `path:"workbook" json:"-"`
}

func (in WorkbookIn) page() string { return workbooksPath + "/" + in.Workbook }

// WorkbookView is how an official workbook was understood.
type WorkbookView struct {
	Workbook
	shapeView
}

func (rm *Room) showWorkbook(ctx context.Context, in WorkbookIn) (v WorkbookView, err error) {
	if v.Workbook, _, err = workbookOf(ctx, "id = ?", in.Workbook); err != nil {
		return v, err
	}
	p, err := rm.pack(v.Pack)
	v.shapeView = viewOf(&v.Workbook.shape, p, in.page())
	v.official = true
	return v, err
}

// SetWorkbookIn is a correction as typed.
type SetWorkbookIn struct {
	WorkbookIn
	Reshape
}

func (rm *Room) setWorkbook(ctx context.Context, in SetWorkbookIn) (Moved, error) {
	return Moved{in.page()}, rm.SetWorkbook(ctx, in.Workbook, in.Reshape)
}

func (rm *Room) setWorkbookAgain(ctx context.Context, in SetWorkbookIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showWorkbook(ctx, in.WorkbookIn)
	v.bad, v.typed = p, &in.Reshape
	return workbookPage(v), err
}

func (rm *Room) keepWorkbook(ctx context.Context, in WorkbookIn) (Moved, error) {
	return Moved{in.page()}, rm.KeepWorkbook(ctx, in.Workbook)
}

func (rm *Room) removeWorkbook(ctx context.Context, in WorkbookIn) (Moved, error) {
	return Moved{workbooksPath}, rm.RemoveWorkbook(ctx, in.Workbook)
}
