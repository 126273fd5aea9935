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
	ctx    context.Context
	f      func(ctx context.Context) error
	err    error
	after  []func()
	beside [][]byte
	panic  any
	done   chan struct{}
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
	b, err := d.begin(len(batch) > 1)
	if err != nil {
		fail(batch, explain(err))
		return
	}
	defer b.close()
	for i, w := range batch {
		if err := b.step(w, i == len(batch)-1); err != nil {
			_ = b.sql.Rollback()
			fail(batch, explain(err))
			return
		}
	}
	if len(batch) == 1 && batch[0].err != nil {
		_ = b.sql.Rollback()
		return
	}
	if err := d.keepBeside(batch); err != nil {
		_ = b.sql.Rollback()
		fail(batch, err)
		return
	}
	if err := b.sql.Commit(); err != nil {
		_ = b.sql.Rollback()
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

// together is the transaction of a batch. When several writes share it, each
// stands behind the savepoint w.
type together struct {
	db     *DB
	sql    *sql.Tx
	pipe   *pipe // PostgreSQL only
	shared bool
}

// begin opens the batch's transaction. On PostgreSQL it first takes a lock that
// all nodes share: the journal's place counter makes commits wait for each other
// anyway, and taken first it cannot deadlock with the heads of two companies.
func (d *DB) begin(shared bool) (b *together, err error) {
	ctx := context.Background()
	b = &together{db: d, shared: shared}
	if d.Dialect == Postgres {
		return b, b.beginPostgres(ctx)
	}
	if err := d.prep.catchUp(ctx, d); err != nil {
		return nil, err
	}
	if b.sql, err = d.writer.BeginTx(ctx, nil); err != nil || !shared {
		return b, err
	}
	if _, err := b.sql.ExecContext(ctx, "SAVEPOINT w"); err != nil {
		_ = b.sql.Rollback()
		return nil, err
	}
	return b, nil
}

func (b *together) beginPostgres(ctx context.Context) error {
	conn, err := b.db.writer.Conn(ctx)
	if err != nil {
		return err
	}
	b.pipe = &pipe{conn: conn}
	if b.sql, err = conn.BeginTx(ctx, nil); err != nil {
		b.close()
		return err
	}
	b.pipe.direct("SELECT pg_advisory_xact_lock(6019131)")
	if b.shared {
		b.pipe.direct("SAVEPOINT w")
	}
	return nil
}

func (b *together) close() {
	if b.pipe != nil {
		_ = b.pipe.conn.Close() // back to the pool
	}
}

// step runs one write. The error it returns concerns the whole batch; the
// write's own error stays with the write.
func (b *together) step(w *write, last bool) error {
	if w.err = w.ctx.Err(); w.err != nil {
		return nil
	}
	ctx := context.WithoutCancel(w.ctx)
	w.call(b, ctx)
	if w.err == nil {
		return b.keep(ctx, w, last)
	}
	return b.undo(ctx, w)
}

// keep makes the work of a write part of the batch and opens the place of the
// next one. On PostgreSQL that travels with the next one, since a check may still
// refuse what has been sent.
func (b *together) keep(ctx context.Context, w *write, last bool) error {
	if b.pipe != nil {
		if w.err = explain(b.pipe.flush(ctx)); w.err != nil {
			return b.undo(ctx, w)
		}
	}
	switch {
	case !b.shared || last:
		return nil
	case b.pipe != nil:
		b.pipe.direct("RELEASE SAVEPOINT w", "SAVEPOINT w")
		return nil
	}
	return b.run(ctx, "RELEASE SAVEPOINT w", "SAVEPOINT w")
}

func (b *together) run(ctx context.Context, queries ...string) error {
	for _, q := range queries {
		if _, err := b.sql.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// undo goes back to the savepoint, which stays for the next write.
func (b *together) undo(ctx context.Context, w *write) error {
	if b.pipe != nil && b.pipe.forget() || !b.shared {
		return nil
	}
	if err := b.run(ctx, "ROLLBACK TO SAVEPOINT w"); err != nil {
		return errors.Join(err, w.err)
	}
	return nil
}

func (w *write) call(b *together, ctx context.Context) {
	t := &tx{db: b.db, sql: b.sql, pipe: b.pipe, writable: true}
	defer func() {
		if p := recover(); p != nil {
			w.panic, w.err = p, fmt.Errorf("db: write panicked: %v", p)
		}
	}()
	w.err = explain(w.f(context.WithValue(ctx, txKey{}, t)))
	w.after, w.beside = t.after, t.beside
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
