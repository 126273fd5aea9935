package db

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Later is Exec for a statement whose result the caller does not need now: on
// PostgreSQL it travels with those before and after it, because one answer would
// otherwise cross the network ten times while everybody waits. Its error is that
// of a later statement or of the Write. check gets how many rows it changed; it
// may be nil.
func Later(ctx context.Context, check func(rows int64) error, query string, args ...any) error {
	t, err := fromContext(ctx)
	if err != nil {
		return err
	}
	if t.pipe == nil || !t.writable {
		n, err := Exec(ctx, query, args...)
		if err == nil && check != nil {
			err = check(n)
		}
		return err
	}
	count(ctx)
	t.pipe.add(t.db.bind(query), check, convert(args)...)
	return nil
}

// pipe is the connection of a batch on PostgreSQL, with the statements that
// wait to be sent together.
type pipe struct {
	conn    *sql.Conn
	waiting []waiting
	control int // how many of the first of them belong to the batch, not to a write
}

type waiting struct {
	query string
	args  []any
	check func(rows int64) error
}

func (p *pipe) add(query string, check func(rows int64) error, args ...any) {
	p.waiting = append(p.waiting, waiting{query, args, check})
}

// direct adds statements of the batch itself.
func (p *pipe) direct(queries ...string) {
	for _, q := range queries {
		p.add(q, nil)
	}
	p.control = len(p.waiting)
}

// flush sends what waits, in order, and reads the answers. The first error ends
// it; PostgreSQL passes over the rest.
func (p *pipe) flush(ctx context.Context) error {
	if p == nil || len(p.waiting) == 0 {
		return nil
	}
	waits := p.waiting
	p.waiting, p.control = nil, 0
	return p.conn.Raw(func(driver any) error {
		c, ok := driver.(*stdlib.Conn)
		if !ok {
			return fmt.Errorf("db: %T is not a connection of pgx", driver)
		}
		return send(ctx, c.Conn(), waits)
	})
}

func send(ctx context.Context, c *pgx.Conn, waits []waiting) (err error) {
	var batch pgx.Batch
	for _, w := range waits {
		batch.Queue(w.query, w.args...)
	}
	results := c.SendBatch(ctx, &batch)
	defer func() {
		if e := results.Close(); err == nil {
			err = e
		}
	}()
	for _, w := range waits {
		tag, err := results.Exec()
		if err != nil {
			return wrap(err, w.query)
		}
		if w.check == nil {
			continue
		}
		if err := w.check(tag.RowsAffected()); err != nil {
			return err
		}
	}
	return nil
}

// forget drops what a failed write left waiting; it says whether that is all
// there is to undo.
func (p *pipe) forget() (all bool) {
	all = p.control > 0
	p.waiting = p.waiting[:p.control]
	return all
}
