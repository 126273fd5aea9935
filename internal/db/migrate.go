package db

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/http"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/database"

	"github.com/minamori-project/minamori/internal/problem"
)

// Schema is the tables of one room: numbered SQL files at the root of Files.
// Each room has its own version table, because on a shared one a second room's
// 0001 would be skipped in silence.
type Schema struct {
	Room  string
	Files fs.FS
}

// Embedded is the schema of a room that embeds its folder schema.
func Embedded(room string, files embed.FS) Schema {
	sub, err := fs.Sub(files, "schema")
	if err != nil {
		panic(err) // only a path that is not one fails
	}
	return Schema{Room: room, Files: sub}
}

// Applied is what Migrate did for a room.
type Applied struct {
	Room    string `json:"room"`
	Version int64  `json:"version"`
	Steps   int    `json:"steps"`
}

// Migrate brings the tables of all rooms to the version of this binary. With
// several nodes only one migrates at a time; the others wait.
func (d *DB) Migrate(ctx context.Context, schemas []Schema) (all []Applied, err error) {
	err = d.Patiently(func() error {
		all, err = d.migrateAll(ctx, schemas)
		return err
	})
	return all, err
}

func (d *DB) migrateAll(ctx context.Context, schemas []Schema) ([]Applied, error) {
	unlock, err := d.migrationLock(ctx)
	if err != nil {
		return nil, explain(err)
	}
	defer unlock()
	var all []Applied
	for _, s := range schemas {
		a, err := d.migrateRoom(ctx, s)
		if err != nil {
			return all, explain(fmt.Errorf("schema of %s: %w", s.Room, err))
		}
		all = append(all, a)
	}
	return all, nil
}

func (d *DB) migrateRoom(ctx context.Context, s Schema) (Applied, error) {
	p, err := d.provider(s)
	if err != nil {
		return Applied{}, err
	}
	if err := notNewer(ctx, s.Room, p); err != nil {
		return Applied{}, err
	}
	results, err := p.Up(ctx)
	if err != nil {
		return Applied{}, err
	}
	version, err := p.GetDBVersion(ctx)
	return Applied{Room: s.Room, Version: version, Steps: len(results)}, err
}

// notNewer refuses tables of a newer program: it would write what that one does
// not expect. The way back is a backup of before.
// keys: problem.database-newer.title, problem.database-newer.hint
func notNewer(ctx context.Context, room string, p *goose.Provider) error {
	version, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	steps := p.ListSources()
	if newest := steps[len(steps)-1].Version; version > newest {
		return problem.New(http.StatusConflict, "database-newer", "room", room)
	}
	return nil
}

func (d *DB) provider(s Schema) (*goose.Provider, error) {
	dialect := database.DialectSQLite3
	if d.Dialect == Postgres {
		dialect = database.DialectPostgres
	}
	store, err := database.NewStore(dialect, "goose_"+s.Room)
	if err != nil {
		return nil, err
	}
	return goose.NewProvider("", d.writer, s.Files, goose.WithStore(store))
}

// ErrNewer is returned for tables of a program that is newer than this one.
var ErrNewer = errors.New("db: the tables are of a newer program")

// MigrateTo makes the tables of an earlier day: each room at the version it is
// given. Rooms without one get no tables yet.
func (d *DB) MigrateTo(ctx context.Context, schemas []Schema, versions map[string]int64) error {
	known := map[string]bool{}
	for _, s := range schemas {
		known[s.Room] = true
		version, ok := versions[s.Room]
		if !ok {
			continue
		}
		p, err := d.provider(s)
		if err != nil {
			return explain(err)
		}
		steps := p.ListSources()
		if newest := steps[len(steps)-1].Version; newest < version {
			return fmt.Errorf("%w: %s has version %d, and this program knows %d", ErrNewer, s.Room, version, newest)
		}
		if _, err := p.UpTo(ctx, version); err != nil {
			return explain(fmt.Errorf("schema of %s: %w", s.Room, err))
		}
	}
	for room := range versions {
		if !known[room] {
			return fmt.Errorf("%w: it has no %s", ErrNewer, room)
		}
	}
	return nil
}

// Versions says at which version the tables of the rooms stand in the database
// of the context. Rooms that have no tables there yet are left out.
func Versions(ctx context.Context, schemas []Schema) (map[string]int64, error) {
	tables, err := Tables(ctx)
	if err != nil {
		return nil, err
	}
	there := map[string]bool{}
	for _, t := range tables {
		there[t.Name] = true
	}
	all := map[string]int64{}
	for _, s := range schemas {
		if !there["goose_"+s.Room] {
			continue
		}
		v, err := Value[int64](ctx, "SELECT MAX(version_id) FROM goose_"+s.Room+" WHERE is_applied")
		if err != nil {
			return nil, err
		}
		all[s.Room] = v
	}
	return all, nil
}

// migrationLock keeps other nodes out. SQLite needs none: its file has one
// server, and each migration is a transaction.
func (d *DB) migrationLock(ctx context.Context) (unlock func(), err error) {
	if d.Dialect == SQLite {
		return func() {}, nil
	}
	conn, err := d.writer.Conn(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.ExecContext(ctx, "SELECT pg_advisory_lock(6019132)"); err != nil {
		return nil, errClose(conn, err)
	}
	return func() {
		_, _ = conn.ExecContext(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock(6019132)")
		_ = conn.Close()
	}, nil
}

func errClose(conn *sql.Conn, err error) error {
	_ = conn.Close()
	return err
}
