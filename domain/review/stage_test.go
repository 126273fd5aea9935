package review

import (
	"bytes"
	"cmp"
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
	"sync"
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

const (
	pack  = "scs-star3-2026"
	pack5 = "self-diagnosis-25"
)

// site is the room over real companies, answers and files, behind the real web
// layer. A session cookie is the id of its account, a trailing ! makes its proof of
// identity old.
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
	bodies  map[string]bool
	grants  []string // of helpers, open
	papers  map[string]org.Paper
	a, b    org.ID // owned by ann and ben
	items   []string
	file    string // evidence of a
	secret  string
	tie     string // that a specialist states
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
	s := &site{
		t: t, d: d, clock: time.Date(2026, 11, 24, 1, 0, 0, 0, time.UTC),
		paused: map[string]bool{}, bodies: map[string]bool{}, papers: map[string]org.Paper{},
	}
	s.rooms(t)
	s.companies(t)
	return s
}

func (s *site) now() time.Time { return s.clock }

func people(_ context.Context, ids []string) (map[string]org.Person, error) {
	all := map[string]org.Person{}
	for _, id := range ids {
		if id != "" && id != "gone" {
			all[id] = org.Person{Name: "名前 " + id, Email: id + "@example.jp"}
		}
	}
	return all, nil
}

// Packs and texts are read once: there are many sites.
var (
	loadPacks = sync.OnceValues(func() (*assess.Library, error) { return assess.LoadPacks(content.Frameworks()) })
	loadTexts = sync.OnceValues(func() (*i18n.Catalogue, error) { return i18n.Load(content.Texts()) })
)

func (s *site) rooms(t *testing.T) {
	packs, err := loadPacks()
	if err != nil {
		t.Fatal(err)
	}
	texts, err := loadTexts()
	if err != nil {
		t.Fatal(err)
	}
	qualifications, err := LoadQualifications(content.Qualifications())
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
		Left:            func(ctx context.Context, id org.ID, account string) error { return s.Left(ctx, string(id), account) },
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
		DB: s.d, Now: s.now, Assess: s.assess, Texts: texts, Qualifications: qualifications, Derive: derive, Accounts: people,
		Member: s.orgs.Member, Relations: s.orgs.Relations,
		Organisation: func(ctx context.Context, id string) (org.Organisation, error) { return s.orgs.ByID(ctx, org.ID(id)) },
		Mine: func(ctx context.Context, account string) ([]org.Membership, error) {
			return s.orgs.OrganisationsOf(ctx, account, "", 20)
		},
		QueueInvitation: func(_ context.Context, id string) error { s.queued = append(s.queued, id); return nil },
		NewAccountURL:   func(next string) (string, error) { return "/account/new?next=" + url.QueryEscape(next), nil },
		Paused:          func(_ context.Context, id string) (bool, error) { return s.paused[id], nil },
		IsBody:          func(_ context.Context, id string) (bool, error) { return s.bodies[id], nil },
		OnPaper:         func(context.Context, string, []string) (map[string]org.Paper, error) { return s.papers, nil },
		HelperGrants:    func(context.Context, string) ([]string, error) { return s.grants, nil },
	})
	s.serve(texts)
}

