package db

import "context"

// KeepBeside names what writes down the lines of Beside. It gets the lines of a
// whole batch, in order, and returns when they are on disk; its error fails the
// batch. Without it lines are dropped. It is called before the first Write.
func (d *DB) KeepBeside(write func(lines [][]byte) error) { d.beside.Store(&write) }

// Beside notes a line in the book beside the database (KeepBeside), when the
// transaction of the context is kept; a line of an undone write is dropped. The
// book is on disk before the commit. When the commit then fails, the book holds a
// line too many; the other order could lose one that was acknowledged.
func Beside(ctx context.Context, line []byte) error {
	t, err := fromContext(ctx)
	if err != nil {
		return err
	}
	if !t.writable {
		return ErrReadOnly
	}
	t.beside = append(t.beside, line)
	return nil
}

func (d *DB) keepBeside(batch []*write) error {
	book := d.beside.Load()
	if book == nil {
		return nil
	}
	var lines [][]byte
	for _, w := range batch {
		if w.err == nil {
			lines = append(lines, w.beside...)
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return explain((*book)(lines))
}
