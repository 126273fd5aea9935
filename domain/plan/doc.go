// Package plan says who does what until when, and hands it to calendars and
// spreadsheets.
//
// Words: a Step is what a company does next about one item of a pack, with who does
// it and until which day. Said is a person's word that it is done. An Address is a
// secret web address that a calendar program reads; it counts as a token.
//
// Rules: an item has one step at most. A step is done when evidence or an answer says
// so, never by a tick: criteria need evidence that holds, a maturity must have risen
// since the step was made. "We did it" stands beside the state and changes nothing. An
// address is kept as a hash, shown once, named, for a year at most; at each reading it
// is asked whether its maker is still a member and sharing is not paused (threats T21).
// It names nobody. Files are for members; helpers see nothing of a plan.
//
// Neighbours: db, journal, web, problem, i18n, ui, assess, format/ical. People of the
// company and the yearly duties come in as functions.
//
// It sends no reminders and asks no vendor: the text for him is written elsewhere.
package plan
