package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

var update = flag.Bool("update", false, "write the golden files anew")

// golden holds got against a file, or writes it with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s has changed; if that is meant, run go test ./cmd/minamori -update and say why in the commit (-want +got):\n%s", file, diff)
	}
}

func name(r web.Route) string { return r.Method + " " + r.Path }

func TestEveryRouteHasRoleAndText(t *testing.T) {
	s := newStage(t, Store{})
	seen := map[string]bool{}
	for _, r := range s.Routes {
		if r.Role == web.Nobody || !strings.HasSuffix(r.Doc, ".") || len(r.Doc) < 10 {
			t.Errorf("%s: role %s, text %q", name(r), r.Role, r.Doc)
		}
		if seen[name(r)] {
			t.Errorf("%s stands in the table twice", name(r))
		}
		seen[name(r)] = true
		if strings.Contains(r.Path, "{org}") && (r.Role == web.Operator || !r.Role.InOrganisation()) {
			t.Errorf("%s admits %s to an organisation", name(r), r.Role)
		}
	}
	if len(seen) < 70 {
		t.Errorf("only %d routes", len(seen))
	}
}

// The acts that ask who it is once more, each with the reason in
// docs/security.md (threats T20): a list that is changed knowingly.
func TestStepUpActs(t *testing.T) {
	want := []string{
		"GET /account/email", "POST /account/email", // mail address
		"POST /account/codes", "GET /account/password", "POST /account/password", "POST /account/password/remove", "GET /account/ways",
		"POST /account/passkeys/{id}/remove", "POST /passkeys/register/begin", "POST /passkeys/register/finish", // passkey
		"GET /orgs/{org}/invitations/owner", "POST /orgs/{org}/invitations/owner", // invite owner
		"GET /orgs/{org}/people/{account}/owner", "POST /orgs/{org}/people/{account}/owner", // grant
		"GET /orgs/{org}/helpers/new", "POST /orgs/{org}/helpers", "GET /orgs/{org}/helpers/support", "POST /orgs/{org}/helpers/support", // let somebody outside look
		"GET /orgs/{org}/helpers/{grant}/extend", "POST /orgs/{org}/helpers/{grant}/extend",
		"GET /orgs/{org}/tokens/new", "POST /orgs/{org}/tokens", // token
		"GET /account/old-ways", "POST /account/old-ways/remove", "POST /account/providers/{id}/remove", "POST /account/ways/with/{provider}", // ways in
		"GET /orgs/{org}/binding/{proof}/end", "POST /orgs/{org}/binding/{proof}/end", "GET /orgs/{org}/binding/withdraw", "POST /orgs/{org}/binding/withdraw", // what others rely on
		"GET /orgs/{org}/vouching/new", "POST /orgs/{org}/vouching", "GET /orgs/{org}/vouching/{proof}/end", "POST /orgs/{org}/vouching/{proof}/end", // vouch for others
		"GET /operator/bodies", "POST /operator/bodies", "POST /operator/bodies/{body}/end", // who may vouch
		"GET /operator/disputes/{dispute}", "GET /operator/disputes/{dispute}/papers/{paper}", "POST /operator/disputes/{dispute}/choose", // decide a dispute
		"GET /orgs/{org}/webhooks/new", "POST /orgs/{org}/webhooks", "GET /orgs/{org}/webhooks/{webhook}/rotate", "POST /orgs/{org}/webhooks/{webhook}/rotate", // secret
		"GET /orgs/{org}/journal/export",                                                               // export all
		"POST /orgs/{org}/closing", "GET /orgs/{org}/closing/export", "GET /closings/{closing}/export", // close, export all
		"GET /account/erase", "POST /account/erase", // erase
		"POST /orgs/{org}/sharing/resume",                                                                                               // share again
		"POST /orgs/{org}/recovery/code", "POST /operator/recoveries/{recovery}/letter", "POST /operator/recoveries/{recovery}/approve", // give a company an owner
		"POST /orgs/{org}/papers/{sheet}/signed",                                                  // does an act of the owner
		"GET /orgs/{org}/policies/{policy}/approve", "POST /orgs/{org}/policies/{policy}/approve", // what the company says in its name
		"GET /orgs/{org}/policies/{policy}/publish", "POST /orgs/{org}/policies/{policy}/publish",
		"GET /orgs/{org}/policies/{policy}/unpublish", "POST /orgs/{org}/policies/{policy}/unpublish",
		"GET /orgs/{org}/policies/{policy}/withdraw", "POST /orgs/{org}/policies/{policy}/withdraw",
		"GET /orgs/{org}/plan/calendars/new", "POST /orgs/{org}/plan/calendars", // an address is a token
		"GET /orgs/{org}/snapshots/{snapshot}/erase", "POST /orgs/{org}/snapshots/{snapshot}/erase",
		"GET /orgs/{org}/snapshots/{snapshot}/oath", "POST /orgs/{org}/snapshots/{snapshot}/oath", // swear
		"GET /orgs/{org}/snapshots/{snapshot}/specialists/new", "POST /orgs/{org}/snapshots/{snapshot}/specialists", // let somebody outside look
		"GET /orgs/{org}/board/goals", "POST /orgs/{org}/board/goals", // what the owner wants
		"POST /orgs/{org}/qualification-checks",                                                  // vouch for a person
		"POST /operator/workbooks/{workbook}/keep", "POST /operator/workbooks/{workbook}/remove", // what all companies see
	}
	s := newStage(t, Store{})
	var got []string
	for _, r := range s.Routes {
		if r.StepUp {
			got = append(got, name(r))
		}
	}
	slices.Sort(want)
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("step-up acts (-want +got):\n%s", diff)
	}
	owner, operator := s.login(s.cast["owner"]), s.login(s.cast["operator"])
	*s.clock = s.clock.Add(web.StepUpFor + time.Second)
	for _, r := range s.Routes {
		if !r.StepUp {
			continue
		}
		for _, a := range s.faces(r, s.a) {
			a.session = owner
			if r.Role == web.Operator {
				a.session = operator
			}
			w := s.do(a)
			led := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/step-up")
			if w.Code != http.StatusForbidden && !led {
				t.Errorf("%s %s after five minutes: %d", a.method, a.path, w.Code)
			}
		}
	}
}

