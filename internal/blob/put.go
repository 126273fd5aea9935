package blob

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"net/http"
	"os"
	"syscall"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// Put keeps what r holds, up to limit bytes, as a file of the organisation. The
// functions run in the same transaction, so that a room can tie its own row to
// the file. It is not called inside a transaction: a slow sender would hold up
// everybody's writes.
func (s *Store) Put(ctx context.Context, org, actor, name string, r io.Reader, limit int64, with ...func(context.Context, File) error) (File, error) {
	if db.InTransaction(ctx) {
		return File{}, errors.New("blob: Put inside a transaction")
	}
	in, err := s.receive(r, limit)
	if err != nil {
		return File{}, explain(err)
	}
	defer func() { _ = os.Remove(in.path) }() // it is gone when it has got its name
	f := File{
		ID: db.NewID(), Name: ScreenName(name), Size: in.size, Digest: in.hash.Sum(nil),
		Created: s.now(), Actor: actor,
	}
	f.Type, f.Active = classify(f.Name, in.head, in.macro.found)
	f.key = keyOf(org, f.Digest)
	if err := s.makeShelf(f.key); err != nil {
		return File{}, explain(err)
	}
	err = s.db.Write(ctx, func(ctx context.Context) error {
		if err := s.record(ctx, org, f, in.path); err != nil {
			return err
		}
		for _, tie := range with {
			if err := tie(ctx, f); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return File{}, explain(err)
	}
	return f, nil
}

// record names the content and writes the row. The naming is inside the
// transaction because Sweep removes inside one too: writes have one writer, over
// all nodes, so the two cannot meet.
func (s *Store) record(ctx context.Context, org string, f File, from string) error {
	have, err := used(ctx, org)
	if err != nil {
		return err
	}
	if have+f.Size > s.quota {
		return problem.New(http.StatusConflict, "blob-quota", "used", (have+1<<20-1)>>20, "max", s.quota>>20)
	}
	if err := os.Rename(from, s.path(f.key)); err != nil {
		return err
	}
	if err := flushFolder(s.shelf(f.key)); err != nil {
		return err
	}
	_, err = db.Exec(ctx, `
		INSERT INTO blob_file (id, org_id, key, name, size, type, active, digest, created, actor)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		f.ID, org, f.key, f.Name, f.Size, f.Type, f.Active, []byte(f.Digest), f.Created, f.Actor)
	if err != nil {
		return err
	}
	return s.note(ctx, org, f.Actor, "blob.kept", f)
}

// received is a content on its way in.
type received struct {
	path  string
	size  int64
	hash  hash.Hash
	head  []byte
	macro finder
}

// Write looks at what passes by.
func (in *received) Write(p []byte) (int, error) {
	if missing := headSize - len(in.head); missing > 0 {
		in.head = append(in.head, p[:min(missing, len(p))]...)
	}
	in.macro.look(p)
	return in.hash.Write(p)
}

// receive writes a content to disk and flushes it. On an error nothing stays.
func (s *Store) receive(r io.Reader, limit int64) (in *received, err error) {
	tmp, err := os.CreateTemp(s.incoming(), "*") // 0600
	if err != nil {
		return nil, err
	}
	in = &received{path: tmp.Name(), hash: sha256.New()}
	defer func() {
		if err = errors.Join(err, tmp.Close()); err != nil {
			_ = os.Remove(in.path)
		}
	}()
	in.size, err = io.Copy(io.MultiWriter(tmp, in), io.LimitReader(r, limit+1))
	var cut *http.MaxBytesError
	switch {
	case errors.As(err, &cut), in.size > limit:
		return in, tooLarge(limit)
	case err != nil:
		return in, err
	case in.size == 0:
		return in, problem.New(http.StatusUnprocessableEntity, "blob-empty")
	}
	return in, tmp.Sync()
}

func (s *Store) makeShelf(key string) error {
	err := os.Mkdir(s.shelf(key), 0o700)
	if errors.Is(err, os.ErrExist) {
		return nil
	}
	return errors.Join(err, flushFolder(s.dir))
}

// flushFolder makes a new name in a folder survive a power cut. Windows has no
// such call and answers with an error that says nothing about the disk.
func flushFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	if err := d.Sync(); err != nil && !flushUnknown {
		return err
	}
	return nil
}

// explain turns a full disk into a problem with a hint, and drops paths: a data
// folder under a home names a person.
func explain(err error) error {
	if problem.As(err) != nil {
		return err
	}
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		err = fmt.Errorf("blob: %s: %w", path.Op, path.Err)
	case errors.As(err, &link):
		err = fmt.Errorf("blob: %s: %w", link.Op, link.Err)
	}
	if errors.Is(err, syscall.ENOSPC) {
		return errors.Join(problem.New(http.StatusInsufficientStorage, "disk-full"), err)
	}
	return err
}
