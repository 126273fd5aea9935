package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/web"
)

// Who may, by route and by who asks (threats T2, T4, T9, T19, T21). What is
// expected follows from the role that the table states and from the rules below;
// testdata/access.txt holds what was decided for each route, so that a new one is
// decided knowingly.

// rule says to whom a route answers.
type rule string

const (
	everybody rule = "everybody"
	signedIn  rule = "whoever is signed in"
	byGrant   rule = "the helper of an open grant, never by a key"
	bySeat    rule = "the specialist of an open seat, never by a key"
	onlyHis   rule = "whose it is, never by a key"
	operators rule = "operators, never by a key"
	byCall    rule = "operators while the company lets support look, never by a key"
	byRole    rule = "people of the company from the role up"
)

// hisOwn are the routes that belong to a person although no company stands in
// their path. Every other one with an id in it must be public or of an operator.
var hisOwn = map[string]rule{
	"/helping": onlyHis, "/helping/": byGrant, "/closings": onlyHis, "/closings/": onlyHis, "/account": onlyHis, "/account/": onlyHis,
	"/invitations/": onlyHis, "/help-invitations/": onlyHis, "/step-up": onlyHis, "/step-up/": onlyHis, "/passkeys/": onlyHis, "/people-here/": onlyHis,
	"/recovery/": onlyHis, "/recover/": onlyHis, "/orgs": signedIn, "/orgs/new": signedIn, "/claim": onlyHis,
	"/review-invitations/": onlyHis, "/reviewing": onlyHis, "/reviewing/": bySeat, "/reviewing/confirmations/": onlyHis, "/exchange/companies.xlsx": onlyHis,
}

// decide is the rule for a route, "" when nobody has decided.
func decide(r web.Route) rule {
	switch {
	case strings.Contains(r.Path, "{org}"):
		return byRole
	case strings.HasPrefix(r.Path, "/operator/support/{grant}"):
		return byCall
	case r.Role == web.Operator:
		return operators
	case r.Role == web.Public:
		return everybody
	}
	best := ""
	for prefix := range hisOwn {
		whole := prefix == r.Path || strings.HasSuffix(prefix, "/") && strings.HasPrefix(r.Path, prefix)
		if whole && len(prefix) > len(best) {
			best = prefix
		}
	}
	return hisOwn[best]
}

// outcome is what happens to a request, as far as rights go.
type outcome string

const (
	in       outcome = "admitted"
	unknown  outcome = "404" // it is not told that there is anything
	tooSmall outcome = "403"
	noLogin  outcome = "login"
)

// asker is somebody who tries every route.
type asker struct {
	name     string
	account  string
	session  string // "" for a new one of the account
	key      string
	keyRole  web.Role
	writes   bool
	role     web.Role // in company a
	operator bool
	grant    string // a grant of company a of which he is or was the helper
	helps    bool   // that grant is open
	sits     bool   // holds the specialist's seat
	dead     bool   // what he shows has ended
}

// expected is what the rules say.
func expected(r web.Route, a asker) outcome {
	d := decide(r)
	switch {
	case d == everybody && !(a.dead && a.key != ""):
		return in
	case a.dead || a.account == "":
		return noLogin
	case d == byRole:
		return expectedInside(r, a)
	case a.key != "" && d == signedIn && r.Method == http.MethodGet:
		return in
	case a.key != "" && (d == operators || d == byCall):
		return unknown
	case a.key != "" && (r.StepUp || r.Method == http.MethodPost):
		return tooSmall // a key speaks for a company and not for a person
	case d == bySeat && !a.sits:
		return unknown
	case a.key != "", d == operators && !a.operator, d == byCall && !a.operator, d == byGrant && !a.helps:
		return unknown
	}
	return in
}

func expectedInside(r web.Route, a asker) outcome {
	role := a.role
	if a.key != "" {
		role = min(role, a.keyRole)
	}
	switch {
	case role == web.Nobody:
		return unknown
	case role < r.Role, a.key != "" && (r.StepUp || r.Method == http.MethodPost && !a.writes):
		return tooSmall
	}
	return in
}

// happened reads the outcome off an answer.
func happened(w *httptest.ResponseRecorder) outcome {
	led := w.Header().Get("Location")
	switch {
	case w.Code == http.StatusUnauthorized, w.Code == http.StatusSeeOther && strings.HasPrefix(led, "/login?next="):
		return noLogin
	case w.Code == http.StatusNotFound:
		return unknown
	case w.Code == http.StatusForbidden, w.Code == http.StatusSeeOther && strings.HasPrefix(led, "/step-up"):
		return tooSmall
	}
	return in
}

