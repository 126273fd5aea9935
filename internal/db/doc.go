// Package db is one database and one SQL: embedded SQLite by default,
// PostgreSQL by URL, statements written once with ? and run on both.
//
// Words: Read runs a function on one consistent read-only snapshot, Write runs
// it in a transaction. The transaction travels in the context that the function
// receives; Exec, Rows and One use it, and refuse a context without one.
//
// Rules: Write is the only way to change anything, and Exec fails inside Read.
// Writes queue for one writer, which commits several of them together (each in
// its own savepoint), so nobody meets a locked database and a slow disk is
// paid once for many. What a write need not wait for goes through Later, which
// spares the network to PostgreSQL. A write is therefore short: long work is cut
// in pieces by a job. Nothing inside Write is cancelled half-way: SQLite answers an
// interrupted statement by rolling back everybody's work. Times are stored as
// fixed-width UTC text, so that they sort. What must outlive a restore of an older
// copy is noted Beside the database: those lines are on disk before the commit,
// so nothing is acknowledged that the book beside does not hold.
//
// A PostgreSQL that falls silent is away: within ten seconds whoever waits for it
// is told so. Only a migration and a restore wait as long as it takes (Patiently).
//
// Neighbours: problem. A room brings its schema as numbered SQL files.
//
// It does not map objects and it does not hide SQL. Only this package and job
// know which database they stand on.
package db
