package record

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) dutyRoutes() []web.Route {
	const all, one, done = "/orgs/{org}/records/duties", "/orgs/{org}/records/duties/{duty}", "/orgs/{org}/records/duties/{duty}/done/{done}"
	return []web.Route{
		web.Get(all, web.Viewer, "List what comes round every year, with the next day.", rm.listDuties, dutiesPage),
		web.Get(one, web.Viewer, "Show what comes round again: how to do it, and when it was done.", rm.showDuty, dutyPage),
		web.Post(one, web.Member, "Note that something was done that comes round again.", rm.did, nil, web.Limit(web.UploadLimit), web.Again(rm.didAgain)),
		web.Post(one+"/plan", web.Member, "Set the day on which it is to be done.", rm.set, nil, web.Again(rm.setAgain)),
		web.Get(done, web.Viewer, "Show one time that it was done.", rm.showOnce, oncePage),
		web.GetFile(done+"/file", web.Viewer, "Hand over the file of one time that it was done.", rm.onceFile),
		web.Post(done+"/remove", web.Manager, "Take out a record that was written by mistake.", rm.undo, nil),
	}
}

func dutiesPath(org string) string { return home(org) + "/duties" }

// DutyState is how urgent something is.
type DutyState string

// The states: Late is past its day, Soon within sixty days, Never was not done yet.
// keys: record.duty.state.*
const (
	Late  DutyState = "late"
	Soon  DutyState = "soon"
	Never DutyState = "never"
	Later DutyState = "later"
)

const soon = 60 * 24 * time.Hour

// State is how a duty stands at a time. One that is due today is not late.
func (d Duty) State(now time.Time) DutyState {
	switch {
	case d.Due.IsZero():
		return Never
	case now.After(d.Due.Add(24 * time.Hour)):
		return Late
	case d.Due.Sub(now) < soon:
		return Soon
	}
	return Later
}

// DutyLine is a duty in a list.
type DutyLine struct {
	ID    string    `json:"id"`
	Title i18n.Text `json:"title"`
	Every Every     `json:"every"`
	Due   time.Time `json:"due"`
	Done  time.Time `json:"done"`
	State DutyState `json:"state"`
}

func (rm *Room) dutyLines(ctx context.Context, org string) ([]DutyLine, error) {
	all, err := rm.Duties(ctx, org)
	lines := make([]DutyLine, len(all))
	for i, d := range all {
		lines[i] = DutyLine{d.ID, d.Title, rm.Book.duty(d.ID).Every, d.Due, d.Done, d.State(rm.Now())}
	}
	return lines, err
}

// DutiesView lists what comes round again.
type DutiesView struct {
	Duties []DutyLine `json:"duties"`

	in  OrgIn
	now time.Time
}

func (rm *Room) listDuties(ctx context.Context, in OrgIn) (v DutiesView, err error) {
	v = DutiesView{in: in, now: rm.Now()}
	v.Duties, err = rm.dutyLines(ctx, in.Org)
	return v, err
}

// DutyIn names a duty of a company.
type DutyIn struct {
	Org  string `path:"org" json:"-"`
	Duty string `path:"duty" json:"-"`
}

func (in DutyIn) path() string { return dutiesPath(in.Org) + "/" + in.Duty }

// DutyView is a duty: how to do it, and when it was done.
type DutyView struct {
	DutyLine
	Times []Once `json:"times"`

	in      DutyIn
	sheet   *DutySheet
	role    web.Role
	now     time.Time
	problem *problem.Problem
	typed   didIn
	due     string
}

func (rm *Room) showDuty(ctx context.Context, in DutyIn) (v DutyView, err error) {
	d, err := rm.dutyOf(in.Duty)
	if err != nil {
		return v, err
	}
	v = DutyView{in: in, sheet: d, role: web.RoleFrom(ctx), now: rm.Now(), Times: []Once{}}
	v.typed.On = rm.today()
	lines, err := rm.dutyLines(ctx, in.Org)
	if err != nil {
		return v, err
	}
	for _, l := range lines {
		if l.ID == d.ID {
			v.DutyLine = l
		}
	}
	names, err := rm.People(ctx, []string{actor(ctx)})
	if err != nil {
		return v, err
	}
	v.typed.Who = names[actor(ctx)]
	times, err := rm.Onces(ctx, in.Org, d.ID)
	v.Times = append(v.Times, times...)
	return v, err
}

