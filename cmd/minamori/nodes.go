package main

import (
	"context"
	"io"
	"net/http"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/node"
)

// What a node owes to the others and to the proxy in front of them.

// fingerprint tells keys apart and tells nothing of the key.
const fingerprint = "fingerprint"

// alike refuses to serve with another key than the nodes before.
func (h *House) alike(ctx context.Context) error {
	return node.Agree(ctx, h.DB, h.Accounts.Derive(fingerprint, ""))
}

type keyCmd struct {
	Accept keyAcceptCmd `cmd:"" help:"Take the key in the data folder for the key of this installation, when the old one is lost for good."`
}

type keyAcceptCmd struct{ Store }

// Run writes the fingerprint of this folder's key down for all nodes.
func (k keyAcceptCmd) Run(c *console) error {
	d, err := openExisting(c.ctx, k.Store)
	if err != nil {
		return err
	}
	defer d.Close()
	keys, err := auth.LoadKeys(filepath.Join(k.Data, "installation.key"))
	if err != nil {
		return err
	}
	return node.Accept(c.ctx, d, keys.Derive(fingerprint, ""))
}

// asksFor is how long an answer of the database holds for everybody who asks
// whether it is there: nobody may keep it busy by asking.
const asksFor = 500 * time.Millisecond

// readiness says whether this node can work, and stops saying so some time
// before it stops working.
type readiness struct {
	ask     func(context.Context) error
	leaving atomic.Bool

	mu    sync.Mutex
	asked time.Time
	there bool
}

// ready asks the database, at most once in asksFor however many want to know.
func (r *readiness) ready() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.asked.IsZero() && time.Since(r.asked) < asksFor {
		return r.there
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	r.there = r.ask(ctx) == nil
	r.asked = time.Now()
	return r.there
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n")
}

// ServeHTTP answers GET /readyz.
func (r *readiness) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	switch {
	case r.leaving.Load():
		say(w, http.StatusServiceUnavailable, "leaving")
	case !r.ready():
		say(w, http.StatusServiceUnavailable, "database away")
	default:
		say(w, http.StatusOK, "ready")
	}
}

// leave tells the proxy that this node is going, and goes on answering until it
// has looked. Each answer ends its connection: one that was left open would be
// closed later, perhaps just as the proxy sends the next request over it.
func (r *readiness) leave(wait time.Duration) {
	r.leaving.Store(true)
	time.Sleep(wait)
}

// parting ends connections with their next answer while the node is leaving.
func (r *readiness) parting(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		if r.leaving.Load() {
			w.Header().Set("Connection", "close")
		}
		next.ServeHTTP(w, q)
	})
}

// health answers whether the process lives, readiness whether it can work.
func (h *House) health() map[string]http.Handler {
	return map[string]http.Handler{
		"GET /healthz": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, "ok") }),
		"GET /readyz":  h.node,
	}
}
