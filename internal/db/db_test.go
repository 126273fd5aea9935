package db_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/problem"
)

var schema = []db.Schema{{Room: "note", Files: fstest.MapFS{
	"0001_note.sql": {Data: []byte("-- +goose Up\nCREATE TABLE note (id BIGINT PRIMARY KEY, body TEXT NOT NULL, raw BYTEA, done BOOLEAN NOT NULL DEFAULT FALSE, at TEXT);\n")},
	"0002_more.sql": {Data: []byte("-- +goose Up\nALTER TABLE note ADD COLUMN extra TEXT;\n")},
}}}

type note struct {
	ID   int64
	Body string
	Raw  []byte
	Done bool
	When time.Time
	More string
}

func (n *note) fields() []any {
	return []any{&n.ID, &n.Body, &n.Raw, &n.Done, db.At(&n.When), db.Maybe(&n.More)}
}

const selectNote = "SELECT id, body, raw, done, at, extra FROM note "

func insert(ctx context.Context, n note) error {
	_, err := db.Exec(ctx, "INSERT INTO note (id, body, raw, done, at) VALUES (?, ?, ?, ?, ?)", n.ID, n.Body, n.Raw, n.Done, n.When)
	return err
}

func TestRoundTrip(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		want := note{ID: 1, Body: "𠮷野 'と' ?", Raw: []byte{0, 255, 1}, Done: true, When: time.Date(2026, 10, 14, 1, 2, 3, 4000, time.UTC)}
		if err := d.Write(ctx, func(ctx context.Context) error { return insert(ctx, want) }); err != nil {
			t.Fatal(err)
		}
		err := d.Read(ctx, func(ctx context.Context) error {
			got, err := db.One(ctx, (*note).fields, selectNote+"WHERE id = ? AND body <> 'a?b'", 1)
			if err != nil {
				return err
			}
			if got.Body != want.Body || !bytes.Equal(got.Raw, want.Raw) || !got.Done || !got.When.Equal(want.When) || got.More != "" {
				t.Errorf("got %+v, want %+v", got, want)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// Writers that come together share a commit; one that fails must take nothing
// from the others with it.
// A folder that others may enter (made by hand, or by a service manager) must not
// open the answers of companies to them.
func TestFilesAreForTheirOwnerAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	dir := t.TempDir()
	d, err := db.Open(context.Background(), filepath.Join(dir, "minamori.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	if _, err := d.Migrate(context.Background(), schema); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil || len(files) < 2 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		if info, err := f.Info(); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%v %v", info, err)
		}
	}
}

func TestWritesTogetherFailAlone(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		refused := errors.New("refused")
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				err := d.Write(ctx, func(ctx context.Context) error {
					if err := insert(ctx, note{ID: int64(i)}); err != nil {
						return err
					}
					switch i % 4 {
					case 1:
						return refused
					case 2:
						return insert(ctx, note{ID: int64(i)}) // breaks the key
					}
					return nil
				})
				if (i%4 == 0 || i%4 == 3) != (err == nil) || i%4 == 1 && !errors.Is(err, refused) {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if n := countNotes(t, d); n != 100 {
			t.Errorf("%d notes are kept, want 100", n)
		}
	})
}

// A column goes into every kind of place that rooms use, alike on both databases.
func TestPlaces(t *testing.T) {
	type name string
	type count int16
	type row struct {
		body   name
		id     count
		none   *int64
		some   *int64
		done   bool
		raw    []byte
		text   string
		absent []byte
		half   float64
	}
	fields := func(r *row) []any {
		return []any{&r.body, &r.id, &r.none, &r.some, &r.done, &r.raw, db.Maybe(&r.text), &r.absent, &r.half}
	}
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		body := name("名")
		err := d.Write(ctx, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "INSERT INTO note (id, body, raw, done) VALUES (?, ?, ?, ?)", count(7), body, []byte{0, 1}, true)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Read(ctx, func(ctx context.Context) error {
			const columns = "SELECT body, id, NULL, id, done, raw, extra, NULL, CAST(0.5 AS DOUBLE PRECISION) FROM note "
			r, err := db.One(ctx, fields, columns+"WHERE body = ? AND id = ? AND done = ?", body, count(7), true)
			if err != nil {
				return err
			}
			if r.body != body || r.id != 7 || r.none != nil || r.some == nil || *r.some != 7 || !r.done || !bytes.Equal(r.raw, []byte{0, 1}) ||
				r.text != "" || r.absent != nil || r.half != 0.5 {
				t.Errorf("got %+v", r)
			}
			for what, query := range map[string]string{
				"NULL into a text": "SELECT extra FROM note", "two columns into one place": "SELECT body, body FROM note",
			} {
				if _, err := db.Value[string](ctx, query); err == nil {
					t.Errorf("%s was read", what)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for what, query := range map[string]string{"a text into a number": "SELECT body FROM note", "too large a number": "SELECT id + 100000 FROM note"} {
			err := d.Read(ctx, func(ctx context.Context) error {
				_, err := db.Value[count](ctx, query)
				return err
			})
			if err == nil {
				t.Errorf("%s was read", what)
			}
		}
	})
}

// What is stored is read back to the microsecond, and what is not a time is refused.
func TestStoredTimes(t *testing.T) {
	for _, want := range []time.Time{
		time.Date(2024, 2, 29, 23, 59, 59, 999_999_000, time.UTC), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 12, 31, 12, 5, 9, 1000, time.UTC), time.Date(2026, 6, 28, 1, 2, 3, 40_000, time.UTC), time.Date(1, 1, 2, 0, 0, 0, 0, time.UTC),
	} {
		var got time.Time
		if err := db.At(&got).Scan(db.Text(want)); err != nil || !got.Equal(want) || got.Location() != time.UTC {
			t.Errorf("%s was read as %s (%v)", want, got, err)
		}
	}
	for _, bad := range []string{
		"", "2026-01-01", "2026-02-30T00:00:00.000000Z", "2026-13-01T00:00:00.000000Z", "2026-00-01T00:00:00.000000Z", "2026-01-00T00:00:00.000000Z",
		"2026-01-01T24:00:00.000000Z", "2026-01-01T00:60:00.000000Z", "2026-01-01T00:00:60.000000Z", "2026-01-01T00:00:00.00000xZ", "2026-01-01 00:00:00.000000Z",
		"-026-01-01T00:00:00.000000Z", "2026-01-01T00:00:00.000000+",
	} {
		var got time.Time
		if err := db.At(&got).Scan(bad); err == nil {
			t.Errorf("%q was read as %s", bad, got)
		}
	}
}

// Statements that travel later must fail for the write that they belong to, and
// what reads after them must see them.
func TestLaterBelongsToItsWrite(t *testing.T) {
	later := func(ctx context.Context, id int64, check func(int64) error) error {
		return db.Later(ctx, check, "INSERT INTO note (id, body) VALUES (?, 'x')", id)
	}
	refused := errors.New("refused")
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if err := d.Write(ctx, func(ctx context.Context) error { return later(ctx, 1_000_000, nil) }); err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for i := range 200 {
			wg.Go(func() {
				err := d.Write(ctx, func(ctx context.Context) error {
					if err := later(ctx, int64(i), nil); err != nil {
						return err
					}
					switch i % 5 {
					case 1: // fails in the database, after the function may have ended
						return later(ctx, 1_000_000, nil)
					case 2:
						return later(ctx, int64(i)+1000, func(int64) error { return refused })
					case 3:
						return refused
					case 4:
						n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM note WHERE id = ?", i)
						if err == nil && n != 1 {
							t.Errorf("a later statement is not seen by a query after it")
						}
						return err
					}
					return nil
				})
				if fails := i%5 >= 1 && i%5 <= 3; fails != (err != nil) {
					t.Errorf("write %d: %v", i, err)
				}
				if kind := i % 5; (kind == 2 || kind == 3) && !errors.Is(err, refused) {
					t.Errorf("write %d: %v, want its own error", i, err)
				}
			})
		}
		wg.Wait()
		if n := countNotes(t, d); n != 81 {
			t.Errorf("%d notes are left, want 81", n)
		}
	})
}

