package record

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) requestRoutes() []web.Route {
	const all, form, one = "/orgs/{org}/records/requests", "/orgs/{org}/records/forms/{form}", "/orgs/{org}/records/requests/{request}"
	return []web.Route{
		web.Get(all, web.Viewer, "List requests for IDs, rights and changes.", rm.listRequests, requestsPage),
		web.Get(form, web.Member, "Show a form to fill in.", rm.showForm, formPage, web.PageOnly),
		web.Post(form, web.Member, "Ask for an ID, a right or a change.", rm.ask, nil, web.Again(rm.askAgain)),
		web.GetFile(form+"/blank.pdf", web.Viewer, "Hand over a form to fill in on paper.", rm.blank),
		web.Get(form+"/paper", web.Manager, "Show the form for a request that was approved on paper.", rm.showPaper, paperPage, web.PageOnly),
		web.Post(form+"/paper", web.Manager, "Enter a request that was approved on paper.", rm.enterPaper, nil, web.Limit(web.UploadLimit), web.Again(rm.paperAgain)),
		web.Get(one, web.Viewer, "Show a request.", rm.showRequest, requestPage),
		web.GetFile(one+"/file", web.Viewer, "Hand over the signed paper of a request.", rm.requestFile),
		web.Post(one+"/approve", web.Manager, "Approve a request of somebody else.", rm.approve, nil, web.Again(rm.requestAgain)),
		web.Post(one+"/refuse", web.Manager, "Refuse a request, with a reason.", rm.refuse, nil, web.Again(rm.reasonAgain)),
		web.Post(one+"/withdraw", web.Member, "Take back a request of one's own.", rm.withdraw, nil, web.Again(rm.requestAgain)),
		web.Post(one+"/done", web.Member, "Note that what was approved was carried out.", rm.carry, nil, web.Again(rm.requestAgain)),
		web.Post(one+"/end", web.Member, "Note that an ID or a right was taken back, with a reason.", rm.end, nil, web.Again(rm.reasonAgain)),
	}
}

func requestsPath(org string) string { return home(org) + "/requests" }

// RequestLine is a request with the names of those who acted.
type RequestLine struct {
	Request
	AskerName   string `json:"asked_by"`
	DeciderName string `json:"decided_by,omitempty"`
	DoerName    string `json:"done_by,omitempty"`
	EnderName   string `json:"ended_by,omitempty"`
}

func (rm *Room) lines(ctx context.Context, all []Request) ([]RequestLine, error) {
	var accounts []string
	for _, r := range all {
		accounts = append(accounts, r.AskedBy, r.DecidedBy, r.DoneBy, r.EndedBy)
	}
	names, err := rm.People(ctx, accounts)
	lines := make([]RequestLine, len(all))
	for i, r := range all {
		lines[i] = RequestLine{r, names[r.AskedBy], names[r.DecidedBy], names[r.DoneBy], names[r.EndedBy]}
	}
	return lines, err
}

type requestsIn struct {
	Org    string `path:"org" json:"-"`
	Before string `query:"before" json:"-"`
}

// RequestsView lists requests, those that wait first.
type RequestsView struct {
	Waiting  []RequestLine `json:"waiting"`
	Requests []RequestLine `json:"requests"`
	More     string        `json:"next,omitempty"`

	in    requestsIn
	forms []*Form
	role  web.Role
}

func (rm *Room) listRequests(ctx context.Context, in requestsIn) (v RequestsView, err error) {
	v = RequestsView{in: in, forms: rm.Book.Forms, role: web.RoleFrom(ctx), Waiting: []RequestLine{}, Requests: []RequestLine{}}
	if in.Before == "" {
		open, err := rm.waiting(ctx, in.Org)
		if err != nil {
			return v, err
		}
		if v.Waiting, err = rm.lines(ctx, open); err != nil {
			return v, err
		}
	}
	all, err := rm.Requests(ctx, in.Org, in.Before, pageRows+1)
	if err != nil {
		return v, err
	}
	if len(all) > pageRows {
		all = all[:pageRows]
		v.More = all[pageRows-1].ID
	}
	v.Requests, err = rm.lines(ctx, all)
	return v, err
}

// FormIn names a form.
type FormIn struct {
	Org  string `path:"org" json:"-"`
	Form string `path:"form" json:"-"`
}

func (in FormIn) path() string { return home(in.Org) + "/forms/" + in.Form }

// FormView is a form to fill in.
type FormView struct {
	in      FormIn
	sheet   *Form
	typed   map[string]string
	role    web.Role
	problem *problem.Problem
}

func (rm *Room) showForm(ctx context.Context, in FormIn) (FormView, error) {
	f, err := rm.formOf(in.Form)
	return FormView{in: in, sheet: f, role: web.RoleFrom(ctx)}, err
}

type askIn struct {
	FormIn
	Cells map[string]string `json:"cells"`
}

