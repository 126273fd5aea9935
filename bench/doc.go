// Command bench measures what Minamori promises about speed, on a million
// answers, and prints each figure beside the number it is held to.
//
//	go run ./bench                       all figures
//	go run ./bench -orgs 1000 -answers 100000 -seconds 5   a quick look
//	go run ./bench load                  many people at once, and more than fit
//
// Words: the device is the disk's time to keep 4 KB; the bare handler answers
// with a page of the same size through net/http and gzip and nothing else, in
// the same run, so that what the product adds is visible.
//
// Rules: every figure is measured in this run, or it says that it was not.
// Clients and server share the machine's cores; the server is a process of its
// own, and its memory is what the system says of it. Nothing here is a test: a
// slow machine fails nothing.
//
// Neighbours: it builds cmd/minamori and fills its tables directly.
//
// It does not measure pages in a browser.
package main
