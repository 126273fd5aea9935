// Package review freezes an assessment, so that a specialist can look at it and
// an owner can stand by it.
//
// Neighbours: db, journal, web, i18n, ui, assess.
package review
