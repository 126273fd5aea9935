package web

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzhttp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// Config is what a Server stands on.
type Config struct {
	DB             *db.DB
	Texts          *i18n.Catalogue
	Log            *slog.Logger
	Now            func() time.Time
	PublicURL      *url.URL // how people reach it from outside; nil on this computer alone
	TrustedProxies []netip.Prefix
	Metrics        *Metrics
	Version        string // of the program, for the API document

	// Session finds the caller of a session cookie, Token of an API token. Both
	// run in a read-only snapshot; an unknown one is the zero Caller.
	Session func(ctx context.Context, token string) (Caller, error)
	Token   func(ctx context.Context, token string) (Caller, error)
	// Seen is told after each request of a session, outside any transaction.
	Seen func(ctx context.Context, c Caller)
	// Member returns the caller's role in an organisation; Nobody for a stranger.
	Member func(ctx context.Context, account, org string) (Role, error)
	// Dress adds to the context what every page shows. It runs in a snapshot; org
	// is empty unless the caller has a role in it.
	Dress func(ctx context.Context, org string) (context.Context, error)
	// Problem draws the page of a problem.
	Problem func(p *problem.Problem, requestID string) templ.Component
	// Where a page sends those who have to log in, or prove it again, first.
	LoginPath, StepUpPath string
}

// SessionCookie is the name of the session cookie, without prefix.
const SessionCookie = "session"

// LanguageCookie is the name of the cookie that keeps the register.
const LanguageCookie = "language"

// requestTimeout is how long a request may take; uploads of 10 MB over a slow
// line included.
const requestTimeout = 60 * time.Second

// Server answers the routes.
type Server struct {
	Config
	cross   *http.CrossOriginProtection
	table   *http.ServeMux // every path that has an answer, without the catch-alls
	spoken  map[i18n.Lang]*i18n.Localizer
	reading *Limiter      // anonymous reading, by network
	acting  *Limiter      // anonymous acting, by network
	streams chan struct{} // places for answers that hold a snapshot while they are sent
	budgets budgets
	busy    busyPages
	large   atOnce // bodies beyond FormLimit on their way in, by account
	timeout time.Duration
}

// New makes the handler for a table of routes; extra holds handlers that write
// their own bytes (assets, health), which get everything but access control.
func New(cfg Config, routes []Route, extra map[string]http.Handler) (*Server, http.Handler) {
	s := &Server{
		Config: cfg, cross: http.NewCrossOriginProtection(), table: http.NewServeMux(),
		spoken:  map[i18n.Lang]*i18n.Localizer{},
		reading: NewLimiter(100*time.Millisecond, 300),
		acting:  NewLimiter(2*time.Second, 60),
		streams: make(chan struct{}, streamPlaces(cfg.DB)),
		timeout: requestTimeout,
	}
	for _, l := range i18n.Langs {
		s.spoken[l] = cfg.Texts.In(l)
	}
	s.budgets.make(cfg.DB)
	s.budgets.watch(cfg.Metrics)
	if cfg.PublicURL != nil {
		_ = s.cross.AddTrustedOrigin(cfg.PublicURL.Scheme + "://" + cfg.PublicURL.Host)
	}
	mux := http.NewServeMux()
	handle := func(pattern string, h http.Handler) {
		mux.Handle(pattern, h)
		s.table.Handle(pattern, h)
	}
	for pattern, h := range extra {
		handle(pattern, h)
	}
	for _, r := range routes {
		handle(r.Method+" "+r.Path, s.face(r, false))
		if !r.PageOnly {
			handle(r.Method+" /api/v1"+r.Path, s.face(r, true))
		}
	}
	handle("GET /api/v1/openapi.json", s.document(routes))
	mux.Handle("/", s.face(s.elseRoute(), false))
	mux.Handle("/api/", s.face(s.elseRoute(), true))
	return s, s.outer(mux)
}

