package star

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
	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

const (
	articles6   = "security-action-articles-6"
	diagnosis25 = "self-diagnosis-25"
	star3       = "scs-star3-2026"
	star4       = "scs-star4-2026"
)

// stage is the rooms behind the real web layer. A session cookie is the id of its
// account.
type stage struct {
	*Room
	t         *testing.T
	d         *db.DB
	org       *org.Room
	now       time.Time
	id, other string
	policy    string // address of the published one
	approved  bool
	confirmed Confirmation
	handler   http.Handler
}

func each(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	schemas := []db.Schema{journal.Schema(), count.Schema(), org.Schema(), assess.Schema(), Schema()}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

func texts(t *testing.T) *i18n.Catalogue {
	t.Helper()
	cat, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

// loaded reads the packs once: they are read-only.
var loaded = sync.OnceValues(func() (*assess.Library, error) { return assess.LoadPacks(content.Frameworks()) })

func newStage(t *testing.T, d *db.DB) *stage {
	t.Helper()
	s := &stage{t: t, d: d, now: time.Date(2027, 1, 20, 3, 0, 0, 0, time.UTC)}
	clock := func() time.Time { return s.now }
	packs, err := loaded()
	if err != nil {
		t.Fatal(err)
	}
	facts, err := LoadFacts(content.Stars())
	if err != nil {
		t.Fatal(err)
	}
	people := func(_ context.Context, ids []string) (map[string]string, error) {
		names := map[string]string{}
		for _, id := range ids {
			if id != "" && id != "gone" {
				names[id] = "人:" + id
			}
		}
		return names, nil
	}
	s.org = org.New(org.Config{DB: d, Now: clock, Derive: func(purpose, id string) string { return purpose + id },
		QueueInvitation: func(context.Context, string) error { return nil },
		Accounts:        func(context.Context, []string) (map[string]org.Person, error) { return nil, nil },
	})
	room := assess.New(assess.Config{
		DB: d, Now: clock, Packs: packs, People: people,
		Organisation: func(context.Context, string) (assess.Profile, error) { return assess.Profile{}, nil },
	})
	cat := texts(t)
	s.Room = New(Config{
		DB: d, Now: clock, Assess: room, Facts: facts, Texts: cat, People: people,
		Organisation: func(ctx context.Context, id string) (org.Organisation, error) { return s.org.ByID(ctx, org.ID(id)) },
		Published: func(context.Context, string) (string, time.Time, bool, error) {
			return s.policy, s.now, s.policy != "", nil
		},
		Approved: func(context.Context, string) (bool, error) { return s.approved, nil },
		Confirmed: func(context.Context, string, string) (Confirmation, bool, error) {
			return s.confirmed, s.confirmed.Snapshot != "", nil
		},
	})
	_, s.handler = web.New(web.Config{
		DB: d, Texts: cat, Log: slog.New(slog.DiscardHandler), Now: clock, Member: s.org.Member, LoginPath: "/login",
		Session: func(_ context.Context, token string) (web.Caller, error) {
			return web.Caller{Account: token, Session: token, SteppedUp: s.now}, nil
		},
		Problem: func(p *problem.Problem, _ string) templ.Component { return ui.Plain(p.Code) },
	}, s.Routes(), nil)
	s.id, s.other = s.company("株式会社みほん精機", "owner"), s.company("株式会社べつの会社", "stranger")
	for _, r := range []web.Role{web.Viewer, web.Member, web.Manager} {
		if err := s.org.AddMember(context.Background(), org.ID(s.id), r.String(), r); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *stage) company(name, owner string) string {
	s.t.Helper()
	staff := int64(12)
	o, err := s.org.Create(context.Background(), owner, org.Profile{Kind: org.KindCompany, Name: name, Industry: "E", Employees: &staff, Prefecture: "27"})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(o.ID)
}

// answer is what came back.
type answer struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (s *stage) send(r *http.Request, as string) answer {
	s.t.Helper()
	r.RemoteAddr, r.Host = "127.0.0.1:5000", "localhost:8080"
	r.AddCookie(&http.Cookie{Name: web.SessionCookie, Value: as})
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

// at is a path of this room in company a.
func (s *stage) at(path string) string { return home(s.id) + path }

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

func (a answer) without(parts ...string) answer {
	a.t.Helper()
	for _, p := range parts {
		if strings.Contains(a.Body.String(), p) {
			a.t.Errorf("the page says %q", p)
		}
	}
	return a
}

// look reads the JSON of a path.
func look[V any](s *stage, path, as string) (v V) {
	s.t.Helper()
	w := s.get("/api/v1"+path, as).want(200)
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		s.t.Fatal(err)
	}
	return v
}

// says answers items of a pack, all alike.
func (s *stage) says(pack, choice string, items ...string) {
	s.t.Helper()
	s.each(items, func(ctx context.Context, item string) error {
		in := assess.AnswerInput{Org: s.id, Pack: pack, Item: item, Choice: choice, Actor: "owner"}
		in.Reason = "サーバーはありません。"
		_, err := s.Assess.Answer(ctx, in)
		return err
	})
}

// each does something for all items in one transaction.
func (s *stage) each(items []string, f func(context.Context, string) error) {
	s.t.Helper()
	err := s.d.Write(context.Background(), func(ctx context.Context) error {
		for _, item := range items {
			if err := f(ctx, item); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *stage) itemsOf(pack string) (all []string) {
	for _, x := range s.Assess.Packs.ByID(pack).Items {
		all = append(all, x.ID)
	}
	return all
}

// shows puts evidence of the form that an item asks for to it, for a year.
func (s *stage) shows(pack string, items ...string) {
	s.t.Helper()
	s.each(items, func(ctx context.Context, item string) error {
		in := assess.Recorded{
			Org: s.id, Actor: "owner", Source: "test", Ref: pack + "/" + item, Kind: assess.KindStatement, Name: "写真",
			CollectedAt: s.now, ValidUntil: s.now.AddDate(1, 0, 0), Proves: []assess.Place{{Pack: pack, Item: item}},
		}
		if needs := s.Assess.Packs.ByID(pack).Item(item).Needs; len(needs) > 0 {
			in.Form = needs[0]
		}
		_, err := s.Assess.Record(ctx, in)
		return err
	})
}

func (s *stage) declarations() (all []Declaration) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = s.Declarations(ctx, s.id)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}
