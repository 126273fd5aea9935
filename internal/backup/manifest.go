package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"time"
)

// Format is the number of the layout that this program writes and reads.
const Format = 1

const manifestFile = "manifest.json"

// Names of the parts.
const (
	rowsPart  = "rows.jsonl"      // every table
	headsPart = "heads.json"      // the journal's head of each organisation
	keyPart   = "key"             // the installation key
	filesPart = "files.txt"       // digest, size and name of each file on the shelf
	tempMark  = ".unfinished-"    // begins the name of a backup that is being made
	shelfName = "blobs"           // holds the files of all backups in the folder
	stamp     = "20060102T150405" // begins the name of a backup
)

// Errors of a backup that cannot be used.
var (
	ErrNone    = errors.New("backup: there is no whole backup here")
	ErrDamaged = errors.New("backup: damaged")
	ErrNewer   = errors.New("backup: made by a newer program")
	ErrClosed  = errors.New("backup: no identity opens it")
)

// Manifest says what a backup holds. It is not sealed: it holds no names, no ids
// and no secret.
type Manifest struct {
	Format   int              `json:"format"`
	ID       string           `json:"id"` // the name of its folder
	Program  string           `json:"program"`
	Taken    time.Time        `json:"taken"` // the moment of the snapshot
	Database string           `json:"database"`
	Shelf    string           `json:"shelf"` // "plain", or what the recipients are called
	Schemas  map[string]int64 `json:"schemas"`
	Tables   []Count          `json:"tables"`
	Parts    []Part           `json:"parts"`
	Files    Files            `json:"files"`
	Jobs     int              `json:"jobs"` // unfinished ones, which are not in it
	Heads    int              `json:"heads"`
}

// Count is how many rows of a table there are.
type Count struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// Part is a file of the backup.
type Part struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`   // bytes, as it lies there
	SHA256 string `json:"sha256"` // of the bytes as they lie there
}

// Files is about the uploaded files.
type Files struct {
	Count  int   `json:"count"`
	Bytes  int64 `json:"bytes"`  // as they lie on the shelf
	Copied int   `json:"copied"` // the others lay there already
	Gone   int   `json:"gone"`   // deleted while the backup was made
}

// Sealed says whether an identity is needed to read it.
func (m Manifest) Sealed() bool { return m.Shelf != plainShelf }

// Rows is how many rows all tables have together.
func (m Manifest) Rows() (n int64) {
	for _, t := range m.Tables {
		n += t.Rows
	}
	return n
}

// Size is what it takes on disk, in bytes, with the files that it shares.
func (m Manifest) Size() int64 {
	n := m.Files.Bytes
	for _, p := range m.Parts {
		n += p.Size
	}
	return n
}

func (m Manifest) part(name string) (Part, bool) {
	for _, p := range m.Parts {
		if strings.TrimSuffix(p.Name, sealedEnd) == name || strings.TrimSuffix(strings.TrimSuffix(p.Name, sealedEnd), packedEnd) == name {
			return p, true
		}
	}
	return Part{}, false
}

func (m Manifest) write(dir string) error {
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return writeSynced(filepath.Join(dir, manifestFile), append(b, '\n'))
}

// Read reads the manifest of a backup: of the folder of one, or of the newest in
// a folder of several. It returns where the backup lies.
func Read(path string) (dir string, m Manifest, err error) {
	dir = path
	if _, err := os.Stat(filepath.Join(path, manifestFile)); errors.Is(err, fs.ErrNotExist) {
		all, err := List(path)
		if err != nil || len(all) == 0 {
			return "", m, errors.Join(fmt.Errorf("%w: %s", ErrNone, path), err)
		}
		dir = filepath.Join(path, all[len(all)-1])
	}
	b, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if err != nil {
		return "", m, err
	}
	if err := json.Unmarshal(b, &m); err != nil {
		return "", m, fmt.Errorf("%w: manifest: %w", ErrDamaged, err)
	}
	if m.Format > Format {
		return "", m, fmt.Errorf("%w: format %d, and this program knows %d", ErrNewer, m.Format, Format)
	}
	return dir, m, nil
}

// List names the whole backups in a folder, the oldest first.
func List(folder string) ([]string, error) {
	entries, err := os.ReadDir(folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	var names []string
	for _, e := range entries {
		if _, err := os.Stat(filepath.Join(folder, e.Name(), manifestFile)); err == nil && !strings.HasPrefix(e.Name(), tempMark) {
			names = append(names, e.Name())
		}
	}
	sort.Strings(names)
	return names, err
}
