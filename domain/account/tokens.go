package account

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) tokenRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/tokens", web.Manager, "List the keys with which programs speak for the organisation.", rm.listTokens, tokensPage),
		web.Get("/orgs/{org}/tokens/new", web.Manager, "Show the form for a key.", rm.showTokenForm, tokenFormPage, web.PageOnly, web.StepUp),
		web.Post("/orgs/{org}/tokens", web.Manager, "Make a key; it is shown once.", rm.makeToken, tokenMadePage, web.StepUp, web.Again(rm.tokenAgain)),
		web.Post("/orgs/{org}/tokens/{id}/revoke", web.Manager, "End a key.", rm.revokeToken, nil),
	}
}

// OrgIn names the organisation.
type OrgIn struct {
	Org string `path:"org" json:"-"`
}

// TokenLine is a key in the list.
type TokenLine struct {
	auth.APIToken
	MakerName string `json:"maker_name"`
}

// TokensView lists the keys that work.
type TokensView struct {
	Tokens []TokenLine `json:"tokens"`
	Org    string      `json:"-"`
	Now    time.Time   `json:"-"`
}

func (rm *Room) listTokens(ctx context.Context, in OrgIn) (TokensView, error) {
	v := TokensView{Org: in.Org, Now: rm.now(), Tokens: []TokenLine{}}
	tokens, err := rm.keeper.Tokens(ctx, in.Org)
	if err != nil {
		return v, err
	}
	makers := make([]string, len(tokens))
	for i, t := range tokens {
		makers[i] = t.Maker
	}
	names, err := rm.keeper.AccountsByID(ctx, makers)
	for _, t := range tokens {
		v.Tokens = append(v.Tokens, TokenLine{APIToken: t, MakerName: names[t.Maker].Name})
	}
	return v, err
}

// TokenIn is the form for a key.
type TokenIn struct {
	Org   string `path:"org" json:"-"`
	Label string `json:"label"`
	Role  string `json:"role"`  // viewer, member, manager or owner; at most the maker's own
	Write bool   `json:"write"` // may it change anything
	Days  int    `json:"days"`
}

// TokenFormView is that form.
type TokenFormView struct {
	TokenIn
	Roles   []web.Role
	problem *problem.Problem
}

func (rm *Room) showTokenForm(ctx context.Context, in OrgIn) (TokenFormView, error) {
	return tokenForm(ctx, TokenIn{Org: in.Org, Role: web.Viewer.String(), Days: 90}, nil), nil
}

func (rm *Room) tokenAgain(ctx context.Context, in TokenIn, p *problem.Problem) (templ.Component, error) {
	return tokenFormPage(tokenForm(ctx, in, p)), nil
}

// tokenForm offers the roles up to the maker's own.
func tokenForm(ctx context.Context, in TokenIn, p *problem.Problem) TokenFormView {
	v := TokenFormView{TokenIn: in, problem: p}
	for r := web.Viewer; r <= web.RoleFrom(ctx); r++ {
		v.Roles = append(v.Roles, r)
	}
	return v
}

// TokenMadeView shows the key, once.
type TokenMadeView struct {
	Secret string `json:"token"`
	Org    string `json:"-"`
}

func (rm *Room) makeToken(ctx context.Context, in TokenIn) (TokenMadeView, error) {
	secret, err := rm.keeper.MakeToken(ctx, auth.NewToken{
		Org: in.Org, Role: web.RoleNamed(in.Role), Write: in.Write, Label: in.Label, Days: in.Days,
	})
	return TokenMadeView{Secret: secret, Org: in.Org}, err
}

// TokenIDIn names a key of the organisation.
type TokenIDIn struct {
	Org string `path:"org" json:"-"`
	ID  string `path:"id" json:"-"`
}

func (rm *Room) revokeToken(ctx context.Context, in TokenIDIn) (Moved, error) {
	return Moved{"/orgs/" + in.Org + "/tokens"}, rm.keeper.RevokeToken(ctx, in.Org, in.ID)
}
