// Package plan says who does what until when, and hands it to calendars and
// spreadsheets.
//
// Neighbours: db, journal, web, i18n, ui, assess.
package plan
