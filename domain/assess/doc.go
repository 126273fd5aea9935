// Package assess is how a company looks at itself: it answers the items of a
// framework, sees where it stands, and what to do next.
//
// Words: a Pack is one edition of one framework, read from content/frameworks.
// An Answer is a choice, perhaps with a memo; each earlier one is kept.
// Evidence is a file that shows that an answer is so. A Result is what a set of
// answers comes to; it is worked out, never typed in. Next things are at most
// three. Peers are companies of the same industry and size. An answer on behalf
// was entered by staff from somebody's words, on paper, by telephone or in person.
//
// Rules: unknown is an answer and never "no"; without an answer is neither. An
// answer stays with the edition it was given to. Somebody else's newer answer is
// never overwritten Unseen, least of all by staff. Nobody pledges for another;
// whose words an answer is stands wherever its author stands. Every change is
// journalled in its transaction. Peers are compared only from five companies on,
// and nobody is named. What is answered here is the company's own word: it is not
// "declared", and no unfinished article stands in the way of a declaration
// (SECURITY ACTION is declared in IPA's own system). The three lines (what the
// company says, what shows it, who examined it) are never blended.
//
// Neighbours: db, journal, pdf, web, i18n, ui. Organisations, people and files
// come in as functions of the Config.
//
// It does not declare anything, it shows nobody's answers to another company,
// and it keeps no files.
package assess