func (s *site) serve(texts *i18n.Catalogue) {
	session := func(_ context.Context, token string) (web.Caller, error) {
		account, stale := strings.CutSuffix(token, "!")
		c := web.Caller{Account: account, Session: token, SteppedUp: s.clock}
		if stale {
			c.SteppedUp = s.clock.Add(-time.Hour)
		}
		return c, nil
	}
	token := func(_ context.Context, secret string) (web.Caller, error) {
		maker, company, _ := strings.Cut(secret, " ")
		return web.Caller{Account: maker, Token: &web.Token{ID: secret, Org: company, Role: web.Owner, Write: true}}, nil
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

// companies gives ann a company with people, answers and evidence, and ben one.
func (s *site) companies(t *testing.T) {
	ctx := context.Background()
	profile := org.Profile{Kind: org.KindCompany, Name: "甲社", Industry: "E", Prefecture: "13", CorporateNumber: org.Fictional(1)}
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
	for account, role := range map[string]web.Role{"man": web.Manager, "mem": web.Member, "vi": web.Viewer, "own": web.Owner} {
		s.must(s.orgs.AddMember(ctx, s.a, account, role))
	}
	for _, x := range s.assess.Packs.ByID(pack).Items[:4] {
		s.items = append(s.items, x.ID)
	}
	for i, choice := range []string{assess.Met, assess.Met, assess.NotApplicable, assess.Partly} {
		in := assess.AnswerInput{Org: string(s.a), Pack: pack, Item: s.items[i], Choice: choice, Memo: "canary-memo", Actor: "mem"}
		if choice == assess.NotApplicable {
			in.Reason = "canary-reason"
		}
		_, err := s.assess.Answer(ctx, in)
		s.must(err)
	}
	s.file, s.secret = s.evidence("canary-file.pdf", assess.Internal), s.evidence("canary-secret.pdf", assess.Secret)
}

// evidence puts a file to the first item.
func (s *site) evidence(name, sensitivity string) string {
	s.t.Helper()
	var b bytes.Buffer
	const edge = "edge"
	for field, value := range map[string]string{"sensitivity": sensitivity, "form": s.form()} {
		b.WriteString("--" + edge + "\r\nContent-Disposition: form-data; name=\"" + field + "\"\r\n\r\n" + value + "\r\n")
	}
	b.WriteString("--" + edge + "\r\nContent-Disposition: form-data; name=\"evidence\"; filename=\"" + name + "\"\r\n\r\n%PDF-1.4\ncanary-bytes\n%%EOF\n\r\n--" + edge + "--\r\n")
	r := httptest.NewRequest(http.MethodPost, "/orgs/"+string(s.a)+"/frameworks/"+pack+"/items/"+s.items[0]+"/evidence", &b)
	r.Header.Set("Content-Type", "multipart/form-data; boundary="+edge)
	s.send(r, "ann").want(303)
	return s.value("SELECT MAX(id) FROM assess_evidence WHERE org_id = ? AND name = ?", s.a, name)
}

// form is one that can show the first item.
func (s *site) form() string {
	needs := s.assess.Packs.ByID(pack).Item(s.items[0]).Needs
	if len(needs) == 0 {
		return ""
	}
	return needs[0]
}

func (s *site) must(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
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

func (s *site) exec(query string, args ...any) {
	s.t.Helper()
	s.must(s.d.Write(context.Background(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, query, args...)
		return err
	}))
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

// list is the company's page of snapshots.
func (s *site) list() string { return "/orgs/" + string(s.a) + "/snapshots" }

// frozen has the manager freeze ★3 and returns the page of the snapshot.
func (s *site) frozen() (id, path string) {
	s.t.Helper()
	w := s.post(s.list(), "man", "framework", pack, "scope", "本社").want(303)
	path = w.Header().Get("Location")
	return path[strings.LastIndex(path, "/")+1:], path
}

// seated has the owner invite somebody and him accept; files says whether he sees
// them.
func (s *site) seated(path, account string, files bool) string {
	s.t.Helper()
	pairs := []string{"email", account + "@example.jp", "words", "台帳を見てください。"}
	if files {
		pairs = append(pairs, "files", "on")
	}
	s.post(path+"/specialists", "ann", pairs...).want(303)
	seat := s.queued[len(s.queued)-1]
	s.post("/review-invitations/"+seat, account, "code", derive(invitationPurpose, seat), "name", "専門 "+account, "organisation", "みほん事務所").want(303)
	return seat
}

// confirmed has a specialist find two items and record it.
func (s *site) confirmed(seat, account string) {
	s.t.Helper()
	s.post("/reviewing/"+seat+"/findings", account, "verdict."+s.items[1], "not_confirmed", "advice."+s.items[1], "canary-advice").want(303)
	s.confirmedOne(seat, account, s.items[0])
}

func (s *site) confirmedOne(seat, account, item string) {
	s.t.Helper()
	s.post("/reviewing/"+seat+"/findings", account, "verdict."+item, "confirmed").want(303)
	s.post("/reviewing/"+seat+"/confirm", account, "name", "専門 "+account, "qualification", "riss", "number", "第000001号",
		"tie", cmp.Or(s.tie, TieNone), "looked", "規程3点").want(303)
}
