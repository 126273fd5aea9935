package job

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

const (
	beatEvery   = 5 * time.Second
	deadAfter   = 4 // beats: long enough for a slow disk, short enough to wait for
	forgetAfter = 8 * 24 * time.Hour
)

// keepBeating says that this node lives, takes over from those that do not, and
// finds what was lost on the way here. On a file there is no other node to tell.
func (q *Queue) keepBeating(ctx context.Context) {
	tick := time.NewTicker(q.beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		var err error
		if q.db.Dialect == db.Postgres {
			err = q.beat(ctx, false)
		}
		if err = errors.Join(err, q.findLost(ctx)); err != nil && ctx.Err() == nil {
			q.log.WarnContext(ctx, "job: heartbeat", slog.Any("error", err))
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

// rescue queues again what ran on dead nodes. A file has one node, so whatever
// ran there before the start is dead.
func (q *Queue) rescue(ctx context.Context, now time.Time) error {
	if q.db.Dialect == db.SQLite {
		return again(ctx, q.log, "state = 'running'")
	}
	return again(ctx, q.log, `state = 'running' AND NOT EXISTS (SELECT 1 FROM job_node n
		WHERE n.id = river_job.attempted_by[array_upper(river_job.attempted_by, 1)] AND n.seen > ?)`, now.Add(-deadAfter*q.beatEvery))
}
