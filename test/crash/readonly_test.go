//go:build linux

package crash

import (
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// The disk comes back read-only, as Linux mounts one that it no longer trusts: the
// start says so and changes nothing, and once it can be written again everything
// that was acknowledged is there.
func TestReadOnlyDisk(t *testing.T) {
	disk := smallDisk(t, "64")
	s := store{data: filepath.Join(disk, "data")}
	demo(t, s)
	srv := serve(t, s)
	owners := people(t, s)
	visitors := map[string]*visitor{}
	for _, o := range owners {
		visitors[o.Org] = login(t, srv, o.Account)
	}
	all := writers(visitors, owners, 1)
	for _, w := range all {
		w.look(t)
		for _, p := range w.places {
			if r := w.answer(p); r.status != http.StatusOK {
				t.Fatalf("answer: %d", r.status)
			}
		}
	}
	srv.kill()
	if err := readOnly(disk); err != nil {
		t.Skipf("a read-only disk is not tested: %v", err)
	}
	out, code := command(t, s.args("serve", "--listen", "localhost:0")...)
	if code != 2 || !strings.Contains(out, "error:") || strings.Contains(out, "panic") || strings.Contains(out, "ready:") {
		t.Errorf("start on a read-only disk: exit %d\n%s", code, out)
	}
	if !strings.Contains(out, "hint:") {
		t.Errorf("the start does not say what to do:\n%s", out)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, ""); err != nil {
		t.Fatal(err)
	}
	lookAgain(t, s, all)
	if out, code := command(t, s.args("journal", "verify")...); code != 0 {
		t.Errorf("journal verify: exit %d\n%s", code, out)
	}
}