// A stranger is sent to the login; the API says 401; nobody is told what exists.
func TestStrangersComeNowhere(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		for _, r := range s.Routes {
			if r.Role == web.Public {
				continue
			}
			for _, a := range s.faces(r, s.a) {
				w := s.do(a)
				led := w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/login?next=") && a.method == http.MethodGet
				if w.Code != http.StatusUnauthorized && !led && w.Code != http.StatusTooManyRequests {
					t.Errorf("%s %s without login: %d", a.method, a.path, w.Code)
				}
				if w.Code == http.StatusTooManyRequests {
					*s.clock = s.clock.Add(5 * time.Minute)
					if w = s.do(a); w.Code != http.StatusUnauthorized {
						t.Errorf("%s %s without login: %d after a wait", a.method, a.path, w.Code)
					}
				}
			}
		}
	})
}

// The owner of another company gets 404 on every route of this one, on both
// faces; so does the operator, who has no right in any organisation; and so does
// everybody for a company that does not exist.
func TestForeignersGet404(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		before := s.digest()
		who := map[string]string{"owner of another company": s.login(s.ownB), "operator": s.login(s.cast["operator"])}
		after := s.digest()
		n := 0
		for _, r := range s.Routes {
			if !strings.Contains(r.Path, "{org}") {
				continue
			}
			for whom, session := range who {
				for _, a := range append(s.faces(r, s.a), s.faces(r, "doesnotexist")...) {
					a.session = session
					w := s.do(a)
					n++
					if w.Code != http.StatusNotFound || strings.Contains(w.Body.String(), named[0].Name) {
						t.Errorf("%s %s as %s: %d", a.method, a.path, whom, w.Code)
					}
				}
			}
		}
		if before["auth_session"] == after["auth_session"] {
			t.Error("the digest does not see a login")
		}
		if diff := cmp.Diff(after, s.digest()); diff != "" {
			t.Errorf("foreigners changed something (-want +got):\n%s", diff)
		}
		t.Logf("%d requests of foreigners refused", n)
	})
}

