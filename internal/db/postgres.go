package db

import (
	"context"
	"database/sql"
	"net"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// How long we wait for PostgreSQL before we take it for away. A line that drops
// everything in silence (a firewall, a machine that died) would otherwise hold
// every request for a minute.
const (
	dialFor    = 5 * time.Second // a new connection, until it can be used
	silenceFor = 6 * time.Second // the next byte of an answer
	probeFor   = 2 * time.Second // whether anybody is there, after a rest
	suspectFor = time.Second     // the next byte on a connection that has heard nothing since another fell silent
	placeFor   = 9 * time.Second // a connection of the pool, with all that
)

// restedFor is how long a connection may rest before it is asked, when it is
// next needed, whether it still works.
const restedFor = time.Second

// postgresReaders is how many connections read.
const postgresReaders = 16

func (d *DB) openPostgres(target string) error {
	d.Dialect = Postgres
	cfg, err := pgx.ParseConfig(target)
	if err != nil {
		return err
	}
	cfg.RuntimeParams["timezone"] = "UTC"
	cfg.RuntimeParams["application_name"] = "minamori"
	if cfg.ConnectTimeout == 0 {
		cfg.ConnectTimeout = dialFor
	}
	dial := cfg.DialFunc
	cfg.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &hearing{Conn: conn, db: d, heard: time.Now()}, nil
	}
	d.writer = stdlib.OpenDB(*cfg, stdlib.OptionShouldPing(probe), stdlib.OptionAfterConnect(letGo))
	d.writer.SetMaxOpenConns(8) // one for the batch, the others for river and migrations
	d.writer.SetMaxIdleConns(8)
	d.reader = stdlib.OpenDB(*cfg, stdlib.OptionShouldPing(probe), stdlib.OptionAfterConnect(letGo))
	d.reader.SetMaxOpenConns(postgresReaders)
	d.reader.SetMaxIdleConns(postgresReaders)
	return nil
}

// letGo asks the server to drop us when we are gone: a node whose machine died
// within a write holds the lock that all nodes share. What is not known there
// (a pooler, another engine) is done without.
func letGo(ctx context.Context, c *pgx.Conn) error {
	for _, set := range []string{
		"SET idle_in_transaction_session_timeout = '60s'",
		"SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3",
	} {
		if _, err := c.PgConn().Exec(ctx, set).ReadAll(); err != nil && c.IsClosed() {
			return err
		}
	}
	return nil
}

// probe asks a connection that has rested whether anybody is there. One that
// does not answer is closed; the pool's own question then finds it so at once.
func probe(ctx context.Context, p stdlib.ShouldPingParams) bool {
	if p.IdleDuration <= restedFor {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, probeFor)
	defer cancel()
	if p.Conn.Ping(ctx) == nil {
		return false
	}
	ended, end := context.WithCancel(ctx)
	end()
	_ = p.Conn.Close(ended) // without a farewell that nobody hears
	return true
}

// Patiently runs f without a limit on how long PostgreSQL may be silent: a node
// that migrates waits for another one, and then rewrites tables.
func (d *DB) Patiently(f func() error) error {
	d.patient.Add(1)
	defer d.patient.Add(-1)
	return f()
}

// hearing is a connection that ends when it hears nothing for too long.
type hearing struct {
	net.Conn
	db *DB

	mu    sync.Mutex
	heard time.Time // the last byte
	asked time.Time // the deadline that pgx has set
}

// SetDeadline keeps what pgx asks for: it interrupts a read in this way.
func (h *hearing) SetDeadline(t time.Time) error {
	h.mu.Lock()
	h.asked = t
	h.mu.Unlock()
	return h.Conn.SetDeadline(t)
}

// SetReadDeadline is SetDeadline for reads.
func (h *hearing) SetReadDeadline(t time.Time) error {
	h.mu.Lock()
	h.asked = t
	h.mu.Unlock()
	return h.Conn.SetReadDeadline(t)
}

// Read waits as long as the state of the connection is worth.
func (h *hearing) Read(b []byte) (int, error) {
	ours, err := h.limit()
	if err != nil {
		return 0, err
	}
	n, err := h.Conn.Read(b)
	h.mu.Lock()
	defer h.mu.Unlock()
	if n > 0 {
		h.heard = time.Now()
	}
	if network, ok := err.(net.Error); ours && ok && network.Timeout() {
		h.db.silent.Store(time.Now().UnixNano())
	}
	return n, err
}

// limit sets the deadline of a read; ours says that it is not pgx's.
func (h *hearing) limit() (ours bool, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	wait := silenceFor
	switch {
	case h.db.patient.Load() > 0:
		return false, h.Conn.SetReadDeadline(h.asked)
	case h.db.silent.Load() > h.heard.UnixNano():
		wait = suspectFor
	}
	end := time.Now().Add(wait)
	if !h.asked.IsZero() && h.asked.Before(end) {
		return false, h.Conn.SetReadDeadline(h.asked)
	}
	return true, h.Conn.SetReadDeadline(end)
}

func (d *DB) snapshotPostgres(ctx context.Context) (context.Context, func(), error) {
	conn, err := d.place(ctx)
	if err != nil {
		return ctx, nil, explain(err)
	}
	sqlTx, err := conn.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		_ = conn.Close()
		return ctx, nil, explain(err)
	}
	t := &tx{db: d, sql: sqlTx}
	return context.WithValue(ctx, txKey{}, t), func() { _ = sqlTx.Rollback(); _ = conn.Close() }, nil
}

// place takes a connection of the pool that works.
func (d *DB) place(ctx context.Context) (*sql.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, placeFor)
	defer cancel()
	return d.reader.Conn(ctx)
}

// Look is Snapshot for questions that need not agree with each other, such as
// who asks and what he may do: on PostgreSQL each statement then stands by
// itself, which spares the journeys that begin and end a transaction.
func (d *DB) Look(ctx context.Context) (_ context.Context, done func(), err error) {
	if d.Dialect == SQLite {
		return d.snapshotSQLite(ctx)
	}
	conn, err := d.place(ctx)
	if err != nil {
		return ctx, nil, explain(err)
	}
	t := &tx{db: d, bare: conn}
	return context.WithValue(ctx, txKey{}, t), func() { _ = conn.Close() }, nil
}
