package main

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/internal/web"
)

// A password is hidden while it is typed, may be pasted and kept by a manager,
// and may be as long as anybody likes.
func TestPasswordFields(t *testing.T) {
	s := newStage(t, Store{})
	field := regexp.MustCompile(`<input[^>]*name="password"[^>]*>`)
	for path, fills := range map[string]string{"/account/password": "new-password", "/login": "current-password"} {
		a := asked{method: "GET", path: path}
		if path != "/login" {
			a.session = s.login(s.cast["owner"])
		}
		got := field.FindString(s.do(a).Body.String())
		if !strings.Contains(got, `type="password"`) || !strings.Contains(got, `autocomplete="`+fills+`"`) {
			t.Errorf("%s: %q", path, got)
		}
		if strings.Contains(got, "maxlength") || strings.Contains(got, "pattern") || strings.Contains(got, " on") {
			t.Errorf("%s hinders: %q", path, got)
		}
	}
}

func TestLogoutIsOnEveryPage(t *testing.T) {
	s := newStage(t, Store{})
	pages := 0
	for _, r := range s.Routes {
		if r.Method != http.MethodGet || r.Role == web.Public {
			continue
		}
		who := "owner"
		if r.Role == web.Operator {
			who = "operator"
		}
		w := s.do(asked{session: s.login(s.cast[who]), method: "GET", path: s.path(r, s.a)})
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), "text/html") {
			continue
		}
		pages++
		if !strings.Contains(w.Body.String(), `action="/logout"`) {
			t.Errorf("%s has no way out", r.Path)
		}
	}
	if pages < 40 {
		t.Errorf("only %d pages", pages)
	}
}

// What servers forget: nothing of the folder, of the source, of debugging or of
// the figures is served where the pages are.
func TestNoForgottenDoors(t *testing.T) {
	s := newStage(t, Store{})
	for _, path := range []string{
		"/.git/HEAD", "/.git/config", "/.svn/entries", "/.env", "/go.mod", "/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/metrics",
		"/minamori.db", "/installation.key", "/demo.json", "/setup-link.txt", "/outbox/", "/files/", "/ledger/", "/gallery", "/backup",
		"/assets/", "/assets/..%2finstallation.key", "/assets/%2e%2e/installation.key", "/api/", "/api/v1/", "/server-status", "/console",
	} {
		for _, session := range []string{"", s.login(s.cast["operator"])} {
			if w := s.do(asked{session: session, method: "GET", path: path}); w.Code != http.StatusNotFound {
				t.Errorf("%s: %d", path, w.Code)
			}
		}
	}
}
