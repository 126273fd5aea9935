package ledger

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// ErrNone is returned by Read for a folder that is no ledger.
var ErrNone = errors.New("ledger: the folder is not a ledger")

// Report is what Read found.
type Report struct {
	Files   int      `json:"files"`
	Lines   int      `json:"lines"`
	Damaged []string `json:"damaged"` // file:line of lines whose sum is wrong
}

// Read gives every line to take, file by file in the order of their months and
// within a file as written. Damaged lines that can still be read are given too:
// rather one revocation too many.
func Read(dir string, take func(line []byte) error) (Report, error) {
	r := Report{Damaged: []string{}}
	if _, err := os.Stat(filepath.Join(dir, markFile)); err != nil {
		return r, fmt.Errorf("%w: %s", ErrNone, dir)
	}
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		return r, err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), fileEnd) {
			continue
		}
		r.Files++
		if err := r.file(filepath.Join(dir, e.Name()), take); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (r *Report) file(name string, take func([]byte) error) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 64<<10)
	var sum []byte
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return nil // what stands after the last line end was torn by a crash
		}
		if err != nil {
			return err
		}
		plain, got, ok := split(line[:len(line)-1])
		if !ok || !bytes.Equal(got, next(sum, plain)) {
			r.Damaged = append(r.Damaged, fmt.Sprintf("%s:%d", filepath.Base(name), n))
		}
		if !ok {
			continue
		}
		sum = got // or one damaged line would damage all after it
		r.Lines++
		if err := take(plain); err != nil {
			return err
		}
	}
}
