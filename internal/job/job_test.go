package job_test

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/problem"
)

type greet struct {
	Who string `json:"who"`
}

func (greet) Kind() string { return "test.greet" }

func schemas() []db.Schema { return []db.Schema{job.Schema()} }

// each runs f on both databases with river's tables in place.
func each(t *testing.T, f func(t *testing.T, d *db.DB)) {
	t.Parallel() // they mostly wait
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		if err := job.Migrate(context.Background(), d); err != nil {
			t.Fatal(err)
		}
		f(t, d)
	})
}

func quick() job.Options {
	return job.Options{Poll: 20 * time.Millisecond, Retry: func(int) time.Duration { return 10 * time.Millisecond }}
}

func queue(t *testing.T, d *db.DB, opts job.Options) *job.Queue {
	t.Helper()
	q, err := job.New(d, slog.New(slog.DiscardHandler), opts)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func handle(t *testing.T, q *job.Queue, spec job.Spec, f func(context.Context, job.Task[greet]) error) {
	t.Helper()
	if err := job.Handle(q, spec, f); err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, q *job.Queue) {
	t.Helper()
	if err := q.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, q, 5*time.Second) })
}

func stop(t *testing.T, q *job.Queue, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	if err := q.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func add(t *testing.T, d *db.DB, q *job.Queue, opts ...job.Option) (id int64) {
	t.Helper()
	err := d.Write(context.Background(), func(ctx context.Context) (err error) {
		id, err = q.Add(ctx, greet{Who: "a"}, opts...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// until waits for a phase and fails after ten seconds.
func until(t *testing.T, q *job.Queue, org string, id int64, want job.Phase) job.State {
	t.Helper()
	var s job.State
	for range 1000 {
		var err error
		if s, err = q.State(context.Background(), org, id); err != nil {
			t.Fatal(err)
		}
		if s.Phase == want {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("job %d is %s after ten seconds, want %s", id, s.Phase, want)
	return s
}

func TestJobRunsAfterItsCommit(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		q := queue(t, d, job.Options{})
		ran := make(chan string, 1)
		handle(t, q, job.Spec{}, func(_ context.Context, task job.Task[greet]) error { ran <- task.Args.Who; return nil })
		start(t, q)
		time.Sleep(100 * time.Millisecond)
		began := time.Now()
		id := add(t, d, q, job.For("o1"))
		if who := <-ran; who != "a" {
			t.Errorf("ran for %q", who)
		}
		latency := time.Since(began)
		t.Logf("latency %v", latency)
		if latency > time.Second {
			t.Errorf("a new job waited %v, want at most 1s", latency)
		}
		until(t, q, "o1", id, job.Done)
	})
}

func TestRolledBackJobNeverRuns(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		q := queue(t, d, quick())
		var ran atomic.Int32
		handle(t, q, job.Spec{}, func(context.Context, job.Task[greet]) error { ran.Add(1); return nil })
		start(t, q)
		refused := errors.New("refused")
		err := d.Write(context.Background(), func(ctx context.Context) error {
			if _, err := q.Add(ctx, greet{}, job.For("o1")); err != nil {
				return err
			}
			return refused
		})
		if !errors.Is(err, refused) {
			t.Fatal(err)
		}
		until(t, q, "o1", add(t, d, q, job.For("o1")), job.Done)
		if n := ran.Load(); n != 1 {
			t.Errorf("%d jobs ran, want the committed one", n)
		}
		if _, err := q.Add(context.Background(), greet{}); !errors.Is(err, db.ErrNoTransaction) {
			t.Errorf("added without a transaction: %v", err)
		}
	})
}

func TestFailuresAreTriedAgainUntilTheLast(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		q := queue(t, d, quick())
		var ran atomic.Int32
		handle(t, q, job.Spec{Attempts: 3}, func(_ context.Context, task job.Task[greet]) error {
			ran.Add(1)
			if task.Attempt == 2 {
				panic("boom")
			}
			return errors.New("not yet")
		})
		start(t, q)
		s := until(t, q, "o1", add(t, d, q, job.For("o1")), job.Failed)
		if s.Attempt != 3 || ran.Load() != 3 {
			t.Errorf("attempt %d after %d runs, want 3 of 3", s.Attempt, ran.Load())
		}
	})
}

func TestHandlerAnswers(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		q := queue(t, d, quick())
		var later atomic.Bool
		handle(t, q, job.Spec{Attempts: 1, Timeout: 300 * time.Millisecond}, func(ctx context.Context, task job.Task[greet]) error {
			switch task.Args.Who {
			case "never":
				return job.Never(errors.New("no such thing"))
			case "later":
				if !later.Swap(true) {
					return job.Later(10 * time.Millisecond)
				}
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		start(t, q)
		for who, want := range map[string]job.Phase{"never": job.Failed, "later": job.Done, "too long": job.Failed} {
			var id int64
			err := d.Write(context.Background(), func(ctx context.Context) (err error) {
				id, err = q.Add(ctx, greet{Who: who}, job.For("o1"))
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			until(t, q, "o1", id, want)
		}
	})
}

func TestProgressAndTenants(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		q := queue(t, d, quick())
		goOn := make(chan struct{})
		handle(t, q, job.Spec{Workers: 1}, func(ctx context.Context, task job.Task[greet]) error {
			for i := range 1000 { // comes too fast and is thinned out
				if err := task.Note(ctx, i, 1000, "test.reading"); err != nil {
					return err
				}
			}
			<-goOn
			return task.Progress(ctx, 1000, 1000)
		})
		start(t, q)
		id := add(t, d, q, job.For("o1"))
		var s job.State
		for s.Total == 0 {
			s = until(t, q, "o1", id, job.Running)
		}
		if s.Total != 1000 || s.Note != "test.reading" {
			t.Errorf("progress %+v", s)
		}
		if _, err := q.State(ctx, "o2", id); !problem.Is(err, "not-found") {
			t.Errorf("a stranger sees the job: %v", err)
		}
		if err := q.Cancel(ctx, "o2", id); !problem.Is(err, "not-found") {
			t.Errorf("a stranger cancels the job: %v", err)
		}
		if _, err := q.State(ctx, "o1", id+1000); !problem.Is(err, "not-found") {
			t.Errorf("unknown job: %v", err)
		}
		close(goOn)
		if s = until(t, q, "o1", id, job.Done); s.Done != 1000 {
			t.Errorf("at the end %+v", s)
		}
	})
}

func TestCancel(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		q := queue(t, d, quick())
		handle(t, q, job.Spec{}, func(ctx context.Context, _ job.Task[greet]) error { <-ctx.Done(); return ctx.Err() })
		waiting := add(t, d, q, job.For("o1"), job.At(time.Now().Add(time.Hour)))
		if err := q.Cancel(context.Background(), "o1", waiting); err != nil {
			t.Fatal(err)
		}
		until(t, q, "o1", waiting, job.Cancelled)
		start(t, q)
		running := add(t, d, q, job.For("o1"))
		until(t, q, "o1", running, job.Running)
		began := time.Now()
		if err := q.Cancel(context.Background(), "o1", running); err != nil {
			t.Fatal(err)
		}
		until(t, q, "o1", running, job.Cancelled)
		t.Logf("a running job ended after %v", time.Since(began))
		if err := q.Cancel(context.Background(), "o1", running); err != nil {
			t.Errorf("cancelling twice: %v", err)
		}
	})
}

