package plan_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/plan"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

const (
	star3     = "scs-star3-2026"
	pack25    = "self-diagnosis-25"
	executive = "executive-guideline-3"
)

// stage is the real rooms behind the real web layer. A session cookie is the id of
// its account; with a trailing ! its last proof of identity is long ago.
type stage struct {
	*plan.Room
	t       *testing.T
	d       *db.DB
	org     *org.Room
	assess  *assess.Room
	now     time.Time
	paused  bool
	duties  []plan.Duty
	handler http.Handler
	id, url string
	other   string
}

func each(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, []db.Schema{journal.Schema(), org.Schema(), assess.Schema(), plan.Schema()}, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

// The packs are read once: they are the same for every test.
var library = sync.OnceValues(func() (*assess.Library, error) { return assess.LoadPacks(content.Frameworks()) })

func newStage(t *testing.T, d *db.DB) *stage {
	t.Helper()
	packs, err := library()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, d: d, now: time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return s.now }
	s.org = org.New(org.Config{DB: d, Now: clock, Derive: func(_, id string) string { return id },
		QueueInvitation: func(context.Context, string) error { return nil },
		Accounts:        func(context.Context, []string) (map[string]org.Person, error) { return nil, nil },
		Left:            func(ctx context.Context, id org.ID, account string) error { return s.Left(ctx, string(id), account) },
	})
	s.assess = assess.New(assess.Config{DB: d, Now: clock, Packs: packs})
	s.Room = plan.New(plan.Config{
		DB: d, Now: clock, Assess: s.assess, Base: "https://mamori.example.jp", Secret: db.NewID, Member: s.org.Member,
		People: func(ctx context.Context, id string) ([]plan.Person, error) {
			members, err := s.org.Members(ctx, org.ID(id), "", 100)
			var all []plan.Person
			for _, m := range members {
				all = append(all, plan.Person{Account: m.Account, Name: "みほん " + m.Account, Owner: m.Role == web.Owner})
			}
			return all, err
		},
		Paused:     func(context.Context, string) (bool, error) { return s.paused, nil },
		Duties:     func(context.Context, string) ([]plan.Duty, error) { return s.duties, nil },
		VendorText: func(org, pack, item string) string { return "/orgs/" + org + "/stars/vendor/" + item },
	})
	s.front(clock)
	s.id, s.other = s.company("owner"), s.company("stranger")
	s.url = "/orgs/" + s.id + "/plan"
	for _, r := range []web.Role{web.Viewer, web.Member, web.Manager} {
		if err := s.org.AddMember(context.Background(), org.ID(s.id), r.String(), r); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *stage) front(clock func() time.Time) {
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		s.t.Fatal(err)
	}
	session := func(_ context.Context, token string) (web.Caller, error) {
		account, stale := strings.CutSuffix(token, "!")
		c := web.Caller{Account: account, Session: token, SteppedUp: s.now}
		if stale {
			c.SteppedUp = s.now.Add(-time.Hour)
		}
		return c, nil
	}
	_, s.handler = web.New(web.Config{
		DB: s.d, Texts: texts, Log: slog.New(slog.DiscardHandler), Now: clock, Session: session, Member: s.org.Member,
		LoginPath: "/login", StepUpPath: "/step-up",
		Problem: func(p *problem.Problem, id string) templ.Component {
			return ui.Problem(ui.ProblemView{Title: ui.T("problem."+p.Code+".title", p.Args...), Hint: ui.T("problem."+p.Code+".hint", p.Args...), RequestID: id})
		},
	}, s.Routes(), nil)
}

func (s *stage) company(owner string) string {
	s.t.Helper()
	o, err := s.org.Create(context.Background(), owner, org.Profile{Kind: org.KindCompany, Name: "株式会社ひみつ"})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(o.ID)
}

type answer struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (s *stage) send(r *http.Request, as string) answer {
	s.t.Helper()
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost:8080"
	if as != "" {
		r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: as})
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
	return s.send(httptest.NewRequest(http.MethodGet, path, nil), as)
}

func (s *stage) post(path, as string, pairs ...string) answer {
	s.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return s.send(r, as)
}

// text is the body; the lines of a calendar are unfolded.
func (a answer) text() string { return strings.ReplaceAll(a.Body.String(), "\r\n ", "") }

func (a answer) want(status int, parts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Errorf("status %d, want %d: %.600s", a.Code, status, a.Body.String())
	}
	for _, p := range parts {
		if !strings.Contains(a.text(), p) {
			a.t.Errorf("the page does not say %q: %.3000s", p, a.Body.String())
		}
	}
	return a
}

func (a answer) lacks(parts ...string) answer {
	a.t.Helper()
	for _, p := range parts {
		if strings.Contains(a.text(), p) {
			a.t.Errorf("the page says %q", p)
		}
	}
	return a
}

// add makes a step over HTTP and returns its id.
func (s *stage) add(pack, item, what string, pairs ...string) string {
	s.t.Helper()
	s.post(s.url, "member", append([]string{"pack", pack, "item", item, "what", what}, pairs...)...).want(303)
	return s.value("SELECT id FROM plan_step WHERE org_id = ? AND pack = ? AND item = ?", s.id, pack, item)
}

func (s *stage) answered(pack, item, choice string) {
	s.t.Helper()
	answers := map[string]assess.Answer{}
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		answers, err = s.assess.Answers(ctx, s.id, pack)
		return err
	})
	if err == nil {
		_, err = s.assess.Answer(context.Background(), assess.AnswerInput{Org: s.id, Pack: pack, Item: item, Choice: choice, Actor: "owner", Revision: answers[item].Revision})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// proved records evidence of the form that an item asks for.
func (s *stage) proved(pack, item string, until time.Time) {
	s.t.Helper()
	form := ""
	if needs := s.assess.Packs.ByID(pack).Item(item).Needs; len(needs) > 0 {
		form = needs[0]
	}
	_, err := s.assess.Record(context.Background(), assess.Recorded{
		Org: s.id, Actor: "owner", Source: "test", Ref: pack + item, Kind: assess.KindCheck, Form: form, Name: "点検", CollectedAt: s.now, ValidUntil: until,
		Proves: []assess.Place{{Pack: pack, Item: item}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// state asks for the state of a step over the JSON face.
func (s *stage) state(id string) plan.State {
	s.t.Helper()
	var v struct{ State plan.State }
	a := s.get("/api/v1"+s.url+"/steps/"+id, "viewer").want(200)
	if err := json.Unmarshal(a.Body.Bytes(), &v); err != nil {
		s.t.Fatal(err)
	}
	return v.State
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

// criterion is an item of ★3 that asks for a rule: a word does not do for it.
const criterion = "4-1-5-1"
