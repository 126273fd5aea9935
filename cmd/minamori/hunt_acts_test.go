package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"time"

	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/web"
)

// act is something that somebody does. It says nothing when nobody can do it now.
type act struct {
	name string
	do   func(w *world, rt *rapid.T)
}

// acts are what happens in a world. Some stand in it twice, so that there is
// something to take away.
func acts() []act {
	return []act{
		{"answer", (*world).answers}, {"answer again", (*world).answers},
		{"evidence", (*world).addsEvidence}, {"evidence goes", (*world).dropsEvidence},
		{"list", (*world).lists}, {"numbers", (*world).keepsNumbers}, {"paper", (*world).preparesPaper},
		{"invite", (*world).invites}, {"take up", (*world).takesUp}, {"take back", (*world).takesBack},
		{"leave", (*world).leavesCompany}, {"remove", (*world).removes}, {"role", (*world).changesRole},
		{"helper", (*world).invitesHelper}, {"helper again", (*world).invitesHelper},
		{"helper comes", (*world).helperComes}, {"helper comes again", (*world).helperComes},
		{"helper goes", (*world).helperGoes}, {"advice", (*world).advises}, {"plan", (*world).plans},
		{"support", (*world).callsSupport}, {"operator", (*world).changesOperator},
		{"token", (*world).makesToken}, {"token goes", (*world).endsToken},
		{"circle", (*world).makesCircle}, {"join", (*world).joinsCircle}, {"join again", (*world).joinsCircle}, {"leave circle", (*world).leavesCircle},
		{"pause", (*world).pauses}, {"resume", (*world).resumes},
		{"webhook", (*world).addsHook}, {"webhook goes", (*world).removesHook},
		{"case", (*world).addsCase}, {"case again", (*world).addsCase}, {"contact", (*world).writesContact}, {"open", (*world).opensCompany},
		{"sheet", (*world).entersSheet}, {"letter", (*world).sendsLetter}, {"letter again", (*world).sendsLetter},
		{"claim", (*world).claims}, {"claim again", (*world).claims}, {"consent", (*world).changesConsent}, {"remind", (*world).reminds},
		{"freeze", (*world).freezes}, {"freeze again", (*world).freezes}, {"specialist", (*world).invitesSpecialist}, {"specialist again", (*world).invitesSpecialist},
		{"specialist comes", (*world).specialistComes}, {"specialist comes again", (*world).specialistComes}, {"confirm", (*world).confirms},
		{"seat ends", (*world).endsSeat}, {"snapshot goes", (*world).withdrawsSnapshot}, {"propose", (*world).proposes}, {"decide", (*world).decides},
		{"policy", (*world).writesPolicy}, {"policy again", (*world).writesPolicy}, {"approve", (*world).approvesPolicy}, {"publish", (*world).publishesPolicy}, {"hide", (*world).hidesPolicy},
		{"step", (*world).addsStep}, {"calendar", (*world).makesCalendar}, {"calendar goes", (*world).endsCalendar},
		{"record", (*world).writesRecord}, {"record again", (*world).writesRecord}, {"comment", (*world).comments}, {"comment again", (*world).comments}, {"register", (*world).registers}, {"take out", (*world).takesOut}, {"bring in", (*world).bringsIn},
		{"close", (*world).asksToClose}, {"erase", (*world).erases},
		{"time", (*world).timePasses}, {"time again", (*world).timePasses}, {"deliver", (*world).delivers}, {"deliver again", (*world).delivers},
	}
}

// furnishing is what a world may begin with.
func furnishing() []func(*world, *rapid.T) {
	return []func(*world, *rapid.T){
		(*world).answers, (*world).answers, (*world).answers, (*world).answers, (*world).addsEvidence, (*world).addsEvidence, (*world).addsEvidence, (*world).addsEvidence,
		(*world).freezes, (*world).freezes, (*world).freezes, (*world).invitesSpecialist, (*world).invitesSpecialist, (*world).specialistComes, (*world).specialistComes, (*world).confirms,
		(*world).invitesHelper, (*world).helperComes, (*world).proposes, (*world).addsStep, (*world).makesCalendar, (*world).addsStep,
		(*world).writesPolicy, (*world).writesPolicy, (*world).writesPolicy, (*world).approvesPolicy, (*world).approvesPolicy, (*world).publishesPolicy, (*world).publishesPolicy,
	}
}

// draw takes one of a list; the zero value when there is none.
func draw[T any](rt *rapid.T, what string, all []T) (one T) {
	if len(all) == 0 {
		return one
	}
	return all[rapid.IntRange(0, len(all)-1).Draw(rt, what)]
}

// actor takes a company and somebody who has a role in it.
func (w *world) actor(rt *rapid.T, floor web.Role) (*company, *person) {
	c := draw(rt, "company", w.companies)
	return c, draw(rt, "who", c.of(floor, w.people))
}

