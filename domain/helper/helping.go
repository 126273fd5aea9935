package helper

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// CompanyView is a company as the one sees it to whom it granted something.
type CompanyView struct {
	Name   string `json:"name"`
	Number string `json:"number"`
}

func companyView(o org.Organisation) CompanyView { return CompanyView{calledName(o), o.Number()} }

// HelpingRow is one of a helper's grants.
type HelpingRow struct {
	Grant    string      `json:"grant"`
	Company  CompanyView `json:"company"`
	Parts    []string    `json:"parts"`
	AskedBy  string      `json:"asked_by"`
	Expires  time.Time   `json:"expires"`
	DaysLeft int         `json:"days_left"`
	CallOn   string      `json:"call_on,omitempty"`
	Memo     string      `json:"memo,omitempty"`

	kind Kind
	due  bool // the day of the call has come
}

// HelpingView lists a helper's grants: whom to call first, first.
type HelpingView struct {
	Grants []HelpingRow `json:"grants"`
	now    time.Time
}

// showHelping names companies and nothing else of them. It is no look.
func (rm *Room) showHelping(ctx context.Context, _ struct{}) (HelpingView, error) {
	c := web.CallerFrom(ctx)
	if c.Token != nil {
		return HelpingView{}, problem.NotFound()
	}
	grants, err := db.Rows(ctx, (*Grant).fields, "SELECT "+grantColumns+` FROM helper_grant
		WHERE account_id = ? AND kind = 'helper' AND accepted_at IS NOT NULL AND ended_at IS NULL AND expires > ?
		ORDER BY CASE WHEN call_on = '' THEN 1 ELSE 0 END, call_on, expires, id LIMIT ?`, c.Account, rm.Now(), maxOpen)
	if err != nil {
		return HelpingView{}, err
	}
	rows, err := rm.rows(ctx, grants)
	return HelpingView{rows, rm.Now()}, err
}

// rows leaves out what is shut at this moment, and names the rest.
func (rm *Room) rows(ctx context.Context, grants []Grant) ([]HelpingRow, error) {
	rows := []HelpingRow{}
	var open []Grant
	var companies []org.ID
	var people []string
	for _, g := range grants {
		shut, err := rm.shut(ctx, g.Org, web.CallerFrom(ctx).Account)
		if err != nil {
			return nil, err
		}
		if !shut {
			open, companies, people = append(open, g), append(companies, g.Org), append(people, g.GivenBy)
		}
	}
	if len(open) == 0 {
		return rows, nil
	}
	named, err := rm.Companies(ctx, companies)
	if err != nil {
		return nil, err
	}
	accounts, err := rm.Accounts(ctx, people)
	for _, g := range open {
		rows = append(rows, HelpingRow{
			Grant: g.ID, Company: companyView(named[g.Org]), Parts: g.Parts.Names(), AskedBy: accounts[g.GivenBy].Name,
			Expires: g.Expires, DaysLeft: i18n.Days(rm.Now(), g.Expires), CallOn: g.CallOn, Memo: g.Memo, kind: g.Kind,
			due: g.CallOn != "" && g.CallOn <= i18n.ISO(rm.Now()),
		})
	}
	return rows, err
}

// ProfileView is the part "profile".
type ProfileView struct {
	Kind       org.Kind `json:"kind"`
	Industry   string   `json:"industry"`
	Prefecture string   `json:"prefecture"`
	Size       org.Size `json:"size"`
	Employees  *int64   `json:"employees"`
}

// FrameworkView is where a company stands in a pack.
type FrameworkView struct {
	Pack     string `json:"pack"`
	Title    string `json:"title"`
	Items    int    `json:"items"`
	Answered int    `json:"answered"`
	Unknown  int    `json:"unknown"`
	Complete bool   `json:"complete"`
	Points   int    `json:"points"`
	Max      int    `json:"max"`
	Band     string `json:"band,omitempty"`

	shared assess.SharedPack
}

func frameworkView(p assess.SharedPack) FrameworkView {
	v := FrameworkView{
		Pack: p.Pack, Title: p.Title, Items: p.Items, Answered: p.Answered, Unknown: p.Unknown, Complete: p.Complete,
		Points: p.Points, Max: p.Max, shared: p,
	}
	if p.Band != nil {
		v.Band = p.Band.Label
	}
	return v
}

// AdviceView is advice under a grant.
type AdviceView struct {
	ID    string     `json:"id"`
	Pack  string     `json:"pack"`
	Item  string     `json:"item"`
	Words string     `json:"words"`
	By    string     `json:"by"`
	At    time.Time  `json:"written_at"`
	Done  *time.Time `json:"done_at,omitempty"`
}

func adviceViews(all []Advice) []AdviceView {
	views := make([]AdviceView, len(all))
	for i, a := range all {
		views[i] = AdviceView{ID: a.ID, Pack: a.Pack, Item: a.Item, Words: a.Words, By: a.Name, At: a.At}
		if !a.Done.IsZero() {
			views[i].Done = &all[i].Done
		}
	}
	return views
}

