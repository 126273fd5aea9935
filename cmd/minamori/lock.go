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
	return lockFileIn(s.Data, lockFile, "folder-in-use")
}

// lockFileIn takes a lock in a folder; code is the problem when another holds it.
// keys: problem.folder-in-use.title, problem.folder-in-use.hint
func lockFileIn(folder, name, code string) (release func(), err error) {
	f, err := os.OpenFile(filepath.Join(folder, name), os.O_CREATE|os.O_RDWR, fs.FileMode(0o600))
	if err != nil {
		return nil, err
	}
	if err := lockWhole(f); err != nil {
		_ = f.Close()
		if errors.Is(err, errLocked) {
			return nil, problem.New(http.StatusConflict, code, "folder", folder)
		}
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
