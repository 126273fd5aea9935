package helper

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// OrgIn names the organisation of a route.
type OrgIn struct {
	Org org.ID `path:"org" json:"-"`
}

// GivenIn names a grant of a company.
type GivenIn struct {
	Org   org.ID `path:"org" json:"-"`
	Grant string `path:"grant" json:"-"`
}

// GrantRow is a grant as the company sees it. The address is for managers alone.
type GrantRow struct {
	ID            string     `json:"id"`
	Kind          Kind       `json:"kind"`
	State         string     `json:"state"`
	Email         string     `json:"email,omitempty"`
	Name          string     `json:"name"`
	Organisation  string     `json:"organisation"`
	Bound         bool       `json:"organisation_bound"`
	Qualification string     `json:"qualification,omitempty"`
	Verified      bool       `json:"qualification_verified"` // false: nobody here checks one
	Parts         []string   `json:"parts"`
	Reason        string     `json:"reason,omitempty"`
	GivenBy       string     `json:"given_by"`
	Created       time.Time  `json:"created"`
	Expires       time.Time  `json:"expires"`
	Ended         *time.Time `json:"ended_at,omitempty"`
	EndedHow      string     `json:"ended_how,omitempty"`
	Looks         int        `json:"looks"`
	LastLook      *time.Time `json:"last_look,omitempty"`
	Paper         *org.Paper `json:"on_paper,omitempty"`

	ownOrg org.ID
}

// maxHistory is how many grants a company's page shows, the newest first.
const maxHistory = 100

// HelpersView is who outside may see what, and what helpers advise.
type HelpersView struct {
	Grants []GrantRow   `json:"grants"`
	Advice []AdviceView `json:"advice"`

	org    org.ID
	role   web.Role
	now    time.Time
	paused bool
}

func (rm *Room) showHelpers(ctx context.Context, in OrgIn) (HelpersView, error) {
	v := HelpersView{org: in.Org, role: web.RoleFrom(ctx), now: rm.Now()}
	grants, err := db.Rows(ctx, (*Grant).fields, "SELECT "+grantColumns+` FROM helper_grant
		WHERE org_id = ? ORDER BY CASE WHEN ended_at IS NULL THEN 0 ELSE 1 END, created DESC, id LIMIT ?`, in.Org, maxHistory)
	if err != nil {
		return v, err
	}
	if v.Grants, err = rm.grantRows(ctx, in.Org, grants, v.role); err != nil {
		return v, err
	}
	advice, err := adviceTo(ctx, in.Org)
	if err != nil {
		return v, err
	}
	v.Advice = adviceViews(advice)
	if rm.Paused != nil {
		v.paused, err = rm.Paused(ctx, string(in.Org))
	}
	return v, err
}

// grantRows asks for names and looks at once. An address is no longer known once
// the grant is taken up.
func (rm *Room) grantRows(ctx context.Context, company org.ID, grants []Grant, role web.Role) ([]GrantRow, error) {
	people := make([]string, len(grants))
	for i, g := range grants {
		people[i] = g.GivenBy
	}
	names, err := rm.Accounts(ctx, people)
	if err != nil {
		return nil, err
	}
	looks, err := looksOf(ctx, string(company))
	if err != nil {
		return nil, err
	}
	rows := make([]GrantRow, len(grants))
	for i, g := range grants {
		row := GrantRow{
			ID: g.ID, Kind: g.Kind, State: g.State(rm.Now()), Name: g.Name, Organisation: g.Organisation, Qualification: g.Qualification,
			Parts: g.Parts.Names(), Reason: g.Reason, GivenBy: names[g.GivenBy].Name, Created: g.Created, Expires: g.Expires,
			EndedHow: g.EndedHow, Looks: looks[g.ID].Looks, ownOrg: g.OwnOrg,
		}
		if role >= web.Manager && row.State == "waiting" {
			row.Email = g.Email
		}
		if !g.Ended.IsZero() {
			row.Ended = &grants[i].Ended
		}
		if last := looks[g.ID].Last; !last.IsZero() {
			row.LastLook = &last
		}
		if row.State == "open" {
			row.Bound, err = rm.bound(ctx, g.OwnOrg)
		}
		if err != nil {
			return nil, err
		}
		rows[i] = row
	}
	return rows, rm.markPaper(ctx, company, rows)
}

// markPaper marks the grants that an owner gave on a signed sheet.
func (rm *Room) markPaper(ctx context.Context, company org.ID, rows []GrantRow) error {
	if rm.OnPaper == nil {
		return nil
	}
	ids := make([]string, len(rows))
	for i, r := range rows {
		ids[i] = r.ID
	}
	papers, err := rm.OnPaper(ctx, string(company), ids)
	for i, r := range rows {
		if p, ok := papers[r.ID]; ok {
			rows[i].Paper = &p
		}
	}
	return err
}

func (rm *Room) bound(ctx context.Context, own org.ID) (bool, error) {
	if own == "" || rm.Bound == nil {
		return false, nil
	}
	return rm.Bound(ctx, string(own))
}

// LookView is how often somebody looked at a kind of page on a day.
type LookView struct {
	Look
	Who string `json:"who"`
}

// GivenView is one grant with the looks under it.
type GivenView struct {
	GrantRow
	Looked []LookView `json:"looked"`

	org     org.ID
	role    web.Role
	now     time.Time
	days    int
	problem *problem.Problem
}

