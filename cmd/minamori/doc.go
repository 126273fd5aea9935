// Command minamori is the whole product in one binary: the server, and the
// commands of the person who runs it.
//
// Words: a House is the program wired together: database, floor, rooms, routes.
// Every command that touches data builds one, and so do the end-to-end tests.
//
// Rules: this is the only place that knows all rooms, content and ui. It works
// with no configuration, listens on this computer alone, and has no default
// password. Results go to standard output (text or JSON), errors to standard
// error as "error:" and "hint:". It exits 0 when it did its work, 1 when the
// answer is no, 2 when it could not work.
//
// Neighbours: everything.
//
// It holds no rule of the product: those live in the rooms.
package main
