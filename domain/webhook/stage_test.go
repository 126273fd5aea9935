package webhook_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/webhook"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/fetch"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// got is a call that the receiver took.
type got struct {
	header http.Header
	body   string
}

// stage is the rooms behind the real web layer, and a real receiver on
// loopback. A session cookie is the id of its account; with a trailing ! its
// last proof of identity is long ago.
type stage struct {
	*webhook.Room
	t        *testing.T
	d        *db.DB
	org      *org.Room
	now      time.Time
	paused   map[string]bool
	queue    map[string]time.Time
	told     []string
	receiver *httptest.Server
	mu       sync.Mutex
	calls    []got
	status   int
	handler  http.Handler
	id       string
}

func derive(purpose, id string) string {
	m := hmac.New(sha256.New, []byte("key of a test"))
	m.Write([]byte(purpose + "\x00" + id))
	return hex.EncodeToString(m.Sum(nil))
}

func each(t *testing.T, f func(t *testing.T, s *stage)) {
	t.Helper()
	dbtest.Each(t, []db.Schema{journal.Schema(), org.Schema(), webhook.Schema()}, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

func newStage(t *testing.T, d *db.DB) *stage {
	t.Helper()
	s := &stage{t: t, d: d, now: time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC), status: 200, paused: map[string]bool{}, queue: map[string]time.Time{}}
	s.receiver = httptest.NewServer(http.HandlerFunc(s.receive))
	t.Cleanup(s.receiver.Close)
	clock := func() time.Time { return s.now }
	out := fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	s.org = org.New(org.Config{DB: d, Now: clock, Derive: derive,
		QueueInvitation: func(context.Context, string) error { return nil },
		Accounts:        func(context.Context, []string) (map[string]org.Person, error) { return nil, nil },
		Left:            func(ctx context.Context, id org.ID, account string) error { return s.Left(ctx, string(id), account) },
	})
	s.Room = webhook.New(webhook.Config{
		DB: d, Now: clock, Derive: derive, Verbs: []string{"org.edited", "org.site-added"}, CheckURL: out.CheckURL,
		Post: func(ctx context.Context, address string, h http.Header, body []byte) (int, error) {
			a, err := out.Post(ctx, address, h, body, 1<<16)
			return a.Status, err
		},
		Queue:  func(_ context.Context, id string, at time.Time) error { s.queue[id] = at; return nil },
		Paused: func(_ context.Context, org string) (bool, error) { return s.paused[org], nil },
		Role:   s.org.Member,
		People: func(context.Context, []string) (map[string]string, error) {
			return map[string]string{"manager": "みほん 花子"}, nil
		},
		Notify: func(_ context.Context, org string) error { s.told = append(s.told, org); return nil },
	})
	s.handler = s.front(clock)
	s.id = s.company("owner")
	for _, r := range []web.Role{web.Viewer, web.Member, web.Manager} {
		if err := s.org.AddMember(context.Background(), org.ID(s.id), r.String(), r); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func (s *stage) front(clock func() time.Time) http.Handler {
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
	_, h := web.New(web.Config{
		DB: s.d, Texts: texts, Log: slog.New(slog.DiscardHandler), Now: clock, Session: session, Member: s.org.Member,
		LoginPath: "/login", StepUpPath: "/step-up",
		Problem: func(p *problem.Problem, id string) templ.Component {
			return ui.Problem(ui.ProblemView{Title: ui.T("problem."+p.Code+".title", p.Args...), Hint: ui.T("problem."+p.Code+".hint", p.Args...), RequestID: id})
		},
	}, s.Routes(), nil)
	return h
}

func (s *stage) receive(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls = append(s.calls, got{r.Header, string(body)})
	w.WriteHeader(s.status)
}

// taken gives the calls since it was last asked.
func (s *stage) taken() []got {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := s.calls
	s.calls = nil
	return all
}

func (s *stage) answers(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

func (s *stage) company(owner string) string {
	s.t.Helper()
	o, err := s.org.Create(context.Background(), owner, org.Profile{Kind: org.KindCompany, Name: "株式会社ひみつ"})
	if err != nil {
		s.t.Fatal(err)
	}
	return string(o.ID)
}

// happens is something that the company is told of: a site with a name.
func (s *stage) happens() {
	s.t.Helper()
	s.now = s.now.Add(time.Second)
	if err := s.org.AddSite(context.Background(), org.ID(s.id), org.Site{Name: "ひみつの倉庫", Country: "JP"}); err != nil {
		s.t.Fatal(err)
	}
	s.follow()
}

func (s *stage) follow() {
	s.t.Helper()
	if err := journal.CatchUp(context.Background(), s.d, s.Follower()); err != nil {
		s.t.Fatal(err)
	}
}

// run does what is due.
func (s *stage) run() {
	s.t.Helper()
	for id, at := range s.queue {
		if at.After(s.now) {
			continue
		}
		delete(s.queue, id)
		if err := s.Deliver(context.Background(), id); err != nil {
			s.t.Fatal(err)
		}
	}
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

// secretOn reads the secret that a page shows once.
func secretOn(t *testing.T, a answer) []byte {
	t.Helper()
	_, rest, ok := strings.Cut(a.Body.String(), "whsec_")
	if !ok {
		t.Fatalf("no secret: %.2000s", a.Body.String())
	}
	text, _, _ := strings.Cut(rest, "<")
	key, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(text, "&#43;", "+"))
	if err != nil || len(key) != 32 {
		t.Fatalf("%q: %v", text, err)
	}
	return key
}

// add makes an endpoint over HTTP and returns its id and secret.
func (s *stage) add(as string) (string, []byte) {
	s.t.Helper()
	key := secretOn(s.t, s.post("/orgs/"+s.id+"/webhooks", as, "url", s.receiver.URL+"/hook", "verbs", "org.site-added", "verbs", "org.edited").want(200))
	return s.value("SELECT MAX(id) FROM webhook_endpoint WHERE org_id = ? AND made_by = ? AND removed_at IS NULL", s.id, as), key
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

// signed says whether one of the signatures of a call is of the key, as a
// receiver checks it.
func signed(g got, key []byte) bool {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(g.header.Get("webhook-id") + "." + g.header.Get("webhook-timestamp") + "." + g.body))
	want := "v1," + base64.StdEncoding.EncodeToString(m.Sum(nil))
	for _, s := range strings.Fields(g.header.Get("webhook-signature")) {
		if hmac.Equal([]byte(s), []byte(want)) {
			return true
		}
	}
	return false
}
