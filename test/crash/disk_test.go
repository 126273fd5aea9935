package crash

import (
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// smallDisk mounts a disk of few megabytes, or skips the test where the machine
// does not allow it.
func smallDisk(t *testing.T, megabytes string) string {
	t.Helper()
	dir := t.TempDir()
	if err := mount(dir, megabytes); err != nil {
		t.Skipf("a full disk is not tested: mounting a small one is not allowed here (%v)", err)
	}
	t.Cleanup(func() {
		if err := unmount(dir); err != nil {
			t.Errorf("unmounting: %v", err)
		}
	})
	return dir
}

// fill takes all the room that is left on a disk and returns how to give it back.
func fill(t *testing.T, dir string) (free func()) {
	t.Helper()
	name := filepath.Join(dir, "filler")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	block := make([]byte, 4096)
	for {
		if _, err = f.Write(block); err != nil {
			break
		}
	}
	if !errors.Is(err, syscall.ENOSPC) && !errors.Is(err, io.ErrShortWrite) {
		t.Fatalf("filling the disk: %v", err)
	}
	return func() { _ = os.Remove(name) }
}

// The disk fills up while people answer: they are told so and what to do,
// reading goes on, nothing acknowledged is lost, and writing works again by
// itself once there is room.
func TestDiskFull(t *testing.T) {
	disk := smallDisk(t, "24")
	s := store{data: filepath.Join(disk, "data")}
	demo(t, s)
	srv := serve(t, s)
	owners := people(t, s)
	visitors := map[string]*visitor{}
	for _, o := range owners {
		visitors[o.Org] = login(t, srv, o.Account)
	}
	all := writers(visitors, owners, 2)
	for _, w := range all {
		w.pad = strings.Repeat("場所", 400)
		w.look(t)
	}
	free := fill(t, disk)
	refused := untilFull(t, all)
	refused.clear(t, "writing to a full disk", http.StatusInsufficientStorage, "disk-full")
	readsGoOn(t, srv, all)
	free()
	began := time.Now()
	var r reply
	until(t, 30*time.Second, "writing does not work again", func() bool {
		all[0].refresh(t)
		r = all[0].answer(all[0].places[0])
		return r.status == http.StatusOK
	})
	back := time.Since(began)
	for _, w := range all {
		w.look(t)
	}
	if letter := goesOn(t, s, visitors[owners[0].Org], owners[0].Org); !t.Failed() {
		t.Logf("%d answers acknowledged before and after the disk was full; back %s after there was room, a letter after %s more",
			total(all), back.Round(time.Millisecond), letter.Round(time.Millisecond))
	}
	srv.kill()
	if out, code := command(t, s.args("journal", "verify")...); code != 0 {
		t.Errorf("journal verify: exit %d\n%s", code, out)
	}
	lookAgain(t, s, all)
}

// untilFull answers until the first refusal: the log of the database may have
// had room within.
func untilFull(t *testing.T, all []*writer) reply {
	t.Helper()
	for range 20_000 {
		for _, w := range all {
			for _, p := range w.places {
				if r := w.answer(p); r.status != http.StatusOK {
					return r
				}
			}
		}
	}
	t.Fatal("the disk did not get full")
	return reply{}
}

// readsGoOn asks for the same on both faces while nothing can be written.
func readsGoOn(t *testing.T, srv *server, all []*writer) {
	t.Helper()
	for range 20 {
		for _, w := range all {
			p := w.places[0]
			w.refresh(t)
			if r := w.visitor.ask(http.MethodGet, strings.TrimPrefix(p.path(), "/api/v1"), nil); r.status != http.StatusOK {
				t.Fatalf("page on a full disk: %d %s\n%s", r.status, r.body, srv.log.last())
			}
			w.answer(p).clear(t, "writing again", http.StatusInsufficientStorage, "disk-full")
		}
	}
	form := all[0].visitor.post(strings.TrimPrefix(all[0].places[0].path(), "/api/v1"), "answer=partly&revision=0")
	form.clearPage(t, "writing by form", http.StatusInsufficientStorage)
	if r := all[0].visitor.ask(http.MethodGet, "/readyz", nil); r.status != http.StatusOK {
		t.Errorf("/readyz answers %d on a full disk: reading works", r.status)
	}
}

// lookAgain starts the program once more after the kill.
func lookAgain(t *testing.T, s store, all []*writer) {
	t.Helper()
	srv := serve(t, s)
	for _, w := range all {
		w.visitor.base = srv.base
		w.look(t)
	}
}
