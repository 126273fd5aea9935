package db_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
)

// book records what it is told, and what the database held at that moment.
type book struct {
	mu    sync.Mutex
	lines []string
	seen  []int // rows that others could see when the lines came
	fail  error
	d     *db.DB
}

func (b *book) write(lines [][]byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.fail != nil {
		return b.fail
	}
	for _, l := range lines {
		b.lines = append(b.lines, string(l))
	}
	return b.d.Read(context.Background(), func(ctx context.Context) error {
		n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM beside_row")
		b.seen = append(b.seen, n)
		return err
	})
}

func keep(d *db.DB, id, line string, then error) error {
	return d.Write(context.Background(), func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "INSERT INTO beside_row (id) VALUES (?)", id); err != nil {
			return err
		}
		return errors.Join(db.Beside(ctx, []byte(line)), then)
	})
}

func withBook(t *testing.T, f func(t *testing.T, d *db.DB, b *book)) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		err := d.Write(context.Background(), func(ctx context.Context) error {
			_, err := db.Exec(ctx, "CREATE TABLE beside_row (id TEXT PRIMARY KEY)")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		b := &book{d: d}
		d.KeepBeside(b.write)
		f(t, d, b)
	})
}

func rows(t *testing.T, d *db.DB) (n int) {
	t.Helper()
	err := d.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, "SELECT COUNT(*) FROM beside_row")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestLinesBesideComeBeforeTheCommitAndOnlyOfWhatIsKept(t *testing.T) {
	withBook(t, func(t *testing.T, d *db.DB, b *book) {
		undo := errors.New("undo")
		if err := keep(d, "a", "first", nil); err != nil {
			t.Fatal(err)
		}
		if err := keep(d, "b", "undone", undo); !errors.Is(err, undo) {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"first"}, b.lines); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([]int{0}, b.seen); diff != "" {
			t.Errorf("rows committed when the line was written: %s", diff)
		}
	})
}

func TestWritesInOneCommitKeepTheirOwnLines(t *testing.T) {
	withBook(t, func(t *testing.T, d *db.DB, b *book) {
		undo := errors.New("undo")
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				id := string(rune('A' + i))
				then := error(nil)
				if i%3 == 0 {
					then = undo
				}
				if err := keep(d, id, id, then); !errors.Is(err, then) {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if len(b.lines) != 40 || rows(t, d) != 40 {
			t.Errorf("%d lines and %d rows, want 40 of each", len(b.lines), rows(t, d))
		}
	})
}

func TestWithoutTheBookNothingIsAcknowledged(t *testing.T) {
	withBook(t, func(t *testing.T, d *db.DB, b *book) {
		b.fail = errors.New("the book's disk is full")
		if err := keep(d, "a", "line", nil); !errors.Is(err, b.fail) {
			t.Errorf("got %v", err)
		}
		if n := rows(t, d); n != 0 {
			t.Errorf("%d rows were kept", n)
		}
		b.fail = nil
		if err := keep(d, "a", "line", nil); err != nil {
			t.Errorf("after the book is back: %v", err)
		}
	})
}
