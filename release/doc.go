// Command release makes what people download: the program for four systems, a
// Debian package, the list of parts (SBOM), where it comes from (provenance),
// checksums, and the signed word of what the newest release is.
//
// Words: a Target is a system and a processor. The checksums (SHA256SUMS) cover
// every file; the note SHA256SUMS.note is the same text with a signature (C2SP
// signed-note, Ed25519). latest.note is what "minamori update check" reads.
//
// Rules: two builds of one commit give the same bytes, whatever the folder, the
// cache and the day: no paths, no build id, times from the commit. "rebuild" shows
// it with two copies of the source and two empty caches. A dirty tree is refused.
// The key lies outside the repository, and a file that others can read is refused.
//
// Neighbours: the go command, git, dpkg-deb where there is one. It imports nothing
// of the program.
//
// It uploads nothing.
package main
