package org

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// site is the room behind the real web layer. A session cookie is the id of its
// account; with a trailing ! its last proof of identity is long ago.
type site struct {
	*world
	handler http.Handler
	log     bytes.Buffer
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	s := &site{world: newWorld(d)}
	session := func(_ context.Context, token string) (web.Caller, error) {
		account, stale := strings.CutSuffix(token, "!")
		c := web.Caller{Account: account, Session: token, SteppedUp: s.clock.now()}
		if stale {
			c.SteppedUp = s.clock.now().Add(-time.Hour)
		}
		return c, nil
	}
	// A key is "maker organisation".
	key := func(_ context.Context, secret string) (web.Caller, error) {
		maker, org, _ := strings.Cut(secret, " ")
		return web.Caller{Account: maker, Token: &web.Token{ID: secret, Org: org, Role: web.Viewer}}, nil
	}
	_, s.handler = web.New(web.Config{
		DB: d, Texts: texts, Log: slog.New(slog.NewTextHandler(&s.log, nil)), Now: s.clock.now,
		Session: session, Token: key, Member: s.Member, LoginPath: "/login", StepUpPath: "/step-up",
		Problem: func(p *problem.Problem, id string) templ.Component {
			return ui.Problem(ui.ProblemView{Title: ui.T("problem."+p.Code+".title", p.Args...), Hint: ui.T("problem."+p.Code+".hint", p.Args...), RequestID: id})
		},
	}, s.Routes(), nil)
	return s
}

func eachSite(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) { f(t, newSite(t, d)) })
}

type answer struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (s *site) send(t *testing.T, r *http.Request, as string) answer {
	t.Helper()
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost:8080"
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: as})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if body := w.Body.String(); strings.Contains(body, "⟦") {
		t.Errorf("%s %s lacks a text: %s", r.Method, r.URL.Path, body[strings.Index(body, "⟦"):][:60])
	}
	return answer{w, t}
}

func (s *site) get(t *testing.T, path, as string) answer {
	t.Helper()
	return s.send(t, httptest.NewRequest(http.MethodGet, path, nil), as)
}

func (s *site) post(t *testing.T, path, as string, pairs ...string) answer {
	t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(t, r, as)
}

func (a answer) want(status int, parts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Errorf("status %d, want %d: %.400s", a.Code, status, a.Body.String())
	}
	for _, p := range parts {
		if !strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page does not say %q: %.3000s", p, a.Body.String())
		}
	}
	return a
}

func (a answer) leadsTo(path string) answer {
	a.t.Helper()
	if a.Code != http.StatusSeeOther || a.Header().Get("Location") != path {
		a.t.Errorf("status %d to %q, want 303 to %q: %.400s", a.Code, a.Header().Get("Location"), path, a.Body.String())
	}
	return a
}

func TestHomeLeadsOn(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.get(t, "/", "").want(200, "会社のセキュリティを", `href="/login"`)
		s.get(t, "/", "ann").leadsTo("/orgs/new")
		id := s.create(t, "ann", "甲社")
		s.get(t, "/", "ann").leadsTo("/orgs/" + string(id))
		s.create(t, "ann", "乙社")
		s.get(t, "/", "ann").leadsTo("/orgs")
		s.get(t, "/orgs", "ann").want(200, "甲社", "乙社", "経営者")
		s.get(t, "/orgs", "bob").want(200, "まだ会社がありません")
		s.get(t, "/orgs", "").leadsTo("/login?next=%2Forgs")
	})
}

