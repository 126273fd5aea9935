package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db/dbtest"
)

// onEach runs a test on a demo in each database.
func onEach(t *testing.T, f func(t *testing.T, s store)) {
	for name, open := range map[string]func(*testing.T) store{"sqlite": sqlite, "postgres": postgres} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			mustDo(t, s.args("demo", "--companies", "60")...)
			f(t, s)
		})
	}
}

// killedAfter runs a command and kills it at a random moment within a time; it
// says whether the command was still running.
func killedAfter(t *testing.T, within time.Duration, args ...string) bool {
	t.Helper()
	cmd := exec.Command(binary(t), args...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Duration(rand.Int64N(int64(within))))
	killed := cmd.Process.Kill() == nil
	return cmd.Wait() != nil && killed
}

// whole names the backups of a folder.
func whole(t *testing.T, folder string) (names []string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(folder, "*", "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range all {
		if name := filepath.Base(filepath.Dir(path)); !strings.HasPrefix(name, ".") {
			names = append(names, name)
		}
	}
	return names
}

// took is how long a command takes when nobody kills it.
func took(f func()) time.Duration {
	began := time.Now()
	f()
	return time.Since(began)
}

// A backup that was killed is none, those that are there can be restored, and the
// next one clears away.
func TestKillDuringBackup(t *testing.T) {
	rounds := number(t, "MINAMORI_KILL_ROUNDS", 4)
	onEach(t, func(t *testing.T, s store) {
		folder, killed := t.TempDir(), 0
		backup := s.args("backup", folder, "--plain")
		long := took(func() { mustDo(t, backup...) })
		for range rounds {
			if killedAfter(t, long, backup...) {
				killed++
			}
		}
		for _, name := range whole(t, folder) {
			mustDo(t, s.args("backup", "drill", filepath.Join(folder, name))...)
		}
		mustDo(t, backup...)
		if left, _ := filepath.Glob(filepath.Join(folder, ".unfinished-*")); len(left) > 0 {
			t.Errorf("left behind: %v", left)
		}
		t.Logf("%d of %d backups were killed; %d whole ones, each rehearsed", killed, rounds, len(whole(t, folder)))
	})
}

// A restore that was killed left nothing or everything, or the server says that it
// has to be run again; run again it is whole.
func TestKillDuringRestore(t *testing.T) {
	rounds := number(t, "MINAMORI_KILL_ROUNDS", 4)
	onEach(t, func(t *testing.T, s store) {
		folder := t.TempDir()
		mustDo(t, s.args("backup", folder, "--plain")...)
		to := store{data: filepath.Join(t.TempDir(), "restored")}
		if s.database != "" {
			to.database = dbtest.PostgresURL(t)
		}
		restore := to.args("restore", folder, "--force", "--ledger", filepath.Join(s.data, "ledger"))
		long := took(func() { mustDo(t, restore...) })
		before := mustDo(t, to.args("journal", "verify")...)
		killed, unfinished := 0, 0
		for range rounds {
			if killedAfter(t, long, restore...) {
				killed++
			}
			out, code := command(t, to.args("journal", "verify")...)
			switch {
			case code == 2 && strings.Contains(out, "minamori restore"):
				unfinished++
				mustDo(t, restore...)
			case code != 0 || out != before:
				t.Fatalf("after a kill: exit %d\n%s", code, out)
			}
		}
		mustDo(t, restore...)
		if out := mustDo(t, to.args("journal", "verify")...); out != before {
			t.Errorf("restored again: %s", out)
		}
		if _, err := os.Stat(filepath.Join(to.data, ".restoring")); err == nil {
			t.Error("the place beside is still there")
		}
		t.Logf("%d of %d restores were killed, %d of them while they changed places", killed, rounds, unfinished)
	})
}

// A full disk ends a backup with a hint, leaves none, and the one before it stays.
func TestBackupOntoAFullDisk(t *testing.T) {
	disk, s := smallDisk(t, "8"), sqlite(t)
	mustDo(t, s.args("demo", "--companies", "60")...)
	backup := s.args("backup", filepath.Join(disk, "b"), "--plain")
	mustDo(t, backup...)
	free := fill(t, disk)
	out, code := command(t, backup...)
	if code != 2 || !strings.Contains(out, "error: ") || !strings.Contains(out, "hint: ") || strings.Contains(out, "panic") {
		t.Errorf("exit %d\n%s", code, out)
	}
	free()
	if n := len(whole(t, filepath.Join(disk, "b"))); n != 1 {
		t.Errorf("%d backups are there", n)
	}
	mustDo(t, s.args("backup", "drill", filepath.Join(disk, "b"))...)
	mustDo(t, backup...)
}

func TestBackupIntoAReadOnlyFolder(t *testing.T) {
	disk, s := smallDisk(t, "8"), sqlite(t)
	mustDo(t, s.args("demo", "--companies", "2")...)
	if err := readOnly(disk); err != nil {
		t.Skipf("a read-only disk is not tested: %v", err)
	}
	for _, args := range [][]string{s.args("backup", disk, "--plain"), s.args("backup", filepath.Join(disk, "b"), "--plain")} {
		out, code := command(t, args...)
		if code != 2 || !strings.Contains(out, "error: ") || !strings.Contains(out, "hint: ") {
			t.Errorf("exit %d\n%s", code, fmt.Sprint(out))
		}
	}
}
