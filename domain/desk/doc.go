// Package desk is the counter (窓口) at which the staff of a circle's operating
// organisation look after many small companies.
//
// Words: a Case is one company in a circle's own list, with its member number,
// contact person and history. A Letter carries a number, a code and a QR. A company
// is opened by staff for its owner, and claimed when its owner takes it over with
// the letter's code. Consent is what the company lets the staff see and do. A
// contact is a call, a visit, a mail or a note.
//
// Rules: a case belongs to one circle, and who works for one circle never sees
// another's. A code has 60 bits, works once within 90 days, and is locked after
// ten wrong tries; GET shows it and only POST uses it. Tries are counted by the
// letter's number, which stands beside the code and nowhere else: whoever has not
// seen the letter cannot lock it, and whoever has could use it. Neither database
// nor log nor queue holds a code. Staff enter answers and never declare, swear or
// consent; nothing reaches anybody else before the owner claims the company or
// signs the printed result. After the claim staff see only what the company
// consents to: how far, never what. It may withdraw at any time, and sees who looked.
//
// Neighbours: db, journal, web, problem, i18n, pdf, ui, org, assess. Accounts, mail
// and answers come in as functions.
//
// It does not send mail itself, it judges no answer, and it does not know who may
// speak for a company: binding keeps that.
package desk