// post sends JSON as somebody and says whether it was done.
func (w *world) post(p *person, path string, body map[string]any) (map[string]any, bool) {
	b, err := json.Marshal(body)
	w.must(err)
	a := w.do(asked{session: w.signedIn(p), method: http.MethodPost, path: "/api/v1" + path, kind: "application/json", body: string(b)})
	w.say("%s POST %s %s: %d", p.name, path, b, a.Code)
	if a.Code >= 500 {
		w.t.Fatalf("POST %s %s: %d %s\n%s", path, b, a.Code, a.Body, w.log)
	}
	var out map[string]any
	_ = json.Unmarshal(a.Body.Bytes(), &out)
	return out, a.Code == http.StatusOK
}

// form sends a form as somebody: for what has no JSON face.
func (w *world) form(p *person, path, body string) bool {
	a := w.do(asked{session: w.signedIn(p), method: http.MethodPost, path: path, kind: form, body: body})
	w.say("%s POST %s %s: %d", p.name, path, body, a.Code)
	if a.Code >= 500 {
		w.t.Fatalf("POST %s: %d %s\n%s", path, a.Code, a.Body, w.log)
	}
	return a.Code == http.StatusSeeOther
}

var huntItems = []string{"1", "2", "11"}

func (w *world) answers(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	item := draw(rt, "item", huntItems)
	memo, set := w.memo(c, item)
	choice := draw(rt, "choice", []string{assess.Done, assess.Partly, assess.NotDone, assess.Unknown})
	_, ok := w.post(p, w.home(c, "/frameworks/%s/items/%s", pack25, item), map[string]any{"answer": choice, "memo": memo, "revision": w.revision(c, item)})
	if ok {
		set()
	}
}

func (w *world) addsEvidence(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	e := &evidence{item: draw(rt, "item", huntItems), secret: rapid.IntRange(0, 2).Draw(rt, "secret") == 0}
	least, kind := web.Viewer, ""
	if e.secret {
		least, kind = web.Manager, "secret "
	}
	named := w.inside(c, least)
	shown := func(r reader) bool { return !e.gone && !e.secret && w.shown(c, "files")(r) }
	name := w.plant("name of "+kind+"evidence", either(named, shown))
	e.content = w.plant("content of "+kind+"evidence", func(r reader) bool { return !e.gone && named(r) || shown(r) })
	note := w.plant("note on "+kind+"evidence", named)
	e.words = []string{name, note}
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	_ = m.WriteField("note", note)
	if e.secret {
		_ = m.WriteField("sensitivity", assess.Secret)
	}
	part, err := m.CreateFormFile("evidence", name+".pdf")
	w.must(err)
	_, _ = fmt.Fprintf(part, "%%PDF-1.4\n%% %s\n%%%%EOF\n", e.content)
	_ = m.Close()
	a := w.do(asked{session: w.signedIn(p), method: http.MethodPost, path: w.home(c, "/frameworks/%s/items/%s/evidence", pack25, e.item), kind: m.FormDataContentType(), body: b.String()})
	w.say("%s uploads %s: %d", p.name, name, a.Code)
	if a.Code == http.StatusSeeOther {
		e.id = w.value("SELECT id FROM assess_evidence WHERE name = ?", name+".pdf")
		c.files = append(c.files, e)
	}
}

func (w *world) dropsEvidence(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	e := draw(rt, "file", c.files)
	if p == nil || e == nil {
		return
	}
	if _, ok := w.post(p, w.home(c, "/frameworks/%s/items/%s/evidence/%s/remove", pack25, e.item, e.id), map[string]any{}); ok {
		e.gone = true
	}
}

func (w *world) lists(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	if rapid.Bool().Draw(rt, "site") {
		w.post(p, w.home(c, "/sites"), map[string]any{"name": w.plant("site", w.inside(c, web.Viewer)), "country": "JP", "prefecture": "21"})
		return
	}
	w.post(p, w.home(c, "/relations"), map[string]any{"kind": "parent", "name": w.plant("parent company", w.inside(c, web.Viewer))})
}

func (w *world) keepsNumbers(rt *rapid.T) {
	c, p := w.actor(rt, web.Member)
	if p == nil {
		return
	}
	rule := w.inside(c, web.Viewer)
	w.post(p, w.home(c, "/emergency/numbers"), map[string]any{
		"name":  []string{w.plant("whom to call", rule)},
		"phone": []string{"0312345678"}, "note": []string{w.plant("note on a number", rule)},
	})
}

func (w *world) preparesPaper(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	email := w.plant("address on a sheet", w.inside(c, web.Manager)) + "@example.jp"
	w.post(p, w.home(c, "/papers"), map[string]any{"act": "org.owner-invitation", "input": []string{email}})
}

