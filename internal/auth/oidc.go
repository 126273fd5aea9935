package auth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Errand is what somebody goes to a provider for.
type Errand string

// The errands.
const (
	ToLogin  Errand = "login"
	ToLink   Errand = "link"    // add the identity to the account that is logged in
	ToStepUp Errand = "step-up" // prove it again, freshly
)

// errandFor is how long somebody may stay at a provider; tokenSkew how far its
// clock may be from ours.
const (
	errandFor = 15 * time.Minute
	tokenSkew = time.Minute
	errandKey = "provider" // of the slip
)

// errand is the sealed note that the browser keeps while it is away. It binds the
// answer to this browser, this provider and this person.
type errand struct {
	For      Errand `json:"f"`
	Provider string `json:"p"`
	State    string `json:"s"`
	Nonce    string `json:"n"`
	Verifier string `json:"v"` // of PKCE
	Session  string `json:"c,omitempty"`
	Next     string `json:"x"`
	Remember bool   `json:"r,omitempty"`
}

// Onward is where the browser goes, and the note that it keeps in a cookie.
type Onward struct {
	URL  string
	Slip string
	Life time.Duration
}

// BeginProvider sends somebody to a provider. next is where he goes on after it.
func (k *Keeper) BeginProvider(ctx context.Context, id string, to Errand, next string, remember bool) (Onward, error) {
	p, err := k.provider(id)
	if err != nil {
		return Onward{}, err
	}
	d, err := p.discover(ctx)
	if err != nil {
		return Onward{}, k.away(ctx, p, "discovery")
	}
	e := errand{For: to, Provider: id, State: newSecret(), Nonce: newSecret(), Verifier: oauth2.GenerateVerifier(), Next: next, Remember: remember}
	options := []oauth2.AuthCodeOption{oidc.Nonce(e.Nonce), oauth2.S256ChallengeOption(e.Verifier)}
	if to != ToLogin {
		e.Session = web.CallerFrom(ctx).Session
	}
	if to == ToStepUp {
		options = append(options, oauth2.SetAuthURLParam("max_age", "0"), oauth2.SetAuthURLParam("prompt", "login"))
	}
	slip, err := k.newSlip(errandKey, "", errandFor, e)
	return Onward{URL: d.oauth.AuthCodeURL(e.State, options...), Slip: slip, Life: errandFor}, err
}

// Return is what a provider sends the browser back with.
type Return struct {
	Provider, State, Code, Issuer, Error string
}

// Arrival is what came of an errand. The token of Grant is "" where the session
// did not change.
type Arrival struct {
	For   Errand
	Grant Grant
	Next  string
}

// astray answers a return that does not fit how it began, whatever is wrong with
// it: another browser's, another provider's, a second time.
// keys: problem.provider-return.title, problem.provider-return.hint, problem.provider-refused.title, problem.provider-refused.hint
func astray() error { return problem.New(http.StatusUnprocessableEntity, "provider-return") }

// FinishProvider takes an answer of a provider. slipText is the note of this
// browser.
func (k *Keeper) FinishProvider(ctx context.Context, slipText string, r Return) (a Arrival, err error) {
	var e errand
	s, err := k.openSlip(errandKey, "", slipText, &e)
	if err != nil {
		return a, astray()
	}
	p, err := k.provider(r.Provider)
	if err != nil {
		return a, err
	}
	d, err := p.discover(ctx)
	if err != nil {
		return a, k.away(ctx, p, "discovery")
	}
	if !e.fits(ctx, r) || r.Issuer != p.Issuer && (r.Issuer != "" || d.saysIss) {
		return a, astray()
	}
	err = k.db.Write(ctx, func(ctx context.Context) error { return k.spend(ctx, s) })
	if problem.Is(err, "link-over") {
		err = astray()
	}
	if err != nil {
		return a, err
	}
	if r.Error != "" || r.Code == "" {
		return a, problem.New(http.StatusUnprocessableEntity, "provider-refused")
	}
	who, err := k.redeem(ctx, p, d, e, r.Code)
	if err != nil {
		return a, err
	}
	a.For, a.Next = e.For, e.Next
	a.Grant, err = k.arrive(ctx, e, s, who)
	return a, err
}

// fits holds an answer against the note of the browser.
func (e errand) fits(ctx context.Context, r Return) bool {
	same := e.Provider == r.Provider && subtle.ConstantTimeCompare([]byte(e.State), []byte(r.State)) == 1
	return same && (e.For == ToLogin || e.Session != "" && e.Session == web.CallerFrom(ctx).Session)
}

// who is what a provider says of a person, checked.
type who struct {
	issuer, subject, label, corporateNumber string
	authTime                                time.Time
}

