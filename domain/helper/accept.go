package helper

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Self is what a helper says of himself.
type Self struct {
	Name          string
	Organisation  string
	OwnOrg        org.ID // one of his own, or ""
	Qualification string
}

func (s Self) clean() (Self, error) {
	var v problem.Invalid
	s.Name = name(&v, "name", s.Name, false)
	s.Organisation = name(&v, "organisation", s.Organisation, s.OwnOrg != "")
	s.Qualification = name(&v, "qualification", s.Qualification, true)
	return s, v.Or()
}

// invitation finds the grant of a link. A wrong code is an unknown link.
func (rm *Room) invitation(ctx context.Context, id, code string) (Grant, error) {
	g, err := db.One(ctx, (*Grant).fields, "SELECT "+grantColumns+" FROM helper_grant WHERE id = ? AND kind = 'helper'", id)
	if err != nil {
		return g, orNotFound(err)
	}
	if !g.opensWith(code) {
		return g, problem.NotFound()
	}
	return g, g.invitationOver(rm.Now())
}

// invitationOver says why an invitation can no longer be taken up.
// keys: problem.invitation-used.title, problem.invitation-used.hint, problem.invitation-revoked.title,
// problem.invitation-revoked.hint, problem.invitation-expired.title, problem.invitation-expired.hint
func (g Grant) invitationOver(now time.Time) error {
	switch {
	case !g.Accepted.IsZero():
		return problem.New(http.StatusGone, "invitation-used")
	case !g.Ended.IsZero() && g.EndedHow != endExpired:
		return problem.New(http.StatusGone, "invitation-revoked")
	case g.State(now) != "waiting":
		return problem.New(http.StatusGone, "invitation-expired")
	}
	return nil
}

// Accept takes a grant up for an account, with what its helper says of himself.
// Somebody of the company is refused (threats T19).
// keys: problem.helper-own-company.title, problem.helper-own-company.hint, field.helper-own-org
func (rm *Room) Accept(ctx context.Context, id, code, account string, s Self) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		g, err := rm.invitation(ctx, id, code)
		if err != nil {
			return err
		}
		role, err := rm.Member(ctx, account, string(g.Org))
		if err != nil {
			return err
		}
		if role != web.Nobody {
			return problem.New(http.StatusConflict, "helper-own-company")
		}
		// Who may no longer invite has nobody waiting either (threats T21).
		giver, err := rm.Member(ctx, g.GivenBy, string(g.Org))
		if err != nil {
			return err
		}
		if giver < web.Manager {
			return problem.New(http.StatusGone, "invitation-revoked")
		}
		if s, err = rm.selfOf(ctx, account, s); err != nil {
			return err
		}
		_, err = db.Exec(ctx, `UPDATE helper_grant SET accepted_at = ?, account_id = ?, email = '', helper_name = ?, helper_org = ?,
			helper_org_id = ?, qualification = ? WHERE id = ?`, rm.Now(), account, s.Name, s.Organisation, s.OwnOrg, s.Qualification, id)
		if err != nil {
			return err
		}
		return rm.note(ctx, string(g.Org), "helper.accepted", id, words{Name: s.Name})
	})
}

// selfOf checks what somebody says of himself. An organisation of his own has the
// name it goes by, whatever was typed.
func (rm *Room) selfOf(ctx context.Context, account string, s Self) (Self, error) {
	s, err := s.clean()
	if err != nil || s.OwnOrg == "" {
		return s, err
	}
	role, err := rm.Member(ctx, account, string(s.OwnOrg))
	if err != nil {
		return s, err
	}
	var v problem.Invalid
	v.Check(role != web.Nobody, "own_organisation", "helper-own-org")
	if err := v.Or(); err != nil {
		return s, err
	}
	all, err := rm.Companies(ctx, []org.ID{s.OwnOrg})
	if open := all[s.OwnOrg].OpenName(); open != "" {
		s.Organisation = open
	}
	return s, err
}

// Letter is what the mail of an invitation needs. Names are as they were typed:
// whoever writes the mail keeps them from becoming links.
type Letter struct {
	To      string
	Path    string // of the link, with its secret
	Org     string // name
	Number  string
	Inviter string
	Until   time.Time // the invitation
	Expires time.Time // the grant
}

// InvitationMail returns the letter of a grant, or the zero Letter when it can no
// longer be taken up. The secret is derived here, at sending.
func (rm *Room) InvitationMail(ctx context.Context, id string) (l Letter, err error) {
	err = rm.DB.Read(ctx, func(ctx context.Context) error {
		g, err := db.One(ctx, (*Grant).fields, "SELECT "+grantColumns+" FROM helper_grant WHERE id = ?", id)
		if err != nil || g.State(rm.Now()) != "waiting" {
			return orNotFound(err)
		}
		all, err := rm.Companies(ctx, []org.ID{g.Org})
		if err != nil {
			return err
		}
		people, err := rm.Accounts(ctx, []string{g.GivenBy})
		l = Letter{
			To: g.Email, Path: invitationPath(id, rm.Derive(invitationPurpose, id)), Org: calledName(all[g.Org]), Number: all[g.Org].Number(),
			Inviter: people[g.GivenBy].Name, Until: g.InvitedUntil, Expires: g.Expires,
		}
		return err
	})
	return l, err
}

// calledName is the name under which a company asks somebody for help.
func calledName(o org.Organisation) string {
	if open := o.OpenName(); open != "" {
		return open
	}
	return o.Name
}

func invitationPath(id, code string) string {
	return "/help-invitations/" + url.PathEscape(id) + "?" + url.Values{"code": {code}}.Encode()
}
