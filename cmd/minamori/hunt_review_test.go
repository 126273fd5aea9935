package main

import (
	"context"
	"net/url"
	"slices"
	"time"

	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/web"
)

// What is frozen, who may look at it from outside, and what helpers propose.

// snapshot is an assessment as it stood.
type snapshot struct {
	id    string
	org   *company
	seats []*seat
	over  bool // withdrawn: nobody looks at it from outside any more
}

// seat is the right of a specialist to look at one snapshot.
type seat struct {
	id, email      string
	snapshot       *snapshot
	by, specialist *person // specialist is nil until he comes
	files          bool
	until, expires time.Time // of the invitation, of the seat
	over           bool
	recorded       bool // he confirmed
}

// waits says that the invitation can still be taken up.
func (s *seat) waits(w *world) bool {
	return s.specialist == nil && !s.over && !s.snapshot.over && !s.snapshot.org.closed && w.now().Before(s.until)
}

// holds says that a reader has the link or the mailbox of the invitation.
func (s *seat) holds(r reader) bool { return r.link == s.id || r.mailbox == s.email }

// open says that a reader may look under the seat now. It rests on who gave it, and
// on sharing that has not paused for those outside.
func (s *seat) open(w *world, r reader) bool {
	c := s.snapshot.org
	if s.specialist == nil || r.p != s.specialist || s.over || s.snapshot.over || c.closed || !w.now().Before(s.expires) || c.roles[s.by] < s.needs() {
		return false
	}
	return len(c.paused) == 0 || c.roles[r.p] != web.Nobody
}

func (s *seat) needs() web.Role {
	if s.files {
		return web.Owner
	}
	return web.Manager
}

// shown is the rule "to the specialists of this snapshot"; files asks for the right
// to open them too.
func (f *snapshot) shown(w *world, files bool) func(reader) bool {
	return func(r reader) bool {
		return slices.ContainsFunc(f.seats, func(s *seat) bool { return s.open(w, r) && (s.files || !files) })
	}
}

func (c *company) anySeat(has func(s *seat) bool) bool {
	return slices.ContainsFunc(c.frozen, func(f *snapshot) bool { return slices.ContainsFunc(f.seats, has) })
}

// reviews says that somebody has or had a seat at a company.
func (c *company) reviews(p *person) bool {
	return c.anySeat(func(s *seat) bool { return s.specialist == p })
}

// seated is the rule "to the specialists of a company".
func (w *world) seated(c *company) func(reader) bool {
	return func(r reader) bool { return c.anySeat(func(s *seat) bool { return s.open(w, r) }) }
}

// confirmed is the rule for the name of a company: whoever confirmed something of
// it can read of which, to take it back, unless it shows nothing to anybody now.
func (w *world) confirmed(c *company) func(reader) bool {
	return func(r reader) bool {
		return r.p != nil && !c.closed && len(c.paused) == 0 && c.anySeat(func(s *seat) bool { return s.recorded && s.specialist == r.p })
	}
}

// namedAt says that a seat lets a reader meet somebody's name: the specialist's in
// the company, the inviter's with whoever is invited, and in the snapshot that of
// everybody who had a part in it.
func (w *world) namedAt(s *seat, p *person, r reader) bool {
	c := s.snapshot.org
	switch {
	case s.specialist == p && c.role(w, r) >= web.Viewer:
		return true
	case s.by == p && s.waits(w) && s.holds(r):
		return true
	}
	return s.open(w, r) && (c.ever[p] || w.enteredFor(c, p))
}

// enteredFor says that somebody is of the staff that keeps a case of the company.
func (w *world) enteredFor(c *company, p *person) bool {
	return slices.ContainsFunc(w.cases, func(d *dossier) bool { return d.company == c && d.circle.operator.ever[p] })
}

func (w *world) freezes(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	f := &snapshot{org: c}
	scope := w.plant("scope of a snapshot", either(w.inside(c, web.Viewer), f.shown(w, false)))
	out, ok := w.post(p, w.home(c, "/snapshots"), map[string]any{"framework": pack25, "scope": scope})
	if !ok {
		return
	}
	f.id = out["id"].(string)
	c.frozen = append(c.frozen, f)
	w.did("freeze")
	for _, words := range []map[string]*fact{c.memos, c.told} {
		for _, item := range sortedKeys(words) {
			w.widen(words[item].canary, f.shown(w, false))
		}
	}
	for _, e := range c.files {
		if e.gone || e.secret {
			continue
		}
		for _, canary := range e.words {
			w.widen(canary, f.shown(w, false))
		}
		files := f.shown(w, true)
		w.widen(e.content, func(r reader) bool { return !e.gone && files(r) })
	}
}