type didIn struct {
	DutyIn
	On        string            `json:"on"`
	Who       string            `json:"who"`
	Found     string            `json:"found"`
	Cells     map[string]string `json:"cells"`
	Attendees string            `json:"attendees"`
	File      web.Upload        `json:"file"`
}

func (rm *Room) did(ctx context.Context, in didIn) (Moved, error) {
	id, err := rm.Did(ctx, in.Org, in.Duty, Doing{in.On, in.Who, in.Found, in.Cells, in.Attendees, in.File})
	return Moved{in.path() + "/done/" + id}, err
}

func (rm *Room) didAgain(ctx context.Context, in didIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showDuty(ctx, in.DutyIn)
	v.typed, v.problem = in, p
	return dutyPage(v), err
}

type setIn struct {
	DutyIn
	Due string `json:"due"`
}

func (rm *Room) set(ctx context.Context, in setIn) (Moved, error) {
	return Moved{in.path()}, rm.Set(ctx, in.Org, in.Duty, in.Due)
}

func (rm *Room) setAgain(ctx context.Context, in setIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showDuty(ctx, in.DutyIn)
	v.due, v.problem = in.Due, p
	return dutyPage(v), err
}

// DoneIn names one time that a duty was done.
type DoneIn struct {
	DutyIn
	Done string `path:"done" json:"-"`
}

// OnceView is one time that a duty was done.
type OnceView struct {
	Once
	Noter   string `json:"noted_by"`
	HasFile bool   `json:"has_file"`

	in    DoneIn
	sheet *DutySheet
	role  web.Role
}

func (rm *Room) showOnce(ctx context.Context, in DoneIn) (v OnceView, err error) {
	v = OnceView{in: in, role: web.RoleFrom(ctx)}
	if v.sheet, err = rm.dutyOf(in.Duty); err != nil {
		return v, err
	}
	if v.Once, err = rm.once(ctx, in.Org, in.Duty, in.Done); err != nil {
		return v, err
	}
	names, err := rm.People(ctx, []string{v.NotedBy})
	v.Noter, v.HasFile = names[v.NotedBy], v.blob != ""
	return v, err
}

func (rm *Room) onceFile(ctx context.Context, in DoneIn) (web.File, error) {
	o, err := rm.once(ctx, in.Org, in.Duty, in.Done)
	if err != nil {
		return web.File{}, err
	}
	if o.blob == "" {
		return web.File{}, problem.NotFound()
	}
	return rm.OpenFile(ctx, in.Org, o.blob)
}

func (rm *Room) undo(ctx context.Context, in DoneIn) (Moved, error) {
	return Moved{in.DutyIn.path()}, rm.Undo(ctx, in.Org, in.Duty, in.Done)
}

// when says in a few words when something is due.
func (d DutyLine) when(now time.Time) ui.Words {
	switch d.State {
	case Never:
		return ui.T("record.duty.never")
	case Late:
		return ui.T("record.duty.late", "n", i18n.Days(d.Due, now))
	}
	if n := i18n.Days(now, d.Due); n > 0 {
		return ui.T("record.duty.left", "n", n)
	}
	return ui.T("record.duty.today")
}

// mark is the shape of a duty in a list. Late is calm: nobody is blamed.
func (d DutyLine) mark() ui.Words {
	kind := ui.Met
	switch d.State {
	case Late:
		kind = ui.Expired
	case Never:
		kind = ui.Unknown
	case Soon:
		kind = ui.Partly
	}
	return ui.StatusAs(kind, ui.T("record.duty.state."+string(d.State)))
}

// every says how often something comes round.
// keys: record.every.*
func (e Every) words() ui.Words { return ui.T("record.every." + string(e)) }

func (v DutiesView) table() ui.TableView {
	t := ui.TableView{Caption: ui.T("record.duties.page"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "record.duty"}, {Key: "record.duty.every"}, {Key: "record.duty.next"}, {Key: "record.duty.last"}, {Key: "record.duty.state"}}}
	for _, d := range v.Duties {
		t.Rows = append(t.Rows, []ui.Words{titleLink(dutiesPath(v.in.Org)+"/"+d.ID, d.Title), d.Every.words(), dayOr(d.Due, d.when(v.now)), dayOr(d.Done, ui.Plain("－")), d.mark()})
	}
	return t
}

