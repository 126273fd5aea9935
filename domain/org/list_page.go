package org

import (
	"context"
	"slices"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// listRoutes are the lists that a company keeps of itself: sites and relations.
func (rm *Room) listRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/sites/new", web.Manager, "Show the form for a site.", rm.showSite, sitePage, web.PageOnly),
		web.Post("/orgs/{org}/sites", web.Manager, "Add a site.", rm.addSite, nil, web.Again(rm.siteAgain)),
		web.Post("/orgs/{org}/sites/{site}/remove", web.Manager, "Remove a site.", rm.removeSite, nil),
		web.Get("/orgs/{org}/relations/new", web.Manager, "Show the form for a parent or group company.", rm.showRelation, relationPage, web.PageOnly),
		web.Post("/orgs/{org}/relations", web.Manager, "Add a parent or group company.", rm.addRelation, nil, web.Again(rm.relationAgain)),
		web.Post("/orgs/{org}/relations/{relation}/remove", web.Manager, "Remove a parent or group company.", rm.removeRelation, nil),
	}
}

// SiteIn is a site as typed.
type SiteIn struct {
	Org        ID         `path:"org"`
	Name       string     `json:"name"`
	Country    Country    `json:"country"`
	Prefecture Prefecture `json:"prefecture"`
}

// SiteView is the form for a site.
type SiteView struct {
	typed   SiteIn
	problem *problem.Problem
}

func (rm *Room) showSite(_ context.Context, in OrgIn) (SiteView, error) {
	return SiteView{typed: SiteIn{Org: in.Org, Country: Japan}}, nil
}

func (rm *Room) siteAgain(_ context.Context, in SiteIn, p *problem.Problem) (templ.Component, error) {
	return sitePage(SiteView{in, p}), nil
}

func (in SiteIn) site() (Site, error) {
	var v problem.Invalid
	s := Site{Country: in.Country, Prefecture: in.Prefecture}
	if s.Country == "" {
		s.Country = Japan
	}
	var flaw *Flaw
	s.Name, flaw = Screen(in.Name)
	flaw.note(&v, "name")
	v.Check(s.Country.Known(), "country", "choice")
	v.Check(s.Prefecture == "" || s.Prefecture.Known(), "prefecture", "choice")
	if s.Country != Japan {
		s.Prefecture = ""
	}
	return s, v.Or()
}

func (rm *Room) addSite(ctx context.Context, in SiteIn) (Moved, error) {
	s, err := in.site()
	if err != nil {
		return Moved{}, err
	}
	return Moved{in.Org.path("/company")}, rm.AddSite(ctx, in.Org, s)
}

// SiteIDIn names a site.
type SiteIDIn struct {
	Org  ID     `path:"org"`
	Site string `path:"site"`
}

func (rm *Room) removeSite(ctx context.Context, in SiteIDIn) (Moved, error) {
	return Moved{in.Org.path("/company")}, rm.RemoveSite(ctx, in.Org, in.Site)
}

// RelationIn is a parent or group company as typed.
type RelationIn struct {
	Org             ID           `path:"org"`
	Kind            RelationKind `json:"kind"`
	Name            string       `json:"name"`
	CorporateNumber string       `json:"corporate_number"`
}

// RelationView is the form for it.
type RelationView struct {
	typed   RelationIn
	problem *problem.Problem
}

func (rm *Room) showRelation(_ context.Context, in OrgIn) (RelationView, error) {
	return RelationView{typed: RelationIn{Org: in.Org, Kind: RelationParent}}, nil
}

func (rm *Room) relationAgain(_ context.Context, in RelationIn, p *problem.Problem) (templ.Component, error) {
	return relationPage(RelationView{in, p}), nil
}

func (in RelationIn) relation() (Relation, error) {
	var v problem.Invalid
	r := Relation{Kind: in.Kind}
	var flaw *Flaw
	v.Check(slices.Contains(RelationKinds, in.Kind), "kind", "choice")
	r.Name, flaw = Screen(in.Name)
	flaw.note(&v, "name")
	r.CorporateNumber, flaw = ParseNumber(in.CorporateNumber)
	flaw.note(&v, "corporate_number")
	return r, v.Or()
}

func (rm *Room) addRelation(ctx context.Context, in RelationIn) (Moved, error) {
	r, err := in.relation()
	if err != nil {
		return Moved{}, err
	}
	return Moved{in.Org.path("/company")}, rm.AddRelation(ctx, in.Org, r)
}

// RelationIDIn names a relation.
type RelationIDIn struct {
	Org      ID     `path:"org"`
	Relation string `path:"relation"`
}

func (rm *Room) removeRelation(ctx context.Context, in RelationIDIn) (Moved, error) {
	return Moved{in.Org.path("/company")}, rm.RemoveRelation(ctx, in.Org, in.Relation)
}
