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

func (rm *Room) loginRoutes() []web.Route {
	return []web.Route{
		web.Get("/login", web.Public, "Show the login.", rm.showLogin, loginPage, web.PageOnly),
		web.Post("/login", web.Public, "Log in with password and code.", rm.login, nil, web.PageOnly, web.Again(rm.loginAgain)),
		web.Post("/logout", web.Public, "End this session.", rm.logout, nil, web.PageOnly),
		web.Get("/step-up", web.SignedIn, "Ask for a fresh proof of identity.", rm.showStepUp, stepUpPage, web.PageOnly),
		web.Post("/step-up", web.SignedIn, "Prove identity again with password and code.", rm.stepUp, nil,
			web.PageOnly, web.Again(rm.stepUpAgain)),
		web.Get("/language", web.Public, "Choose the register of the pages.", rm.language, nowhere, web.PageOnly),
	}
}

// languageFor is how long the chosen register is kept.
const languageFor = 365 * 24 * time.Hour

// NextIn is where somebody wanted to go.
type NextIn struct {
	Next string `query:"next"`
}

// AskIn is where somebody wanted to go, and whom of those whom this device
// remembers it is about.
type AskIn struct {
	Next string `query:"next"`
	Who  string `query:"who"`
}

// LoginIn is the form of the login.
type LoginIn struct {
	Email    string `json:"email"`
	Who      string `json:"who"` // instead of the address
	Password string `json:"password"`
	Code     string `json:"code"`
	Remember bool   `json:"remember"`
	Next     string `json:"next"`
}

// LoginView is the login.
type LoginView struct {
	Email    string
	Remember bool
	Next     string

	Who, Name string // of somebody whom this device remembers
	People    bool   // it remembers some
	Providers []ProviderLine
	problem   *problem.Problem
}

func (rm *Room) showLogin(ctx context.Context, in AskIn) (LoginView, error) {
	return rm.loginView(ctx, LoginIn{Next: in.Next, Who: in.Who}, nil)
}

func (rm *Room) loginView(ctx context.Context, in LoginIn, p *problem.Problem) (LoginView, error) {
	v := LoginView{Email: in.Email, Remember: in.Remember, Next: web.LocalPath(in.Next, rm.home), Providers: rm.providers(ctx), problem: p}
	note := web.Cookie(ctx, hereCookie)
	v.People = len(rm.keeper.Here(note)) > 0
	if !rm.remembered(ctx, in.Who) {
		return v, nil
	}
	people, err := rm.keeper.PeopleHere(ctx, note)
	for _, a := range people {
		if a.ID == in.Who {
			v.Who, v.Name = a.ID, a.Name
		}
	}
	return v, err
}

func (rm *Room) login(ctx context.Context, in LoginIn) (Moved, error) {
	proof := auth.Proof{Email: in.Email, Password: in.Password, Code: in.Code}
	if rm.remembered(ctx, in.Who) {
		proof.Account = in.Who
	}
	g, err := rm.keeper.Login(ctx, proof, in.Remember)
	if err != nil {
		return Moved{}, err
	}
	replace(ctx, g)
	return Moved{web.LocalPath(in.Next, rm.home)}, nil
}

func (rm *Room) loginAgain(ctx context.Context, in LoginIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.loginView(ctx, in, p)
	return loginPage(v), err
}

func (rm *Room) logout(ctx context.Context, _ struct{}) (Moved, error) {
	if err := rm.leave(ctx); err != nil {
		return Moved{}, err
	}
	if len(rm.keeper.Here(web.Cookie(ctx, hereCookie))) > 0 {
		return Moved{"/people-here"}, nil
	}
	return Moved{"/login"}, nil
}

// StepUpIn is the form of a step-up.
type StepUpIn struct {
	Password string `json:"password"`
	Code     string `json:"code"`
	Next     string `json:"next"`
}

// StepUpView says with what this person can prove it again.
type StepUpView struct {
	Next               string
	Passkeys, Password bool
	Providers          []ProviderLine // at which I am known
	problem            *problem.Problem
}

func (rm *Room) showStepUp(ctx context.Context, in NextIn) (StepUpView, error) {
	return rm.stepUpView(ctx, in.Next, nil)
}

func (rm *Room) stepUpView(ctx context.Context, next string, p *problem.Problem) (StepUpView, error) {
	me := web.CallerFrom(ctx).Account
	keys, err := rm.keeper.Passkeys(ctx, me)
	if err != nil {
		return StepUpView{}, err
	}
	password, err := rm.keeper.HasPassword(ctx, me)
	if err != nil {
		return StepUpView{}, err
	}
	known, err := rm.knownAt(ctx, me)
	return StepUpView{Next: web.LocalPath(next, rm.home), Passkeys: len(keys) > 0, Password: password, Providers: known, problem: p}, err
}

func (rm *Room) stepUp(ctx context.Context, in StepUpIn) (Moved, error) {
	g, err := rm.keeper.StepUp(ctx, in.Password, in.Code)
	if err != nil {
		return Moved{}, err
	}
	enter(ctx, g)
	return Moved{web.LocalPath(in.Next, rm.home)}, nil
}

func (rm *Room) stepUpAgain(ctx context.Context, in StepUpIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.stepUpView(ctx, in.Next, p)
	return stepUpPage(v), err
}

// LanguageIn is a link of the page's foot.
type LanguageIn struct {
	To   string `query:"to"`
	Back string `query:"back"`
}

func (rm *Room) language(ctx context.Context, in LanguageIn) (Moved, error) {
	if lang, ok := i18n.Known(in.To); ok {
		web.SetCookie(ctx, web.LanguageCookie, string(lang), languageFor)
	}
	return Moved{web.LocalPath(in.Back, "/")}, nil
}

// nowhere is the page of a route that always leads on.
func nowhere(Moved) templ.Component { return templ.NopComponent }
