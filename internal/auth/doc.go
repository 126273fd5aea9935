// Package auth knows who people are and proves it again at every request.
//
// Words: an Account is a person. A way to log in is a passkey, or a password
// with a code from an app (TOTP); recovery codes stand in when a device is lost.
// A session is a browser that has logged in; a step-up is a fresh proof within
// it. A Token is a key with which a program speaks for an organisation. A link
// is a one-time secret that people carry (set-up, recovery); a slip is a sealed
// note that a browser carries between two steps and that works once. Keys is
// the installation's key file.
//
// Rules: no secret lies in the database: tokens and links as hashes, passwords
// as argon2id, the secrets of apps sealed. The secret of a link is derived from
// its id, so that a queue holds an id alone (threats T23). A link is shown by
// GET and consumed by POST. Answers and work are the same for an account that
// does not exist. Nobody can lock anybody out: what slows down is the pair of
// account and network. A new token is given at login and at step-up, and the old
// one dies. A passkey belongs to one host name; the start is refused while there
// are some for another. Each change is journalled in its own transaction, in
// the chain of the installation; API tokens in that of their organisation.
//
// Limits on tries hold over all nodes and restarts: package limit keeps them.
//
// Neighbours: db, journal, limit, problem, web (Caller).
//
// It does not know organisations or roles in them, it sends no mail, and it has
// no pages: those are domain/account.
package auth
