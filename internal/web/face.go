package web

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
)

// face is one route seen as a page or as JSON.
func (s *Server) face(route Route, api bool) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		x := exchangeFrom(r.Context())
		if err := s.serve(x, r, route, api); err != nil {
			s.fail(x, r, api, err)
		}
	})
}

func (s *Server) serve(x *exchange, r *http.Request, route Route, api bool) error {
	if r.Body != http.NoBody {
		r.Body = http.MaxBytesReader(x, r.Body, route.Limit)
	}
	if countedFirst(r, x, route, api) && !s.within(r, x) { // a flood must not reach the database
		return problem.New(http.StatusTooManyRequests, "too-many")
	}
	b := s.budgetOf(r, route)
	if err := x.takePlace(r.Context(), b); err != nil {
		return err
	}
	defer x.leave()
	defer s.tellSeen(x, r)
	ctx, err := s.open(x, r)
	if err != nil {
		return err
	}
	defer x.release()
	if err := s.admit(ctx, x, r, route, api); err != nil {
		return err
	}
	if !reading(r) {
		x.release() // a change reads in its own transaction
		ctx = r.Context()
	}
	r = r.WithContext(ctx)
	if large(r, route) {
		end, ok := s.large.begin(x.caller.Account, largeAtOnce)
		if !ok {
			return problem.New(http.StatusTooManyRequests, "too-many")
		}
		defer end()
		arrived, ok := s.budgets.receive()
		if !ok {
			b.refuse()
			return problem.New(http.StatusServiceUnavailable, "database-busy")
		}
		defer arrived()
	}
	defer func() { removeFiles(r) }()
	began := s.Now()
	in, err := s.read(x, r, route, api, b)
	if x.shed {
		return err
	}
	if late := s.Now().Sub(began) > freshFor; late {
		if gone := s.admitAgain(x, r, route, api); gone != nil {
			return gone
		}
	}
	if err != nil {
		return s.again(x, r, route, api, in, err)
	}
	view, err := route.handle(ctx, in)
	if err != nil {
		return s.again(x, r, route, api, in, err)
	}
	return s.answer(x, r, route, api, in, view)
}

// read decodes the input. While a body comes in the place is free for others.
func (s *Server) read(x *exchange, r *http.Request, route Route, api bool, b *budget) (in any, err error) {
	if reading(r) || r.Body == http.NoBody {
		return route.decode(r, api)
	}
	x.leave()
	in, err = route.decode(r, api)
	if full := x.takePlace(r.Context(), b); full != nil {
		return in, full
	}
	return in, err
}

// freshFor is how long it holds who somebody is while a body comes in.
const freshFor = time.Second

// admitAgain asks once more after a slow body: somebody who was removed could
// otherwise act for a minute with what he began to send before, and invite
// himself back.
func (s *Server) admitAgain(x *exchange, r *http.Request, route Route, api bool) error {
	x.caller, x.role = Caller{}, Nobody
	return s.DB.Read(r.Context(), func(ctx context.Context) error { return s.admit(ctx, x, r, route, api) })
}

// largeAtOnce is how many large bodies one account may be sending: each takes up
// to UploadLimit of disk for as long as it comes in.
const largeAtOnce = 6

// large says that a body may be more than a form. Only routes with files take
// one, and none of them is open to strangers.
func large(r *http.Request, route Route) bool {
	return route.Limit > FormLimit && !small(r)
}

// small says that the body is announced as no more than a form.
func small(r *http.Request) bool { return r.ContentLength >= 0 && r.ContentLength <= FormLimit }

// open takes a snapshot for this request. A change only asks here who wants it
// and whether he may.
func (s *Server) open(x *exchange, r *http.Request) (ctx context.Context, err error) {
	if !reading(r) {
		ctx, x.snapshot, err = s.DB.Look(r.Context())
		return ctx, err
	}
	ctx, x.snapshot, err = s.DB.Snapshot(r.Context())
	return ctx, err
}

// tellSeen runs after the snapshot has been given back: what it writes would
// wait for others with it.
func (s *Server) tellSeen(x *exchange, r *http.Request) {
	if s.Seen != nil && x.caller.Session != "" {
		s.Seen(r.Context(), x.caller)
	}
}

// removeFiles deletes the parts of a form that went to disk. The standard
// server does so only for the request it made itself, not for our copy.
func removeFiles(r *http.Request) {
	if r.MultipartForm != nil {
		_ = r.MultipartForm.RemoveAll()
	}
}

