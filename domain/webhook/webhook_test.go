package webhook_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

const day = 24 * time.Hour

func TestDeliversSignedIds(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.happens() // before there is an endpoint: not sent
		id, key := s.add("manager")
		s.happens()
		s.run()
		calls := s.taken()
		if len(calls) != 1 {
			t.Fatalf("%d calls", len(calls))
		}
		g := calls[0]
		if !signed(g, key) || g.header.Get("webhook-timestamp") != strconv.FormatInt(s.now.Unix(), 10) || g.header.Get("Content-Type") != "application/json" {
			t.Errorf("headers %v", g.header)
		}
		if signed(got{g.header, g.body + " "}, key) || signed(g, append([]byte{key[0] ^ 1}, key[1:]...)) {
			t.Error("the signature covers too little")
		}
		var m map[string]any
		if err := json.Unmarshal([]byte(g.body), &m); err != nil {
			t.Fatal(err)
		}
		data := m["data"].(map[string]any)
		keys := []string{}
		for k := range m {
			keys = append(keys, k)
		}
		if len(keys) != 3 || m["type"] != "org.site-added" || data["org"] != s.id || data["seq"].(float64) < 2 || len(data) != 3 {
			t.Errorf("body %s", g.body)
		}
		if strings.Contains(g.body, "ひみつ") || strings.Contains(g.body, "owner") || strings.Contains(g.body, "system") {
			t.Errorf("the body says more than ids: %s", g.body)
		}
		s.get("/orgs/"+s.id+"/webhooks/"+id, "manager").want(200, "届きました（200）", "みほん 花子")
		// A verb that was not chosen is not sent, and nothing twice.
		s.follow()
		s.run()
		if n := len(s.taken()); n != 0 {
			t.Errorf("%d calls more", n)
		}
	})
}

func TestSecretIsShownOnceAndStoredNowhere(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, key := s.add("manager")
		for _, path := range []string{"/webhooks", "/webhooks/" + id} {
			for _, face := range []string{"", "/api/v1"} {
				if body := s.get(face+"/orgs/"+s.id+path, "owner").want(200).Body.String(); strings.Contains(body, "whsec_") || strings.Contains(body, `"secret"`) {
					t.Errorf("%s%s shows the secret", face, path)
				}
			}
		}
		rows := s.value("SELECT secret || secret_before || url || verbs FROM webhook_endpoint WHERE id = ?", id)
		if strings.Contains(rows, string(key)) || len(key) != 32 {
			t.Error("the secret is stored")
		}
	})
}

func TestRotatedSecretsOverlapForADay(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, old := s.add("manager")
		s.post("/orgs/"+s.id+"/webhooks/"+id+"/rotate", "manager!").want(403)
		fresh := secretOn(t, s.post("/orgs/"+s.id+"/webhooks/"+id+"/rotate", "manager").want(200))
		check := func(wantOld bool) {
			t.Helper()
			s.happens()
			s.run()
			calls := s.taken()
			if len(calls) != 1 || !signed(calls[0], fresh) || signed(calls[0], old) != wantOld {
				t.Errorf("%d calls, old secret signs: want %v", len(calls), wantOld)
			}
		}
		check(true)
		s.now = s.now.Add(day)
		check(false)
	})
}

func TestRetriesThenSwitchesOff(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, _ := s.add("manager")
		s.answers(500)
		s.happens()
		s.run()
		page := "/orgs/" + s.id + "/webhooks/" + id
		s.get(page, "manager").want(200, "受け取られませんでした（500）。また送ります", "から届いていません")
		first := s.taken()
		s.now = s.now.Add(4 * time.Second)
		s.run()
		if len(s.taken()) != 0 {
			t.Error("tried again too early")
		}
		s.now = s.now.Add(time.Second)
		s.answers(200)
		s.run()
		again := s.taken()
		if len(again) != 1 || again[0].header.Get("webhook-id") != first[0].header.Get("webhook-id") {
			t.Fatalf("%d calls, ids differ", len(again))
		}
		s.get(page, "manager").want(200, "届きました（200）", "送っています")

		s.receiver.CloseClientConnections()
		s.answers(503)
		for range 6 * 24 {
			s.happens()
			s.now = s.now.Add(time.Hour)
			s.run()
		}
		s.get(page, "manager").want(200, "5日続けて届かなかったので")
		if d := cmp.Diff([]string{s.id}, s.told); d != "" {
			t.Errorf("told: %s", d)
		}
		s.taken()
		s.happens()
		s.run()
		if n := len(s.taken()); n != 0 {
			t.Errorf("%d calls after it was switched off", n)
		}
		s.answers(200)
		s.post(page+"/test", "manager").want(303)
		s.run()
		if n := len(s.taken()); n != 1 {
			t.Errorf("%d tests arrived", n)
		}
		s.post(page+"/on", "manager").want(303)
		s.happens()
		s.run()
		if n := len(s.taken()); n != 1 {
			t.Errorf("%d calls after it was switched on", n)
		}
		s.answers(410)
		s.happens()
		s.run()
		s.get(page, "manager").want(200, "「もう使わない」と答えた")
	})
}

