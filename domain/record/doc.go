// Package record keeps what a company writes down all year: ledgers, requests that
// somebody approved, duties that were done.
//
// Words: a Ledger is a list of things (devices, networks, administrator IDs); a row is
// one of them, and to look a ledger through is to say that it is right today. A Form
// is what somebody asks for (an ID, a right, a change); a Request is a form filled in,
// here or on paper. A DutySheet is something to do every year, and Done is one time
// that it was done. A Column is something to write down; Cells is what was written. All
// three kinds of sheets are data (content/ledgers, content/forms, content/duties).
//
// Rules: nobody approves what he asked for; where a company has one person only, he
// may, and the record says so. A request on paper is entered by a manager, who says who
// signed and when. A ledger counts once it has rows and somebody looked it through,
// until that is a rhythm old; a request for a year after it was approved; a duty until
// it comes round again. What counts is told to assess, with the criteria that the sheet
// names, and is withdrawn when it is gone. An upload changes nothing before its preview
// was confirmed, and what is applied is what was seen; formulas and macros of a
// spreadsheet never run, and a cell stays the text that it is. Names of persons go
// when they ask for it.
//
// Neighbours: db, journal, web, problem, i18n, ui, pdf, format/table; assess takes the
// evidence.
//
// It writes no rules (policy does), looks at no machine, and sends no reminders: assess
// knows what gets old.
package record
