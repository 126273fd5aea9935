package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// loadBatch is how many rows go into one commit on SQLite.
const loadBatch = 50_000

// Loader fills the tables of a new database with the rows of another. Nobody else
// writes meanwhile. It is not all or nothing: a database that was not loaded to
// its end is thrown away.
type Loader struct {
	d    *DB
	conn *sql.Conn
}

// NewLoader begins to load; Close ends it.
func (d *DB) NewLoader(ctx context.Context) (*Loader, error) {
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return nil, explain(err)
	}
	d.patient.Add(1) // PostgreSQL is silent while it takes a large table in
	l := &Loader{d: d, conn: conn}
	if d.Dialect == SQLite {
		_, err = conn.ExecContext(ctx, "PRAGMA foreign_keys = OFF") // looked at once, by Close
	}
	return l, explain(err)
}

// Table replaces all rows of a table by those that next gives until io.EOF, each
// with a value per column: nil, string, []byte, bool, int64 or float64. The slice
// may be used again. It returns how many there were.
func (l *Loader) Table(ctx context.Context, t Table, next func() ([]any, error)) (n int64, err error) {
	if _, err := l.conn.ExecContext(ctx, "DELETE FROM "+quoted(t.Name)); err != nil {
		return 0, wrap(explain(err), t.Name)
	}
	if l.d.Dialect == SQLite {
		n, err = l.insert(ctx, t, next)
	} else {
		n, err = l.copy(ctx, t, next)
	}
	if err != nil {
		err = fmt.Errorf("table %s: %w", t.Name, explain(err))
	}
	return n, err
}

func (l *Loader) insert(ctx context.Context, t Table, next func() ([]any, error)) (n int64, err error) {
	query := "INSERT INTO " + quoted(t.Name) + " (" + t.list() + ") VALUES (?" + strings.Repeat(", ?", len(t.Columns)-1) + ")"
	for {
		var more bool
		var added int64
		added, more, err = l.insertSome(ctx, query, next)
		n += added
		if err != nil || !more {
			return n, err
		}
	}
}

func (l *Loader) insertSome(ctx context.Context, query string, next func() ([]any, error)) (n int64, more bool, err error) {
	work, err := l.conn.BeginTx(ctx, nil)
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = work.Rollback() }()
	st, err := work.PrepareContext(ctx, query)
	if err != nil {
		return 0, false, err
	}
	for ; n < loadBatch; n++ {
		row, err := next()
		if err == io.EOF {
			return n, false, work.Commit()
		}
		if err == nil {
			_, err = st.ExecContext(ctx, row...)
		}
		if err != nil {
			return n, false, err
		}
	}
	return n, true, work.Commit()
}

func (l *Loader) copy(ctx context.Context, t Table, next func() ([]any, error)) (n int64, err error) {
	columns := make([]string, len(t.Columns))
	for i, c := range t.Columns {
		columns[i] = c.Name
	}
	err = l.conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("db: %T is not a connection of pgx", driver)
		}
		n, err = c.Conn().CopyFrom(ctx, pgx.Identifier{t.Name}, columns, pgx.CopyFromFunc(func() ([]any, error) {
			row, err := next()
			if err == io.EOF {
				return nil, nil
			}
			return row, err
		}))
		return err
	})
	return n, err
}

// Close gives the connection back. On SQLite it first looks whether every row
// that another refers to is there; PostgreSQL has looked by itself.
func (l *Loader) Close(ctx context.Context) error {
	defer l.d.patient.Add(-1)
	if l.d.Dialect == SQLite {
		if err := l.check(ctx); err != nil {
			return errors.Join(err, l.conn.Close())
		}
	}
	return explain(l.conn.Close())
}

func (l *Loader) check(ctx context.Context) error {
	var table, parent string
	var row, key sql.NullInt64
	err := l.conn.QueryRowContext(ctx, "PRAGMA foreign_key_check").Scan(&table, &row, &parent, &key)
	switch {
	case err == nil:
		return fmt.Errorf("db: a row of %s refers to one of %s that is not there", table, parent)
	case !errors.Is(err, sql.ErrNoRows):
		return explain(err)
	}
	_, err = l.conn.ExecContext(ctx, "PRAGMA foreign_keys = ON")
	return explain(err)
}