func (w *world) invites(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	i := &invite{org: c, by: p, role: draw(rt, "role", []web.Role{web.Viewer, web.Member, web.Manager}), expires: w.now().Add(org.InvitationFor)}
	canary := w.plant("invited address", func(r reader) bool {
		return c.role(w, r) >= web.Manager || i.waits(w) && (r.mailbox == i.email || r.link == i.id)
	})
	i.email = canary + "@example.jp"
	out, ok := w.post(p, w.home(c, "/invitations"), map[string]any{"email": i.email, "role": i.role.String()})
	if ok {
		i.id = out["id"].(string)
		c.invited = append(c.invited, i)
	}
}

// open lists the invitations of all companies that wait.
func (w *world) openInvitations() (all []*invite) {
	for _, c := range w.companies {
		for _, i := range c.invited {
			if i.waits(w) {
				all = append(all, i)
			}
		}
	}
	return all
}

func (w *world) takesUp(rt *rapid.T) {
	i, p := draw(rt, "invitation", w.openInvitations()), draw(rt, "who", w.people)
	if i == nil || p.erased || i.org.roles[p] != web.Nobody {
		return
	}
	if w.form(p, "/invitations/"+i.id, "code="+w.Accounts.Derive("org invitation", i.id)) {
		i.over = true
		w.enters(i.org, p, i.role)
	}
}

func (w *world) takesBack(rt *rapid.T) {
	i := draw(rt, "invitation", w.openInvitations())
	if i == nil {
		return
	}
	p := draw(rt, "who", i.org.of(web.Manager, w.people))
	if p == nil {
		return
	}
	if _, ok := w.post(p, w.home(i.org, "/invitations/%s/revoke", i.id), map[string]any{}); ok {
		i.over = true
	}
}

func (w *world) leavesCompany(rt *rapid.T) {
	c, p := w.actor(rt, web.Viewer)
	if p == nil {
		return
	}
	if _, ok := w.post(p, w.home(c, "/leave"), map[string]any{}); ok {
		w.leaves(c, p)
	}
}

func (w *world) removes(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	other := draw(rt, "whom", c.of(web.Viewer, w.people))
	if _, ok := w.post(p, w.home(c, "/people/%s/remove", other.id), map[string]any{}); ok {
		w.leaves(c, other)
	}
}

func (w *world) changesRole(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	other := draw(rt, "whom", c.of(web.Viewer, w.people))
	role := draw(rt, "role", []web.Role{web.Viewer, web.Member, web.Manager})
	if _, ok := w.post(p, w.home(c, "/people/%s/role", other.id), map[string]any{"role": role.String()}); ok {
		c.roles[other] = role
	}
}

func (w *world) makesToken(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	days := rapid.IntRange(1, 20).Draw(rt, "days")
	k := &apiToken{org: c, maker: p, role: draw(rt, "role", []web.Role{web.Viewer, web.Member, web.Manager}), expires: w.now().AddDate(0, 0, days)}
	k.label = w.plant("label of a key", w.inside(c, web.Manager))
	out, ok := w.post(p, w.home(c, "/tokens"), map[string]any{"label": k.label, "role": k.role.String(), "days": days})
	if ok {
		k.secret = out["token"].(string)
		p.tokens = append(p.tokens, k)
	}
}

func (w *world) endsToken(rt *rapid.T) {
	c, p := w.actor(rt, web.Manager)
	if p == nil {
		return
	}
	var keys []*apiToken
	for _, other := range w.people {
		for _, k := range other.tokens {
			if k.org == c && !k.over {
				keys = append(keys, k)
			}
		}
	}
	k := draw(rt, "key", keys)
	if k == nil {
		return
	}
	id := w.value("SELECT id FROM auth_token WHERE label = ?", k.label)
	if _, ok := w.post(p, w.home(c, "/tokens/%s/revoke", id), map[string]any{}); ok {
		k.over = true
	}
}

func (w *world) changesOperator(rt *rapid.T) {
	p := draw(rt, "operator", w.people)
	w.must(w.Accounts.MakeOperator(context.Background(), p.email, !p.operator))
	p.operator, p.wasOperator = !p.operator, true
	w.say("%s is operator: %t", p.name, p.operator)
}

func (w *world) pauses(rt *rapid.T) {
	c := draw(rt, "company", w.companies)
	if c.closed {
		return
	}
	why := draw(rt, "why", []string{org.PausedByRestore, org.PausedByRecovery})
	w.must(w.Org.Pause(context.Background(), org.ID(c.id), why))
	c.paused[why] = true
	w.say("%s pauses", c.name)
}

func (w *world) resumes(rt *rapid.T) {
	for _, c := range w.companies {
		for why := range c.paused {
			if why == org.PausedByClosing {
				continue
			}
			w.must(w.Org.Lift(context.Background(), org.ID(c.id), why))
			delete(c.paused, why)
			w.say("%s resumes", c.name)
		}
	}
}

func (w *world) timePasses(rt *rapid.T) {
	by := draw(rt, "by", []time.Duration{time.Minute, 10 * time.Minute, time.Hour, 9 * time.Hour, 25 * time.Hour, 8 * 24 * time.Hour, 31 * 24 * time.Hour})
	*w.clock = w.clock.Add(by)
	w.say("%s pass", by)
}
