package org

import (
	"context"

	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) homeRoutes() []web.Route {
	return []web.Route{
		web.Get("/{$}", web.Public, "Lead to the caller's home, or say what this is.", rm.home, welcomePage, web.PageOnly),
		web.Get("/orgs", web.SignedIn, "List my organisations.", rm.mine, minePage),
		web.Get("/orgs/{org}/help", web.Viewer, "Say where public help is to be had.", rm.help, helpPage, web.PageOnly),
	}
}

// HomeView leads on, or welcomes a stranger.
type HomeView struct {
	To string `json:"next"`
}

// Next is the home of the caller; "" for a stranger.
func (v HomeView) Next() string { return v.To }

func (rm *Room) home(ctx context.Context, _ struct{}) (HomeView, error) {
	account := web.CallerFrom(ctx).Account
	if account == "" {
		return HomeView{}, nil
	}
	orgs, err := rm.OrganisationsOf(ctx, account, "", 2)
	switch {
	case err != nil:
		return HomeView{}, err
	case len(orgs) == 0:
		return HomeView{"/orgs/new"}, nil
	case len(orgs) == 1:
		return HomeView{orgs[0].ID.path("")}, nil
	}
	return HomeView{"/orgs"}, nil
}

// MineIn asks for a page of my organisations.
type MineIn struct {
	After ID `query:"after"`
}

// MineView is a page of my organisations.
type MineView struct {
	Organisations []MineRow `json:"organisations"`
	Next          ID        `json:"after,omitempty"` // to be passed as after; empty on the last page
	first         bool
}

// MineRow is one organisation with my role in it.
type MineRow struct {
	ID     ID     `json:"id"`
	Name   string `json:"name"`
	Number string `json:"number"`
	Role   string `json:"role"`
}

func (rm *Room) mine(ctx context.Context, in MineIn) (MineView, error) {
	v := MineView{Organisations: []MineRow{}, first: in.After == ""}
	if t := web.CallerFrom(ctx).Token; t != nil {
		return v, rm.addTokens(ctx, &v, t)
	}
	orgs, err := rm.OrganisationsOf(ctx, web.CallerFrom(ctx).Account, in.After, pageSize+1)
	if err != nil {
		return v, err
	}
	orgs, more := cutPage(orgs)
	for _, o := range orgs {
		v.Organisations = append(v.Organisations, MineRow{o.ID, o.Name, o.Number(), o.Role.String()})
	}
	if more {
		v.Next = orgs[len(orgs)-1].ID
	}
	return v, nil
}

// addTokens shows a key the one organisation it speaks for: where else its maker
// works is not its business.
func (rm *Room) addTokens(ctx context.Context, v *MineView, t *web.Token) error {
	role, err := rm.Member(ctx, web.CallerFrom(ctx).Account, t.Org)
	if role = min(role, t.Role); err != nil || !role.InOrganisation() {
		return err
	}
	o, err := rm.ByID(ctx, ID(t.Org))
	v.Organisations = append(v.Organisations, MineRow{o.ID, o.Name, o.Number(), role.String()})
	return err
}

func (v MineView) table() ui.TableView {
	t := ui.TableView{
		Caption: ui.T("org.mine.caption"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "org.company"}, {Key: "org.number"}, {Key: "org.your-role"}},
		Empty:   &ui.EmptyView{Title: ui.T("org.mine.empty"), Why: ui.T("org.mine.empty.why"), First: &ui.Link{Label: ui.T("org.mine.new"), URL: "/orgs/new"}},
	}
	for _, o := range v.Organisations {
		t.Rows = append(t.Rows, []ui.Words{linkTo(o.ID.path(""), o.Name), ui.Plain(o.Number), ui.T("org.role." + o.Role)})
	}
	if v.Next != "" {
		t.NextURL = "/orgs?after=" + string(v.Next)
	}
	if !v.first {
		t.FirstURL = "/orgs"
	}
	return t
}

// HelpView is the page of public help. It is the same for everybody, so that
// nobody learns from it how a company stands.
type HelpView struct {
	First    []Helper `json:"first"`     // when something seems wrong
	EveryDay []Helper `json:"every_day"` // on other days
}

func (rm *Room) help(context.Context, OrgIn) (HelpView, error) {
	return HelpView{First: firstAid, EveryDay: everyDay}, nil
}

// Helper is a public body that helps, with the page on which it says so.
// Verified is false where we have not seen that page ourselves: it is shown.
type Helper struct {
	Code     string `json:"code"` // names its texts: org.help.<code> and .what
	URL      string `json:"url"`
	Verified bool   `json:"verified"`
}

// Where to turn when something happened, and on other days. The texts follow
// what the bodies published up to 2025, and the page says so. IPA has had a
// window for companies beside the one for private persons since 2025-04-01.
// keys: org.help.company, org.help.company.what, org.help.jpcert, org.help.jpcert.what, org.help.police, org.help.police.what
// keys: org.help.ppc, org.help.ppc.what, org.help.anshin, org.help.anshin.what
// keys: org.help.action, org.help.action.what, org.help.otasuke, org.help.otasuke.what
var (
	firstAid = []Helper{
		{"company", "https://www.ipa.go.jp/security/support/soudan.html", true},
		{"jpcert", "https://www.jpcert.or.jp/form/", true},
		{"police", "https://www.npa.go.jp/bureau/cyber/soudan.html", false},
		{"ppc", "https://www.ppc.go.jp/personalinfo/legal/leakAction/", false},
		{"anshin", "https://www.ipa.go.jp/security/anshin/", false},
	}
	everyDay = []Helper{
		{"action", "https://www.ipa.go.jp/security/security-action/", false},
		{"otasuke", "https://www.ipa.go.jp/security/sme/otasuketai/otasuketai-faq.html", true},
	}
)
