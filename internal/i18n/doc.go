// Package i18n speaks to people in the register they chose.
//
// Words: a Lang is one of three registers, plain Japanese (ja), easy Japanese
// (ja-x-easy, only when the reader chooses it) and English (en). A Catalogue
// holds every text of the product by key; a Localizer is a catalogue seen
// through one Lang, and travels in the context of a request.
//
// Rules: a text is never written in code. Each key carries all three registers
// side by side in content/i18n/<room>.yaml, so that they are proofread
// together. {name} is a placeholder; {会社|かいしゃ} is a word with its reading,
// which pages show as ruby and everything else drops. English may differ by
// number (one/other), chosen by the placeholder n.
//
// Neighbours: none; content supplies the files, ui renders the readings.
//
// It does not translate names, official scheme names or what people typed.
package i18n
