package desk

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) caseRoutes() []web.Route {
	const desk = "/orgs/{org}/circles/{circle}/desk"
	const one = desk + "/cases/{case}"
	return []web.Route{
		web.Get(desk, web.Member, "List the cases of a circle, to the staff of its operator.", rm.showList, listPage, web.Noted(rm.notedList)),
		web.Get(desk+"/cases/new", web.Member, "Show the form for a case.", rm.showNew, formPage, web.PageOnly),
		web.Post(desk+"/cases", web.Member, "Add a case.", rm.addCase, nil, web.Again(rm.addAgain)),
		web.Get(one, web.Member, "Show a case with its history.", rm.showCase, casePage, web.Noted(rm.notedCase)),
		web.Get(one+"/edit", web.Member, "Show the form of a case.", rm.showEdit, formPage, web.PageOnly),
		web.Post(one, web.Member, "Change what is known of a case.", rm.editCase, nil, web.Again(rm.editAgain)),
		web.Post(one+"/remove", web.Member, "Take a company off the list that was neither opened nor claimed.", rm.removeCase, nil),
		web.Post(one+"/open", web.Member, "Open the company of a case for its owner.", rm.openCompany, nil),
		web.Post(one+"/contacts", web.Member, "Write down a contact and what comes next.", rm.addContact, nil, web.Again(rm.contactAgain)),
		web.GetFile(desk+"/counts.csv", web.Member, "Download the counts of a circle's cases by month.", rm.countsFile),
	}
}

// ListIn asks for a page of cases.
type ListIn struct {
	DeskIn
	Show  Show   `query:"show"`
	Q     string `query:"q"`
	After string `query:"after"`
}

// LineView is a case in the list, as staff see it.
type LineView struct {
	Line
	Answered int `json:"answered"`
	Total    int `json:"total"`
}

// ListView is a page of cases, with how many there are in each stage.
type ListView struct {
	Name     string        `json:"circle"`
	Lines    []LineView    `json:"cases"`
	Stages   map[Stage]int `json:"stages"`
	Calls    int           `json:"calls"`
	NextPage string        `json:"after,omitempty"` // to be passed as after; empty on the last page

	in  ListIn
	now time.Time
}

func (rm *Room) listed(ctx context.Context, in ListIn) (page, all []Line, more bool, err error) {
	if all, err = rm.lines(ctx, in.DeskIn); err != nil {
		return nil, nil, false, err
	}
	found := slices.DeleteFunc(slices.Clone(all), func(l Line) bool { return !l.in(in.Show) || !l.matches(in.Q) })
	if in.Show == ShowCall || in.Show == ShowAsked {
		slices.SortFunc(found, callOrder)
	}
	if i := slices.IndexFunc(found, func(l Line) bool { return l.ID == in.After }); i >= 0 {
		found = found[i+1:]
	}
	if len(found) > pageSize {
		return found[:pageSize], all, true, nil
	}
	return found, all, false, nil
}

func (rm *Room) showList(ctx context.Context, in ListIn) (ListView, error) {
	v := ListView{Stages: map[Stage]int{}, Lines: []LineView{}, in: in, now: rm.Now()}
	page, all, more, err := rm.listed(ctx, in)
	if err != nil {
		return v, err
	}
	circle, err := rm.circle(ctx, in.Org, in.Circle)
	v.Name = circle.Name
	for _, l := range all {
		v.Stages[l.Stage]++
		if l.in(ShowCall) {
			v.Calls++
		}
	}
	for _, l := range page {
		v.Lines = append(v.Lines, lineView(l))
	}
	if more {
		v.NextPage = page[len(page)-1].ID
	}
	return v, err
}

func lineView(l Line) LineView {
	v := LineView{Line: l}
	if p := l.Sight.Progress; p != nil {
		v.Answered, v.Total = p.Answered, p.Total
	}
	return v
}

// notedList notes to each company on the page that it was looked at. It reads the
// page again: what was withdrawn meanwhile is neither noted nor was it shown after.
func (rm *Room) notedList(ctx context.Context, in ListIn) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		page, _, _, err := rm.listed(ctx, in)
		if err != nil {
			return err
		}
		return rm.look(ctx, in.Circle, lookList, sharedOf(page))
	})
}

// CaseFormView is the form of a case.
type CaseFormView struct {
	desk    DeskIn
	id      string // "" for a new one
	typed   CaseData
	problem *problem.Problem
}

func (v CaseFormView) action() string {
	if v.id == "" {
		return v.desk.path("/cases")
	}
	return v.back()
}

func (v CaseFormView) back() string {
	if v.id == "" {
		return v.desk.path("")
	}
	return v.desk.path("/cases/" + v.id)
}

func (rm *Room) showNew(ctx context.Context, in DeskIn) (CaseFormView, error) {
	_, err := rm.circle(ctx, in.Org, in.Circle)
	return CaseFormView{desk: in, typed: CaseData{Kind: org.KindCompany}}, err
}