// TestAccessIsDecided fails when a route is new or has changed and nobody said
// whom it is for.
func TestAccessIsDecided(t *testing.T) {
	s := newStage(t, Store{})
	var lines []string
	for _, r := range s.Routes {
		d := decide(r)
		if d == "" {
			t.Errorf("%s: decide in access_test.go whose it is", name(r))
		}
		line := name(r) + ": " + string(d)
		if d == byRole {
			line = fmt.Sprintf("%s: %s and up", name(r), r.Role)
		}
		if r.StepUp {
			line += ", with a fresh login"
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	golden(t, "testdata/access.txt", []byte(strings.Join(lines, "\n")+"\n"))
}

// TestAccess tries every route, on both faces, as everybody.
func TestAccess(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		askers := s.askers()
		before := s.digest()
		for _, a := range askers {
			s.tryAll(t, a)
		}
		after := s.digest()
		for table := range before {
			looks := strings.HasPrefix(table, "journal_") || strings.HasSuffix(table, "_look") || table == "auth_session" || table == "auth_token" || strings.HasPrefix(table, "limit_")
			if !looks && before[table] != after[table] {
				t.Errorf("%s has changed although all that was admitted was reading", table)
			}
		}
	})
}

// tryAll makes all requests of somebody. What would be admitted and changes
// something is left to the tests of the rooms.
func (s *stage) tryAll(t *testing.T, a asker) {
	t.Helper()
	session, n := a.session, 0
	if session == "" && a.account != "" && a.key == "" {
		session = s.login(a.account)
	}
	kept := s.ids["{grant}"]
	if a.grant != "" {
		s.ids["{grant}"] = a.grant
	}
	defer func() { s.ids["{grant}"] = kept }()
	for _, r := range s.Routes {
		want := expected(r, a)
		if want == in && r.Method == http.MethodPost {
			continue
		}
		for _, q := range s.faces(r, s.a) {
			api := strings.HasPrefix(q.path, "/api/")
			if a.key != "" && !api {
				continue
			}
			q.session, q.token = session, a.key
			w := s.do(q)
			if w.Code == http.StatusTooManyRequests { // a stranger tries much
				*s.clock = s.clock.Add(10 * time.Minute)
				w = s.do(q)
			}
			n++
			if got := happened(w); got != want && !s.missing(r, want, got) {
				t.Errorf("%s %s as %s: %s (%d), want %s: %.200s", q.method, q.path, a.name, got, w.Code, want, w.Body)
			}
		}
	}
	t.Logf("%5d requests as %s", n, a.name)
}

// lacking are routes at which those who may get a refusal for another reason on
// this stage: company a is no body that vouches, and a form needs to know its act.
var lacking = []string{
	"GET /recovery/take", "GET /orgs/{org}/papers/new", "GET /orgs/{org}/vouching/new", "GET /orgs/{org}/vouching/{proof}/end",
	"GET /orgs/{org}/circles/{circle}/desk/import/{import}", // its list was thrown away meanwhile
	"GET /orgs/{org}/qualification-checks", "GET /orgs/{org}/plan/new",
	"GET /orgs/{org}/policies/{policy}/publish", "GET /orgs/{org}/policies/{policy}/unpublish", "GET /orgs/{org}/policies/{policy}/withdraw",
	// What is kept for a day is over on the clock of this test.
	"GET /orgs/{org}/exchange/intakes/{intake}", "GET /orgs/{org}/exchange/takeouts/{takeout}", "GET /orgs/{org}/exchange/takeouts/{takeout}/all.xlsx",
	"GET /orgs/{org}/records/ledgers/{ledger}/lists/{list}",
}

// missing excuses a refusal for what the stage has not got: an id that stands for
// nothing, a link without its code.
func (s *stage) missing(r web.Route, want, got outcome) bool {
	if want != in || got == noLogin {
		return false
	}
	if slices.Contains(lacking, name(r)) || strings.Contains(s.path(r, s.a), "/nobody") {
		return true
	}
	return r.Role == web.Public && slices.ContainsFunc([]string{"/invitations/", "/help-invitations/", "/review-invitations/", "/calendar/", "/reminders/", "/recover", "/recovery/", "/account/new", "/account/confirm", "/setup"},
		func(link string) bool { return strings.HasPrefix(r.Path, link) })
}