// What was taken back between the making of a delivery and its sending is not
// sent (threats T4, T21).
func TestTakenBackBeforeSending(t *testing.T) {
	for name, takeBack := range map[string]func(s *stage, id string) error{
		"removed": func(s *stage, id string) error {
			s.post("/orgs/"+s.id+"/webhooks/"+id+"/remove", "owner").want(303)
			return nil
		},
		"left": func(s *stage, _ string) error { return s.org.Leave(context.Background(), org.ID(s.id), "manager") },
		"put out": func(s *stage, _ string) error {
			return s.org.Remove(context.Background(), org.ID(s.id), web.Owner, "manager")
		},
		"lower role": func(s *stage, _ string) error {
			return s.org.ChangeRole(context.Background(), org.ID(s.id), web.Owner, "manager", web.Member)
		},
		"closed": func(s *stage, _ string) error { return s.EndAll(context.Background(), s.id) },
		"after a restore": func(s *stage, id string) error {
			return s.Replay(context.Background(), journal.Entry{Org: s.id, At: s.now, Actor: "owner", Verb: "webhook.removed", Subject: id})
		},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *stage) {
				id, _ := s.add("manager")
				s.happens()
				if err := takeBack(s, id); err != nil {
					t.Fatal(err)
				}
				s.run()
				s.happens()
				s.run()
				if n := len(s.taken()); n != 0 {
					t.Errorf("%d calls", n)
				}
			})
		})
	}
}

func TestLeavingKeepsTheEndpointsOfOthers(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.add("manager")
		s.add("owner")
		if err := s.org.Leave(context.Background(), org.ID(s.id), "manager"); err != nil {
			t.Fatal(err)
		}
		s.happens()
		s.run()
		if n := len(s.taken()); n != 1 {
			t.Errorf("%d calls", n)
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM journal_entry WHERE org_id = ? AND verb = 'webhook.removed'", s.id); n != "1" {
			t.Errorf("%s removals in the journal", n)
		}
	})
}

func TestNothingIsSentWhilePaused(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.add("manager")
		s.happens()
		s.paused[s.id] = true
		s.run()
		if n := len(s.taken()); n != 0 {
			t.Fatalf("%d calls while paused", n)
		}
		s.get("/orgs/"+s.id+"/webhooks", "manager").want(200, "社外への共有を止めている")
		s.post("/orgs/"+s.id+"/webhooks", "manager", "url", s.receiver.URL, "verbs", "org.edited").want(409)
		s.paused[s.id] = false
		s.now = s.now.Add(time.Hour)
		s.run()
		if n := len(s.taken()); n != 1 {
			t.Errorf("%d calls after the pause", n)
		}
		s.happens()
		s.paused[s.id] = true
		for range 6 * 24 {
			s.run()
			s.now = s.now.Add(time.Hour)
		}
		s.paused[s.id] = false
		s.run()
		if n := len(s.taken()); n != 0 {
			t.Errorf("%d calls of six days ago", n)
		}
	})
}

