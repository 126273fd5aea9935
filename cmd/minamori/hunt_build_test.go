package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// huntTexts are read once for all worlds.
var huntTexts = sync.OnceValues(func() (*i18n.Catalogue, error) { return i18n.Load(content.Texts()) })

// newWorld makes an empty installation with a few companies and people. empty is
// a folder with a migrated SQLite database to begin with, or "".
func newWorld(t *testing.T, tell teller, store Store, empty string) *world {
	tell.Helper()
	clock := time.Date(2026, 11, 2, 0, 0, 0, 0, time.UTC)
	w := &world{
		stage: &stage{t: t, log: &logged{}, clock: &clock}, t: tell, facts: map[string]*fact{}, sightings: map[string]int{},
		mails: map[string]bool{}, hooks: map[string]*hook{}, order: map[string][]known{},
	}
	texts, err := huntTexts()
	w.must(err)
	folder, err := os.MkdirTemp("", "minamori-hunt-")
	w.must(err)
	tell.Cleanup(func() { _ = os.RemoveAll(folder) })
	store.Data, store.LogLevel = filepath.Join(folder, "data"), "error"
	if empty != "" {
		w.must(os.CopyFS(store.Data, os.DirFS(empty)))
		w.must(os.Chmod(filepath.Join(store.Data, "installation.key"), 0o600))
	}
	c := &console{ctx: context.Background(), out: io.Discard, err: w.log, texts: texts, now: func() time.Time { return *w.clock }}
	w.House, err = build(c, store, Web{MailFrom: "minamori@localhost", AllowNetworks: []string{"127.0.0.0/8"}}, "http://localhost:8080")
	w.must(err)
	tell.Cleanup(w.close)
	return w
}

// emptyFolder makes a migrated installation to copy.
func emptyFolder(t *testing.T) string {
	t.Helper()
	w := newWorld(t, t, Store{}, "")
	w.close()
	return w.store.Data
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("%v\n%s", err, w.log)
	}
}

// newPerson opens an account.
func (w *world) newPerson(operator bool) *person {
	p := &person{operator: operator, wasOperator: operator}
	p.name = w.plant("name of a person", w.nameRule(p))
	p.email = w.plant("address of a person", w.addressRule(p)) + "@example.jp"
	a, err := w.Accounts.CreateAccount(context.Background(), auth.Person{Name: p.name, Email: p.email}, operator)
	w.must(err)
	p.id = a.ID
	w.people = append(w.people, p)
	return p
}

// newCompany makes a company with an owner.
func (w *world) newCompany(kind org.Kind) *company {
	owner := w.newPerson(false)
	c := emptyCompany("")
	outside := w.aboutName(c)
	profile := org.Profile{Kind: kind, Industry: "E", Prefecture: "21"}
	switch kind {
	case org.KindSoleProprietor:
		// A snapshot is of whoever answers for the business, and says his own name.
		profile.Name = w.plant("own name of a sole proprietor", either(w.inside(c, web.Viewer), w.seated(c)))
		profile.TradeName = w.plant("trade name", outside)
		c.name = profile.TradeName
	default:
		c.name = w.plant("name of a company", outside)
		profile.Name, profile.Kana = c.name, w.plant("reading of a company's name", w.inside(c, web.Viewer))
	}
	o, err := w.Org.Create(context.Background(), owner.id, profile)
	w.must(err)
	c.id = string(o.ID)
	w.companies = append(w.companies, c)
	w.enters(c, owner, web.Owner)
	return c
}

func emptyCompany(name string) *company {
	return &company{
		name: name, roles: map[*person]web.Role{}, ever: map[*person]bool{}, paused: map[string]bool{}, memos: map[string]*fact{}, told: map[string]*fact{},
	}
}

// aboutName is the rule for what a company is called: to whom it belongs, shows
// something, or speaks in public.
func (w *world) aboutName(c *company) func(reader) bool {
	return either(w.inside(c, web.Viewer), w.mates(c), w.shown(c, ""), w.invitedTo(c), w.seated(c), w.confirmed(c), w.public(c, nil))
}

func (w *world) enters(c *company, p *person, role web.Role) { c.roles[p], c.ever[p] = role, true }

// populate makes the world with which a hunt begins.
func (w *world) populate() {
	for range 3 {
		w.newCompany(org.KindCompany)
	}
	w.newCompany(org.KindSoleProprietor)
	for _, c := range w.companies[:2] {
		for _, role := range []web.Role{web.Manager, web.Member, web.Viewer} {
			p := w.newPerson(false)
			w.must(w.Org.AddMember(context.Background(), org.ID(c.id), p.id, role))
			w.enters(c, p, role)
		}
	}
	w.newPerson(true)
	w.newPerson(true)
	for range 3 {
		w.newPerson(false)
	}
	w.bind(w.companies[0], w.companies[3])
}

// bind has a named body, which is nobody's secret, say who speaks for companies.
func (w *world) bind(companies ...*company) {
	ctx := context.Background()
	a, err := w.Accounts.CreateAccount(ctx, auth.Person{Name: "商工 みほん（架空）", Email: "body@example.jp"}, false)
	w.must(err)
	o, err := w.Org.Create(ctx, a.ID, org.Profile{Kind: org.KindCompany, Name: "みほん商工会（架空）", Industry: "R", Prefecture: "21"})
	w.must(err)
	w.must(w.Binding.Allow(ctx, string(o.ID)))
	for _, c := range companies {
		w.must(w.Binding.ByLetter(ctx, c.id, string(o.ID), w.now()))
		c.bound = true
	}
}

// signedIn returns a session of somebody that is fresh enough for every act.
func (w *world) signedIn(p *person) string {
	const fresh = 4 * time.Minute
	if p.session == "" || w.now().Sub(p.used) > fresh || w.now().Before(p.used) {
		g, err := w.Accounts.StartSession(context.Background(), p.id, false)
		w.must(err)
		p.session, p.used = g.Token, w.now()
	}
	return p.session
}

// of returns the people of a company with a role and more.
func (c *company) of(floor web.Role, people []*person) (all []*person) {
	for _, p := range people {
		if c.roles[p] >= floor && !c.closed {
			all = append(all, p)
		}
	}
	return all
}

func (w *world) home(c *company, rest string, args ...any) string {
	return "/orgs/" + c.id + fmt.Sprintf(rest, args...)
}