// OverviewView is what a company lets somebody see, part by part: what is not
// granted is not there.
type OverviewView struct {
	Grant      string          `json:"grant"`
	Company    CompanyView     `json:"company"`
	Parts      []string        `json:"parts"`
	AskedBy    string          `json:"asked_by"`
	Reason     string          `json:"reason,omitempty"`
	Expires    time.Time       `json:"expires"`
	Profile    *ProfileView    `json:"profile,omitempty"`
	Frameworks []FrameworkView `json:"frameworks,omitempty"`
	Advice     []AdviceView    `json:"advice,omitempty"`
	CallOn     string          `json:"call_on,omitempty"`
	Memo       string          `json:"memo,omitempty"`

	kind    Kind
	now     time.Time
	company org.Organisation
	problem *problem.Problem
}

func (rm *Room) overview(kind Kind) func(context.Context, GrantIn) (OverviewView, error) {
	return func(ctx context.Context, in GrantIn) (OverviewView, error) { return rm.overviewOf(ctx, in.Grant, kind) }
}

func (rm *Room) overviewOf(ctx context.Context, grant string, kind Kind) (OverviewView, error) {
	g, company, err := rm.grantAndCompany(ctx, grant, kind, pageOverview)
	if err != nil {
		return OverviewView{}, err
	}
	people, err := rm.Accounts(ctx, []string{g.GivenBy})
	if err != nil {
		return OverviewView{}, err
	}
	v := OverviewView{
		Grant: g.ID, Company: companyView(company), Parts: g.Parts.Names(), AskedBy: people[g.GivenBy].Name, Reason: g.Reason, Expires: g.Expires,
		CallOn: g.CallOn, Memo: g.Memo, kind: kind, now: rm.Now(), company: company,
	}
	if g.Parts.Profile {
		size, _ := company.Size()
		v.Profile = &ProfileView{company.Kind, string(company.Industry), string(company.Prefecture), size, company.Employees}
	}
	if !g.Parts.Answers {
		return v, nil
	}
	packs, err := rm.Answers.Overview(ctx, string(g.Org))
	if err != nil {
		return v, err
	}
	for _, p := range packs {
		v.Frameworks = append(v.Frameworks, frameworkView(p))
	}
	advice, err := adviceUnder(ctx, g.ID, "", "")
	v.Advice = adviceViews(advice)
	return v, err
}

// RowView is one line of all answers.
type RowView struct {
	Item   string     `json:"item"`
	Number int        `json:"number"`
	Title  string     `json:"title"`
	Choice string     `json:"choice,omitempty"`
	Word   string     `json:"word,omitempty"`
	At     *time.Time `json:"answered_at,omitempty"`
	Behalf string     `json:"on_behalf,omitempty"` // how it came when staff entered it
}

// PackView is a company's answers to a pack.
type PackView struct {
	Grant   string      `json:"grant"`
	Company CompanyView `json:"company"`
	FrameworkView
	Rows []RowView `json:"answers"`

	kind    Kind
	now     time.Time
	expires time.Time
}

func (rm *Room) pack(kind Kind) func(context.Context, PackIn) (PackView, error) {
	return func(ctx context.Context, in PackIn) (PackView, error) {
		g, company, err := rm.grantAndCompany(ctx, in.Grant, kind, pageAnswers)
		if err != nil {
			return PackView{}, err
		}
		p, err := rm.Answers.Pack(ctx, string(g.Org), in.Pack)
		if err != nil {
			return PackView{}, err
		}
		v := PackView{Grant: g.ID, Company: companyView(company), FrameworkView: frameworkView(p), kind: kind, now: rm.Now(), expires: g.Expires}
		for _, r := range p.Rows {
			v.Rows = append(v.Rows, rowView(r))
		}
		return v, nil
	}
}

func rowView(r assess.SharedRow) RowView {
	v := RowView{Item: r.Item, Number: r.Number, Title: r.Title, Choice: r.Choice, Word: r.Word, Behalf: r.OnBehalf}
	if !r.At.IsZero() {
		at := r.At
		v.At = &at
	}
	return v
}

func (rm *Room) grantAndCompany(ctx context.Context, grant string, kind Kind, page string) (Grant, org.Organisation, error) {
	g, err := rm.seen(ctx, web.CallerFrom(ctx), grant, kind, page)
	if err != nil {
		return g, org.Organisation{}, err
	}
	all, err := rm.Companies(ctx, []org.ID{g.Org})
	return g, all[g.Org], err
}

// FileView is an evidence file by its name.
type FileView struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	At   time.Time `json:"collected_at"`
}

