package blob

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// Swept is what Sweep found.
type Swept struct {
	Removed int // contents and remains of broken uploads that nobody refers to
	Missing int // contents that rows refer to and that are not there: a matter for the operator
}

const (
	// orphanAge lets a content lie that has just come and may get its row now.
	orphanAge = time.Hour
	// uploadAge is longer than any upload lasts.
	uploadAge = 24 * time.Hour
)

// Sweeping asks for a Sweep; it is what the hourly job carries.
type Sweeping struct{}

// Kind names the job.
func (Sweeping) Kind() string { return "blob.sweep" }

// Sweep removes what crashes and deletions left behind. A job runs it each hour.
func (s *Store) Sweep(ctx context.Context) (Swept, error) {
	var found Swept
	if err := s.sweepIncoming(&found); err != nil {
		return found, err
	}
	const hexDigits = "0123456789abcdef"
	for _, a := range hexDigits {
		for _, b := range hexDigits {
			if err := s.sweepShelf(ctx, string([]rune{a, b}), &found); err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

func (s *Store) sweepIncoming(found *Swept) error {
	entries, err := os.ReadDir(s.incoming())
	if err != nil {
		return err
	}
	for _, e := range entries {
		path := filepath.Join(s.incoming(), e.Name())
		if old(path, uploadAge) && os.Remove(path) == nil {
			found.Removed++
		}
	}
	return nil
}

func (s *Store) sweepShelf(ctx context.Context, shelf string, found *Swept) error {
	lying, err := os.ReadDir(filepath.Join(s.dir, shelf)) // before the rows: what comes later is young
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	rows := map[string]bool{}
	err = s.db.Read(ctx, func(ctx context.Context) error {
		return db.Each(ctx, func(k *string) []any { return []any{k} }, func(k string) error { rows[k] = true; return nil },
			"SELECT DISTINCT key FROM blob_file WHERE key >= ? AND key < ?", shelf, shelf+"g")
	})
	if err != nil {
		return err
	}
	for _, e := range lying {
		if rows[e.Name()] {
			delete(rows, e.Name())
			continue
		}
		gone, err := s.drop(ctx, e.Name())
		if err != nil {
			return err
		}
		if gone {
			found.Removed++
		}
	}
	for key := range rows {
		if _, err := os.Stat(s.path(key)); errors.Is(err, os.ErrNotExist) {
			found.Missing++
		}
	}
	return nil
}

// drop removes a content without rows, unless it is young. It looks twice: at
// what is committed, because the transaction it removes in may itself be undone
// and with it another's deletion, and then inside, where no Put can come between.
func (s *Store) drop(ctx context.Context, key string) (gone bool, err error) {
	if len(key) != 64 || !old(s.path(key), orphanAge) {
		return false, nil
	}
	unused := false
	look := func(ctx context.Context) error {
		n, err := db.Value[int64](ctx, "SELECT COUNT(*) FROM blob_file WHERE key = ?", key)
		unused = n == 0
		return err
	}
	if err := s.db.Read(ctx, look); err != nil || !unused {
		return false, err
	}
	err = s.db.Write(ctx, func(ctx context.Context) error {
		if err := look(ctx); err != nil || !unused || !old(s.path(key), orphanAge) {
			return err
		}
		gone = os.Remove(s.path(key)) == nil
		return nil
	})
	return gone, err
}

// old goes by the clock of the file system, which wrote the time it is held
// against.
func old(path string, age time.Duration) bool {
	info, err := os.Stat(path)
	return err == nil && time.Since(info.ModTime()) > age
}