func dayOr(t time.Time, none ui.Words) ui.Words {
	if t.IsZero() {
		return none
	}
	return ui.Day(t)
}

// title is the sentence above the list: how many are late.
func (v DutiesView) title() ui.Words {
	n := map[DutyState]int{}
	for _, d := range v.Duties {
		n[d.State]++
	}
	switch {
	case n[Late] > 0:
		return ui.T("record.duties.late", "n", n[Late])
	case n[Never] > 0:
		return ui.T("record.duties.never", "n", n[Never])
	}
	return ui.T("record.duties.fine")
}

func (v DutyView) fields(ctx context.Context) []ui.FieldView {
	all := []ui.FieldView{
		{Kind: ui.FieldDate, Size: ui.SizeMedium, Name: "on", Label: ui.T("record.did.on"), Value: v.typed.On, Error: ui.FieldProblem(v.problem, "on")},
		{Name: "who", Label: ui.T("record.did.who"), Hint: ui.T("record.did.who.hint"), Value: v.typed.Who, Autocomplete: "off", MaxLength: maxCell, Error: ui.FieldProblem(v.problem, "who")},
	}
	for _, c := range v.sheet.Columns {
		all = append(all, c.field(ctx, v.typed.Cells[c.ID], v.problem))
	}
	all = append(all, ui.FieldView{Kind: ui.FieldTextarea, Name: "found", Label: ui.T("record.did.found"), Hint: ui.T("record.did.found.hint"), Value: v.typed.Found, MaxLength: maxFound, Error: ui.FieldProblem(v.problem, "found")})
	if v.sheet.Attendance {
		all = append(all, ui.FieldView{Kind: ui.FieldTextarea, Name: "attendees", Label: ui.T("record.did.attendees"), Hint: ui.T("record.did.attendees.hint"), Value: v.typed.Attendees, Rows: 5, Error: ui.FieldProblem(v.problem, "attendees")})
	}
	return append(all, ui.FieldView{Kind: ui.FieldFile, Name: "file", Label: ui.T("record.did.file"), Hint: ui.T("record.did.file.hint"), Optional: true})
}

func (v DutyView) facts(ctx context.Context) []ui.Pair {
	due := v.when(v.now)
	if !v.Due.IsZero() {
		due = ui.Join(ui.Due(v.Due), ui.Plain("　"), due)
	}
	return []ui.Pair{
		{Key: ui.T("record.duty.next"), Value: due},
		{Key: ui.T("record.duty.every"), Value: v.Every.words()},
	}
}

func (v DutyView) timesTable() ui.TableView {
	t := ui.TableView{Caption: ui.T("record.times"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "record.did.on"}, {Key: "record.did.who"}, {Key: "record.did.found"}}}
	if v.sheet.Attendance {
		t.Columns = append(t.Columns, ui.Column{Key: "record.did.attended", Number: true})
	}
	for _, o := range v.Times {
		row := []ui.Words{onceLink(v.in.path()+"/done/"+o.ID, day(o.On)), ui.Plain(o.Who), ui.Plain(cut(o.Found, 80))}
		if v.sheet.Attendance {
			row = append(row, ui.Plain(strconv.Itoa(len(o.Attendees))))
		}
		t.Rows = append(t.Rows, row)
	}
	return t
}

func (v OnceView) facts(ctx context.Context) []ui.Pair {
	all := []ui.Pair{{Key: ui.T("record.did.on"), Value: ui.Day(day(v.On))}, {Key: ui.T("record.did.who"), Value: ui.Plain(v.Who)}}
	all = append(all, cellFacts(ctx, v.sheet.Columns, v.Cells)...)
	all = append(all, ui.Pair{Key: ui.T("record.did.found"), Value: ui.Plain(v.Found)})
	if v.sheet.Attendance {
		all = append(all, ui.Pair{Key: ui.T("record.did.attendees"), Value: ui.Join(ui.T("record.did.n", "n", len(v.Attendees)), ui.Plain("　"+strings.Join(v.Attendees, "、")))})
	}
	return append(all, ui.Pair{Key: ui.T("record.did.noted"), Value: ui.Join(name(v.Noter), ui.Plain("　"), ui.Day(v.NotedAt))})
}