// streamPlaces leaves half of the connections that read to everybody else.
func streamPlaces(d *db.DB) int {
	if d.Dialect == db.Postgres {
		return 8
	}
	return max(2, runtime.NumCPU())
}

// elseRoute answers what no route does.
func (s *Server) elseRoute() Route {
	return Route{Role: Public, Limit: FormLimit,
		decode: func(*http.Request, bool) (any, error) { return nil, nil },
		handle: func(ctx context.Context, _ any) (any, error) {
			x := exchangeFrom(ctx)
			allowed := s.allowed(x.r)
			if allowed == "" {
				return nil, problem.NotFound()
			}
			x.Header().Set("Allow", allowed)
			if x.r.Method == http.MethodOptions {
				return nothing{}, nil
			}
			return nil, problem.New(http.StatusMethodNotAllowed, "method")
		}}
}

// allowed lists the methods that the path of a request takes, or "".
func (s *Server) allowed(r *http.Request) string {
	var all []string
	probe := http.Request{URL: r.URL, Host: r.Host}
	for _, m := range []string{http.MethodGet, http.MethodHead, http.MethodPost} {
		probe.Method = m
		if _, pattern := s.table.Handler(&probe); pattern != "" {
			all = append(all, m)
		}
	}
	if len(all) == 0 {
		return ""
	}
	return strings.Join(append(all, http.MethodOptions), ", ")
}

// outer is what every request passes, known path or not.
func (s *Server) outer(next http.Handler) http.Handler {
	gzip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(1), gzhttp.RandomJitter(32, 0, false),
		gzhttp.EnableZstd(false), gzhttp.ContentTypeFilter(gzhttp.DefaultContentTypeFilter))
	if err != nil {
		panic(err) // the options above are constants
	}
	return gzip(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{ResponseWriter: w, r: r, id: rand.Text()[:16], started: s.Now()}
		x.secure = s.secure(r)
		x.client = network(s.clientAddr(r))
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), exchangeKey{}, x), s.timeout)
		defer cancel()
		ctx, x.queries = db.Counted(ctx)
		x.r = r.WithContext(i18n.Into(ctx, s.spoken[language(r, x.secure)]))
		defer s.finish(x)
		s.headers(x)
		s.deadlines(x)
		s.guard(x, x.r, next)
	}))
}

// deadlines end an exchange with somebody who sends or takes a byte now and
// then. They begin anew with each request of a connection.
func (s *Server) deadlines(x *exchange) {
	end := time.Now().Add(s.timeout)
	control := http.NewResponseController(x.ResponseWriter)
	_ = control.SetWriteDeadline(end.Add(time.Second)) // room for the problem; tests have no connection
	if x.r.Body != http.NoBody {
		_ = control.SetReadDeadline(end)
	}
}

// finish logs the request: route pattern and ids, never a path, an address or
// a name (threats T23, rule 4).
func (s *Server) finish(x *exchange) {
	broken := recover()
	if broken != nil && broken != http.ErrAbortHandler {
		s.Log.ErrorContext(x.r.Context(), "panic", slog.String("request", x.id),
			slog.String("panic", harmless(broken)), slog.String("stack", string(debug.Stack())))
		if x.status == 0 {
			s.apologise(x)
			broken = nil
		} else {
			broken = http.ErrAbortHandler // a cut answer must look cut
		}
	}
	if x.status == 0 {
		x.status = http.StatusOK // what the standard server sends for a handler that wrote nothing
	}
	took := s.Now().Sub(x.started)
	pattern := pattern(x.r)
	if s.Metrics != nil {
		s.Metrics.observe(pattern, x.r.Method, x.status, took)
	}
	if x.shed {
		return // thousands of lines a second would be the next load; a counter tells
	}
	line := []slog.Attr{
		slog.String("request", x.id), slog.String("method", method(x.r.Method)), slog.String("route", pattern), slog.Int("status", x.status),
		slog.Duration("took", took), slog.Int("queries", x.queries.N()), slog.String("account", x.caller.Account),
	}
	if x.problem != "" {
		line = append(line, slog.String("problem", x.problem)) // what was refused, and why: a word of ours
	}
	s.Log.LogAttrs(x.r.Context(), level(x.status), "request", line...)
	if broken != nil {
		panic(broken)
	}
}

