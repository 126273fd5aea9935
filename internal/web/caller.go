package web

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// StepUpFor is how long a login counts for the acts that ask for a fresh one.
const StepUpFor = 5 * time.Minute

// Caller is who asks. The zero Caller is a stranger.
type Caller struct {
	Account   string
	Name      string // what the person is called, for the pages
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

// exchange is one request on its way; it is also the writer that handlers get,
// because it has to know whether an answer has begun.
type exchange struct {
	http.ResponseWriter
	r        *http.Request
	caller   Caller
	role     Role
	id       string
	started  time.Time
	client   string
	secure   bool
	status   int
	problem  string // the code of the problem that was the answer, for the log
	queries  *db.Counter
	place    *budget // in which this holds a place; nil when it holds none
	shed     bool    // turned away, because too many were under way
	snapshot func()  // gives the snapshot back; nil when none is held
}

// WriteHeader remembers the status for the log.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 {
		x.status = status
	}
	x.leave() // from here on it is the line that takes the time
	x.ResponseWriter.WriteHeader(status)
}

// Write leaves out the body of an answer to HEAD before anybody compresses it.
func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
		x.leave()
	}
	if x.r.Method == http.MethodHead {
		return len(b), nil
	}
	return x.ResponseWriter.Write(b)
}

// Unwrap leads http.ResponseController to the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }

// release gives the snapshot back. Answers are written without one: a reader on
// a slow line must not hold a connection that others wait for.
func (x *exchange) release() {
	if done := x.snapshot; done != nil {
		x.snapshot = nil
		done()
	}
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
		return localURI(r)
	}
	return "/"
}

// localURI is the path and query of a request. URL.RequestURI would also give
// back what follows an odd scheme (x:@evil.example).
func localURI(r *http.Request) string {
	uri := r.URL.EscapedPath()
	if r.URL.RawQuery != "" {
		uri += "?" + r.URL.RawQuery
	}
	return LocalPath(uri, "/")
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
	if x.ResponseWriter == nil {
		return
	}
	full, h := cookieName(name, x.secure), x.Header()
	// The last word counts: a login after a session that has ended, say.
	h["Set-Cookie"] = slices.DeleteFunc(h["Set-Cookie"], func(line string) bool { return strings.HasPrefix(line, full+"=") })
	http.SetCookie(x, &http.Cookie{
		Name: full, Value: value, Path: "/", MaxAge: seconds(life),
		Secure: x.secure, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// ForgetPages asks the browser to throw away the pages that it keeps of this
// site, those behind its back button included: the next person at the device must
// not see them. Browsers do so over https and on localhost.
func ForgetPages(ctx context.Context) {
	if x := exchangeFrom(ctx); x.ResponseWriter != nil {
		x.Header().Set("Clear-Site-Data", `"cache"`)
	}
}

// seconds keeps the sign of a life below a second: zero would mean "as long as
// the browser runs".
func seconds(life time.Duration) int {
	switch {
	case life < 0:
		return -1
	case life > 0:
		return max(1, int(life/time.Second))
	}
	return 0
}

// cookieName adds the prefix that binds a cookie to this host. Browsers take it
// over HTTPS alone, so plain http on loopback goes without.
func cookieName(name string, secure bool) string {
	if secure {
		return "__Host-" + name
	}
	return name
}

// cut keeps at most n bytes, and only what is text: the rest would not go into a
// database.
func cut(s string, n int) string {
	if len(s) > n {
		s = s[:n]
	}
	return strings.ToValidUTF8(s, "")
}
