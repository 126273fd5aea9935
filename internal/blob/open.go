package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"os"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Open returns a file of the organisation and its content, which the caller
// closes. The reader ends with the problem "blob-damaged" instead of io.EOF when
// what was read is not what was put.
func (s *Store) Open(ctx context.Context, org, id string) (File, io.ReadCloser, error) {
	f, err := s.Get(ctx, org, id)
	if err != nil {
		return f, nil, err
	}
	content, err := s.content(f)
	return f, content, err
}

func (s *Store) content(f File) (io.ReadCloser, error) {
	disk, err := os.Open(s.path(f.key))
	if errors.Is(err, os.ErrNotExist) {
		return nil, damaged(f.ID, "missing")
	}
	if err != nil {
		return nil, explain(err)
	}
	return &checked{file: f, disk: disk, hash: sha256.New(), left: f.Size}, nil
}

// damaged is a problem for the person and says to us which file it is.
func damaged(id, how string) error {
	return fmt.Errorf("blob %s is %s: %w", id, how, problem.New(http.StatusInternalServerError, "blob-damaged"))
}

// checked holds a content against its digest.
type checked struct {
	file File
	disk *os.File
	hash hash.Hash
	left int64
}

// Read never hands out more than was put.
func (c *checked) Read(p []byte) (int, error) {
	if c.left == 0 {
		return 0, c.end()
	}
	n, err := c.disk.Read(p[:min(int64(len(p)), c.left)])
	c.hash.Write(p[:n])
	c.left -= int64(n)
	if errors.Is(err, io.EOF) {
		return n, damaged(c.file.ID, "cut")
	}
	return n, err
}

func (c *checked) end() error {
	if n, _ := c.disk.Read(make([]byte, 1)); n > 0 {
		return damaged(c.file.ID, "too long")
	}
	if !bytes.Equal(c.hash.Sum(nil), c.file.Digest) {
		return damaged(c.file.ID, "changed")
	}
	return io.EOF
}

// Close closes the content.
func (c *checked) Close() error { return c.disk.Close() }

// AsWebFile is the answer that hands out a file from Get, as an attachment. An
// active one leaves as bytes of no type, so that nothing opens it by itself.
func (s *Store) AsWebFile(f File) web.File {
	mediaType := f.Type
	if f.Active {
		mediaType = unknownType
	}
	return web.File{Name: f.Name, Type: mediaType, Write: func(w io.Writer) error {
		content, err := s.content(f)
		if err != nil {
			return err
		}
		defer content.Close()
		_, err = io.Copy(w, content)
		return err
	}}
}
