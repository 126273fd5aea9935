// Package exchange takes assessments out and in: Excel, CSV, JSON, OSCAL, and
// the official workbook.
//
// Neighbours: db, journal, web, i18n, ui, assess.
package exchange
