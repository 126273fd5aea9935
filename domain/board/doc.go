// Package board shows the executives where the company stands, on one page.
//
// Neighbours: db, journal, web, i18n, ui, assess.
package board
