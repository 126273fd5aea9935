package web

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// keys: problem.not-found.title, problem.not-found.hint, problem.forbidden.title, problem.forbidden.hint,
// problem.invalid.title, problem.invalid.hint, problem.internal.title, problem.internal.hint,
// problem.host.title, problem.host.hint, problem.plain-http.title, problem.plain-http.hint,
// problem.cross-origin.title, problem.cross-origin.hint, problem.too-many.title, problem.too-many.hint,
// problem.login.title, problem.login.hint, problem.token.title, problem.token.hint,
// problem.step-up.title, problem.step-up.hint, problem.encoding.title, problem.encoding.hint,
// problem.json.title, problem.json.hint, problem.form.title, problem.form.hint,
// problem.too-large.title, problem.too-large.hint, problem.method.title, problem.method.hint,
// problem.timeout.title, problem.timeout.hint, problem.database-away.title, problem.database-away.hint,
// problem.database-busy.title, problem.database-busy.hint, problem.disk-full.title, problem.disk-full.hint,
// field.encoding, field.form, field.number

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

// gone is what the log shows for a caller who did not wait for the answer.
const gone = 499

// fail answers with a problem. What is not one is logged with the request id
// and shown as ours.
func (s *Server) fail(x *exchange, r *http.Request, api bool, err error) {
	x.release()
	if errors.Is(err, context.Canceled) && r.Context().Err() != nil {
		x.WriteHeader(gone)
		return
	}
	p := asProblem(err)
	if p.Status >= 500 && !x.shed {
		s.note(x, r, err)
	}
	s.show(x, r, api, p)
}

// asProblem finds what a person may be told about an error.
func asProblem(err error) *problem.Problem {
	if p := problem.As(err); p != nil {
		return p
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return problem.New(http.StatusServiceUnavailable, "timeout")
	case errors.Is(err, db.ErrClosed), strings.Contains(err.Error(), "database is closed"):
		return problem.New(http.StatusServiceUnavailable, "database-away")
	}
	return problem.New(http.StatusInternalServerError, "internal")
}

// note logs an error of ours.
func (s *Server) note(x *exchange, r *http.Request, err error) {
	s.Log.ErrorContext(r.Context(), "failed", slog.String("request", x.id), slog.String("error", unquoted(err.Error())))
}

var quoted = regexp.MustCompile(`(constraint |relation |column |table |type |index )?("(?:[^"\\]|\\.)*"|` + "`[^`]*`)")

// unquoted takes values out of the text of an error: strconv, net/url and
// PostgreSQL put what somebody typed between quotes.
func unquoted(s string) string {
	return quoted.ReplaceAllStringFunc(s, func(found string) string {
		if found[0] != '"' && found[0] != '`' {
			return found // the name of something in the schema
		}
		return `"…"`
	})
}

// show writes a problem on either face.
func (s *Server) show(x *exchange, r *http.Request, api bool, p *problem.Problem) {
	x.release()
	if x.status != 0 {
		return // an answer has begun
	}
	x.problem = p.Code
	switch p.Status {
	case http.StatusServiceUnavailable:
		x.Header().Set("Retry-After", "5")
	case http.StatusTooManyRequests:
		x.Header().Set("Retry-After", "30")
	case http.StatusUnauthorized:
		if api {
			x.Header().Set("WWW-Authenticate", "Bearer")
		}
	}
	if api {
		failJSON(r.Context(), x, p)
		return
	}
	if to := s.elsewhere(r, p); to != "" {
		http.Redirect(x, r, to, http.StatusSeeOther)
		return
	}
	if x.shed && s.turnAway(x) {
		return
	}
	if s.failPage(x, r, p) != nil {
		http.Error(x, i18n.T(r.Context(), "problem."+p.Code+".title", p.Args...), p.Status)
	}
}

// elsewhere is where a reader goes who has to log in, or prove it again, first.
// What somebody sent stays: the problem's page lets him go back to it.
func (s *Server) elsewhere(r *http.Request, p *problem.Problem) string {
	if !reading(r) {
		return ""
	}
	next := "?next=" + url.QueryEscape(localURI(r))
	switch {
	case p.Code == "login" && s.LoginPath != "":
		return s.LoginPath + next
	case p.Code == "step-up" && s.StepUpPath != "":
		return s.StepUpPath + next
	}
	return ""
}

func (s *Server) failPage(x *exchange, r *http.Request, p *problem.Problem) error {
	if s.Problem == nil {
		return errors.New("no page for problems")
	}
	page := s.Problem(p, x.id)
	if dressed(x, r, p) {
		if b, err := s.draw(r.Context(), x, r, page); err == nil {
			x.send(p.Status, b)
			return nil
		}
	}
	b := buffers.Get().(*bytes.Buffer)
	if err := page.Render(r.Context(), b); err != nil {
		giveBack(b)
		return err
	}
	x.send(p.Status, b)
	return nil
}

// dressed says that a problem's page shows what every page does. It goes without
// when the database is away, and for those who were refused before it was asked.
func dressed(x *exchange, r *http.Request, p *problem.Problem) bool {
	switch p.Status {
	case http.StatusServiceUnavailable, http.StatusInsufficientStorage:
		return false
	case http.StatusTooManyRequests:
		return x.caller.Account != ""
	}
	return r.Pattern != ""
}

func failJSON(ctx context.Context, x *exchange, p *problem.Problem) {
	out := body{
		Type: "about:blank#" + p.Code, Status: p.Status, Request: x.id,
		Title: i18n.T(ctx, "problem."+p.Code+".title", p.Args...),
		Hint:  i18n.T(ctx, "problem."+p.Code+".hint", p.Args...),
	}
	for _, f := range p.Fields {
		out.Fields = append(out.Fields, fieldError{f.Name, i18n.T(ctx, "field."+f.Code, f.Args...)})
	}
	b, _ := json.Marshal(out) // strings and numbers always encode
	x.Header()["Content-Type"] = typeProblem
	x.WriteHeader(p.Status)
	_, _ = x.Write(append(b, '\n'))
}
