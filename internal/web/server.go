package web

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
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

	// Session finds the caller of a session cookie, Token of an API token. Both
	// run in a read-only snapshot; an unknown one is the zero Caller.
	Session func(ctx context.Context, token string) (Caller, error)
	Token   func(ctx context.Context, token string) (Caller, error)
	// Seen is told after each request of a session, outside any transaction.
	Seen func(ctx context.Context, c Caller)
	// Member returns the caller's role in an organisation; Nobody for a stranger.
	Member func(ctx context.Context, account, org string) (Role, error)
	// Dress adds to the context what every page shows. It runs in a snapshot.
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
	reading *Limiter // anonymous reading, by network
	acting  *Limiter // anonymous acting, by network
}

// New makes the handler for a table of routes; extra holds handlers that write
// their own bytes (assets, health), which get everything but access control.
func New(cfg Config, routes []Route, extra map[string]http.Handler) (*Server, http.Handler) {
	s := &Server{
		Config: cfg, cross: http.NewCrossOriginProtection(),
		reading: NewLimiter(100*time.Millisecond, 300),
		acting:  NewLimiter(2*time.Second, 60),
	}
	if cfg.PublicURL != nil {
		_ = s.cross.AddTrustedOrigin(cfg.PublicURL.Scheme + "://" + cfg.PublicURL.Host)
	}
	mux := http.NewServeMux()
	for pattern, h := range extra {
		mux.Handle(pattern, h)
	}
	for _, r := range routes {
		mux.Handle(r.Method+" "+r.Path, s.face(r, false))
		if !r.PageOnly {
			mux.Handle(r.Method+" /api/v1"+r.Path, s.face(r, true))
		}
	}
	mux.Handle("/", s.face(notFoundRoute(), false))
	mux.Handle("/api/", s.face(notFoundRoute(), true))
	return s, s.outer(mux)
}

func notFoundRoute() Route {
	return Route{Role: Public, Limit: FormLimit,
		decode: func(*http.Request, bool) (any, error) { return nil, nil },
		handle: func(context.Context, any) (any, error) { return nil, problem.NotFound() }}
}

// outer is what every request passes, known path or not.
func (s *Server) outer(next http.Handler) http.Handler {
	gzip, err := gzhttp.NewWrapper(gzhttp.MinSize(1024), gzhttp.CompressionLevel(1), gzhttp.RandomJitter(32, 0, false),
		gzhttp.ContentTypeFilter(gzhttp.DefaultContentTypeFilter))
	if err != nil {
		panic(err) // the options above are constants
	}
	inner := gzip(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.guard(w, r, next) }))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := &exchange{id: rand.Text()[:16], started: s.Now()}
		x.secure = s.secure(r)
		x.client = network(s.clientAddr(r))
		ctx := context.WithValue(r.Context(), exchangeKey{}, x)
		ctx, cancel := context.WithTimeout(ctx, requestTimeout)
		defer cancel()
		ctx, counted := db.Counted(ctx)
		x.queries = counted.N
		rec := &recorder{ResponseWriter: w}
		r = r.WithContext(ctx)
		defer s.finish(rec, r, x)
		inner.ServeHTTP(rec, r)
	})
}

// recorder remembers the status for the log.
type recorder struct {
	http.ResponseWriter
	status int
}

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *recorder) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(b)
}

