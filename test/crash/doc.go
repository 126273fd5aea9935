// Package crash breaks the running program on purpose.
//
// Words: a server is the real binary, started as a process on a demo folder. A
// visitor is somebody logged in over HTTP. An answer is acknowledged when its
// 200 has been received. A round is load, a kill -9, a restart and a look.
//
// Rules: only what a caller could see counts: an acknowledged answer is there,
// an unacknowledged one may be there or not, the journal verifies, and heads
// saved before still hold. The default is short; MINAMORI_KILL_ROUNDS and
// MINAMORI_AWAY_SECONDS make it long (go run ./test/nightly). What a machine
// does not allow (PostgreSQL, mounting) is skipped, saying so.
//
// Neighbours: it knows the command line and the JSON API, and no room.
//
// It does not measure speed; bench does.
package crash
