package job

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/minamori-project/minamori/internal/db"
)

// Task is a job while it runs.
type Task[T Args] struct {
	ID      int64
	Args    T
	Attempt int // 1 at first

	q    *Queue
	last *pace
}

// pace keeps progress from becoming the work.
type pace struct {
	mu sync.Mutex
	at time.Time
}

// between is how often progress is written at most: each write is a commit.
const between = 500 * time.Millisecond

// Progress stores how far the job is, so that a page can show it. Calls that
// come too fast are left out, except the last (done = total).
func (t Task[T]) Progress(ctx context.Context, done, total int) error {
	return t.Note(ctx, done, total, "")
}

// Note is Progress with the key of a text that says what is being done.
func (t Task[T]) Note(ctx context.Context, done, total int, key string) error {
	if !t.last.take(done == total) {
		return ctx.Err()
	}
	err := t.q.db.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE job_progress SET done = ?, total = ?, note = ?, updated = ? WHERE job_id = ?",
			done, total, key, t.q.opts.Now(), t.ID)
		return err
	})
	if err == nil {
		err = ctx.Err()
	}
	return err
}

func (p *pace) take(always bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !always && time.Since(p.at) < between {
		return false
	}
	p.at = time.Now()
	return true
}

// Later is the error of a handler that wants to be asked again after d; the
// attempt does not count.
func Later(d time.Duration) error { return river.JobSnooze(d) }

// Never is the error of a handler that knows that trying again is of no use.
// The job has then failed.
func Never(err error) error { return &final{err} }

type final struct{ error }

func (f *final) Unwrap() error { return f.error }

// Handle says what does the jobs of T's kind. It is called before Start.
func Handle[T Args](q *Queue, spec Spec, f func(ctx context.Context, t Task[T]) error) error {
	var none T
	kind := none.Kind()
	if spec.Timeout <= 0 {
		spec.Timeout = timeout
	}
	if spec.Attempts <= 0 {
		spec.Attempts = attempts
	}
	if err := river.AddWorkerSafely(q.workers, &worker[T]{q: q, spec: spec, f: f}); err != nil {
		return fmt.Errorf("job %s: %w", kind, err)
	}
	q.specs[kind] = spec
	if spec.Workers == 0 {
		return nil
	}
	return q.client.Queues().Add(queueOf(kind), river.QueueConfig{MaxWorkers: spec.Workers})
}

var notInQueueName = regexp.MustCompile(`[^a-z0-9_]+`)

func queueOf(kind string) string {
	return notInQueueName.ReplaceAllString(strings.ToLower(kind), "_")
}

// worker is a handler as river calls it.
type worker[T Args] struct {
	river.WorkerDefaults[T]
	q    *Queue
	spec Spec
	f    func(context.Context, Task[T]) error
}

// Timeout is the kind's own: the default of one minute would kill imports.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.spec.Timeout }

// Work runs the handler and keeps note of it.
func (w *worker[T]) Work(ctx context.Context, j *river.Job[T]) error {
	w.q.here.mark(j.ID, true)
	defer w.q.here.mark(j.ID, false) // also when the handler panics
	return w.run(ctx, j)
}

// run: what a stop interrupts is asked again and costs no attempt, since nothing
// is known to be wrong with it.
func (w *worker[T]) run(ctx context.Context, j *river.Job[T]) error {
	err := w.f(ctx, Task[T]{ID: j.ID, Args: j.Args, Attempt: j.Attempt, q: w.q, last: &pace{}})
	if err != nil && ctx.Err() != nil && w.q.stopping.Load() {
		return river.JobSnooze(0)
	}
	var never *final
	if !errors.As(err, &never) {
		return err
	}
	if err := w.q.giveUp(ctx, j.ID); err != nil {
		return err
	}
	return river.JobCancel(err)
}

// giveUp notes a failure that river, which has no word for it, calls cancelled.
func (q *Queue) giveUp(ctx context.Context, id int64) error {
	return q.db.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE job_progress SET failed = TRUE, updated = ? WHERE job_id = ?", q.opts.Now(), id)
		return err
	})
}
