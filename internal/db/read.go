package db

import (
	"context"
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
	return d.snapshotPostgres(ctx)
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
	if err := c.begin(d); err != nil {
		c.drop()
		d.giveBack(c)
		return ctx, nil, explain(err)
	}
	t := &tx{db: d, conn: c}
	return context.WithValue(ctx, txKey{}, t), func() { c.end(); d.giveBack(c) }, nil
}

// giveBack makes a connection free for others, or closes it with the database.
func (d *DB) giveBack(c *readConn) {
	d.readers <- c
	select {
	case <-d.closing:
		d.dropIdle()
	default:
	}
}

func (d *DB) dropIdle() {
	for {
		select {
		case c := <-d.readers:
			c.drop()
		default:
			return
		}
	}
}
