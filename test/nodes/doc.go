// Command nodes runs several servers on one PostgreSQL behind a proxy, with
// people who read and answer, and restarts one node after the other under them.
//
//	go run ./test/nodes                      three nodes behind HAProxy, 200 people
//	go run ./test/nodes -proxy nginx         the same behind nginx
//	go run ./test/nodes -proxy own           a proxy of this program's own, where neither is installed
//
// It exits 1 when a request failed, an acknowledged answer is missing, a letter
// went out twice or not at all, or statistics do not add up. PostgreSQL is the
// one that MINAMORI_TEST_POSTGRES names, in a schema of its own; without it one
// is started from the Debian package. A short run is a Go test of this package.
package main