// again shows a form once more when its input has a problem; everything else is
// a failure. A body that could not be read at all has nothing to show.
func (s *Server) again(x *exchange, r *http.Request, route Route, api bool, in any, err error) error {
	p := problem.As(err)
	if p == nil || api || route.again == nil || !mendable(p) {
		return err
	}
	x.problem = p.Code
	var page *bytes.Buffer
	// The form needs what it shows, read in a snapshot.
	e := s.DB.Read(r.Context(), func(ctx context.Context) error {
		form, err := route.again(ctx, in, p)
		if err != nil {
			return err
		}
		page, err = s.draw(ctx, x, r, form)
		return err
	})
	if e != nil {
		return e
	}
	x.send(p.Status, page)
	return nil
}

// mendable says that somebody can put right in the form what the problem names.
func mendable(p *problem.Problem) bool {
	switch p.Code {
	case "not-found", "step-up", "too-large", "form", "encoding":
		return false
	}
	return p.Status < 500
}

// Nexter is a view after which the browser goes on to another page.
type Nexter interface{ Next() string }

// nothing is the answer without a body.
type nothing struct{}

func (s *Server) answer(x *exchange, r *http.Request, route Route, api bool, in, view any) error {
	note := func() error { return x.noted(route, in) }
	switch v := view.(type) {
	case nothing:
		x.WriteHeader(http.StatusNoContent)
		return nil
	case File:
		return s.sendFile(x, r, v, note)
	}
	if api {
		return x.sendJSON(view, note)
	}
	if n, ok := view.(Nexter); ok && n.Next() != "" {
		http.Redirect(x, r, LocalPath(n.Next(), "/"), http.StatusSeeOther)
		return nil
	}
	if route.page == nil {
		http.Redirect(x, r, "/", http.StatusSeeOther)
		return nil
	}
	page, err := s.draw(r.Context(), x, r, route.page(view))
	if err != nil {
		return err
	}
	x.release() // what it writes would wait for others with it
	if err := note(); err != nil {
		giveBack(page)
		return err
	}
	x.send(http.StatusOK, page)
	return nil
}

// noted leaves the record of a route that has one. It writes, so its context
// knows no snapshot.
func (x *exchange) noted(route Route, in any) error {
	if route.note == nil {
		return nil
	}
	return route.note(x.r.Context(), in)
}

var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled keeps one huge page from staying in memory for good, in bytes.
const maxPooled = 1 << 20

func giveBack(b *bytes.Buffer) {
	if b.Cap() <= maxPooled {
		b.Reset()
		buffers.Put(b)
	}
}

// draw makes a whole page or none: an error half-way must not leave half a page
// under a status of 200.
func (s *Server) draw(ctx context.Context, x *exchange, r *http.Request, page templ.Component) (*bytes.Buffer, error) {
	ctx, err := s.dress(ctx, x, r)
	if err != nil {
		return nil, err
	}
	b := buffers.Get().(*bytes.Buffer)
	if err := page.Render(ctx, b); err != nil {
		giveBack(b)
		return nil, fmt.Errorf("page of %s: %w", pattern(r), err)
	}
	return b, nil
}

// dress gives the organisation only to somebody who has a role in it: the page
// of a refusal must not carry its name.
func (s *Server) dress(ctx context.Context, x *exchange, r *http.Request) (context.Context, error) {
	if s.Dress == nil {
		return ctx, nil
	}
	org := ""
	if x.role != Nobody {
		org = r.PathValue("org")
	}
	dressed := ctx
	err := s.DB.Read(ctx, func(in context.Context) (err error) {
		dressed, err = s.Dress(in, org)
		return err
	})
	return dressed, err
}

var (
	typeHTML    = []string{"text/html; charset=utf-8"}
	typeJSON    = []string{"application/json; charset=utf-8"}
	typeProblem = []string{"application/problem+json"}
)

// send writes a page and takes its buffer back. When the browser has gone,
// nobody is left to tell.
func (x *exchange) send(status int, page *bytes.Buffer) {
	x.release()
	x.Header()["Content-Type"] = typeHTML
	x.WriteHeader(status)
	_, _ = x.Write(page.Bytes())
	giveBack(page)
}

func (x *exchange) sendJSON(view any, note func() error) error {
	b, err := json.Marshal(view)
	if err != nil {
		return err
	}
	x.release()
	if err := note(); err != nil {
		return err
	}
	x.Header()["Content-Type"] = typeJSON
	x.WriteHeader(http.StatusOK)
	_, _ = x.Write(append(b, '\n'))
	return nil
}
