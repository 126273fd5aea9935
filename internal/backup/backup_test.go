package backup_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/backup"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
)

var now = time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC)

const things = `-- +goose Up
CREATE TABLE a_thing (id TEXT PRIMARY KEY, parent TEXT REFERENCES z_parent (id), n BIGINT, small INTEGER NOT NULL, yes BOOLEAN NOT NULL, raw BYTEA, text TEXT);
`

const parents = `-- +goose Up
CREATE TABLE z_parent (id TEXT PRIMARY KEY);
`

func schemas() []db.Schema {
	return []db.Schema{
		journal.Schema(), blob.Schema(),
		{Room: "z", Files: fstest.MapFS{"0001_z.sql": {Data: []byte(parents)}}},
		{Room: "a", Files: fstest.MapFS{"0001_a.sql": {Data: []byte(things)}}},
	}
}

// thing is a row with everything that a column can hold.
type thing struct {
	ID, Text string
	Parent   string
	N        int64
	Small    int
	Yes      bool
	Raw      []byte
}

func (x *thing) fields() []any {
	return []any{&x.ID, db.Maybe(&x.Parent), db.Maybe(&x.N), &x.Small, &x.Yes, &x.Raw, db.Maybe(&x.Text)}
}

var rows = []thing{
	{ID: "1", Parent: "p", N: 1<<62 + 1, Small: -5, Yes: true, Raw: []byte{0, 255, '\n'}, Text: "𠮷野 \"と\" \\ \n\t,[]{}<>"},
	{ID: "2"},
	{ID: "3", Text: "1.5e3", Yes: true, N: 3},
}

// house is an installation with one uploaded file.
type house struct {
	d     *db.DB
	files *blob.Store
	dir   string
}

func newHouse(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{d: d, dir: filepath.Join(t.TempDir(), "files")}
	files, err := blob.New(d, h.dir, func() time.Time { return now })
	h.files = files
	check(t, err, d.Write(context.Background(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, "INSERT INTO z_parent (id) VALUES ('p')")
		for _, r := range rows {
			_, e := db.Exec(ctx, "INSERT INTO a_thing (id, parent, n, small, yes, raw, text) VALUES (?, ?, ?, ?, ?, ?, ?)",
				r.ID, null(r.Parent), null(r.N), r.Small, r.Yes, r.Raw, null(r.Text))
			err = errors.Join(err, e)
		}
		return errors.Join(err, journal.Note(ctx, journal.Entry{Org: "o1", At: now, Actor: "a", Verb: "test.done", Subject: "s"}, map[string]string{"name": "架空"}))
	}))
	h.put(t, "first")
	return h
}

func null[T comparable](v T) any {
	var zero T
	if v == zero {
		return nil
	}
	return v
}

func (h *house) put(t *testing.T, text string) {
	t.Helper()
	_, err := h.files.Put(context.Background(), "o1", "a", text+".txt", strings.NewReader(text), 1<<20)
	check(t, err)
}

func (h *house) source(folder string, to backup.Recipients) backup.Source {
	return backup.Source{
		DB: h.d, Schemas: schemas(), Files: h.dir, Contents: blob.Contents, Folder: folder, To: to, Program: "test",
		Jobs: func(context.Context) (int, error) { return 0, nil }, Now: func() time.Time { return now },
	}
}

func (h *house) take(t *testing.T, folder string, to backup.Recipients) backup.Manifest {
	t.Helper()
	m, err := backup.Take(context.Background(), h.source(folder, to))
	check(t, err)
	return m
}

func keys(t *testing.T) (backup.Recipients, backup.Identities) {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	check(t, err)
	to, err := backup.ParseRecipients([]string{"# office", id.Recipient().String()})
	check(t, err)
	return to, backup.Identities{id}
}

