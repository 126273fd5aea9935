// Package web turns a room's table of routes into HTTP.
//
// Words: a Route says where, who may and what it does. The table of all routes
// is at once the mux, the access policy, the API document and the input of
// tests. A route has two faces: the page at its path, and JSON under /api/v1. A
// Caller is who asks; a Role is what a caller must be.
//
// Rules: the zero Role admits nobody. A route with {org} asks for a role in that
// organisation, and a stranger gets 404, never 403: the two must not tell that
// the organisation exists. The operator has no role in any organisation. GET and
// HEAD run in a read-only snapshot. Handlers return a view or an error; a
// problem is shown, anything else is logged once with the request id. An unknown
// Host is refused with 421 (a rebound name passes the cross-origin check alone).
// Redirects are local paths. Limits come before reading.
//
// Neighbours: db, i18n, problem. Sessions, memberships and page dress come in
// as functions from the place that wires the program.
//
// It does not know any room and it does not store anything.
package web
