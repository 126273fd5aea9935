package backup

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// stored is a file on the shelf.
type stored struct {
	digest string
	size   int64
}

// shelf holds the uploaded files of all backups for the same recipients.
type shelf struct {
	dir   string // of the shelf
	from  string // the installation's files
	to    Recipients
	known map[string]stored // by the path within the installation's files
	fresh map[string]bool   // copied now
	gone  map[string]bool
}

func (s *shelf) path(name string) string {
	return filepath.Join(s.dir, filepath.FromSlash(name)+s.to.end())
}

// openShelf finds what earlier backups copied. A file that none of them names was
// left by one that was broken off, and is copied again.
func openShelf(folder, from string, to Recipients) (*shelf, error) {
	s := &shelf{
		dir: filepath.Join(folder, shelfName, to.shelf), from: from, to: to,
		known: map[string]stored{}, fresh: map[string]bool{}, gone: map[string]bool{},
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	earlier, err := List(folder)
	if err != nil {
		return nil, err
	}
	for _, id := range earlier {
		dir, m, err := Read(filepath.Join(folder, id))
		if err != nil || m.Shelf != to.shelf {
			continue // whatever it is, nothing is taken from it
		}
		if list, err := readFiles(filepath.Join(dir, filesPart)); err == nil {
			for name, f := range list {
				s.known[name] = f
			}
		}
	}
	return s, nil
}

// copyAll copies those of the files that are not there yet.
func (s *shelf) copyAll(ctx context.Context, names []string, tick func(done, total int64)) error {
	for i, name := range names {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := s.copy(name); err != nil {
			return err
		}
		tick(int64(i+1), int64(len(names)))
	}
	return nil
}

func (s *shelf) copy(name string) error {
	if s.fresh[name] {
		return nil
	}
	if f, ok := s.known[name]; ok {
		if info, err := os.Stat(s.path(name)); err == nil && info.Size() == f.size {
			return nil
		}
	}
	in, err := os.Open(filepath.Join(s.from, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		s.gone[name] = true // deleted since its row was read
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	if err := os.MkdirAll(filepath.Dir(s.path(name)), 0o700); err != nil {
		return err
	}
	part, err := s.receive(in, s.path(name))
	if err != nil {
		return err
	}
	s.known[name] = stored{part.SHA256, part.Size}
	s.fresh[name] = true
	return nil
}

// receive writes a file beside its place and gives it its name when it is whole.
func (s *shelf) receive(in io.Reader, path string) (Part, error) {
	temp := filepath.Join(s.dir, tempMark+filepath.Base(path))
	_ = os.Remove(temp)
	out, err := create(temp, s.to, false)
	if err != nil {
		return Part{}, err
	}
	if _, err := io.Copy(out, in); err != nil {
		out.drop()
		return Part{}, err
	}
	part, err := out.finish()
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		out.drop()
		return Part{}, err
	}
	return part, syncFolder(filepath.Dir(path))
}

// list writes the files of a backup and counts them.
func (s *shelf) list(path string, names []string) (Part, Files, error) {
	var count Files
	out, err := create(path, Recipients{}, false)
	if err != nil {
		return Part{}, count, err
	}
	for _, name := range names {
		f, ok := s.known[name]
		if !ok {
			count.Gone++
			continue
		}
		count.Count++
		count.Bytes += f.size
		if s.fresh[name] {
			count.Copied++
		}
		if _, err := fmt.Fprintf(out, "%s %d %s\n", f.digest, f.size, name); err != nil {
			out.drop()
			return Part{}, count, err
		}
	}
	part, err := out.finish()
	return part, count, err
}

// forget removes what was copied now and is in no backup: it was deleted before
// the snapshot, or the backup was broken off.
func (s *shelf) forget(but []string) {
	for name := range s.fresh {
		if _, ok := slices.BinarySearch(but, name); !ok {
			_ = os.Remove(s.path(name))
		}
	}
}

// readFiles reads the list of files of a backup, by name.
func readFiles(path string) (map[string]stored, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	all := map[string]stored{}
	in := bufio.NewScanner(f)
	for in.Scan() {
		var one stored
		var name string
		if n, err := fmt.Sscanf(in.Text(), "%64s %d %s", &one.digest, &one.size, &name); n != 3 || err != nil || !safeName(name) {
			return nil, fmt.Errorf("%w: list of files", ErrDamaged)
		}
		all[name] = one
	}
	return all, in.Err()
}

// safeName refuses a name that leads out of the folder of files.
func safeName(name string) bool {
	return filepath.IsLocal(filepath.FromSlash(name)) && !strings.ContainsAny(name, "\\ ") && !strings.HasPrefix(name, ".")
}
