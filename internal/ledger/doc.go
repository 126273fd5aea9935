// Package ledger is the book of what was taken away, kept outside the database:
// after a restore of an older copy it says what must not come back.
//
// Words: a line is one revocation, as JSON of the caller. A file is the lines of
// one process. The sum of a line covers all lines of its file before it.
//
// Rules: Append returns when the lines are on disk, and is called before the
// commit of what they tell (db.KeepBeside). Lines are only ever added. Several
// processes share a folder, each with files of its own, which begin anew every
// month and past 16 MB. A last line that a crash tore is passed over: what it told
// was never acknowledged. Any other line whose sum is wrong is damage, and Read
// says so. Files that were cut at the end of a line or removed as a whole are not
// found: keep the folder on another disk or host than the database, and copy it.
//
// Neighbours: none.
//
// It does not know what a line means, and it holds no names: whoever writes a
// line sees to it.
package ledger
