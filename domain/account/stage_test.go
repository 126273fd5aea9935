package account_test

import (
	"bytes"
	"context"
	"encoding/json"
	"html"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"
	"github.com/pquerna/otp/totp"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/account"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

const (
	password = "さくらの木の下で待つ7"
	secret   = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
	email    = "sakura@mihon.example"
)

// stage is a program with accounts alone, and a clock that the test turns.
type stage struct {
	t     *testing.T
	db    *db.DB
	keep  *auth.Keeper
	now   time.Time
	web   http.Handler
	log   *bytes.Buffer
	told  []string            // ids of letters, as the queue holds them
	roles map[string]web.Role // "organisation account"
}

func each(t *testing.T, f func(t *testing.T, s *stage)) {
	dbtest.Each(t, []db.Schema{journal.Schema(), auth.Schema()}, func(t *testing.T, d *db.DB) { f(t, newStage(t, d)) })
}

func newStage(t *testing.T, d *db.DB, options ...func(*auth.Config)) *stage {
	t.Helper()
	s := &stage{t: t, db: d, now: time.Date(2026, 10, 14, 0, 12, 0, 0, time.UTC), roles: map[string]web.Role{}, log: &bytes.Buffer{}}
	log := slog.New(slog.NewJSONHandler(s.log, nil))
	now := func() time.Time { return s.now }
	keys, err := auth.NewKeys([]byte("0123456789abcdef0123456789abcdef"))
	must(t, err)
	cfg := auth.Config{Keys: keys, Now: now, Host: "localhost", Origin: "http://localhost:8080", Log: log}
	cfg.Notify = func(_ context.Context, id string) error {
		s.told = append(s.told, id)
		return nil
	}
	for _, o := range options {
		o(&cfg)
	}
	s.keep, err = auth.New(d, cfg)
	must(t, err)
	texts, err := i18n.Load(content.Texts())
	must(t, err)
	rm := account.New(account.Config{DB: d, Keeper: s.keep, Now: now, Invited: func(_ context.Context, path string) (string, error) {
		return strings.TrimPrefix(path, "mailed to "), nil
	}})
	_, s.web = web.New(web.Config{
		DB: d, Texts: texts, Log: log, Now: now,
		Session: s.keep.Session, Token: s.keep.Token, Seen: s.keep.Seen,
		Member: func(_ context.Context, account, org string) (web.Role, error) { return s.roles[org+" "+account], nil },
		Problem: func(p *problem.Problem, _ string) templ.Component {
			return ui.Plain("problem " + p.Code)
		},
		LoginPath: "/login", StepUpPath: "/step-up",
	}, append(rm.Routes(), probes()...), nil)
	return s
}

// Role is what the probes answer: the role with which they were reached.
type Role struct {
	Role string `json:"role"`
}

// probes stand for the routes of an organisation.
func probes() []web.Route {
	type in struct {
		Org string `path:"org" json:"-"`
	}
	say := func(ctx context.Context, _ in) (Role, error) { return Role{web.RoleFrom(ctx).String()}, nil }
	page := func(Role) templ.Component { return ui.Plain("probe") }
	return []web.Route{
		web.Get("/orgs/{org}/probe", web.Viewer, "Probe reading.", say, page),
		web.Post("/orgs/{org}/probe", web.Member, "Probe writing.", say, page),
		web.Post("/orgs/{org}/grave", web.Member, "Probe an act that asks for a step-up.", say, page, web.StepUp),
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// person makes an account that logs in with a password and an app.
func (s *stage) person(email string) string {
	s.t.Helper()
	ctx := context.Background()
	a, err := s.keep.CreateAccount(ctx, auth.Person{Name: "見本 さくら", Email: email}, false)
	must(s.t, err)
	must(s.t, s.keep.AddPassword(ctx, a.ID, password, secret))
	return a.ID
}

func (s *stage) code() string {
	c, err := totp.GenerateCode(secret, s.now)
	must(s.t, err)
	return c
}

// browser keeps cookies and stands in a network.
type browser struct {
	s       *stage
	cookies map[string]string
	addr    string
}

func (s *stage) browser() *browser {
	return &browser{s: s, cookies: map[string]string{}, addr: "127.0.0.1:5000"}
}

type answer struct {
	status int
	body   string
	to     string
	header http.Header
}

func (b *browser) send(method, path, kind, body string, header ...string) answer {
	b.s.t.Helper()
	r := httptest.NewRequest(method, "http://localhost:8080"+path, strings.NewReader(body))
	r.RemoteAddr = b.addr
	r.Header.Set("User-Agent", "Mozilla/5.0 (Windows NT 10.0) Chrome/156.0 Safari/537.36")
	if kind != "" {
		r.Header.Set("Content-Type", kind)
	}
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	b.s.web.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return answer{w.Code, w.Body.String(), w.Header().Get("Location"), w.Header()}
}

func (b *browser) get(path string) answer { b.s.t.Helper(); return b.send("GET", path, "", "") }

func (b *browser) post(path string, pairs ...string) answer {
	b.s.t.Helper()
	form := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	return b.send("POST", path, "application/x-www-form-urlencoded", form.Encode())
}

// api posts JSON, with what the session cookie or a bearer allows.
func (b *browser) api(path string, body any, header ...string) answer {
	b.s.t.Helper()
	j, err := json.Marshal(body)
	must(b.s.t, err)
	return b.send("POST", "/api/v1"+path, "application/json", string(j), header...)
}

// login logs in and steps the clock on, so that the next code is a new one.
func (b *browser) login(email string, pairs ...string) answer {
	b.s.t.Helper()
	a := b.post("/login", append([]string{"email", email, "password", password, "code", b.s.code()}, pairs...)...)
	b.s.now = b.s.now.Add(30 * time.Second)
	return a
}

func (a answer) want(t testing.TB, status int, marks ...string) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status %d instead of %d; location %q; body %.600s", a.status, status, a.to, a.body)
	}
	for _, m := range marks {
		if !strings.Contains(a.body, m) && !strings.HasPrefix(a.to, m) {
			t.Fatalf("%q is in neither page nor location %q: %.1500s", m, a.to, a.body)
		}
	}
	return a
}

// signedIn says whether the browser's session still lives.
func (b *browser) signedIn() bool { b.s.t.Helper(); return b.get("/account").status == http.StatusOK }

var hiddenField = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`)

func (a answer) hidden(name string) string {
	for _, m := range hiddenField.FindAllStringSubmatch(a.body, -1) {
		if m[1] == name {
			return html.UnescapeString(m[2])
		}
	}
	return ""
}

func (s *stage) count(query string, args ...any) (n int) {
	s.t.Helper()
	must(s.t, s.db.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, query, args...)
		return err
	}))
	return n
}

// stored says that a text stands somewhere in our tables.
func (s *stage) stored(t *testing.T, text string) (yes bool) {
	t.Helper()
	for table, columns := range map[string][]string{
		"auth_account": {"name", "email", "email_key"}, "auth_identity": {"issuer", "subject", "label"}, "auth_session": {"id", "label"},
		"auth_link": {"id", "purpose"}, "auth_spent": {"id"}, "auth_notice": {"id", "address"}, "journal_entry": {"verb", "subject"},
	} {
		for _, c := range columns {
			if s.count("SELECT COUNT(*) FROM "+table+" WHERE "+c+" LIKE ?", "%"+text+"%") > 0 {
				t.Logf("in %s.%s", table, c)
				yes = true
			}
		}
	}
	must(t, s.db.Read(context.Background(), func(ctx context.Context) error {
		bodies, err := db.Rows(ctx, func(b *[]byte) []any { return []any{b} }, "SELECT body FROM journal_entry WHERE body IS NOT NULL")
		yes = yes || bytes.Contains(bytes.Join(bodies, nil), []byte(text))
		return err
	}))
	return yes
}
