package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// write is one caller's function, waiting for its turn.
type write struct {
	ctx   context.Context
	f     func(ctx context.Context) error
	err   error
	after []func()
	panic any
	done  chan struct{}
}

// Write runs f in a transaction and returns when it is on disk. f may run
// beside others in one commit, but what f does is all or nothing. An error of f
// undoes its work and is returned as it is. Inside another Write, f joins it.
func (d *DB) Write(ctx context.Context, f func(ctx context.Context) error) error {
	if t, err := fromContext(ctx); err == nil {
		if !t.writable {
			return ErrReadOnly
		}
		return f(ctx)
	}
	w := &write{ctx: ctx, f: f, done: make(chan struct{})}
	select {
	case d.queue <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-d.closing:
		return explain(ErrClosed)
	}
	select {
	case <-w.done:
	case <-d.stopped:
		select {
		case <-w.done:
		default:
			return explain(ErrClosed) // queued after the last batch
		}
	}
	if w.panic != nil {
		panic(w.panic)
	}
	if w.err == nil {
		for _, f := range w.after {
			f()
		}
	}
	return w.err
}

func (d *DB) writeLoop() {
	defer close(d.stopped)
	for {
		select {
		case w := <-d.queue:
			d.commit(d.gather(w))
		case <-d.closing:
			d.finish()
			return
		}
	}
}

// finish writes what was queued before the database was closed.
func (d *DB) finish() {
	for {
		select {
		case w := <-d.queue:
			d.commit(d.gather(w))
		default:
			return
		}
	}
}

func (d *DB) gather(first *write) []*write {
	batch := []*write{first}
	for len(batch) < maxBatch {
		select {
		case w := <-d.queue:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

// commit runs a batch in one transaction. When the commit fails, nobody in the
// batch is told that it worked.
func (d *DB) commit(batch []*write) {
	defer func() {
		for _, w := range batch {
			close(w.done)
		}
	}()
	sqlTx, err := d.begin()
	if err != nil {
		fail(batch, explain(err))
		return
	}
	for _, w := range batch {
		if err := d.step(sqlTx, w, len(batch) > 1); err != nil {
			_ = sqlTx.Rollback()
			fail(batch, explain(err))
			return
		}
	}
	if len(batch) == 1 && batch[0].err != nil {
		_ = sqlTx.Rollback()
		return
	}
	if err := sqlTx.Commit(); err != nil {
		_ = sqlTx.Rollback()
		fail(batch, explain(err))
	}
}

func fail(batch []*write, err error) {
	for _, w := range batch {
		if w.err == nil {
			w.err = err
		}
	}
}

// begin opens the batch's transaction. On PostgreSQL it first takes a lock that
// all nodes share: the journal's place counter makes commits wait for each other
// anyway, and taken first it cannot deadlock with the heads of two companies.
func (d *DB) begin() (*sql.Tx, error) {
	ctx := context.Background()
	if err := d.prep.catchUp(ctx, d); err != nil {
		return nil, err
	}
	sqlTx, err := d.writer.BeginTx(ctx, nil)
	if err != nil || d.Dialect == SQLite {
		return sqlTx, err
	}
	if _, err := sqlTx.ExecContext(ctx, "SELECT pg_advisory_xact_lock(6019131)"); err != nil {
		_ = sqlTx.Rollback()
		return nil, err
	}
	return sqlTx, nil
}

// step runs one write. The error it returns concerns the whole batch; the
// write's own error stays with the write.
func (d *DB) step(sqlTx *sql.Tx, w *write, shared bool) error {
	if w.err = w.ctx.Err(); w.err != nil {
		return nil
	}
	ctx := context.WithoutCancel(w.ctx)
	if !shared {
		w.call(d, sqlTx, ctx)
		return nil
	}
	if _, err := sqlTx.ExecContext(ctx, "SAVEPOINT w"); err != nil {
		return err
	}
	w.call(d, sqlTx, ctx)
	if w.err != nil {
		if _, err := sqlTx.ExecContext(ctx, "ROLLBACK TO SAVEPOINT w"); err != nil {
			return errors.Join(err, w.err)
		}
	}
	_, err := sqlTx.ExecContext(ctx, "RELEASE SAVEPOINT w")
	return err
}

func (w *write) call(d *DB, sqlTx *sql.Tx, ctx context.Context) {
	t := &tx{db: d, sql: sqlTx, writable: true}
	defer func() {
		if p := recover(); p != nil {
			w.panic, w.err = p, fmt.Errorf("db: write panicked: %v", p)
		}
	}()
	w.err = explain(w.f(context.WithValue(ctx, txKey{}, t)))
	w.after = t.after
}

// prepared holds the writer's statements on SQLite. A statement seen for the
// first time runs unprepared and is prepared before the next batch, since the
// only connection is busy until then. (pgx prepares by itself.)
type prepared struct {
	mu    sync.Mutex
	stmts map[string]*sql.Stmt
	seen  map[string]bool
}

func (p *prepared) get(query string) *sql.Stmt {
	p.mu.Lock()
	defer p.mu.Unlock()
	if st, ok := p.stmts[query]; ok {
		return st
	}
	if p.seen == nil {
		p.seen = map[string]bool{}
	}
	p.seen[query] = true
	return nil
}

func (p *prepared) catchUp(ctx context.Context, d *DB) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if d.Dialect != SQLite {
		p.seen = nil
		return nil
	}
	for query := range p.seen {
		st, err := d.writer.PrepareContext(ctx, query)
		if err != nil {
			delete(p.seen, query) // it fails again, with its own error, where it is used
			continue
		}
		if p.stmts == nil {
			p.stmts = map[string]*sql.Stmt{}
		}
		p.stmts[query] = st
		delete(p.seen, query)
	}
	return nil
}