func (rm *Room) showGrant(ctx context.Context, in GivenIn) (GivenView, error) {
	v := GivenView{org: in.Org, role: web.RoleFrom(ctx), now: rm.Now(), days: defaultDays, Looked: []LookView{}}
	g, err := ofCompany(ctx, in.Org, in.Grant)
	if err != nil {
		return v, err
	}
	rows, err := rm.grantRows(ctx, in.Org, []Grant{g}, v.role)
	if err != nil {
		return v, err
	}
	v.GrantRow = rows[0]
	looks, err := looksUnder(ctx, string(in.Org), in.Grant)
	if err != nil {
		return v, err
	}
	people := make([]string, len(looks))
	for i, l := range looks {
		people[i] = l.Account
	}
	names, err := rm.Accounts(ctx, people)
	for _, l := range looks {
		v.Looked = append(v.Looked, LookView{l, names[l.Account].Name})
	}
	return v, err
}

// NewIn is an offer as typed.
type NewIn struct {
	Org    org.ID   `path:"org" json:"-"`
	Email  string   `json:"email"`
	Parts  []string `json:"parts"`
	Reason string   `json:"reason"`
	Days   int      `json:"days"`
}

// NewView is the form for it.
type NewView struct {
	typed   NewIn
	role    web.Role
	problem *problem.Problem
}

func (rm *Room) showNew(ctx context.Context, in OrgIn) (NewView, error) {
	return NewView{typed: NewIn{Org: in.Org, Days: defaultDays, Parts: []string{PartProfile, PartAnswers}}, role: web.RoleFrom(ctx)}, nil
}

// GivenOut is the new grant. The link of an invitation is in its mail alone.
type GivenOut struct {
	ID      string    `json:"id"`
	Expires time.Time `json:"expires"`
	org     org.ID
}

// Next is the list of helpers.
func (v GivenOut) Next() string { return helpersPath(v.org) }

func helpersPath(id org.ID) string { return "/orgs/" + string(id) + "/helpers" }

func (rm *Room) postNew(ctx context.Context, in NewIn) (GivenOut, error) {
	g, err := rm.Invite(ctx, web.RoleFrom(ctx), Offer{Org: in.Org, Email: in.Email, Parts: in.Parts, Reason: in.Reason, Days: in.Days})
	return GivenOut{g.ID, g.Expires, in.Org}, err
}

func (rm *Room) newAgain(ctx context.Context, in NewIn, p *problem.Problem) (templ.Component, error) {
	return newPage(NewView{in, web.RoleFrom(ctx), p}), nil
}

// CallIn is a call for support as typed.
type CallIn struct {
	Org    org.ID   `path:"org" json:"-"`
	Parts  []string `json:"parts"`
	Reason string   `json:"reason"`
	Hours  int      `json:"hours"`
}

// CallView is the form for it.
type CallView struct {
	typed   CallIn
	role    web.Role
	problem *problem.Problem
}

func (rm *Room) showCall(ctx context.Context, in OrgIn) (CallView, error) {
	return CallView{typed: CallIn{Org: in.Org, Hours: 24, Parts: []string{PartAnswers}}, role: web.RoleFrom(ctx)}, nil
}

func (rm *Room) postCall(ctx context.Context, in CallIn) (GivenOut, error) {
	g, err := rm.CallSupport(ctx, web.RoleFrom(ctx), Call{Org: in.Org, Parts: in.Parts, Reason: in.Reason, Hours: in.Hours})
	return GivenOut{g.ID, g.Expires, in.Org}, err
}

func (rm *Room) callAgain(ctx context.Context, in CallIn, p *problem.Problem) (templ.Component, error) {
	return callPage(CallView{in, web.RoleFrom(ctx), p}), nil
}

// ExtendIn extends a helper's time.
type ExtendIn struct {
	Org   org.ID `path:"org" json:"-"`
	Grant string `path:"grant" json:"-"`
	Days  int    `json:"days"`
}

func (rm *Room) showExtend(ctx context.Context, in GivenIn) (GivenView, error) {
	return rm.showGrant(ctx, in)
}

func (rm *Room) postExtend(ctx context.Context, in ExtendIn) (Moved, error) {
	return Moved{helpersPath(in.Org) + "/" + in.Grant}, rm.Extend(ctx, web.RoleFrom(ctx), in.Org, in.Grant, in.Days)
}

func (rm *Room) extendAgain(ctx context.Context, in ExtendIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showGrant(ctx, GivenIn{in.Org, in.Grant})
	v.days, v.problem = in.Days, p
	return extendPage(v), err
}

func (rm *Room) postRevoke(ctx context.Context, in GivenIn) (Moved, error) {
	return Moved{helpersPath(in.Org)}, rm.Revoke(ctx, in.Org, in.Grant)
}

// AdviceIDIn names advice to a company.
type AdviceIDIn struct {
	Org    org.ID `path:"org" json:"-"`
	Advice string `path:"advice" json:"-"`
}

func (rm *Room) postDone(ctx context.Context, in AdviceIDIn) (Moved, error) {
	return Moved{helpersPath(in.Org)}, rm.MarkDone(ctx, in.Org, in.Advice)
}

func (rm *Room) postDrop(ctx context.Context, in AdviceIDIn) (Moved, error) {
	return Moved{helpersPath(in.Org)}, rm.DropAdvice(ctx, in.Org, in.Advice)
}
