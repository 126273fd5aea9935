package main

import (
	"crypto/sha256"
	"encoding/binary"
	"net/url"

	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/web"
)

// What the staff of a circle do, and what companies let them see: how far, never
// what. And who is forgotten.

// dossier is a case at a desk.
type dossier struct {
	id, name, email string
	circle          *group
	company         *company // nil until it is opened or claimed
	claimed         bool
	letter          string // id of the last letter
	consents        bool
	stopped         bool
}

// staff is the rule "to the people of the operator from member up", for which the
// operator must still be in its circle.
func (w *world) staff(k *group) func(reader) bool {
	return func(r reader) bool { return k.operator.role(w, r) >= web.Member }
}

// mailable says that a reminder may go to the company of a case now.
func (d *dossier) mailable() bool {
	c := d.company
	return d.claimed && d.consents && !c.closed && len(c.paused) == 0 && d.circle.members[c] && !d.stopped
}

// desk takes a circle and somebody of its staff.
func (w *world) desk(rt *rapid.T) (*group, *person) {
	k := draw(rt, "circle", w.groups)
	if k == nil {
		return nil, nil
	}
	return k, draw(rt, "staff", k.operator.of(web.Member, w.people))
}

func (w *world) caseOf(rt *rapid.T) (*dossier, *person) {
	k, p := w.desk(rt)
	var own []*dossier
	for _, d := range w.cases {
		if d.circle == k {
			own = append(own, d)
		}
	}
	return draw(rt, "case", own), p
}

func (w *world) at(d *dossier, rest string) string {
	return w.home(d.circle.operator, "/circles/%s/desk/cases/%s%s", d.circle.id, d.id, rest)
}

func (w *world) addsCase(rt *rapid.T) {
	k, p := w.desk(rt)
	if p == nil || len(w.cases) > 6 {
		return
	}
	d := &dossier{circle: k}
	rule := w.staff(k)
	d.name = w.plant("name at a desk", func(r reader) bool {
		return rule(r) || r.link == d.id || d.mailable() && r.mailbox == d.email
	})
	d.email = w.plant("address at a desk", func(r reader) bool { return rule(r) || d.mailable() && r.mailbox == d.email }) + "@example.jp"
	_, ok := w.post(p, w.home(k.operator, "/circles/%s/desk/cases", k.id), map[string]any{
		"name": d.name, "kind": "company", "email": d.email, "member_number": w.plant("member number", rule),
		"person": w.plant("contact person at a desk", rule), "phone": "0312345678", "address": w.plant("postal address at a desk", rule), "note": w.plant("note at a desk", rule),
	})
	if ok {
		d.id = w.value("SELECT id FROM desk_case WHERE name = ?", d.name)
		w.cases = append(w.cases, d)
	}
}

func (w *world) writesContact(rt *rapid.T) {
	d, p := w.caseOf(rt)
	if d == nil || p == nil {
		return
	}
	rule := w.staff(d.circle)
	w.post(p, w.at(d, "/contacts"), map[string]any{
		"kind": "phone", "words": w.plant("what was said on the telephone", rule), "next_date": "2026-11-20", "next_note": w.plant("what comes next", rule),
	})
}

func (w *world) opensCompany(rt *rapid.T) {
	d, p := w.caseOf(rt)
	if d == nil || p == nil {
		return
	}
	if _, ok := w.post(p, w.at(d, "/open"), map[string]any{}); ok && d.company == nil {
		w.known(d)
	}
}

// known makes the company of a case one of the world.
func (w *world) known(d *dossier) {
	c := emptyCompany(d.name)
	c.id = w.value("SELECT company_id FROM desk_case WHERE id = ?", d.id)
	d.company = c
	w.companies = append(w.companies, c)
	w.widen(c.name, w.aboutName(c))
}

// enters on behalf: whose words an answer is stands beside it for the company,
// and for the desk as long as nobody has claimed it.
func (w *world) entersSheet(rt *rapid.T) {
	d, p := w.caseOf(rt)
	if d == nil || p == nil || d.company == nil {
		return
	}
	words := w.plant("whose words an answer is", func(r reader) bool {
		return d.company.role(w, r) >= web.Viewer || !d.claimed && w.staff(d.circle)(r)
	})
	item := draw(rt, "item", huntItems)
	if _, ok := w.post(p, w.at(d, "/entry"), map[string]any{"words": words, "channel": "phone", "told": "2026-11-01", "answers": map[string]string{item: "done"}}); ok {
		d.company.told[item] = w.facts[words]
	}
}

