package main

import (
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"github.com/minamori-project/minamori/internal/problem"
)

// lockFile keeps a second server out of a data folder: what a file-based queue
// finds running at its start it takes for left behind, and would do it twice.
const lockFile = "serve.lock"

// errLocked is what the system says when another process holds the lock.
var errLocked = errors.New("locked by another process")

// lockData takes the folder for this process; release gives it back. The lock
// dies with the process, however it ends. On PostgreSQL many nodes are welcome,
// each with a folder of its own.
func lockData(s Store) (release func(), err error) {
	if err := s.prepare(); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(filepath.Join(s.Data, lockFile), os.O_CREATE|os.O_RDWR, fs.FileMode(0o600))
	if err != nil {
		return nil, err
	}
	if err := lockWhole(f); err != nil {
		_ = f.Close()
		if errors.Is(err, errLocked) {
			return nil, problem.New(http.StatusConflict, "folder-in-use", "folder", s.Data)
		}
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
