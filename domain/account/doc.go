// Package account is the door: the pages on which people open an account, log
// in, prove it again, and look after their ways in.
//
// Words: the opening is the first part of every beginning (name and address),
// reached by a set-up link, an invitation's ticket, or a recovery link. A way in
// is a passkey, or a password with an app. Codes are the recovery codes that lie
// in a drawer. Keys for programs (API tokens) belong to an organisation.
//
// Rules: a link is shown by GET and consumed by POST. Every way works without
// JavaScript except the passkey, and the page says when that cannot work. Codes
// and keys for programs are shown once. No page says whether an address has an
// account, except to somebody who was invited to open one.
//
// Neighbours: internal/auth does the work; ui draws.
//
// It keeps no data of its own and knows nothing of organisations but their id.
package account
