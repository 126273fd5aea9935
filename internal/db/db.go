package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	_ "modernc.org/sqlite" // registers the driver "sqlite"
)

// Dialect says which database stands behind a DB.
type Dialect string

// The two databases.
const (
	SQLite   Dialect = "sqlite"
	Postgres Dialect = "postgres"
)

// maxBatch is how many writes may share one commit. Above about this number the
// commit is no longer what a write waits for.
const maxBatch = 64

// ErrReadOnly is returned by Exec inside Read.
var ErrReadOnly = errors.New("db: write inside a read-only transaction")

// ErrNoTransaction is returned when the context carries no transaction: the
// caller used the pool inside Write, or forgot Read.
var ErrNoTransaction = errors.New("db: no transaction in the context")

// ErrClosed is returned by Write and Read after Close.
var ErrClosed = errors.New("db: closed")

// DB is an open database.
type DB struct {
	Dialect Dialect
	writer  *sql.DB
	reader  *sql.DB        // PostgreSQL only
	readers chan *readConn // SQLite only
	readDSN string         // for a new one of them
	queue   chan *write
	prep    prepared
	rebound sync.Map
	patient atomic.Int32 // how many may wait for PostgreSQL as long as it takes
	silent  atomic.Int64 // when a connection to it last fell silent, as Unix time in ns
	beside  atomic.Pointer[func([][]byte) error]
	closing chan struct{}
	stopped chan struct{}
	once    sync.Once
}

// Open opens the database named by target: a postgres:// URL, or the path of a
// SQLite file, which is made when it does not exist.
func Open(ctx context.Context, target string) (*DB, error) {
	d := &DB{queue: make(chan *write, maxBatch), closing: make(chan struct{}), stopped: make(chan struct{})}
	var err error
	if strings.HasPrefix(target, "postgres://") || strings.HasPrefix(target, "postgresql://") {
		err = d.openPostgres(target)
	} else {
		err = d.openSQLite(ctx, target)
	}
	if err != nil {
		return nil, explain(err)
	}
	go d.writeLoop()
	return d, nil
}

func (d *DB) openSQLite(ctx context.Context, path string) (err error) {
	d.Dialect = SQLite
	claim(path)
	if d.writer, err = sql.Open("sqlite", sqliteDSN(path, "immediate", false)); err != nil {
		return err
	}
	d.writer.SetMaxOpenConns(1) // one writer: river shares it
	if err := d.writer.PingContext(ctx); err != nil {
		return err
	}
	d.readDSN = sqliteDSN(path, "deferred", true)
	n := max(4, 2*runtime.NumCPU())
	d.readers = make(chan *readConn, n)
	for range n {
		d.readers <- &readConn{}
	}
	return nil
}

// claim makes the file of a new database for its owner alone, and SQLite gives
// its mode to the write-ahead log. By itself it would follow the umask, which on
// most systems lets every user of the machine read. A file that exists is left
// unopened (closing it would drop the locks of this process), and of a fault
// SQLite tells in its own words.
func claim(path string) {
	if f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
		_ = f.Close()
	}
}

// sqliteDSN asks for full synchronisation: what was acknowledged survives a
// power cut too, and the queue pays for it once per batch.
func sqliteDSN(path, txlock string, readOnly bool) string {
	q := url.Values{"_txlock": {txlock}, "_pragma": {
		"busy_timeout(10000)", "journal_mode(WAL)", "synchronous(FULL)", "foreign_keys(1)",
		"temp_store(memory)", "cache_size(-8000)", "mmap_size(0)",
	}}
	if readOnly {
		q.Add("_pragma", "query_only(1)")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + q.Encode()
}

// Pool returns the database/sql pool that may write. It is for migrations and
// for river, which brings its own tables; rooms use Write.
func (d *DB) Pool() *sql.DB { return d.writer }

// Readers is how many can read at once; whoever comes beyond them waits.
func (d *DB) Readers() int {
	if d.Dialect == Postgres {
		return postgresReaders
	}
	return cap(d.readers)
}

// Ping answers whether the database can be reached now.
func (d *DB) Ping(ctx context.Context) error {
	return d.Read(ctx, func(ctx context.Context) error {
		_, err := One(ctx, func(n *int) []any { return []any{n} }, "SELECT 1")
		return err
	})
}

// Close finishes the writes that are under way and closes the database.
func (d *DB) Close() error {
	d.once.Do(func() { close(d.closing) })
	<-d.stopped
	if d.Dialect == SQLite {
		d.dropIdle()
		return d.writer.Close()
	}
	return errors.Join(d.reader.Close(), d.writer.Close())
}

// tx is a transaction under way; it travels in the context.
type tx struct {
	db       *DB
	sql      *sql.Tx   // Write, and Read on PostgreSQL
	bare     *sql.Conn // Look on PostgreSQL: statements by themselves
	conn     *readConn // Read on SQLite
	pipe     *pipe     // Write on PostgreSQL
	writable bool
	after    []func()
	beside   [][]byte
}

type txKey struct{}

func fromContext(ctx context.Context) (*tx, error) {
	if t, ok := ctx.Value(txKey{}).(*tx); ok && t != nil {
		return t, nil
	}
	return nil, ErrNoTransaction
}

// SQLTx returns the transaction of the context for river, which inserts its
// jobs with it.
func SQLTx(ctx context.Context) (*sql.Tx, error) {
	t, err := fromContext(ctx)
	if err != nil {
		return nil, err
	}
	if !t.writable {
		return nil, ErrReadOnly
	}
	return t.sql, t.pipe.flush(ctx)
}

// AfterCommit runs f once the transaction of the context has been committed; it
// does not run when the transaction is rolled back.
func AfterCommit(ctx context.Context, f func()) error {
	t, err := fromContext(ctx)
	if err != nil {
		return err
	}
	t.after = append(t.after, f)
	return nil
}

// InTransaction says whether the context carries a transaction, so that a verb
// can join the one of its caller.
func InTransaction(ctx context.Context) bool {
	_, err := fromContext(ctx)
	return err == nil
}

// Counter counts the statements that run under a context: a page that asks a
// question per row is found by a test.
type Counter struct{ n atomic.Int64 }

// N is how many statements have run.
func (c *Counter) N() int { return int(c.n.Load()) }

type counterKey struct{}

// Counted returns a context whose statements are counted.
func Counted(ctx context.Context) (context.Context, *Counter) {
	c := &Counter{}
	return context.WithValue(ctx, counterKey{}, c), c
}

func count(ctx context.Context) {
	if c, ok := ctx.Value(counterKey{}).(*Counter); ok {
		c.n.Add(1)
	}
}

// bind rewrites ? to $1 for PostgreSQL, leaving quoted text alone.
func (d *DB) bind(query string) string {
	if d.Dialect == SQLite {
		return query
	}
	if s, ok := d.rebound.Load(query); ok {
		return s.(string)
	}
	s := rebind(query)
	d.rebound.Store(query, s)
	return s
}

func rebind(query string) string {
	var b strings.Builder
	n, quoted := 0, false
	for _, r := range query {
		switch {
		case r == '\'':
			quoted = !quoted
			b.WriteRune(r)
		case r == '?' && !quoted:
			n++
			fmt.Fprintf(&b, "$%d", n)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
