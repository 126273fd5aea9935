// Package ical writes calendars (RFC 5545) of all-day entries: what is to be done on
// which day.
//
// Words: an Event stands on a day; a ToDo is due on a day and may be done. A UID names
// an entry for good: a calendar that reads the file again replaces the entry that has
// it, and never doubles it.
//
// Rules: the same Calendar gives the same bytes; DTSTAMP is the caller's. Lines end
// with CR LF and are folded at 75 octets, never inside a character. Text is escaped;
// what no calendar may hold (control signs) is left out.
//
// Neighbours: none but the standard library.
//
// It reads no calendars, knows no time of day and no repetition: who needs a yearly
// duty writes the coming one.
package ical
