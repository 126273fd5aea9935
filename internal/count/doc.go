// Package count is the one door through which numbers about companies leave:
// statistics in which no company can be told from the others.
//
// Words: a Table is one fixed set of figures over one group of companies, with
// Dimensions that each fall into bins. A Part is what one company adds: one bin
// per dimension. A Release is what is shown: rounded counts, the same for
// everybody who looks, until the next one.
//
// Rules (threats T6). A release is made at most once a week, and only when at
// least Least companies came, went or changed since the last one; otherwise the old
// one stays. It needs Group companies: Least others, the reader, and four that one
// attacker may own. Both numbers are raised by a secret few, because when a release
// appears tells something too. Each count is moved by a random amount of at most Blur and
// rounded to a multiple of Step; the random amounts are derived from the key of the
// installation and from everything the table holds, so that the same companies
// always give the same numbers and asking again tells nothing new. A cell is
// hidden unless it and the rest of its dimension both come to Least. Only companies
// that are bound and consent are handed in, and everybody sees the same release:
// a view without the reader would be one more to take differences from.
//
// The stated model: the attacker owns up to four companies in the group, chooses
// and changes their answers, and sees releases before and after. What he sees is
// then nearly as likely whatever one other company answered, and whether or not it
// is there (the test says how nearly). Against somebody who knows every company of
// the group but one over many releases, nothing is promised but the blur.
//
// Neighbours: db. Rooms hand in parts; the wiring says which companies may count.
//
// It does not decide who consents, and it keeps no answers: of each part a digest.
package count
