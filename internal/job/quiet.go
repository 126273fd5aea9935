package job

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// quiet is river's log as an operator wants it: warnings and worse, and the
// same complaint about the database once in half a minute. A queue that polls
// four times a second would otherwise fill the disk during an outage. What
// concerns a job is never left out.
type quiet struct {
	slog.Handler
	said *sayings
}

const sayAgainAfter = 30 * time.Second

type sayings struct {
	mu   sync.Mutex
	last map[string]time.Time
}

func newQuiet(h slog.Handler) quiet {
	return quiet{h, &sayings{last: map[string]time.Time{}}}
}

// Enabled treats river's chatter as debugging.
func (h quiet) Enabled(ctx context.Context, l slog.Level) bool {
	if l < slog.LevelWarn {
		l = slog.LevelDebug
	}
	return h.Handler.Enabled(ctx, l)
}

// Handle leaves out what was just said.
func (h quiet) Handle(ctx context.Context, r slog.Record) error {
	if r.Level >= slog.LevelWarn && !ofJob(r) && !h.said.take(r.Message, r.Time) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

func ofJob(r slog.Record) (found bool) {
	r.Attrs(func(a slog.Attr) bool {
		found = found || a.Key == "job_id"
		return !found
	})
	return found
}

// take is bounded by the number of messages river knows.
func (s *sayings) take(message string, at time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if at.Sub(s.last[message]) < sayAgainAfter {
		return false
	}
	s.last[message] = at
	return true
}

// WithAttrs keeps the rules when river adds its names.
func (h quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{h.Handler.WithAttrs(a), h.said} }

// WithGroup does the same.
func (h quiet) WithGroup(name string) slog.Handler { return quiet{h.Handler.WithGroup(name), h.said} }