func TestRegisterACompany(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.get(t, "/orgs/new", "ann").want(200, "会社を登録します。", "13桁の数字です", "はじめの質問")
		bad := s.post(t, "/orgs/new", "ann", "corporate_number", "499990000123", "name", "株式会社みほん\u202e精機", "employees", "十二", "kana", "みほん")
		bad.want(422, "法人番号は13桁です。いま12桁あります。", "U+202E", `value="499990000123"`, `value="十二"`, "0以上の数字", `value="みほん"`)
		made := s.post(t, "/orgs/new", "ann", "kind", "company", "corporate_number", "５０１０ ００５０ ０７１２ ６", "name", " 株式会社みほん精機 ",
			"industry", "E", "employees", "１２", "capital_yen", "10,000,000", "prefecture", "13")
		to := made.want(303).Header().Get("Location")
		id, ok := strings.CutPrefix(to, "/orgs/")
		if !ok || id == "new" {
			t.Fatalf("leads to %q", to)
		}
		s.get(t, to+"/company", "ann").want(200, "<h1>株式会社みほん精機</h1>", "5010005007126", "小規模", "製造業", "東京都", "10,000,000円", "12人")
		var v struct {
			Name      string `json:"name"`
			Number    string `json:"corporate_number"`
			Employees *int   `json:"employees"`
			Size      string `json:"size"`
		}
		if err := json.Unmarshal(s.get(t, "/api/v1"+to+"/company", "ann").want(200).Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if v.Name != "株式会社みほん精機" || v.Number != "5010005007126" || v.Employees == nil || *v.Employees != 12 || v.Size != "small" {
			t.Errorf("%+v", v)
		}
	})
}

// Whoever claims a number that is taken gets the same answer as everybody.
func TestATakenNumberGivesNoHint(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		form := []string{"kind", "company", "corporate_number", "5010005007126", "name", "甲社"}
		first := s.post(t, "/orgs/new", "ann", form...).want(303)
		second := s.post(t, "/orgs/new", "bob", form...).want(303)
		names := func(a answer) []string {
			all := []string{}
			for k := range a.Header() {
				all = append(all, k)
			}
			slices.Sort(all)
			return all
		}
		if d := cmp.Diff(names(first), names(second)); d != "" || first.Body.String() != "" != (second.Body.String() != "") {
			t.Error("the two answers differ:", d)
		}
		page := s.get(t, first.Header().Get("Location")+"/company", "ann").want(200).Body.String()
		other := s.get(t, second.Header().Get("Location")+"/company", "bob").want(200).Body.String()
		a, b := strings.TrimPrefix(first.Header().Get("Location"), "/orgs/"), strings.TrimPrefix(second.Header().Get("Location"), "/orgs/")
		if page != strings.ReplaceAll(other, b, a) {
			t.Error("the two pages differ")
		}
	})
}

func TestJSONTakesNumbersAndTexts(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		for body, status := range map[string]int{
			`{"kind":"company","name":"甲社","employees":12}`:                            200,
			`{"kind":"company","name":"甲社","employees":"12"}`:                          200,
			`{"kind":"company","name":"甲社","employees":null}`:                          200,
			`{"kind":"company","name":"甲社","employees":-1}`:                            422,
			`{"kind":"company","name":"甲社","employees":1.5}`:                           422,
			`{"kind":"company","name":"甲社","employees":99999999999999999}`:             422,
			`{"kind":"company","name":"甲社","employees":{"n":1}}`:                       422,
			`{"kind":"robot","name":"甲社"}`:                                             422,
			`{"kind":"sole_proprietor","name":"甲","corporate_number":"5010005007126"}`: 422,
			`{"kind":"company","name":"甲社","owner":"eve"}`:                             400,
		} {
			r := httptest.NewRequest(http.MethodPost, "/api/v1/orgs/new", strings.NewReader(body))
			r.Header.Set("Content-Type", "application/json")
			if a := s.send(t, r, "ann"); a.Code != status {
				t.Errorf("%s: %d, want %d: %s", body, a.Code, status, a.Body)
			}
		}
	})
}

func TestHugeAndHiddenNames(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.post(t, "/orgs/new", "ann", "name", strings.Repeat("あ", 10<<20/3)).want(413)
		s.post(t, "/orgs/new", "ann", "name", strings.Repeat("あ", 201)).want(422, "名前は200文字まで")
		for _, name := range []string{"み\u200bほん", "み\u202eほん", "み\u200dほん", "\ufeff社", "み\x01ほん"} {
			s.post(t, "/orgs/new", "ann", "name", name).want(422, "U+")
		}
		s.post(t, "/orgs/new", "ann", "name", "葛\U000E0100城工業").want(303)
		s.post(t, "/orgs/new", "ann", "name", `<script>alert(1)</script>`).want(303)
		page := s.get(t, "/orgs", "ann").want(200, "&lt;script&gt;").Body.String()
		if strings.Contains(page, "<script>alert") {
			t.Error("a name became markup")
		}
	})
}

