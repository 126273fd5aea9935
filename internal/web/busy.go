package web

import (
	"bytes"
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// budget bounds what is under way at once, with a short queue in front. More
// than the machine can do at once makes everything slower and nothing sooner;
// what comes beyond the queue is told at once to try again.
//
// A place is held while we work, not while a line is slow: it is given back
// before a body is read and before an answer is sent.
type budget struct {
	name     string
	places   chan struct{}
	waiting  atomic.Int64
	queue    int64
	patience time.Duration
	shed     prometheus.Counter // nil without metrics
}

// budgets are apart, so that a flood of readers does not starve answers, and a
// printed page of half a second does not hold up either.
type budgets struct {
	read, write, file budget
	incoming          chan struct{} // large bodies on their way in, of all accounts
}

// incomingPlaces is how many large bodies may come in at once: each takes up to
// UploadLimit of disk.
const incomingPlaces = 16

func (b *budgets) make(d *db.DB) {
	readers := d.Readers()
	// Some connections that read stay free of pages: an answer needs one to find
	// out who gives it.
	b.read.make("read", max(2, readers-max(1, readers/8)), 512, 2*time.Second)
	// Answers share commits: many at once cost hardly more than one.
	b.write.make("write", 128, 512, 4*time.Second)
	b.file.make("file", max(2, readers/4), 32, 4*time.Second)
	b.incoming = make(chan struct{}, incomingPlaces)
}

func (b *budget) make(name string, places, queue int, patience time.Duration) {
	b.name, b.places, b.queue, b.patience = name, make(chan struct{}, places), int64(queue), patience
}

// enter takes a place; false when there is none and none comes free in time.
func (b *budget) enter(ctx context.Context) bool {
	select {
	case b.places <- struct{}{}:
		return true
	default:
	}
	if b.waiting.Add(1) > b.queue {
		b.waiting.Add(-1)
		return b.refuse()
	}
	defer b.waiting.Add(-1)
	timer := time.NewTimer(b.patience)
	defer timer.Stop()
	select {
	case b.places <- struct{}{}:
		return true
	case <-timer.C:
		return b.refuse()
	case <-ctx.Done():
		return b.refuse()
	}
}

func (b *budget) refuse() bool {
	if b.shed != nil {
		b.shed.Inc()
	}
	return false
}

// budgetOf is what a request is counted against.
func (s *Server) budgetOf(r *http.Request, route Route) *budget {
	switch {
	case route.View == nil && reading(r), large(r, route):
		return &s.budgets.file
	case reading(r):
		return &s.budgets.read
	}
	return &s.budgets.write
}

// takePlace waits for a place in the budget of a request.
func (x *exchange) takePlace(ctx context.Context, b *budget) error {
	if !b.enter(ctx) {
		x.shed = true
		return problem.New(http.StatusServiceUnavailable, "database-busy")
	}
	x.place = b
	return nil
}

// leave gives the place back; it may be called again.
func (x *exchange) leave() {
	if b := x.place; b != nil {
		x.place = nil
		<-b.places
	}
}

// receive takes one of the places for large bodies.
func (b *budgets) receive() (end func(), ok bool) {
	select {
	case b.incoming <- struct{}{}:
		return func() { <-b.incoming }, true
	default:
		return nil, false
	}
}

// busyPages are the page for those who are turned away, drawn once for each
// register: whoever is turned away must cost next to nothing.
type busyPages struct {
	once  sync.Once
	pages map[i18n.Lang][]byte
}

func (s *Server) drawBusy() {
	if s.Problem == nil {
		return
	}
	s.busy.pages = map[i18n.Lang][]byte{}
	for _, l := range i18n.Langs {
		var b bytes.Buffer
		ctx := i18n.Into(context.Background(), s.spoken[l])
		page := s.Problem(problem.New(http.StatusServiceUnavailable, "database-busy"), "")
		if err := page.Render(ctx, &b); err == nil {
			s.busy.pages[l] = b.Bytes()
		}
	}
}

// turnAway shows the page made before; false when there is none.
func (s *Server) turnAway(x *exchange) bool {
	s.busy.once.Do(s.drawBusy)
	page := s.busy.pages[language(x.r, x.secure)]
	if len(page) == 0 {
		return false
	}
	x.Header()["Content-Type"] = typeHTML
	x.WriteHeader(http.StatusServiceUnavailable)
	_, _ = x.Write(page)
	return true
}

// watch makes the figures of the budgets.
func (b *budgets) watch(m *Metrics) {
	if m == nil {
		return
	}
	shed := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "minamori_shed_requests_total", Help: "Requests that were turned away with 503 because too many were under way.",
	}, []string{"budget"})
	busy := func(name, help string, of func(*budget) float64) {
		for _, one := range []*budget{&b.read, &b.write, &b.file} {
			m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
				Name: name, Help: help, ConstLabels: prometheus.Labels{"budget": one.name},
			}, func() float64 { return of(one) }))
		}
	}
	m.registry.MustRegister(shed)
	for _, one := range []*budget{&b.read, &b.write, &b.file} {
		one.shed = shed.WithLabelValues(one.name)
	}
	busy("minamori_requests_under_way", "Requests that hold a place.", func(b *budget) float64 { return float64(len(b.places)) })
	busy("minamori_requests_waiting", "Requests that wait for a place.", func(b *budget) float64 { return float64(b.waiting.Load()) })
}
