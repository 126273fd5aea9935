// Package policy keeps the information security policy and the rules of a
// company: written from its answers, edited, approved by its owner, published.
//
// Neighbours: db, journal, web, i18n, ui, assess.
package policy