// In his own company nobody reaches what is another's by its id.
func TestForeignIdsGet404(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		owner := s.login(s.ownB)
		before := s.digest()
		n := 0
		for _, r := range s.Routes {
			rest := strings.NewReplacer("{org}", "", "{pack}", "", "{item}", "", "{$}", "",
				"{ledger}", "", "{form}", "", "{duty}", "", "{criteria}", "", "{requirement}", "", "{chapter}", "").Replace(r.Path)
			if !strings.Contains(r.Path, "{org}") || !strings.Contains(rest, "{") {
				continue
			}
			for _, a := range s.faces(r, s.b) {
				a.session = owner
				if a.method == http.MethodPost && r.Path == "/orgs/{org}/people/{account}/role" {
					a.body = map[bool]string{true: `{"role":"viewer"}`, false: "role=viewer"}[strings.HasPrefix(a.path, "/api")]
				}
				w := s.do(a)
				n++
				if w.Code != http.StatusNotFound {
					t.Errorf("%s %s: %d %.300s", a.method, a.path, w.Code, w.Body)
				}
			}
		}
		if n < 15 {
			t.Errorf("only %d requests", n)
		}
		if diff := cmp.Diff(before, s.digest()); diff != "" {
			t.Errorf("foreign ids changed something (-want +got):\n%s", diff)
		}
	})
}

// Who has too small a role in his company is told so, and nothing happens.
func TestRolesAreFloors(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		roles := []web.Role{web.Viewer, web.Member, web.Manager}
		sessions := map[web.Role]string{}
		for _, role := range roles {
			sessions[role] = s.login(s.cast[role.String()])
		}
		before := s.digest()
		n := 0
		for _, r := range s.Routes {
			for _, role := range roles {
				if !r.Role.InOrganisation() || role >= r.Role {
					continue
				}
				for _, a := range s.faces(r, s.a) {
					a.session = sessions[role]
					n++
					if w := s.do(a); w.Code != http.StatusForbidden {
						t.Errorf("%s %s as %s: %d", a.method, a.path, role, w.Code)
					}
				}
			}
		}
		if diff := cmp.Diff(before, s.digest()); diff != "" {
			t.Errorf("something changed (-want +got):\n%s", diff)
		}
		for _, r := range s.Routes {
			writes := r.Method == http.MethodPost && r.Role == web.Viewer
			if writes && r.Path != "/orgs/{org}/leave" {
				t.Errorf("%s lets a viewer write", name(r))
			}
		}
		t.Logf("%d requests of people with too small a role refused", n)
	})
}

var (
	hasID    = regexp.MustCompile(`\sid="([^"]*)"`)
	hasTitle = regexp.MustCompile(`<title>[^<]+</title>`)
	hasH1    = regexp.MustCompile(`<h1[ >]`)
	hasStyle = regexp.MustCompile(`<[^>]*\sstyle=|<style`)
	hasEvent = regexp.MustCompile(`<[^>]*\s(on[a-z]+|hx-on[^=]*)=|<script[^>]*>[^<]`)
	hasLang  = regexp.MustCompile(`<html[^>]* lang="([^"]+)"`)
)

// flaws holds a page against the rules of all pages.
func flaws(page string, l i18n.Lang) (found []string) {
	ids := map[string]bool{}
	for _, m := range hasID.FindAllStringSubmatch(page, -1) {
		if ids[m[1]] {
			found = append(found, "twice the id "+m[1])
		}
		ids[m[1]] = true
	}
	m := hasLang.FindStringSubmatch(page)
	for _, rule := range []struct {
		broken bool
		what   string
	}{
		{strings.Contains(page, "⟦"), "a text is missing"},
		{hasStyle.MatchString(page), "a style"},
		{hasEvent.MatchString(page), "an inline script"},
		{!hasTitle.MatchString(page), "no title"},
		{len(hasH1.FindAllString(page, -1)) != 1, "not exactly one h1"},
		{!strings.Contains(page, "<main") || !strings.Contains(page, `href="#main"`), "no main part, or no link to it"},
		{strings.Contains(page, "%!") || strings.Contains(page, "&lt;nil&gt;"), "a Go value"},
		{m == nil || !strings.HasPrefix(m[1], string(l)[:2]), "not its language"},
	} {
		if rule.broken {
			found = append(found, rule.what)
		}
	}
	return found
}

