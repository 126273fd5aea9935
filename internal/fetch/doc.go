// Package fetch makes every call to another machine: a key set, a webhook, a
// DNS record, the operator's mail server.
//
// Words: a Client holds the settings. An Answer is what came back. Allow names
// the networks inside which calls may go although they are not public.
//
// Rules (threats T28): the address is checked when it is dialled, after every
// resolution, so that a name which changes its address between two looks gains
// nothing. Only public addresses are dialled: no loopback, private, link-local,
// shared (RFC 6598), multicast, documentation or reserved one, no address that
// carries another inside it (RFC 4291 mapped, RFC 6052 NAT64, 6to4, Teredo), and
// no metadata service, unless Allow names it. Plain http goes to networks in
// Allow alone. A redirect stays on its host, never leads from https to http, and
// three are enough. Answers are cut off at the caller's limit and at a time.
// Whatever went wrong outside, the caller learns ErrNoAnswer and an id: a
// refused port and a silent one look alike, and the log says the kind beside
// the id, never the address. Cookies are not kept. HTTP_PROXY and its relatives
// are not obeyed: a proxy would dial in our place, past the check. An operator
// with a proxy routes the machine, not the program.
//
// How long an answer took still tells something; callers therefore run in jobs
// and show when something was tried, not how long it took.
//
// Neighbours: none. A test in test/house keeps every other package from dialling.
//
// It does not decide who may have something called, and it does not try again.
package fetch
