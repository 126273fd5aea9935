// Package sheet reads tables that people send: spreadsheets (.xlsx) and tables of
// text (CSV). It also writes CSV that a spreadsheet does not run.
//
// Words: a Table is the cells of one sheet as texts. A Fault says why a file is not
// read. A mark is the ' that stands before a text which a spreadsheet would take for
// a formula; Mark puts it there, and reading a table of text takes it away.
//
// Rules: a file is looked at, its name is not believed. Sizes are counted while a
// file is unpacked and not read off its own list, XML must be flat and without a
// document type, and reading ends after a time. Formulas are never worked out: a cell
// with one counts as what the file says it came to, and Table says which cells they
// are. Macros are not read. Texts stay texts: what Mark and a quote wrote comes back
// unchanged.
//
// Neighbours: excelize reads and writes .xlsx; x/text knows Shift_JIS and UTF-16.
//
// It does not know what a column means.
package sheet
