package db_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
)

func TestTablesComeAfterThoseTheyReferTo(t *testing.T) {
	dbtest.Each(t, nil, func(t *testing.T, d *db.DB) {
		err := d.Write(context.Background(), func(ctx context.Context) error {
			for _, q := range []string{
				"CREATE TABLE z (id TEXT PRIMARY KEY, raw BYTEA, yes BOOLEAN, n BIGINT, small INTEGER, f DOUBLE PRECISION)",
				"CREATE TABLE m (id TEXT PRIMARY KEY, z TEXT REFERENCES z (id), m TEXT REFERENCES m (id))",
				"CREATE TABLE a (id TEXT PRIMARY KEY, m TEXT REFERENCES m (id))",
			} {
				if _, err := db.Exec(ctx, q); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		err = d.Read(context.Background(), func(ctx context.Context) error {
			tables, err := db.Tables(ctx)
			want := []db.Table{
				{Name: "z", Columns: []db.Column{{"id", db.Texts}, {"raw", db.Bytes}, {"yes", db.Bools}, {"n", db.Ints}, {"small", db.Ints}, {"f", db.Floats}}},
				{Name: "m", Columns: []db.Column{{"id", db.Texts}, {"z", db.Texts}, {"m", db.Texts}}},
				{Name: "a", Columns: []db.Column{{"id", db.Texts}, {"m", db.Texts}}},
			}
			if diff := cmp.Diff(want, tables); diff != "" {
				t.Error(diff)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// What is put in the place of something leaves that something aside, whole.
func TestTakeOverMovesBothOrNothing(t *testing.T) {
	target := dbtest.PostgresURL(t)
	ctx := context.Background()
	d, err := db.Open(ctx, target)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	own := valueOf(t, d, "SELECT current_schema()::text")
	from, aside := own+"_new", own+"_old"
	defer func() { _ = d.DropSchema(ctx, aside) }()
	newTarget, err := db.InSchema(target, from)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, d, "old")
	if err := d.MakeSchema(ctx, from); err != nil {
		t.Fatal(err)
	}
	other, err := db.Open(ctx, newTarget)
	if err != nil {
		t.Fatal(err)
	}
	fill(t, other, "new")
	if err := other.Close(); err != nil {
		t.Fatal(err)
	}
	if err := d.TakeOver(ctx, from, aside); err != nil {
		t.Fatal(err)
	}
	for query, want := range map[string]string{
		"SELECT v::text FROM thing": "new", "SELECT v::text FROM " + aside + ".thing": "old", "SELECT say('new')": "new!",
		"SELECT COUNT(*)::text FROM pg_namespace WHERE nspname = '" + from + "'": "0",
	} {
		if got := valueOf(t, d, query); got != want {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
}

func fill(t *testing.T, d *db.DB, v string) {
	t.Helper()
	for _, q := range []string{
		"CREATE TYPE kind AS ENUM ('old', 'new')",
		"CREATE TABLE thing (id BIGSERIAL PRIMARY KEY, v kind NOT NULL)",
		"CREATE FUNCTION say(k kind) RETURNS TEXT LANGUAGE SQL AS 'SELECT k::text || ''!'''",
		"INSERT INTO thing (v) VALUES ('" + v + "')",
	} {
		if _, err := d.Pool().Exec(q); err != nil {
			t.Fatal(err)
		}
	}
}

func valueOf(t *testing.T, d *db.DB, query string) (s string) {
	t.Helper()
	err := d.Read(context.Background(), func(ctx context.Context) (err error) {
		s, err = db.Value[string](ctx, query)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}
