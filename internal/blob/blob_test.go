package blob_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

var noon = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

const mb = 1 << 20

type fixture struct {
	*testing.T
	d   *db.DB
	s   *blob.Store
	dir string
}

func each(t *testing.T, f func(t fixture)) {
	dbtest.Each(t, []db.Schema{journal.Schema(), blob.Schema()}, func(t *testing.T, d *db.DB) {
		dir := filepath.Join(t.TempDir(), "blobs")
		s, err := blob.New(d, dir, func() time.Time { return noon })
		if err != nil {
			t.Fatal(err)
		}
		f(fixture{t, d, s, dir})
	})
}

func (f fixture) put(org, name, content string) blob.File {
	f.Helper()
	file, err := f.s.Put(context.Background(), org, "u1", name, strings.NewReader(content), mb)
	if err != nil {
		f.Fatal(err)
	}
	return file
}

// lying are the contents on disk, without those on their way in.
func (f fixture) lying() (paths []string) {
	f.Helper()
	err := filepath.WalkDir(f.dir, func(path string, e fs.DirEntry, err error) error {
		if err == nil && e.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	return paths
}

func (f fixture) age(path string, by time.Duration) {
	f.Helper()
	then := time.Now().Add(-by)
	if err := os.Chtimes(path, then, then); err != nil {
		f.Fatal(err)
	}
}

func (f fixture) sweep(want blob.Swept) {
	f.Helper()
	got, err := f.s.Sweep(context.Background())
	if err != nil {
		f.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		f.Error(d)
	}
}

func (f fixture) verbs(org string) (verbs []string) {
	f.Helper()
	err := f.d.Read(context.Background(), func(ctx context.Context) error {
		return journal.Export(ctx, org, func(e journal.Entry) error { verbs = append(verbs, e.Verb); return nil })
	})
	if err != nil {
		f.Fatal(err)
	}
	return verbs
}

func TestPutOpenDelete(t *testing.T) {
	each(t, func(t fixture) {
		ctx := context.Background()
		file := t.put("o1", `C:\書類\証拠.txt`, "中身")
		if file.Name != "証拠.txt" || file.Type != "text/plain" || file.Active || file.Size != 6 {
			t.Errorf("kept as %+v", file)
		}
		got, content, err := t.s.Open(ctx, "o1", file.ID)
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(iotest.OneByteReader(content))
		if err != nil || string(all) != "中身" || got.Name != file.Name || !got.Created.Equal(noon) || !bytes.Equal(got.Digest, file.Digest) {
			t.Errorf("%q, %v, %+v", all, err, got)
		}
		_ = content.Close()
		if info, err := os.Stat(t.lying()[0]); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		t.age(t.lying()[0], 2*time.Hour)
		if err := t.s.Delete(ctx, "o1", "u1", file.ID); err != nil {
			t.Fatal(err)
		}
		if _, _, err := t.s.Open(ctx, "o1", file.ID); !problem.Is(err, "not-found") {
			t.Errorf("after deleting: %v", err)
		}
		if n := len(t.lying()); n != 0 {
			t.Errorf("%d contents lie after deleting", n)
		}
		if d := cmp.Diff([]string{"blob.kept", "blob.removed"}, t.verbs("o1")); d != "" {
			t.Error(d)
		}
	})
}

func TestStrangersFindNothing(t *testing.T) {
	each(t, func(t fixture) {
		ctx := context.Background()
		file := t.put("o1", "a.txt", "secret")
		t.put("o2", "a.txt", "secret")
		if n := len(t.lying()); n != 2 {
			t.Errorf("%d contents for two organisations, want one each", n)
		}
		if _, _, err := t.s.Open(ctx, "o2", file.ID); !problem.Is(err, "not-found") {
			t.Errorf("open: %v", err)
		}
		if err := t.s.Delete(ctx, "o2", "u2", file.ID); !problem.Is(err, "not-found") {
			t.Errorf("delete: %v", err)
		}
		if _, err := t.s.Get(ctx, "o1", fmt.Sprintf("%x", []byte(file.Digest))); !problem.Is(err, "not-found") {
			t.Errorf("by digest: %v", err)
		}
	})
}

func TestSharedContentStaysUntilTheLastRow(t *testing.T) {
	each(t, func(t fixture) {
		first, second := t.put("o1", "a.txt", "same"), t.put("o1", "b.txt", "same")
		path := t.lying()
		if len(path) != 1 {
			t.Fatalf("%d contents, want 1", len(path))
		}
		t.age(path[0], 2*time.Hour)
		for i, id := range []string{first.ID, second.ID} {
			if err := t.s.Delete(context.Background(), "o1", "u1", id); err != nil {
				t.Fatal(err)
			}
			if n := len(t.lying()); n != 1-i {
				t.Errorf("%d contents after %d deletions", n, i+1)
			}
		}
	})
}

func TestRefusedFilesLeaveNothing(t *testing.T) {
	each(t, func(t fixture) {
		broken := errors.New("line went dead")
		tied := errors.New("the room says no")
		for name, tc := range map[string]struct {
			r    io.Reader
			with func(context.Context, blob.File) error
			want func(error) bool
		}{
			"too large":      {r: strings.NewReader(strings.Repeat("a", mb+1)), want: func(err error) bool { return problem.Is(err, "blob-too-large") }},
			"empty":          {r: strings.NewReader(""), want: func(err error) bool { return problem.Is(err, "blob-empty") }},
			"cut":            {r: io.MultiReader(strings.NewReader("abc"), iotest.ErrReader(broken)), want: func(err error) bool { return errors.Is(err, broken) }},
			"full disk":      {r: iotest.ErrReader(&fs.PathError{Op: "write", Path: "/home/taro", Err: syscall.ENOSPC}), want: func(err error) bool { return problem.Is(err, "disk-full") && !strings.Contains(err.Error(), "taro") }},
			"cut by the web": {r: http.MaxBytesReader(nil, io.NopCloser(strings.NewReader("abcdef")), 3), want: func(err error) bool { return problem.Is(err, "blob-too-large") }},
		} {
			if _, err := t.s.Put(context.Background(), "o1", "u1", "a", tc.r, mb); !tc.want(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if n := len(t.lying()); n != 0 {
			t.Errorf("%d files lie after refusals", n)
		}
		_, err := t.s.Put(context.Background(), "o1", "u1", "a", strings.NewReader("abc"), mb, func(context.Context, blob.File) error { return tied })
		if !errors.Is(err, tied) {
			t.Errorf("tied: %v", err)
		}
		if v := t.verbs("o1"); len(v) != 0 {
			t.Errorf("the journal holds %v", v)
		}
		inside := t.d.Write(context.Background(), func(ctx context.Context) error {
			_, err := t.s.Put(ctx, "o1", "u1", "a", strings.NewReader("abc"), mb)
			return err
		})
		if inside == nil {
			t.Error("Put inside a transaction would hold up everybody's writes")
		}
	})
}

func TestLimitIsExact(t *testing.T) {
	each(t, func(t fixture) {
		if _, err := t.s.Put(context.Background(), "o1", "u1", "a", strings.NewReader(strings.Repeat("a", mb)), mb); err != nil {
			t.Errorf("a file of exactly the limit: %v", err)
		}
	})
}

// Many at once must not slip past the quota together.
func TestQuota(t *testing.T) {
	each(t, func(t fixture) {
		blob.SetQuota(t.s, 10)
		var wg sync.WaitGroup
		var mu sync.Mutex
		kept := 0
		for i := range 8 {
			wg.Go(func() {
				_, err := t.s.Put(context.Background(), "o1", "u1", "a", strings.NewReader("abc"+string(rune('0'+i))), mb)
				mu.Lock()
				defer mu.Unlock()
				switch {
				case err == nil:
					kept++
				case !problem.Is(err, "blob-quota"):
					t.Error(err)
				}
			})
		}
		wg.Wait()
		used, err := t.s.Used(context.Background(), "o1")
		if err != nil || kept != 2 || used != 8 {
			t.Errorf("kept %d of 4 bytes each (%d, %v), want 2 within 10", kept, used, err)
		}
		t.put("o2", "a", "another company has its own room"[:9])
	})
}

// The machine dies after the content got its name and before the row: the
// transaction is gone and the content lies there.
func TestCrashBetweenContentAndRow(t *testing.T) {
	each(t, func(t fixture) {
		ctx := context.Background()
		died := errors.New("died")
		kept := t.put("o1", "a.txt", "kept")
		_, err := t.s.Put(ctx, "o1", "u1", "b.txt", strings.NewReader("orphan"), mb, func(context.Context, blob.File) error { return died })
		if !errors.Is(err, died) || len(t.lying()) != 2 {
			t.Fatalf("%v with %d contents, want an orphan", err, len(t.lying()))
		}
		t.sweep(blob.Swept{}) // it is young: its row may be on its way
		for _, path := range t.lying() {
			t.age(path, 2*time.Hour)
		}
		t.sweep(blob.Swept{Removed: 1})
		if _, content, err := t.s.Open(ctx, "o1", kept.ID); err != nil {
			t.Error(err)
		} else if all, err := io.ReadAll(content); err != nil || string(all) != "kept" {
			t.Errorf("%q, %v", all, err)
		}
		again := t.put("o1", "b.txt", "orphan")
		if _, _, err := t.s.Open(ctx, "o1", again.ID); err != nil {
			t.Errorf("put again after the sweep: %v", err)
		}
	})
}

// A folder that cannot be written to is a fault of ours, told without its path.
func TestFolderAway(t *testing.T) {
	each(t, func(t fixture) {
		if err := os.RemoveAll(t.dir); err != nil {
			t.Fatal(err)
		}
		_, err := t.s.Put(context.Background(), "o1", "u1", "a", strings.NewReader("a"), mb)
		if err == nil || problem.As(err) != nil || strings.Contains(err.Error(), t.dir) {
			t.Errorf("%v", err)
		}
		if v := t.verbs("o1"); len(v) != 0 {
			t.Errorf("the journal holds %v", v)
		}
	})
}

func TestSweepOfBrokenUploads(t *testing.T) {
	each(t, func(t fixture) {
		path := filepath.Join(t.dir, "incoming", "123")
		if err := os.WriteFile(path, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		t.sweep(blob.Swept{})
		t.age(path, 25*time.Hour)
		t.sweep(blob.Swept{Removed: 1})
	})
}

func TestDamagedContentIsAnError(t *testing.T) {
	each(t, func(t fixture) {
		const content = "0123456789"
		for name, damage := range map[string]func(path string) error{
			"changed": func(p string) error { return os.WriteFile(p, []byte("012345678x"), 0o600) },
			"cut":     func(p string) error { return os.Truncate(p, 5) },
			"longer":  func(p string) error { return os.WriteFile(p, []byte(content+"x"), 0o600) },
			"missing": os.Remove,
		} {
			file := t.put("o1", "a.txt", content)
			if err := damage(t.lying()[0]); err != nil {
				t.Fatal(err)
			}
			_, r, err := t.s.Open(context.Background(), "o1", file.ID)
			if err == nil {
				_, err = io.ReadAll(r)
				_ = r.Close()
			}
			if !problem.Is(err, "blob-damaged") || strings.Contains(err.Error(), t.dir) {
				t.Errorf("%s: %v", name, err)
			}
			var out bytes.Buffer
			if err := t.s.AsWebFile(file).Write(&out); !problem.Is(err, "blob-damaged") || out.Len() > len(content) {
				t.Errorf("%s over the web: %v, %d bytes", name, err, out.Len())
			}
			if name == "missing" {
				t.sweep(blob.Swept{Missing: 1})
			}
		}
	})
}

func TestAsWebFile(t *testing.T) {
	each(t, func(t fixture) {
		for name, want := range map[string]string{"a.txt": "text/plain", "a.html": "application/octet-stream"} {
			f := t.s.AsWebFile(t.put("o1", name, "hello"))
			var out bytes.Buffer
			if err := f.Write(&out); err != nil || out.String() != "hello" || f.Type != want || f.Inline || f.Name != name {
				t.Errorf("%s: %q %v %+v", name, out.String(), err, f)
			}
		}
	})
}

func TestKinds(t *testing.T) {
	zip := "PK\x03\x04" + strings.Repeat("x", 600)
	for _, tc := range []struct {
		name, content string
		wantType      string
		active        bool
	}{
		{"a.pdf", "%PDF-1.7\n", "application/pdf", false},
		{"a.pdf", "%PDF-1.7\n" + strings.Repeat("x", 40_000) + "/JavaScript (app.alert(1))", "application/pdf", true},
		{"a.png", "\x89PNG\r\n\x1a\n", "image/png", false},
		{"a.png", "<html><script>alert(1)</script>", "text/html", true}, // the name lies
		{"a.txt", strings.Repeat("x", 100) + "<script>", "text/html", true},
		{"a.csv", "a,b\n1,2\n", "text/csv", false},
		{"a.json", `{"a":1}`, "application/json", false},
		{"a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", true},
		{"a.jpg", "<?xml version='1.0'?><svg/>", "image/svg+xml", true},
		{"a.xlsx", zip, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", false},
		{"a.xlsx", zip + "xl/vbaProject.bin", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", true},
		{"a.xlsm", zip, "application/vnd.ms-excel.sheet.macroEnabled.12", true},
		{"a.zip", zip, "application/zip", false},
		{"a.xlsx", "no zip at all", "text/plain", false},
		{"a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage", true},
		{"a.pdf", "MZ\x90\x00", "application/octet-stream", true},
		{"a", "#!/bin/sh\n", "application/octet-stream", true},
		{"a.PS1", "Get-Process", "text/plain", true},
		{"a.txt.js", "alert(1)", "text/plain", true},
	} {
		gotType, active := blob.Kind(tc.name, tc.content)
		if gotType != tc.wantType || active != tc.active {
			t.Errorf("%s %.20q: %s active %v, want %s active %v", tc.name, tc.content, gotType, active, tc.wantType, tc.active)
		}
	}
}

// A sign that falls on the seam between two pieces is found, whatever the pieces.
func TestFinderSeams(t *testing.T) {
	content := strings.Repeat("y", 50) + "vbaProject.bin" + strings.Repeat("z", 50)
	for size := 1; size < 80; size++ {
		if !blob.Finds(content, size) {
			t.Errorf("not found in pieces of %d", size)
		}
	}
	if blob.Finds(strings.ReplaceAll(content, "P", "p"), 7) {
		t.Error("found what is not there")
	}
}