func TestRegistrationsAreLimited(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		for range maxCreated {
			s.post(t, "/orgs/new", "ann", "name", "甲社").want(303)
		}
		s.post(t, "/orgs/new", "ann", "name", "甲社").want(429, "24時間に20社")
		s.post(t, "/orgs/new", "bob", "name", "甲社").want(303)
	})
}

// fill puts ids into a route's path: known ones where the test has them.
func fill(path string, ids map[string]string) string {
	path = strings.TrimSuffix(path, "{$}")
	for name, id := range ids {
		path = strings.ReplaceAll(path, "{"+name+"}", id)
	}
	return path
}

// everyRole is a company with somebody of each role, and things with ids.
func (s *site) everyRole(t *testing.T) (ID, map[string]string) {
	t.Helper()
	ctx := context.Background()
	id := s.create(t, "owner", "甲社")
	for _, r := range []web.Role{web.Viewer, web.Member, web.Manager} {
		if err := s.AddMember(ctx, id, r.String(), r); err != nil {
			t.Fatal(err)
		}
	}
	c, err := s.CreateCircle(ctx, id, CircleRegion, "みほん市グループ")
	if err != nil {
		t.Fatal(err)
	}
	inv, err := s.Invite(ctx, id, web.Owner, "new@example.jp", web.Member)
	if err != nil {
		t.Fatal(err)
	}
	return id, map[string]string{"org": string(id), "account": "viewer", "circle": c.ID, "invitation": inv.ID, "site": "none", "relation": "none"}
}

// A stranger, and a member of another company, get 404 on every route of an
// organisation, whatever else they send; nobody with a lesser role gets in.
func TestRolesOnEveryRoute(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, ids := s.everyRole(t)
		s.create(t, "eve", "乙社")
		tested := 0
		for _, r := range s.Routes() {
			if !r.Role.InOrganisation() {
				continue
			}
			path := fill(r.Path, ids)
			for _, face := range []string{"", "/api/v1"} {
				if face != "" && r.PageOnly {
					continue
				}
				ask := func(as string) int {
					if r.Method == http.MethodGet {
						return s.get(t, face+path, as).Code
					}
					return s.post(t, face+path, as).Code
				}
				for _, stranger := range []string{"eve", "nobody"} {
					if got := ask(stranger); got != http.StatusNotFound {
						t.Errorf("%s %s as %s: %d, want 404", r.Method, face+path, stranger, got)
					}
				}
				if got := ask(""); got != http.StatusUnauthorized && got != http.StatusSeeOther {
					t.Errorf("%s %s without login: %d", r.Method, face+path, got)
				}
				for lesser := web.Viewer; lesser < r.Role; lesser++ {
					if got := ask(lesser.String()); got != http.StatusForbidden {
						t.Errorf("%s %s as %s: %d, want 403", r.Method, face+path, lesser, got)
					}
					tested++
				}
			}
		}
		if tested < 60 {
			t.Errorf("only %d lesser roles were tried", tested)
		}
	})
}

// Every page renders, in every register.
func TestEveryPageRenders(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id, ids := s.everyRole(t)
		ctx := context.Background()
		for _, err := range []error{
			s.AddSite(ctx, id, Site{Name: "ハノイ工場", Country: "VN"}),
			s.AddRelation(ctx, id, Relation{Kind: RelationParent, Name: "親社", CorporateNumber: Fictional(9)}),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.MakeCircleCode(ctx, id, ids["circle"]); err != nil {
			t.Fatal(err)
		}
		pages := 0
		for _, r := range s.Routes() {
			if r.Method != http.MethodGet || r.Path == "/{$}" {
				continue
			}
			path := fill(r.Path, ids)
			if strings.HasPrefix(path, "/invitations/") {
				path = invitationPath(ids["invitation"], derive(invitationPurpose, ids["invitation"]))
			}
			for _, lang := range []i18n.Lang{i18n.JA, i18n.Easy, i18n.EN} {
				req := httptest.NewRequest(http.MethodGet, path, nil)
				req.AddCookie(&http.Cookie{Name: web.LanguageCookie, Value: string(lang)})
				s.send(t, req, "owner").want(200)
				pages++
			}
		}
		if pages < 60 {
			t.Errorf("only %d pages", pages)
		}
		if strings.Contains(s.log.String(), "level=ERROR") {
			t.Error(s.log.String())
		}
	})
}