// askers are everybody who has, had or never had something to do with company a.
func (s *stage) askers() []asker {
	s.t.Helper()
	ctx := context.Background()
	owner, home := s.login(s.cast["owner"]), "/orgs/"+s.a
	people := []asker{
		{name: "foreign owner", account: s.ownB},
		{name: "operator", account: s.cast["operator"], operator: true},
		{name: "helper with a grant", account: s.cast["helper"], grant: s.ids["{grant}"], helps: true, sits: true},
		{name: "staff of a circle of the company", account: s.value("SELECT MAX(account_id) FROM org_member WHERE role = 'owner' AND org_id = (SELECT MAX(helper_org_id) FROM helper_grant WHERE id = ?)", s.ids["{grant}"])},
	}
	for _, role := range []web.Role{web.Viewer, web.Member, web.Manager, web.Owner} {
		people = append(people, asker{name: role.String(), account: s.cast[role.String()], role: role})
	}
	for _, role := range []web.Role{web.Viewer, web.Member, web.Manager} {
		for _, writes := range []bool{false, true} {
			key := secretOf(s.t, s.send(owner, home+"/tokens", map[string]any{"label": "鍵", "role": role.String(), "write": writes, "days": 90}))
			people = append(people, asker{
				name: fmt.Sprintf("key of role %s, writing: %t", role, writes), account: s.cast["owner"], key: key, keyRole: role, writes: writes, role: web.Owner,
			})
		}
	}
	foreign := secretOf(s.t, s.send(s.login(s.ownB), "/orgs/"+s.b+"/tokens", map[string]any{"label": "鍵", "role": "manager", "write": true, "days": 90}))
	people = append(people, asker{name: "key of a foreign company", account: s.ownB, key: foreign, keyRole: web.Manager, writes: true})

	people = append(people, s.formerHelpers(owner)...)
	former := s.somebodyNew("former")
	s.must(s.Org.AddMember(ctx, org.ID(s.a), former, web.Manager))
	his := s.login(former)
	key := secretOf(s.t, s.send(his, home+"/tokens", map[string]any{"label": "私の鍵", "role": "manager", "write": true, "days": 30}))
	s.send(s.login(s.cast["owner"]), home+"/people/"+former+"/remove", map[string]any{})
	people = append(people,
		asker{name: "left member, logged in anew", account: former},
		asker{name: "left member, in his old session", account: former, session: his, dead: true},
		asker{name: "left member, with his key", account: former, key: key, dead: true},
		asker{name: "nobody"},
	)
	return people
}

// formerHelpers are two whose grants are over: by time, and taken back. The
// support grant of the stage, which ended meanwhile, is given anew.
func (s *stage) formerHelpers(owner string) []asker {
	s.t.Helper()
	home := "/orgs/" + s.a
	late, _ := s.helpsFor(owner, "late", 1, "profile", "answers")
	gone, grant := s.helpsFor(owner, "gone", 30, "profile", "answers")
	s.send(owner, home+"/helpers/"+grant+"/revoke", map[string]any{})
	*s.clock = s.clock.Add(25 * time.Hour)
	call := s.send(s.login(s.cast["owner"]), home+"/helpers/support", map[string]any{"parts": []string{"profile", "answers", "files"}, "hours": 72, "reason": "もう一度お願いします。"})
	s.ids["support"] = call["id"].(string)
	last := s.value("SELECT MAX(id) FROM helper_grant WHERE account_id = ?", late)
	return []asker{
		{name: "helper whose grant is over", account: late, grant: last},
		{name: "helper whose grant was taken back", account: gone, grant: grant},
	}
}

// helpsFor lets somebody new help company a.
func (s *stage) helpsFor(owner, mailbox string, days int, parts ...string) (account, grant string) {
	s.t.Helper()
	account = s.somebodyNew(mailbox)
	out := s.send(owner, "/orgs/"+s.a+"/helpers", map[string]any{"email": mailbox + "@example.jp", "parts": parts, "days": days, "reason": "見てください。"})
	grant = out["id"].(string)
	code := url.Values{"code": {s.Accounts.Derive("helper invitation", grant)}, "name": {"支援"}, "organisation": {"支援の会（架空）"}}
	w := s.do(asked{session: s.login(account), method: http.MethodPost, path: "/help-invitations/" + grant, kind: form, body: code.Encode()})
	if w.Code != http.StatusSeeOther {
		s.t.Fatalf("%d %s", w.Code, w.Body)
	}
	return account, grant
}

