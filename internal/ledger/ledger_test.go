package ledger_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/ledger"
)

var now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

func open(t *testing.T, dir string, now func() time.Time) *ledger.Book {
	t.Helper()
	b, err := ledger.Open(dir, now)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	return b
}

func add(t *testing.T, b *ledger.Book, lines ...string) {
	t.Helper()
	var all [][]byte
	for _, l := range lines {
		all = append(all, []byte(l))
	}
	if err := b.Append(all); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir string) (lines []string, r ledger.Report) {
	t.Helper()
	r, err := ledger.Read(dir, func(line []byte) error { lines = append(lines, string(line)); return nil })
	if err != nil {
		t.Fatal(err)
	}
	return lines, r
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestLinesComeBackAsWritten(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	clock := now
	b := open(t, dir, func() time.Time { return clock })
	add(t, b, `{"n":1}`, `{"n":2}`)
	add(t, b, `{"n":3}`)
	clock = clock.AddDate(0, 1, 0)
	add(t, b, `{"n":4}`)
	lines, r := read(t, dir)
	if diff := cmp.Diff([]string{`{"n":1}`, `{"n":2}`, `{"n":3}`, `{"n":4}`}, lines); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(ledger.Report{Files: 2, Lines: 4, Damaged: []string{}}, r); diff != "" {
		t.Error(diff)
	}
	for _, f := range files(t, dir) {
		if info, err := os.Stat(f); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
			t.Errorf("%s: mode %v, %v", f, info.Mode(), err)
		}
	}
}

func TestProcessesShareAFolder(t *testing.T) {
	dir := t.TempDir()
	var wg sync.WaitGroup
	for i := range 3 {
		b := open(t, dir, func() time.Time { return now })
		wg.Go(func() {
			for j := range 20 {
				if err := b.Append([][]byte{fmt.Appendf(nil, `{"node":%d,"n":%d}`, i, j)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	if _, r := read(t, dir); r.Lines != 60 || r.Files != 3 || len(r.Damaged) != 0 {
		t.Errorf("report %+v", r)
	}
}

func TestDamageIsFoundAndATornEndIsNot(t *testing.T) {
	for name, c := range map[string]struct {
		spoil   func([]byte) []byte
		lines   int
		damaged int
	}{
		"torn last line": {func(b []byte) []byte { return b[:len(b)-9] }, 2, 0},
		"changed value":  {func(b []byte) []byte { return bytes.Replace(b, []byte(`"n":2`), []byte(`"n":7`), 1) }, 3, 1},
		"removed line": {func(b []byte) []byte {
			all := bytes.SplitAfter(b, []byte("\n"))
			return bytes.Join([][]byte{all[0], all[2]}, nil)
		}, 2, 1},
		"unreadable line": {func(b []byte) []byte {
			return bytes.Replace(b, []byte(`{"n":2`), []byte("\x00\x00\x00\x00\x00\x00"), 1)
		}, 2, 2},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			b := open(t, dir, func() time.Time { return now })
			add(t, b, `{"n":1}`, `{"n":2}`, `{"n":3}`)
			file := files(t, dir)[0]
			whole, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(file, c.spoil(whole), 0o600); err != nil {
				t.Fatal(err)
			}
			if lines, r := read(t, dir); len(lines) != c.lines || len(r.Damaged) != c.damaged {
				t.Errorf("%d lines, damaged %v; want %d and %d", len(lines), r.Damaged, c.lines, c.damaged)
			}
		})
	}
}

func TestAMistypedFolderIsNoLedger(t *testing.T) {
	if _, err := ledger.Read(t.TempDir(), nil); !errors.Is(err, ledger.ErrNone) {
		t.Errorf("an empty folder was read as a ledger: %v", err)
	}
}

func TestWhatCannotBeWrittenIsRefused(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "ledger")
	b := open(t, dir, func() time.Time { return now })
	if err := b.Append([][]byte{[]byte("{\n}")}); err == nil {
		t.Error("a line of two lines was accepted")
	}
	away := open(t, dir, func() time.Time { return now })
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := away.Append([][]byte{[]byte(`{"n":1}`)}); err == nil {
		t.Error("a line was acknowledged although its folder is gone")
	}
}