// NewCaseIn is a case as typed.
type NewCaseIn struct {
	DeskIn
	CaseData
}

func (rm *Room) addCase(ctx context.Context, in NewCaseIn) (Moved, error) {
	c, err := rm.AddCase(ctx, in.Org, in.Circle, in.CaseData)
	return Moved{CaseIn{in.Org, in.Circle, c.ID}.path("")}, err
}

func (rm *Room) addAgain(_ context.Context, in NewCaseIn, p *problem.Problem) (templ.Component, error) {
	return formPage(CaseFormView{in.DeskIn, "", in.CaseData, p}), nil
}

func (rm *Room) showEdit(ctx context.Context, in CaseIn) (CaseFormView, error) {
	c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
	return CaseFormView{desk: in.desk(), id: in.Case, typed: c.CaseData}, err
}

// EditCaseIn is a changed case as typed.
type EditCaseIn struct {
	CaseIn
	CaseData
}

func (rm *Room) editCase(ctx context.Context, in EditCaseIn) (Moved, error) {
	return Moved{in.path("")}, rm.EditCase(ctx, in.CaseIn, in.CaseData)
}

func (rm *Room) editAgain(_ context.Context, in EditCaseIn, p *problem.Problem) (templ.Component, error) {
	return formPage(CaseFormView{in.desk(), in.Case, in.CaseData, p}), nil
}

// ContactView is a line of history with the name of who wrote it.
type ContactView struct {
	Contact
	Name string `json:"by"`
}

// CaseView is a case with its history.
type CaseView struct {
	LineView
	Contacts []ContactView `json:"contacts"`

	letter  Letter
	phase   LetterPhase // "" without a letter
	entry   string      // where answers are entered; "" when they may not be
	mayMail bool
	circle  string
	now     time.Time
	base    string
	typed   Met
	problem *problem.Problem
}

func (rm *Room) showCase(ctx context.Context, in CaseIn) (v CaseView, err error) {
	c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
	if err != nil {
		return v, err
	}
	circle, err := rm.circle(ctx, in.Org, in.Circle)
	if err != nil {
		return v, err
	}
	v.now, v.circle, v.base = rm.Now(), circle.Name, rm.PublicURL
	s, err := rm.sightOf(ctx, c)
	if err != nil {
		return v, err
	}
	l := Line{Case: c}
	switch v.letter, err = lastLetter(ctx, c); {
	case err == nil:
		if v.phase = v.letter.Phase(v.now); v.phase == LetterOpen {
			l.letterAt = v.letter.Expires
		}
	case !errors.Is(err, db.ErrNone):
		return v, err
	}
	rm.place(&l, s)
	v.LineView, v.mayMail = lineView(l), rm.mayRemind(l)
	if s.Behalf {
		v.entry = in.path("/entry")
	}
	v.Contacts, err = rm.history(ctx, c)
	return v, err
}

func (rm *Room) history(ctx context.Context, c Case) ([]ContactView, error) {
	contacts, err := contactsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	var who []string
	for _, k := range contacts {
		who = append(who, k.By)
	}
	names, err := rm.People(ctx, who)
	all := make([]ContactView, len(contacts))
	for i, k := range contacts {
		all[i] = ContactView{k, names[k.By]}
	}
	return all, err
}

func (rm *Room) notedCase(ctx context.Context, in CaseIn) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
		if err != nil || c.Claimed.IsZero() {
			return err
		}
		s, err := rm.sightOf(ctx, c)
		if err != nil || s.Progress == nil {
			return err
		}
		return rm.look(ctx, in.Circle, lookCase, []org.ID{c.Company})
	})
}

func (rm *Room) removeCase(ctx context.Context, in CaseIn) (Moved, error) {
	return Moved{in.desk().path("")}, rm.RemoveCase(ctx, in)
}

func (rm *Room) openCompany(ctx context.Context, in CaseIn) (Moved, error) {
	return Moved{in.path("")}, rm.OpenCompany(ctx, in)
}

// ContactIn is a contact as typed.
type ContactIn struct {
	CaseIn
	Met
}

func (rm *Room) addContact(ctx context.Context, in ContactIn) (Moved, error) {
	return Moved{in.path("")}, rm.AddContact(ctx, in.CaseIn, in.Met)
}

func (rm *Room) contactAgain(ctx context.Context, in ContactIn, p *problem.Problem) (templ.Component, error) {
	var v CaseView
	err := rm.DB.Read(ctx, func(ctx context.Context) (err error) {
		v, err = rm.showCase(ctx, in.CaseIn)
		return err
	})
	v.typed, v.problem = in.Met, p
	return casePage(v), err
}

// text joins the lines of a text to copy.
func text(lines ...string) string { return strings.Join(lines, "\n") }

// pageQuery repeats the filter of a list for its other pages.
func pageQuery(in ListIn) string {
	return url.Values{"show": {string(in.Show)}, "q": {in.Q}}.Encode()
}
