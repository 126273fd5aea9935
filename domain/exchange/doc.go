// Package exchange takes assessments out and brings them in: Excel, CSV, JSON, OSCAL,
// the own sheets of customers, and the official workbook.
//
// Words: an Intake is an uploaded file of answers that waits for a yes; a Change is one
// of its rows held against what is answered now. A Layout is the own sheet of a
// customer, and its shape says where the numbers of the questions stand, where the
// answers go and in which words. A Workbook is the official workbook of a framework,
// which an operator loaded, and Wording its sentences. A Takeout is everything of a
// company in one Excel. A Crosswalk is a mapping as it is exchanged.
//
// Rules: a file changes nothing before somebody applies it, and then only rows that
// stand on the answer they were made from; the others are listed. What a file does not
// speak of stays. Answers go through assess, so history and journal are right. Nothing
// in a file is ever run, and a cell with a formula is not believed. A copy of a sheet
// differs from the original in the cells for answers and remarks alone. The official
// workbook and its sentences stay in the installation and are no part of the program.
// In OSCAL nothing is a pass: a finding stands only where something is known, and
// "unknown" is no finding. A viewer and a helper take nothing out.
//
// Neighbours: db, blob, job, journal, web, i18n, ui, assess; format/sheet, format/oscal.
//
// It judges no answer, keeps no uploaded answers beyond a day, and sends nothing to
// anybody.
package exchange