// An old secret that was given up does not sign again after a restore.
func TestGivenUpSecretDoesNotComeBack(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, old := s.add("manager")
		name := s.value("SELECT secret FROM webhook_endpoint WHERE id = ?", id)
		for range 2 {
			if err := s.Replay(context.Background(), journal.Entry{Org: s.id, At: s.now, Actor: "owner", Verb: "webhook.rotated", Subject: name}); err != nil {
				t.Fatal(err)
			}
		}
		page := "/orgs/" + s.id + "/webhooks/" + id
		s.happens()
		s.post(page+"/test", "manager").want(303)
		s.run()
		if n := len(s.taken()); n != 0 {
			t.Errorf("%d calls", n)
		}
		s.post(page+"/on", "manager").want(409)
		fresh := secretOn(t, s.post(page+"/rotate", "manager").want(200))
		s.happens()
		s.run()
		if calls := s.taken(); len(calls) != 1 || !signed(calls[0], fresh) || signed(calls[0], old) {
			t.Errorf("%d calls", len(calls))
		}
	})
}

func TestRefusedEndpoints(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		path := "/orgs/" + s.id + "/webhooks"
		for _, bad := range []string{"", "hook", "ftp://a.example/", "https://user:pass@a.example/", "https://" + strings.Repeat("a", 500) + ".example/"} {
			s.post(path, "manager", "url", bad, "verbs", "org.edited").want(422, "https:// で始まる")
		}
		s.post(path, "manager", "url", "https://a.example/").want(422, "1つ以上選んで")
		s.post(path, "manager", "url", "https://a.example/", "verbs", "assess.answered").want(422)
		for range 10 {
			s.post(path, "manager", "url", "https://a.example/", "verbs", "org.edited").want(200)
		}
		s.post(path, "manager", "url", "https://a.example/", "verbs", "org.edited").want(409)
	})
}

// An address inside looks like any that does not answer (threats T28).
func TestInsideLooksLikeNoAnswer(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		for _, address := range []string{"https://10.0.0.1/", "https://[::1]:9/", "https://127.0.0.1:1/"} {
			s.post("/orgs/"+s.id+"/webhooks", "manager", "url", address, "verbs", "org.edited").want(200)
			id := s.value("SELECT id FROM webhook_endpoint WHERE url = ?", address)
			s.post("/orgs/"+s.id+"/webhooks/"+id+"/test", "manager").want(303)
			s.run()
			s.get("/orgs/"+s.id+"/webhooks/"+id, "manager").want(200, "答えがありませんでした")
		}
	})
}

func TestTestsAreLimited(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, _ := s.add("manager")
		for range 20 {
			s.post("/orgs/"+s.id+"/webhooks/"+id+"/test", "manager").want(303)
		}
		s.post("/orgs/"+s.id+"/webhooks/"+id+"/test", "manager").want(429)
	})
}

func TestWhoMay(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, _ := s.add("manager")
		other := s.company("stranger")
		for _, r := range s.Routes() {
			path := func(org string) string {
				return strings.NewReplacer("{org}", org, "{webhook}", id).Replace(r.Path)
			}
			ask := func(path, as string) int {
				if r.Method == http.MethodGet {
					return s.get(path, as).Code
				}
				return s.post(path, as).Code
			}
			for _, lesser := range []string{"viewer", "member"} {
				if got := ask(path(s.id), lesser); got != http.StatusForbidden {
					t.Errorf("%s %s as %s: %d", r.Method, path(s.id), lesser, got)
				}
			}
			if got := ask(path(s.id), "stranger"); got != http.StatusNotFound {
				t.Errorf("%s %s as a stranger: %d", r.Method, path(s.id), got)
			}
			if strings.Contains(r.Path, "{webhook}") {
				if got := ask(path(other), "stranger"); got != http.StatusNotFound {
					t.Errorf("%s %s with a foreign id: %d", r.Method, path(other), got)
				}
			}
		}
	})
}

func TestPagesInThreeRegisters(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, _ := s.add("manager")
		s.happens()
		s.run()
		for _, path := range []string{"/webhooks", "/webhooks/new", "/webhooks/" + id} {
			for _, l := range i18n.Langs {
				r := httptest.NewRequest(http.MethodGet, "/orgs/"+s.id+path, nil)
				r.AddCookie(&http.Cookie{Name: web.LanguageCookie, Value: string(l)})
				s.send(r, "manager").want(200, "<h1")
			}
		}
	})
}

func TestTidy(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.add("manager")
		s.happens()
		s.run()
		s.now = s.now.Add(31 * day)
		s.happens()
		if err := s.Tidy(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM webhook_delivery"); n != "1" {
			t.Errorf("%s deliveries are kept", n)
		}
	})
}
