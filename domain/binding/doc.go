// Package binding keeps how we know that an account speaks for the company
// whose name and number it gives (threats T1).
//
// Words: a Proof (名乗りの確かめ) is one reason to believe it: a record in the
// DNS of the company's domain, a letter to its registered address, a voucher
// (a named body that knows the company says so), or gBizID. An organisation
// without one has only claimed. It is Bound while a proof is in force and its
// number is not disputed. A body is an organisation that the operator lets send
// letters and vouch. A Dispute is two or more organisations with proofs for one
// 法人番号; each is a Side.
//
// Rules: several may claim a number, the first bound one holds it. Whoever would
// become bound after it opens a dispute, which freezes the number: neither
// counts until one withdraws or two operators, never one person twice, choose
// the same side. Freezing takes a proof at least as strong as the holder's;
// otherwise anybody with a domain of his own could silence a company that came
// by letter. A side that two operators decided against does not contest that
// number again. No side learns of the other more than that it is there, and
// without a proof of one's own nothing tells whether a number is taken: the
// same answers, the same number of queries. A domain is looked at again every
// 30 days; a record that is gone leaves 30 days, and "no answer" is not "gone".
// A change of name, number or kind ends the proofs, because they were for the
// old one. Who has no number is bound by letter or voucher alone: a domain says
// nothing about a person.
//
// It proves who speaks, not that what is said is true, and nothing about
// security: no text here may sound like a certificate.
//
// Neighbours: db, journal, web, problem, i18n, ui; DNS, mail, files and jobs come
// in as functions.
//
// It does not send the letters (the desk does) and it does not log anybody in.
package binding