func TestStepUpActs(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id, _ := s.everyRole(t)
		home := "/orgs/" + string(id)
		s.post(t, home+"/invitations/owner", "owner!", "email", "x@example.jp").want(403)
		s.post(t, home+"/people/member/owner", "owner!").want(403)
		s.get(t, home+"/journal/export", "owner!").leadsTo("/step-up?next=" + url.QueryEscape(home+"/journal/export"))
		s.post(t, home+"/invitations", "owner", "email", "x@example.jp", "role", "owner").want(422, "役割を一つ選んで")
		s.post(t, home+"/people/member/role", "owner", "role", "owner").want(422)
		s.post(t, home+"/invitations", "owner!", "email", "x@example.jp", "role", "manager").leadsTo(home + "/people")
		s.post(t, home+"/invitations/owner", "owner", "email", "y@example.jp").leadsTo(home + "/people")
		s.post(t, home+"/people/member/owner", "owner").leadsTo(home + "/people")
		if s.role(t, "member", id) != web.Owner {
			t.Error("the new owner is none")
		}
	})
}

func TestInvitationByLink(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.create(t, "ann", "甲社")
		home := "/orgs/" + string(id)
		s.post(t, home+"/invitations", "ann", "email", "ひみつ", "role", "member").want(422, "メールアドレスの形", `value="ひみつ"`)
		s.post(t, home+"/invitations", "ann", "email", "bob@example.jp", "role", "member").leadsTo(home + "/people")
		s.get(t, home+"/people", "ann").want(200, "bob@example.jp", "返事を待っている招待")
		letter, err := s.InvitationMail(context.Background(), s.queued[0])
		if err != nil {
			t.Fatal(err)
		}
		link, code := letter.Path, strings.SplitN(letter.Path, "?code=", 2)[1]
		path := strings.SplitN(link, "?", 2)[0]
		// A mail scanner opens the link twice, by HEAD too.
		for range 2 {
			a := s.get(t, link, "").want(200, "招待が届いています", "甲社", "名前 ann", "/account/new?next=", "/login?next=")
			if p := a.Header().Get("Referrer-Policy"); p != "no-referrer" && p != "same-origin" {
				t.Error("the code may leave by the referrer")
			}
			s.send(t, httptest.NewRequest(http.MethodHead, link, nil), "").want(200)
		}
		s.get(t, path+"?code=wrong", "").want(404)
		s.get(t, path, "").want(404)
		s.get(t, "/invitations/unknown?code="+code, "").want(404)
		s.post(t, path, "", "code", code).want(401)
		s.post(t, path, "bob", "code", "wrong").want(404)
		s.get(t, link, "bob").want(200, "名前 bobさんとして", `name="code" value="`+code+`"`)
		s.post(t, path, "bob", "code", code).leadsTo(home)
		s.post(t, path, "eve", "code", code).want(410, "もう使われています")
		s.get(t, link, "eve").want(410, "もう使われています")
		if s.role(t, "bob", id) != web.Member || s.role(t, "eve", id) != web.Nobody {
			t.Error("the roles are wrong")
		}
		if strings.Contains(s.log.String(), code) {
			t.Error("the log holds the code")
		}
		s.noSecret(t, code)
		if n, err := journal.Verify(context.Background(), s.d, nil, nil); err != nil || !n.OK() {
			t.Errorf("%+v, %v", n, err)
		}
	})
}