func countNotes(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	err := d.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, "SELECT COUNT(*) FROM note")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWrongUse(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		ctx := context.Background()
		if _, err := db.Exec(ctx, "DELETE FROM note"); !errors.Is(err, db.ErrNoTransaction) {
			t.Errorf("exec without a transaction: %v", err)
		}
		err := d.Read(ctx, func(ctx context.Context) error { _, err := db.Exec(ctx, "DELETE FROM note"); return err })
		if !errors.Is(err, db.ErrReadOnly) {
			t.Errorf("exec inside read: %v", err)
		}
		err = d.Read(ctx, func(ctx context.Context) error { return d.Write(ctx, func(context.Context) error { return nil }) })
		if !errors.Is(err, db.ErrReadOnly) {
			t.Errorf("write inside read: %v", err)
		}
		err = d.Write(ctx, func(inner context.Context) error {
			_, err := db.Value[int](ctx, "SELECT 1") // the outer context: the pool inside Write
			return err
		})
		if !errors.Is(err, db.ErrNoTransaction) {
			t.Errorf("pool inside write: %v", err)
		}
	})
}

func TestPanicReachesTheCallerAndUndoes(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the panic was swallowed")
				}
			}()
			_ = d.Write(context.Background(), func(ctx context.Context) error {
				_ = insert(ctx, note{ID: 1})
				panic("boom")
			})
		}()
		if n := countNotes(t, d); n != 0 {
			t.Errorf("%d notes survive a panic", n)
		}
	})
}

