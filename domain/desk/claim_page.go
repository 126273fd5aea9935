package desk

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) claimRoutes() []web.Route {
	return []web.Route{
		web.Get("/claim", web.Public, "Show the form for a letter's code, without looking at the code.", rm.showClaim, codePage, web.PageOnly),
		web.Post("/claim/letter", web.Public, "Show whose letter it is, without consuming it.", rm.showLetter, letterPage, web.PageOnly, web.Again(rm.codeAgain)),
		web.Post("/claim", web.SignedIn, "Take over the company of a letter.", rm.claim, nil, web.PageOnly, web.Again(rm.claimAgain)),
	}
}

// CodeIn is what the QR of a letter says, or what was typed from it.
type CodeIn struct {
	Number string `query:"number"`
	Code   string `query:"code"`
}

// TypedCodeIn is the same, sent to be looked at.
type TypedCodeIn struct {
	Number string `json:"number"`
	Code   string `json:"code"`
}

// CodeView is the form for a letter's code.
type CodeView struct {
	typed   TypedCodeIn
	problem *problem.Problem
}

// showClaim looks nothing up: a scanner that follows the QR learns and uses up
// nothing.
func (rm *Room) showClaim(_ context.Context, in CodeIn) (CodeView, error) {
	return CodeView{typed: TypedCodeIn(in)}, nil
}

func (rm *Room) codeAgain(_ context.Context, in TypedCodeIn, p *problem.Problem) (templ.Component, error) {
	return codePage(CodeView{in, p}), nil
}

// LetterView is a letter to whoever has its code.
type LetterView struct {
	Company string `json:"company"`
	Desk    string `json:"desk"`
	Circle  string `json:"circle"`

	in         TypedCodeIn
	expires    time.Time
	entered    int  // answers that staff entered
	known      bool // staff opened the company
	signedIn   bool
	name       string // of the caller
	newAccount string
	login      string
	chosen     TakeIn
}

func (rm *Room) showLetter(ctx context.Context, in TypedCodeIn) (LetterView, error) {
	v := LetterView{in: in, chosen: TakeIn{Share: true, Keep: "keep"}}
	if err := rm.tooOften(ctx); err != nil {
		return v, err
	}
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		l, err := rm.find(ctx, in.Number, in.Code)
		if err != nil {
			return err
		}
		return rm.describe(ctx, &v, l)
	})
	if err != nil {
		return v, errors.Join(rm.countWrong(ctx, in.Number, err), err)
	}
	caller := web.CallerFrom(ctx)
	if v.signedIn, v.name = caller.Account != "", caller.Name; v.signedIn {
		return v, nil
	}
	back := "/claim?" + url.Values{"number": {in.Number}, "code": {in.Code}}.Encode()
	v.login = "/login?next=" + url.QueryEscape(back)
	v.newAccount, err = rm.NewAccountURL(back)
	return v, err
}

func (rm *Room) describe(ctx context.Context, v *LetterView, l Letter) error {
	c, err := db.One(ctx, (*Case).fields, "SELECT "+caseColumns+" FROM desk_case c WHERE c.id = ?", l.Case)
	if err != nil {
		return orNotFound(err)
	}
	v.Company, v.expires, v.known = c.Name, l.Expires, c.Company != ""
	circle, err := rm.Org.CircleNamed(ctx, l.Circle)
	if err != nil {
		return err
	}
	v.Circle = circle.Name
	if v.Desk, err = rm.Org.NameOf(ctx, l.Org); err != nil || !v.known {
		return err
	}
	s, err := rm.sightOf(ctx, c)
	if s.Progress != nil {
		v.entered = s.Progress.Answered
	}
	return err
}

// TakeIn takes a company over.
type TakeIn struct {
	Number string `json:"number"`
	Code   string `json:"code"`
	Share  bool   `json:"share"`
	Behalf bool   `json:"behalf"`
	Keep   string `json:"keep"` // keep or empty
}

// TakenView is the company that was taken over.
type TakenView struct {
	Org  org.ID `json:"org"`
	next string
}

// Next is the first question.
func (v TakenView) Next() string { return v.next }

func (rm *Room) claim(ctx context.Context, in TakeIn) (TakenView, error) {
	if err := rm.tooOften(ctx); err != nil {
		return TakenView{}, err
	}
	company, err := rm.Take(ctx, Claim{Number: in.Number, Code: in.Code, Share: in.Share, Behalf: in.Share && in.Behalf, Empty: in.Keep == "empty"})
	if err != nil {
		return TakenView{}, err
	}
	return TakenView{company, rm.firstQuestion(ctx, company)}, nil
}

// firstQuestion is where a company goes on: the first item without an answer.
func (rm *Room) firstQuestion(ctx context.Context, company org.ID) string {
	home := "/orgs/" + string(company)
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		all, err := rm.Progress(ctx, []string{string(company)})
		if p := all[string(company)]; p.Pack != "" {
			home += "/frameworks/" + p.Pack + "/start"
		}
		return err
	})
	if err != nil {
		return "/orgs/" + string(company) // the home leads on as well
	}
	return home
}