// apologise shows the problem of a panic, and less when even that panics.
func (s *Server) apologise(x *exchange) {
	defer func() {
		if recover() != nil && x.status == 0 {
			http.Error(x, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		}
	}()
	s.show(x, x.r, isAPI(x.r), problem.New(http.StatusInternalServerError, "internal"))
}

// harmless names a panic without what a caller may have put into it; the stack
// says where to look.
func harmless(p any) string {
	if e, ok := p.(runtime.Error); ok {
		return unquoted(e.Error())
	}
	return fmt.Sprintf("%T", p)
}

func level(status int) slog.Level {
	if status >= 500 {
		return slog.LevelError
	}
	return slog.LevelInfo
}

func pattern(r *http.Request) string {
	if r.Pattern == "" {
		return "other"
	}
	_, path, ok := strings.Cut(r.Pattern, " ")
	if !ok {
		path = r.Pattern
	}
	return path
}

// method keeps a made-up method out of log and metrics.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

func isAPI(r *http.Request) bool { return strings.HasPrefix(r.URL.Path, "/api/") }

// guard refuses what must not reach any handler.
func (s *Server) guard(x *exchange, r *http.Request, next http.Handler) {
	api := isAPI(r)
	switch {
	case !s.knownHost(r.Host):
		s.fail(x, r, api, problem.New(http.StatusMisdirectedRequest, "host"))
	case s.plain(r, x):
		s.fail(x, r, api, problem.New(http.StatusForbidden, "plain-http"))
	case s.cross.Check(r) != nil:
		s.fail(x, r, api, problem.New(http.StatusForbidden, "cross-origin"))
	case !storable(r.URL.Path) || !strings.HasPrefix(r.URL.Path, "/"):
		s.fail(x, r, api, problem.NotFound()) // no id of ours looks like that
	case asksAtAddress(r, api):
		http.Redirect(x, r, atLocalhost(r, x), http.StatusTemporaryRedirect)
	default:
		next.ServeHTTP(x, r)
	}
}

// policy allows what this program ships and nothing inline.
const policy = "default-src 'none'; object-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"

// standing are the headers of every answer. The slices are shared: whoever
// changes one sets a new one. The referrer stays on this site and no more is
// kept from it: under no-referrer a browser sends "Origin: null" with our own
// forms, and one without Sec-Fetch-Site (before 2023) could then send none.
var standing = map[string][]string{
	"Content-Security-Policy":      {policy},
	"X-Content-Type-Options":       {"nosniff"},
	"Referrer-Policy":              {"same-origin"},
	"Cross-Origin-Opener-Policy":   {"same-origin"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Permissions-Policy":           {"camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self), publickey-credentials-create=(self)"},
	"X-Frame-Options":              {"DENY"},
	"Cache-Control":                {"no-store"},
}

func (s *Server) headers(x *exchange) {
	h := x.Header()
	for name, value := range standing {
		h[name] = value
	}
	h["X-Request-Id"] = []string{x.id}
	if name, _, _ := splitHost(x.r.Host); x.secure && !loopbackName(name) { // localhost has many other servers
		h["Strict-Transport-Security"] = []string{"max-age=31536000; includeSubDomains"}
	}
}

// language is the register of the cookie, or what the browser asks for. Easy
// Japanese is never given unasked.
func language(r *http.Request, secure bool) i18n.Lang {
	if c, err := r.Cookie(cookieName(LanguageCookie, secure)); err == nil {
		if l, ok := i18n.Known(c.Value); ok {
			return l
		}
	}
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	if first == "" || strings.HasPrefix(strings.ToLower(first), "ja") {
		return i18n.JA
	}
	return i18n.EN
}

// String names the server's address for people.
func (s *Server) String() string { return fmt.Sprint(s.PublicURL) }
