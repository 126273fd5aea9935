package helper

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

const pack = "self-diagnosis-25"

// site is the room over real companies, answers and files, behind the real web
// layer. A session cookie is the id of its account, a trailing ! makes its proof
// of identity old. ope is the operator.
type site struct {
	*Room
	t       *testing.T
	d       *db.DB
	clock   time.Time
	orgs    *org.Room
	assess  *assess.Room
	handler http.Handler
	routes  []web.Route
	queued  []string
	paused  map[string]bool
	bound   map[string]bool
	a, b    org.ID // owned by ann and ben
	file    string // evidence of a, item 11
}

func derive(purpose, id string) string {
	m := hmac.New(sha256.New, []byte("key of a test"))
	m.Write([]byte(purpose + "\x00" + id))
	return hex.EncodeToString(m.Sum(nil))
}

func eachSite(t *testing.T, f func(t *testing.T, s *site)) {
	t.Helper()
	all := []db.Schema{journal.Schema(), blob.Schema(), org.Schema(), assess.Schema(), Schema()}
	dbtest.Each(t, all, func(t *testing.T, d *db.DB) { f(t, newSite(t, d)) })
}

func newSite(t *testing.T, d *db.DB) *site {
	t.Helper()
	s := &site{t: t, d: d, clock: time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC), paused: map[string]bool{}, bound: map[string]bool{}}
	s.rooms(t)
	s.serve(t)
	s.companies(t)
	return s
}

func (s *site) now() time.Time { return s.clock }

func people(_ context.Context, ids []string) (map[string]org.Person, error) {
	all := map[string]org.Person{}
	for _, id := range ids {
		if id != "" {
			all[id] = org.Person{Name: "名前 " + id, Email: id + "@example.jp"}
		}
	}
	return all, nil
}

func (s *site) rooms(t *testing.T) {
	packs, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	files, err := blob.New(s.d, t.TempDir(), s.now)
	if err != nil {
		t.Fatal(err)
	}
	s.orgs = org.New(org.Config{
		DB: s.d, Now: s.now, Derive: derive, Accounts: people,
		QueueInvitation: func(context.Context, string) error { return nil },
		NewAccountURL:   func(next string) (string, error) { return "/account/new?next=" + url.QueryEscape(next), nil },
		Left:            func(ctx context.Context, id org.ID, account string) error { return s.Left(ctx, id, account) },
	})
	s.assess = assess.New(assess.Config{
		DB: s.d, Now: s.now, Packs: packs,
		Organisation: func(context.Context, string) (assess.Profile, error) { return assess.Profile{Name: "甲社"}, nil },
		KeepFile: func(ctx context.Context, company string, u web.Upload) (string, string, error) {
			r, err := u.Open()
			if err != nil {
				return "", "", err
			}
			defer r.Close()
			f, err := files.Put(ctx, company, "ann", u.Name, r, web.UploadLimit)
			return f.ID, hex.EncodeToString(f.Digest), err
		},
		OpenFile: func(ctx context.Context, company, id string) (web.File, error) {
			f, err := files.Get(ctx, company, id)
			return files.AsWebFile(f), err
		},
	})
	s.Room = New(Config{
		DB: s.d, Now: s.now, Derive: derive, Accounts: people, Companies: s.orgs.ByIDs, Member: s.orgs.Member,
		QueueInvitation: func(_ context.Context, id string) error { s.queued = append(s.queued, id); return nil },
		NewAccountURL:   func(next string) (string, error) { return "/account/new?next=" + url.QueryEscape(next), nil },
		Mine: func(ctx context.Context, account string) ([]org.Membership, error) {
			return s.orgs.OrganisationsOf(ctx, account, "", 20)
		},
		Bound:   func(_ context.Context, id string) (bool, error) { return s.bound[id], nil },
		Paused:  func(_ context.Context, id string) (bool, error) { return s.paused[id], nil },
		Figures: func(context.Context) (Figures, error) { return Figures{Companies: 2, Version: "test"}, nil },
		Answers: Answers{
			Overview: s.assess.SharedOverview, Pack: s.assess.SharedAnswers, Item: s.assess.SharedItem,
			Files: s.assess.SharedFiles, File: s.assess.SharedFile, Knows: s.assess.Knows,
		},
	})
}

func (s *site) serve(t *testing.T) {
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	session := func(_ context.Context, token string) (web.Caller, error) {
		account, stale := strings.CutSuffix(token, "!")
		c := web.Caller{Account: account, Session: token, SteppedUp: s.clock, Operator: account == "ope"}
		if stale {
			c.SteppedUp = s.clock.Add(-time.Hour)
		}
		return c, nil
	}
	// A token is "maker organisation".
	token := func(_ context.Context, secret string) (web.Caller, error) {
		maker, company, _ := strings.Cut(secret, " ")
		return web.Caller{Account: maker, Operator: maker == "ope", Token: &web.Token{ID: secret, Org: company, Role: web.Owner, Write: true}}, nil
	}
	s.routes = slices.Concat(s.orgs.Routes(), s.assess.Routes(), s.Routes())
	_, s.handler = web.New(web.Config{
		DB: s.d, Texts: texts, Log: slog.New(slog.DiscardHandler), Now: s.now, Session: session, Token: token,
		Member: s.orgs.Member, LoginPath: "/login", StepUpPath: "/step-up",
		Problem: func(p *problem.Problem, id string) templ.Component {
			return ui.Problem(ui.ProblemView{Title: ui.T("problem."+p.Code+".title", p.Args...), Hint: ui.T("problem."+p.Code+".hint", p.Args...), RequestID: id})
		},
	}, s.routes, nil)
}

