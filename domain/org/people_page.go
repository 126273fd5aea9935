package org

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) peopleRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/people", web.Viewer, "List the people of the organisation and, for managers, its open invitations.", rm.showPeople, peoplePage),
		web.Get("/orgs/{org}/people/{account}", web.Manager, "Show somebody's role.", rm.showPerson, personPage),
		web.Post("/orgs/{org}/people/{account}/role", web.Manager, "Change somebody's role, up to manager.", rm.changeRole, nil, web.Again(rm.personAgain)),
		web.Get("/orgs/{org}/people/{account}/owner", web.Owner, "Ask before somebody becomes an owner.", rm.showOwner, ownerPage, web.PageOnly, web.StepUp),
		web.Post("/orgs/{org}/people/{account}/owner", web.Owner, "Make somebody an owner.", rm.makeOwner, nil, web.StepUp),
		web.Post("/orgs/{org}/people/{account}/remove", web.Manager, "Remove somebody from the organisation.", rm.remove, nil, web.Again(rm.removeAgain)),
		web.GetFile("/orgs/{org}/people/{account}/handover", web.Manager, "Download the sheet for whoever takes over from somebody, as a PDF.", rm.handover),
		web.Get("/orgs/{org}/leave", web.Viewer, "Ask before leaving the organisation.", rm.showLeave, leavePage, web.PageOnly),
		web.Post("/orgs/{org}/leave", web.Viewer, "Leave the organisation.", rm.leave, nil),
	}
}

// PeopleIn asks for a page of people.
type PeopleIn struct {
	Org   ID     `path:"org"`
	After string `query:"after"`
}

// PersonRow is one of the people. The address is for managers alone.
type PersonRow struct {
	Account string    `json:"account"`
	Name    string    `json:"name"`
	Email   string    `json:"email,omitempty"`
	Role    string    `json:"role"`
	Since   time.Time `json:"since"`
	Paper   *Paper    `json:"on_paper,omitempty"` // an owner made this one an owner by a signed sheet
	you     bool
}

// InvitationRow is an open invitation.
type InvitationRow struct {
	ID      string    `json:"id"`
	Email   string    `json:"email"`
	Role    string    `json:"role"`
	Expires time.Time `json:"expires"`
	Paper   *Paper    `json:"on_paper,omitempty"`
	may     bool      // the caller may take it back
}

// PeopleView is a page of people with the open invitations.
type PeopleView struct {
	People      []PersonRow     `json:"people"`
	Invitations []InvitationRow `json:"invitations,omitempty"`
	Next        string          `json:"after,omitempty"` // to be passed as after; empty on the last page

	org   ID
	role  web.Role
	first bool
	now   time.Time
}

func (rm *Room) showPeople(ctx context.Context, in PeopleIn) (PeopleView, error) {
	v := PeopleView{org: in.Org, role: web.RoleFrom(ctx), first: in.After == "", now: rm.now(), People: []PersonRow{}}
	members, err := rm.Members(ctx, in.Org, in.After, pageSize+1)
	if err != nil {
		return v, err
	}
	members, more := cutPage(members)
	if more {
		v.Next = members[len(members)-1].Account
	}
	if v.People, err = rm.named(ctx, in.Org, members, v.role); err != nil {
		return v, err
	}
	if v.role >= web.Manager {
		v.Invitations, err = rm.invitationRows(ctx, in.Org, v.role)
	}
	return v, err
}

// named asks for all names at once.
func (rm *Room) named(ctx context.Context, id ID, members []Member, role web.Role) ([]PersonRow, error) {
	ids := make([]string, len(members))
	for i, m := range members {
		ids[i] = m.Account
	}
	people, err := rm.Accounts(ctx, ids)
	if err != nil {
		return nil, err
	}
	papers, err := rm.papers(ctx, id, ids)
	if err != nil {
		return nil, err
	}
	me := web.CallerFrom(ctx).Account
	rows := make([]PersonRow, len(members))
	for i, m := range members {
		p := people[m.Account]
		rows[i] = PersonRow{Account: m.Account, Name: p.Name, Role: m.Role.String(), Since: m.Since, you: m.Account == me}
		if role >= web.Manager {
			rows[i].Email = p.Email
		}
		if m.Role == web.Owner {
			rows[i].Paper = papers(m.Account)
		}
	}
	return rows, nil
}

// papers tells the signed sheet behind each of some records.
func (rm *Room) papers(ctx context.Context, id ID, subjects []string) (func(subject string) *Paper, error) {
	var all map[string]Paper
	var err error
	if rm.OnPaper != nil {
		all, err = rm.OnPaper(ctx, string(id), subjects)
	}
	return func(subject string) *Paper {
		if p, ok := all[subject]; ok {
			return &p
		}
		return nil
	}, err
}

