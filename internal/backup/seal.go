package backup

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sort"
	"strings"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"
)

const (
	sealedEnd  = ".age"
	packedEnd  = ".zst"
	plainShelf = "plain"
)

// Recipients are those who can open a backup; none leaves it plain.
type Recipients struct {
	all   []age.Recipient
	shelf string
}

// ParseRecipients reads age recipients, one a line; lines with # are comments.
func ParseRecipients(lines []string) (Recipients, error) {
	var keys []string
	for _, l := range lines {
		for line := range strings.Lines(l) {
			if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "#") {
				keys = append(keys, line)
			}
		}
	}
	if len(keys) == 0 {
		return Recipients{shelf: plainShelf}, nil
	}
	sort.Strings(keys)
	keys = slices.Compact(keys)
	all, err := age.ParseRecipients(strings.NewReader(strings.Join(keys, "\n")))
	if err != nil {
		return Recipients{}, err
	}
	sum := sha256.Sum256([]byte(strings.Join(keys, "\n")))
	return Recipients{all, hex.EncodeToString(sum[:8])}, nil
}

// None says that a backup for them would be plain.
func (r Recipients) None() bool { return len(r.all) == 0 }

func (r Recipients) end() string {
	if r.None() {
		return ""
	}
	return sealedEnd
}

// outgoing is a file that is being written: compressed if asked, sealed for the
// recipients, counted and hashed as it will lie on disk.
type outgoing struct {
	name   string
	file   *os.File
	buffer *bufio.Writer
	hash   hash.Hash
	size   int64
	layers []io.WriteCloser // the innermost first
}

func create(path string, to Recipients, pack bool) (*outgoing, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	o := &outgoing{name: filepath.Base(path), file: f, buffer: bufio.NewWriterSize(f, 256<<10), hash: sha256.New()}
	var w io.Writer = counted{o}
	if !to.None() {
		sealed, err := age.Encrypt(w, to.all...)
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		o.layers = append(o.layers, sealed)
		w = sealed
	}
	if pack {
		packed, err := zstd.NewWriter(w, zstd.WithEncoderConcurrency(1))
		if err != nil {
			return nil, errors.Join(err, f.Close())
		}
		o.layers = append(o.layers, packed)
	}
	return o, nil
}

// counted is the outside of an outgoing file.
type counted struct{ o *outgoing }

// Write counts, hashes and passes on.
func (c counted) Write(p []byte) (int, error) {
	c.o.size += int64(len(p))
	c.o.hash.Write(p)
	return c.o.buffer.Write(p)
}

// Write takes the plain bytes.
func (o *outgoing) Write(p []byte) (int, error) {
	if n := len(o.layers); n > 0 {
		return o.layers[n-1].Write(p)
	}
	return counted{o}.Write(p)
}

// finish closes every layer and puts the file on disk.
func (o *outgoing) finish() (Part, error) {
	var err error
	for _, l := range slices.Backward(o.layers) {
		err = errors.Join(err, l.Close())
	}
	err = errors.Join(err, o.buffer.Flush())
	if err == nil {
		err = o.file.Sync()
	}
	err = errors.Join(err, o.file.Close())
	return Part{o.name, o.size, hex.EncodeToString(o.hash.Sum(nil))}, err
}

// drop gives the file up.
func (o *outgoing) drop() {
	_ = o.file.Close()
	_ = os.Remove(o.file.Name())
}

// Identities open what is sealed.
type Identities []age.Identity

// ParseIdentities reads a file of age identities.
func ParseIdentities(text []byte) (Identities, error) {
	return age.ParseIdentities(bytes.NewReader(text))
}

// incoming is a file that is being read.
type incoming struct {
	io.Reader
	close []func()
}

// Close ends the reading.
func (i *incoming) Close() {
	for _, f := range slices.Backward(i.close) {
		f()
	}
}

// open opens a file by the endings of its name.
func open(path string, ids Identities) (*incoming, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	in := &incoming{Reader: bufio.NewReaderSize(f, 256<<10), close: []func(){func() { _ = f.Close() }}}
	name := path
	if rest, ok := strings.CutSuffix(name, sealedEnd); ok {
		name = rest
		if in.Reader, err = age.Decrypt(in.Reader, ids...); err != nil {
			in.Close()
			return nil, fmt.Errorf("%w: %w", ErrClosed, err)
		}
	}
	if strings.HasSuffix(name, packedEnd) {
		unpacked, err := zstd.NewReader(in.Reader, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
		if err != nil {
			in.Close()
			return nil, err
		}
		in.Reader, in.close = unpacked, append(in.close, unpacked.Close)
	}
	return in, nil
}

func digestOf(path string) (string, int64, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", 0, err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

func writeSynced(path string, b []byte) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// syncFolder makes new names survive a power cut. Windows has no such call.
func syncFolder(dir string) error {
	if runtime.GOOS == "windows" {
		return nil
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
