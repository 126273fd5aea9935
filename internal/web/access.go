package web

import (
	"context"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/problem"
)

// maxCredential is more than any session or token of ours has, in bytes.
const maxCredential = 256

// admit finds out who asks and holds it against the route.
func (s *Server) admit(ctx context.Context, x *exchange, r *http.Request, route Route, api bool) error {
	err := s.identify(ctx, x, r, api)
	if x.caller.Account == "" && !countedFirst(r, x, route, api) && !s.within(r, x) {
		return problem.New(http.StatusTooManyRequests, "too-many") // guessed tokens count too
	}
	switch {
	case err != nil:
		return err
	case route.Role == Public:
		return nil
	case route.Role == Nobody:
		return problem.NotFound()
	case x.caller.Account == "":
		return problem.New(http.StatusUnauthorized, "login")
	case route.Role == Operator && (!x.caller.Operator || x.caller.Token != nil):
		return problem.NotFound()
	case route.Role.InOrganisation():
		if err := s.admitMember(ctx, x, r, route); err != nil {
			return err
		}
	case x.caller.Token != nil && route.Role == SignedIn && !reading(r):
		return problem.Forbidden() // a token speaks for a company, not for a person
	}
	return s.admitStep(x, route)
}

// admitStep asks for a fresh login where the route does. A token has none to
// give, and a login in the future comes from a clock that was put back.
func (s *Server) admitStep(x *exchange, route Route) error {
	if !route.StepUp {
		return nil
	}
	if x.caller.Token != nil {
		return problem.Forbidden()
	}
	if age := s.Now().Sub(x.caller.SteppedUp); age > StepUpFor || age < -StepUpFor {
		return problem.New(http.StatusForbidden, "step-up")
	}
	return nil
}

func reading(r *http.Request) bool {
	return r.Method == http.MethodGet || r.Method == http.MethodHead
}

// within applies the limits for strangers: by network, since many small firms
// share one address, and wide for reading.
func (s *Server) within(r *http.Request, x *exchange) bool {
	if reading(r) {
		return s.reading.Allow(x.client, s.Now())
	}
	return s.acting.Allow(x.client, s.Now())
}

// countedFirst says that a request counts for the limits before it is known who
// asks: who brings nothing, and everybody who tries a login or a link. A session
// of one's own must not lift the limit for guessing at others.
func countedFirst(r *http.Request, x *exchange, route Route, api bool) bool {
	return !credentials(r, x, api) || route.Role == Public && !reading(r)
}

// credentials says that a request brings something to be looked up.
func credentials(r *http.Request, x *exchange, api bool) bool {
	if _, ok := bearer(r); ok && api {
		return true
	}
	_, err := r.Cookie(cookieName(SessionCookie, x.secure))
	return err == nil
}

func (s *Server) identify(ctx context.Context, x *exchange, r *http.Request, api bool) (err error) {
	if secret, ok := bearer(r); ok && api {
		return s.identifyToken(ctx, x, secret)
	}
	c, err := r.Cookie(cookieName(SessionCookie, x.secure))
	if err != nil || s.Session == nil {
		return nil // no cookie, or none that can be read
	}
	if len(c.Value) <= maxCredential {
		if x.caller, err = s.Session(ctx, c.Value); err != nil {
			return err
		}
	}
	if x.caller.Account == "" {
		SetCookie(ctx, SessionCookie, "", -1) // ended: the browser may forget it
	}
	return nil
}

func (s *Server) identifyToken(ctx context.Context, x *exchange, secret string) (err error) {
	if s.Token != nil && len(secret) <= maxCredential && storable(secret) {
		if x.caller, err = s.Token(ctx, secret); err != nil {
			return err
		}
	}
	if x.caller.Account == "" || x.caller.Token == nil {
		x.caller = Caller{}
		return problem.New(http.StatusUnauthorized, "token")
	}
	return nil
}

// bearer returns the token of a request; the scheme's case does not matter
// (RFC 9110, section 11.1).
func bearer(r *http.Request) (string, bool) {
	scheme, secret, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	return strings.TrimSpace(secret), ok && strings.EqualFold(scheme, "Bearer")
}

func (s *Server) admitMember(ctx context.Context, x *exchange, r *http.Request, route Route) (err error) {
	org := r.PathValue("org")
	if s.Member == nil {
		return problem.NotFound()
	}
	role, err := s.Member(ctx, x.caller.Account, org)
	if err != nil {
		return err
	}
	if t := x.caller.Token; t != nil {
		if t.Org != org {
			role = Nobody
		}
		role = min(role, t.Role)
	}
	if !role.InOrganisation() {
		return problem.NotFound()
	}
	x.role = role
	if t := x.caller.Token; role < route.Role || t != nil && !t.Write && !reading(r) {
		return problem.Forbidden()
	}
	return nil
}

// storable says that a text can stand in a database: PostgreSQL takes neither
// broken UTF-8 nor NUL, and would make a fault of ours of either.
func storable(s string) bool { return utf8.ValidString(s) && strings.IndexByte(s, 0) < 0 }