func (rm *Room) claimAgain(_ context.Context, in TakeIn, p *problem.Problem) (templ.Component, error) {
	return codePage(CodeView{TypedCodeIn{in.Number, in.Code}, p}), nil
}

func (rm *Room) consentRoutes() []web.Route {
	const desk = "/orgs/{org}/desk"
	return []web.Route{
		web.Get(desk, web.Manager, "Show what the staff of circles see of the company, and their looks.", rm.showOwn, ownPage),
		web.Post(desk+"/{circle}/consent", web.Manager, "Let the staff of a circle see how far the company is.", rm.giveConsent, nil),
		web.Post(desk+"/{circle}/revoke", web.Manager, "Withdraw the consent.", rm.revokeConsent, nil),
		web.Post(desk+"/{circle}/ask", web.Member, "Ask the staff of a circle to call.", rm.ask, nil),
	}
}

// OwnIn names a company.
type OwnIn struct {
	Org org.ID `path:"org"`
}

func ownPath(id org.ID) string { return "/orgs/" + string(id) + "/desk" }

// DeskView is one desk that has a case of the company.
type DeskView struct {
	Circle string    `json:"circle"`
	Desk   string    `json:"desk"`
	Asked  time.Time `json:"asked_at"`
	Consent
	Looks []Look `json:"looks"`

	id string
}

// OwnView is what a company sees of the desks that look after it.
type OwnView struct {
	Desks []DeskView `json:"desks"`
	org   org.ID
}

func (rm *Room) showOwn(ctx context.Context, in OwnIn) (OwnView, error) {
	v := OwnView{Desks: []DeskView{}, org: in.Org}
	cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+caseColumns+" FROM desk_case c WHERE c.company_id = ? AND c.claimed_at IS NOT NULL ORDER BY c.claimed_at, c.id", in.Org)
	if err != nil {
		return v, err
	}
	consents, err := consentsOf(ctx, in.Org)
	if err != nil {
		return v, err
	}
	looks, err := rm.namedLooks(ctx, in.Org)
	if err != nil {
		return v, err
	}
	for _, c := range cases {
		d := DeskView{Asked: c.Asked, Looks: looks[c.Circle], id: c.Circle}
		for _, k := range consents {
			if k.Circle == c.Circle {
				d.Consent = k
			}
		}
		joined, err := rm.Org.Joined(ctx, c.Circle, in.Org)
		if err != nil {
			return v, err
		}
		if !d.holds(joined) {
			d.Consent = Consent{Revoked: d.Revoked}
		}
		if d.Desk, err = rm.Org.NameOf(ctx, c.Org); err != nil {
			return v, err
		}
		circle, err := rm.Org.CircleNamed(ctx, c.Circle)
		if err != nil {
			return v, err
		}
		d.Circle = circle.Name
		v.Desks = append(v.Desks, d)
	}
	return v, nil
}

// namedLooks returns the looks at a company by circle, with the names of who
// looked.
func (rm *Room) namedLooks(ctx context.Context, company org.ID) (map[string][]Look, error) {
	looks, err := looksAt(ctx, company)
	if err != nil {
		return nil, err
	}
	var who []string
	for _, l := range looks {
		who = append(who, l.Account)
	}
	names, err := rm.People(ctx, who)
	all := map[string][]Look{}
	for _, l := range looks {
		l.Name = names[l.Account]
		all[l.Circle] = append(all[l.Circle], l)
	}
	return all, err
}

// ConsentIn gives consent; Behalf also lets staff enter answers.
type ConsentIn struct {
	Org    org.ID `path:"org"`
	Circle string `path:"circle"`
	Behalf bool   `json:"behalf"`
}

func (rm *Room) giveConsent(ctx context.Context, in ConsentIn) (Moved, error) {
	return Moved{ownPath(in.Org)}, rm.Consent(ctx, in.Org, in.Circle, in.Behalf)
}

// RevokeIn withdraws consent: all of it, or that to entry alone.
type RevokeIn struct {
	Org        org.ID `path:"org"`
	Circle     string `path:"circle"`
	BehalfOnly bool   `json:"behalf_only"`
}

func (rm *Room) revokeConsent(ctx context.Context, in RevokeIn) (Moved, error) {
	return Moved{ownPath(in.Org)}, rm.Revoke(ctx, in.Org, in.Circle, in.BehalfOnly)
}

// AskIn asks to be called.
type AskIn struct {
	Org    org.ID `path:"org"`
	Circle string `path:"circle"`
}

func (rm *Room) ask(ctx context.Context, in AskIn) (Moved, error) {
	to := ownPath(in.Org)
	if web.RoleFrom(ctx) < web.Manager {
		to = "/orgs/" + string(in.Org)
	}
	return Moved{to}, rm.AskForContact(ctx, in.Org, in.Circle)
}

// ticked writes a tick as a form sends it.
func ticked(b bool) string { return strconv.FormatBool(b) }