// companies gives ann a company with people, answers and a file, and ben one.
func (s *site) companies(t *testing.T) {
	ctx := context.Background()
	staff := int64(12)
	profile := org.Profile{Kind: org.KindCompany, Name: "甲社", Industry: "E", Employees: &staff, Prefecture: "13", CorporateNumber: org.Fictional(1)}
	a, err := s.orgs.Create(ctx, "ann", profile)
	if err != nil {
		t.Fatal(err)
	}
	profile.Name, profile.CorporateNumber = "乙商工会議所", org.Fictional(2)
	b, err := s.orgs.Create(ctx, "ben", profile)
	if err != nil {
		t.Fatal(err)
	}
	s.a, s.b = a.ID, b.ID
	for account, role := range map[string]web.Role{"man": web.Manager, "mem": web.Member, "vi": web.Viewer} {
		if err := s.orgs.AddMember(ctx, s.a, account, role); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.orgs.AddMember(ctx, s.b, "hana", web.Member); err != nil {
		t.Fatal(err)
	}
	for _, item := range []string{"1", "11"} {
		_, err := s.assess.Answer(ctx, assess.AnswerInput{Org: string(s.a), Pack: pack, Item: item, Choice: assess.Partly, Memo: "canary-memo", Actor: "mem"})
		if err != nil {
			t.Fatal(err)
		}
	}
	r := s.form("/orgs/"+string(s.a)+"/frameworks/"+pack+"/items/11/evidence", "evidence", "canary-file.pdf")
	s.send(r, "ann").want(303)
	s.file = s.value("SELECT MAX(id) FROM assess_evidence WHERE org_id = ?", s.a)
}

func (s *site) value(query string, args ...any) (v string) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		v, err = db.Value[string](ctx, query, args...)
		return err
	})
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return v
}

type answer struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (s *site) send(r *http.Request, as string) answer {
	s.t.Helper()
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost:8080"
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: as})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if body := w.Body.String(); strings.Contains(body, "⟦") {
		s.t.Errorf("%s %s lacks a text: %s", r.Method, r.URL.Path, body[strings.Index(body, "⟦"):][:60])
	}
	return answer{w, s.t}
}

func (s *site) get(path, as string) answer {
	s.t.Helper()
	return s.send(httptest.NewRequest(http.MethodGet, path, nil), as)
}

func (s *site) post(path, as string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(r, as)
}

func (s *site) form(path, field, name string) *http.Request {
	var b bytes.Buffer
	const edge = "edge"
	b.WriteString("--" + edge + "\r\nContent-Disposition: form-data; name=\"" + field + "\"; filename=\"" + name + "\"\r\n\r\n%PDF-1.4\ncanary-bytes\n%%EOF\n\r\n--" + edge + "--\r\n")
	r := httptest.NewRequest(http.MethodPost, path, &b)
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+edge)
	return r
}

func (a answer) want(status int, parts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Errorf("status %d, want %d: %.600s", a.Code, status, a.Body.String())
	}
	for _, p := range parts {
		if !strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page does not say %q: %.3000s", p, a.Body.String())
		}
	}
	return a
}

func (a answer) lacks(parts ...string) answer {
	a.t.Helper()
	for _, p := range parts {
		if strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page says %q: %.3000s", p, a.Body.String())
		}
	}
	return a
}

func (a answer) leadsTo(path string) answer {
	a.t.Helper()
	if a.Code != http.StatusSeeOther || a.Header().Get("Location") != path {
		a.t.Errorf("status %d to %q, want 303 to %q: %.600s", a.Code, a.Header().Get("Location"), path, a.Body.String())
	}
	return a
}

// helpers is the company's page.
func (s *site) helpers() string { return "/orgs/" + string(s.a) + "/helpers" }

// granted has ann invite hana and hana accept, and returns the grant.
func (s *site) granted(parts ...string) string {
	s.t.Helper()
	pairs := []string{"email", "hana@example.jp", "days", "30", "reason", "結果の見方"}
	for _, p := range parts {
		pairs = append(pairs, "parts", p)
	}
	s.post(s.helpers(), "ann", pairs...).leadsTo(s.helpers())
	id := s.queued[len(s.queued)-1]
	s.post("/help-invitations/"+id, "hana", "code", derive(invitationPurpose, id), "name", "支援 はなこ", "own_organisation", string(s.b),
		"qualification", "登録セキスペ 第012345号").leadsTo("/helping/" + id)
	return id
}

// pages are the addresses under a grant, file last.
func (s *site) pages(kind Kind, grant string) []string {
	p := kind.path(grant) + "/frameworks/" + pack
	return []string{kind.path(grant), p, p + "/items/11", p + "/items/11/evidence/" + s.file}
}
