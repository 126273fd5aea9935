package job

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"log/slog"
	"slices"

	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverdatabasesql"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"github.com/minamori-project/minamori/internal/db"
)

//go:embed schema/*.sql
var files embed.FS

// Schema is this package's own tables; Migrate brings those of river.
func Schema() db.Schema { return db.Embedded("job", files) }

// migrateLock is the advisory lock that lets one node migrate at a time. It is
// not the lock of db.Migrate, which may be held by the caller.
const migrateLock = "6019133"

// Migrate brings river's tables to the version of this binary. When there is
// nothing to do it costs two short queries.
func Migrate(ctx context.Context, d *db.DB) error {
	m, err := rivermigrate.New(driver(d), &rivermigrate.Config{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return err
	}
	if current(ctx, m) {
		return nil
	}
	unlock, err := lock(ctx, d)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("schema of river: %w", err)
	}
	return nil
}

// current is false when the question itself fails: then Migrate meets the same
// fault and says it.
func current(ctx context.Context, m *rivermigrate.Migrator[*sql.Tx]) bool {
	have, err := m.ExistingVersions(ctx)
	return err == nil && len(have) >= len(m.AllVersions())
}

func lock(ctx context.Context, d *db.DB) (unlock func(), err error) {
	if d.Dialect == db.SQLite {
		return func() {}, nil
	}
	conn, err := d.Pool().Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock("+migrateLock+")"); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock("+migrateLock+")")
		_ = conn.Close()
	}, nil
}

// driver joins river to the writing pool. Both drivers take *sql.Tx, so the
// rest of this package does not know which one it has.
func driver(d *db.DB) riverdriver.Driver[*sql.Tx] {
	if d.Dialect == db.SQLite {
		return riversqlite.New(d.Pool())
	}
	return riverdatabasesql.New(d.Pool())
}

// Unfinished counts the jobs that are still to be done, in the transaction of ctx.
// A database that no server has run on yet has none.
func Unfinished(ctx context.Context) (int, error) {
	tables, err := db.Tables(ctx)
	if err != nil || !slices.ContainsFunc(tables, func(t db.Table) bool { return t.Name == "river_job" }) {
		return 0, err
	}
	return db.Value[int](ctx, "SELECT COUNT(*) FROM river_job WHERE state NOT IN ('completed', 'cancelled', 'discarded')")
}
