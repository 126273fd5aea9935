// Package web turns a room's table of routes into HTTP.
//
// Words: a Route says where, who may and what it does. The table of all routes
// is at once the mux, the access policy, the API document (OpenAPI) and the
// input of tests. A route has two faces: the page at its path, and JSON under
// /api/v1. A Caller is who asks; a Role is what a caller must be. An exchange is
// one request with its answer.
//
// Rules: the zero Role admits nobody. A route with {org} asks for a role in that
// organisation, and a stranger gets 404, never 403: the two must not tell that
// the organisation exists. The operator has no role in any organisation. GET and
// HEAD run in a read-only snapshot, which is given back before a page is sent;
// a route that is Noted then writes who looked, or the page is not sent.
// Handlers return a view or an error; a problem is shown, anything else is
// logged once with the request id and without what stood between quotes. An
// unknown Host is refused with 421 (a rebound name passes the cross-origin check
// alone), plain http from beyond this computer with 403. Redirects are local
// paths. Limits come before reading, and the limits for strangers before the
// database. These flood limits are kept per process: they spare it work, while
// what must hold over all nodes is package limit's. What is under way at once is
// bounded, apart for reading, changing and files, with a short queue in front;
// beyond it the answer is 503 with a time to try again. A place is held while
// we work, never while a line is slow. JSON is taken by the exact names of the tags, each once. The log
// holds route patterns and ids, never a path, an address or a name.
//
// Neighbours: db, i18n, problem. Sessions, memberships and page dress come in
// as functions from the place that wires the program.
//
// It does not know any room, it stores nothing, and it does not end slow
// headers or idle connections: those are settings of http.Server.
package web
