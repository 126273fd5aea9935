package job_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/job"
)

// line is a telephone line to the database that can be cut.
type line struct {
	to    string
	mu    sync.Mutex
	cut   bool
	conns []net.Conn
}

func lineTo(t *testing.T, to string) (*line, string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := &line{to: to}
	t.Cleanup(func() { _ = ln.Close(); l.set(true) })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			l.join(c)
		}
	}()
	return l, ln.Addr().String()
}

func (l *line) join(c net.Conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut {
		_ = c.Close()
		return
	}
	far, err := net.Dial("tcp", l.to)
	if err != nil {
		_ = c.Close()
		return
	}
	l.conns = append(l.conns, c, far)
	for _, pair := range [][2]net.Conn{{c, far}, {far, c}} {
		go func() {
			_, _ = io.Copy(pair[0], pair[1])
			_ = pair[0].Close()
		}()
	}
}

func (l *line) set(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut = cut; cut {
		for _, c := range l.conns {
			_ = c.Close()
		}
		l.conns = nil
	}
}

// The database is gone for ten seconds while a job ends. The job is neither
// forgotten nor done twice, and the queue goes on.
func TestDatabaseAway(t *testing.T) {
	if testing.Short() {
		t.Skip("waits ten seconds")
	}
	t.Parallel()
	u, err := url.Parse(dbtest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	phone, addr := lineTo(t, u.Host)
	u.Host = addr
	d, err := db.Open(context.Background(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(context.Background(), schemas()); err != nil {
		t.Fatal(err)
	}
	if err := job.Migrate(context.Background(), d); err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	q, err := job.New(d, slog.New(slog.NewTextHandler(&log, nil)), quick())
	if err != nil {
		t.Fatal(err)
	}
	job.SetBeat(q, 2*time.Second)
	var ran atomic.Int32
	goOn := make(chan struct{})
	handle(t, q, job.Spec{}, func(context.Context, job.Task[greet]) error { ran.Add(1); <-goOn; return nil })
	start(t, q)
	id := add(t, d, q, job.For("o1"))
	until(t, q, "o1", id, job.Running)
	phone.set(true)
	close(goOn)
	time.Sleep(10 * time.Second) // longer than river keeps trying to store an end in one go
	phone.set(false)
	began := time.Now()
	time.Sleep(time.Second)
	until(t, q, "o1", add(t, d, q, job.For("o1")), job.Done)
	t.Logf("a new job was done %v after the database came back", time.Since(began))
	s := until(t, q, "o1", id, job.Done)
	stop(t, q, 5*time.Second)
	if n := strings.Count(log.String(), "\n"); n == 0 || n > 40 {
		t.Errorf("%d lines were logged, want some and no flood:\n%s", n, log.String())
	}
	t.Logf("the job that ended meanwhile stands as done after %v", time.Since(began))
	if s.Attempt != 1 || ran.Load() != 2 {
		t.Errorf("%+v after %d runs of two jobs, want each once", s, ran.Load())
	}
}

// What stands as running here and does not run is queued again.
func TestLostJobRunsAgain(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		opts := quick()
		opts.Node = "gone" // as pretendKilled says
		q := queue(t, d, opts)
		job.SetBeat(q, 50*time.Millisecond)
		var ran atomic.Int32
		handle(t, q, job.Spec{}, func(context.Context, job.Task[greet]) error { ran.Add(1); return nil })
		start(t, q)
		id := add(t, d, q, job.For("o1"), job.At(time.Now().Add(time.Hour)))
		pretendKilled(t, d, id, 1)
		if s := until(t, q, "o1", id, job.Done); s.Attempt != 2 && d.Dialect == db.SQLite {
			t.Errorf("%+v", s)
		}
		if ran.Load() != 1 {
			t.Errorf("ran %d times, want once", ran.Load())
		}
	})
}
