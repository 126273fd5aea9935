package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"io/fs"
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
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

var noon = time.Date(2027, 3, 31, 12, 0, 0, 0, time.UTC)

// stage is a server over sample routes, with callers known by their cookie.
type stage struct {
	*Server
	handler http.Handler
	log     *safeBuffer
	saved   []string // what the sample form took
	mu      sync.Mutex
	seen    []string
}

type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

var sampleSchema = []db.Schema{}

func texts(t testing.TB) *i18n.Catalogue {
	t.Helper()
	tree, err := fs.Sub(content.Texts(), ".")
	if err != nil {
		t.Fatal(err)
	}
	cat, err := i18n.Load(tree)
	if err != nil {
		t.Fatal(err)
	}
	return cat
}

func newStage(t testing.TB, d *db.DB, change func(*Config)) *stage {
	t.Helper()
	st := &stage{log: &safeBuffer{}}
	cfg := Config{
		DB: d, Texts: texts(t), Log: slog.New(slog.NewJSONHandler(st.log, nil)), Now: func() time.Time { return noon },
		Metrics: NewMetrics(), Version: "1.2.3", LoginPath: "/login", StepUpPath: "/step-up",
		Session: sampleSession, Token: sampleToken, Member: sampleMember,
		Seen: func(ctx context.Context, c Caller) {
			if db.InTransaction(ctx) {
				t.Error("Seen was told inside a transaction")
			}
			st.mu.Lock()
			defer st.mu.Unlock()
			st.seen = append(st.seen, c.Session)
		},
		Dress: func(ctx context.Context, org string) (context.Context, error) {
			return context.WithValue(ctx, dressKey{}, "org="+org), nil
		},
		Problem: func(p *problem.Problem, id string) templ.Component {
			return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
				dress, _ := ctx.Value(dressKey{}).(string)
				_, err := io.WriteString(w, "<h1>"+i18n.T(ctx, "problem."+p.Code+".title", p.Args...)+"</h1>"+id+" dress:"+dress)
				return err
			})
		},
	}
	if change != nil {
		change(&cfg)
	}
	st.Server, st.handler = New(cfg, st.routes(), map[string]http.Handler{
		"GET /assets/": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
			w.Header().Set("ETag", `"fixed"`)
			w.Header().Set("Content-Type", "text/css; charset=utf-8")
			_, _ = io.WriteString(w, strings.Repeat("a{color:red}", 500))
		}),
	})
	return st
}

type dressKey struct{}

// sampleSession knows the cookie "<account>" and "<account>!" with a fresh login.
func sampleSession(_ context.Context, token string) (Caller, error) {
	name, fresh := strings.CutSuffix(token, "!")
	switch name {
	case "yuki", "ken", "rei", "ope":
		c := Caller{Account: name, Session: "s-" + name, Operator: name == "ope", SteppedUp: noon.Add(-time.Hour)}
		if fresh {
			c.SteppedUp = noon.Add(-time.Minute)
		}
		return c, nil
	}
	return Caller{}, nil
}

func sampleToken(_ context.Context, token string) (Caller, error) {
	switch token {
	case "reads":
		return Caller{Account: "yuki", Token: &Token{ID: "t1", Org: "acme", Role: Owner}}, nil
	case "writes":
		return Caller{Account: "yuki", Token: &Token{ID: "t2", Org: "acme", Role: Member, Write: true}}, nil
	case "kens":
		return Caller{Account: "ken", Token: &Token{ID: "t4", Org: "acme", Role: Owner}}, nil
	case "operates":
		return Caller{Account: "ope", Operator: true, Token: &Token{ID: "t3", Org: "acme", Role: Owner, Write: true}}, nil
	}
	return Caller{}, nil
}

// sampleMember asks the database, which does not take every text.
func sampleMember(ctx context.Context, account, org string) (Role, error) {
	org, err := db.Value[string](ctx, "SELECT CAST(? AS TEXT)", org)
	switch {
	case err != nil:
		return Nobody, err
	case account == "yuki" && org == "acme":
		return Owner, nil
	case account == "ken" && (org == "acme" || org == "other"):
		return Viewer, nil
	}
	return Nobody, nil
}

type orgIn struct {
	Org   string `path:"org"`
	After string `query:"after"`
	N     int    `query:"n"`
}

type hello struct {
	Org   string `json:"org"`
	After string `json:"after"`
	N     int    `json:"n"`
}

type formIn struct {
	Org    string   `path:"org"`
	Filter string   `query:"filter"`
	Name   string   `json:"name"`
	Count  int      `json:"count"`
	Ticks  []string `json:"ticks"`
	Rows   []row    `json:"rows"`
}

type row struct {
	Key string `json:"key"`
}

type saved struct {
	Name string `json:"name"`
	next string
}

func (s saved) Next() string { return s.next }

type fileIn struct {
	Org  string `path:"org"`
	File Upload `json:"file"`
}

type none struct{}

func text(s string) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		dress, _ := ctx.Value(dressKey{}).(string)
		_, err := io.WriteString(w, "<p>"+templ.EscapeString(s)+"</p>"+dress)
		return err
	})
}

func page[V any](v V) templ.Component {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text(string(b))
}

func (st *stage) save(_ context.Context, in formIn) (saved, error) {
	var v problem.Invalid
	v.Check(in.Name != "", "name", "form")
	if err := v.Or(); err != nil {
		return saved{}, err
	}
	st.saved = append(st.saved, in.Org+"/"+in.Name+"/"+strings.Join(in.Ticks, "+")+"/"+in.Filter)
	return saved{Name: in.Name, next: "/orgs/" + in.Org}, nil
}

