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

func (rm *Room) profileRoutes() []web.Route {
	return []web.Route{
		web.Get("/account", web.SignedIn, "Show my account.", rm.show, profilePage, web.PageOnly),
		web.Post("/account/name", web.SignedIn, "Change my name.", rm.rename, nil, web.PageOnly, web.Again(rm.renameAgain)),
		web.Get("/account/email", web.SignedIn, "Show the form for another address.", rm.showEmail, emailPage, web.PageOnly, web.StepUp),
		web.Post("/account/email", web.SignedIn, "Change my e-mail address.", rm.setEmail, nil, web.PageOnly, web.StepUp, web.Again(rm.emailAgain)),
		web.Post("/account/language", web.SignedIn, "Choose the register in which I am written to.", rm.setLanguage, nil, web.PageOnly),
		web.Post("/account/passkeys/{id}/remove", web.SignedIn, "Remove one of my passkeys.", rm.removePasskey, nil, web.PageOnly, web.StepUp),
		web.Post("/account/sessions/{id}/end", web.SignedIn, "End one of my sessions.", rm.endSession, nil, web.PageOnly),
		web.Post("/account/sessions/end-others", web.SignedIn, "End all my other sessions.", rm.endOthers, nil, web.PageOnly),
	}
}

// ProfileView is everything about my account.
type ProfileView struct {
	Account  auth.Account
	Passkeys []auth.Passkey
	Provided []auth.Identity
	Password bool
	Codes    int
	Sessions []auth.Session
	Now      time.Time

	name    string // as typed
	problem *problem.Problem
}

func (v ProfileView) hasWay() bool { return v.Password || len(v.Passkeys) > 0 || len(v.Provided) > 0 }

func (rm *Room) show(ctx context.Context, _ struct{}) (v ProfileView, err error) {
	me := web.CallerFrom(ctx).Account
	v.Now = rm.now()
	if v.Account, err = rm.keeper.Account(ctx, me); err != nil {
		return v, err
	}
	v.name = v.Account.Name
	if v.Passkeys, err = rm.keeper.Passkeys(ctx, me); err != nil {
		return v, err
	}
	if v.Provided, err = rm.keeper.Identities(ctx, me); err != nil {
		return v, err
	}
	if v.Password, err = rm.keeper.HasPassword(ctx, me); err != nil {
		return v, err
	}
	if v.Codes, err = rm.keeper.RecoveryLeft(ctx, me); err != nil {
		return v, err
	}
	v.Sessions, err = rm.keeper.Sessions(ctx, me)
	return v, err
}

// NameIn is a new name.
type NameIn struct {
	Name string `json:"name"`
}

func (rm *Room) rename(ctx context.Context, in NameIn) (Moved, error) {
	return Moved{"/account"}, rm.keeper.Rename(ctx, web.CallerFrom(ctx).Account, in.Name)
}

func (rm *Room) renameAgain(ctx context.Context, in NameIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.show(ctx, struct{}{})
	v.name, v.problem = in.Name, p
	return profilePage(v), err
}

// EmailIn is a new address.
type EmailIn struct {
	Email  string `json:"email"`
	Shared bool   `json:"shared"` // others have it too
}

// EmailView is the form for it.
type EmailView struct {
	Email   string
	Shared  bool
	problem *problem.Problem
}

func (rm *Room) showEmail(ctx context.Context, _ struct{}) (EmailView, error) {
	a, err := rm.keeper.Account(ctx, web.CallerFrom(ctx).Account)
	return EmailView{Email: a.Email}, err
}

func (rm *Room) setEmail(ctx context.Context, in EmailIn) (Moved, error) {
	return Moved{"/account"}, rm.keeper.SetEmail(ctx, web.CallerFrom(ctx).Account, in.Email, in.Shared)
}

func (rm *Room) emailAgain(_ context.Context, in EmailIn, p *problem.Problem) (templ.Component, error) {
	return emailPage(EmailView{Email: in.Email, Shared: in.Shared, problem: p}), nil
}

// LangIn is a register.
type LangIn struct {
	Language string `json:"language"`
}

func (rm *Room) setLanguage(ctx context.Context, in LangIn) (Moved, error) {
	if lang, ok := i18n.Known(in.Language); ok {
		web.SetCookie(ctx, web.LanguageCookie, string(lang), languageFor)
	}
	return Moved{"/account"}, rm.keeper.SetLanguage(ctx, web.CallerFrom(ctx).Account, in.Language)
}

// IDIn names one of my things.
type IDIn struct {
	ID string `path:"id"`
}

func (rm *Room) removePasskey(ctx context.Context, in IDIn) (Moved, error) {
	return Moved{"/account"}, rm.keeper.RemovePasskey(ctx, web.CallerFrom(ctx).Account, in.ID)
}

func (rm *Room) endSession(ctx context.Context, in IDIn) (Moved, error) {
	return Moved{"/account"}, rm.keeper.EndSession(ctx, web.CallerFrom(ctx).Account, in.ID)
}

func (rm *Room) endOthers(ctx context.Context, _ struct{}) (Moved, error) {
	return Moved{"/account"}, rm.keeper.EndOtherSessions(ctx, web.CallerFrom(ctx).Account)
}
