package blob

import (
	"context"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

//go:embed schema/*.sql
var files embed.FS

// Schema is the table of files.
func Schema() db.Schema { return db.Embedded("blob", files) }

// Quota is what one organisation may keep, in bytes.
const Quota = 200 << 20

// Store is a folder of contents and the table of whom they belong to.
type Store struct {
	db    *db.DB
	dir   string
	now   func() time.Time
	quota int64
}

// New opens the store in a folder, which is made for this user alone.
func New(d *db.DB, dir string, now func() time.Time) (*Store, error) {
	s := &Store{db: d, dir: dir, now: now, quota: Quota}
	return s, os.MkdirAll(s.incoming(), 0o700)
}

// File is one file of an organisation.
type File struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"` // screened: a base name that shows what it is
	Size    int64     `json:"size"` // bytes
	Type    string    `json:"type"` // media type, read from the content
	Active  bool      `json:"active"`
	Digest  Digest    `json:"digest"`
	Created time.Time `json:"created"`
	Actor   string    `json:"actor"`

	key string
}

// Digest is the SHA-256 of a content; it is written in hexadecimal.
type Digest []byte

// MarshalText writes it in hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(hex.EncodeToString(d)), nil }

// keyOf names a content on disk. The organisation is part of it: whoever has
// the same file elsewhere learns nothing from a name, and deleting stays local.
func keyOf(org string, digest []byte) string {
	h := sha256.New()
	h.Write([]byte("minamori blob 1\n" + org + "\n"))
	h.Write(digest)
	return hex.EncodeToString(h.Sum(nil))
}

func (s *Store) incoming() string        { return filepath.Join(s.dir, "incoming") }
func (s *Store) shelf(key string) string { return filepath.Join(s.dir, key[:2]) }
func (s *Store) path(key string) string  { return filepath.Join(s.shelf(key), key) }
func (f *File) fields() []any {
	return []any{&f.ID, &f.key, &f.Name, &f.Size, &f.Type, &f.Active, (*[]byte)(&f.Digest), db.At(&f.Created), &f.Actor}
}

const selectFile = "SELECT id, key, name, size, type, active, digest, created, actor FROM blob_file "

// Get returns a file of the organisation, or "not found".
func (s *Store) Get(ctx context.Context, org, id string) (f File, err error) {
	err = s.db.Read(ctx, func(ctx context.Context) error {
		f, err = db.One(ctx, (*File).fields, selectFile+"WHERE org_id = ? AND id = ?", org, id)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		err = problem.NotFound()
	}
	return f, err
}

// Used is how many bytes an organisation keeps. Equal contents count each time:
// what people see in their list adds up.
func (s *Store) Used(ctx context.Context, org string) (n int64, err error) {
	err = s.db.Read(ctx, func(ctx context.Context) error {
		n, err = used(ctx, org)
		return err
	})
	return n, err
}

func used(ctx context.Context, org string) (int64, error) {
	return db.Value[int64](ctx, "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM blob_file WHERE org_id = ?", org)
}

// words is what the journal says of a file; the name may be a person's and can
// be erased there.
type words struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	Digest Digest `json:"digest"`
}

func (s *Store) note(ctx context.Context, org, actor, verb string, f File) error {
	return journal.Note(ctx, journal.Entry{Org: org, At: s.now(), Actor: actor, Verb: verb, Subject: f.ID}, words{f.Name, f.Size, f.Digest})
}

// Delete removes a file of the organisation, in the transaction of ctx or its
// own. The content goes after the commit, unless another row shares it or it
// came within the last hour: then Sweep takes it.
func (s *Store) Delete(ctx context.Context, org, actor, id string) error {
	return s.db.Write(ctx, func(ctx context.Context) error {
		f, err := s.Get(ctx, org, id)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "DELETE FROM blob_file WHERE org_id = ? AND id = ?", org, id); err != nil {
			return err
		}
		if err := s.note(ctx, org, actor, "blob.removed", f); err != nil {
			return err
		}
		return db.AfterCommit(ctx, func() { _, _ = s.drop(context.Background(), f.key) })
	})
}

// Contents lists the contents that rows refer to, as paths with slashes in the
// folder of the store: what a backup copies.
func Contents(ctx context.Context) ([]string, error) {
	return db.Rows(ctx, func(s *string) []any { return []any{s} },
		"SELECT DISTINCT SUBSTR(key, 1, 2) || '/' || key FROM blob_file ORDER BY 1")
}

func tooLarge(limit int64) error {
	return problem.New(http.StatusRequestEntityTooLarge, "blob-too-large", "n", max(1, limit>>20))
}
