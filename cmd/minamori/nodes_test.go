package main

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db/dbtest"
)

// However many ask whether the node is ready, the database is asked once in half
// a second.
func TestReadyAsksSeldom(t *testing.T) {
	var asked atomic.Int64
	var away atomic.Bool
	r := &readiness{ask: func(context.Context) error {
		asked.Add(1)
		if away.Load() {
			return errors.New("away")
		}
		return nil
	}}
	status := func() int {
		w := httptest.NewRecorder()
		r.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/readyz", nil))
		return w.Code
	}
	var wg sync.WaitGroup
	for range 200 {
		wg.Go(func() {
			if code := status(); code != http.StatusOK {
				t.Errorf("%d", code)
			}
		})
	}
	wg.Wait()
	if n := asked.Load(); n != 1 {
		t.Errorf("200 questions became %d to the database", n)
	}
	away.Store(true)
	time.Sleep(asksFor + 50*time.Millisecond)
	if code := status(); code != http.StatusServiceUnavailable {
		t.Errorf("with the database away: %d", code)
	}
	away.Store(false)
	time.Sleep(asksFor + 50*time.Millisecond)
	if code := status(); code != http.StatusOK {
		t.Errorf("with the database back: %d", code)
	}
}

// A node that is told to stop says so on /readyz, and answers everything else
// until the proxy has had time to look.
func TestLeavesBeforeItStops(t *testing.T) {
	dir := t.TempDir()
	p, err := launch(os.Environ(), dir, "--data", dir, "--listen", "localhost:0", "--drain-delay", "1500ms")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.cmd.Process.Kill() }()
	ask := func(path string) (int, bool) {
		res, err := http.Get(p.base + path)
		if err != nil {
			return 0, false
		}
		_ = res.Body.Close()
		return res.StatusCode, res.Close
	}
	if code, _ := ask("/readyz"); code != http.StatusOK {
		t.Fatalf("before: %d", code)
	}
	_ = p.cmd.Process.Signal(os.Interrupt)
	time.Sleep(300 * time.Millisecond)
	if code, _ := ask("/readyz"); code != http.StatusServiceUnavailable {
		t.Errorf("/readyz of a node that leaves: %d", code)
	}
	if code, closes := ask("/login"); code != http.StatusOK || !closes {
		t.Errorf("/login of a node that leaves: %d, connection ends: %v", code, closes)
	}
	select {
	case <-p.done:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not stop")
	}
}

// A node with another key than the others is refused with a hint, until the
// operator accepts it.
func TestNodesWithDifferentKeys(t *testing.T) {
	target := dbtest.PostgresURL(t)
	one, two := filepath.Join(t.TempDir(), "one"), filepath.Join(t.TempDir(), "two")
	for _, dir := range []string{one, two} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	serve := func(dir string) error {
		p, err := launch(append(os.Environ(), "LANG=en_GB.UTF-8"), dir, "--data", dir, "--listen", "localhost:0", "--database-url", target)
		if err == nil {
			_, err = p.stop()
		}
		return err
	}
	if err := serve(one); err != nil {
		t.Fatal(err)
	}
	err := serve(two)
	if err == nil || !strings.Contains(err.Error(), "installation.key") {
		t.Errorf("a node with another key: %v", err)
	}
	key, e := os.ReadFile(filepath.Join(one, "installation.key"))
	if e != nil {
		t.Fatal(e)
	}
	if err := os.WriteFile(filepath.Join(two, "installation.key"), key, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := serve(two); err != nil {
		t.Errorf("a node with the key of the others: %v", err)
	}
}
