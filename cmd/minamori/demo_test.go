package main

import (
	"context"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/problem"
)

func (s *stage) column(query string) (all []string) {
	s.t.Helper()
	err := s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = db.Rows(ctx, func(v *string) []any { return []any{v} }, query)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return all
}

// The region is clearly made up, and it is one: several sizes, trades and ages,
// with ties between the companies and somebody to log in as for every role.
func TestDemoIsARegionThatCannotExist(t *testing.T) {
	s := newStage(t, Store{})
	fictional := map[string]bool{}
	for i := range 12 {
		fictional[string(org.Fictional(i+1))] = true
	}
	for _, n := range s.column("SELECT corporate_number FROM org_organisation WHERE corporate_number IS NOT NULL") {
		if !fictional[n] {
			t.Errorf("%s could be somebody's number", n)
		}
	}
	for _, name := range s.column("SELECT name FROM auth_account") {
		if !strings.HasSuffix(name, "（架空）") {
			t.Errorf("%s could be somebody", name)
		}
	}
	for _, email := range s.column("SELECT email FROM auth_account") {
		if !strings.HasSuffix(email, "@example.jp") {
			t.Errorf("%s could be somebody's address", email)
		}
	}
	for what, least := range map[string]struct {
		query string
		n     int
	}{
		"sizes":      {"SELECT COUNT(DISTINCT employees) FROM org_organisation", 5},
		"industries": {"SELECT COUNT(DISTINCT industry) FROM org_organisation", 4},
		"circles":    {"SELECT COUNT(*) FROM org_circle", 3},
		"ages":       {"SELECT COUNT(DISTINCT at) FROM journal_entry WHERE verb = 'assess.answered'", 8},
	} {
		if n, _ := strconv.Atoi(s.column("SELECT CAST((" + least.query + ") AS TEXT)")[0]); n < least.n {
			t.Errorf("%d %s, at least %d", n, what, least.n)
		}
	}
	for _, role := range []string{"owner", "manager", "member", "viewer", "operator"} {
		if s.cast[role] == "" {
			t.Errorf("nobody is %s", role)
		}
	}
}

// A database that knows somebody is not made a demo, from whatever folder.
func TestDemoRefusesAUsedDatabase(t *testing.T) {
	url := dbtest.PostgresURL(t)
	s := newStage(t, Store{DatabaseURL: url})
	before := s.digest()
	c := &console{ctx: context.Background(), out: io.Discard, err: io.Discard, texts: s.texts, now: time.Now}
	_, err := fillDemo(c, Store{Data: filepath.Join(t.TempDir(), "other"), DatabaseURL: url, LogLevel: "error"}, 2)
	if !problem.Is(err, "demo-used") {
		t.Errorf("got %v", err)
	}
	after := s.digest()
	for table, sum := range before {
		if after[table] != sum {
			t.Errorf("%s has changed", table)
		}
	}
}
