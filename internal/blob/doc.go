// Package blob keeps the files that people hand in: evidence, contracts, lists.
//
// Words: a File is a row that belongs to one organisation; its content lies
// beside the database under a key made of organisation and content. Active
// says that the file can run something when it is opened (a script, a macro,
// a web page). The quota is what one organisation may keep.
//
// Rules: rows authorise, and a digest never does: another organisation's id is
// "not found" (threats T2). The content is on disk, under its name and flushed,
// before the row is committed; a crash between the two leaves content without
// a row, which Sweep removes, and never a row without content. Whatever the
// sender calls a file, its type is read from its first bytes. No content is
// parsed or unpacked here (T27). Active files are kept, since a company may
// have to show one, but nobody's browser opens them: everything leaves as an
// attachment (T25). Content is held against its digest while it is read: a
// damaged file ends in an error.
//
// Neighbours: db, journal, problem, web. With several nodes the folder is a
// shared one.
//
// It does not look for viruses, and it does not decide who in an organisation
// may read a file.
package blob
