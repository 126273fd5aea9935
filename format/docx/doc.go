// Package docx writes small documents as Office Open XML (ECMA-376), the form
// that word processors open.
//
// Words: a Doc gathers headings, paragraphs and numbered lists, and is written as
// a zip of XML parts.
//
// Rules: the same input gives the same bytes: the time comes from the caller, the
// parts stand in a fixed order. Text is escaped, and signs that XML cannot hold
// are left out. Japanese fonts are named, not embedded; a reader without them
// takes its own.
//
// Neighbours: none.
//
// It reads nothing, and it knows no pictures, tables, links or macros.
package docx