// ItemView is one answer of a company.
type ItemView struct {
	Grant    string      `json:"grant"`
	Company  CompanyView `json:"company"`
	Pack     string      `json:"pack"`
	Question string      `json:"question"`
	Total    int         `json:"total"`
	RowView
	Memo      string         `json:"memo,omitempty"`
	Files     []FileView     `json:"files,omitempty"`
	Advice    []AdviceView   `json:"advice,omitempty"`
	Proposals []ProposalView `json:"proposals,omitempty"`

	kind     Kind
	now      time.Time
	expires  time.Time
	shared   assess.SharedItem
	typed    string
	choices  []assess.Choice // that can be proposed
	proposed ProposeIn       // as typed
	problem  *problem.Problem
}

func (rm *Room) item(kind Kind) func(context.Context, ItemIn) (ItemView, error) {
	return func(ctx context.Context, in ItemIn) (ItemView, error) { return rm.itemOf(ctx, in, kind) }
}

func (rm *Room) itemOf(ctx context.Context, in ItemIn, kind Kind) (ItemView, error) {
	g, company, err := rm.grantAndCompany(ctx, in.Grant, kind, pageItem)
	if err != nil {
		return ItemView{}, err
	}
	x, err := rm.Answers.Item(ctx, string(g.Org), in.Pack, in.Item)
	if err != nil {
		return ItemView{}, err
	}
	v := ItemView{
		Grant: g.ID, Company: companyView(company), Pack: in.Pack, Question: x.Question, Total: x.Total, RowView: rowView(x.SharedRow), Memo: x.Memo,
		kind: kind, now: rm.Now(), expires: g.Expires, shared: x,
	}
	if err := rm.fillProposals(ctx, &v); err != nil {
		return v, err
	}
	advice, err := adviceUnder(ctx, g.ID, in.Pack, in.Item)
	if err != nil || !g.Parts.allows(pageFile) {
		v.Advice = adviceViews(advice)
		return v, err
	}
	v.Advice = adviceViews(advice)
	files, err := rm.Answers.Files(ctx, string(g.Org), in.Pack, in.Item)
	for _, f := range files {
		v.Files = append(v.Files, FileView(f))
	}
	return v, err
}

func (rm *Room) file(kind Kind) func(context.Context, FileIn) (web.File, error) {
	return func(ctx context.Context, in FileIn) (web.File, error) {
		g, err := rm.seen(ctx, web.CallerFrom(ctx), in.Grant, kind, pageFile)
		if err != nil {
			return web.File{}, err
		}
		return rm.Answers.File(ctx, string(g.Org), in.Pack, in.Item, in.ID)
	}
}

// AdviceIn is advice as typed.
type AdviceIn struct {
	Grant  string `path:"grant" json:"-"`
	Pack   string `path:"pack" json:"-"`
	Item   string `path:"item" json:"-"`
	Advice string `json:"advice"`
}

func (in AdviceIn) at() ItemIn { return ItemIn{in.Grant, in.Pack, in.Item} }

func (rm *Room) postAdvice(ctx context.Context, in AdviceIn) (Moved, error) {
	return Moved{Helper.itemPath(in.at())}, rm.Advise(ctx, web.CallerFrom(ctx), in.Grant, in.Pack, in.Item, in.Advice)
}

func (rm *Room) adviceAgain(ctx context.Context, in AdviceIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.itemOf(ctx, in.at(), Helper)
	v.typed, v.problem = in.Advice, p
	return itemPage(v), err
}

// PlanIn is a helper's own plan: the day of his next call, and a note.
type PlanIn struct {
	Grant  string `path:"grant" json:"-"`
	CallOn string `json:"call_on"`
	Memo   string `json:"memo"`
}

func (rm *Room) postPlan(ctx context.Context, in PlanIn) (Moved, error) {
	return Moved{Helper.path(in.Grant)}, rm.Plan(ctx, web.CallerFrom(ctx), in.Grant, in.CallOn, in.Memo)
}

// Plan keeps the day of a helper's next call and his own note. The company does
// not see them; they go when the grant ends.
// keys: field.helper-day
func (rm *Room) Plan(ctx context.Context, by web.Caller, grant, callOn, memo string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		g, err := rm.open(ctx, by, grant, Helper)
		if err != nil {
			return err
		}
		var v problem.Invalid
		_, wrong := time.Parse(time.DateOnly, callOn)
		v.Check(callOn == "" || wrong == nil, "call_on", "helper-day")
		memo := text(&v, "memo", memo, true)
		if err := v.Or(); err != nil {
			return err
		}
		_, err = db.Exec(ctx, "UPDATE helper_grant SET call_on = ?, memo = ? WHERE id = ?", callOn, memo, g.ID)
		return err
	})
}

func (rm *Room) planAgain(ctx context.Context, in PlanIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.overviewOf(ctx, in.Grant, Helper)
	v.CallOn, v.Memo, v.problem = in.CallOn, in.Memo, p
	return overviewPage(v), err
}

func (rm *Room) postEnd(ctx context.Context, in GrantIn) (Moved, error) {
	return Moved{"/helping"}, rm.GiveBack(ctx, web.CallerFrom(ctx), in.Grant)
}