func TestCancelledCallerDoesNotHurtOthers(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		var wg sync.WaitGroup
		for i := range 100 {
			wg.Go(func() {
				ctx, cancel := context.WithCancel(context.Background())
				defer cancel()
				err := d.Write(ctx, func(ctx context.Context) error {
					if i%2 == 0 {
						cancel()
					}
					return insert(ctx, note{ID: int64(i)})
				})
				if err != nil {
					t.Errorf("write %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if n := countNotes(t, d); n != 100 {
			t.Errorf("%d notes, want 100", n)
		}
	})
}

func TestSnapshotDoesNotSeeLaterWrites(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		ctx, done, err := d.Snapshot(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		count := func() int { n, _ := db.Value[int](ctx, "SELECT COUNT(*) FROM note"); return n }
		before := count()
		if err := d.Write(context.Background(), func(ctx context.Context) error { return insert(ctx, note{ID: 1}) }); err != nil {
			t.Fatal(err)
		}
		if after := count(); before != 0 || after != 0 {
			t.Errorf("the snapshot moved from %d to %d", before, after)
		}
	})
}

func TestMigrateAppliesEachFileOnce(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		again, err := d.Migrate(context.Background(), schema)
		if err != nil {
			t.Fatal(err)
		}
		want := db.Applied{Room: "note", Version: 2, Steps: 0}
		if len(again) != 1 || again[0] != want {
			t.Errorf("second run: %+v, want %+v", again, want)
		}
	})
}

func TestCountedStatements(t *testing.T) {
	d := dbtest.SQLite(t, schema)
	ctx, n := db.Counted(context.Background())
	_ = d.Read(ctx, func(ctx context.Context) error {
		for range 3 {
			_, _ = db.Value[int](ctx, "SELECT 1")
		}
		return nil
	})
	if n.N() != 3 {
		t.Errorf("counted %d statements, want 3", n.N())
	}
}

func TestWritesAreRefusedAfterClose(t *testing.T) {
	d := dbtest.SQLite(t, schema)
	_ = d.Close()
	if err := d.Write(context.Background(), func(context.Context) error { return nil }); err == nil {
		t.Error("a closed database took a write")
	}
}

func BenchmarkWrite(b *testing.B) {
	for name, open := range map[string]func(testing.TB, []db.Schema) *db.DB{"sqlite": dbtest.SQLite, "postgres": dbtest.Postgres} {
		b.Run(name, func(b *testing.B) {
			d := open(b, schema)
			var id, mu = int64(0), sync.Mutex{}
			b.SetParallelism(16)
			b.RunParallel(func(p *testing.PB) {
				for p.Next() {
					mu.Lock()
					id++
					n := note{ID: id, Body: fmt.Sprint(id)}
					mu.Unlock()
					if err := d.Write(context.Background(), func(ctx context.Context) error { return insert(ctx, n) }); err != nil {
						b.Error(err)
					}
				}
			})
		})
	}
}

// An older program would write what a newer one does not expect.
func TestTablesOfANewerProgramAreRefused(t *testing.T) {
	dbtest.Each(t, schema, func(t *testing.T, d *db.DB) {
		older := []db.Schema{{Room: "note", Files: firstFileOf(t, schema[0].Files)}}
		_, err := d.Migrate(context.Background(), older)
		if p := problem.As(err); p == nil || p.Code != "database-newer" {
			t.Errorf("an older program starts: %v", err)
		}
		if _, err := d.Migrate(context.Background(), schema); err != nil {
			t.Errorf("the same program: %v", err)
		}
	})
}

func firstFileOf(t *testing.T, all fs.FS) fs.FS {
	t.Helper()
	names, err := fs.Glob(all, "*.sql")
	if err != nil || len(names) < 2 {
		t.Fatalf("%v %v", names, err)
	}
	b, err := fs.ReadFile(all, names[0])
	if err != nil {
		t.Fatal(err)
	}
	return fstest.MapFS{names[0]: {Data: b}}
}
