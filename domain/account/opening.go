package account

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) openingRoutes() []web.Route {
	return []web.Route{
		web.Get("/setup", web.Public, "Show the set-up link's form.", rm.showSetup, openingPage, web.PageOnly),
		web.Post("/setup", web.Public, "Consume the set-up link and open the operator's account.", rm.setup, nil,
			web.PageOnly, web.Again(rm.setupAgain)),
		web.Get("/account/new", web.Public, "Show the form of an invited person.", rm.showNew, openingPage, web.PageOnly),
		web.Post("/account/new", web.Public, "Open the account of an invited person.", rm.open, nil,
			web.PageOnly, web.Again(rm.openAgain)),
		web.Get("/recover", web.Public, "Show a recovery link.", rm.showRecover, recoverPage, web.PageOnly),
		web.Post("/recover", web.Public, "Consume a recovery link.", rm.recover, nil, web.PageOnly),
	}
}

// LinkIn is a link that somebody followed.
type LinkIn struct {
	Code string `query:"code"`
}

// RecoverIn consumes a recovery link.
type RecoverIn struct {
	Code string `json:"code"`
	Drop bool   `json:"drop"` // all ways in that there were
}

// TicketIn is an invited person's way here.
type TicketIn struct {
	Ticket string `query:"ticket"`
	Next   string `query:"next"`
}

// PersonIn is what the opening asks.
type PersonIn struct {
	Code  string `json:"code"`
	Next  string `json:"next"`
	Name  string `json:"name"`
	Email string `json:"email"`

	// Shared says that others have the address too; asked only when it is so.
	Shared bool `json:"shared"`
}

// OpeningView is the form with name and address.
type OpeningView struct {
	PersonIn
	Setup   bool
	Minutes int // how long the link still works
	problem *problem.Problem
}

// asksShared says that somebody has the address already.
func asksShared(p *problem.Problem) bool { return p.FieldCode("email") == "account-email-taken" }

func (v OpeningView) action() string {
	if v.Setup {
		return "/setup"
	}
	return "/account/new"
}

func (rm *Room) showSetup(ctx context.Context, in LinkIn) (OpeningView, error) {
	until, err := rm.keeper.SetupUntil(ctx, in.Code)
	return OpeningView{PersonIn: PersonIn{Code: in.Code}, Setup: true, Minutes: rm.minutesTo(until)}, err
}

func (rm *Room) setup(ctx context.Context, in PersonIn) (Moved, error) {
	g, err := rm.keeper.Setup(ctx, in.Code, in.person(ctx))
	if err != nil {
		return Moved{}, err
	}
	enter(ctx, g)
	return Moved{with("/account/ways", rm.start)}, nil
}

func (rm *Room) setupAgain(ctx context.Context, in PersonIn, p *problem.Problem) (templ.Component, error) {
	until, err := rm.keeper.SetupUntil(ctx, in.Code)
	if err != nil {
		return nil, err
	}
	return openingPage(OpeningView{PersonIn: in, Setup: true, Minutes: rm.minutesTo(until), problem: p}), nil
}

func (rm *Room) showNew(ctx context.Context, in TicketIn) (OpeningView, error) {
	_, err := rm.keeper.CheckTicket(ctx, in.Ticket)
	return OpeningView{PersonIn: PersonIn{Code: in.Ticket, Next: in.Next}}, err
}

func (rm *Room) open(ctx context.Context, in PersonIn) (Moved, error) {
	invited, err := rm.invitedAt(ctx, in.Code)
	if err != nil {
		return Moved{}, err
	}
	g, err := rm.keeper.OpenAccount(ctx, in.Code, invited, in.person(ctx))
	if err != nil {
		return Moved{}, err
	}
	enter(ctx, g)
	return Moved{with("/account/ways", web.LocalPath(in.Next, rm.home))}, nil
}

// invitedAt is the address to which the invitation behind a ticket was sent.
func (rm *Room) invitedAt(ctx context.Context, ticket string) (string, error) {
	origin, err := rm.keeper.CheckTicket(ctx, ticket)
	if err != nil || rm.invited == nil {
		return "", err
	}
	return rm.invited(ctx, origin)
}

func (rm *Room) openAgain(ctx context.Context, in PersonIn, p *problem.Problem) (templ.Component, error) {
	if _, err := rm.keeper.CheckTicket(ctx, in.Code); err != nil {
		return nil, err
	}
	return openingPage(OpeningView{PersonIn: in, problem: p}), nil
}

func (in PersonIn) person(ctx context.Context) auth.Person {
	return auth.Person{Name: in.Name, Email: in.Email, Language: string(i18n.From(ctx).Lang), Shared: in.Shared}
}

// RecoverView is a recovery link, not yet consumed.
type RecoverView struct {
	Code    string
	Minutes int
}

func (rm *Room) showRecover(ctx context.Context, in LinkIn) (RecoverView, error) {
	until, err := rm.keeper.RecoveryUntil(ctx, in.Code)
	return RecoverView{Code: in.Code, Minutes: rm.minutesTo(until)}, err
}

func (rm *Room) recover(ctx context.Context, in RecoverIn) (Moved, error) {
	g, err := rm.keeper.Recover(ctx, in.Code, in.Drop)
	if err != nil {
		return Moved{}, err
	}
	enter(ctx, g)
	next := "/account/old-ways"
	if in.Drop {
		next = "/account"
	}
	return Moved{with("/account/ways", next)}, nil
}

// minutesTo rounds up, so that a link that still works never shows 0.
func (rm *Room) minutesTo(t time.Time) int {
	return max(0, int((t.Sub(rm.now())+time.Minute-1)/time.Minute))
}
