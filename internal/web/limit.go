package web

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Limiter bounds how often somebody may do something, by key. It forgets keys
// that have been quiet, and holds a bounded number of them.
type Limiter struct {
	mu    sync.Mutex
	every rate.Limit
	burst int
	keys  map[string]*rate.Limiter
	max   int
}

// NewLimiter allows burst at once and one more per interval.
func NewLimiter(interval time.Duration, burst int) *Limiter {
	return &Limiter{every: rate.Every(interval), burst: burst, keys: map[string]*rate.Limiter{}, max: 50_000}
}

// Allow says whether key may act now.
func (l *Limiter) Allow(key string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	k, ok := l.keys[key]
	if !ok {
		if len(l.keys) >= l.max {
			l.forget(now)
		}
		k = rate.NewLimiter(l.every, l.burst)
		l.keys[key] = k
	}
	return k.AllowN(now, 1)
}

// forget drops the keys that are as good as new. When an attacker fills the
// table with fresh ones, all go: the limits of others then start again, which
// is better than memory without end or a search through the table per request.
func (l *Limiter) forget(now time.Time) {
	for key, k := range l.keys {
		if k.TokensAt(now) >= float64(l.burst) {
			delete(l.keys, key)
		}
	}
	if len(l.keys) > l.max*3/4 {
		clear(l.keys)
	}
}

// atOnce bounds how many things somebody has under way, by key.
type atOnce struct {
	mu sync.Mutex
	n  map[string]int
}

// begin takes one of so many places of key; end gives it back.
func (a *atOnce) begin(key string, most int) (end func(), ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.n[key] >= most {
		return nil, false
	}
	if a.n == nil {
		a.n = map[string]int{}
	}
	a.n[key]++
	return func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.n[key]--; a.n[key] == 0 {
			delete(a.n, key)
		}
	}, true
}
