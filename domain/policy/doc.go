// Package policy keeps the information security policy and the rules of a
// company: written from its answers, edited, approved by its owner, published.
//
// Words: a Template is a file of content/policies: what a document may say, in
// Japanese and English. A document (文書) is one company's policy or rule book; a
// Version of it is a draft until an owner approves it, in force until the next
// one replaces it or an owner withdraws it. A section is a chapter; a setting is
// a number, a name or a choice that the company puts into the text. A Weakness
// is a setting that asks for less than the criterion it is a rule for.
//
// Rules: the Japanese text binds, English is its translation. What was not
// answered "met" is never stated as done: it becomes "we will", or stays out.
// What was approved is not changed any more; the next version begins as its
// copy. A section counts as evidence only for those criteria whose settings are
// strong enough and still stand in the text. Evidence ends a year after the
// approval, because the rules are looked at again every year. The public page
// shows an approved version alone, of a company of which it is known who speaks
// for it, while its sharing is not paused. A rule is never proof that it is
// followed.
//
// Neighbours: db, journal, pdf, web, problem, i18n, ui, format/docx, assess.
//
// It does not declare anything, and it does not look whether rules are followed.
package policy
