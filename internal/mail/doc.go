// Package mail sends what the program itself has to say by mail: invitations,
// reminders, warnings.
//
// Words: a Message is one text to one person. A Sender gives it to a mail
// server, or writes it into a folder where no server is set: one then reads
// the invitation there and hands the link over.
//
// Rules: plain text from fixed templates, never HTML and never what a stranger
// wrote: a name within a text goes through Name, so that it cannot become a
// link (threats T29). Line breaks and invisible characters in an address or a
// subject are refused, not cleaned. Two caps hold whatever the callers do: per
// installation and per recipient, over all nodes (limit). Passwords and messages travel encrypted
// unless the server is this machine. Addresses and texts stay out of logs and
// errors: the log carries the message's id.
//
// Neighbours: job calls it, because a mail server may be slow or away. A send
// may happen twice, when the machine dies after it. fetch opens the connection,
// to the server of the settings alone, wherever that stands.
//
// It does not decide who may be written to, and it does not receive.
package mail
