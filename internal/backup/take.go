package backup

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// Source is what is copied, and where to.
type Source struct {
	DB       *db.DB
	Schemas  []db.Schema
	Files    string                                              // folder of uploaded files
	Contents func(ctx context.Context) ([]string, error)         // paths of those that the rows name
	Jobs     func(ctx context.Context) (unfinished int, _ error) // how many are left out
	Key      string                                              // file of the installation key; "" leaves it out
	Folder   string                                              // where backups go; one process at a time
	To       Recipients
	Program  string // its version
	Now      func() time.Time
	Progress func(stage string, done, total int64) // may be nil; total 0 is unknown
}

// taking is a backup under way.
type taking struct {
	Source
	dir   string // unfinished
	m     Manifest
	names []string
	shelf *shelf
}

// Take makes a backup. When it returns an error, or dies, there is none.
func Take(ctx context.Context, s Source) (m Manifest, err error) {
	if s.Progress == nil {
		s.Progress = func(string, int64, int64) {}
	}
	id := s.Now().UTC().Format(stamp) + "-" + strings.ToLower(rand.Text()[:6])
	t := &taking{Source: s, dir: filepath.Join(s.Folder, tempMark+id)}
	t.m = Manifest{Format: Format, ID: id, Program: s.Program, Database: string(s.DB.Dialect), Shelf: s.To.shelf}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(t.dir)
		}
	}()
	if err := t.prepare(); err != nil {
		return m, err
	}
	defer func() { t.shelf.forget(t.names) }()
	if err := t.copy(ctx); err != nil {
		t.names = nil // nothing that was copied now is named by a backup
		return m, err
	}
	return t.m, t.finish(ctx)
}

// prepare makes the folders and clears away what a backup that died left.
func (t *taking) prepare() (err error) {
	if err := os.MkdirAll(t.Folder, 0o700); err != nil {
		return err
	}
	left, err := filepath.Glob(filepath.Join(t.Folder, tempMark+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	if err := os.Mkdir(t.dir, 0o700); err != nil {
		return err
	}
	t.shelf, err = openShelf(t.Folder, t.Files, t.To)
	return err
}

// copy copies files before and after the snapshot: before, so that hardly any can
// be deleted before it is read; after, for those that came meanwhile.
func (t *taking) copy(ctx context.Context) error {
	var early []string
	err := t.DB.Read(ctx, func(ctx context.Context) (err error) {
		early, err = t.Contents(ctx)
		return err
	})
	if err != nil {
		return err
	}
	tick := func(done, total int64) { t.Progress("files", done, total) }
	if err := t.shelf.copyAll(ctx, early, tick); err != nil {
		return err
	}
	if err := t.DB.Read(ctx, t.snapshot); err != nil {
		return err
	}
	if err := t.shelf.copyAll(ctx, t.names, tick); err != nil {
		return err
	}
	part, files, err := t.shelf.list(filepath.Join(t.dir, filesPart), t.names)
	t.m.Files, t.m.Parts = files, append(t.m.Parts, part)
	if err != nil || t.Key == "" {
		return err
	}
	key, err := os.ReadFile(t.Key)
	if err != nil {
		return err
	}
	return t.part(keyPart, false, func(w io.Writer) error { _, err := w.Write(key); return err })
}

// snapshot reads all rows at one moment.
func (t *taking) snapshot(ctx context.Context) (err error) {
	t.m.Taken = t.Now().UTC()
	if t.m.Schemas, err = db.Versions(ctx, t.Schemas); err != nil {
		return err
	}
	if t.m.Jobs, err = t.Jobs(ctx); err != nil {
		return err
	}
	if t.names, err = t.Contents(ctx); err != nil {
		return err
	}
	sort.Strings(t.names)
	err = t.part(headsPart, true, func(w io.Writer) error {
		heads, err := journal.Heads(ctx)
		enc := json.NewEncoder(w)
		for _, h := range heads {
			err = errors.Join(err, enc.Encode(h))
		}
		t.m.Heads = len(heads)
		return err
	})
	if err != nil {
		return err
	}
	var rows int64
	return t.part(rowsPart, true, func(w io.Writer) (err error) {
		t.m.Tables, err = dump(ctx, w, func(n int64) {
			if rows += n; rows%10_000 == 0 {
				t.Progress("rows", rows, 0)
			}
		})
		return err
	})
}

// part writes a part of the backup.
func (t *taking) part(name string, pack bool, write func(io.Writer) error) error {
	if pack {
		name += packedEnd
	}
	out, err := create(filepath.Join(t.dir, name+t.To.end()), t.To, pack)
	if err != nil {
		return err
	}
	if err := write(out); err != nil {
		out.drop()
		return err
	}
	part, err := out.finish()
	t.m.Parts = append(t.m.Parts, part)
	return err
}

// finish reads everything once more, and only then gives the backup its name.
func (t *taking) finish(ctx context.Context) error {
	if err := t.m.write(t.dir); err != nil {
		return err
	}
	b := Backup{Manifest: t.m, dir: t.dir, folder: t.Folder}
	if err := b.Verify(ctx, t.Progress); err != nil {
		return fmt.Errorf("read again: %w", err)
	}
	if err := syncFolder(t.dir); err != nil {
		return err
	}
	if err := os.Rename(t.dir, filepath.Join(t.Folder, t.m.ID)); err != nil {
		return err
	}
	return syncFolder(t.Folder)
}