func (w *recorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// finish logs the request: route pattern and ids, never a path, an address or
// a name (threats T23, rule 4).
func (s *Server) finish(w *recorder, r *http.Request, x *exchange) {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler {
			panic(p)
		}
		s.Log.ErrorContext(r.Context(), "panic", slog.String("request", x.id), slog.Any("panic", p), slog.String("stack", string(debug.Stack())))
		if w.status == 0 {
			s.fail(w, r, false, errors.New("panic"))
		}
	}
	if x.r != nil {
		r = x.r // the one that the mux wrote its pattern on
	}
	took := s.Now().Sub(x.started)
	pattern := pattern(r)
	if s.Metrics != nil {
		s.Metrics.observe(pattern, r.Method, w.status, took)
	}
	s.Log.LogAttrs(r.Context(), level(w.status), "request",
		slog.String("request", x.id), slog.String("method", method(r.Method)), slog.String("route", pattern), slog.Int("status", w.status),
		slog.Duration("took", took), slog.Int("queries", x.queries()), slog.String("account", x.caller.Account))
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

// guard refuses what must not reach any handler.
func (s *Server) guard(w http.ResponseWriter, r *http.Request, next http.Handler) {
	x := exchangeFrom(r.Context())
	x.w, x.r = w, r
	r = r.WithContext(i18n.Into(r.Context(), s.Texts.In(language(r))))
	s.headers(w, x)
	api := strings.HasPrefix(r.URL.Path, "/api/")
	switch {
	case !s.knownHost(r.Host):
		s.fail(w, r, api, problem.New(http.StatusMisdirectedRequest, "host"))
	case !x.secure && !loopback(s.clientAddr(r)) && s.PublicURL != nil && s.PublicURL.Scheme == "https":
		s.fail(w, r, api, problem.New(http.StatusForbidden, "plain-http"))
	case s.cross.Check(r) != nil:
		s.fail(w, r, api, problem.New(http.StatusForbidden, "cross-origin"))
	case s.asksAtAddress(r, api):
		http.Redirect(w, r, "http://localhost:"+port(r.Host)+r.URL.RequestURI(), http.StatusTemporaryRedirect)
	default:
		r.Body = http.MaxBytesReader(w, r.Body, UploadLimit)
		x.r = r
		next.ServeHTTP(w, r)
	}
}

// asksAtAddress finds a browser page asked for at 127.0.0.1: passkeys work on
// localhost alone. Health and API answer at both.
func (s *Server) asksAtAddress(r *http.Request, api bool) bool {
	host := hostname(r.Host)
	return !api && (host == "127.0.0.1" || host == "::1") && (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		strings.Contains(r.Header.Get("Accept"), "text/html")
}

// policy allows what this program ships and nothing inline.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"form-action 'self'; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"

func (s *Server) headers(w http.ResponseWriter, x *exchange) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self), publickey-credentials-create=(self)")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Request-Id", x.id)
	if x.secure {
		h.Set("Strict-Transport-Security", "max-age=31536000")
	}
}

// knownHost admits the loopback names and the public address: a name that an
// attacker points at us passes every cross-origin check (threats T24).
func (s *Server) knownHost(host string) bool {
	switch name := hostname(host); {
	case name == "localhost" || name == "127.0.0.1" || name == "::1":
		return true
	case s.PublicURL != nil:
		return strings.EqualFold(name, s.PublicURL.Hostname())
	}
	return false
}

func hostname(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

func port(host string) string {
	if _, p, err := net.SplitHostPort(host); err == nil {
		return p
	}
	return "80"
}

// clientAddr is the address of the caller: of the connection, or what the last
// trusted proxy says of it.
func (s *Server) clientAddr(r *http.Request) netip.Addr {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	if !s.trusted(peer.Addr()) {
		return peer.Addr()
	}
	hops := strings.Split(r.Header.Get("X-Forwarded-For"), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		addr, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		if !s.trusted(addr) {
			return addr
		}
	}
	return peer.Addr()
}

func (s *Server) trusted(a netip.Addr) bool {
	for _, p := range s.TrustedProxies {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}

func (s *Server) secure(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && s.trusted(peer.Addr()) && r.Header.Get("X-Forwarded-Proto") == "https"
}

func loopback(a netip.Addr) bool { return a.Unmap().IsLoopback() }

// language is the register of the cookie, or what the browser asks for. Easy
// Japanese is never given unasked.
func language(r *http.Request) i18n.Lang {
	for _, name := range []string{LanguageCookie, "__Host-" + LanguageCookie} {
		if c, err := r.Cookie(name); err == nil {
			if l, ok := i18n.Known(c.Value); ok {
				return l
			}
		}
	}
	first, _, _ := strings.Cut(r.Header.Get("Accept-Language"), ",")
	if first == "" || strings.HasPrefix(strings.ToLower(first), "ja") {
		return i18n.JA
	}
	return i18n.EN
}

// LocalPath returns target when it is a path of this site, else fallback.
func LocalPath(target, fallback string) string {
	u, err := url.Parse(target)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") ||
		strings.HasPrefix(target, "//") || strings.ContainsAny(target, "\\\r\n\t") {
		return fallback
	}
	return target
}

// String names the server's address for people.
func (s *Server) String() string { return fmt.Sprint(s.PublicURL) }
