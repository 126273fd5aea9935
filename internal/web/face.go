package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"sync"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// face is one route seen as a page or as JSON.
func (s *Server) face(route Route, api bool) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := s.serve(w, r, route, api); err != nil {
			s.fail(w, r, api, err)
		}
	})
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request, route Route, api bool) error {
	x := exchangeFrom(r.Context())
	r.Body = http.MaxBytesReader(w, r.Body, route.Limit)
	reads := r.Method == http.MethodGet || r.Method == http.MethodHead
	ctx, done, err := s.DB.Snapshot(r.Context())
	if err != nil {
		return err
	}
	open := true
	finish := func() {
		if open {
			open = false
			done()
		}
	}
	defer finish()
	if err := s.admit(ctx, r, route, api); err != nil {
		return err
	}
	if !reads {
		finish() // a change reads in its own transaction
		ctx = r.Context()
	}
	if s.Seen != nil && x.caller.Session != "" {
		defer s.Seen(r.Context(), x.caller)
	}
	r = r.WithContext(ctx)
	in, err := route.decode(r, api)
	var view any
	if err == nil {
		view, err = route.handle(ctx, in)
	}
	if err != nil {
		return s.again(w, r, route, api, in, err)
	}
	return s.answer(w, r, route, api, view)
}

// admit finds out who asks and holds it against the route.
func (s *Server) admit(ctx context.Context, r *http.Request, route Route, api bool) error {
	x := exchangeFrom(ctx)
	if err := s.identify(ctx, r, api); err != nil {
		return err
	}
	if x.caller.Account == "" && !s.within(r, x) {
		return problem.New(http.StatusTooManyRequests, "too-many")
	}
	switch {
	case route.Role == Public:
		return nil
	case x.caller.Account == "":
		return problem.New(http.StatusUnauthorized, "login")
	case route.Role == Operator && (!x.caller.Operator || x.caller.Token != nil):
		return problem.NotFound()
	case route.Role.InOrganisation():
		if err := s.admitMember(ctx, r, route); err != nil {
			return err
		}
	case x.caller.Token != nil && route.Role == SignedIn && !reading(r):
		return problem.Forbidden() // a token speaks for a company, not for a person
	}
	if route.StepUp && (x.caller.Token != nil || s.Now().Sub(x.caller.SteppedUp) > StepUpFor) {
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

func (s *Server) identify(ctx context.Context, r *http.Request, api bool) (err error) {
	x := exchangeFrom(ctx)
	if bearer, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && api {
		if x.caller, err = s.Token(ctx, bearer); err == nil && x.caller.Account == "" {
			err = problem.New(http.StatusUnauthorized, "token")
		}
		return err
	}
	if c, e := r.Cookie(cookieName(SessionCookie, x.secure)); e == nil && s.Session != nil {
		x.caller, err = s.Session(ctx, c.Value)
	}
	return err
}

func (s *Server) admitMember(ctx context.Context, r *http.Request, route Route) (err error) {
	x := exchangeFrom(ctx)
	org := r.PathValue("org")
	if x.role, err = s.Member(ctx, x.caller.Account, org); err != nil {
		return err
	}
	if t := x.caller.Token; t != nil {
		if t.Org != org {
			x.role = Nobody
		}
		x.role = min(x.role, t.Role)
		if !t.Write && !reading(r) && x.role != Nobody {
			return problem.Forbidden()
		}
	}
	switch {
	case x.role == Nobody:
		return problem.NotFound()
	case x.role < route.Role:
		return problem.Forbidden()
	}
	return nil
}

// again shows a form once more when its input has a problem; everything else is
// a failure.
func (s *Server) again(w http.ResponseWriter, r *http.Request, route Route, api bool, in any, err error) error {
	p := problem.As(err)
	if p == nil || api || route.again == nil || p.Status >= 500 || in == nil {
		return err
	}
	// The form needs what it shows, read in a snapshot of its own.
	return s.DB.Read(r.Context(), func(ctx context.Context) error {
		page, e := route.again(ctx, in, p)
		if e != nil {
			return errors.Join(e, err)
		}
		return s.render(ctx, w, r, p.Status, page)
	})
}

// Nexter is a view after which the browser goes on to another page.
type Nexter interface{ Next() string }

func (s *Server) answer(w http.ResponseWriter, r *http.Request, route Route, api bool, view any) error {
	if f, ok := view.(File); ok {
		return sendFile(w, r, f)
	}
	if api {
		return writeJSON(w, http.StatusOK, view)
	}
	if n, ok := view.(Nexter); ok && n.Next() != "" {
		http.Redirect(w, r, LocalPath(n.Next(), "/"), http.StatusSeeOther)
		return nil
	}
	if route.page == nil {
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}
	return s.render(r.Context(), w, r, http.StatusOK, route.page(view))
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// render writes a whole page or none: an error half-way must not leave half a
// page under a status of 200.
func (s *Server) render(ctx context.Context, w http.ResponseWriter, r *http.Request, status int, page templ.Component) error {
	if s.Dress != nil {
		err := s.DB.Read(ctx, func(in context.Context) (err error) {
			ctx2, err := s.Dress(in, r.PathValue("org"))
			if err == nil {
				ctx = ctx2
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	b := buffers.Get().(*bytes.Buffer)
	defer buffers.Put(b)
	b.Reset()
	if err := page.Render(ctx, b); err != nil {
		return fmt.Errorf("page of %s: %w", pattern(r), err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes()) // the browser has gone; nobody is left to tell
	return nil
}

func writeJSON(w http.ResponseWriter, status int, view any) error {
	b, err := json.Marshal(view)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n'))
	return nil
}

// sendFile writes a file. What people uploaded is never opened in the page:
// attachment, and a sandbox should a browser open it all the same (threats T25).
func sendFile(w http.ResponseWriter, r *http.Request, f File) error {
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		return err
	}
	disposition := "attachment"
	if f.Inline {
		disposition = "inline"
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType(disposition, map[string]string{"filename": f.Name}))
	if !f.Inline {
		h.Set("Content-Security-Policy", "sandbox; default-src 'none'")
	}
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.Bytes())
	}
	return nil
}

// body is a problem as RFC 9457 writes it.
type body struct {
	Type    string       `json:"type"`
	Title   string       `json:"title"`
	Status  int          `json:"status"`
	Hint    string       `json:"hint"`
	Request string       `json:"request"`
	Fields  []fieldError `json:"fields,omitempty"`
}

type fieldError struct {
	Name    string `json:"name"`
	Problem string `json:"problem"`
}

// fail answers with a problem. What is not one is logged with the request id
// and shown as ours.
func (s *Server) fail(w http.ResponseWriter, r *http.Request, api bool, err error) {
	ctx := r.Context()
	x := exchangeFrom(ctx)
	p := problem.As(err)
	if p == nil {
		p = problem.New(http.StatusInternalServerError, "internal")
	}
	if p.Status >= 500 {
		s.Log.ErrorContext(ctx, "failed", slog.String("request", x.id), slog.Any("error", err))
	}
	switch {
	case p.Status == http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "5")
	case p.Status == http.StatusTooManyRequests:
		w.Header().Set("Retry-After", "30")
	}
	if api {
		s.failJSON(ctx, w, p)
		return
	}
	if to := s.elsewhere(r, p); to != "" {
		http.Redirect(w, r, to, http.StatusSeeOther)
		return
	}
	if s.failPage(ctx, w, r, p) != nil {
		http.Error(w, i18n.T(ctx, "problem."+p.Code+".title"), p.Status)
	}
}

// elsewhere is where a reader goes who has to log in, or prove it again, first.
func (s *Server) elsewhere(r *http.Request, p *problem.Problem) string {
	if !reading(r) {
		return ""
	}
	next := "?next=" + url.QueryEscape(r.URL.RequestURI())
	switch {
	case p.Status == http.StatusUnauthorized && s.LoginPath != "":
		return s.LoginPath + next
	case p.Code == "step-up" && s.StepUpPath != "":
		return s.StepUpPath + next
	}
	return ""
}

func (s *Server) failPage(ctx context.Context, w http.ResponseWriter, r *http.Request, p *problem.Problem) error {
	page := s.Problem(p, RequestID(ctx))
	if db.InTransaction(ctx) {
		return s.render(ctx, w, r, p.Status, page)
	}
	if err := s.render(ctx, w, r, p.Status, page); err == nil {
		return nil
	}
	// The database is away: the page goes without what it would show of people.
	var b bytes.Buffer
	if err := page.Render(ctx, &b); err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(p.Status)
	_, _ = w.Write(b.Bytes())
	return nil
}

func (s *Server) failJSON(ctx context.Context, w http.ResponseWriter, p *problem.Problem) {
	out := body{
		Type: "about:blank#" + p.Code, Status: p.Status, Request: RequestID(ctx),
		Title: i18n.T(ctx, "problem."+p.Code+".title", p.Args...),
		Hint:  i18n.T(ctx, "problem."+p.Code+".hint", p.Args...),
	}
	for _, f := range p.Fields {
		out.Fields = append(out.Fields, fieldError{f.Name, i18n.T(ctx, "field."+f.Code, f.Args...)})
	}
	b, _ := json.Marshal(out) // strings and numbers always encode
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	_, _ = w.Write(append(b, '\n'))
}
