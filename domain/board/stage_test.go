package board_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/board"
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
	guideline = "executive-guideline-3"
	star3     = "scs-star3-2026"
)

// stage is the real rooms behind the real web layer. A session cookie is the id of its
// account; with a trailing ! its last proof of identity is long ago.
type stage struct {
	*board.Room
	t         *testing.T
	d         *db.DB
	org       *org.Room
	assess    *assess.Room
	now       time.Time
	mayNot    map[string]bool
	decisions []board.Decision
	declared  []board.Declared
	handler   http.Handler
	id, url   string
	other     string
}

func each(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, []db.Schema{journal.Schema(), count.Schema(), org.Schema(), assess.Schema(), board.Schema()}, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

// The packs are read once: they are the same for every test.
var library = sync.OnceValues(func() (*assess.Library, error) { return assess.LoadPacks(content.Frameworks()) })

func newStage(t *testing.T, d *db.DB) *stage {
	t.Helper()
	packs, err := library()
	if err != nil {
		t.Fatal(err)
	}
	s := &stage{t: t, d: d, now: time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC), mayNot: map[string]bool{}}
	clock := func() time.Time { return s.now }
	s.org = org.New(org.Config{DB: d, Now: clock, Derive: func(_, id string) string { return id },
		QueueInvitation: func(context.Context, string) error { return nil },
		Accounts:        func(context.Context, []string) (map[string]org.Person, error) { return nil, nil },
	})
	s.assess = assess.New(assess.Config{DB: d, Now: clock, Packs: packs})
	s.Room = board.New(board.Config{
		DB: d, Now: clock, Assess: s.assess, Count: count.New(func(purpose, id string) string { return "key" + purpose + id }, clock),
		MayCount: func(_ context.Context, orgs []string) (map[string]bool, error) {
			may := map[string]bool{}
			for _, o := range orgs {
				may[o] = !s.mayNot[o]
			}
			return may, nil
		},
		Name: func(ctx context.Context, id string) (string, error) { return s.org.NameOf(ctx, org.ID(id)) },
		Mine: func(ctx context.Context, account, after string, limit int) ([]board.Mine, error) {
			all, err := s.org.OrganisationsOf(ctx, account, org.ID(after), limit)
			var mine []board.Mine
			for _, m := range all {
				mine = append(mine, board.Mine{ID: string(m.ID), Name: m.Name, Role: m.Role})
			}
			return mine, err
		},
		Decisions: func(context.Context, string) ([]board.Decision, error) { return s.decisions, nil },
		Declared:  func(context.Context, string) ([]board.Declared, error) { return s.declared, nil },
	})
	s.front(clock)
	s.id, s.other = s.company("owner", "株式会社ひみつ"), s.company("stranger", "よその会社")
	s.url = "/orgs/" + s.id + "/board"
	for _, r := range []web.Role{web.Viewer, web.Member, web.Manager} {
		s.join(s.id, r.String(), r)
	}
	return s
}

func (s *stage) join(id, account string, role web.Role) {
	s.t.Helper()
	if err := s.org.AddMember(context.Background(), org.ID(id), account, role); err != nil {
		s.t.Fatal(err)
	}
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

func (s *stage) company(owner, name string) string {
	s.t.Helper()
	o, err := s.org.Create(context.Background(), owner, org.Profile{Kind: org.KindCompany, Name: name})
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

// answered gives the answers of a company to the ten items, from the first on; "" is
// passed over.
func (s *stage) answered(id string, choices ...string) {
	s.t.Helper()
	for i, choice := range choices {
		if choice != "" {
			s.answer(id, guideline, s.assess.Packs.ByID(guideline).Items[i].ID, choice)
		}
	}
}

func (s *stage) answer(id, pack, item, choice string) {
	s.t.Helper()
	answers := map[string]assess.Answer{}
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		answers, err = s.assess.Answers(ctx, id, pack)
		return err
	})
	if err == nil {
		_, err = s.assess.Answer(context.Background(), assess.AnswerInput{Org: id, Pack: pack, Item: item, Choice: choice, Actor: "owner", Revision: answers[item].Revision})
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// all is ten times the same level.
func all(level string) []string { return slices.Repeat([]string{level}, 10) }

// proved records evidence of the form that an item asks for.
func (s *stage) proved(pack, item, kind string) {
	s.t.Helper()
	form := ""
	if needs := s.assess.Packs.ByID(pack).Item(item).Needs; len(needs) > 0 {
		form = needs[0]
	}
	_, err := s.assess.Record(context.Background(), assess.Recorded{
		Org: s.id, Actor: "owner", Source: "test", Ref: kind + item, Kind: kind, Form: form, Name: "点検", CollectedAt: s.now,
		Proves: []assess.Place{{Pack: pack, Item: item}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// view is the page over the JSON face.
func (s *stage) view(as string) (v board.BoardView) {
	s.t.Helper()
	a := s.get("/api/v1"+s.url, as).want(200)
	if err := json.Unmarshal(a.Body.Bytes(), &v); err != nil {
		s.t.Fatal(err)
	}
	return v
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

// getIn asks in a language.
func (s *stage) getIn(lang, path, as string) answer {
	s.t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	if lang != "" {
		r.AddCookie(&http.Cookie{Name: web.LanguageCookie, Value: lang})
	}
	return s.send(r, as)
}

// printed is the sheet as a browser prints it, with the style sheet of the program.
func (s *stage) printed(chromium, lang string) string {
	s.t.Helper()
	page := s.getIn(lang, s.url+"/paper", "viewer").want(200).Body.Bytes()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/assets/") {
			ui.ServeAssets(w, r)
			return
		}
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write(page)
	}))
	defer server.Close()
	dir := s.t.TempDir()
	at := filepath.Join(dir, "paper.pdf")
	cmd := exec.Command(chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--user-data-dir="+dir, "--no-pdf-header-footer", "--print-to-pdf="+at, server.URL)
	if out, err := cmd.CombinedOutput(); err != nil {
		s.t.Fatalf("%v: %.500s", err, out)
	}
	if keep := os.Getenv("MINAMORI_KEEP_PAPER"); keep != "" {
		if b, err := os.ReadFile(at); err == nil {
			_ = os.WriteFile(filepath.Join(keep, "paper"+lang+".pdf"), b, 0o600)
		}
	}
	return at
}
