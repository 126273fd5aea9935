package job_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/job"
)

// victim names the database of the process that gets killed.
const victim = "MINAMORI_TEST_JOB_VICTIM"

// TestVictim is the other process of TestKilledProcess and does nothing alone.
func TestVictim(t *testing.T) {
	target := os.Getenv(victim)
	if target == "" {
		t.Skip("runs only as the other process of TestKilledProcess")
	}
	d, err := db.Open(context.Background(), target)
	if err != nil {
		t.Fatal(err)
	}
	q := queue(t, d, quick())
	handle(t, q, job.Spec{}, func(ctx context.Context, task job.Task[greet]) error {
		fmt.Println("running")
		<-ctx.Done()
		return ctx.Err()
	})
	start(t, q)
	time.Sleep(time.Minute)
}

// The process is killed in the middle of a job. The next start on a file runs
// it at once; another node waits until it is sure that the first is dead.
func TestKilledProcess(t *testing.T) {
	for name, target := range map[string]func() string{
		"sqlite":   func() string { return filepath.Join(t.TempDir(), "m.db") },
		"postgres": func() string { return dbtest.PostgresURL(t) },
	} {
		if name == "postgres" && os.Getenv(dbtest.Env) == "" {
			t.Log("PostgreSQL not tested: " + dbtest.Env + " is not set")
			continue
		}
		t.Run(name, func(t *testing.T) { killed(t, target()) })
	}
}

func killed(t *testing.T, target string) {
	ctx := context.Background()
	d, err := db.Open(ctx, target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(ctx, schemas()); err != nil {
		t.Fatal(err)
	}
	if err := job.Migrate(ctx, d); err != nil {
		t.Fatal(err)
	}
	opts := quick()
	if d.Dialect == db.Postgres {
		opts.Now = func() time.Time { return time.Now().Add(30 * time.Second) } // the silence has lasted
	}
	q := queue(t, d, opts)
	handle(t, q, job.Spec{}, func(context.Context, job.Task[greet]) error { return nil })
	id := add(t, d, q, job.For("o1"))
	killWhileRunning(t, target)
	if s := until(t, q, "o1", id, job.Running); s.Over() {
		t.Fatalf("%+v", s)
	}
	began := time.Now()
	start(t, q)
	s := until(t, q, "o1", id, job.Done)
	t.Logf("done %v after the start, attempt %d", time.Since(began), s.Attempt)
	if s.Attempt != 2 {
		t.Errorf("attempt %d, want the second", s.Attempt)
	}
}

func killWhileRunning(t *testing.T, target string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestVictim$", "-test.v")
	cmd.Env = append(os.Environ(), victim+"="+target)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "running") {
			break
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
}

// Args may name what belongs to a company, so river must not log them.
func TestLogsHoldIDsOnly(t *testing.T) {
	d := dbtest.SQLite(t, schemas())
	if err := job.Migrate(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	q, err := job.New(d, slog.New(slog.NewTextHandler(&log, nil)), quick())
	if err != nil {
		t.Fatal(err)
	}
	handle(t, q, job.Spec{Attempts: 2}, func(_ context.Context, task job.Task[greet]) error {
		if task.Attempt == 2 {
			panic("boom")
		}
		return errors.New("not now")
	})
	if err := q.Start(context.Background()); err != nil {
		t.Fatal(err)
	}
	var id int64
	if err := d.Write(context.Background(), func(ctx context.Context) (err error) {
		id, err = q.Add(ctx, greet{Who: "canary-9f2"}, job.For("o1"))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	until(t, q, "o1", id, job.Failed)
	stop(t, q, 5*time.Second)
	if got := log.String(); strings.Contains(got, "canary-9f2") || !strings.Contains(got, fmt.Sprintf("job_id=%d", id)) || strings.Contains(got, "River client started") {
		t.Errorf("logged:\n%s", got)
	}
}

func TestRecurringJobNeedsAHandler(t *testing.T) {
	d := dbtest.SQLite(t, schemas())
	q := queue(t, d, quick())
	q.Every("test.daily", 24*time.Hour, greet{})
	if err := q.Start(context.Background()); err == nil {
		t.Error("started although nothing handles what recurs")
	}
}
