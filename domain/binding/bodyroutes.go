package binding

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) bodyRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/vouching", web.Manager, "Show whom this organisation vouched for.", rm.showVouching, vouchingPage),
		web.Post("/orgs/{org}/vouching/body-code", web.Owner, "Make a code with which the operator lets this organisation vouch.", rm.makeBodyCode, nil),
		web.Get("/orgs/{org}/vouching/new", web.Manager, "Show the form for a voucher code.", rm.showLook, lookPage, web.PageOnly, web.StepUp),
		web.Post("/orgs/{org}/vouching/look", web.Manager, "Show the organisation of a voucher code.", rm.look, vouchPage, web.Again(rm.lookAgain)),
		web.Post("/orgs/{org}/vouching", web.Manager, "Vouch for the organisation of a code.", rm.vouch, nil, web.StepUp, web.Again(rm.vouchAgain)),
		web.Get("/orgs/{org}/vouching/{proof}/end", web.Manager, "Ask before a voucher or a letter is taken back.", rm.askTakeBack, confirmPage, web.PageOnly, web.StepUp),
		web.Post("/orgs/{org}/vouching/{proof}/end", web.Manager, "Take a voucher or a letter back.", rm.takeBack, nil, web.StepUp),
	}
}

func vouchingPath(id string) string { return "/orgs/" + id + "/vouching" }

// GivenRow is a proof as its body sees it.
type GivenRow struct {
	ID     string    `json:"id"`
	Kind   Kind      `json:"kind"`
	Name   string    `json:"name"`
	Number string    `json:"number"`
	Since  time.Time `json:"since"`
	Reason string    `json:"reason,omitempty"`
}

// VouchingView is the desk of a named body; others learn how to become one.
type VouchingView struct {
	Body  bool       `json:"body"`
	Given []GivenRow `json:"given"`
	Code  *Code      `json:"body_code,omitempty"` // for owners

	org  string
	role web.Role
}

const givenShown = 100

func (rm *Room) showVouching(ctx context.Context, in OrgIn) (v VouchingView, err error) {
	v = VouchingView{org: in.Org, role: web.RoleFrom(ctx), Given: []GivenRow{}}
	if v.Body, err = rm.isBody(ctx, in.Org); err != nil {
		return v, err
	}
	if v.role >= web.Owner && !v.Body {
		if v.Code, err = rm.openCode(ctx, in.Org, forBody); err != nil {
			return v, err
		}
	}
	proofs, err := rm.givenBy(ctx, in.Org, givenShown)
	if err != nil {
		return v, err
	}
	names, err := rm.namesOf(ctx, proofs, func(p Proof) string { return p.Org })
	for _, p := range proofs {
		o := names[p.Org]
		v.Given = append(v.Given, GivenRow{p.ID, p.Kind, o.OpenName(), o.Number(), p.Since, p.Reason})
	}
	return v, err
}

func (rm *Room) makeBodyCode(ctx context.Context, in OrgIn) (CodeView, error) {
	c, err := rm.MakeCode(ctx, in.Org, forBody)
	return CodeView{c, vouchingPath(in.Org)}, err
}

// LookIn is a voucher code as typed.
type LookIn struct {
	Org  string `path:"org" json:"-"`
	Code string `json:"code"`
}

// LookView is the form for a voucher code.
type LookView struct {
	typed   LookIn
	problem *problem.Problem
}

func (rm *Room) showLook(ctx context.Context, in OrgIn) (LookView, error) {
	ok, err := rm.isBody(ctx, in.Org)
	if err == nil && !ok {
		err = orNoBody(nil)
	}
	return LookView{typed: LookIn{Org: in.Org}}, err
}

// VouchView asks whether it is really this company.
type VouchView struct {
	Name    string `json:"name"`
	Number  string `json:"number"`
	typed   VouchIn
	problem *problem.Problem
}

func (rm *Room) look(ctx context.Context, in LookIn) (v VouchView, err error) {
	v.typed = VouchIn{Org: in.Org, Code: in.Code}
	err = rm.DB.Read(ctx, func(ctx context.Context) error {
		o, err := rm.Vouched(ctx, in.Org, in.Code)
		v.Name, v.Number = o.Name, o.Number()
		return err
	})
	return v, err
}

func (rm *Room) lookAgain(_ context.Context, in LookIn, p *problem.Problem) (templ.Component, error) {
	return lookPage(LookView{in, p}), nil
}

// VouchIn is a voucher as typed.
type VouchIn struct {
	Org    string `path:"org" json:"-"`
	Code   string `json:"code"`
	Reason string `json:"reason"`
}

func (rm *Room) vouch(ctx context.Context, in VouchIn) (Moved, error) {
	return Moved{vouchingPath(in.Org)}, rm.Vouch(ctx, in.Org, in.Code, in.Reason)
}

func (rm *Room) vouchAgain(ctx context.Context, in VouchIn, p *problem.Problem) (templ.Component, error) {
	if p.FieldCode("code") != "" {
		return rm.lookAgain(ctx, LookIn{in.Org, in.Code}, p)
	}
	o, err := rm.Vouched(ctx, in.Org, in.Code)
	return vouchPage(VouchView{Name: o.Name, Number: o.Number(), typed: in, problem: p}), err
}

func (rm *Room) askTakeBack(ctx context.Context, in ProofIn) (ConfirmView, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM binding_proof WHERE id = ? AND body_id = ? AND ended_at IS NULL", in.Proof, in.Org)
	if err == nil && n == 0 {
		err = problem.NotFound()
	}
	return ConfirmView{"binding.take-back", vouchingPath(in.Org) + "/" + in.Proof + "/end", vouchingPath(in.Org)}, err
}

func (rm *Room) takeBack(ctx context.Context, in ProofIn) (Moved, error) {
	return Moved{vouchingPath(in.Org)}, rm.TakeBack(ctx, in.Org, in.Proof)
}