func (st *stage) routes() []Route {
	greet := func(ctx context.Context, in orgIn) (hello, error) { return hello(in), nil }
	plain := func(context.Context, none) (hello, error) { return hello{}, nil }
	return []Route{
		Get("/{$}", Public, "Says hello.", plain, page[hello]),
		Get("/orgs/{org}", Viewer, "Shows the company.", greet, page[hello]),
		Get("/orgs/{org}/owner", Owner, "Shows what the owner sees.", greet, page[hello]),
		Post("/orgs/{org}/form", Member, "Takes the form.", st.save, page[saved],
			Again(func(_ context.Context, in formIn, p *problem.Problem) (templ.Component, error) {
				return text("again " + in.Org + " " + in.Name + " " + strings.Join(in.Ticks, "+") + " name:" + p.FieldCode("name") + " count:" + p.FieldCode("count")), nil
			})),
		Post("/orgs/{org}/file", Member, "Takes a file.", func(_ context.Context, in fileIn) (saved, error) {
			if !in.File.Present() {
				return saved{}, problem.New(http.StatusBadRequest, "form")
			}
			r, err := in.File.Open()
			if err != nil {
				return saved{}, err
			}
			defer r.Close()
			b, err := io.ReadAll(r)
			st.saved = append(st.saved, in.File.Name+" "+string(b[:4]))
			return saved{Name: in.File.Name, next: "/orgs/" + in.Org}, err
		}, nil, Limit(3<<20)),
		Post("/orgs/{org}/danger", Owner, "Deletes the company.", st.save, page[saved], StepUp),
		Get("/orgs/{org}/danger", Owner, "Asks whether to delete the company.", greet, page[hello], StepUp),
		Get("/account", SignedIn, "Shows the account.", plain, page[hello]),
		Post("/account/name", SignedIn, "Changes the name.", func(context.Context, none) (saved, error) { return saved{next: "//evil.example"}, nil }, page[saved]),
		Get("/operator", Operator, "Shows the installation.", plain, page[hello]),
		Post("/login", Public, "Logs in.", func(ctx context.Context, _ none) (saved, error) {
			SetCookie(ctx, SessionCookie, "fresh", time.Hour)
			return saved{next: "/"}, nil
		}, nil, PageOnly),
		Get("/writes", Public, "Tries to write while reading.", func(ctx context.Context, _ none) (hello, error) {
			_, err := db.Exec(ctx, "CREATE TABLE sample (a TEXT)")
			return hello{}, err
		}, page[hello]),
		Get("/panics", Public, "Breaks.", func(context.Context, none) (hello, error) { panic("secret-canary") }, page[hello]),
		Get("/breaks", Public, "Fails.", func(context.Context, none) (hello, error) {
			return hello{}, errorOf(`parsing "secret-canary": invalid`)
		}, page[hello]),
		Get("/slow", Public, "Waits.", func(ctx context.Context, _ none) (hello, error) {
			<-ctx.Done()
			return hello{}, ctx.Err()
		}, page[hello]),
		Get("/big", Public, "Shows much.", func(context.Context, none) (hello, error) { return hello{Org: strings.Repeat("長い", 3000)}, nil }, page[hello]),
		GetFile("/orgs/{org}/file.csv", Viewer, "Gives a file.", func(_ context.Context, in orgIn) (File, error) {
			return File{Name: "一覧.csv", Type: "text/csv; charset=utf-8", Write: func(w io.Writer) error {
				for range in.N {
					if _, err := w.Write(bytes.Repeat([]byte("x"), 1024)); err != nil {
						return err
					}
				}
				if in.After == "broken" {
					return errorOf("the file ended early")
				}
				return nil
			}}, nil
		}),
	}
}

type errorOf string

func (e errorOf) Error() string { return string(e) }

// call is one request to a stage.
type call struct {
	method, path, body, kind, as, token, host, from, accept string
	header                                                  http.Header
}

func (st *stage) do(t testing.TB, c call) *httptest.ResponseRecorder {
	t.Helper()
	if c.method == "" {
		c.method = http.MethodGet
	}
	var body io.Reader
	if c.body != "" || c.method == http.MethodPost {
		body = strings.NewReader(c.body)
	}
	r := httptest.NewRequest(c.method, "http://localhost:8080/", body)
	u, err := url.ParseRequestURI(c.path)
	if err != nil {
		t.Fatal(err)
	}
	r.URL, r.RequestURI = u, c.path
	r.Host, r.RemoteAddr = "localhost:8080", "127.0.0.1:5000"
	for k, v := range c.header {
		r.Header[k] = v
	}
	set := func(name, value string) {
		if value != "" {
			r.Header.Set(name, value)
		}
	}
	set("Content-Type", c.kind)
	set("Accept", c.accept)
	if c.method == http.MethodPost && c.kind == "" && !strings.HasPrefix(c.path, "/api/") {
		set("Content-Type", "application/x-www-form-urlencoded")
	}
	if c.as != "" {
		r.AddCookie(&http.Cookie{Name: "session", Value: c.as})
	}
	if c.token != "" {
		set("Authorization", "Bearer "+c.token)
	}
	if c.host != "" {
		r.Host = c.host
	}
	if c.host == "-" {
		r.Host = ""
	}
	if c.from != "" {
		r.RemoteAddr = c.from
	}
	w := httptest.NewRecorder()
	st.handler.ServeHTTP(w, r)
	return w
}

func lite(t testing.TB) *db.DB { return dbtest.SQLite(t, sampleSchema) }

var localProxy = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
