package account

import (
	"context"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) wayRoutes() []web.Route {
	return []web.Route{
		web.Get("/account/ways", web.SignedIn, "Show the ways to log in that can be set up.", rm.showWays, waysPage, web.PageOnly, web.StepUp),
		web.Get("/account/password", web.SignedIn, "Show the form for a password with an app.", rm.showPassword, passwordPage, web.PageOnly, web.StepUp),
		web.Post("/account/password", web.SignedIn, "Set a password with an app.", rm.setPassword, nil,
			web.PageOnly, web.StepUp, web.Again(rm.passwordAgain)),
		web.Post("/account/password/remove", web.SignedIn, "Remove the password and its app.", rm.removePassword, nil, web.PageOnly, web.StepUp),
		web.Get("/account/codes", web.SignedIn, "Say what recovery codes are for.", rm.showCodes, codesAskPage, web.PageOnly),
		web.Post("/account/codes", web.SignedIn, "Make new recovery codes and show them once.", rm.makeCodes, codesPage, web.PageOnly, web.StepUp),
	}
}

// WaysView offers the passkey first.
type WaysView struct {
	Next      string
	Setup     bool // part of the first way through the program
	Providers []ProviderLine
}

func (rm *Room) showWays(ctx context.Context, in NextIn) (WaysView, error) {
	return WaysView{Next: web.LocalPath(in.Next, "/account"), Setup: in.Next == rm.start, Providers: rm.providers(ctx)}, nil
}

// PasswordIn is the form of a password with an app.
type PasswordIn struct {
	Email    string `json:"email"` // for the browser's password store; not read
	Password string `json:"password"`
	Code     string `json:"code"`
	Slip     string `json:"slip"`
	Next     string `json:"next"`
}

// PasswordView is that form, with the app's secret.
type PasswordView struct {
	App     auth.AppSecret
	QR      QR
	Email   string
	Next    string
	Setup   bool
	problem *problem.Problem
}

func (rm *Room) showPassword(ctx context.Context, in NextIn) (PasswordView, error) {
	a, err := rm.keeper.Account(ctx, web.CallerFrom(ctx).Account)
	if err != nil {
		return PasswordView{}, err
	}
	app, err := rm.keeper.NewAppSecret(a)
	if err != nil {
		return PasswordView{}, err
	}
	return rm.passwordView(a, app, in.Next, nil)
}

func (rm *Room) passwordView(a auth.Account, app auth.AppSecret, next string, p *problem.Problem) (PasswordView, error) {
	code, err := newQR(app.URL)
	return PasswordView{App: app, QR: code, Email: a.Email, Next: web.LocalPath(next, "/account"), Setup: next == rm.start, problem: p}, err
}

func (rm *Room) setPassword(ctx context.Context, in PasswordIn) (Moved, error) {
	err := rm.keeper.SetPassword(ctx, web.CallerFrom(ctx).Account, in.Password, in.Slip, in.Code)
	return Moved{with("/account/codes", web.LocalPath(in.Next, "/account"))}, err
}

func (rm *Room) passwordAgain(ctx context.Context, in PasswordIn, p *problem.Problem) (templ.Component, error) {
	a, err := rm.keeper.Account(ctx, web.CallerFrom(ctx).Account)
	if err != nil {
		return nil, err
	}
	app, err := rm.keeper.SameAppSecret(a, in.Slip)
	if err != nil { // the form lay open for too long
		if app, err = rm.keeper.NewAppSecret(a); err != nil {
			return nil, err
		}
	}
	v, err := rm.passwordView(a, app, in.Next, p)
	return passwordPage(v), err
}

func (rm *Room) removePassword(ctx context.Context, _ struct{}) (Moved, error) {
	return Moved{"/account"}, rm.keeper.RemovePassword(ctx, web.CallerFrom(ctx).Account)
}

// CodesIn asks for new codes.
type CodesIn struct {
	Next string `json:"next"`
}

// CodesView shows the codes, once; without codes it says what they are for.
type CodesView struct {
	Codes []string
	Left  int
	Back  string
	Setup bool
}

func (rm *Room) showCodes(ctx context.Context, in NextIn) (CodesView, error) {
	n, err := rm.keeper.RecoveryLeft(ctx, web.CallerFrom(ctx).Account)
	return CodesView{Left: n, Back: web.LocalPath(in.Next, "/account"), Setup: in.Next == rm.start}, err
}

func (rm *Room) makeCodes(ctx context.Context, in CodesIn) (CodesView, error) {
	codes, err := rm.keeper.NewRecoveryCodes(ctx, web.CallerFrom(ctx).Account)
	return CodesView{Codes: codes, Left: len(codes), Back: web.LocalPath(in.Next, "/account"), Setup: in.Next == rm.start}, err
}
