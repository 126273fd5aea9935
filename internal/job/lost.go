package job

import (
	"context"
	"log/slog"
	"sync"

	"github.com/minamori-project/minamori/internal/db"
)

// here is what this process knows of its own jobs. When the line to the database
// breaks just after a fetch, jobs stand as running on a node that lives and
// never heard of them; river would notice after a day.
type here struct {
	mu     sync.Mutex
	begun  map[int64]bool // true while it runs; false until its end is stored, which is river's care
	missed map[int64]int  // for how many beats a job stood as running and had not begun
}

func newHere() here { return here{begun: map[int64]bool{}, missed: map[int64]int{}} }

func (h *here) mark(id int64, running bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.begun[id] = running
}

func (h *here) knows(id int64) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	_, ok := h.begun[id]
	return ok
}

// lostAfter beats a job that has not begun is queued again: a fetched job
// begins within milliseconds.
const lostAfter = 4

// compare takes what the database says to be running here and returns what is lost.
func (h *here) compare(stored []int64) (lost []int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	missed, open := map[int64]int{}, map[int64]bool{}
	for _, id := range stored {
		open[id] = true
		if _, ok := h.begun[id]; ok {
			continue
		}
		if missed[id] = h.missed[id] + 1; missed[id] >= lostAfter {
			lost = append(lost, id)
		}
	}
	for id, running := range h.begun {
		if !running && !open[id] {
			delete(h.begun, id)
		}
	}
	h.missed = missed
	return lost
}

// findLost queues again the jobs that this node fetched and never got.
func (q *Queue) findLost(ctx context.Context) error {
	mine, args := "state = 'running'", []any{}
	if q.db.Dialect == db.Postgres {
		mine += " AND attempted_by[array_upper(attempted_by, 1)] = ?"
		args = append(args, q.opts.Node)
	}
	var stored []int64
	err := q.db.Read(ctx, func(ctx context.Context) (err error) {
		stored, err = db.Rows(ctx, func(id *int64) []any { return []any{id} }, "SELECT id FROM river_job WHERE "+mine, args...)
		return err
	})
	if err != nil {
		return err
	}
	for _, id := range q.here.compare(stored) {
		err := q.db.Write(ctx, func(ctx context.Context) error {
			if q.here.knows(id) {
				return nil
			}
			return again(ctx, q.log, "state = 'running' AND id = ?", id)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// again queues once more what stands as running and is not. A job that took its
// last attempt with it has failed: it may be what killed the node.
func again(ctx context.Context, log *slog.Logger, which string, args ...any) error {
	failed, err := db.Exec(ctx, "UPDATE river_job SET state = 'discarded', finalized_at = CURRENT_TIMESTAMP WHERE attempt >= max_attempts AND "+which, args...)
	if err != nil {
		return err
	}
	more, err := db.Exec(ctx, "UPDATE river_job SET state = 'available' WHERE attempt < max_attempts AND "+which, args...)
	if failed+more > 0 {
		log.WarnContext(ctx, "job: rescued", slog.Int64("again", more), slog.Int64("failed", failed))
	}
	return err
}
