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
	"sync"
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

// filled is the database that PostgresFilled copies, once it is there.
var filled struct {
	sync.Mutex
	name string
}

// PostgresFilled returns the URL of a database that is a copy of one which fill has
// filled, once for this process: filling it is most of what such a test takes. It
// skips the test where there is no PostgreSQL. fill must have closed what it opened.
func PostgresFilled(t testing.TB, fill func(target string) error) string {
	t.Helper()
	base := os.Getenv(Env)
	if base == "" {
		t.Skip("PostgreSQL not tested: " + Env + " is not set")
	}
	admin, err := sql.Open("pgx", base)
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	run := func(statement string) {
		if _, err := admin.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	filled.Lock()
	defer filled.Unlock()
	if filled.name == "" {
		name := "f_" + strings.ToLower(rand.Text())
		run("CREATE DATABASE " + name)
		if err := fill(inDatabase(t, base, name)); err != nil {
			run("DROP DATABASE " + name + " WITH (FORCE)")
			t.Fatal(err)
		}
		filled.name = name
	}
	copied := "t_" + strings.ToLower(rand.Text())
	run("CREATE DATABASE " + copied + " TEMPLATE " + filled.name)
	t.Cleanup(func() { drop(base, copied) })
	return inDatabase(t, base, copied)
}

// DropFilled removes the database that PostgresFilled copied.
func DropFilled() {
	if filled.name != "" {
		drop(os.Getenv(Env), filled.name)
	}
}

func drop(base, name string) {
	admin, err := sql.Open("pgx", base)
	if err != nil {
		return
	}
	defer admin.Close()
	_, _ = admin.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)")
}

func inDatabase(t testing.TB, base, name string) string {
	t.Helper()
	u, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u.Path = "/" + name
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
