package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// canaries are values that nobody else uses: each must stay out of logs,
// metrics, job arguments and the names of files (threats, section 6, rule 4).
type canaries struct {
	planted []string
}

func (c *canaries) plant(s string) string {
	c.planted = append(c.planted, s)
	return s
}

// found lists the canaries that sing in a text, with what stands around them.
func (c *canaries) found(text string) (all []string) {
	for _, canary := range c.planted {
		for _, form := range []string{canary, url.QueryEscape(canary), url.PathEscape(canary)} {
			if i := strings.Index(text, form); i >= 0 {
				all = append(all, canary+": …"+text[max(0, i-120):min(len(text), i+120)]+"…")
				break
			}
		}
	}
	return all
}

func (c *canaries) search(t *testing.T, where, text string) {
	t.Helper()
	for _, f := range c.found(text) {
		t.Errorf("%s holds the canary %s", where, f)
	}
}

// A whole run with distinctive names, addresses, memos, codes, cookies and paths
// leaves none of them where an operator or a monitoring system looks.
func TestCanariesAreSilent(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		c := &canaries{}
		s.sing(c)
		s.singHosts(c)
		s.singStars(c)
		finish, err := s.start(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		outbox := filepath.Join(s.store.Data, "outbox")
		for end := time.Now().Add(20 * time.Second); len(letters(outbox)) < 4 && time.Now().Before(end); {
			time.Sleep(50 * time.Millisecond)
		}
		if n := len(letters(outbox)); n < 4 {
			t.Errorf("%d letters went out, want 4", n)
		}
		if err := finish(context.Background()); err != nil {
			t.Fatal(err)
		}
		log := s.log.String()
		if !strings.Contains(log, `"route":"/orgs/{org}"`) {
			t.Error("the log does not show the run")
		}
		c.search(t, "the log", log)
		c.search(t, "the metrics", s.metrics())
		jobs := 0
		for _, table := range s.tables() {
			if strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "job_") {
				c.search(t, "the table "+table, s.dump(table))
				jobs += strings.Count(s.dump(table), "org.invitation")
			}
		}
		if jobs == 0 {
			t.Error("the queue does not show the run")
		}
		c.search(t, "the names of files", fileNames(t, s.store.Data))
		kept := s.dump("org_site") + s.dump("assess_evidence") + s.dump("assess_answer") + s.dump("auth_account") + s.dump("org_invitation") +
			s.dump("desk_case") + s.dump("desk_contact") + s.dump("helper_grant") + s.dump("helper_advice") + s.dump("approval_sheet") + s.dump("webhook_endpoint") +
			s.dump("review_seat") + s.dump("review_piece") + s.dump("review_proposal") + s.dump("policy_version") + s.dump("policy_section") + s.dump("plan_step") + s.dump("plan_calendar") +
			s.dump("record_row") + s.dump("record_request") + s.dump("record_done") + s.dump("record_list") + s.dump("assess_comment") + s.dump("star_declaration") + s.dump("exchange_layout")
		if n := len(c.found(kept)); n < 45 {
			t.Errorf("only %d canaries are where they belong", n)
		}
		t.Logf("%d canaries, %d bytes of log, silent", len(c.planted), len(log))
	})
}

func letters(outbox string) []string {
	found, _ := filepath.Glob(filepath.Join(outbox, "*.eml"))
	return found
}