// noSecret looks for a secret in every text of this room and of the journal.
func (s *site) noSecret(t *testing.T, secret string) {
	t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) error {
		for _, q := range []string{
			"SELECT COUNT(*) FROM org_invitation WHERE id = ? OR email = ? OR invited_by = ? OR secret_hash = ?",
			"SELECT COUNT(*) FROM journal_entry WHERE subject = ? OR actor = ? OR verb = ? OR body = ?",
		} {
			n, err := db.Value[int](ctx, q, secret, secret, secret, []byte(secret))
			if err != nil || n != 0 {
				return fmt.Errorf("%d rows hold the secret, %w", n, err)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

func TestRevokedAndExpiredLinks(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.create(t, "ann", "甲社")
		home := "/orgs/" + string(id)
		link := func(email string) (id, path string) {
			s.post(t, home+"/invitations", "ann", "email", email, "role", "viewer").want(303)
			id = s.queued[len(s.queued)-1]
			l, err := s.InvitationMail(context.Background(), id)
			if err != nil {
				t.Fatal(err)
			}
			return id, l.Path
		}
		inv, path := link("bob@example.jp")
		s.post(t, home+"/invitations/"+inv+"/revoke", "ann").leadsTo(home + "/people")
		s.get(t, path, "").want(410, "取り消されています")
		_, path = link("bob@example.jp")
		s.clock.forward(InvitationFor + time.Second)
		s.get(t, path, "").want(410, "期限が過ぎています")
	})
}

func TestPeoplePageAsksOnceForNames(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		id := s.create(t, "ann", "甲社")
		queries := func() int {
			s.asked = 0
			ctx, counter := db.Counted(ctx)
			err := s.d.Read(ctx, func(ctx context.Context) error {
				_, err := s.showPeople(ctx, PeopleIn{Org: id})
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return counter.N()
		}
		few := queries()
		for i := range 60 {
			if err := s.AddMember(ctx, id, fmt.Sprintf("p%02d", i), web.Viewer); err != nil {
				t.Fatal(err)
			}
		}
		if many := queries(); many != few || many > 3 || s.asked != 1 {
			t.Errorf("%d queries for one, %d for 61, names asked %d times", few, many, s.asked)
		}
		first := s.get(t, "/orgs/"+string(id)+"/people", "ann").want(200, "p00@example.jp", `rel="next"`).Body.String()
		second := s.get(t, "/orgs/"+string(id)+"/people?after=p48", "ann").want(200, "p59@example.jp").Body.String()
		if strings.Contains(first, "p59@") || strings.Contains(second, "p48@") {
			t.Error("the pages overlap")
		}
		if page := s.get(t, "/orgs/"+string(id)+"/people", "p00").want(200, "名前 p01").Body.String(); strings.Contains(page, "@example.jp") {
			t.Error("a viewer sees addresses")
		}
	})
}

func TestRoleAndLeavingByPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id, _ := s.everyRole(t)
		home := "/orgs/" + string(id)
		s.post(t, home+"/people/viewer/role", "manager", "role", "manager").leadsTo(home + "/people")
		s.post(t, home+"/people/owner/role", "manager", "role", "viewer").want(403)
		s.get(t, home+"/people/owner", "manager").want(200, "変えられるのは、経営者だけです")
		s.post(t, home+"/people/owner/role", "owner", "role", "viewer").want(409, "経営者がいなくなるため", "ほかの人を経営者に")
		s.post(t, home+"/leave", "owner").want(409, "経営者がいなくなるため")
		s.post(t, home+"/leave", "member").leadsTo("/")
		s.get(t, home+"/people", "member").want(404)
		s.post(t, home+"/people/viewer/remove", "manager").leadsTo(home + "/people")
		s.get(t, home+"/people", "viewer").want(404)
		s.post(t, home+"/people/nobody/role", "owner", "role", "viewer").want(404)
	})
}

func TestSitesAndRelationsByPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.create(t, "ann", "甲社")
		other := s.create(t, "eve", "乙社")
		home := "/orgs/" + string(id)
		s.post(t, home+"/sites", "ann", "name", "", "country", "XX").want(422, "名前を書いて", "一覧の中から")
		s.post(t, home+"/sites", "ann", "name", "ハノイ工場", "country", "VN", "prefecture", "13").leadsTo(home + "/company")
		s.post(t, home+"/relations", "ann", "name", "親社", "kind", "parent", "corporate_number", "1").want(422, "いま1桁")
		s.post(t, home+"/relations", "ann", "name", "親社", "kind", "parent", "corporate_number", "5010005007126").leadsTo(home + "/company")
		s.get(t, home+"/company", "ann").want(200, "ハノイ工場", "ベトナム", "親社", "親会社")
		var v CompanyView
		if err := json.Unmarshal(s.get(t, "/api/v1"+home+"/company", "ann").Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if len(v.Sites) != 1 || v.Sites[0].Prefecture != "" || len(v.Relations) != 1 {
			t.Fatalf("%+v", v)
		}
		theirs := "/orgs/" + string(other)
		s.post(t, theirs+"/sites/"+v.Sites[0].ID+"/remove", "eve").want(404)
		s.post(t, theirs+"/relations/"+v.Relations[0].ID+"/remove", "eve").want(404)
		s.post(t, home+"/sites/"+v.Sites[0].ID+"/remove", "ann").leadsTo(home + "/company")
		s.post(t, home+"/relations/"+v.Relations[0].ID+"/remove", "ann").leadsTo(home + "/company")
		s.get(t, home+"/company", "ann").want(200, "まだ書いていません。国内と海外の", "なければ、そのままで")
	})
}