func (s *stage) somebodyNew(mailbox string) string {
	s.t.Helper()
	a, err := s.Accounts.CreateAccount(context.Background(), auth.Person{Name: mailbox, Email: "new-" + mailbox + "@example.jp"}, false)
	s.must(err)
	return a.ID
}

func (s *stage) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// TestKeysOfJSON: what shows a company to somebody outside has the keys that were
// decided, part by part, and no others (threats T3).
func TestKeysOfJSON(t *testing.T) {
	s := newStage(t, Store{})
	owner := s.login(s.cast["owner"])
	item := "/frameworks/" + pack25 + "/items/11"
	revision := s.value("SELECT CAST(revision AS TEXT) FROM assess_answer WHERE org_id = ? AND pack = ? AND item = '11'", s.a, pack25)
	s.send(owner, "/orgs/"+s.a+item, map[string]any{"answer": "done", "memo": "覚え書きです。", "revision": json.Number(revision)})
	for name, parts := range map[string][]string{"profile": {"profile"}, "answers": {"answers"}, "files": {"answers", "files"}} {
		call := s.send(owner, "/orgs/"+s.a+"/helpers/support", map[string]any{"parts": parts, "hours": 24, "reason": "見てください。"})
		s.ids["support"] = call["id"].(string)
		helper, grant := s.helpsFor(owner, name, 30, parts...)
		s.ids["{grant}"] = grant
		if name != "profile" {
			s.send(s.login(helper), "/helping/"+grant+item+"/advice", map[string]any{"advice": "よくできています。"})
		}
		s.send(s.login(helper), "/helping/"+grant+"/plan", map[string]any{"call_on": "2030-01-01", "memo": "電話する"})
		keys := s.keysAt(t, "/operator/support", s.login(s.cast["operator"]))
		maps.Copy(keys, s.keysAt(t, "/helping", s.login(helper)))
		b, err := json.MarshalIndent(keys, "", "  ")
		s.must(err)
		golden(t, "testdata/keys-"+name+".json", append(b, '\n'))
	}
}

// keysAt are the keys that somebody gets at the JSON routes that begin so.
func (s *stage) keysAt(t *testing.T, prefix, session string) map[string][]string {
	keys := map[string][]string{}
	for _, r := range s.Routes {
		if r.View == nil || r.PageOnly || r.Method != http.MethodGet || !strings.HasPrefix(r.Path, prefix) {
			continue
		}
		a := s.faces(r, s.a)[1]
		a.session = session
		keys[name(r)] = keysIn(t, s.do(a))
	}
	return keys
}

// keysIn lists the keys of an answer with the way to them; a refusal is its status.
func keysIn(t *testing.T, w *httptest.ResponseRecorder) []string {
	t.Helper()
	if w.Code != http.StatusOK {
		return []string{fmt.Sprint(w.Code)}
	}
	var v any
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	collectKeys(v, "", found)
	return sortedKeys(found)
}

func collectKeys(v any, at string, found map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, inside := range v {
			found[at+k] = true
			collectKeys(inside, at+k+".", found)
		}
	case []any:
		for _, inside := range v {
			collectKeys(inside, at, found)
		}
	}
}

func TestRulesOfAccess(t *testing.T) {
	probe := func(role web.Role, path string, method string) web.Route {
		return web.Route{Method: method, Path: path, Role: role}
	}
	page := probe(web.Manager, "/orgs/{org}/journal", http.MethodGet)
	got := map[string]outcome{
		"manager":        expected(page, asker{account: "x", role: web.Manager}),
		"viewer":         expected(page, asker{account: "x", role: web.Viewer}),
		"stranger":       expected(page, asker{account: "x"}),
		"operator":       expected(page, asker{account: "x", operator: true}),
		"helper":         expected(page, asker{account: "x", helps: true}),
		"nobody":         expected(page, asker{}),
		"viewer's key":   expected(page, asker{account: "x", role: web.Owner, key: "k", keyRole: web.Viewer}),
		"helper's grant": expected(probe(web.SignedIn, "/helping/{grant}", http.MethodGet), asker{account: "x", helps: true}),
		"other's grant":  expected(probe(web.SignedIn, "/helping/{grant}", http.MethodGet), asker{account: "x", role: web.Owner}),
		"not decided":    outcome(decide(probe(web.SignedIn, "/new/{thing}", http.MethodGet))),
	}
	want := map[string]outcome{
		"manager": in, "viewer": tooSmall, "stranger": unknown, "operator": unknown, "helper": unknown, "nobody": noLogin,
		"viewer's key": tooSmall, "helper's grant": in, "other's grant": unknown, "not decided": "",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
