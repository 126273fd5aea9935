// Package job runs what must happen later, repeatedly or for long: mail,
// imports, sweeps.
//
// Words: Args say what to do and name their kind; Handle ties a kind to the
// function that does it. Add queues a job in the transaction of its cause, and
// the job exists exactly when the cause does. Every repeats a job. A Task is a
// job while it runs; State is what a page may show of it.
//
// Rules: a job runs at least once, never "exactly once": the machine may die
// after the work and before the note of it. What a handler does must bear being
// done twice. A handler ends when its context does. Args hold ids, never a
// secret and never a person: what is secret is derived when the job runs
// (threats T23), and errors of handlers are kept and logged, so they name ids
// too. A job of an organisation is added with For; a foreign organisation gets
// "not found" for it.
//
// What ran when its node was killed runs again: at the next start where the
// database is a file, which has one node, and otherwise as soon as the node has
// not been heard of for 20 seconds. While the database is away a job's end waits
// to be stored. A stop is no failure: what it interrupts is queued again and the
// attempt does not count.
//
// Neighbours: db, problem; river keeps the queue (its tables are river_*) and
// polls, since its listener on SQLite asks twenty times a second for the one
// connection that writes.
//
// It does not know what its jobs do, and it is no bus: what reacts to changes
// is a follower of the journal.
package job
