package org

import (
	"context"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) companyRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/new", web.SignedIn, "Show the form for a new organisation.", rm.showNew, newPage, web.PageOnly),
		web.Post("/orgs/new", web.SignedIn, "Register an organisation; the caller becomes its owner.", rm.create, nil, web.Again(rm.createAgain)),
		web.Get("/orgs/{org}/company", web.Viewer, "Show what the organisation says of itself.", rm.showCompany, companyPage),
		web.Get("/orgs/{org}/company/edit", web.Manager, "Show the form for it.", rm.showEdit, editPage, web.PageOnly),
		web.Post("/orgs/{org}/company", web.Manager, "Change what the organisation says of itself.", rm.edit, nil, web.Again(rm.editAgain)),
	}
}

// NewView is the form for a new organisation.
type NewView struct {
	typed   ProfileIn
	first   bool // the caller has no organisation yet
	problem *problem.Problem
}

func (rm *Room) showNew(ctx context.Context, _ struct{}) (NewView, error) {
	orgs, err := rm.OrganisationsOf(ctx, web.CallerFrom(ctx).Account, "", 1)
	return NewView{typed: ProfileIn{Kind: KindCompany}, first: len(orgs) == 0}, err
}

// CreatedView is the new organisation.
type CreatedView struct {
	ID ID `json:"id"`
}

// Next is the home of the organisation, where the first questions wait.
func (v CreatedView) Next() string { return v.ID.path("") }

func (rm *Room) create(ctx context.Context, in ProfileIn) (CreatedView, error) {
	p, err := in.Profile()
	if err != nil {
		return CreatedView{}, err
	}
	account := web.CallerFrom(ctx).Account
	var v CreatedView
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.mayCreate(ctx, account); err != nil {
			return err
		}
		o, err := rm.Create(ctx, account, p)
		v.ID = o.ID
		return err
	})
	return v, err
}

func (rm *Room) createAgain(ctx context.Context, in ProfileIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showNew(ctx, struct{}{})
	v.typed, v.problem = in, p
	return newPage(v), err
}

// CompanyView is everything an organisation says of itself.
type CompanyView struct {
	Organisation
	Size      Size       `json:"size"`
	Why       Why        `json:"size_because"`
	Sites     []Site     `json:"sites"`
	Relations []Relation `json:"relations"`
	mayEdit   bool
	owner     bool
}

func (rm *Room) showCompany(ctx context.Context, in OrgIn) (v CompanyView, err error) {
	if v.Organisation, err = rm.ByID(ctx, in.Org); err != nil {
		return v, err
	}
	v.Size, v.Why = v.Organisation.Size()
	if v.Sites, err = rm.Sites(ctx, in.Org); err != nil {
		return v, err
	}
	v.Relations, err = rm.Relations(ctx, in.Org)
	v.mayEdit, v.owner = web.RoleFrom(ctx) >= web.Manager, web.RoleFrom(ctx) == web.Owner
	return v, err
}

// EditView is the form for what an organisation says of itself.
type EditView struct {
	org     ID
	bound   bool // a change of name or number ends that
	typed   ProfileIn
	problem *problem.Problem
}

func (rm *Room) showEdit(ctx context.Context, in OrgIn) (EditView, error) {
	o, err := rm.ByID(ctx, in.Org)
	if err != nil {
		return EditView{}, err
	}
	bound, err := rm.isBound(ctx, in.Org)
	return EditView{org: in.Org, bound: bound, typed: o.typed()}, err
}

// EditIn is that form, filled in.
type EditIn struct {
	Org ID `path:"org"`
	ProfileIn
}

func (rm *Room) edit(ctx context.Context, in EditIn) (Moved, error) {
	p, err := in.Profile()
	if err != nil {
		return Moved{}, err
	}
	return Moved{in.Org.path("/company")}, rm.Edit(ctx, in.Org, p)
}

func (rm *Room) editAgain(ctx context.Context, in EditIn, p *problem.Problem) (templ.Component, error) {
	bound, err := rm.isBound(ctx, in.Org)
	return editPage(EditView{in.Org, bound, in.ProfileIn, p}), err
}

// boundOf says which organisations are known to be whom they say.
func (rm *Room) boundOf(ctx context.Context, orgs []ID) (map[ID]bool, error) {
	if rm.Bound == nil {
		return nil, nil
	}
	return rm.Bound(ctx, orgs)
}

func (rm *Room) isBound(ctx context.Context, id ID) (bool, error) {
	bound, err := rm.boundOf(ctx, []ID{id})
	return bound[id], err
}
