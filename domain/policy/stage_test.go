package policy_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/policy"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// stage is the room with org and assess behind the real web layer. A session cookie
// is the id of its account; with a trailing ! its last proof of identity is long ago.
type stage struct {
	*policy.Room
	t       *testing.T
	d       *db.DB
	org     *org.Room
	assess  *assess.Room
	now     time.Time
	unbound map[string]bool
	paper   map[string]org.Paper
	handler http.Handler
	id      string // a company whose people are a-owner, a-manager, a-member, a-viewer
}

func derive(purpose, id string) string {
	m := hmac.New(sha256.New, []byte("key of a test"))
	m.Write([]byte(purpose + "\x00" + id))
	return hex.EncodeToString(m.Sum(nil))
}

func each(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	schemas := []db.Schema{journal.Schema(), org.Schema(), assess.Schema(), policy.Schema()}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

func newStage(t *testing.T, d *db.DB) *stage {
	t.Helper()
	s := &stage{t: t, d: d, now: time.Date(2026, 11, 24, 0, 0, 0, 0, time.UTC), unbound: map[string]bool{}, paper: map[string]org.Paper{}}
	clock := func() time.Time { return s.now }
	s.org = org.New(org.Config{DB: d, Now: clock, Derive: derive,
		QueueInvitation: func(context.Context, string) error { return nil },
		Accounts:        func(context.Context, []string) (map[string]org.Person, error) { return nil, nil },
	})
	packs, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	s.assess = assess.New(assess.Config{DB: d, Now: clock, Packs: packs})
	templates, err := policy.LoadTemplates(content.Policies())
	if err != nil {
		t.Fatal(err)
	}
	s.Room = policy.New(policy.Config{
		DB: d, Now: clock, Assess: s.assess, Templates: templates, Derive: derive, Base: "http://localhost:8080",
		Company: func(ctx context.Context, id string) (policy.Company, error) {
			o, err := s.org.ByID(ctx, org.ID(id))
			return policy.Company{Name: o.OpenName(), Employees: o.Employees}, err
		},
		Bound:  func(_ context.Context, id string) (bool, error) { return !s.unbound[id], nil },
		Paused: func(ctx context.Context, id string) (bool, error) { return s.org.Paused(ctx, org.ID(id)) },
		People: func(_ context.Context, ids []string) (map[string]string, error) {
			names := map[string]string{}
			for _, id := range ids {
				names[id] = "みほん " + id
			}
			return names, nil
		},
		OnPaper: func(context.Context, string, []string) (map[string]org.Paper, error) { return s.paper, nil },
	})
	s.handler = s.serve(clock)
	s.id = s.company("a", org.Fictional(1))
	return s
}

func (s *stage) serve(clock func() time.Time) http.Handler {
	s.t.Helper()
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		s.t.Fatal(err)
	}
	session := func(_ context.Context, token string) (web.Caller, error) {
		account, stale := strings.CutSuffix(token, "~")
		c := web.Caller{Account: account, Session: token, SteppedUp: s.now}
		if stale {
			c.SteppedUp = s.now.Add(-time.Hour)
		}
		return c, nil
	}
	_, handler := web.New(web.Config{
		DB: s.d, Texts: texts, Log: slog.New(slog.DiscardHandler), Now: clock, Session: session, Member: s.org.Member,
		LoginPath: "/login", StepUpPath: "/step-up",
		Problem: func(p *problem.Problem, id string) templ.Component {
			return ui.Problem(ui.ProblemView{Title: ui.T("problem."+p.Code+".title", p.Args...), Hint: ui.T("problem."+p.Code+".hint", p.Args...), RequestID: id})
		},
	}, s.Routes(), nil)
	return handler
}

// company registers a company with owner "<name>-owner" and one person per role.
func (s *stage) company(name string, number org.CorporateNumber) string {
	s.t.Helper()
	o, err := s.org.Create(context.Background(), name+"-owner", org.Profile{Kind: org.KindCompany, Name: "株式会社みほん" + name, CorporateNumber: number})
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range []web.Role{web.Viewer, web.Member, web.Manager} {
		if err := s.org.AddMember(context.Background(), o.ID, name+"-"+r.String(), r); err != nil {
			s.t.Fatal(err)
		}
	}
	return string(o.ID)
}

type answer struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (s *stage) send(r *http.Request, as string, lang i18n.Lang) answer {
	s.t.Helper()
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost:8080"
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: as})
	}
	if lang != "" {
		r.AddCookie(&http.Cookie{Name: web.LanguageCookie, Value: string(lang)})
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if body := w.Body.String(); strings.Contains(body, "⟦") {
		s.t.Errorf("%s %s lacks a text: %.80s", r.Method, r.URL.Path, body[strings.Index(body, "⟦"):])
	}
	return answer{w, s.t}
}

func (s *stage) get(path, as string) answer {
	s.t.Helper()
	return s.send(httptest.NewRequest(http.MethodGet, path, nil), as, "")
}

func (s *stage) read(path, as string, lang i18n.Lang) answer {
	s.t.Helper()
	return s.send(httptest.NewRequest(http.MethodGet, path, nil), as, lang)
}

func (s *stage) post(path, as string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(r, as, "")
}

func (a answer) want(status int, parts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Errorf("status %d, want %d: %.400s", a.Code, status, a.Body.String())
	}
	for _, p := range parts {
		if !strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page does not say %q: %.6000s", p, a.Body.String())
		}
	}
	return a
}

func (a answer) wantNot(parts ...string) answer {
	a.t.Helper()
	for _, p := range parts {
		if strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page says %q", p)
		}
	}
	return a
}

func (s *stage) value(query string, args ...any) (v string) {
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

func (s *stage) count(query string, args ...any) (n int) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, query, args...)
		return err
	})
	if err != nil {
		s.t.Fatalf("%s: %v", query, err)
	}
	return n
}

// begin starts a document and returns its path.
func (s *stage) begin(template string) string {
	s.t.Helper()
	path := s.post("/orgs/"+s.id+"/policies", "a-member", "template", template).want(303).Header().Get("Location")
	if path == "" {
		s.t.Fatal("no document")
	}
	return path
}

// revision is how often the draft was changed.
func (s *stage) revision(path string) string {
	s.t.Helper()
	id := path[strings.LastIndex(path, "/")+1:]
	return s.value("SELECT CAST(revision AS TEXT) FROM policy_version WHERE document_id = ? AND state = 'draft'", id)
}

// approved brings the basic policy into force and returns its path.
func (s *stage) approved() string {
	s.t.Helper()
	path := s.begin("basic-policy")
	s.post(path+"/settings", "a-member", "values.representative", "見本 花子", "values.representative.en", "Hanako Mihon").want(303)
	s.post(path+"/approve", "a-owner", "revision", s.revision(path)).want(303)
	return path
}

func (s *stage) say(pack, item, choice string) {
	s.t.Helper()
	ctx := context.Background()
	var seen int
	err := s.d.Read(ctx, func(ctx context.Context) error {
		all, err := s.assess.Answers(ctx, s.id, pack)
		seen = all[item].Revision
		return err
	})
	if err == nil {
		_, err = s.assess.Answer(ctx, assess.AnswerInput{Org: s.id, Pack: pack, Item: item, Choice: choice, Revision: seen, Actor: "a-member"})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) standing(pack, item string) (state assess.State) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) error {
		all, err := s.assess.Standing(ctx, s.id, pack)
		for _, x := range all.Items {
			if x.Item.ID == item {
				state = x.State
			}
		}
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return state
}
