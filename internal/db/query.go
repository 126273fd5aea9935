package db

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"
)

// ErrNone is what One returns when there is no row.
var ErrNone = sql.ErrNoRows

// Exec runs a statement in the transaction of the context and returns how many
// rows it changed.
func Exec(ctx context.Context, query string, args ...any) (int64, error) {
	t, err := fromContext(ctx)
	if err != nil {
		return 0, err
	}
	if !t.writable {
		return 0, ErrReadOnly
	}
	count(ctx)
	res, err := t.exec(ctx, t.db.bind(query), convert(args))
	if err != nil {
		return 0, wrap(err, query)
	}
	return res.RowsAffected()
}

// Rows runs a query and scans each row into a T; fields returns where its
// columns go.
func Rows[T any](ctx context.Context, fields func(*T) []any, query string, args ...any) ([]T, error) {
	var out []T
	err := Each(ctx, fields, func(v T) error {
		out = append(out, v)
		return nil
	}, query, args...)
	return out, err
}

// Each is Rows for results that are too many to hold: take is called per row,
// and its error ends the query.
func Each[T any](ctx context.Context, fields func(*T) []any, take func(T) error, query string, args ...any) error {
	var v T
	return Walk(ctx, fields(&v), func() error { return take(v) }, query, args...)
}

// Walk is Each for millions of rows: every row is scanned into the same places,
// which may be sql.RawBytes, before take is called.
func Walk(ctx context.Context, places []any, take func() error, query string, args ...any) error {
	t, err := fromContext(ctx)
	if err != nil {
		return err
	}
	count(ctx)
	rows, err := t.query(ctx, t.db.bind(query), convert(args))
	if err != nil {
		return wrap(err, query)
	}
	defer rows.Close()
	for rows.Next() {
		err := ctx.Err() // the query itself does not end with the context
		if err == nil {
			err = rows.Scan(places...)
		}
		if err != nil {
			return wrap(err, query)
		}
		if err := take(); err != nil {
			return err
		}
	}
	return wrap(rows.Err(), query)
}

// One is Rows for exactly one row; it returns ErrNone when there is none.
func One[T any](ctx context.Context, fields func(*T) []any, query string, args ...any) (T, error) {
	rows, err := Rows(ctx, fields, query, args...)
	if err == nil && len(rows) == 0 {
		err = ErrNone
	}
	if err != nil {
		var none T
		return none, err
	}
	return rows[0], nil
}

// Value is One for a single column.
func Value[T any](ctx context.Context, query string, args ...any) (T, error) {
	return One(ctx, func(v *T) []any { return []any{v} }, query, args...)
}

func (t *tx) exec(ctx context.Context, query string, args []any) (sql.Result, error) {
	if err := t.pipe.flush(ctx); err != nil {
		return nil, err
	}
	if t.pipe == nil { // pgx prepares by itself
		if st := t.db.prep.get(query); st != nil {
			return t.sql.StmtContext(ctx, st).ExecContext(ctx, args...)
		}
	}
	return t.sql.ExecContext(ctx, query, args...)
}

func (t *tx) query(ctx context.Context, query string, args []any) (cursor, error) {
	if t.conn != nil {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		rows, err := t.conn.query(query, args)
		if err != nil {
			return nil, err // and no cursor that looks like one
		}
		return rows, nil
	}
	if t.bare != nil {
		return t.bare.QueryContext(ctx, query, args...)
	}
	if err := t.pipe.flush(ctx); err != nil {
		return nil, err
	}
	if t.writable && t.pipe == nil {
		if st := t.db.prep.get(query); st != nil {
			return t.sql.StmtContext(ctx, st).QueryContext(ctx, args...)
		}
	}
	return t.sql.QueryContext(ctx, query, args...)
}

func wrap(err error, query string) error {
	if err == nil || errors.Is(err, sql.ErrNoRows) || errors.Is(err, context.Canceled) {
		return err
	}
	if len(query) > 120 {
		query = query[:120] + "…"
	}
	return fmt.Errorf("%w (in %s)", explain(err), query) // a look stands outside every transaction that would explain it
}

// layout is fixed width, so that text order is time order.
const layout = "2006-01-02T15:04:05.000000Z"

// Text writes a time as it is stored.
func Text(t time.Time) string { return t.UTC().Format(layout) }

func convert(args []any) []any {
	for i, a := range args {
		if t, ok := a.(time.Time); ok {
			if t.IsZero() {
				args[i] = nil
			} else {
				args[i] = Text(t)
			}
		}
	}
	return args
}

// At scans a stored time; NULL becomes the zero time.
func At(t *time.Time) sql.Scanner { return (*at)(t) }

type at time.Time

func (a *at) Scan(src any) error {
	if src == nil {
		*a = at{}
		return nil
	}
	var s string
	switch v := src.(type) {
	case string:
		s = v
	case []byte:
		s = string(v)
	case time.Time:
		*a = at(v.UTC())
		return nil
	default:
		return fmt.Errorf("db: %T is not a stored time", src)
	}
	t, err := parse(s)
	if err != nil {
		return err
	}
	*a = at(t)
	return nil
}

// parse reads what Text writes. A page scans dozens of times; by its places the
// fixed layout is read in a tenth of the time that time.Parse takes, which
// remains the judge of everything unusual.
func parse(s string) (time.Time, error) {
	if len(s) != len(layout) || s[4] != '-' || s[7] != '-' || s[10] != 'T' || s[13] != ':' || s[16] != ':' || s[19] != '.' || s[26] != 'Z' {
		return time.Parse(layout, s)
	}
	year, month, day := digits(s[0:4]), digits(s[5:7]), digits(s[8:10])
	hour, minute, second, micro := digits(s[11:13]), digits(s[14:16]), digits(s[17:19]), digits(s[20:26])
	if min(year, hour, minute, second, micro) < 0 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return time.Parse(layout, s) // the end of a month among them
	}
	return time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC), nil
}

// digits reads a number, or returns -1.
func digits(s string) int {
	n := 0
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
		n = 10*n + int(s[i]-'0')
	}
	return n
}

// Maybe scans a column that may be NULL, which becomes the zero value.
func Maybe[T any](v *T) sql.Scanner { return &maybe[T]{v} }

type maybe[T any] struct{ v *T }

func (m *maybe[T]) Scan(src any) error {
	var n sql.Null[T]
	if err := n.Scan(src); err != nil {
		return err
	}
	*m.v = n.V
	return nil
}

// NewID makes an id that nobody can guess: 128 bits of randomness, in lower-case
// letters and digits.
func NewID() string { return strings.ToLower(rand.Text()) }