func (rm *Room) ask(ctx context.Context, in askIn) (Moved, error) {
	id, err := rm.Ask(ctx, in.Org, in.Form, in.Cells)
	return Moved{requestsPath(in.Org) + "/" + id}, err
}

func (rm *Room) askAgain(ctx context.Context, in askIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showForm(ctx, in.FormIn)
	v.typed, v.problem = in.Cells, p
	return formPage(v), err
}

// PaperView is the form for a request that was approved on paper.
type PaperView struct {
	FormView
	paper paperIn
}

func (rm *Room) showPaper(ctx context.Context, in FormIn) (PaperView, error) {
	v, err := rm.showForm(ctx, in)
	return PaperView{v, paperIn{}}, err
}

type paperIn struct {
	FormIn
	Cells      map[string]string `json:"cells"`
	Asker      string            `json:"asker"`
	AskedOn    string            `json:"asked_on"`
	Decider    string            `json:"decider"`
	ApprovedOn string            `json:"approved_on"`
	File       web.Upload        `json:"file"`
}

func (rm *Room) enterPaper(ctx context.Context, in paperIn) (Moved, error) {
	id, err := rm.EnterPaper(ctx, in.Org, in.Form, Paper{in.Cells, in.Asker, in.AskedOn, in.Decider, in.ApprovedOn, in.File})
	return Moved{requestsPath(in.Org) + "/" + id}, err
}

func (rm *Room) paperAgain(ctx context.Context, in paperIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showPaper(ctx, in.FormIn)
	v.paper, v.typed, v.problem = in, in.Cells, p
	return paperPage(v), err
}

// RequestIn names a request.
type RequestIn struct {
	Org     string `path:"org" json:"-"`
	Request string `path:"request" json:"-"`
}

func (in RequestIn) path() string { return requestsPath(in.Org) + "/" + in.Request }

func (in RequestIn) page() Moved { return Moved{in.path()} }

// RequestView is a request and what can be done with it.
type RequestView struct {
	RequestLine
	HasFile bool `json:"has_file"`

	in      RequestIn
	sheet   *Form
	role    web.Role
	own     bool // the reader asked for it
	alone   bool // the company has one person only
	problem *problem.Problem
	typed   string
}

func (rm *Room) showRequest(ctx context.Context, in RequestIn) (v RequestView, err error) {
	r, err := rm.request(ctx, in.Org, in.Request)
	if err != nil {
		return v, err
	}
	if v.sheet, err = rm.formOf(r.Form); err != nil {
		return v, err
	}
	lines, err := rm.lines(ctx, []Request{r})
	if err != nil {
		return v, err
	}
	v.RequestLine, v.HasFile = lines[0], r.blob != ""
	v.in, v.role, v.own = in, web.RoleFrom(ctx), r.AskedBy == actor(ctx)
	v.alone, err = rm.Alone(ctx, in.Org)
	return v, err
}

func (rm *Room) requestFile(ctx context.Context, in RequestIn) (web.File, error) {
	r, err := rm.request(ctx, in.Org, in.Request)
	if err != nil {
		return web.File{}, err
	}
	if r.blob == "" {
		return web.File{}, problem.NotFound()
	}
	return rm.OpenFile(ctx, in.Org, r.blob)
}

func (rm *Room) approve(ctx context.Context, in RequestIn) (Moved, error) {
	return in.page(), rm.Approve(ctx, in.Org, in.Request)
}

func (rm *Room) requestAgain(ctx context.Context, in RequestIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showRequest(ctx, in)
	v.problem = p
	return requestPage(v), err
}

type reasonIn struct {
	RequestIn
	Reason string `json:"reason"`
}

func (rm *Room) refuse(ctx context.Context, in reasonIn) (Moved, error) {
	return in.page(), rm.Refuse(ctx, in.Org, in.Request, in.Reason)
}

func (rm *Room) reasonAgain(ctx context.Context, in reasonIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showRequest(ctx, in.RequestIn)
	v.problem, v.typed = p, in.Reason
	return requestPage(v), err
}

func (rm *Room) withdraw(ctx context.Context, in RequestIn) (Moved, error) {
	return in.page(), rm.Withdraw(ctx, in.Org, in.Request)
}

func (rm *Room) carry(ctx context.Context, in RequestIn) (Moved, error) {
	return in.page(), rm.Carry(ctx, in.Org, in.Request)
}

func (rm *Room) end(ctx context.Context, in reasonIn) (Moved, error) {
	return in.page(), rm.End(ctx, in.Org, in.Request, in.Reason)
}

func (v FormView) fields(ctx context.Context) (all []ui.FieldView) {
	for _, c := range v.sheet.Columns {
		all = append(all, c.field(ctx, v.typed[c.ID], v.problem))
	}
	return all
}

