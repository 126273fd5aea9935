package main

import (
	"fmt"
	"net/url"
	"time"

	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/internal/web"
)

// What companies show to others: helpers, support, circles, their own systems.

func (w *world) invitesHelper(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	days := rapid.IntRange(1, 40).Draw(rt, "days")
	g := &granted{org: c, by: p, parts: w.parts(rt), expires: w.now().AddDate(0, 0, days)}
	g.until = w.now().Add(min(7*24*time.Hour, time.Duration(days)*24*time.Hour))
	// The address is for managers and for who holds the invitation; the reason for
	// the people of the company and for the helper.
	mine := func(r reader) bool { return g.waits(w) && (r.mailbox == g.email || r.link == g.id) }
	g.email = w.plant("address of a helper", either(w.inside(c, web.Manager), mine)) + "@example.jp"
	reason := w.plant("reason for a helper", func(r reader) bool {
		return c.role(w, r) >= web.Viewer || g.open(w, r, "") || mine(r)
	})
	out, ok := w.post(p, w.home(c, "/helpers"), map[string]any{"email": g.email, "parts": keysOf(g.parts), "reason": reason, "days": days})
	if ok {
		g.id = out["id"].(string)
		c.grants = append(c.grants, g)
	}
}

func (w *world) parts(rt *rapid.T) map[string]bool {
	return draw(rt, "parts", []map[string]bool{
		{"profile": true}, {"answers": true}, {"profile": true, "answers": true}, {"answers": true, "files": true},
	})
}

func keysOf(m map[string]bool) []string {
	all := []string{}
	for _, part := range []string{"profile", "answers", "files"} {
		if m[part] {
			all = append(all, part)
		}
	}
	return all
}

// grantsThat lists the grants of all companies with a property.
func (w *world) grantsThat(has func(g *granted) bool) (all []*granted) {
	for _, c := range w.companies {
		for _, g := range c.grants {
			if has(g) {
				all = append(all, g)
			}
		}
	}
	return all
}

func (w *world) helperComes(rt *rapid.T) {
	g := draw(rt, "grant", w.grantsThat(func(g *granted) bool { return g.waits(w) }))
	p := draw(rt, "helper", w.people)
	if g == nil || p.erased {
		return
	}
	said := func(r reader) bool { return r.p == p || !p.erased && g.org.role(w, r) >= web.Viewer }
	form := url.Values{
		"code": {w.Accounts.Derive("helper invitation", g.id)}, "name": {w.plant("what a helper calls himself", said)},
		"organisation": {w.plant("organisation of a helper", said)}, "qualification": {w.plant("qualification of a helper", said)},
	}
	var own *company
	for _, c := range w.companies {
		if c.roles[p] != web.Nobody && !c.closed {
			own = c
			form.Set("own_organisation", c.id)
			break
		}
	}
	if !w.form(p, "/help-invitations/"+g.id, form.Encode()) {
		return
	}
	g.helper, g.own = p, own
	if own != nil { // its name is shown to the company from now on, as he said it
		w.widen(own.name, func(r reader) bool { return g.org.role(w, r) >= web.Viewer })
	}
}

// widen lets others meet a fact too.
func (w *world) widen(canary string, more func(reader) bool) {
	f := w.facts[canary]
	f.see = either(f.see, more)
}

func (w *world) helperGoes(rt *rapid.T) {
	g := draw(rt, "grant", w.grantsThat(func(g *granted) bool { return !g.over && !g.org.closed }))
	if g == nil {
		return
	}
	if g.helper != nil && rapid.Bool().Draw(rt, "gives it back") {
		if _, ok := w.post(g.helper, "/helping/"+g.id+"/end", map[string]any{}); ok {
			g.over = true
		}
		return
	}
	p := draw(rt, "who", g.org.of(web.Manager, w.people))
	if p == nil {
		return
	}
	if rapid.IntRange(0, 3).Draw(rt, "what") == 0 && g.helper != nil {
		days := rapid.IntRange(1, 40).Draw(rt, "days")
		if _, ok := w.post(p, w.home(g.org, "/helpers/%s/extend", g.id), map[string]any{"days": days}); ok {
			g.expires, g.by = w.now().AddDate(0, 0, days), p
		}
		return
	}
	if _, ok := w.post(p, w.home(g.org, "/helpers/%s/revoke", g.id), map[string]any{}); ok {
		g.over = true
	}
}

