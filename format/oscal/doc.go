// Package oscal reads and writes four documents of OSCAL 1.2, the exchange format
// of NIST: catalog, profile, assessment results and control mapping.
//
// Words: a Document holds exactly one of the four. An ID is a UUID of version 5,
// made from names: the same thing has the same id in every file. A Token is a name
// as OSCAL allows it; markup is CommonMark, so Markup escapes what people wrote and
// Plain takes the marks away again.
//
// Rules: the types are the part of OSCAL that is used here; what else a document of
// somebody else holds is skipped when it is read. Nothing is read beyond MaxSize,
// MaxDepth and MaxValues, and a name that stands twice in one object is refused: two
// readers could understand two things. Writing is deterministic: the same Document
// gives the same bytes, and the time is the caller's.
//
// Neighbours: none but the standard library.
//
// It does not fetch what a document refers to, and it judges no control.
package oscal
