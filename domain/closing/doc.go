// Package closing ends things: a company that stops taking part (解約), and a
// person who wants to be forgotten (消去).
//
// Words: a Case is a company that asked to be closed. It waits for 14 days, in
// which any owner can call it off; then a job exports everything once more and
// deletes room by room. A Part contributes to the export, a Closer deletes what a
// room keeps of a company, an Eraser what it keeps of a person.
//
// Rules: a day counts when the service ran on it, and 14 days must also have
// passed by the clock: a clock that jumps closes nothing sooner. While a case
// waits nothing of the company goes to others. Every step bears being done twice,
// since the machine may die in any of them. What stays of a company is its case
// and its journal without words (個人情報保護法 22条, 35条): ids, times, verbs, and
// the chain. Of a person, what he answered stays with "a former member" as author.
// The only owner of a company is not erased before somebody follows him.
//
// Neighbours: org for the company, job for the work. What the rooms contribute
// comes in as lists.
//
// It does not reach copies that others made before, nor the operator's backups:
// at a restore the ledger has the deletion done again.
package closing
