package ledger

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
)

// maxFile is the size in bytes past which a file is followed by the next.
const maxFile = 16 << 20

// markFile says that a folder is a ledger, so that a mistyped one is not taken
// for a ledger in which nothing was revoked.
const markFile = "LEDGER.txt"

const markText = "Minamori's book of revocations. Restore reads it; do not edit or delete. Keep a copy apart from the database.\n"

// Book is the ledger of this process.
type Book struct {
	dir  string
	now  func() time.Time
	mu   sync.Mutex
	file *os.File
	name string // of the month
	size int
	sum  []byte
}

// Open opens the ledger in a folder, which is made for this user alone. No file
// is made before there is a line.
func Open(dir string, now func() time.Time) (*Book, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	mark := filepath.Join(dir, markFile)
	if _, err := os.Stat(mark); err == nil {
		return &Book{dir: dir, now: now}, nil
	}
	return &Book{dir: dir, now: now}, os.WriteFile(mark, []byte(markText), 0o600)
}

// Append writes lines, each a JSON object, and returns when they are on disk.
// After an error the file is left behind as it is, and the next lines begin
// another: what stands half in it is passed over at reading.
func (b *Book) Append(lines [][]byte) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err := b.turn(); err != nil {
		return fmt.Errorf("ledger: %w", err)
	}
	var out []byte
	sum := b.sum
	for _, line := range lines {
		if len(line) < 2 || line[0] != '{' || bytes.ContainsRune(line, '\n') {
			return fmt.Errorf("ledger: a line is no JSON object: %.40q", line)
		}
		sum = next(sum, line)
		out = fmt.Appendf(out, "%s%s%s%s\n", line[:len(line)-1], sumMark, hex.EncodeToString(sum), sumEnd)
	}
	_, err := b.file.Write(out)
	if err == nil {
		err = b.file.Sync()
	}
	if err != nil {
		b.leave()
		return fmt.Errorf("ledger: %w", err)
	}
	b.sum, b.size = sum, b.size+len(out)
	return nil
}

// turn opens the file of the month, or the next one when it is full.
func (b *Book) turn() error {
	month := b.now().UTC().Format("2006-01")
	if b.file != nil && b.name == month && b.size < maxFile {
		return nil
	}
	b.leave()
	f, err := os.OpenFile(filepath.Join(b.dir, month+"-"+rand.Text()+fileEnd), os.O_CREATE|os.O_EXCL|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	b.file, b.name, b.size, b.sum = f, month, 0, nil
	if err := syncFolder(b.dir); err != nil {
		b.leave()
		return err
	}
	return nil
}

func (b *Book) leave() {
	if b.file != nil {
		_ = b.file.Close()
		b.file = nil
	}
}

// Close ends the use of the book.
func (b *Book) Close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.leave()
}

// syncFolder makes a new name survive a power cut. Windows has no such call.
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

const (
	fileEnd = ".jsonl"
	sumMark = `,"sum":"`
	sumEnd  = `"}`
	sumSize = 16 // bytes; against mistakes of a disk, not against its keeper
)

func next(sum, line []byte) []byte {
	h := sha256.New()
	h.Write([]byte("minamori ledger 1\n"))
	h.Write(sum)
	h.Write(line)
	return h.Sum(nil)[:sumSize]
}

// split takes the sum off a line; ok is false where there is none.
func split(line []byte) (plain, sum []byte, ok bool) {
	at := len(line) - len(sumMark) - 2*sumSize - len(sumEnd)
	if at < 1 || !bytes.HasSuffix(line, []byte(sumEnd)) || !bytes.HasPrefix(line[at:], []byte(sumMark)) {
		return nil, nil, false
	}
	sum, err := hex.DecodeString(string(line[at+len(sumMark) : len(line)-len(sumEnd)]))
	plain = append(bytes.Clone(line[:at]), '}')
	return plain, sum, err == nil && json.Valid(plain)
}
