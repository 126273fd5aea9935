package org

import (
	"context"
	"net/url"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) invitationRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/invitations/new", web.Manager, "Show the form for an invitation.", rm.showInvite, invitePage, web.PageOnly),
		web.Post("/orgs/{org}/invitations", web.Manager, "Invite somebody, up to manager.", rm.invite, nil, web.Again(rm.inviteAgain)),
		web.Get("/orgs/{org}/invitations/owner", web.Owner, "Show the form for the invitation of an owner.", rm.showInviteOwner, invitePage, web.PageOnly, web.StepUp),
		web.Post("/orgs/{org}/invitations/owner", web.Owner, "Invite another owner.", rm.inviteOwner, nil, web.StepUp, web.Again(rm.inviteOwnerAgain)),
		web.Post("/orgs/{org}/invitations/{invitation}/revoke", web.Manager, "Take an open invitation back.", rm.revoke, nil),
		web.Get("/invitations/{invitation}", web.Public, "Show an invitation without consuming it.", rm.showInvitation, invitationPage, web.PageOnly),
		web.Post("/invitations/{invitation}", web.SignedIn, "Take an invitation up.", rm.accept, nil, web.PageOnly),
	}
}

// InviteIn is an invitation as typed.
type InviteIn struct {
	Org   ID     `path:"org"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

// OwnerInviteIn is the invitation of another owner.
type OwnerInviteIn struct {
	Org   ID     `path:"org"`
	Email string `json:"email"`
}

// InviteView is the form for an invitation.
type InviteView struct {
	typed   InviteIn
	owner   bool
	problem *problem.Problem
}

func (rm *Room) showInvite(_ context.Context, in OrgIn) (InviteView, error) {
	return InviteView{typed: InviteIn{Org: in.Org, Role: web.Member.String()}}, nil
}

func (rm *Room) showInviteOwner(_ context.Context, in OrgIn) (InviteView, error) {
	return InviteView{typed: InviteIn{Org: in.Org}, owner: true}, nil
}

// InvitedView is the new invitation. Its link is in the mail alone.
type InvitedView struct {
	ID      string    `json:"id"`
	Expires time.Time `json:"expires"`
	org     ID
}

// Next is the list of people.
func (v InvitedView) Next() string { return v.org.path("/people") }

func (rm *Room) invite(ctx context.Context, in InviteIn) (InvitedView, error) {
	role := web.RoleNamed(in.Role)
	if role == web.Owner {
		role = web.Nobody // an owner is invited by the route that asks for a fresh login
	}
	return rm.invited(ctx, in.Org, in.Email, role)
}

func (rm *Room) inviteOwner(ctx context.Context, in OwnerInviteIn) (InvitedView, error) {
	return rm.invited(ctx, in.Org, in.Email, web.Owner)
}

func (rm *Room) invited(ctx context.Context, id ID, email string, role web.Role) (InvitedView, error) {
	i, err := rm.Invite(ctx, id, web.RoleFrom(ctx), email, role)
	return InvitedView{i.ID, i.Expires, id}, err
}

func (rm *Room) inviteAgain(_ context.Context, in InviteIn, p *problem.Problem) (templ.Component, error) {
	return invitePage(InviteView{in, false, p}), nil
}

func (rm *Room) inviteOwnerAgain(_ context.Context, in OwnerInviteIn, p *problem.Problem) (templ.Component, error) {
	return invitePage(InviteView{InviteIn{Org: in.Org, Email: in.Email}, true, p}), nil
}

// InvitationIDIn names an invitation of an organisation.
type InvitationIDIn struct {
	Org        ID     `path:"org"`
	Invitation string `path:"invitation"`
}

func (rm *Room) revoke(ctx context.Context, in InvitationIDIn) (Moved, error) {
	return Moved{in.Org.path("/people")}, rm.RevokeInvitation(ctx, in.Org, web.RoleFrom(ctx), in.Invitation)
}

// LinkIn is the link of an invitation. Its code travels in an address only here;
// no page tells its address to another site, and logs hold the route's pattern.
type LinkIn struct {
	Invitation string `path:"invitation"`
	Code       string `query:"code"`
}

// InvitationView is an invitation as the invited sees it.
type InvitationView struct {
	org     Organisation
	role    web.Role
	inviter string
	expires time.Time

	id, code   string
	me         string // name of the caller; "" for a stranger
	newAccount string // where a stranger opens an account
	login      string
}

func (rm *Room) showInvitation(ctx context.Context, in LinkIn) (InvitationView, error) {
	i, err := rm.invitation(ctx, in.Invitation, in.Code)
	if err != nil {
		return InvitationView{}, err
	}
	v := InvitationView{role: i.Role, expires: i.Expires, id: i.ID, code: in.Code}
	if v.org, err = rm.ByID(ctx, i.Org); err != nil {
		return v, err
	}
	me := web.CallerFrom(ctx).Account
	people, err := rm.Accounts(ctx, []string{i.By, me})
	if err != nil {
		return v, err
	}
	v.inviter = people[i.By].Name
	if me != "" {
		v.me = people[me].Name
		return v, nil
	}
	back := invitationPath(i.ID, in.Code)
	v.login = "/login?next=" + url.QueryEscape(back)
	v.newAccount, err = rm.NewAccountURL(back)
	return v, err
}

// AcceptIn takes an invitation up.
type AcceptIn struct {
	Invitation string `path:"invitation"`
	Code       string `json:"code"`
}

func (rm *Room) accept(ctx context.Context, in AcceptIn) (Moved, error) {
	id, err := rm.Accept(ctx, in.Invitation, in.Code, web.CallerFrom(ctx).Account)
	return Moved{id.path("")}, err
}
