package db

import (
	"context"
	"database/sql"
)

// Read runs f on one consistent snapshot. Inside another transaction f joins it.
func (d *DB) Read(ctx context.Context, f func(ctx context.Context) error) error {
	if InTransaction(ctx) {
		return f(ctx)
	}
	ctx, done, err := d.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer done()
	return explain(f(ctx))
}

// Snapshot opens a read-only snapshot for as long as the caller needs it (a
// request); done gives it back and must be called.
func (d *DB) Snapshot(ctx context.Context) (_ context.Context, done func(), err error) {
	if d.Dialect == SQLite {
		return d.snapshotSQLite(ctx)
	}
	sqlTx, err := d.reader.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return ctx, nil, explain(err)
	}
	t := &tx{db: d, sql: sqlTx}
	return context.WithValue(ctx, txKey{}, t), func() { _ = sqlTx.Rollback() }, nil
}

// readConn is a SQLite connection with the statements prepared on it:
// preparing costs as much as running a short query.
type readConn struct {
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
}

func (d *DB) snapshotSQLite(ctx context.Context) (context.Context, func(), error) {
	select {
	case <-d.closing:
		return ctx, nil, explain(ErrClosed)
	default:
	}
	var c *readConn
	select {
	case c = <-d.readers:
	case <-ctx.Done():
		return ctx, nil, ctx.Err()
	case <-d.closing:
		return ctx, nil, explain(ErrClosed)
	}
	if err := c.begin(ctx, d.reader); err != nil {
		c.drop()
		d.readers <- c
		return ctx, nil, explain(err)
	}
	t := &tx{db: d, conn: c}
	return context.WithValue(ctx, txKey{}, t), func() { c.end(); d.readers <- c }, nil
}

func (c *readConn) begin(ctx context.Context, pool *sql.DB) (err error) {
	if c.conn == nil {
		if c.conn, err = pool.Conn(context.WithoutCancel(ctx)); err != nil {
			return err
		}
		c.stmts = map[string]*sql.Stmt{}
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
	st, err := c.stmt(command)
	if err != nil {
		return err
	}
	_, err = st.ExecContext(context.Background())
	return err
}

func (c *readConn) stmt(query string) (*sql.Stmt, error) {
	if st, ok := c.stmts[query]; ok {
		return st, nil
	}
	st, err := c.conn.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, err
	}
	c.stmts[query] = st
	return st, nil
}

func (c *readConn) drop() {
	if c.conn == nil {
		return
	}
	for _, st := range c.stmts {
		_ = st.Close()
	}
	_ = c.conn.Close()
	c.conn, c.stmts = nil, nil
}
