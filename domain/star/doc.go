// Package star says how far a company is on the way to a star that somebody else
// gives, and keeps the official number that came back.
//
// Neighbours: db, journal, web, i18n, ui, assess.
package star