func TestEditACompany(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id := s.create(t, "ann", "甲社")
		home := "/orgs/" + string(id)
		s.get(t, home+"/company/edit", "ann").want(200, `value="甲社"`, `value="12"`)
		s.post(t, home+"/company", "ann", "kind", "company", "name", "", "trade_name", "甲や").want(422, "名前を書いて", `value="甲や"`)
		s.post(t, home+"/company", "ann", "kind", "sole_proprietor", "name", "山田花子", "trade_name", "花屋はな", "employees", "0").leadsTo(home + "/company")
		s.get(t, home+"/company", "ann").want(200, "山田花子", "花屋はな", "社外には見えません", "番号 M-", "0人")
	})
}

// Lists that have no end are read page by page; nothing is shown twice or left out.
func TestLongListsArePaged(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		id := s.create(t, "ann", "社")
		c, err := s.CreateCircle(ctx, id, CircleIndustry, "長い一覧")
		if err != nil {
			t.Fatal(err)
		}
		for i := range 59 {
			other := s.create(t, "ann", fmt.Sprintf("社%02d", i%7)) // names that repeat
			if err := s.AddToCircle(ctx, c.ID, other); err != nil {
				t.Fatal(err)
			}
		}
		mine := map[ID]bool{}
		for after := ID(""); ; {
			var v MineView
			if err := json.Unmarshal(s.get(t, "/api/v1/orgs?after="+string(after), "ann").want(200).Body.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			for _, o := range v.Organisations {
				if mine[o.ID] {
					t.Fatalf("%s twice", o.ID)
				}
				mine[o.ID] = true
			}
			if after = v.Next; after == "" {
				break
			}
		}
		numbers := map[string]int{}
		for after := ""; ; {
			var v CircleView
			path := "/api/v1/orgs/" + string(id) + "/circles/" + c.ID + "?after=" + after
			if err := json.Unmarshal(s.get(t, path, "ann").want(200).Body.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			for _, o := range v.Rows {
				numbers[o.Name]++
			}
			if after = v.NextPage; after == "" {
				break
			}
		}
		total := 0
		for _, n := range numbers {
			total += n
		}
		if len(mine) != 60 || total != 60 {
			t.Errorf("%d organisations, %d members of the circle, want 60 and 60", len(mine), total)
		}
	})
}

