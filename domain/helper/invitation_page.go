package helper

import (
	"context"
	"net/url"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// LinkIn is the link of an invitation. Its code travels in an address only here.
type LinkIn struct {
	Grant string `path:"grant"`
	Code  string `query:"code"`
}

// AcceptIn takes an invitation up.
type AcceptIn struct {
	Grant         string `path:"grant"`
	Code          string `json:"code"`
	Name          string `json:"name"`
	Organisation  string `json:"organisation"`
	OwnOrg        org.ID `json:"own_organisation"`
	Qualification string `json:"qualification"`
}

// InvitationView is an invitation as the invited sees it.
type InvitationView struct {
	grant   Grant
	company CompanyView
	inviter string

	typed      AcceptIn
	me         string // name of the caller; "" for a stranger
	own        []org.Membership
	newAccount string // where a stranger opens an account
	login      string
	problem    *problem.Problem
}

func (rm *Room) showInvitation(ctx context.Context, in LinkIn) (InvitationView, error) {
	g, err := rm.invitation(ctx, in.Grant, in.Code)
	if err != nil {
		return InvitationView{}, err
	}
	v := InvitationView{grant: g, typed: AcceptIn{Grant: in.Grant, Code: in.Code}}
	all, err := rm.Companies(ctx, []org.ID{g.Org})
	if err != nil {
		return v, err
	}
	v.company = companyView(all[g.Org])
	me := web.CallerFrom(ctx).Account
	people, err := rm.Accounts(ctx, []string{g.GivenBy, me})
	if err != nil {
		return v, err
	}
	v.inviter, v.me = people[g.GivenBy].Name, people[me].Name
	if me != "" {
		v.typed.Name = v.me
		v.own, err = rm.Mine(ctx, me)
		return v, err
	}
	back := invitationPath(g.ID, in.Code)
	v.login = "/login?next=" + url.QueryEscape(back)
	v.newAccount, err = rm.NewAccountURL(back)
	return v, err
}

func (rm *Room) accept(ctx context.Context, in AcceptIn) (Moved, error) {
	err := rm.Accept(ctx, in.Grant, in.Code, web.CallerFrom(ctx).Account, Self{in.Name, in.Organisation, in.OwnOrg, in.Qualification})
	return Moved{Helper.path(in.Grant)}, err
}

func (rm *Room) acceptAgain(ctx context.Context, in AcceptIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showInvitation(ctx, LinkIn{in.Grant, in.Code})
	v.typed, v.problem = in, p
	return invitationPage(v), err
}
