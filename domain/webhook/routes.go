package webhook

import (
	"context"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/webhooks", web.Manager, "List the addresses that are told when something happens.", rm.list, listPage),
		web.Get("/orgs/{org}/webhooks/new", web.Manager, "Show the form for an address.", rm.showNew, newPage, web.PageOnly, web.StepUp),
		web.Post("/orgs/{org}/webhooks", web.Manager, "Add an address; its secret is shown once.", rm.addEndpoint, secretPage, web.StepUp, web.Again(rm.addAgain)),
		web.Get("/orgs/{org}/webhooks/{webhook}", web.Manager, "Show an address and what was sent to it.", rm.show, endpointPage),
		web.Post("/orgs/{org}/webhooks/{webhook}/test", web.Manager, "Send a test.", rm.test, nil),
		web.Get("/orgs/{org}/webhooks/{webhook}/rotate", web.Manager, "Ask before the secret changes.", rm.askRotate, rotatePage, web.PageOnly, web.StepUp),
		web.Post("/orgs/{org}/webhooks/{webhook}/rotate", web.Manager, "Change the secret; the new one is shown once.", rm.rotate, secretPage, web.StepUp),
		web.Post("/orgs/{org}/webhooks/{webhook}/on", web.Manager, "Switch an address on again.", rm.switchOn, nil),
		web.Post("/orgs/{org}/webhooks/{webhook}/remove", web.Manager, "Remove an address.", rm.removeEndpoint, nil),
	}
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// OrgIn names the organisation of a route.
type OrgIn struct {
	Org string `path:"org" json:"-"`
}

func listPath(org string) string { return "/orgs/" + org + "/webhooks" }

// EndpointRow is an endpoint with the name of its maker.
type EndpointRow struct {
	Endpoint
	Maker string `json:"maker"`
}

// ListView lists the endpoints of an organisation.
type ListView struct {
	Endpoints []EndpointRow `json:"webhooks"`
	Paused    bool          `json:"paused"`
	org       string
	now       time.Time
}

func (rm *Room) list(ctx context.Context, in OrgIn) (v ListView, err error) {
	v = ListView{org: in.Org, now: rm.Now(), Endpoints: []EndpointRow{}}
	if v.Paused, err = rm.Paused(ctx, in.Org); err != nil {
		return v, err
	}
	all, err := rm.Endpoints(ctx, in.Org)
	if err != nil {
		return v, err
	}
	v.Endpoints, err = rm.rows(ctx, all)
	return v, err
}

func (rm *Room) rows(ctx context.Context, all []Endpoint) ([]EndpointRow, error) {
	makers := make([]string, len(all))
	for i, e := range all {
		makers[i] = e.MadeBy
	}
	names, err := rm.People(ctx, makers)
	rows := make([]EndpointRow, len(all))
	for i, e := range all {
		rows[i] = EndpointRow{e, names[e.MadeBy]}
	}
	return rows, err
}

// AddIn is an endpoint as typed.
type AddIn struct {
	Org   string   `path:"org" json:"-"`
	URL   string   `json:"url"`
	Verbs []string `json:"verbs"`
}

// NewView is the form for an endpoint.
type NewView struct {
	verbs   []string
	typed   AddIn
	problem *problem.Problem
}

func (rm *Room) showNew(_ context.Context, in OrgIn) (NewView, error) {
	return NewView{verbs: rm.Verbs, typed: AddIn{Org: in.Org}}, nil
}

func (rm *Room) addAgain(_ context.Context, in AddIn, p *problem.Problem) (templ.Component, error) {
	return newPage(NewView{rm.Verbs, in, p}), nil
}

// SecretView shows a secret, once.
type SecretView struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
	org    string
}

func (rm *Room) addEndpoint(ctx context.Context, in AddIn) (SecretView, error) {
	e, secret, err := rm.Add(ctx, in.Org, strings.TrimSpace(in.URL), in.Verbs)
	return SecretView{e.ID, secret, in.Org}, err
}

// EndpointIn names an endpoint.
type EndpointIn struct {
	Org     string `path:"org" json:"-"`
	Webhook string `path:"webhook" json:"-"`
}

func (in EndpointIn) page() Moved { return Moved{listPath(in.Org) + "/" + in.Webhook} }

// EndpointView is an endpoint with what was sent to it, the newest first.
type EndpointView struct {
	EndpointRow
	Deliveries []Delivery `json:"deliveries"`
	Paused     bool       `json:"paused"`
	now        time.Time
}

func (rm *Room) show(ctx context.Context, in EndpointIn) (v EndpointView, err error) {
	e, err := endpointOf(ctx, in.Org, in.Webhook)
	if err != nil {
		return v, err
	}
	rows, err := rm.rows(ctx, []Endpoint{e})
	if err != nil {
		return v, err
	}
	v.EndpointRow, v.now = rows[0], rm.Now()
	if v.Paused, err = rm.Paused(ctx, in.Org); err != nil {
		return v, err
	}
	if v.Deliveries, err = deliveriesOf(ctx, e.ID); v.Deliveries == nil {
		v.Deliveries = []Delivery{}
	}
	return v, err
}

func (rm *Room) test(ctx context.Context, in EndpointIn) (Moved, error) {
	return in.page(), rm.Test(ctx, in.Org, in.Webhook)
}

// RotateView asks before a secret changes.
type RotateView struct{ at string }

func (rm *Room) askRotate(ctx context.Context, in EndpointIn) (RotateView, error) {
	_, err := endpointOf(ctx, in.Org, in.Webhook)
	return RotateView{in.page().To}, err
}

func (rm *Room) rotate(ctx context.Context, in EndpointIn) (SecretView, error) {
	secret, err := rm.Rotate(ctx, in.Org, in.Webhook)
	return SecretView{in.Webhook, secret, in.Org}, err
}

func (rm *Room) switchOn(ctx context.Context, in EndpointIn) (Moved, error) {
	return in.page(), rm.SwitchOn(ctx, in.Org, in.Webhook)
}

func (rm *Room) removeEndpoint(ctx context.Context, in EndpointIn) (Moved, error) {
	return Moved{listPath(in.Org)}, rm.Remove(ctx, in.Org, in.Webhook)
}