func (w *world) sendsLetter(rt *rapid.T) {
	d, p := w.caseOf(rt)
	if d == nil || p == nil || d.claimed {
		return
	}
	if _, ok := w.post(p, w.at(d, "/letter"), map[string]any{}); ok {
		d.letter = w.value("SELECT id FROM desk_letter WHERE case_id = ? AND used_at IS NULL AND revoked_at IS NULL", d.id)
	}
}

// letterCode is the code that is printed on a letter.
func (w *world) letterCode(id string) string {
	const signs = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	sum := sha256.Sum256([]byte(w.Accounts.Derive("desk letter code", id)))
	bits, code := binary.BigEndian.Uint64(sum[:8]), ""
	for i := range 12 {
		code += string(signs[bits>>(59-5*i)&31])
	}
	return code
}

func (w *world) claims(rt *rapid.T) {
	d, p := draw(rt, "case", w.cases), draw(rt, "who", w.people)
	if d == nil || d.letter == "" || d.claimed || p.erased {
		return
	}
	share := rapid.IntRange(0, 3).Draw(rt, "share") > 0
	claim := url.Values{"number": {w.value("SELECT number FROM desk_letter WHERE id = ?", d.letter)}, "code": {w.letterCode(d.letter)}, "keep": {"keep"}}
	if share {
		claim.Set("share", "true")
		claim.Set("behalf", "true")
	}
	if !w.form(p, "/claim", claim.Encode()) {
		return
	}
	if d.company == nil {
		w.known(d)
	}
	c, k := d.company, d.circle
	d.claimed = true
	w.enters(c, p, web.Owner)
	if d.consents = share; share {
		k.members[c], k.ever[c] = true, true
	}
	// The company sees which desk has a case of it, and who looked.
	theirs := w.inside(c, web.Viewer)
	w.widen(k.name, theirs)
	w.widen(k.operator.name, func(r reader) bool { return theirs(r) || d.mailable() && r.mailbox == d.email })
	for p := range k.operator.ever {
		w.widen(p.name, theirs)
	}
}

func (w *world) changesConsent(rt *rapid.T) {
	d := draw(rt, "case", w.cases)
	if d == nil || !d.claimed {
		return
	}
	p := draw(rt, "who", d.company.of(web.Manager, w.people))
	if p == nil {
		return
	}
	if rapid.Bool().Draw(rt, "gives") {
		if _, ok := w.post(p, w.home(d.company, "/desk/%s/consent", d.circle.id), map[string]any{"behalf": true}); ok {
			d.consents = true
			d.circle.members[d.company], d.circle.ever[d.company] = true, true
		}
		return
	}
	if _, ok := w.post(p, w.home(d.company, "/desk/%s/revoke", d.circle.id), map[string]any{}); ok {
		d.consents = false
	}
}

func (w *world) reminds(rt *rapid.T) {
	k, p := w.desk(rt)
	if p != nil {
		w.post(p, w.home(k.operator, "/circles/%s/desk/reminders", k.id), map[string]any{})
	}
}

// asksToClose asks for a company to be closed, or calls it off.
func (w *world) asksToClose(rt *rapid.T) {
	c, p := w.actor(rt, web.Owner)
	if p == nil {
		return
	}
	if c.paused[org.PausedByClosing] {
		if _, ok := w.post(p, w.home(c, "/closing/call-off"), map[string]any{}); ok {
			delete(c.paused, org.PausedByClosing)
		}
		return
	}
	if _, ok := w.post(p, w.home(c, "/closing"), map[string]any{}); ok {
		c.paused[org.PausedByClosing] = true
	}
}

// erases has somebody forgotten, if no company is left without an owner.
func (w *world) erases(rt *rapid.T) {
	p := draw(rt, "who", w.people)
	if p.erased || rapid.IntRange(0, 2).Draw(rt, "really") > 0 {
		return
	}
	if _, ok := w.post(p, "/account/erase", map[string]any{}); !ok {
		return
	}
	session := p.session
	for _, c := range w.companies {
		w.leavesRooms(c, p)
		if c.roles[p] != web.Nobody {
			w.leaves(c, p)
		}
		for _, g := range c.grants {
			g.over = g.over || g.helper == p || g.by == p
		}
		for _, i := range c.invited {
			i.over = i.over || i.by == p
		}
	}
	p.erased, p.operator, p.session = true, false, ""
	p.dead = append(p.dead, session)
}
