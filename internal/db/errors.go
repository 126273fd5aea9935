package db

import (
	"context"
	"database/sql"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"github.com/minamori-project/minamori/internal/problem"
)

// SQLite result codes that a person can do something about
// (https://www.sqlite.org/rescode.html).
const (
	sqliteBusy     = 5
	sqliteReadOnly = 8
	sqliteIOErr    = 10
	sqliteFull     = 13
	sqliteCantOpen = 14
)

// explain turns a fault of the storage into a problem with a hint, and leaves
// every other error as it is.
func explain(err error) error {
	if err == nil || problem.As(err) != nil || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return err // an ended context calls itself a network error
	}
	if code := storageFault(err); code != "" {
		return &fault{Problem: problem.New(status(code), code), cause: err}
	}
	return err
}

func status(code string) int {
	if code == "disk-full" {
		return http.StatusInsufficientStorage
	}
	return http.StatusServiceUnavailable
}

// fault is a problem that keeps its cause for the log.
type fault struct {
	*problem.Problem
	cause error
}

func (f *fault) Error() string   { return f.Problem.Error() + ": " + f.cause.Error() }
func (f *fault) Unwrap() []error { return []error{f.Problem, f.cause} }

func storageFault(err error) string {
	var lite *sqlite.Error
	if errors.As(err, &lite) {
		return sqliteFault(lite.Code() & 0xff)
	}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		return postgresFault(pg.Code)
	}
	var connect *pgconn.ConnectError
	var network net.Error
	switch {
	case errors.Is(err, syscall.ENOSPC):
		return "disk-full" // of the book beside
	case errors.As(err, &connect), errors.As(err, &network), errors.Is(err, net.ErrClosed),
		errors.Is(err, sql.ErrConnDone), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		strings.Contains(err.Error(), "conn closed"), strings.Contains(err.Error(), "unexpected EOF"),
		errors.Is(err, ErrClosed), strings.Contains(err.Error(), "driver: bad connection"),
		strings.Contains(err.Error(), "database is closed"):
		return "database-away"
	}
	return ""
}

func sqliteFault(code int) string {
	switch code {
	case sqliteFull:
		return "disk-full"
	case sqliteBusy:
		return "database-busy"
	case sqliteReadOnly, sqliteIOErr, sqliteCantOpen:
		return "database-away"
	}
	return ""
}

// postgresFault knows the SQLSTATE classes 53 (resources), 57P (operator
// intervention) and 08 (connection).
func postgresFault(state string) string {
	switch {
	case state == "53100":
		return "disk-full"
	case strings.HasPrefix(state, "57P"), strings.HasPrefix(state, "08"), strings.HasPrefix(state, "53"):
		return "database-away"
	}
	return ""
}
