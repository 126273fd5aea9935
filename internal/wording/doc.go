// Package wording holds the rules for what people read: how long a sentence may
// be, which words are not said of what, and that every kanji of easy Japanese
// carries its reading.
//
// Words: a Rules is the list of refused words that experts keep in
// content/wording/words.yaml; a scheme is what a text speaks of, the family of a
// framework pack or nothing for our own texts; a Shelf says what is usual in a
// kind of content file; a Fault is one thing wrong with its place.
//
// Rules: a text has three registers side by side, none is empty. A sentence has at
// most 60 characters in plain Japanese, 40 in easy Japanese (gaps between phrases
// are not read) and 200 in English. A refused word is right in the terms that
// stand beside it in the list. All faults are reported, with file and line.
//
// Neighbours: i18n knows registers and readings. domain/assess asks about packs
// (minamori framework lint), test/house about all of content/.
//
// It does not judge meaning, grammar or whether a reading is the right one of
// several, and it reads no files.
package wording
