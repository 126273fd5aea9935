// Package dbtest runs a store test on both databases.
//
// SQLite always; PostgreSQL when MINAMORI_TEST_POSTGRES holds its URL, each test
// in a schema of its own. Without the URL the PostgreSQL half is skipped and
// says so. It is for tests alone and knows no room.
package dbtest

import (
	"context"
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // registers the driver "pgx"

	"github.com/minamori-project/minamori/internal/db"
)

// Env names the variable that holds the URL of a PostgreSQL for tests.
const Env = "MINAMORI_TEST_POSTGRES"

// Each runs f as a subtest per database, on empty tables of the given schemas.
func Each(t *testing.T, schemas []db.Schema, f func(t *testing.T, d *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { f(t, SQLite(t, schemas)) })
	t.Run("postgres", func(t *testing.T) { f(t, Postgres(t, schemas)) })
}

// SQLite opens a new file in a folder that goes away with the test.
func SQLite(t testing.TB, schemas []db.Schema) *db.DB {
	t.Helper()
	return open(t, filepath.Join(t.TempDir(), "minamori.db"), schemas)
}

// Postgres opens a new schema in the test server, or skips the test.
func Postgres(t testing.TB, schemas []db.Schema) *db.DB {
	t.Helper()
	return open(t, PostgresURL(t), schemas)
}

// PostgresURL makes a new schema in the test server and returns a URL that uses
// it, or skips the test.
func PostgresURL(t testing.TB) string {
	t.Helper()
	base := os.Getenv(Env)
	if base == "" {
		t.Skip("PostgreSQL not tested: " + Env + " is not set")
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	admin.SetMaxIdleConns(0) // a night of tests would hold a connection for each
	name := "t_" + strings.ToLower(rand.Text())
	if _, err := admin.Exec("CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = admin.Exec("DROP SCHEMA " + name + " CASCADE")
		_ = admin.Close()
	})
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", name)
	u.RawQuery = q.Encode()
	return u.String()
}

func open(t testing.TB, target string, schemas []db.Schema) *db.DB {
	t.Helper()
	ctx := context.Background()
	d, err := db.Open(ctx, target)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = d.Close() })
	if _, err := d.Migrate(ctx, schemas); err != nil {
		t.Fatal(err)
	}
	return d
}