func TestCircleByPage(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		a, b, c := s.create(t, "ann", "甲社"), s.create(t, "bob", "乙社"), s.create(t, "eve", "丙社")
		at := func(id ID) string { return "/orgs/" + string(id) + "/circles" }
		s.get(t, at(a), "ann").want(200, "まだグループに入っていません")
		s.post(t, at(a), "ann", "kind", "region", "name", "み\u202e").want(422, "U+202E")
		circle := s.post(t, at(a), "ann", "kind", "region", "name", "みほん市グループ").want(303).Header().Get("Location")
		cid := circle[strings.LastIndex(circle, "/")+1:]
		s.post(t, circle+"/codes", "ann").leadsTo(circle)
		var v CircleView
		if err := json.Unmarshal(s.get(t, "/api/v1"+circle, "ann").want(200).Body.Bytes(), &v); err != nil || len(v.Codes) != 1 {
			t.Fatalf("%+v, %v", v, err)
		}
		code := v.Codes[0].Code
		s.get(t, circle, "ann").want(200, code, "1社が入っています")
		s.post(t, at(b)+"/join", "bob", "code", "AAAA-AAAA-AAAA-AAAA").want(422, "この合言葉では入れません", `value="AAAA-AAAA-AAAA-AAAA"`)
		s.post(t, "/orgs/"+string(b)+"/company", "bob", "kind", "sole_proprietor", "name", "山田花子", "prefecture", "01").want(303)
		s.post(t, at(b)+"/join", "bob", "code", strings.ToLower(code)).leadsTo(at(b) + "/" + cid)
		page := s.get(t, at(a)+"/"+cid, "ann").want(200, "個人事業者", "2社が入っています", "甲社").Body.String()
		if strings.Contains(page, "山田花子") || strings.Contains(page, "北海道") || strings.Contains(page, string(b)) {
			t.Error("others see a sole proprietor's own name, place or id")
		}
		seen := s.get(t, at(b)+"/"+cid, "bob").want(200, "甲社", "運営者").Body.String()
		if strings.Contains(seen, code) || strings.Contains(seen, "/codes") {
			t.Error("a member sees the operator's codes")
		}
		s.get(t, at(c)+"/"+cid, "eve").want(404)
		s.post(t, at(c)+"/join", "eve", "code", code).want(422)
		s.post(t, at(a)+"/"+cid+"/leave", "ann").want(409, "運営者は抜けられません")
		s.post(t, at(b)+"/"+cid+"/leave", "bob").leadsTo(at(b))
		s.get(t, at(b)+"/"+cid, "bob").want(404)
	})
}

func TestJournalPageAndExport(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		id := s.create(t, "ann", "甲社")
		home := "/orgs/" + string(id)
		for i := range 60 {
			if err := s.AddSite(ctx, id, Site{Name: fmt.Sprintf("拠点%02d", i), Country: Japan}); err != nil {
				t.Fatal(err)
			}
		}
		if err := s.d.Write(ctx, func(ctx context.Context) error {
			return journal.Note(ctx, journal.Entry{Org: string(id), At: s.now(), Actor: "gone", Verb: "other.thing", Subject: "x"}, nil)
		}); err != nil {
			t.Fatal(err)
		}
		page := s.get(t, home+"/journal", "ann").want(200, "拠点を加えました", "拠点59", "できごと（other.thing）", `rel="next"`, "before=13").Body.String()
		if strings.Contains(page, "拠点09") {
			t.Error("the first page is too long")
		}
		s.get(t, home+"/journal?before=13", "ann").want(200, "拠点10", "会社を登録しました", "名前 ann")
		file := s.get(t, home+"/journal/export", "ann").want(200)
		if kind := file.Header().Get("Content-Disposition"); !strings.HasPrefix(kind, "attachment") {
			t.Errorf("disposition %q", kind)
		}
		for _, body := range []string{file.Body.String(), s.get(t, "/api/v1"+home+"/journal", "ann").want(200).Body.String()} {
			if strings.Contains(body, `"pos"`) {
				t.Error("the place among the entries of all organisations is shown")
			}
		}
		lines := json.NewDecoder(file.Body)
		var head journal.Head
		if err := lines.Decode(&head); err != nil || head.Seq != 62 {
			t.Fatalf("head %+v, %v", head, err)
		}
		last, n := journal.Entry{}, 0
		for {
			var e journal.Entry
			if err := lines.Decode(&e); err == io.EOF {
				break
			} else if err != nil {
				t.Fatal(err)
			}
			last, n = e, n+1
		}
		if n != 62 || !bytes.Equal(last.Hash, head.Hash) {
			t.Errorf("%d entries, the last is not the head", n)
		}
		heads, err := journal.ReadHeads(s.get(t, home+"/journal/head", "ann").want(200).Body)
		if err != nil || len(heads) != 1 {
			t.Fatalf("%v, %v", heads, err)
		}
		if report, err := journal.Verify(ctx, s.d, heads, nil); err != nil || !report.OK() {
			t.Errorf("%+v, %v", report, err)
		}
	})
}

func TestHelpSaysWhereToTurn(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		id, _ := s.everyRole(t)
		page := s.get(t, "/orgs/"+string(id)+"/help", "viewer").want(200, "困ったときに", "https://www.ipa.go.jp/security/support/soudan.html", "お助け隊", "2025年まで").Body.String()
		if strings.Contains(page, "tel:") {
			t.Error("a telephone number that nobody checks")
		}
	})
}
