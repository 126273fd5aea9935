package db

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"io"
	"reflect"
	"strconv"
)

// readConn is a SQLite connection with the statements prepared on it: preparing
// costs as much as running a short query. It is used by one snapshot at a time
// and speaks to the driver itself: database/sql locks and converts for each row
// what nobody else touches, and a page reads fifty rows.
type readConn struct {
	conn  driver.Conn
	stmts map[string]driver.StmtQueryContext
}

func (c *readConn) begin(d *DB) (err error) {
	if c.conn == nil {
		if c.conn, err = d.writer.Driver().Open(d.readDSN); err != nil {
			return err
		}
		c.stmts = map[string]driver.StmtQueryContext{}
	}
	return c.run("BEGIN")
}

// end closes the snapshot. A connection that cannot do so is thrown away.
func (c *readConn) end() {
	if c.run("ROLLBACK") != nil {
		c.drop()
	}
}

func (c *readConn) run(command string) error {
	rows, err := c.query(command, nil)
	if err != nil {
		return err
	}
	return rows.Close()
}

func (c *readConn) query(query string, args []any) (*liteRows, error) {
	st, err := c.stmt(query)
	if err != nil {
		return nil, err
	}
	values := make([]driver.NamedValue, len(args))
	for i, a := range args {
		values[i].Ordinal = i + 1
		if values[i].Value, err = driver.DefaultParameterConverter.ConvertValue(a); err != nil {
			return nil, fmt.Errorf("argument %d: %w", i+1, err)
		}
	}
	// The driver watches a context that can end with a goroutine, which costs as
	// much as a short query; Walk looks at it between rows instead.
	rows, err := st.QueryContext(context.Background(), values)
	if err != nil {
		return nil, err
	}
	return &liteRows{rows: rows, values: make([]driver.Value, len(rows.Columns()))}, nil
}

func (c *readConn) stmt(query string) (driver.StmtQueryContext, error) {
	if st, ok := c.stmts[query]; ok {
		return st, nil
	}
	st, err := c.conn.Prepare(query)
	if err != nil {
		return nil, err
	}
	runs, ok := st.(driver.StmtQueryContext)
	if !ok {
		return nil, fmt.Errorf("db: %T runs no queries", st)
	}
	c.stmts[query] = runs
	return runs, nil
}

func (c *readConn) drop() {
	if c.conn == nil {
		return
	}
	for _, st := range c.stmts {
		_ = st.(driver.Stmt).Close()
	}
	_ = c.conn.Close()
	c.conn, c.stmts = nil, nil
}

// cursor is what Walk needs of a result; database/sql has another one.
type cursor interface {
	Next() bool
	Scan(places ...any) error
	Err() error
	Close() error
}

// liteRows is a result on a readConn.
type liteRows struct {
	rows   driver.Rows
	values []driver.Value
	err    error
}

// Next goes to the next row.
func (r *liteRows) Next() bool {
	if r.err == nil {
		r.err = r.rows.Next(r.values)
	}
	return r.err == nil
}

// Err is what ended the result before its end.
func (r *liteRows) Err() error {
	if r.err == io.EOF {
		return nil
	}
	return r.err
}

// Close lets the statement be used again.
func (r *liteRows) Close() error { return r.rows.Close() }

// Scan puts the columns of the row into places.
func (r *liteRows) Scan(places ...any) error {
	if len(places) != len(r.values) {
		return fmt.Errorf("db: %d places for %d columns", len(places), len(r.values))
	}
	for i, p := range places {
		if err := assign(p, r.values[i]); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

// assign does for the types of our columns what Scan of database/sql does. The
// driver makes new bytes for every row, so they need no copy.
func assign(place any, v driver.Value) error {
	switch p := place.(type) {
	case *string:
		if s, ok := v.(string); ok {
			*p = s
			return nil
		}
	case *int64:
		if n, ok := v.(int64); ok {
			*p = n
			return nil
		}
	case *int:
		if n, ok := v.(int64); ok {
			*p = int(n)
			return nil
		}
	case *bool:
		if n, ok := v.(int64); ok {
			*p = n != 0
			return nil
		}
	case *[]byte:
		return assignBytes(p, v)
	case *sql.RawBytes:
		return assignBytes((*[]byte)(p), v)
	case sql.Scanner:
		return p.Scan(v)
	}
	return assignKind(reflect.ValueOf(place), v)
}

func assignBytes(p *[]byte, v driver.Value) error {
	switch v := v.(type) {
	case nil:
		*p = nil
	case []byte:
		*p = v
	case string:
		*p = []byte(v)
	default:
		return fmt.Errorf("db: %T is not bytes", v)
	}
	return nil
}

// assignKind is assign for types with a name of their own, pointers that NULL
// leaves empty, and texts of numbers.
func assignKind(place reflect.Value, v driver.Value) error {
	if place.Kind() != reflect.Pointer || place.IsNil() {
		return fmt.Errorf("db: %s is no place for a column", place.Type())
	}
	to := place.Elem()
	if to.Kind() == reflect.Pointer {
		if v == nil {
			to.SetZero()
			return nil
		}
		to.Set(reflect.New(to.Type().Elem()))
		return assign(to.Interface(), v)
	}
	if to.Kind() == reflect.Interface {
		to.Set(reflect.ValueOf(&v).Elem())
		return nil
	}
	switch from := v.(type) {
	case int64:
		return assignInt(to, from)
	case float64:
		if to.CanFloat() {
			to.SetFloat(from)
			return nil
		}
	case string:
		if to.Kind() == reflect.String {
			to.SetString(from)
			return nil
		}
	case []byte:
		if to.Kind() == reflect.String {
			to.SetString(string(from))
			return nil
		}
	}
	return fmt.Errorf("db: %T does not go into %s", v, to.Type())
}

func assignInt(to reflect.Value, n int64) error {
	switch {
	case to.CanInt() && !to.OverflowInt(n):
		to.SetInt(n)
	case to.CanUint() && n >= 0 && !to.OverflowUint(uint64(n)):
		to.SetUint(uint64(n))
	case to.CanFloat():
		to.SetFloat(float64(n))
	case to.Kind() == reflect.Bool:
		to.SetBool(n != 0)
	case to.Kind() == reflect.String:
		to.SetString(strconv.FormatInt(n, 10))
	default:
		return fmt.Errorf("db: %d does not go into %s", n, to.Type())
	}
	return nil
}