func (w *world) snapshots() (all []*snapshot) {
	for _, c := range w.companies {
		for _, f := range c.frozen {
			if !f.over && !c.closed {
				all = append(all, f)
			}
		}
	}
	return all
}

func (w *world) invitesSpecialist(rt *rapid.T) {
	f := draw(rt, "snapshot", w.snapshots())
	if f == nil {
		return
	}
	p := draw(rt, "who", f.org.of(web.Manager, w.people))
	if p == nil {
		return
	}
	s := &seat{snapshot: f, by: p, files: rapid.Bool().Draw(rt, "files"), until: w.now().Add(7 * 24 * time.Hour), expires: w.now().Add(30 * 24 * time.Hour)}
	mine := func(r reader) bool { return s.waits(w) && s.holds(r) }
	s.email = w.plant("address of a specialist", either(w.inside(f.org, web.Manager), mine)) + "@example.jp"
	words := w.plant("what a specialist is asked", func(r reader) bool { return mine(r) || s.open(w, r) })
	out, ok := w.post(p, w.home(f.org, "/snapshots/%s/specialists", f.id), map[string]any{"email": s.email, "files": s.files, "words": words})
	if ok {
		s.id = out["id"].(string)
		f.seats = append(f.seats, s)
		w.did("specialist invited")
	}
}

// seatsThat lists the seats of all companies with a property.
func (w *world) seatsThat(has func(s *seat) bool) (all []*seat) {
	for _, c := range w.companies {
		for _, f := range c.frozen {
			for _, s := range f.seats {
				if has(s) {
					all = append(all, s)
				}
			}
		}
	}
	return all
}

func (w *world) specialistComes(rt *rapid.T) {
	s := draw(rt, "seat", w.seatsThat(func(s *seat) bool { return s.waits(w) }))
	p := draw(rt, "specialist", w.people)
	if s == nil || p.erased {
		return
	}
	c := s.snapshot.org
	said := func(r reader) bool { return r.p == p || !p.erased && c.role(w, r) >= web.Viewer }
	form := url.Values{
		"code": {w.Accounts.Derive("review invitation", s.id)}, "name": {w.plant("what a specialist calls himself", said)},
		"organisation": {w.plant("organisation of a specialist", said)},
	}
	if w.form(p, "/review-invitations/"+s.id, form.Encode()) {
		s.specialist = p
		w.did("specialist came")
	}
}

func (w *world) openSeats() []*seat {
	return w.seatsThat(func(s *seat) bool { return s.specialist != nil && s.open(w, reader{p: s.specialist}) })
}

func (w *world) confirms(rt *rapid.T) {
	s := draw(rt, "seat", w.openSeats())
	if s == nil {
		return
	}
	c, p := s.snapshot.org, s.specialist
	// What he found is his until he records it, and the company's then.
	said := func(r reader) bool { return s.open(w, r) || s.recorded && c.role(w, r) >= web.Viewer }
	item := draw(rt, "item", huntItems)
	w.post(p, "/reviewing/"+s.id+"/findings", map[string]any{
		"verdict": map[string]string{item: "confirmed"}, "advice": map[string]string{item: w.plant("advice of a specialist", said)},
	})
	his := func(r reader) bool { return r.p == p || !p.erased && s.recorded && c.role(w, r) >= web.Viewer }
	_, ok := w.post(p, "/reviewing/"+s.id+"/confirm", map[string]any{
		"name": w.plant("name on a confirmation", his), "number": w.plant("number of a qualification", his), "qualification": "riss", "tie": "none",
		"looked": w.plant("what a specialist looked at", said),
	})
	if ok {
		s.recorded = true
		w.did("confirm")
	}
}

