package web

import (
	"context"
	"net/http"
	"time"
)

// StepUpFor is how long a login counts for the acts that ask for a fresh one.
const StepUpFor = 5 * time.Minute

// Caller is who asks. The zero Caller is a stranger.
type Caller struct {
	Account   string
	Session   string // id of the session, not its token
	Operator  bool
	SteppedUp time.Time // the last proof of identity
	Token     *Token    // set when an API token speaks
}

// Token is what an API token may do: never more than its maker may now.
type Token struct {
	ID    string
	Org   string
	Role  Role // the most it was given
	Write bool
}

type exchange struct {
	w       http.ResponseWriter
	r       *http.Request
	caller  Caller
	role    Role
	id      string
	started time.Time
	client  string
	secure  bool
	queries func() int
}

type exchangeKey struct{}

func exchangeFrom(ctx context.Context) *exchange {
	if x, ok := ctx.Value(exchangeKey{}).(*exchange); ok {
		return x
	}
	return &exchange{}
}

// CallerFrom returns who asks.
func CallerFrom(ctx context.Context) Caller { return exchangeFrom(ctx).caller }

// RoleFrom returns the caller's role in the organisation of the route.
func RoleFrom(ctx context.Context) Role { return exchangeFrom(ctx).role }

// RequestID returns the id that the log carries for this request.
func RequestID(ctx context.Context) string { return exchangeFrom(ctx).id }

// Client returns the network the request came from, for limits: an IPv4
// address or an IPv6 /64, which is what one subscriber holds.
func Client(ctx context.Context) string { return exchangeFrom(ctx).client }

// Path returns the path and query that were asked for, for the way back after
// a login and for the language links.
func Path(ctx context.Context) string {
	if r := exchangeFrom(ctx).r; r != nil {
		return r.URL.RequestURI()
	}
	return "/"
}

// UserAgent returns what the browser calls itself, cut to 200 bytes.
func UserAgent(ctx context.Context) string {
	r := exchangeFrom(ctx).r
	if r == nil {
		return ""
	}
	return cut(r.UserAgent(), 200)
}

// Cookie returns a cookie of the request, or "". The name is without prefix.
func Cookie(ctx context.Context, name string) string {
	x := exchangeFrom(ctx)
	if x.r == nil {
		return ""
	}
	c, err := x.r.Cookie(cookieName(name, x.secure))
	if err != nil {
		return ""
	}
	return c.Value
}

// SetCookie sets a cookie that scripts cannot read and other sites cannot send.
// A zero life ends with the browser, a negative one removes the cookie.
func SetCookie(ctx context.Context, name, value string, life time.Duration) {
	x := exchangeFrom(ctx)
	if x.w == nil {
		return
	}
	http.SetCookie(x.w, &http.Cookie{
		Name: cookieName(name, x.secure), Value: value, Path: "/", MaxAge: int(life / time.Second),
		Secure: x.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// cookieName adds the prefix that binds a cookie to this host. Browsers take it
// over HTTPS alone, so plain http on loopback goes without.
func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}
