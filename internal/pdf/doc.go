// Package pdf writes small A4 documents in Japanese: the board report, the
// declaration, the list of answers a company hands to its customer.
//
// Words: a Doc gathers blocks (heading, text, table, list, figure, box, stamp)
// and sets them when its bytes are asked for. A substitute stands for a
// character the font lacks: 〓 with a number, explained at the end of the
// document. A form is the shape a variation selector asks for (葛󠄀 in 葛󠄀城市).
//
// Rules: no character is lost in silence. A name is shown as it is written,
// also beyond U+FFFF and with the form it asks for; what cannot be shown is
// named. Lines are broken by the Japanese rules (JIS X 4051): no 。 at the
// start, no 「 at the end, numbers keep their units. Rows are not split, headings
// stay with what follows. Black ink suffices. The same input gives the same
// bytes: the time comes from the caller. A document has at most 200 pages and
// 1 MB of text; more is the problem pdf-too-large. One document is set at a
// time, so that the memory of the server stays small.
//
// Neighbours: internal/problem names the limit. The rooms bring every word,
// also those around substitutes; the font is BIZ UDPGothic (font/README).
//
// It has no language, draws no charts of its own, makes no tagged (PDF/UA)
// files and signs nothing.
package pdf
