package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
)

// InSchema is the URL of the same PostgreSQL database with another schema for
// everything, for tables that are to be moved to their place when they are whole.
func InSchema(target, schema string) (string, error) {
	u, err := url.Parse(target)
	if err != nil {
		return "", err
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// MakeSchema makes a schema of PostgreSQL, anew when it exists.
func (d *DB) MakeSchema(ctx context.Context, name string) error {
	return d.each(ctx, "DROP SCHEMA IF EXISTS "+quoted(name)+" CASCADE", "CREATE SCHEMA "+quoted(name))
}

// DropSchema removes a schema of PostgreSQL with all that is in it.
func (d *DB) DropSchema(ctx context.Context, name string) error {
	return d.each(ctx, "DROP SCHEMA IF EXISTS "+quoted(name)+" CASCADE")
}

func (d *DB) each(ctx context.Context, queries ...string) error {
	return d.Patiently(func() error {
		for _, q := range queries {
			if _, err := d.writer.ExecContext(ctx, q); err != nil {
				return explain(err)
			}
		}
		return nil
	})
}

// TakeOver puts everything of the schema from into the place of what is in this
// database's own schema, which goes into the new schema aside. It is all or
// nothing. PostgreSQL only.
func (d *DB) TakeOver(ctx context.Context, from, aside string) error {
	return d.Patiently(func() error { return d.takeOver(ctx, from, aside) })
}

func (d *DB) takeOver(ctx context.Context, from, aside string) error {
	work, err := d.writer.BeginTx(ctx, nil)
	if err != nil {
		return explain(err)
	}
	defer func() { _ = work.Rollback() }()
	var own string
	if err := work.QueryRowContext(ctx, "SELECT current_schema()").Scan(&own); err != nil {
		return explain(err)
	}
	n, err := things(ctx, work, own)
	if err != nil {
		return explain(err)
	}
	if len(n) > 0 {
		if _, err := work.ExecContext(ctx, "CREATE SCHEMA "+quoted(aside)); err != nil {
			return explain(err)
		}
	}
	for _, move := range [][2]string{{own, aside}, {from, own}} {
		if err := moveAll(ctx, work, move[0], move[1]); err != nil {
			return explain(err)
		}
	}
	if _, err := work.ExecContext(ctx, "DROP SCHEMA "+quoted(from)); err != nil {
		return explain(err)
	}
	return explain(work.Commit())
}

func moveAll(ctx context.Context, work *sql.Tx, from, to string) error {
	all, err := things(ctx, work, from)
	if err != nil {
		return err
	}
	for _, thing := range all {
		if _, err := work.ExecContext(ctx, fmt.Sprintf("ALTER %s SET SCHEMA %s", thing, quoted(to))); err != nil {
			return fmt.Errorf("%s: %w", thing, err)
		}
	}
	return nil
}

// things lists what a schema holds as ALTER names it. Indexes, sequences of
// columns and types of tables go with their tables. Functions come first, because
// they are named by types; what belongs to an extension stays.
func things(ctx context.Context, work *sql.Tx, schema string) (all []string, err error) {
	rows, err := work.QueryContext(ctx, `
		SELECT thing FROM (
			SELECT 1 AS turn, p.oid, format('FUNCTION %s', p.oid::regprocedure) AS thing FROM pg_proc p WHERE p.pronamespace = $1::text::regnamespace
			UNION ALL SELECT 2, c.oid, format('TABLE %I.%I', $1::text, c.relname) FROM pg_class c
				WHERE c.relnamespace = $1::text::regnamespace AND c.relkind IN ('r', 'p')
			UNION ALL SELECT 3, t.oid, format('TYPE %I.%I', $1::text, t.typname) FROM pg_type t
				WHERE t.typnamespace = $1::text::regnamespace AND t.typtype = 'e'
		) a WHERE NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = a.oid AND d.deptype = 'e') ORDER BY turn, thing`, schema)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var thing string
		if err := rows.Scan(&thing); err != nil {
			return nil, err
		}
		all = append(all, thing)
	}
	return all, rows.Err()
}
