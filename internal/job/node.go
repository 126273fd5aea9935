package job

import (
	"context"
	"log/slog"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

const (
	beatEvery   = 5 * time.Second
	deadAfter   = 4 * beatEvery // long enough for a slow disk, short enough to wait for
	forgetAfter = 8 * 24 * time.Hour
)

// keepBeating says that this node lives and takes over from those that do not.
// A file has one node, so there only the start has anything to rescue.
func (q *Queue) keepBeating(ctx context.Context) {
	if q.db.Dialect == db.SQLite {
		return
	}
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := q.beat(ctx, false); err != nil && ctx.Err() == nil {
				q.log.WarnContext(ctx, "job: heartbeat", slog.Any("error", err))
			}
		}
	}
}

// beat notes that this node lives and rescues the jobs of nodes that do not.
func (q *Queue) beat(ctx context.Context, starting bool) error {
	return q.db.Write(ctx, func(ctx context.Context) error {
		now := q.opts.Now()
		_, err := db.Exec(ctx, "INSERT INTO job_node (id, seen) VALUES (?, ?) ON CONFLICT (id) DO UPDATE SET seen = excluded.seen", q.opts.Node, now)
		if err != nil {
			return err
		}
		if starting {
			if err := q.forget(ctx, now); err != nil {
				return err
			}
		}
		return q.rescue(ctx, now)
	})
}

// forget drops the progress of jobs that river no longer keeps.
func (q *Queue) forget(ctx context.Context, now time.Time) error {
	_, err := db.Exec(ctx, `
		DELETE FROM job_progress WHERE updated < ? AND NOT EXISTS (SELECT 1 FROM river_job j WHERE j.id = job_progress.job_id)`,
		now.Add(-forgetAfter))
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "DELETE FROM job_node WHERE seen < ?", now.Add(-forgetAfter))
	return err
}

// rescue queues again what ran on dead nodes. A job that took its last attempt
// with it has failed: it may be what killed the node.
func (q *Queue) rescue(ctx context.Context, now time.Time) error {
	dead, args := "state = 'running'", []any{}
	if q.db.Dialect == db.Postgres {
		dead += ` AND NOT EXISTS (SELECT 1 FROM job_node n
			WHERE n.id = river_job.attempted_by[array_upper(river_job.attempted_by, 1)] AND n.seen > ?)`
		args = append(args, now.Add(-deadAfter))
	}
	failed, err := db.Exec(ctx, "UPDATE river_job SET state = 'discarded', finalized_at = CURRENT_TIMESTAMP WHERE attempt >= max_attempts AND "+dead, args...)
	if err != nil {
		return err
	}
	again, err := db.Exec(ctx, "UPDATE river_job SET state = 'available' WHERE attempt < max_attempts AND "+dead, args...)
	if failed+again > 0 {
		q.log.WarnContext(ctx, "job: rescued from a stopped node", slog.Int64("again", again), slog.Int64("failed", failed))
	}
	return err
}

// quiet lets river's warnings through and keeps its chatter for debugging.
type quiet struct{ slog.Handler }

// Enabled is asked before a record is made.
func (h quiet) Enabled(ctx context.Context, l slog.Level) bool {
	if l < slog.LevelWarn {
		l = slog.LevelDebug
	}
	return h.Handler.Enabled(ctx, l)
}

// WithAttrs keeps the level when river adds its names.
func (h quiet) WithAttrs(a []slog.Attr) slog.Handler { return quiet{h.Handler.WithAttrs(a)} }

// WithGroup does the same.
func (h quiet) WithGroup(name string) slog.Handler { return quiet{h.Handler.WithGroup(name)} }