func (w *world) openToHelper() []*granted {
	return w.grantsThat(func(g *granted) bool { return g.helper != nil && g.open(w, reader{p: g.helper}, "") })
}

func (w *world) advises(rt *rapid.T) {
	g := draw(rt, "grant", w.openToHelper())
	if g == nil {
		return
	}
	words := w.plant("advice", func(r reader) bool {
		return g.org.role(w, r) >= web.Viewer || !g.support && g.open(w, r, "answers")
	})
	path := fmt.Sprintf("/helping/%s/frameworks/%s/items/%s/advice", g.id, pack25, draw(rt, "item", huntItems))
	w.post(g.helper, path, map[string]any{"advice": words})
}

func (w *world) plans(rt *rapid.T) {
	g := draw(rt, "grant", w.openToHelper())
	if g == nil {
		return
	}
	memo := w.plant("a helper's own note", func(r reader) bool { return g.open(w, r, "") })
	w.post(g.helper, "/helping/"+g.id+"/plan", map[string]any{"call_on": "2026-12-01", "memo": memo})
}

func (w *world) callsSupport(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	hours := draw(rt, "hours", []int{1, 8, 24, 72})
	g := &granted{org: c, by: p, support: true, parts: w.parts(rt), expires: w.now().Add(time.Duration(hours) * time.Hour)}
	reason := w.plant("reason for support", func(r reader) bool { return c.role(w, r) >= web.Viewer || g.open(w, r, "") })
	out, ok := w.post(p, w.home(c, "/helpers/support"), map[string]any{"parts": keysOf(g.parts), "reason": reason, "hours": hours})
	if ok {
		g.id = out["id"].(string)
		c.grants = append(c.grants, g)
	}
}

func (w *world) makesCircle(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil || len(w.groups) >= 3 {
		return
	}
	k := &group{operator: c, members: map[*company]bool{}, ever: map[*company]bool{}}
	k.name = w.plant("name of a circle", w.keepers(k))
	out, ok := w.post(p, w.home(c, "/circles"), map[string]any{"kind": "region", "name": k.name})
	if ok {
		k.id = out["circle"].(string)
		k.members[c], k.ever[c] = true, true
		w.groups = append(w.groups, k)
	}
}

func (w *world) joinsCircle(rt *rapid.T) {
	k := draw(rt, "circle", w.groups)
	c, p := w.actor(rt, web.Manager)
	if k == nil || p == nil || k.members[c] {
		return
	}
	host := draw(rt, "operator", k.operator.of(web.Manager, w.people))
	if host == nil {
		return
	}
	out, ok := w.post(host, w.home(k.operator, "/circles/%s/codes", k.id), map[string]any{})
	if !ok {
		return
	}
	code := out["code"].(string)
	if _, ok := w.post(p, w.home(c, "/circles/join"), map[string]any{"code": code}); ok {
		k.members[c], k.ever[c] = true, true
	}
}

func (w *world) leavesCircle(rt *rapid.T) {
	k := draw(rt, "circle", w.groups)
	c, p := w.actor(rt, web.Manager)
	if k == nil || p == nil || !k.members[c] {
		return
	}
	if _, ok := w.post(p, w.home(c, "/circles/%s/leave", k.id), map[string]any{}); ok {
		delete(k.members, c)
	}
}

func (w *world) addsHook(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil || w.receiver == nil {
		return
	}
	h := &hook{org: c, by: p}
	path := w.plant("address of a system", func(r reader) bool { return c.role(w, r) >= web.Manager })
	h.path = "/" + path
	out, ok := w.post(p, w.home(c, "/webhooks"), map[string]any{"url": w.receiver.URL + h.path, "verbs": hookVerbs()})
	if ok {
		h.id, _ = out["id"].(string)
		w.hooks[h.path] = h
	}
}

func (w *world) removesHook(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	for _, path := range sortedKeys(w.hooks) {
		if h := w.hooks[path]; h.org == c && !h.over {
			if _, ok := w.post(p, w.home(c, "/webhooks/%s/remove", h.id), map[string]any{}); ok {
				h.over = true
			}
			return
		}
	}
}