func (w *world) endsSeat(rt *rapid.T) {
	s := draw(rt, "seat", w.seatsThat(func(s *seat) bool { return !s.over && !s.snapshot.over && !s.snapshot.org.closed }))
	if s == nil {
		return
	}
	if s.specialist != nil && rapid.Bool().Draw(rt, "gives it back") {
		if _, ok := w.post(s.specialist, "/reviewing/"+s.id+"/end", map[string]any{}); ok {
			s.over = true
		}
		return
	}
	p := draw(rt, "who", s.snapshot.org.of(web.Manager, w.people))
	if p == nil {
		return
	}
	if _, ok := w.post(p, w.home(s.snapshot.org, "/snapshots/%s/specialists/%s/end", s.snapshot.id, s.id), map[string]any{}); ok {
		s.over = true
		w.did("seat ended")
	}
}

func (w *world) withdrawsSnapshot(rt *rapid.T) {
	f := draw(rt, "snapshot", w.snapshots())
	if f == nil || rapid.IntRange(0, 2).Draw(rt, "really") > 0 {
		return
	}
	p := draw(rt, "who", f.org.of(web.Manager, w.people))
	if p == nil {
		return
	}
	if _, ok := w.post(p, w.home(f.org, "/snapshots/%s/withdraw", f.id), map[string]any{}); ok {
		f.over = true
	}
}

// proposal is an answer that a helper would give.
type proposal struct {
	id, item string
	grant    *granted
	decided  bool
}

func (w *world) proposes(rt *rapid.T) {
	g := draw(rt, "grant", w.openToHelper())
	if g == nil || !g.parts["answers"] {
		return
	}
	words := w.plant("what a helper proposes", w.between(g))
	o := &proposal{item: draw(rt, "item", huntItems), grant: g}
	path := "/helping/" + g.id + "/frameworks/" + pack25 + "/items/" + o.item + "/propose"
	if _, ok := w.post(g.helper, path, map[string]any{"choice": assess.Partly, "words": words}); ok {
		o.id = w.value("SELECT id FROM review_proposal WHERE words = ?", words)
		w.proposals = append(w.proposals, o)
		w.did("propose")
	}
}

// between is the rule for what goes between a helper and those who answer.
func (w *world) between(g *granted) func(reader) bool {
	return func(r reader) bool {
		return g.org.role(w, r) >= web.Member || r.p == g.helper && g.open(w, r, "answers")
	}
}

func (w *world) decides(rt *rapid.T) {
	var open []*proposal
	for _, o := range w.proposals {
		if !o.decided && !o.grant.over {
			open = append(open, o)
		}
	}
	o := draw(rt, "proposal", open)
	if o == nil {
		return
	}
	c := o.grant.org
	p := draw(rt, "who", c.of(web.Member, w.people))
	if p == nil {
		return
	}
	if rapid.Bool().Draw(rt, "no") {
		_, o.decided = w.post(p, w.home(c, "/proposals/%s/refuse", o.id), map[string]any{"reason": w.plant("why a proposal was refused", w.between(o.grant))})
		return
	}
	memo, set := w.memo(c, o.item)
	if _, ok := w.post(p, w.home(c, "/proposals/%s/accept", o.id), map[string]any{"words": memo, "revision": w.revision(c, o.item)}); ok {
		o.decided = true
		set()
		w.did("proposal accepted")
	}
}

// memo plants the memo of an answer; set says that it stands.
func (w *world) memo(c *company, item string) (memo string, set func()) {
	var f *fact
	memo = w.plant("memo of an answer", func(r reader) bool {
		return c.role(w, r) >= web.Viewer || c.memos[item] == f && w.shown(c, "answers")(r)
	})
	f = w.facts[memo]
	return memo, func() { c.memos[item] = f }
}

// revision is that of the answer that stands.
func (w *world) revision(c *company, item string) (n int) {
	w.must(w.DB.Read(context.Background(), func(ctx context.Context) error {
		all, err := w.Assess.Answers(ctx, c.id, pack25)
		n = all[item].Revision
		return err
	}))
	return n
}

// did counts what succeeded, so that a report tells what a hunt could not have met.
func (w *world) did(what string) { w.sightings["done: "+what]++ }

// leavesRooms is what the model says of seats and calendars of somebody who left.
func (w *world) leavesRooms(c *company, p *person) {
	for _, f := range c.frozen {
		for _, s := range f.seats {
			s.over = s.over || s.by == p || s.specialist == p
		}
	}
	for _, k := range w.calendars {
		k.over = k.over || k.org == c && k.by == p
	}
}