// looks are the shapes of the states; each has a word of its own beside it.
// keys: record.state.*, record.lead.*
var looks = map[State]ui.StatusKind{Asked: ui.Unknown, Approved: ui.Met, Done: ui.Proof, Refused: ui.NotMet, Withdrawn: ui.NotApplicable, Ended: ui.NotApplicable}

func (r Request) status() ui.Words {
	return ui.StatusAs(looks[r.State], ui.T("record.state."+string(r.State)))
}

func (v RequestsView) title(ctx context.Context, r RequestLine) ui.Words {
	for _, f := range v.forms {
		if f.ID == r.Form {
			return cellLink(requestsPath(v.in.Org)+"/"+r.ID, ui.Say(ctx, f.Title))
		}
	}
	return ui.Plain(r.Form)
}

// about is what a request is about: its first cell.
func (v RequestsView) about(ctx context.Context, r RequestLine) ui.Words {
	for _, f := range v.forms {
		if f.ID == r.Form {
			return ui.Plain(f.Columns[0].show(ctx, r.Cells[f.Columns[0].ID]))
		}
	}
	return ui.Plain("")
}

func (r RequestLine) asker() ui.Words {
	if r.OnPaper {
		return ui.Plain(r.Asker)
	}
	return name(r.AskerName)
}

func (r RequestLine) decider() ui.Words {
	if r.OnPaper {
		return ui.Plain(r.Decider)
	}
	return name(r.DeciderName)
}

func (v RequestsView) table(ctx context.Context, lines []RequestLine, id string) ui.TableView {
	t := ui.TableView{Caption: ui.T(id), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "record.request.form"}, {Key: "record.request.about"}, {Key: "record.request.asker"}, {Key: "record.request.asked"}, {Key: "record.request.state"}},
		Empty:   &ui.EmptyView{Title: ui.T("record.requests.none"), Why: ui.T("record.requests.none.why")},
	}
	for _, r := range lines {
		t.Rows = append(t.Rows, []ui.Words{v.title(ctx, r), v.about(ctx, r), r.asker(), ui.Day(r.AskedAt), r.status()})
	}
	return t
}

// formTable lists the forms, each also on paper.
func (v RequestsView) formTable() ui.TableView {
	t := ui.TableView{Caption: ui.T("record.forms"), HideCaption: true, Stack: true, Columns: []ui.Column{{Key: "record.request.form"}, {Key: "record.form.why"}, {Key: "record.form.paper"}}}
	for _, f := range v.forms {
		at, title := FormIn{v.in.Org, f.ID}, ui.Rich(f.Title)
		if v.role >= web.Member {
			title = titleLink(at.path(), f.Title)
		}
		t.Rows = append(t.Rows, []ui.Words{title, ui.Rich(f.Why), blankLink(at, f)})
	}
	return t
}

func (v RequestsView) allTable(ctx context.Context) ui.TableView {
	t := v.table(ctx, v.Requests, "record.requests.all")
	if v.More != "" {
		t.NextURL = requestsPath(v.in.Org) + "?before=" + v.More
	}
	if v.in.Before != "" {
		t.FirstURL = requestsPath(v.in.Org)
	}
	return t
}

// story is what happened to a request, in order.
func (v RequestView) story(ctx context.Context) []ui.Pair {
	who := func(w ui.Words, at time.Time) ui.Words {
		return ui.Join(w, ui.Plain("　"), ui.Day(at))
	}
	all := []ui.Pair{{Key: ui.T("record.request.number"), Value: ui.Plain(v.Short())}, {Key: ui.T("record.request.asker"), Value: who(v.asker(), v.AskedAt)}}
	if !v.DecidedAt.IsZero() {
		key := "record.request.approver"
		if v.State == Refused {
			key = "record.request.refuser"
		}
		all = append(all, ui.Pair{Key: ui.T(key), Value: who(v.decider(), v.DecidedAt)}) // keys: record.request.approver, record.request.refuser
	}
	if v.Reason != "" {
		all = append(all, ui.Pair{Key: ui.T("record.request.reason"), Value: ui.Plain(v.Reason)})
	}
	if v.OnPaper {
		all = append(all, ui.Pair{Key: ui.T("record.request.how"), Value: ui.T("record.request.paper", "name", v.AskerName, "date", i18n.Date(ctx, v.EnteredAt))})
	}
	if !v.DoneAt.IsZero() {
		all = append(all, ui.Pair{Key: ui.T("record.request.doer"), Value: who(name(v.DoerName), v.DoneAt)})
	}
	if !v.EndedAt.IsZero() {
		all = append(all, ui.Pair{Key: ui.T("record.request.ender"), Value: who(name(v.EnderName), v.EndedAt)}, ui.Pair{Key: ui.T("record.request.why"), Value: ui.Plain(v.EndedWhy)})
	}
	return all
}

// decidable says that the reader may approve or refuse.
func (v RequestView) decidable() bool {
	return v.State == Asked && v.role >= web.Manager && (!v.own || v.alone)
}