func (rm *Room) invitationRows(ctx context.Context, id ID, role web.Role) ([]InvitationRow, error) {
	open, err := rm.openInvitations(ctx, id)
	if err != nil {
		return nil, err
	}
	ids := make([]string, len(open))
	for i, o := range open {
		ids[i] = o.ID
	}
	papers, err := rm.papers(ctx, id, ids)
	rows := make([]InvitationRow, len(open))
	for i, o := range open {
		rows[i] = InvitationRow{o.ID, o.Email, o.Role.String(), o.Expires, papers(o.ID), o.Role <= role}
	}
	return rows, err
}

// PersonIn names one of the people.
type PersonIn struct {
	Org     ID     `path:"org"`
	Account string `path:"account"`
}

// PersonView is one of the people, to a manager.
type PersonView struct {
	PersonRow
	org     ID
	role    web.Role // of the caller
	chosen  string
	ends    []Ending
	problem *problem.Problem
}

// mayTouch says that the caller may change this role at all.
func (v PersonView) mayTouch() bool { return web.RoleNamed(v.Role) <= v.role }

func (rm *Room) showPerson(ctx context.Context, in PersonIn) (PersonView, error) {
	v := PersonView{org: in.Org, role: web.RoleFrom(ctx)}
	m, err := member(ctx, in.Org, in.Account)
	if err != nil {
		return v, err
	}
	rows, err := rm.named(ctx, in.Org, []Member{m}, v.role)
	if err != nil {
		return v, err
	}
	v.PersonRow = rows[0]
	v.chosen = v.Role
	v.ends, err = rm.Endings(ctx, in.Org, in.Account)
	return v, err
}

// RoleIn gives one of the people another role.
type RoleIn struct {
	Org     ID     `path:"org"`
	Account string `path:"account"`
	Role    string `json:"role"`
}

func (rm *Room) changeRole(ctx context.Context, in RoleIn) (Moved, error) {
	role := web.RoleNamed(in.Role)
	var v problem.Invalid
	v.Check(role.InOrganisation() && role <= web.Manager, "role", "role")
	if err := v.Or(); err != nil {
		return Moved{}, err
	}
	return Moved{in.Org.path("/people")}, rm.ChangeRole(ctx, in.Org, web.RoleFrom(ctx), in.Account, role)
}

func (rm *Room) personAgain(ctx context.Context, in RoleIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showPerson(ctx, PersonIn{in.Org, in.Account})
	v.chosen, v.problem = in.Role, p
	return personPage(v), err
}

func (rm *Room) showOwner(ctx context.Context, in PersonIn) (PersonView, error) {
	return rm.showPerson(ctx, in)
}

func (rm *Room) makeOwner(ctx context.Context, in PersonIn) (Moved, error) {
	return Moved{in.Org.path("/people")}, rm.ChangeRole(ctx, in.Org, web.RoleFrom(ctx), in.Account, web.Owner)
}

func (rm *Room) remove(ctx context.Context, in PersonIn) (Moved, error) {
	return Moved{in.Org.path("/people")}, rm.Remove(ctx, in.Org, web.RoleFrom(ctx), in.Account)
}

func (rm *Room) removeAgain(ctx context.Context, in PersonIn, p *problem.Problem) (templ.Component, error) {
	return rm.personAgain(ctx, RoleIn{Org: in.Org, Account: in.Account}, p)
}

// LeaveView asks before somebody leaves.
type LeaveView struct {
	org  ID
	ends []Ending
}

func (rm *Room) showLeave(ctx context.Context, in OrgIn) (LeaveView, error) {
	ends, err := rm.Endings(ctx, in.Org, web.CallerFrom(ctx).Account)
	return LeaveView{in.Org, ends}, err
}

// consequences are what ends, and what stays.
func (v LeaveView) consequences() []ui.Words {
	all := []ui.Words{ui.T("org.leave.then")}
	for _, e := range v.ends {
		all = append(all, e.words())
	}
	return append(all, ui.T("org.leave.kept"))
}

func (rm *Room) leave(ctx context.Context, in OrgIn) (Moved, error) {
	return Moved{"/"}, rm.Leave(ctx, in.Org, web.CallerFrom(ctx).Account)
}

// roleWords is the role, and how it came where an owner gave it on paper.
func (p PersonRow) roleWords() ui.Words {
	role := ui.T("org.role." + p.Role)
	if p.Paper == nil {
		return role
	}
	return ui.Join(role, ui.Plain(" "), ui.OnPaper(p.Paper.By, p.Paper.At))
}

func (v PeopleView) table(ctx context.Context) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("org.people.caption"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "org.person"}, {Key: "org.role"}, {Key: "org.people.since"}},
	}
	for _, p := range v.People {
		url := ""
		if v.role >= web.Manager {
			url = v.org.path("/people/" + p.Account)
		}
		t.Rows = append(t.Rows, []ui.Words{personName(p, url), p.roleWords(), ui.Plain(i18n.Age(ctx, p.Since, v.now))})
	}
	if v.Next != "" {
		t.NextURL = v.org.path("/people?after=" + v.Next)
	}
	if !v.first {
		t.FirstURL = v.org.path("/people")
	}
	return t
}
