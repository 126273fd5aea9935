package account

import (
	"context"
	"slices"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// A provider is another site, so the way there is a link and not the answer to a
// form: our policy (form-action) lets no form lead away. It comes back with GET,
// which shows; the form on that page consumes. With JavaScript neither page waits
// (onward.js).
func (rm *Room) providerRoutes() []web.Route {
	return []web.Route{
		web.Post("/login/with/{provider}", web.Public, "Begin to log in with a provider.", rm.beginLoginWith, onwardPage, web.PageOnly),
		web.Post("/step-up/with/{provider}", web.SignedIn, "Begin to prove identity again with a provider.", rm.beginStepUpWith, onwardPage, web.PageOnly),
		web.Post("/account/ways/with/{provider}", web.SignedIn, "Begin to add a provider as a way to log in.", rm.beginLinkWith, onwardPage,
			web.PageOnly, web.StepUp),
		web.Get("/login/with/{provider}/back", web.Public, "Show that a provider sent somebody back.", rm.showBack, backPage, web.PageOnly),
		web.Post("/login/with/{provider}/back", web.Public, "Take the answer of a provider.", rm.back, nil, web.PageOnly),
		web.Post("/account/providers/{id}/remove", web.SignedIn, "Remove a provider from my ways to log in.", rm.removeIdentity, nil,
			web.PageOnly, web.StepUp),
	}
}

// errandCookie keeps the sealed note while somebody is at a provider.
const errandCookie = "errand"

// WithIn begins with a provider.
type WithIn struct {
	Provider string `path:"provider"`
	Next     string `json:"next"`
}

// OnwardView leads to a provider.
type OnwardView struct {
	Name string
	URL  string
}

func (rm *Room) beginLoginWith(ctx context.Context, in WithIn) (OnwardView, error) {
	return rm.beginWith(ctx, in, auth.ToLogin, rm.home)
}

func (rm *Room) beginStepUpWith(ctx context.Context, in WithIn) (OnwardView, error) {
	return rm.beginWith(ctx, in, auth.ToStepUp, rm.home)
}

func (rm *Room) beginLinkWith(ctx context.Context, in WithIn) (OnwardView, error) {
	return rm.beginWith(ctx, in, auth.ToLink, "/account")
}

func (rm *Room) beginWith(ctx context.Context, in WithIn, to auth.Errand, home string) (OnwardView, error) {
	on, err := rm.keeper.BeginProvider(ctx, in.Provider, to, web.LocalPath(in.Next, home), false)
	if err != nil {
		return OnwardView{}, err
	}
	web.SetCookie(ctx, errandCookie, on.Slip, on.Life)
	return OnwardView{Name: rm.providerName(ctx, in.Provider), URL: on.URL}, nil
}

// BackIn is the answer of a provider (RFC 6749 section 4.1.2, RFC 9207).
type BackIn struct {
	Provider string `path:"provider"`
	State    string `query:"state"`
	Code     string `query:"code"`
	Issuer   string `query:"iss"`
	Error    string `query:"error"`
}

// BackView carries the answer on to the form that consumes it.
type BackView struct {
	BackIn
	Name string
}

func (rm *Room) showBack(ctx context.Context, in BackIn) (BackView, error) {
	name := rm.providerName(ctx, in.Provider)
	if name == "" {
		return BackView{}, problem.NotFound()
	}
	return BackView{in, name}, nil
}

// ReturnIn is the same answer, from that form.
type ReturnIn struct {
	Provider string `path:"provider"`
	State    string `json:"state"`
	Code     string `json:"code"`
	Issuer   string `json:"iss"`
	Error    string `json:"error"`
}

func (rm *Room) back(ctx context.Context, in ReturnIn) (Moved, error) {
	slip := web.Cookie(ctx, errandCookie)
	web.SetCookie(ctx, errandCookie, "", -1)
	a, err := rm.keeper.FinishProvider(ctx, slip, auth.Return(in))
	if err != nil {
		return Moved{}, err
	}
	switch a.For {
	case auth.ToLogin:
		replace(ctx, a.Grant)
	case auth.ToStepUp:
		enter(ctx, a.Grant)
	case auth.ToLink:
		return rm.afterPasskey(ctx, a.Next)
	}
	return Moved{a.Next}, nil
}

func (rm *Room) removeIdentity(ctx context.Context, in IDIn) (Moved, error) {
	return Moved{"/account"}, rm.keeper.RemoveIdentity(ctx, web.CallerFrom(ctx).Account, in.ID)
}

// ProviderLine is a provider that can be chosen.
type ProviderLine struct{ ID, Name string }

func (rm *Room) providers(ctx context.Context) []ProviderLine {
	all := rm.keeper.Providers()
	lines := make([]ProviderLine, len(all))
	for i, p := range all {
		lines[i] = ProviderLine{p.ID, p.Named(string(i18n.From(ctx).Lang))}
	}
	return lines
}

// knownAt lists the providers at which an account has an identity.
func (rm *Room) knownAt(ctx context.Context, account string) ([]ProviderLine, error) {
	identities, err := rm.keeper.Identities(ctx, account)
	var known []ProviderLine
	for _, p := range rm.providers(ctx) {
		if slices.ContainsFunc(identities, func(i auth.Identity) bool { return i.Provider.ID == p.ID }) {
			known = append(known, p)
		}
	}
	return known, err
}

func (rm *Room) providerName(ctx context.Context, id string) string {
	for _, p := range rm.providers(ctx) {
		if p.ID == id {
			return p.Name
		}
	}
	return ""
}

// identityName is what a provider is called in the list of my ways.
func identityName(lang string, i auth.Identity) ui.Words {
	name := i.Issuer // the operator has taken it out of the configuration
	if i.Provider.ID != "" {
		name = i.Provider.Named(lang)
	}
	return ui.T("account.provider.named", "name", name, "who", i.Label)
}
