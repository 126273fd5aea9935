package org

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) circleRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/circles", web.Viewer, "List the circles of the organisation.", rm.showCircles, circlesPage),
		web.Get("/orgs/{org}/circles/new", web.Manager, "Show the form for a circle.", rm.showNewCircle, newCirclePage, web.PageOnly),
		web.Post("/orgs/{org}/circles", web.Manager, "Make a circle.", rm.createCircle, nil, web.Again(rm.createCircleAgain)),
		web.Get("/orgs/{org}/circles/join", web.Manager, "Show the form for a circle's code.", rm.showJoin, joinPage, web.PageOnly),
		web.Post("/orgs/{org}/circles/join", web.Manager, "Join a circle with its code.", rm.join, nil, web.Again(rm.joinAgain)),
		web.Get("/orgs/{org}/circles/{circle}", web.Viewer, "Show a circle and who is in it, to its members.", rm.showCircle, circlePage),
		web.Post("/orgs/{org}/circles/{circle}/codes", web.Manager, "Make a code that lets one organisation in.", rm.makeCode, nil),
		web.Post("/orgs/{org}/circles/{circle}/leave", web.Manager, "Leave a circle.", rm.leaveCircle, nil),
	}
}

// CirclesView lists the circles of an organisation.
type CirclesView struct {
	Circles []Circle `json:"circles"`
	org     ID
	mayEdit bool
}

func (rm *Room) showCircles(ctx context.Context, in OrgIn) (CirclesView, error) {
	all, err := rm.Circles(ctx, in.Org)
	if all == nil {
		all = []Circle{}
	}
	return CirclesView{all, in.Org, web.RoleFrom(ctx) >= web.Manager}, err
}

// NewCircleIn is a circle as typed.
type NewCircleIn struct {
	Org  ID         `path:"org"`
	Kind CircleKind `json:"kind"`
	Name string     `json:"name"`
}

// NewCircleView is the form for a circle.
type NewCircleView struct {
	typed   NewCircleIn
	problem *problem.Problem
}

func (rm *Room) showNewCircle(_ context.Context, in OrgIn) (NewCircleView, error) {
	return NewCircleView{typed: NewCircleIn{Org: in.Org, Kind: CircleRegion}}, nil
}

func (rm *Room) createCircleAgain(_ context.Context, in NewCircleIn, p *problem.Problem) (templ.Component, error) {
	return newCirclePage(NewCircleView{in, p}), nil
}

// InCircleView leads to a circle.
type InCircleView struct {
	Circle string `json:"circle"`
	org    ID
}

// Next is the page of the circle.
func (v InCircleView) Next() string { return v.org.path("/circles/" + v.Circle) }

func (rm *Room) createCircle(ctx context.Context, in NewCircleIn) (InCircleView, error) {
	var v problem.Invalid
	v.Check(slices.Contains(CircleKinds, in.Kind), "kind", "choice")
	name, flaw := Screen(in.Name)
	flaw.note(&v, "name")
	if err := v.Or(); err != nil {
		return InCircleView{}, err
	}
	c, err := rm.CreateCircle(ctx, in.Org, in.Kind, name)
	return InCircleView{c.ID, in.Org}, err
}

// JoinIn is a circle's code as typed.
type JoinIn struct {
	Org  ID     `path:"org"`
	Code string `json:"code"`
}

// JoinView is the form for it.
type JoinView struct {
	typed   JoinIn
	problem *problem.Problem
}

func (rm *Room) showJoin(_ context.Context, in OrgIn) (JoinView, error) {
	return JoinView{typed: JoinIn{Org: in.Org}}, nil
}

func (rm *Room) joinAgain(_ context.Context, in JoinIn, p *problem.Problem) (templ.Component, error) {
	return joinPage(JoinView{in, p}), nil
}

func (rm *Room) join(ctx context.Context, in JoinIn) (InCircleView, error) {
	circle, err := rm.JoinCircle(ctx, in.Org, in.Code)
	return InCircleView{circle, in.Org}, err
}

// CircleIn asks for a page of a circle's members.
type CircleIn struct {
	Org    ID     `path:"org"`
	Circle string `path:"circle"`
	After  string `query:"after"`
}

// CircleMemberRow is a member as the others see it: a name and a number.
type CircleMemberRow struct {
	Name     string `json:"name"` // empty for a sole proprietor without a trade name
	Number   string `json:"number"`
	Operator bool   `json:"operator"`
	You      bool   `json:"you"`
	Bound    bool   `json:"bound"` // it is known that it is whom it says
}

// CircleView is a circle with its members. Codes are for managers of the
// operator alone.
type CircleView struct {
	Circle
	Rows     []CircleMemberRow `json:"organisations"`
	NextPage string            `json:"after,omitempty"` // to be passed as after; empty on the last page
	Codes    []CircleCode      `json:"codes,omitempty"`

	org      ID
	operates bool
	staffed  bool // the caller may work at the desk of the circle
	mayEdit  bool
	first    bool
	now      time.Time
}

func (rm *Room) showCircle(ctx context.Context, in CircleIn) (v CircleView, err error) {
	if v.Circle, err = rm.circleOf(ctx, in.Org, in.Circle); err != nil {
		return v, err
	}
	v.org, v.mayEdit, v.first, v.now = in.Org, web.RoleFrom(ctx) >= web.Manager, in.After == "", rm.now()
	v.operates = v.Operator == in.Org && v.mayEdit
	v.staffed = v.Operator == in.Org && web.RoleFrom(ctx) >= web.Member
	members, err := rm.circleMembers(ctx, in.Org, in.Circle, in.After, pageSize+1)
	if err != nil {
		return v, err
	}
	members, more := cutPage(members)
	if more {
		v.NextPage = members[len(members)-1].InternalNumber
	}
	bound, err := rm.boundOf(ctx, idsOf(members))
	if err != nil {
		return v, err
	}
	v.Rows = make([]CircleMemberRow, len(members))
	for i, o := range members {
		v.Rows[i] = CircleMemberRow{o.OpenName(), o.Number(), o.ID == v.Operator, o.ID == in.Org, bound[o.ID]}
	}
	if v.operates {
		v.Codes, err = rm.openCodes(ctx, in.Circle)
	}
	return v, err
}

// CircleIDIn names a circle.
type CircleIDIn struct {
	Org    ID     `path:"org"`
	Circle string `path:"circle"`
}

// CodeView is a new code.
type CodeView struct {
	CircleCode
	at string
}

// Next is the page of the circle, which shows the code.
func (v CodeView) Next() string { return v.at }

func (rm *Room) makeCode(ctx context.Context, in CircleIDIn) (CodeView, error) {
	code, err := rm.MakeCircleCode(ctx, in.Org, in.Circle)
	return CodeView{code, in.Org.path("/circles/" + in.Circle)}, err
}

func (rm *Room) leaveCircle(ctx context.Context, in CircleIDIn) (Moved, error) {
	return Moved{in.Org.path("/circles")}, rm.LeaveCircle(ctx, in.Org, in.Circle)
}

func idsOf(all []Organisation) []ID {
	ids := make([]ID, len(all))
	for i, o := range all {
		ids[i] = o.ID
	}
	return ids
}
