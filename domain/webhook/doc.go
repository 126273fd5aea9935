// Package webhook tells a company's own systems that something happened in the
// company, by a signed call to an address of its choosing.
//
// Words: an Endpoint is an address with chosen verbs of the journal and a secret
// of its own. A Delivery is one entry for one endpoint. Signed is what we send:
// headers and signature of Standard Webhooks (github.com/standard-webhooks,
// its specification of 2023): webhook-id, webhook-timestamp and
// webhook-signature, "v1," and base64 of HMAC-SHA256 over id.timestamp.body.
//
// Rules: ids and verbs go out, never texts, names or accounts. The secret is
// derived and stored nowhere; it is shown once, and a changed one overlaps the
// old for a day. What may be sent is decided at the moment of sending, in one
// snapshot: the endpoint still there, sharing not paused, its maker still a
// manager. Whoever leaves takes his endpoints along (threats T21). A delivery is
// tried for two days at growing distances; five days without any success
// switch the endpoint off and its owners are told. What went wrong on the way is
// not shown beyond "no answer", so that an endpoint is no probe (threats T28). A
// delivery may come twice with the same id, and not always in order.
//
// Neighbours: db, journal (it follows it), web, problem, i18n, ui; fetch, jobs and
// the state of the company come in as functions.
//
// It receives nothing, and it tells nobody but the company itself.
package webhook
