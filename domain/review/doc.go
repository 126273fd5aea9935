// Package review freezes an assessment, so that a specialist can look at it and an
// owner can stand by it, and takes what a helper proposes as an answer.
//
// Words: a snapshot (確定版) is an assessment as it stood at a moment, with a number,
// a digest and a date. A seat is the right of one specialist (セキュリティ専門家) to
// look at one snapshot for some days. A finding is what he notes about an item; a
// confirmation is the record of all of them. The oath (自己適合宣誓) is the owner's.
// A record is any of these three; a piece is a name or words in it, which can be
// erased. A proposal is an answer that a helper would give.
//
// Rules: nothing changes a record. Its facts hold the salted SHA-256 of each
// piece, its digest is that of the facts, and every reading proves both: what does
// not fit is shown as damaged, never as good. An erased piece leaves its digest
// behind, so the rest stays provable. A seat opens one snapshot and, where an owner
// said so, its evidence files; secret ones never. Whatever is missing for a seat
// (ended, over, its giver gone or no longer able to give it, company paused), it
// does not exist. A key for programs works on none. A qualification counts as not
// checked until a named body looked it up. Who confirms his own company, that of his
// group or of who pays him is shown as such. The oath needs a confirmation that
// stands and ends with it. A proposal lives as long as the grant it was made under,
// and is the company's answer only when a member accepts it.
//
// Neighbours: db, journal, web, i18n, ui, org; assess, which says where a company
// stands and keeps what was confirmed as evidence.
//
// It is our own record: the official forms and the register decide. It examines
// nobody and signs nothing.
package review