func TestOnce(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		q := queue(t, d, quick())
		handle(t, q, job.Spec{}, func(context.Context, job.Task[greet]) error { return nil })
		first, second := add(t, d, q, job.For("o1"), job.Once()), add(t, d, q, job.For("o1"), job.Once())
		if first != second {
			t.Errorf("jobs %d and %d wait, want one", first, second)
		}
		start(t, q)
		until(t, q, "o1", first, job.Done)
		if third := add(t, d, q, job.For("o1"), job.Once()); third == first {
			t.Error("a finished job keeps the next one out")
		}
	})
}

// Two nodes on one database share what recurs (on a file there is one).
func TestEveryRunsOnceOverAllNodes(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		var ran atomic.Int32
		var ahead atomic.Int64
		opts := quick()
		opts.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
		nodes := 1
		if d.Dialect == db.Postgres {
			nodes = 2
		}
		for range nodes {
			q := queue(t, d, opts)
			handle(t, q, job.Spec{}, func(context.Context, job.Task[greet]) error { ran.Add(1); return nil })
			q.Every("test.weekly", 7*24*time.Hour, greet{Who: "week"})
			start(t, q)
		}
		time.Sleep(1500 * time.Millisecond)
		if n := ran.Load(); n != 1 {
			t.Errorf("ran %d times at first, want 1", n)
		}
		ahead.Store(int64(8 * 24 * time.Hour))
		time.Sleep(2 * time.Second)
		if n := ran.Load(); n != 2 {
			t.Errorf("ran %d times after a week, want 2", n)
		}
	})
}

