package main

import (
	"context"
	"encoding/json"
	"io"
	"mime"
	"net/http"
	"net/http/httptest"
	"net/mail"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// prepared is a job that waits: it was made before whatever happens until it is done.
type prepared struct {
	id         int64
	kind, args string
}

// hook is an address of a company's own system.
type hook struct {
	id, path string
	org      *company
	by       *person
	over     bool
}

// called is a call that the loopback receiver got.
type called struct{ path, text string }

// receiver stands for the systems of all companies.
type receiver struct {
	*httptest.Server
	mu    sync.Mutex
	calls []called
}

func newReceiver() *receiver {
	rc := &receiver{}
	rc.Server = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		text := string(body)
		for k, v := range r.Header {
			text += "\n" + k + ": " + strings.Join(v, " ")
		}
		rc.mu.Lock()
		defer rc.mu.Unlock()
		rc.calls = append(rc.calls, called{r.URL.Path, text})
	}))
	return rc
}

func (rc *receiver) take() []called {
	rc.mu.Lock()
	defer rc.mu.Unlock()
	calls := rc.calls
	rc.calls = nil
	return calls
}

func sortedKeys[V any](m map[string]V) []string {
	var all []string
	for k := range m {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// collect takes new jobs out of the queue, so that they are done when the hunt
// says so and not when a worker comes by.
func (w *world) collect() {
	w.must(journal.CatchUp(context.Background(), w.DB, w.Webhook.Follower()))
	args := "json(args)" // SQLite keeps it as bytes of its own
	if w.DB.Dialect == db.Postgres {
		args = "CAST(args AS TEXT)"
	}
	var fresh []prepared
	w.must(w.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		fresh, err = db.Rows(ctx, func(p *prepared) []any { return []any{&p.id, &p.kind, &p.args} },
			"SELECT id, kind, "+args+" FROM river_job WHERE id > ? ORDER BY id", w.jobs)
		return err
	}))
	for _, p := range fresh {
		w.jobs = p.id
		w.waiting = append(w.waiting, p)
	}
}

// delivers does some of the jobs that wait, and holds what goes out against the model.
func (w *world) delivers(rt *rapid.T) {
	w.collect()
	for range min(len(w.waiting), rapid.IntRange(1, 8).Draw(rt, "jobs")) {
		i := rapid.IntRange(0, len(w.waiting)-1).Draw(rt, "job")
		p := w.waiting[i]
		w.waiting = slices.Delete(w.waiting, i, i+1)
		w.say("job %s %s", p.kind, p.args)
		if err := w.perform(p); err != nil {
			w.say("… %v", err)
		}
		w.holdMails()
		w.holdCalls()
	}
}

// perform does a job as a worker would.
func (w *world) perform(p prepared) error {
	switch p.kind {
	case "org.invitation":
		return performed(w, p, w.sendInvitation)
	case "helper.invitation":
		return performed(w, p, w.sendHelper)
	case "review.invitation":
		return performed(w, p, w.sendReview)
	case "desk.reminder":
		return performed(w, p, w.sendReminder)
	case "house.notice":
		return performed(w, p, w.sendNotice)
	case "webhook.call":
		return performed(w, p, w.callHook)
	}
	return nil
}

func performed[T job.Args](w *world, p prepared, do func(context.Context, job.Task[T]) error) error {
	var t job.Task[T]
	w.must(json.Unmarshal([]byte(p.args), &t.Args))
	return do(context.Background(), t)
}

// holdMails holds each new letter against what its addressee may meet.
func (w *world) holdMails() {
	for _, file := range letters(filepath.Join(w.store.Data, "outbox")) {
		if w.mails[file] {
			continue
		}
		w.mails[file] = true
		f, err := os.Open(file)
		w.must(err)
		m, err := mail.ReadMessage(f)
		w.must(err)
		_ = f.Close()
		to, err := mail.ParseAddress(m.Header.Get("To"))
		w.must(err)
		text := readLetter(w.stage.t, file)
		for k, v := range m.Header {
			plain, err := new(mime.WordDecoder).DecodeHeader(strings.Join(v, " "))
			w.must(err)
			text += "\n" + k + ": " + plain
		}
		w.sightings["mail sent"]++
		w.hold("a letter", reader{mailbox: to.Address}, text)
	}
}

// holdCalls: a system of a company is told of nothing secret, and of nothing at
// all once its address was removed, its maker is no manager, or sharing has paused.
func (w *world) holdCalls() {
	if w.receiver == nil {
		return
	}
	for _, c := range w.receiver.take() {
		h := w.hooks[c.path]
		w.sightings["webhook called"]++
		switch {
		case h == nil:
			w.t.Fatalf("a call to %s, which nobody asked for", c.path)
		case h.over, h.org.closed, len(h.org.paused) > 0, h.org.roles[h.by] < web.Manager:
			w.t.Fatalf("leak: a call of %s after the right to it ended: %s\n%s", h.org.name, c.text, strings.Join(w.trace, "\n"))
		}
		if found := canariesIn(c.text); len(found) > 0 {
			w.t.Fatalf("leak: a call of %s holds %v: %s", h.org.name, found, c.text)
		}
	}
}
