package helper

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// shut wants each page of a grant to be as one that does not exist, on both
// faces, and no look of it recorded.
func (s *site) shutFor(kind Kind, grant, as, why string) {
	s.t.Helper()
	before := s.looks(grant)
	for _, p := range s.pages(kind, grant) {
		for _, path := range []string{p, "/api/v1" + p} {
			w := s.get(path, as)
			if w.Code != 404 || strings.Contains(w.Body.String(), "甲社") || strings.Contains(w.Body.String(), "canary") {
				s.t.Errorf("%s: %s answers %d %.200s", why, path, w.Code, w.Body)
			}
			if cache := w.Header().Get("Cache-Control"); cache != "no-store" {
				s.t.Errorf("%s may be cached: %q", path, cache)
			}
		}
	}
	item := s.pages(kind, grant)[2]
	for _, p := range []string{item + "/advice", kind.path(grant) + "/plan", kind.path(grant) + "/end"} {
		if w := s.post(p, as, "advice", "x"); w.Code != 404 {
			s.t.Errorf("%s: POST %s answers %d", why, p, w.Code)
		}
	}
	if got := s.looks(grant); got != before {
		s.t.Errorf("%s: %d looks recorded of what was not shown", why, got-before)
	}
}

func (s *site) openFor(kind Kind, grant, as string) {
	s.t.Helper()
	for _, p := range s.pages(kind, grant) {
		w := s.get(p, as).want(200)
		if cache := w.Header().Get("Cache-Control"); cache != "no-store" {
			s.t.Errorf("%s may be cached: %q", p, cache)
		}
	}
}

// Whatever is missing for a look, the grant does not exist (threats T4, T19, T21).
func TestGrantIsShut(t *testing.T) {
	for why, c := range map[string]struct {
		change func(s *site, id string)
		as     string
	}{
		"another account":       {func(*site, string) {}, "eve"},
		"an owner of it":        {func(*site, string) {}, "ann"},
		"the operator":          {func(*site, string) {}, "ope"},
		"revoked":               {func(s *site, id string) { s.post(s.helpers()+"/"+id+"/revoke", "man").want(303) }, "hana"},
		"given back":            {func(s *site, id string) { s.post("/helping/"+id+"/end", "hana").leadsTo("/helping") }, "hana"},
		"over":                  {func(s *site, _ string) { s.clock = s.clock.Add(30 * 24 * time.Hour) }, "hana"},
		"paused":                {func(s *site, _ string) { s.paused[string(s.a)] = true }, "hana"},
		"the one who gave left": {func(s *site, _ string) { s.leave("ann", s.a) }, "hana"},
		"he left his own":       {func(s *site, _ string) { s.leave("hana", s.b) }, "hana"},
		"became a member of it": {func(s *site, _ string) { s.join("hana", s.a) }, "hana"},
		"a second before is not": {func(s *site, id string) {
			s.clock = s.clock.Add(30*24*time.Hour - time.Second)
			s.openFor(Helper, id, "hana")
			s.clock = s.clock.Add(time.Second)
		}, "hana"},
	} {
		t.Run(why, func(t *testing.T) {
			eachSite(t, func(t *testing.T, s *site) {
				s.join("second", s.a)
				id := s.granted("profile", "answers", "files")
				s.openFor(Helper, id, "hana")
				c.change(s, id)
				s.shutFor(Helper, id, c.as, why)
				s.shutFor(Support, id, c.as, why)
				s.shutFor(Support, id, "ope", why)
				if c.as == "hana" {
					s.get("/helping", "hana").want(200).lacks("甲社")
				}
			})
		})
	}
}

// join makes an account an owner of a company, leave lets it go.
func (s *site) join(account string, id org.ID) {
	s.t.Helper()
	if err := s.orgs.AddMember(context.Background(), id, account, web.Owner); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) leave(account string, id org.ID) {
	s.t.Helper()
	if err := s.orgs.Leave(context.Background(), id, account); err != nil {
		s.t.Fatal(err)
	}
}

