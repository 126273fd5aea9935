package backup

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// Backup is one that lies in a folder.
type Backup struct {
	Manifest
	dir    string
	folder string
}

// Open finds a backup: the folder of one, or the newest of a folder.
func Open(path string) (Backup, error) {
	dir, m, err := Read(path)
	if err != nil {
		return Backup{}, err
	}
	dir, err = filepath.Abs(dir)
	return Backup{m, dir, filepath.Dir(dir)}, err
}

// Verify reads every part and file and compares their digests. It needs no
// identity.
func (b Backup) Verify(ctx context.Context, progress func(stage string, done, total int64)) error {
	if progress == nil {
		progress = func(string, int64, int64) {}
	}
	for _, p := range b.Parts {
		if filepath.Base(p.Name) != p.Name {
			return fmt.Errorf("%w: part %q", ErrDamaged, p.Name)
		}
		if err := same(filepath.Join(b.dir, p.Name), stored{p.SHA256, p.Size}); err != nil {
			return err
		}
	}
	files, err := b.files()
	if err != nil {
		return err
	}
	names := slices.Sorted(maps.Keys(files))
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := same(b.onShelf(name), files[name]); err != nil {
			return err
		}
		progress("check", int64(i+1), int64(len(names)))
	}
	return nil
}

func same(path string, want stored) error {
	digest, size, err := digestOf(path)
	switch {
	case os.IsNotExist(err):
		return fmt.Errorf("%w: %s is missing", ErrDamaged, filepath.Base(path))
	case err != nil:
		return err
	case digest != want.digest || size != want.size:
		return fmt.Errorf("%w: %s has changed", ErrDamaged, filepath.Base(path))
	}
	return nil
}

func (b Backup) files() (map[string]stored, error) {
	if _, ok := b.part(filesPart); !ok {
		return nil, fmt.Errorf("%w: no list of files", ErrDamaged)
	}
	return readFiles(filepath.Join(b.dir, filesPart))
}

func (b Backup) onShelf(name string) string {
	end := ""
	if b.Sealed() {
		end = sealedEnd
	}
	return filepath.Join(b.folder, shelfName, filepath.Base(b.Shelf), filepath.FromSlash(name)+end)
}

// read opens a part by its bare name.
func (b Backup) read(name string, ids Identities) (*incoming, error) {
	p, ok := b.part(name)
	if !ok {
		return nil, fmt.Errorf("%w: it has no %s", ErrDamaged, name)
	}
	return open(filepath.Join(b.dir, p.Name), ids)
}

// LoadRows makes the tables of the day of the backup in an empty database, fills
// them, and brings them to this program's version.
func (b Backup) LoadRows(ctx context.Context, d *db.DB, schemas []db.Schema, ids Identities, progress func(stage string, done, total int64)) error {
	in, err := b.read(rowsPart, ids)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := d.MigrateTo(ctx, schemas, b.Schemas); err != nil {
		return err
	}
	var rows int64
	counts, err := load(ctx, d, in, func(n int64) {
		if rows += n; rows%10_000 == 0 && progress != nil {
			progress("rows", rows, b.Rows())
		}
	})
	if err != nil {
		return err
	}
	if !slices.Equal(counts, b.Tables) {
		return fmt.Errorf("%w: other tables or rows than the manifest tells of", ErrDamaged)
	}
	_, err = d.Migrate(ctx, schemas)
	return err
}

// Heads reads the heads of the journal at the moment of the backup.
func (b Backup) Heads(ids Identities) ([]journal.Head, error) {
	in, err := b.read(headsPart, ids)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return journal.ReadHeads(in)
}

// HasKey says whether the installation key is in it.
func (b Backup) HasKey() bool { _, ok := b.part(keyPart); return ok }

// Key reads the installation key.
func (b Backup) Key(ids Identities) ([]byte, error) {
	in, err := b.read(keyPart, ids)
	if err != nil {
		return nil, err
	}
	defer in.Close()
	return io.ReadAll(io.LimitReader(in, 1<<10))
}

// CopyFiles puts the uploaded files into a folder.
func (b Backup) CopyFiles(ctx context.Context, to string, ids Identities, progress func(stage string, done, total int64)) error {
	files, err := b.files()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(to, 0o700); err != nil {
		return err
	}
	done := int64(0)
	folders := map[string]bool{to: true}
	for name := range files {
		if err := ctx.Err(); err != nil {
			return err
		}
		path := filepath.Join(to, filepath.FromSlash(name))
		if err := b.copyFile(path, name, ids); err != nil {
			return err
		}
		folders[filepath.Dir(path)] = true
		if done++; progress != nil {
			progress("files", done, int64(len(files)))
		}
	}
	for dir := range folders {
		if err := syncFolder(dir); err != nil {
			return err
		}
	}
	return nil
}

func (b Backup) copyFile(path, name string, ids Identities) error {
	in, err := open(b.onShelf(name), ids)
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	out, err := create(path, Recipients{}, false)
	if err != nil {
		return err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.drop()
		return err
	}
	_, err = out.finish()
	return err
}