// claims is the part of an ID token that we read.
type claims struct {
	Party    string `json:"azp"`
	AuthTime int64  `json:"auth_time"`
	User     string `json:"preferred_username"`
	Email    string `json:"email"`
	Name     string `json:"name"`
}

// redeem exchanges the code, and checks signature, issuer, audience, times and
// nonce of the ID token.
func (k *Keeper) redeem(ctx context.Context, p *relying, d *discovered, e errand, code string) (w who, err error) {
	ctx, cancel := context.WithTimeout(p.context(ctx), callFor)
	defer cancel()
	token, err := d.oauth.Exchange(ctx, code, oauth2.VerifierOption(e.Verifier))
	if err != nil {
		var refused *oauth2.RetrieveError
		if errors.As(err, &refused) && refused.ErrorCode == "invalid_grant" {
			return w, astray()
		}
		return w, k.away(ctx, p, "token")
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := d.verifier.Verify(ctx, raw)
	if err != nil {
		return w, k.away(ctx, p, "id token")
	}
	var c claims
	if err := id.Claims(&c); err != nil {
		return w, k.away(ctx, p, "claims")
	}
	switch {
	case subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(e.Nonce)) != 1:
		return w, astray()
	case id.Subject == "" || len(id.Subject) > 255, // the limit of OpenID Connect Core, section 2
		(len(id.Audience) > 1 || c.Party != "") && c.Party != p.ClientID,
		id.IssuedAt.Sub(k.now()) > tokenSkew,
		id.AccessTokenHash != "" && id.VerifyAccessToken(token.AccessToken) != nil:
		return w, k.away(ctx, p, "id token")
	}
	w = who{issuer: p.Issuer, subject: id.Subject, label: c.label()}
	if c.AuthTime > 0 {
		w.authTime = time.Unix(c.AuthTime, 0)
	}
	w.corporateNumber, err = corporateNumber(id, p.CorporateNumberClaim)
	return w, err
}

// label is for recognising an identity in a list; signs that mislead are left out.
func (c claims) label() string {
	for _, s := range []string{c.User, c.Email, c.Name} {
		s = tidy(strings.ToValidUTF8(s, ""))
		if s != "" && !strings.ContainsFunc(s, hidden) {
			return string([]rune(s)[:min(len([]rune(s)), MaxName)])
		}
	}
	return ""
}

// corporateNumber reads the 13 digits of a company, where the provider says them.
func corporateNumber(id *oidc.IDToken, claim string) (string, error) {
	if claim == "" {
		return "", nil
	}
	var all map[string]json.RawMessage
	if err := id.Claims(&all); err != nil {
		return "", err
	}
	number := strings.Trim(string(all[claim]), `"`)
	if len(number) != 13 || strings.Trim(number, "0123456789") != "" {
		return "", nil
	}
	return number, nil
}

// arrive does what the errand was for, in one write.
func (k *Keeper) arrive(ctx context.Context, e errand, s slip, w who) (g Grant, err error) {
	err = k.db.Write(ctx, func(ctx context.Context) (err error) {
		switch e.For {
		case ToLogin:
			g, err = k.loginBy(ctx, w, e.Remember)
		case ToLink:
			err = k.linkTo(ctx, web.CallerFrom(ctx).Account, w)
		case ToStepUp:
			g, err = k.stepUpBy(ctx, s, w)
		default:
			err = astray()
		}
		return err
	})
	return g, err
}

// loginBy logs in whose identity it is. Strangers open no account with one.
// keys: problem.provider-unknown.title, problem.provider-unknown.hint
func (k *Keeper) loginBy(ctx context.Context, w who, remember bool) (Grant, error) {
	account, err := k.meet(ctx, w)
	if errors.Is(err, db.ErrNone) {
		return Grant{}, problem.New(http.StatusUnprocessableEntity, "provider-unknown")
	}
	if err != nil {
		return Grant{}, err
	}
	return k.start(ctx, account, "auth.logged_in", remember, false)
}

// stepUpBy takes a fresh login at the provider for a proof. A provider that does
// not say when the login was gives none.
// keys: problem.provider-not-fresh.title, problem.provider-not-fresh.hint
func (k *Keeper) stepUpBy(ctx context.Context, s slip, w who) (Grant, error) {
	c := web.CallerFrom(ctx)
	account, err := k.meet(ctx, w)
	switch {
	case errors.Is(err, db.ErrNone), err == nil && account != c.Account:
		return Grant{}, astray()
	case err != nil:
		return Grant{}, err
	case w.authTime.Before(s.Begun.Add(-tokenSkew)) || w.authTime.Sub(k.now()) > tokenSkew:
		return Grant{}, problem.New(http.StatusUnprocessableEntity, "provider-not-fresh")
	}
	return k.raise(ctx, c)
}
