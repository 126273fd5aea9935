package main

import (
	"bytes"
	"context"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// What companies write, plan and take out; and what of it they show to everybody.

// document is the policy of a company.
type document struct {
	id        string
	draft     []string // canaries in the draft, nil without one
	force     []string // in the version that is in force
	drafting  bool
	approved  bool
	published bool
}

// timetable is a calendar address.
type timetable struct {
	id, secret string
	org        *company
	by         *person
	expires    time.Time
	over       bool
}

// open says that the address shows the plan now.
func (k *timetable) open(w *world) bool {
	return !k.over && !k.org.closed && len(k.org.paused) == 0 && w.now().Before(k.expires) && k.org.roles[k.by] >= web.Member
}

// public is the rule "to everybody, while the policy is": nil stands for what any
// published policy shows, the company's name.
func (w *world) public(c *company, f **fact) func(reader) bool {
	return func(reader) bool {
		d := c.policy
		if d == nil || !d.published || !c.bound || c.closed || len(c.paused) > 0 {
			return false
		}
		return f == nil || slices.Contains(d.force, (*f).canary)
	}
}

// calendar is the rule "to whoever holds an address of the company's plan".
func (w *world) calendar(c *company) func(reader) bool {
	return func(r reader) bool {
		return r.address != "" && slices.ContainsFunc(w.calendars, func(k *timetable) bool { return k.org == c && k.secret == r.address && k.open(w) })
	}
}

// outsideOf reads what opens without a role in a company: seats, calendars, public pages.
func (w *world) outsideOf(c *company, routes []web.Route, ids map[string][]known) (reader, asked, web.Route) {
	prefix := pick(w.rng, []string{"/reviewing", "/reviewing", "/review-invitations", "/calendar", "/policies"})
	r := pick(w.rng, startingWith(routes, prefix))
	by, a := w.who(c)
	if w.rng.IntN(3) == 0 {
		by, a = reader{}, asked{}
	}
	own := ids
	if seats := w.seatsThat(func(s *seat) bool { return s.snapshot.org == c && s.specialist != nil }); len(seats) > 0 && prefix == "/reviewing" {
		s := pick(w.rng, seats)
		if w.rng.IntN(4) > 0 {
			by, a = w.as(s.specialist)
		}
		own = map[string][]known{"seat": {{s.id, c.id}}, "item": ids["item"], "shown": ids["shown"], "confirmation": ids["confirmation"]}
	}
	a.method, a.path = http.MethodGet, w.address(r, c, own)
	return by, a, r
}

// policyOwner takes a company with an owner, mostly one that may publish.
func (w *world) policyOwner(rt *rapid.T) (*company, *person) {
	c := draw(rt, "company", w.companies)
	return c, draw(rt, "owner", c.of(web.Owner, w.people))
}

// writesPolicy begins a policy or its next version, and writes into it.
func (w *world) writesPolicy(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	d := c.policy
	switch {
	case d == nil:
		if _, ok := w.post(p, w.home(c, "/policies"), map[string]any{"template": "basic-policy"}); !ok {
			return
		}
		d = &document{id: w.value("SELECT id FROM policy_document WHERE org_id = ?", c.id), drafting: true}
		c.policy = d
	case !d.drafting:
		if _, d.drafting = w.post(p, w.home(c, "/policies/%s/next", d.id), map[string]any{}); !d.drafting {
			return
		}
		d.draft = slices.Clone(d.force)
	}
	var settings, section *fact
	boss := w.plant("representative in a policy", either(w.inside(c, web.Viewer), w.public(c, &settings)))
	settings = w.facts[boss]
	if _, ok := w.post(p, w.home(c, "/policies/%s/settings", d.id), map[string]any{"values": map[string]string{"representative": boss}}); ok {
		d.draft = append(d.draft, boss)
	}
	text := w.plant("section of a policy", either(w.inside(c, web.Viewer), w.public(c, &section)))
	section = w.facts[text]
	if _, ok := w.post(p, w.home(c, "/policies/%s/sections/purpose", d.id), map[string]any{"revision": w.revisionOf(d.id), "ja": text, "en": text}); ok {
		d.draft = append(d.draft, text)
		w.did("policy written")
	}
}

func (w *world) approvesPolicy(rt *rapid.T) {
	c, p := w.policyOwner(rt)
	if p == nil || c.policy == nil || !c.policy.drafting {
		return
	}
	d := c.policy
	if _, ok := w.post(p, w.home(c, "/policies/%s/approve", d.id), map[string]any{"revision": w.revisionOf(d.id)}); ok {
		d.force, d.draft, d.drafting, d.approved = d.draft, nil, false, true
		w.did("policy approved")
	}
}

func (w *world) publishesPolicy(rt *rapid.T) {
	c, p := w.policyOwner(rt)
	if p == nil || c.policy == nil {
		return
	}
	if _, ok := w.post(p, w.home(c, "/policies/%s/publish", c.policy.id), map[string]any{}); ok {
		c.policy.published = true
		w.did("policy published")
	}
}

// hidesPolicy takes it from the public, or withdraws what is in force.
func (w *world) hidesPolicy(rt *rapid.T) {
	c, p := w.policyOwner(rt)
	if p == nil || c.policy == nil || rapid.IntRange(0, 2).Draw(rt, "really") > 0 {
		return
	}
	what := draw(rt, "how", []string{"unpublish", "withdraw"})
	if _, ok := w.post(p, w.home(c, "/policies/%s/%s", c.policy.id, what), map[string]any{}); ok {
		c.policy.published = false
		if what == "withdraw" {
			c.policy.force, c.policy.approved = nil, false
		}
		w.did("policy hidden")
	}
}

func (w *world) addsStep(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	what := w.plant("step of a plan", either(w.inside(c, web.Viewer), w.calendar(c)))
	who := w.plant("who does a step", w.inside(c, web.Viewer)) // a calendar says only that somebody does
	if _, ok := w.post(p, w.home(c, "/plan"), map[string]any{"pack": pack25, "item": draw(rt, "item", huntItems), "what": what, "name": who, "due": "2026-12-10"}); ok {
		w.did("step")
	}
}

func (w *world) makesCalendar(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	k := &timetable{org: c, by: p, expires: w.now().Add(365 * 24 * time.Hour)}
	name := w.plant("name of a calendar address", func(r reader) bool {
		his := r.p == p || r.key != nil && r.key.maker == p
		return c.role(w, r) >= web.Manager || his && c.role(w, r) >= web.Member
	})
	out, ok := w.post(p, w.home(c, "/plan/calendars"), map[string]any{"name": name})
	if ok {
		k.id = out["id"].(string)
		_, file, _ := strings.Cut(out["url"].(string), "/calendar/")
		k.secret = strings.TrimSuffix(file, ".ics")
		w.calendars = append(w.calendars, k)
		w.did("calendar")
	}
}

func (w *world) endsCalendar(rt *rapid.T) {
	k := draw(rt, "calendar", w.calendars)
	if k == nil {
		return
	}
	p := draw(rt, "who", k.org.of(web.Member, w.people))
	if p == nil {
		return
	}
	if _, ok := w.post(p, w.home(k.org, "/plan/calendars/%s/end", k.id), map[string]any{}); ok {
		k.over = true
	}
}

// writesRecord fills a row of a ledger, a request or a duty that was done.
func (w *world) writesRecord(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	today := i18n.ISO(w.now())
	cell := func(what string) string { return w.plant(what, w.inside(c, web.Viewer)) }
	var path string
	var body map[string]any
	switch path = draw(rt, "record", []string{"/ledgers/devices/rows", "/forms/user-id", "/duties/training"}); path {
	case "/ledgers/devices/rows":
		body = map[string]any{"cells": map[string]string{"name": cell("row of a ledger"), "kind": "pc", "maker": "みほん", "os": "Windows", "count": "1", "person": cell("person in a ledger")}}
	case "/forms/user-id":
		body = map[string]any{"cells": map[string]string{"person": cell("person in a request"), "act": "new", "system": cell("system in a request"), "reason": cell("reason of a request"), "from": today}}
	default:
		body = map[string]any{
			"cells": map[string]string{"content": cell("content of a training"), "method": "class", "minutes": "30"}, "on": today, "who": cell("who did a duty"),
			"found": cell("what a duty found"), "attendees": cell("who came to a training"),
		}
	}
	if _, ok := w.post(p, w.home(c, "/records%s", path), body); ok {
		w.did("record " + path)
	}
}

func (w *world) comments(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	to := draw(rt, "to", c.of(web.Viewer, w.people))
	words := w.plant("comment", w.inside(c, web.Viewer))
	if _, ok := w.post(p, w.home(c, "/frameworks/%s/items/%s/comments", pack25, draw(rt, "item", huntItems)), map[string]any{"words": words, "to": []string{to.id}}); ok {
		w.did("comment")
	}
}

func (w *world) registers(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	today := w.now()
	body := map[string]any{"number": w.plant("number of a registration", w.inside(c, web.Viewer)), "on": i18n.ISO(today), "valid_until": i18n.ISO(today.AddDate(1, 0, 0))}
	if _, ok := w.post(p, w.home(c, "/stars/registrations"), body); ok {
		w.did("registration")
	}
}

// takesOut has everything put into one file, which a job makes.
func (w *world) takesOut(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	if _, ok := w.post(p, w.home(c, "/exchange/takeouts"), map[string]any{}); !ok {
		return
	}
	id := w.value("SELECT id FROM exchange_takeout WHERE org_id = ?", c.id)
	w.must(w.Exchange.Make(context.Background(), exchange.TakingOut{Takeout: id, Lang: i18n.JA}, func(int, int) error { return nil }))
	w.did("take out")
}

// bringsIn uploads answers that wait, and keeps the sheet of a customer.
func (w *world) bringsIn(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	rule := w.inside(c, web.Member)
	table := fmt.Sprintf("番号,回答,メモ\n1,○,%s\n", w.plant("cell of an uploaded table", rule))
	if w.uploads(p, w.home(c, "/exchange/intakes"), "file", w.plant("name of an uploaded table", rule)+".csv", []byte(table), map[string]string{"framework": pack25}) {
		w.did("bring in")
	}
	sheet, err := demoSheet(w.Assess.Packs.Current(pack25, w.now()))
	w.must(err)
	fields := map[string]string{"layout_framework": pack25, "customer": w.plant("customer of a sheet", rule)}
	if w.uploads(p, w.home(c, "/exchange/layouts"), "sheet", w.plant("name of a customer's sheet", rule)+".xlsx", sheet, fields) {
		w.did("layout")
	}
}

// uploads sends a form with a file as somebody.
func (w *world) uploads(p *person, path, field, name string, content []byte, fields map[string]string) bool {
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for _, k := range sortedKeys(fields) {
		_ = m.WriteField(k, fields[k])
	}
	part, err := m.CreateFormFile(field, name)
	w.must(err)
	_, _ = part.Write(content)
	_ = m.Close()
	a := w.do(asked{session: w.signedIn(p), method: http.MethodPost, path: path, kind: m.FormDataContentType(), body: b.String()})
	w.say("%s uploads %s to %s: %d", p.name, name, path, a.Code)
	if a.Code >= 500 {
		w.t.Fatalf("POST %s: %d %s\n%s", path, a.Code, a.Body, w.log)
	}
	return a.Code == http.StatusSeeOther
}
