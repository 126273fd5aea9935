// Package backup copies an installation into a folder while it runs, and brings
// it back, into either database.
//
// Words: a backup is a folder with a manifest and parts; a part is a file of it,
// compressed and sealed. Sealed means encrypted to age recipients: who makes
// backups cannot read them. The shelf is the folder blobs beside the backups,
// which several share: a file that an earlier backup copied is not copied again.
//
// Rules: the rows are read in one snapshot, and every file that the snapshot
// names is copied. The manifest is written last, and a backup gets its name when
// everything is on disk, so one that was broken off is never taken for a whole
// one. Rows are JSON lines whatever database they come from, so that they go into
// either. Every part has its digest in the manifest; all are checked when the
// backup ends and again before a restore touches anything. The job queue is not
// copied: a letter that is sent twice is worse than one that is asked for again.
// The ledger is not copied either: it must not grow old with the copy.
//
// age says nothing of who sealed: whoever can write into the folder can put
// another whole backup there. Heads of the journal saved elsewhere find that.
//
// Neighbours: db, journal.
//
// It does not replay the ledger and does not know rooms: who restores does.
package backup