func check(t testing.TB, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

// empty opens a database without any tables.
func empty(t *testing.T, dialect db.Dialect) *db.DB {
	t.Helper()
	target := filepath.Join(t.TempDir(), "minamori.db")
	if dialect == db.Postgres {
		target = dbtest.PostgresURL(t)
	}
	d, err := db.Open(context.Background(), target)
	check(t, err)
	t.Cleanup(func() { _ = d.Close() })
	return d
}

// What is copied from either database comes back in either, with nothing changed.
func TestBackupGoesIntoEitherDatabase(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		h, folder := newHouse(t, d), t.TempDir()
		to, ids := keys(t)
		m := h.take(t, folder, to)
		for _, into := range []db.Dialect{db.SQLite, db.Postgres} {
			t.Run("into "+string(into), func(t *testing.T) {
				b, err := backup.Open(folder)
				check(t, err, b.Verify(context.Background(), nil))
				fresh := empty(t, into)
				check(t, b.LoadRows(context.Background(), fresh, schemas(), ids, nil))
				compare(t, fresh)
				files := filepath.Join(t.TempDir(), "files")
				check(t, b.CopyFiles(context.Background(), files, ids, nil))
				if got, want := tree(t, files), tree(t, h.dir); !cmp.Equal(got, want) {
					t.Error(cmp.Diff(want, got))
				}
				heads, err := b.Heads(ids)
				check(t, err)
				r, err := journal.Verify(context.Background(), fresh, heads, nil)
				check(t, err)
				if !r.OK() || r.Heads == 0 || r.Entries != 2 || b.ID != m.ID {
					t.Errorf("journal %+v of backup %s", r, b.ID)
				}
			})
		}
	})
}

func compare(t *testing.T, d *db.DB) {
	t.Helper()
	check(t, d.Read(context.Background(), func(ctx context.Context) error {
		got, err := db.Rows(ctx, (*thing).fields, "SELECT id, parent, n, small, yes, raw, text FROM a_thing ORDER BY id")
		if diff := cmp.Diff(rows, got); diff != "" {
			t.Error(diff)
		}
		return err
	}))
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	check(t, filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		all[filepath.ToSlash(name)] = string(b)
		return err
	}))
	return all
}

// Nothing in a sealed backup can be read without the identity, names of people
// and uploaded files among it.
func TestSealedBackupTellsNothing(t *testing.T) {
	h, folder := newHouse(t, dbtest.SQLite(t, schemas())), t.TempDir()
	to, _ := keys(t)
	h.take(t, folder, to)
	_, stranger := keys(t)
	b, err := backup.Open(folder)
	check(t, err)
	if _, err := b.Heads(stranger); !errors.Is(err, backup.ErrClosed) {
		t.Errorf("a stranger's identity: %v", err)
	}
	for name, text := range tree(t, folder) {
		// The id with its quotes: two letters stand in any ciphertext by chance.
		if strings.Contains(text, "first") || strings.Contains(text, "架空") || strings.Contains(text, `"o1"`) {
			t.Errorf("%s can be read", name)
		}
	}
}

func TestSecondBackupCopiesOnlyWhatIsNew(t *testing.T) {
	h, folder := newHouse(t, dbtest.SQLite(t, schemas())), t.TempDir()
	to, ids := keys(t)
	if m := h.take(t, folder, to); m.Files.Copied != 1 || m.Files.Count != 1 {
		t.Errorf("first: %+v", m.Files)
	}
	h.put(t, "second")
	m := h.take(t, folder, to)
	if m.Files.Copied != 1 || m.Files.Count != 2 {
		t.Errorf("second: %+v", m.Files)
	}
	b, err := backup.Open(filepath.Join(folder, m.ID))
	check(t, err)
	files := filepath.Join(t.TempDir(), "files")
	check(t, b.CopyFiles(context.Background(), files, ids, nil))
	if n := len(tree(t, files)); n != 2 {
		t.Errorf("%d files came back", n)
	}
	other, _ := keys(t)
	if m := h.take(t, folder, other); m.Files.Copied != 2 {
		t.Errorf("for other recipients: %+v", m.Files)
	}
}