func fileNames(t *testing.T, root string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(root, func(path string, _ os.DirEntry, err error) error {
		all = append(all, path)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, "\n")
}

func (s *stage) metrics() string {
	w := httptest.NewRecorder()
	s.Metrics.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if !strings.Contains(w.Body.String(), "minamori_request_seconds_count") {
		s.t.Error("the metrics do not show the run")
	}
	return w.Body.String()
}

// sing does everything with canaries: what works, and what is refused.
func (s *stage) sing(c *canaries) {
	owner := c.plant(s.login(s.cast["owner"]))
	org := "/orgs/" + s.a
	s.send(owner, "/orgs/new", map[string]any{"name": c.plant("株式会社カナリヤ精工"), "kind": "company", "prefecture": "21",
		"corporate_number": "", "industry": "E", "employees": 12, "capital_yen": 3_000_000})
	item := org + "/frameworks/" + pack25 + "/items/3"
	for _, revision := range []string{"9999", "0", "1", "2", "3", "4", "5"} { // refused but for one
		s.do(asked{session: owner, method: "POST", path: item, kind: form, body: url.Values{
			"answer": {"done"}, "revision": {revision}, "memo": {c.plant("カナリヤのメモ" + revision)}}.Encode()})
	}
	s.upload(owner, org+"/frameworks/"+pack25+"/items/11/evidence", "evidence", c.plant("カナリヤ証拠.pdf"), map[string]string{"note": c.plant("カナリヤの覚え")})
	s.send(owner, org+"/sites", map[string]any{"name": c.plant("カナリヤ工場"), "country": "JP", "prefecture": "21"})
	s.send(owner, org+"/invitations", map[string]any{"email": c.plant("canary.invited@example.jp"), "role": "viewer"})
	token := s.send(owner, org+"/tokens", map[string]any{"label": c.plant("カナリヤの鍵"), "role": "viewer", "days": 30})
	secret := c.plant(token["token"].(string))
	s.do(asked{session: owner, method: "POST", path: "/account/name", kind: form, body: url.Values{"name": {c.plant("カナリヤ花子")}}.Encode()})
	s.do(asked{session: owner, method: "POST", path: "/account/email", kind: form, body: url.Values{"email": {c.plant("canary.owner@example.jp")}}.Encode()})
	for _, a := range []asked{
		{session: owner, method: "GET", path: org},
		{session: owner, method: "GET", path: org + "/people"},
		{token: secret, method: "GET", path: "/api/v1" + org},
		{token: c.plant("canary-made-up-token"), method: "GET", path: "/api/v1" + org},
		{method: "POST", path: "/login", kind: form, body: url.Values{"email": {c.plant("canary.login@example.jp")},
			"password": {c.plant("canary password")}, "code": {c.plant("c4n4ry")}}.Encode()},
		{method: "GET", path: "/setup?code=" + c.plant("canary-setup-code")},
		{method: "POST", path: "/setup", kind: form, body: "code=canary-setup-code&name=x&email=x@example.jp"},
		{method: "GET", path: "/recover?code=" + c.plant("canary-recovery-code")},
		{method: "GET", path: "/invitations/x?code=" + c.plant("canary-invitation-code")},
		{method: "GET", path: "/" + c.plant("canary-path")},
		{session: owner, method: "GET", path: "/orgs/" + c.plant("canary-company")},
		{session: owner, method: "GET", path: org + "/journal?before=" + c.plant("canary-number")},
		{session: owner, method: "GET", path: item + "/" + c.plant("canary-item")},
		{session: owner, method: "POST", path: "/api/v1" + item, kind: "application/json", body: `{"answer":` + c.plant("canary-json") + `}`},
		{session: owner, method: "POST", path: "/api/v1" + item, kind: "application/json", body: `{"` + c.plant("canary-member") + `":1}`},
		{session: owner, method: "POST", path: item, kind: c.plant("canary/kind"), body: "x"},
		{session: owner, method: c.plant("CANARYMETHOD"), path: item},
		{session: c.plant("canary-session"), method: "GET", path: "/orgs"},
		{method: "GET", path: "/orgs", cookies: []*http.Cookie{{Name: "session", Value: "x"}, {Name: c.plant("canary-cookie"), Value: c.plant("canary-cookie-value")}}},
		{method: "GET", path: "/login?next=/" + c.plant("canary-next")},
		{session: owner, method: "POST", path: org + "/circles/join", kind: form, body: "code=" + c.plant("canary-circle-code")},
		{method: "POST", path: "/api/v1/passkeys/login/finish", kind: "application/json", body: `{"ceremony":"` + c.plant("canary-ceremony") + `","credential":{"id":"` + c.plant("canary-credential") + `"}}`},
		{session: owner, method: "POST", path: org + "/sites", kind: form, body: "name=%FF%FE" + c.plant("canary-encoding")},
	} {
		if w := s.do(a); w.Code >= 500 {
			s.t.Errorf("%s %s: %d", a.method, a.path, w.Code)
		}
	}
}

const form = "application/x-www-form-urlencoded"