// A stop lets running jobs finish, and queues again what does not.
func TestStop(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		q := queue(t, d, quick())
		began := make(chan struct{}, 2)
		handle(t, q, job.Spec{Attempts: 1}, func(ctx context.Context, task job.Task[greet]) error {
			began <- struct{}{}
			if task.Args.Who == "short" {
				time.Sleep(200 * time.Millisecond)
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		})
		start(t, q)
		var short int64
		if err := d.Write(context.Background(), func(ctx context.Context) (err error) {
			short, err = q.Add(ctx, greet{Who: "short"}, job.For("o1"))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		long := add(t, d, q, job.For("o1"))
		<-began
		<-began
		stop(t, q, time.Second)
		until(t, q, "o1", short, job.Done)
		if s := until(t, q, "o1", long, job.Queued); s.Attempt != 0 {
			t.Errorf("the stop cost an attempt: %+v", s)
		}
	})
}

// A killed node leaves "running" behind; nobody waits an hour for it.
func TestKilledNodeIsRescued(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		q := queue(t, d, quick())
		handle(t, q, job.Spec{Attempts: 2}, func(context.Context, job.Task[greet]) error { return nil })
		id, last := add(t, d, q, job.For("o1")), add(t, d, q, job.For("o1"))
		pretendKilled(t, d, id, 1)
		pretendKilled(t, d, last, 2)
		start(t, q)
		until(t, q, "o1", id, job.Done)
		until(t, q, "o1", last, job.Failed)
	})
}

func pretendKilled(t *testing.T, d *db.DB, id int64, attempt int) {
	t.Helper()
	by := `jsonb('["gone"]')`
	if d.Dialect == db.Postgres {
		by = `ARRAY['gone']`
	}
	err := d.Write(context.Background(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE river_job SET state = 'running', attempt = ?, attempted_at = CURRENT_TIMESTAMP, scheduled_at = CURRENT_TIMESTAMP, attempted_by = "+by+" WHERE id = ?", attempt, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What runs on a living neighbour is its own.
func TestLivingNodeKeepsItsJobs(t *testing.T) {
	d := dbtest.Postgres(t, schemas())
	if err := job.Migrate(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	a, b := queue(t, d, quick()), queue(t, d, quick())
	var ran atomic.Int32
	release := make(chan struct{})
	for _, q := range []*job.Queue{a, b} {
		handle(t, q, job.Spec{}, func(context.Context, job.Task[greet]) error { ran.Add(1); <-release; return nil })
	}
	start(t, a)
	id := add(t, d, a, job.For("o1"))
	until(t, a, "o1", id, job.Running)
	start(t, b)
	time.Sleep(300 * time.Millisecond)
	close(release)
	until(t, a, "o1", id, job.Done)
	if n := ran.Load(); n != 1 {
		t.Errorf("ran %d times, want once", n)
	}
}

// The whole program has half a second from start to healthy.
func TestStartIsQuick(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "m.db")
	for _, run := range []string{"first", "again"} {
		d, err := db.Open(ctx, path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Migrate(ctx, schemas()); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := job.Migrate(ctx, d); err != nil {
			t.Fatal(err)
		}
		migrated := time.Since(began)
		q := queue(t, d, job.Options{})
		handle(t, q, job.Spec{}, func(context.Context, job.Task[greet]) error { return nil })
		began = time.Now()
		if err := q.Start(ctx); err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: migrate %v, start %v", run, migrated, time.Since(began))
		if took := migrated + time.Since(began); run == "again" && took > 200*time.Millisecond {
			t.Errorf("start took %v", took)
		}
		began = time.Now()
		stop(t, q, 5*time.Second)
		t.Logf("%s: stop %v", run, time.Since(began))
		_ = d.Close()
	}
}
