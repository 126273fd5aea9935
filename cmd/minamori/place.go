package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// place is where a restored installation goes: a data folder, and a database in
// it or on PostgreSQL. Everything is made beside it and put there at the end; the
// folder itself stays, since it may be the root of a disk.
type place struct {
	store  Store
	name   string // of what is put aside
	d      *db.DB // PostgreSQL alone, like the next
	schema string // its own
}

const (
	besideFolder = ".restoring"         // in the data folder
	besideSchema = "_restoring"         // behind the name of its own
	switchMark   = "restore-unfinished" // is there while old and new stand side by side
)

// moved are the things of a data folder that a restore replaces, the database
// last: with it the new installation is there.
var moved = []string{"outbox", "setup-link.txt", demoMark, "files", keyFile, "minamori.db-wal", "minamori.db-shm", "minamori.db"}

func newPlace(ctx context.Context, s Store, now time.Time) (*place, error) {
	p := &place{store: s, name: "before-" + now.UTC().Format("20060102t150405")}
	if s.DatabaseURL == "" {
		return p, nil
	}
	var err error
	if p.d, err = db.Open(ctx, s.DatabaseURL); err != nil {
		return nil, err
	}
	err = p.d.Read(ctx, func(ctx context.Context) error {
		p.schema, err = db.Value[string](ctx, "SELECT current_schema()::text")
		return err
	})
	return p, err
}

func (p *place) close() {
	if p.d != nil {
		_ = p.d.Close()
	}
}

// used says that something is there which a restore would replace.
func (p *place) used(ctx context.Context) (used bool, err error) {
	for _, name := range append(moved, switchMark) {
		if _, err := os.Stat(filepath.Join(p.store.Data, name)); err == nil {
			return true, nil
		}
	}
	if p.d == nil {
		return false, nil
	}
	err = p.d.Read(ctx, func(ctx context.Context) error {
		tables, err := db.Tables(ctx)
		used = len(tables) > 0
		return err
	})
	return used, err
}

// beside makes the empty place in which everything is made first, without what a
// restore that died left there.
func (p *place) beside(ctx context.Context) (Store, error) {
	to := Store{Data: filepath.Join(p.store.Data, besideFolder), LogLevel: p.store.LogLevel}
	to.Ledger = filepath.Join(to.Data, "ledger") // thrown away: what it would hold is in the true one
	if err := os.RemoveAll(to.Data); err != nil {
		return to, err
	}
	if err := os.Mkdir(to.Data, 0o700); err != nil {
		return to, err
	}
	if p.d == nil {
		return to, nil
	}
	var err error
	if to.DatabaseURL, err = db.InSchema(p.store.DatabaseURL, p.schema+besideSchema); err != nil {
		return to, err
	}
	return to, p.d.MakeSchema(ctx, p.schema+besideSchema)
}

// clear removes the place beside.
func (p *place) clear(ctx context.Context) {
	_ = os.RemoveAll(filepath.Join(p.store.Data, besideFolder))
	if p.d != nil {
		_ = p.d.DropSchema(context.WithoutCancel(ctx), p.schema+besideSchema)
	}
}

// takeOver puts what was made into its place and what was there aside. While it
// does, a mark keeps the server from starting on half of it.
func (p *place) takeOver(ctx context.Context) (aside string, err error) {
	data := p.store.Data
	mark := filepath.Join(data, switchMark)
	if err := os.WriteFile(mark, []byte("A restore was putting its files here. Run it again, with --force.\n"), 0o600); err != nil {
		return "", err
	}
	if err := flushFolders(data); err != nil {
		return "", err
	}
	if aside, err = p.putAside(); err != nil {
		return "", err
	}
	for _, name := range moved {
		err := os.Rename(filepath.Join(data, besideFolder, name), filepath.Join(data, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return "", err
		}
	}
	if p.d != nil {
		if err := p.d.TakeOver(ctx, p.schema+besideSchema, p.schema+"_"+strings.ReplaceAll(p.name, "-", "_")); err != nil {
			return "", err
		}
	}
	if err := flushFolders(data); err != nil {
		return "", err
	}
	return aside, errors.Join(os.Remove(mark), flushFolders(data))
}

func (p *place) putAside() (aside string, err error) {
	for _, name := range moved {
		from := filepath.Join(p.store.Data, name)
		if _, err := os.Lstat(from); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if aside == "" {
			aside = filepath.Join(p.store.Data, p.name)
			if err := os.MkdirAll(aside, 0o700); err != nil {
				return "", err
			}
		}
		if err := os.Rename(from, filepath.Join(aside, name)); err != nil {
			return "", err
		}
	}
	if aside == "" {
		return "", nil
	}
	return aside, flushFolders(aside, p.store.Data)
}

// flushFolders makes new names survive a power cut. Windows has no such call.
func flushFolders(all ...string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	for _, dir := range all {
		d, err := os.Open(dir)
		if err != nil {
			return err
		}
		if err := errors.Join(d.Sync(), d.Close()); err != nil {
			return err
		}
	}
	return nil
}

// settled refuses a data folder in which a restore died half-way.
// keys: problem.restore-unfinished.title, problem.restore-unfinished.hint
func (s Store) settled() error {
	if _, err := os.Lstat(filepath.Join(s.Data, switchMark)); err == nil {
		return problem.New(http.StatusConflict, "restore-unfinished", "folder", s.Data)
	}
	return nil
}
