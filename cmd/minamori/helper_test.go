package main

import (
	"context"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// Every route as a helper with a grant, and as one whose grant is over: nothing
// of the company answers but what is his, and afterwards nothing at all. His key
// for programs opens neither (threats T19).
func TestHelperAgainstEveryRoute(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		helper, chamber := s.cast["helper"], s.value("SELECT MAX(helper_org_id) FROM helper_grant WHERE id = ?", s.ids["{grant}"])
		key := s.send(s.login(s.value("SELECT MAX(account_id) FROM org_member WHERE org_id = ? AND role = 'owner'", chamber)),
			"/orgs/"+chamber+"/tokens", map[string]any{"label": "表計算", "role": "viewer", "days": 90})["token"].(string)
		for _, c := range []struct {
			who   string
			after time.Duration
		}{{"helper", 0}, {"expired helper", 31 * 24 * time.Hour}} {
			*s.clock = s.clock.Add(c.after)
			session, n := s.login(helper), 0
			for _, r := range s.Routes {
				if !strings.Contains(r.Path, "{org}") && !strings.Contains(r.Path, "{grant}") && r.Role != web.Operator {
					continue
				}
				his := c.after == 0 && strings.HasPrefix(r.Path, "/helping/{grant}")
				if his && r.Method == http.MethodPost {
					continue // they would end the grant; the room's own tests do so
				}
				for _, a := range s.faces(r, s.a) {
					a.session = session
					w := s.do(a)
					n++
					if his != (w.Code == http.StatusOK) || !his && w.Code != http.StatusNotFound {
						t.Errorf("%s as %s: %s %s answers %d %.200s", name(r), c.who, a.method, a.path, w.Code, w.Body)
					}
					if a.session, a.token = "", key; strings.HasPrefix(a.path, "/api") && strings.Contains(r.Path, "{grant}") {
						if w := s.do(a); w.Code != http.StatusNotFound && w.Code != http.StatusForbidden {
							t.Errorf("%s with a key for programs: %d %.200s", name(r), w.Code, w.Body)
						}
					}
				}
			}
			t.Logf("%d requests as %s", n, c.who)
		}
	})
}

// A helper's letter holds our link alone, and none is sent for what was withdrawn.
func TestHelperLetterHoldsOurLinkAlone(t *testing.T) {
	s := newStage(t, Store{})
	owner := s.login(s.cast["owner"])
	outbox := filepath.Join(s.store.Data, "outbox")
	helpers := "/orgs/" + s.a + "/helpers"
	offer := map[string]any{"email": "bob@example.jp", "parts": []string{"answers"}, "days": 7}
	gone := s.send(owner, helpers, map[string]any{"email": "gone@example.jp", "parts": []string{"answers"}, "days": 7})
	s.do(asked{session: owner, method: http.MethodPost, path: helpers + "/" + gone["id"].(string) + "/revoke", kind: form})
	s.send(owner, helpers, offer)
	finish, err := s.start(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for end := time.Now().Add(20 * time.Second); len(found) == 0 && time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		found = helperLetters(t, outbox)
	}
	if err := finish(context.Background()); err != nil {
		t.Fatal(err)
	}
	found = helperLetters(t, outbox)
	if len(found) != 1 || strings.Count(found[0], "http") != 2 || !strings.Contains(found[0], "http://localhost:8080/help-invitations/") {
		t.Errorf("%d letters of helpers, want one with our link in two languages: %q", len(found), found)
	}
}

func helperLetters(t *testing.T, outbox string) (found []string) {
	t.Helper()
	for _, file := range letters(outbox) {
		if l := readLetter(t, file); strings.Contains(l, "/help-invitations/") {
			found = append(found, l)
		}
	}
	return found
}

// What a company has paused goes to nobody, and goes on when it resumes.
func TestPauseShutsHelpersAndSupport(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		helper, operator := s.login(s.cast["helper"]), s.login(s.cast["operator"])
		see := func(want int) {
			t.Helper()
			for path, session := range map[string]string{"/helping/" + s.ids["{grant}"]: helper, "/operator/support/" + s.ids["support"]: operator} {
				if w := s.do(asked{session: session, method: http.MethodGet, path: path}); w.Code != want {
					t.Errorf("%s: %d, want %d", path, w.Code, want)
				}
			}
		}
		see(http.StatusOK)
		if err := s.Org.Pause(context.Background(), org.ID(s.a), org.PausedByRestore); err != nil {
			t.Fatal(err)
		}
		see(http.StatusNotFound)
		s.send(s.login(s.cast["owner"]), "/orgs/"+s.a+"/sharing/resume", map[string]any{})
		see(http.StatusOK)
	})
}

// An owner without a login here shows a helper files by a signed sheet.
func TestHelperOnPaper(t *testing.T) {
	s := newStage(t, Store{})
	manager := s.login(s.cast["manager"])
	papers := "/orgs/" + s.a + "/papers"
	sheet := s.send(manager, papers, map[string]any{"act": "helper.invitation", "input": []string{"onpaper@example.jp"}})
	count := func() string {
		return s.value("SELECT CAST(COUNT(*) AS TEXT) FROM helper_grant WHERE email = ?", "onpaper@example.jp")
	}
	if n := count(); n != "0" {
		t.Errorf("%s grants before the signature", n)
	}
	signed := map[string]string{"signer": "代表 001（架空）", "signed_on": s.clock.In(i18n.Tokyo).Format(time.DateOnly)}
	if w := s.upload(manager, papers+"/"+sheet["id"].(string)+"/signed", "file", "signed.pdf", signed); w.Code != http.StatusSeeOther {
		t.Fatalf("%d %.300s", w.Code, w.Body)
	}
	if n := count(); n != "1" {
		t.Errorf("%s grants after the signature", n)
	}
}