func TestFlawsAreFound(t *testing.T) {
	whole := `<html class="x" lang="ja"><title>題</title><a href="#main">a</a><main id="main"><h1 class="t">題</h1></main></html>`
	if got := flaws(whole, i18n.JA); got != nil {
		t.Errorf("a whole page: %v", got)
	}
	for _, broken := range []string{
		strings.Replace(whole, "題</h1>", "⟦org.name⟧</h1>", 1), strings.Replace(whole, "<main", `<main style="x"`, 1),
		strings.Replace(whole, "<main", `<main onclick="x()"`, 1), strings.Replace(whole, "<main", `<script>x()</script><main`, 1),
		strings.Replace(whole, "<title>題", "<title>", 1), strings.Replace(whole, "<h1", "<h2", 1), whole + "<h1>二</h1>",
		whole + `<p id="main">`, strings.Replace(whole, "#main", "#top", 1), whole + "%!d(string=x)", strings.Replace(whole, `"ja"`, `"en"`, 1),
	} {
		if got := flaws(broken, i18n.JA); len(got) == 0 {
			t.Errorf("nothing found in %s", broken)
		}
	}
}

// visitor is who can see a route, and the address of its page.
func (s *stage) visit(r web.Route, sessions map[web.Role]string) asked {
	a := s.faces(r, s.a)[0]
	a.session = sessions[web.Owner]
	if strings.HasPrefix(r.Path, "/helping") || strings.HasPrefix(r.Path, "/reviewing") {
		a.session = sessions[web.SignedIn] // the helper, who sits as a specialist too
	}
	if strings.HasPrefix(r.Path, "/recovery/cases/") {
		a.session, a.path = sessions[web.Nobody], "/recovery/cases/"+s.ids["{recovery}"] // who asked
	}
	switch r.Role {
	case web.Public:
		a.session = ""
	case web.Operator:
		a.session = sessions[web.Operator]
	}
	return a
}

// What is refused is a whole page too, in three registers.
func TestEveryRefusalIsAPage(t *testing.T) {
	s := newStage(t, Store{})
	owner, viewer := s.login(s.cast["owner"]), s.login(s.cast["viewer"])
	for _, l := range i18n.Langs {
		for what, a := range map[string]asked{
			"404": {session: owner, method: "GET", path: "/orgs/nobody"}, "404 of nobody": {method: "GET", path: "/nothing"},
			"403": {session: viewer, method: "GET", path: "/orgs/" + s.a + "/journal"},
			"401": {method: "POST", path: "/orgs/" + s.a + "/sites", kind: "application/x-www-form-urlencoded"},
			"405": {session: owner, method: "PUT", path: "/orgs/" + s.a},
			"422": {session: owner, method: "POST", path: "/orgs/new", kind: "application/x-www-form-urlencoded", body: "name="},
		} {
			a.lang = l
			w := s.do(a)
			if w.Code < 400 {
				t.Errorf("%s (%s): %d", what, l, w.Code)
			}
			if found := flaws(w.Body.String(), l); found != nil {
				t.Errorf("%s (%s, %d): %v", what, l, w.Code, found)
			}
		}
	}
}

// Every page, in three registers, is a whole and sound page, leaves the database
// as it was, and asks a bounded number of questions: testdata/queries.json holds
// the number for each.
func TestEveryPage(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		sessions := map[web.Role]string{
			web.Owner: s.login(s.cast["owner"]), web.Operator: s.login(s.cast["operator"]), web.SignedIn: s.login(s.cast["helper"]), web.Nobody: s.login(s.ids["successor"]),
		}
		counted := map[string]int{}
		pages, before := 0, s.digest()
		for _, r := range s.Routes {
			if r.Method != http.MethodGet {
				continue
			}
			for _, l := range i18n.Langs {
				a := s.visit(r, sessions)
				a.lang = l
				w := s.do(a)
				kind := w.Header().Get("Content-Type")
				if strings.HasPrefix(kind, "text/html") && w.Code != http.StatusSeeOther {
					if found := flaws(w.Body.String(), l); found != nil {
						t.Errorf("%s (%s, %d): %v", name(r), l, w.Code, found)
					}
					pages++
				}
				if w.Code >= 500 {
					t.Errorf("%s: %d", name(r), w.Code)
				}
				if w.Code == http.StatusOK {
					counted[name(r)] = s.queries()
				}
			}
			if !r.PageOnly && !strings.Contains(r.Path, "{closing}") { // nothing of the stage is closed: TestClosingLeavesNothing
				a := s.visit(r, sessions)
				a.path = "/api/v1" + a.path
				if w := s.do(a); w.Code != http.StatusOK {
					t.Errorf("GET %s: %d %s", a.path, w.Code, w.Body)
				} else if r.View != nil && !json.Valid(w.Body.Bytes()) {
					t.Errorf("GET %s: no JSON", a.path)
				}
			}
			after := s.digest()
			if r.Noted { // leaves a record of the look, and nothing else
				for _, table := range []string{"helper_look", "review_look", "journal_entry", "journal_head", "journal_place"} {
					before[table] = after[table]
				}
			}
			if diff := cmp.Diff(before, after); diff != "" {
				t.Errorf("%s changes the database (-want +got):\n%s", name(r), diff)
			}
			before = after
		}
		if pages < 60 {
			t.Errorf("only %d pages drawn", pages)
		}
		checkCounts(t, counted)
	})
}

