package db_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/problem"
)

// hole is a line to PostgreSQL that can swallow everything without a word.
type hole struct {
	listener net.Listener
	to       string
	silent   atomic.Bool
}

func (h *hole) accept() {
	for {
		from, err := h.listener.Accept()
		if err != nil {
			return
		}
		to, err := net.Dial("tcp", h.to)
		if err != nil {
			_ = from.Close()
			continue
		}
		go h.carry(from, to)
		go h.carry(to, from)
	}
}

func (h *hole) carry(from, to net.Conn) {
	defer from.Close()
	defer to.Close()
	b := make([]byte, 32<<10)
	for {
		n, err := from.Read(b)
		if h.silent.Load() {
			_, _ = io.Copy(io.Discard, from)
			return
		}
		if _, e := to.Write(b[:n]); err != nil || e != nil {
			return
		}
	}
}

func throughHole(t *testing.T) (*hole, *db.DB) {
	t.Helper()
	u, err := url.Parse(dbtest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := &hole{listener: l, to: u.Host}
	t.Cleanup(func() { _ = l.Close() })
	go h.accept()
	u.Host = l.Addr().String()
	d, err := db.Open(context.Background(), u.String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	return h, d
}

// A PostgreSQL that drops everything in silence is away for all who ask and
// write within ten seconds, and back by itself.
func TestSilentPostgres(t *testing.T) {
	t.Parallel()
	h, d := throughHole(t)
	ctx := context.Background()
	write := func() error {
		return d.Write(ctx, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "INSERT INTO thing VALUES (1)")
			return err
		})
	}
	if _, err := d.Pool().Exec("CREATE TABLE thing (n BIGINT)"); err != nil {
		t.Fatal(err)
	}
	var warm sync.WaitGroup
	for range 12 { // connections that have been used
		warm.Go(func() { _ = d.Ping(ctx) })
	}
	warm.Wait()
	if err := write(); err != nil {
		t.Fatal(err)
	}
	h.silent.Store(true)
	time.Sleep(1100 * time.Millisecond) // some have rested
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			began := time.Now()
			err := d.Ping(ctx)
			if i%10 == 0 {
				err = write()
			}
			took := time.Since(began)
			p := problem.As(err)
			if took > 22*time.Second || i%10 != 0 && took > 10*time.Second {
				t.Errorf("%d waited for %s", i, took)
			}
			if err == nil || p != nil && p.Status != http.StatusServiceUnavailable {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	h.silent.Store(false)
	if err := d.Ping(ctx); err != nil {
		t.Errorf("reading is not back: %v", err)
	}
	if err := write(); err != nil {
		t.Errorf("writing is not back: %v", err)
	}
}

// A migration may take as long as it takes.
func TestPatience(t *testing.T) {
	t.Parallel()
	d := dbtest.Postgres(t, nil)
	err := d.Patiently(func() error {
		_, err := d.Pool().Exec("SELECT pg_sleep(7)")
		return err
	})
	if err != nil {
		t.Errorf("a slow statement of a migration: %v", err)
	}
}

// Look runs each statement by itself and changes nothing.
func TestLook(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		ctx, done, err := d.Look(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		if n, err := db.Value[int](ctx, "SELECT 41 + ?", 1); n != 42 || err != nil {
			t.Errorf("%d %v", n, err)
		}
		if _, err := db.Exec(ctx, "CREATE TABLE thing (n BIGINT)"); err != db.ErrReadOnly {
			t.Errorf("writing inside Look: %v", err)
		}
	})
}
