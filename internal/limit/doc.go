// Package limit bounds how often something may happen, over all nodes and over
// restarts, with one row per thing and one statement per try.
//
// Words: a Rule allows a burst at once and one more per interval. A bucket is
// what a rule keeps of a key: the time at which it will be empty again (GCRA:
// the theoretical arrival time). A try puts one drop into the bucket, or is
// refused when it is full.
//
// Rules: the key in the database is a digest under the installation's key, so
// that a copy of the table names nobody. A try that counts stays counted
// whatever comes of it: it has a transaction of its own, except where the caller
// wants the two to stand or fall together. A bucket that lies further ahead
// than the rule allows was filled by a clock that ran ahead: it counts as full
// from now on, so that a clock put back neither locks people out for the
// difference nor frees an attacker. Empty buckets are swept.
//
// Neighbours: db.
//
// It does not bound what strangers send: that is a flood, kept off the database
// by web.Limiter in each process. It is not for ordinary requests, which must
// not write.
package limit
