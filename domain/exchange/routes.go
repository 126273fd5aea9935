package exchange

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the table of this room. What leaves or comes in needs a member: a helper
// has no role here, and a viewer looks at pages.
func (rm *Room) Routes() []web.Route {
	const all = "/orgs/{org}/exchange"
	const pack = all + "/packs/{pack}"
	return append([]web.Route{
		web.Get(all, web.Member, "Show what can be taken out and brought in.", rm.home, homePage),
		web.GetFile(pack+"/answers.xlsx", web.Member, "Fetch the answers to a framework as Excel.", rm.excelFile),
		web.GetFile(pack+"/answers.csv", web.Member, "Fetch the answers to a framework as CSV.", rm.csvFile),
		web.GetFile(pack+"/answers.json", web.Member, "Fetch the answers to a framework as JSON.", rm.jsonFile),
		web.GetFile(pack+"/catalog.json", web.Member, "Fetch a framework as an OSCAL catalog.", rm.oscalFile(docCatalog)),
		web.GetFile(pack+"/profile.json", web.Member, "Fetch what of a framework applies as an OSCAL profile.", rm.oscalFile(docProfile)),
		web.GetFile(pack+"/results.json", web.Member, "Fetch where the company stands as OSCAL assessment results.", rm.oscalFile(docResults)),
		web.GetFile(pack+"/official.xlsx", web.Member, "Fetch a copy of the official workbook with the answers in it.", rm.officialFile),

		web.Post(all+"/intakes", web.Member, "Upload answers (Excel, CSV, JSON) to look at what would change.", rm.upload, nil, web.Limit(web.UploadLimit), web.Again(rm.uploadAgain)),
		web.Get(all+"/intakes/{intake}", web.Member, "Show what an uploaded file would change, or what it did.", rm.showIntake, intakePage),
		web.Post(all+"/intakes/{intake}/apply", web.Manager, "Apply an uploaded file.", rm.applyIntake, nil),
		web.Post(all+"/intakes/{intake}/discard", web.Member, "Throw an uploaded file away.", rm.discardIntake, nil),

		web.Post(all+"/layouts", web.Member, "Keep the own sheet of a customer.", rm.addLayout, nil, web.Limit(web.UploadLimit), web.Again(rm.addLayoutAgain)),
		web.Get(all+"/layouts/{layout}", web.Member, "Show how a customer's sheet is laid out.", rm.showLayout, layoutPage),
		web.Post(all+"/layouts/{layout}", web.Member, "Say how a customer's sheet is laid out.", rm.setLayout, nil, web.Again(rm.setLayoutAgain)),
		web.Get(all+"/layouts/{layout}/remove", web.Member, "Ask before a customer's sheet is taken away.", rm.askRemoveLayout, confirmPage, web.PageOnly),
		web.Post(all+"/layouts/{layout}/remove", web.Member, "Take a customer's sheet away.", rm.removeLayout, nil),
		web.GetFile(all+"/layouts/{layout}/filled.xlsx", web.Member, "Fetch a copy of a customer's sheet with the answers in it.", rm.layoutFileOut),

		web.Post(all+"/takeouts", web.Member, "Have everything put into one Excel.", rm.askTakeout, nil),
		web.Get(all+"/takeouts/{takeout}", web.Member, "Show how far the Excel of everything is.", rm.showTakeout, takeoutPage),
		web.GetFile(all+"/takeouts/{takeout}/all.xlsx", web.Member, "Fetch the Excel of everything.", rm.takeoutOut),

		web.GetFile("/exchange/companies.xlsx", web.SignedIn, "Fetch one table of all companies of which one is a member.", rm.companiesFile),
	}, rm.operatorRoutes()...)
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// OrgIn names the company of a route.
type OrgIn struct {
	Org string `path:"org" json:"-"`
}

func (in OrgIn) path(rest string) string { return "/orgs/" + in.Org + "/exchange" + rest }

// PackIn names a framework.
type PackIn struct {
	OrgIn
	Pack string `path:"pack" json:"-"`
}

func (rm *Room) excelFile(ctx context.Context, in PackIn) (web.File, error) {
	return rm.Excel(ctx, in.Org, in.Pack)
}

func (rm *Room) csvFile(ctx context.Context, in PackIn) (web.File, error) {
	return rm.CSV(ctx, in.Org, in.Pack)
}

func (rm *Room) jsonFile(ctx context.Context, in PackIn) (web.File, error) {
	return rm.JSON(ctx, in.Org, in.Pack)
}

func (rm *Room) oscalFile(kind string) func(context.Context, PackIn) (web.File, error) {
	return func(ctx context.Context, in PackIn) (web.File, error) { return rm.OSCAL(ctx, in.Org, in.Pack, kind) }
}

func (rm *Room) officialFile(ctx context.Context, in PackIn) (web.File, error) {
	return rm.FilledWorkbook(ctx, in.Org, in.Pack)
}

// CompaniesIn names the framework of a table of companies; the self-assessment that
// holds today when it names none.
type CompaniesIn struct {
	Pack string `query:"framework" json:"-"`
}

func (rm *Room) companiesFile(ctx context.Context, in CompaniesIn) (web.File, error) {
	if d := rm.Assess.Diagnosis(); in.Pack == "" && d != nil {
		in.Pack = d.ID
	}
	p, err := rm.pack(in.Pack)
	if err != nil {
		return web.File{}, err
	}
	account := web.CallerFrom(ctx).Account
	if web.CallerFrom(ctx).Token != nil {
		return web.File{}, problem.NotFound() // a token speaks for one company
	}
	return web.File{Name: "companies-" + p.ID + "-" + i18n.ISO(rm.Now()) + ".xlsx", Type: typeExcel, Write: func(w io.Writer) error {
		return WriteMany(ctx, w, p, rm.mine(ctx, account, p.ID))
	}}, nil
}

// UploadIn is a file of answers.
type UploadIn struct {
	OrgIn
	Pack string     `json:"framework"`
	File web.Upload `json:"file"`
}

func (rm *Room) upload(ctx context.Context, in UploadIn) (Moved, error) {
	id, err := rm.Take(ctx, in.Org, in.Pack, in.File)
	return Moved{in.path("/intakes/" + id)}, err
}

func (rm *Room) uploadAgain(ctx context.Context, in UploadIn, p *problem.Problem) (templ.Component, error) {
	if in.Org == "" {
		return nil, p
	}
	v, err := rm.home(ctx, in.OrgIn)
	v.bad, v.chosen = p, in.Pack
	return homePage(v), err
}

// IntakeIn names a file that was brought.
type IntakeIn struct {
	OrgIn
	Intake string `path:"intake" json:"-"`
}

func (in IntakeIn) page() string { return in.path("/intakes/" + in.Intake) }

func (rm *Room) applyIntake(ctx context.Context, in IntakeIn) (Moved, error) {
	return Moved{in.page()}, rm.Apply(ctx, in.Org, in.Intake)
}

func (rm *Room) discardIntake(ctx context.Context, in IntakeIn) (Moved, error) {
	return Moved{in.path("")}, rm.Discard(ctx, in.Org, in.Intake)
}

// AddLayoutIn is a customer's sheet.
type AddLayoutIn struct {
	OrgIn
	Pack     string     `json:"layout_framework"`
	Customer string     `json:"customer"`
	Sheet    web.Upload `json:"sheet"`
}

func (rm *Room) addLayout(ctx context.Context, in AddLayoutIn) (Moved, error) {
	id, err := rm.AddLayout(ctx, in.Org, in.Pack, in.Customer, in.Sheet)
	return Moved{in.path("/layouts/" + id)}, err
}

func (rm *Room) addLayoutAgain(ctx context.Context, in AddLayoutIn, p *problem.Problem) (templ.Component, error) {
	if in.Org == "" {
		return nil, p
	}
	v, err := rm.home(ctx, in.OrgIn)
	v.bad, v.customer, v.layoutChosen = p, in.Customer, in.Pack
	return homePage(v), err
}

// LayoutIn names a customer's sheet.
type LayoutIn struct {
	OrgIn
	Layout string `path:"layout" json:"-"`
}

func (in LayoutIn) page() string { return in.path("/layouts/" + in.Layout) }

// SetLayoutIn is a correction as typed.
type SetLayoutIn struct {
	LayoutIn
	Reshape
}

func (rm *Room) setLayout(ctx context.Context, in SetLayoutIn) (Moved, error) {
	return Moved{in.page()}, rm.SetLayout(ctx, in.Org, in.Layout, in.Reshape)
}

func (rm *Room) setLayoutAgain(ctx context.Context, in SetLayoutIn, p *problem.Problem) (templ.Component, error) {
	if in.Org == "" {
		return nil, p
	}
	v, err := rm.showLayout(ctx, in.LayoutIn)
	v.bad, v.typed = p, &in.Reshape
	return layoutPage(v), err
}

func (rm *Room) removeLayout(ctx context.Context, in LayoutIn) (Moved, error) {
	return Moved{in.path("")}, rm.RemoveLayout(ctx, in.Org, in.Layout)
}

func (rm *Room) layoutFileOut(ctx context.Context, in LayoutIn) (web.File, error) {
	return rm.FilledLayout(ctx, in.Org, in.Layout)
}

// TakeoutIn names an Excel of everything.
type TakeoutIn struct {
	OrgIn
	Takeout string `path:"takeout" json:"-"`
}

func (in TakeoutIn) page() string { return in.path("/takeouts/" + in.Takeout) }

func (rm *Room) askTakeout(ctx context.Context, in OrgIn) (Moved, error) {
	id, err := rm.AskTakeout(ctx, in.Org)
	return Moved{in.path("/takeouts/" + id)}, err
}

func (rm *Room) takeoutOut(ctx context.Context, in TakeoutIn) (web.File, error) {
	return rm.takeoutFile(ctx, in.Org, in.Takeout)
}