// A pause ends nothing: after it the helper goes on. What has run out stays so
// even when the clock is put back after the sweep.
func TestPauseEndsNothingAndTheEndIsFinal(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.granted("answers", "files", "profile")
		s.paused[string(s.a)] = true
		s.get(s.helpers(), "vi").want(200, "いまは、社外への共有を止めています。")
		s.get(s.pages(Helper, id)[0], "hana").want(404)
		s.paused[string(s.a)] = false
		s.openFor(Helper, id, "hana")
		s.clock = s.clock.Add(31 * 24 * time.Hour)
		if err := s.Tidy(context.Background()); err != nil {
			t.Fatal(err)
		}
		s.clock = s.clock.Add(-2 * 24 * time.Hour)
		s.shutFor(Helper, id, "hana", "clock put back")
		s.get(s.helpers(), "vi").want(200, "に期限が来ました")
	})
}

// Each part is granted alone, on pages and in JSON.
func TestOnlyGrantedPartsAreShown(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		profile := s.granted("profile")
		pages := s.pages(Helper, profile)
		s.get(pages[0], "hana").want(200, "12人").lacks("2 / 25", "frameworks")
		for _, p := range pages[1:] {
			s.get(p, "hana").want(404)
			s.get("/api/v1"+p, "hana").want(404)
		}
		s.post(pages[2]+"/advice", "hana", "advice", "助言").want(404)
		answers := s.granted("answers")
		pages = s.pages(Helper, answers)
		s.get(pages[0], "hana").want(200, "2 / 25").lacks("12人", "東京都")
		s.get(pages[2], "hana").want(200, "canary-memo").lacks("canary-file")
		s.get("/api/v1"+pages[2], "hana").want(200, "canary-memo").lacks("canary-file")
		s.get(pages[3], "hana").want(404)
		s.post(s.helpers(), "ann", "email", "x@example.jp", "parts", "files").want(422, "「答えと結果」と一緒に")
		s.post(s.helpers(), "ann", "email", "x@example.jp").want(422, "1つ以上")
	})
}

// The keys of the JSON are those of the granted parts: a golden list, so that a
// new field is a decision.
func TestKeysAreThoseOfTheParts(t *testing.T) {
	s := (*site)(nil)
	got := map[string][]string{}
	eachSite(t, func(t *testing.T, each *site) {
		s = each
		for name, parts := range map[string][]string{"profile": {"profile"}, "answers": {"answers"}, "all": {"profile", "answers", "files"}} {
			id := s.granted(parts...)
			for i, p := range s.pages(Helper, id)[:3] {
				w := s.get("/api/v1"+p, "hana")
				page := name + " " + []string{pageOverview, pageAnswers, pageItem}[i]
				if w.Code == http.StatusNotFound {
					got[page] = nil
					continue
				}
				var v any
				if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
					t.Fatal(err)
				}
				got[page] = keysIn("", v)
			}
		}
		b, err := json.MarshalIndent(got, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		const file = "testdata/keys.json"
		if os.Getenv("MINAMORI_UPDATE") != "" {
			if err := os.WriteFile(file, append(b, '\n'), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.TrimSpace(string(want)), string(b)); diff != "" {
			t.Errorf("keys (-want +got), MINAMORI_UPDATE=1 writes them:\n%s", diff)
		}
	})
}

// keysIn lists the paths of keys in a JSON value.
func keysIn(at string, v any) (all []string) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			all = append(all, at+"/"+k)
			all = append(all, keysIn(at+"/"+k, x)...)
		}
	case []any:
		for _, x := range v {
			all = append(all, keysIn(at+"[]", x)...)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// A token never works on a grant, whoever made it.
func TestTokensReachNoGrant(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.granted("profile", "answers", "files")
		support := s.called("ann")
		for _, token := range []string{"hana " + string(s.b), "hana " + string(s.a), "ope " + string(s.a)} {
			for _, p := range slices.Concat(s.pages(Helper, id), s.pages(Support, support), []string{"/helping", "/operator", "/operator/support"}) {
				r := httptest.NewRequest(http.MethodGet, "/api/v1"+p, nil)
				r.Header.Set("Authorization", "Bearer "+token)
				s.send(r, "").want(404).lacks("甲社")
			}
		}
		if s.looks(id)+s.looks(support) != 0 {
			t.Error("a token's look was recorded")
		}
	})
}

