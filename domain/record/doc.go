// Package record keeps what a company writes down all year: ledgers, requests
// that were approved, duties that were done.
//
// Neighbours: db, journal, web, i18n, ui, assess.
package record
