package job

import (
	"context"
	"log/slog"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// recurring is a job that comes back. Its next time is stored, so that a
// restart neither repeats nor forgets it (river keeps the time in memory: what
// is due weekly would never come on a machine that is switched off at night).
type recurring struct {
	name     string
	interval time.Duration
	args     Args
	next     time.Time // as far as this node knows
}

// Every adds a job at intervals, once over all nodes, first at the first start.
// While one is waiting or running, the next is left out. It is called before
// Start; name is stored and must not change.
func (q *Queue) Every(name string, interval time.Duration, args Args) {
	q.every = append(q.every, &recurring{name: name, interval: interval, args: args})
}

// keepTime looks at the clock and not at a timer of the whole interval: clocks
// jump and machines sleep.
func (q *Queue) keepTime(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		for _, r := range q.every {
			if err := q.addDue(ctx, r); err != nil && ctx.Err() == nil {
				q.log.WarnContext(ctx, "job: recurring", slog.String("name", r.name), slog.Any("error", err))
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// addDue adds the job when its time has come and no other node was first. A
// time further away than the interval was written by a clock that ran ahead.
func (q *Queue) addDue(ctx context.Context, r *recurring) error {
	now := q.opts.Now()
	if now.Before(r.next) && r.next.Sub(now) <= r.interval {
		return nil
	}
	return q.db.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "INSERT INTO job_every (name, next_at) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", r.name, now)
		if err != nil {
			return err
		}
		next := now.Add(r.interval)
		mine, err := db.Exec(ctx, "UPDATE job_every SET next_at = ? WHERE name = ? AND (next_at <= ? OR next_at > ?)", next, r.name, now, next)
		if err != nil {
			return err
		}
		if mine > 0 {
			_, err = q.Add(ctx, r.args, Once())
		} else {
			next, err = db.One(ctx, func(t *time.Time) []any { return []any{db.At(t)} }, "SELECT next_at FROM job_every WHERE name = ?", r.name)
		}
		if err != nil {
			return err
		}
		return db.AfterCommit(ctx, func() { r.next = next })
	})
}
