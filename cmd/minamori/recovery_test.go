package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/web"
)

// Somebody who was removed tries everything he ever had, on every route: the
// session he was in, a new one, the token he made, the invitation he sent and the
// code of a circle he made (threats T21).
func TestExMemberComesNowhere(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		manager, owner, home := s.cast["manager"], s.login(s.cast["owner"]), "/orgs/"+s.a
		his := s.login(manager)
		token := s.send(his, home+"/tokens", map[string]any{"label": "私の鍵", "role": "manager", "write": true, "days": 30})
		invited := s.send(his, home+"/invitations", map[string]any{"email": "later@example.jp", "role": "manager"})["id"].(string)
		code := s.send(his, home+"/circles/"+s.ids["{circle}"]+"/codes", map[string]any{})
		had := []asked{{session: his}, {token: secretOf(t, token)}}
		for i, a := range had {
			a.method, a.path = "GET", "/api/v1"+home+"/company"
			if w := s.do(a); w.Code != http.StatusOK {
				t.Fatalf("credential %d does not work while he is there: %d", i, w.Code)
			}
		}
		person := s.do(asked{session: owner, method: "GET", path: home + "/people/" + manager}).Body.String()
		for _, named := range []string{"私の鍵", "later@example.jp", "となり町グループ"} {
			if !strings.Contains(person, named) {
				t.Errorf("what will end does not name %s", named)
			}
		}
		s.send(owner, home+"/people/"+manager+"/remove", map[string]any{})
		if who, err := s.Accounts.Session(readCtx(t, s), his); err != nil || who.Account != "" {
			t.Errorf("his session lives: %v, %v", who, err)
		}
		before := s.digest()
		again := s.login(manager)
		before["auth_session"], before["journal_entry"], before["journal_head"], before["journal_place"] = "", "", "", ""
		n := 0
		for _, r := range s.Routes {
			if !strings.Contains(r.Path, "{org}") {
				continue
			}
			for _, a := range s.faces(r, s.a) {
				for _, try := range append(had, asked{session: again}) {
					a.session, a.token = try.session, try.token
					w := s.do(a)
					n++
					out := w.Code == http.StatusNotFound || w.Code == http.StatusUnauthorized || w.Code == http.StatusTooManyRequests ||
						w.Code == http.StatusSeeOther && strings.HasPrefix(w.Header().Get("Location"), "/login")
					if !out {
						t.Errorf("%s %s after leaving: %d", a.method, a.path, w.Code)
					}
				}
			}
		}
		after := s.digest()
		for table := range before {
			if before[table] != "" && before[table] != after[table] {
				t.Errorf("he changed %s", table)
			}
		}
		link := s.Accounts.Derive("org invitation", invited)
		w := s.do(asked{session: s.login(s.ownB), method: "POST", path: "/api/v1/invitations/" + invited, kind: "application/json", body: `{"code":"` + link + `"}`})
		if w.Code == http.StatusOK {
			t.Error("the invitation of somebody who left was taken up")
		}
		if _, err := s.Org.JoinCircle(context.Background(), org.ID(s.b), code["code"].(string)); err == nil {
			t.Error("the code of somebody who left lets in")
		}
		t.Logf("%d requests of somebody who left refused", n)
	})
}

// Whoever has another company keeps his session, and is out of this one at once.
func TestSessionOfAnotherCompanyStays(t *testing.T) {
	onStage(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		member, owner := s.cast["member"], s.login(s.cast["owner"])
		if err := s.Org.AddMember(ctx, org.ID(s.b), member, web.Viewer); err != nil {
			t.Fatal(err)
		}
		his := s.login(member)
		s.send(owner, "/orgs/"+s.a+"/people/"+member+"/remove", map[string]any{})
		for id, want := range map[string]int{s.a: http.StatusNotFound, s.b: http.StatusOK} {
			if w := s.do(asked{session: his, method: "GET", path: "/orgs/" + id}); w.Code != want {
				t.Errorf("%d, want %d", w.Code, want)
			}
		}
	})
}

func readCtx(t *testing.T, s *stage) context.Context {
	t.Helper()
	ctx, done, err := s.DB.Snapshot(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(done)
	return ctx
}

// secretOf finds the secret in the answer that shows it once.
func secretOf(t *testing.T, answer map[string]any) string {
	t.Helper()
	for _, v := range answer {
		if s, ok := v.(string); ok && strings.HasPrefix(s, "mnm_") {
			return s
		}
	}
	t.Fatalf("no secret in %v", answer)
	return ""
}