// Somebody of the company cannot be its helper (T19), and nobody takes up what
// was withdrawn, is over, or is another's.
func TestWhoMayAccept(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		invite := func() (string, string) {
			s.post(s.helpers(), "ann", "email", "x@example.jp", "parts", "answers", "days", "1").want(303)
			id := s.queued[len(s.queued)-1]
			return id, derive(invitationPurpose, id)
		}
		accept := func(id, code, as, own string) answer {
			return s.post("/help-invitations/"+id, as, "code", code, "name", "だれか", "organisation", "丙社", "own_organisation", own)
		}
		id, code := invite()
		accept(id, code, "vi", "").want(409, "自分の会社の支援者にはなれません。")
		accept(id, "wrong", "hana", "").want(404)
		accept(id, code, "", "").want(401)
		accept(id, code, "hana", string(s.a)).want(422, "自分が入っている会社・団体")
		s.post("/help-invitations/"+id, "hana", "code", code, "name", "a\u202eb", "organisation", "丙社").want(422, "U+202E")
		s.post(s.helpers()+"/"+id+"/revoke", "man").want(303)
		accept(id, code, "hana", "").want(410, "取り消されています")
		id, code = invite()
		s.clock = s.clock.Add(24 * time.Hour)
		accept(id, code, "hana", "").want(410)
		id, code = invite()
		accept(id, code, "hana", "").leadsTo("/helping/" + id)
		accept(id, code, "eve", "").want(410)
		id, code = invite()
		s.join("second", s.a)
		s.leave("ann", s.a)
		accept(id, code, "eve", "").want(410)
	})
}

// Giving asks for a role and a fresh login, taking away for a role alone; a
// stranger learns nothing.
func TestWhoMayGive(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.granted("answers", "files", "profile")
		one := s.helpers() + "/" + id
		offer := []string{"email", "x@example.jp", "parts", "answers", "days", "7", "reason", "x", "hours", "8"}
		for _, c := range []struct {
			path, as string
			pairs    []string
			want     int
		}{
			{s.helpers(), "man", offer, 303}, {s.helpers(), "mem", offer, 403}, {s.helpers(), "vi", offer, 403}, {s.helpers(), "ben", offer, 404}, {s.helpers(), "ope", offer, 404},
			{s.helpers(), "man!", offer, 403}, {s.helpers(), "ann!", offer, 403}, {s.helpers() + "/support", "man!", offer, 403},
			{s.helpers(), "man", append([]string{"parts", "files"}, offer...), 403},
			{s.helpers() + "/support", "man", offer, 303}, {s.helpers() + "/support", "man", append([]string{"parts", "files"}, offer...), 403},
			{s.helpers() + "/support", "mem", offer, 403}, {s.helpers() + "/support", "hana", offer, 404},
			{one + "/extend", "hana", offer, 404}, {one + "/extend", "ann!", offer, 403}, {one + "/revoke", "mem", nil, 403}, {one + "/revoke", "hana", nil, 404},
			{"/orgs/" + string(s.b) + "/helpers/" + id + "/revoke", "ben", nil, 404}, {"/orgs/" + string(s.b) + "/helpers/" + id + "/extend", "ben", offer, 404},
			{one + "/revoke", "man!", nil, 303},
		} {
			if w := s.post(c.path, c.as, c.pairs...); w.Code != c.want {
				t.Errorf("POST %s as %s: %d, want %d: %.200s", c.path, c.as, w.Code, c.want, w.Body)
			}
		}
		s.get(one, "mem").want(403)
		s.get("/orgs/"+string(s.b)+"/helpers/"+id, "ben").want(404)
		s.get("/orgs/"+string(s.b)+"/helpers", "ben").want(200).lacks("支援 はなこ")
	})
}

