// Package emergency is the page for the moment when something is wrong
// (困ったとき): the first ten minutes, and whom to call.
//
// Words: a Step is one of the five things to do first. A Contact is a public body
// with its number, dated, from content/emergency. A Number is whom the company
// itself calls, filled in on a quiet day.
//
// Rules: the page needs no login, no JavaScript and, once opened, no network. It
// prints on one A4 sheet. It never asks what happened. A number shows when it was
// seen and whether on the body's own page. The company's own numbers are for its
// people alone; a public page never holds them.
//
// Neighbours: db, journal, web, i18n, ui, org (screening of names). The scripts
// that keep the page on a device are ui/assets/emergency.js and its worker.
//
// It reports nothing to anybody and records no incident.
package emergency