func TestDamageIsFoundBeforeAnythingIsTouched(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, dir, shelf string){
		"changed rows": func(t *testing.T, dir, _ string) { flip(t, filepath.Join(dir, "rows.jsonl.zst")) },
		"missing heads": func(t *testing.T, dir, _ string) {
			check(t, os.Remove(filepath.Join(dir, "heads.json.zst")))
		},
		"changed file": func(t *testing.T, _, shelf string) { flip(t, shelf) },
		"missing file": func(t *testing.T, _, shelf string) { check(t, os.Remove(shelf)) },
		"file that leads out": func(t *testing.T, dir, _ string) {
			check(t, os.WriteFile(filepath.Join(dir, "files.txt"), []byte(strings.Repeat("0", 64)+" 1 ../../etc/passwd\n"), 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			h, folder := newHouse(t, dbtest.SQLite(t, schemas())), t.TempDir()
			m := h.take(t, folder, plain(t))
			shelf, err := filepath.Glob(filepath.Join(folder, "blobs", "plain", "*", "*"))
			check(t, err)
			spoil(t, filepath.Join(folder, m.ID), shelf[0])
			b, err := backup.Open(folder)
			check(t, err)
			if err := b.Verify(context.Background(), nil); !errors.Is(err, backup.ErrDamaged) {
				t.Errorf("got %v", err)
			}
		})
	}
}

func plain(t *testing.T) backup.Recipients {
	t.Helper()
	to, err := backup.ParseRecipients(nil)
	check(t, err)
	return to
}

func flip(t *testing.T, path string) {
	t.Helper()
	b, err := os.ReadFile(path)
	check(t, err)
	b[len(b)/2] ^= 1
	check(t, os.WriteFile(path, b, 0o600))
}

// A backup that is cancelled or cannot be written leaves none, and the one before
// it stays good; the next clears away what is left.
func TestBrokenOffBackupIsNone(t *testing.T) {
	h, folder := newHouse(t, dbtest.SQLite(t, schemas())), t.TempDir()
	first := h.take(t, folder, plain(t))
	h.put(t, "second")
	ctx, cancel := context.WithCancel(context.Background())
	s := h.source(folder, plain(t))
	s.Jobs = func(context.Context) (int, error) { cancel(); return 0, nil }
	if _, err := backup.Take(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	check(t, os.MkdirAll(filepath.Join(folder, ".unfinished-x"), 0o700), os.WriteFile(filepath.Join(folder, ".unfinished-x", "manifest.json"), []byte("{}"), 0o600))
	all, err := backup.List(folder)
	check(t, err)
	if diff := cmp.Diff([]string{first.ID}, all); diff != "" {
		t.Error(diff)
	}
	b, err := backup.Open(folder)
	check(t, err, b.Verify(context.Background(), nil))
	if second := h.take(t, folder, plain(t)); second.Files.Count != 2 {
		t.Errorf("after it: %+v", second.Files)
	}
	if _, err := os.Stat(filepath.Join(folder, ".unfinished-x")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("what was left is still there: %v", err)
	}
}

func TestBackupOfANewerProgramIsRefused(t *testing.T) {
	h, folder := newHouse(t, dbtest.SQLite(t, schemas())), t.TempDir()
	h.take(t, folder, plain(t))
	b, err := backup.Open(folder)
	check(t, err)
	older := schemas()[:3]
	if err := b.LoadRows(context.Background(), empty(t, db.SQLite), older, nil, nil); !errors.Is(err, db.ErrNewer) {
		t.Errorf("a program without the room: %v", err)
	}
}

func TestRecipients(t *testing.T) {
	for _, c := range []struct {
		lines []string
		ok    bool
	}{
		{nil, true}, {[]string{"# nobody\n\n"}, true}, {[]string{"age1nonsense"}, false}, {[]string{"AGE-SECRET-KEY-1"}, false},
	} {
		if _, err := backup.ParseRecipients(c.lines); (err == nil) != c.ok {
			t.Errorf("%q: %v", c.lines, err)
		}
	}
}

func BenchmarkTake(b *testing.B) {
	d := dbtest.SQLite(b, schemas())
	check(b, d.Write(context.Background(), func(ctx context.Context) error {
		for i := range 20_000 {
			if _, err := db.Exec(ctx, "INSERT INTO a_thing (id, small, yes, text) VALUES (?, 1, TRUE, ?)", fmt.Sprint(i), "みほん"); err != nil {
				return err
			}
		}
		return nil
	}))
	h := &house{d: d, dir: b.TempDir()}
	for b.Loop() {
		to, err := backup.ParseRecipients(nil)
		check(b, err)
		_, err = backup.Take(context.Background(), h.source(b.TempDir(), to))
		check(b, err)
	}
}