// called has somebody of a call support for all parts, and returns the grant.
func (s *site) called(as string) string {
	s.t.Helper()
	s.post(s.helpers()+"/support", as, "parts", "profile", "parts", "answers", "parts", "files", "hours", "24", "reason", "表示がおかしい").leadsTo(s.helpers())
	return s.value("SELECT MAX(id) FROM helper_grant WHERE kind = 'support'")
}

// Support sees a company only while it is let, and each look is journalled and
// shown with the operator's name (T9).
func TestSupportLooks(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.get("/operator/support", "ope").want(200, "いま依頼はありません。")
		id := s.called("ann")
		s.get("/operator", "ope").want(200, "いま見ることを許している会社：1社").lacks("甲社")
		s.get("/operator/support", "ope").want(200, "甲社", "名前 ann")
		s.get("/operator/support", "ann").want(404)
		s.get("/operator", "hana").want(404)
		s.openFor(Support, id, "ope")
		s.openFor(Support, id, "ope")
		if looks, noted := s.looks(id), s.journalled("helper.support-looked"); looks != 8 || noted != 8 {
			t.Errorf("%d looks and %d entries, want 8 and 8", looks, noted)
		}
		s.get(s.helpers()+"/"+id, "man").want(200, "名前 ope", "ファイル", "運営者のサポート")
		s.get("/orgs/"+string(s.a)+"/journal", "man").want(200, "運営者のサポートが見ました", "名前 ope")
		s.shutFor(Support, id, "ann", "not the operator")
		s.shutFor(Helper, id, "ope", "support is no helper")
		s.get("/orgs/"+string(s.a), "ope").want(404)
		s.clock = s.clock.Add(24 * time.Hour)
		s.shutFor(Support, id, "ope", "over")
	})
}

// The journal gets one entry an hour for each kind of page; the count has all.
func TestLooksAreCountedAndJournalled(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.granted("answers", "files", "profile")
		for range 3 {
			s.openFor(Helper, id, "hana")
			s.clock = s.clock.Add(20 * time.Minute)
		}
		s.openFor(Helper, id, "hana")
		if looks, noted := s.looks(id), s.journalled("helper.looked"); looks != 16 || noted != 8 {
			t.Errorf("%d looks and %d entries, want 16 and 8", looks, noted)
		}
		s.get(s.helpers(), "vi").want(200, "見た回数：16回")
		s.get("/orgs/"+string(s.a)+"/journal", "man").want(200, "支援者が見ました", "名前 hana")
	})
}

// A link to a file that was fetched before is of no use after the revocation, and
// one that is revoked while its page is made is not sent.
func TestRevokedBetweenPageAndSending(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.granted("answers", "files", "profile")
		page := s.pages(Helper, id)
		link := page[3]
		s.get(page[2], "hana").want(200, link)
		revoke := func() {
			if err := s.Revoke(context.Background(), s.a, id); err != nil {
				t.Error(err)
			}
		}
		open := s.Answers.File
		s.Answers.File = func(ctx context.Context, company, pack, item, file string) (web.File, error) {
			f, err := open(ctx, company, pack, item, file)
			revoke() // after the handler has looked, before anything is sent
			return f, err
		}
		s.get(link, "hana").want(404).lacks("canary")
		s.get(link, "hana").want(404).lacks("canary")
	})
}

// After a restore each revocation is done again; twice is as good as once.
func TestReplay(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.granted("answers", "files", "profile")
		s.openFor(Helper, id, "hana")
		for range 2 {
			err := s.d.Write(context.Background(), func(ctx context.Context) error {
				return s.Replay(ctx, journal.Entry{Org: string(s.a), At: s.clock, Actor: "ann", Verb: "helper.revoked", Subject: id})
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		s.shutFor(Helper, id, "hana", "replayed")
		other := s.granted("answers", "files", "profile")
		err := s.d.Write(context.Background(), func(ctx context.Context) error {
			return s.Replay(ctx, journal.Entry{Org: string(s.b), At: s.clock, Actor: "ben", Verb: "helper.revoked", Subject: other})
		})
		if err != nil {
			t.Fatal(err)
		}
		s.openFor(Helper, other, "hana")
	})
}
