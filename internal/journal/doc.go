// Package journal is what happened, in order, once: audit trail, outbox and feed
// in one mechanism.
//
// Words: an Entry says who did what to which subject, when and with which
// words. Each organisation's entries form a chain: an entry's hash covers the
// hash before it. Head is the end of a chain. The place of an entry is its
// position over all organisations; a Follower reads on from its own place and
// stores it in the transaction of its reaction.
//
// Rules: Note is called in the transaction of the change it notes. The chain
// covers ids and a salted commitment to the text, never the text: text and salt
// lie beside it and can be erased (個人情報保護法 22条, 35条) while the chain
// stays whole. Ids in an entry must therefore never be names. The place comes
// from a one-row counter and not from a sequence: commits overtake sequences, and
// a follower would miss entries.
//
// Who keeps the database can recompute a whole chain. Verify finds that only
// with a head saved elsewhere (every export carries one); until heads go into a
// public log, the operator can rewrite the journal, and docs/security.md says so.
//
// Neighbours: db, problem.
//
// It does not interpret entries and it does not decide who may read them.
package journal