func checkCounts(t *testing.T, counted map[string]int) {
	t.Helper()
	for route, n := range counted {
		bound := 12
		if route == "GET /orgs/{org}/frameworks/{pack}" || route == "GET /orgs/{org}/frameworks/{pack}/items/{item}" {
			bound = 8
		}
		switch route {
		case "GET /orgs/{org}/people/{account}/handover", "GET /orgs/{org}/people/{account}", "GET /orgs/{org}/people/{account}/owner": // asks each room what would end
			bound = 14
		case "GET /orgs/{org}/closing/export": // asks each room for everything
			bound = 120
		case "GET /orgs/{org}/board", "GET /orgs/{org}/board/paper", "GET /orgs/{org}/board/board.pdf": // all that the executives are told, on one page
			bound = 22
		case "GET /orgs/{org}/snapshots/{snapshot}", "GET /orgs/{org}/snapshots/{snapshot}/print", "GET /orgs/{org}/snapshots/{snapshot}/erase",
			"GET /orgs/{org}/snapshots/{snapshot}/withdraw", "GET /orgs/{org}/snapshots/new": // proves each record that it shows
			bound = 14
		case "GET /orgs/{org}": // asks each room what it has to say first; company a has all of it, proposals too
			bound = 17
		case "GET /orgs/{org}/stars":
			bound = 14
		case "GET /operator/disputes/{dispute}": // notes the look with each side
			bound = 20
		}
		if (strings.Contains(route, "/{grant}") || strings.Contains(route, "/{seat}")) && !strings.Contains(route, "{org}") {
			bound = 18 // the grant is asked for twice, and the look is written and journalled
		}
		if n > bound {
			t.Errorf("%s asks %d questions, at most %d", route, n, bound)
		}
	}
	b, err := json.MarshalIndent(counted, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/queries.json", append(b, '\n'))
}

var queriesOf = regexp.MustCompile(`"msg":"request".*"queries":([0-9]+)`)

// queries is how many statements the last request ran, as the log says.
func (s *stage) queries() (n int) {
	all := queriesOf.FindAllStringSubmatch(s.log.String(), -1)
	if len(all) == 0 {
		s.t.Fatal("the log has no request")
	}
	_, _ = fmt.Sscan(all[len(all)-1][1], &n)
	return n
}

// The API document is the table, and changes to it are meant.
func TestOpenAPIHasNotDrifted(t *testing.T) {
	s := newStage(t, Store{})
	doc, err := web.OpenAPI(s.Routes, "golden")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/openapi.json", append(doc, '\n'))
	var read struct {
		Paths map[string]map[string]struct {
			Role    string `json:"x-minamori-role"`
			Summary string `json:"summary"`
		}
	}
	if err := json.Unmarshal(doc, &read); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, r := range s.Routes {
		if r.PageOnly {
			continue
		}
		n++
		op, ok := read.Paths["/api/v1"+strings.ReplaceAll(r.Path, "{$}", "")][strings.ToLower(r.Method)]
		if !ok || op.Role != r.Role.String() || op.Summary != r.Doc {
			t.Errorf("%s stands in the document as %+v (%v)", name(r), op, ok)
		}
	}
	for _, methods := range read.Paths {
		n -= len(methods)
	}
	if n != 0 {
		t.Errorf("the document has %d operations more than the table", -n)
	}
}
