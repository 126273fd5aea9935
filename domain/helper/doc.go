// Package helper lets somebody outside a company see what the company granted
// him, for a time, and shows the company each look: a helper whom it invited, or
// the operator's support.
//
// Words: a Grant says who may see which parts of a company until when. A helper
// (支援者) is a person of another organisation, invited by mail; support is the
// operator of this installation. The parts are the profile, the answers with
// their result, and the evidence files. A look is one page or file shown under a
// grant. Advice is what a helper writes about one item; what he proposes as its
// answer goes to the company, which alone decides.
//
// Rules: every query joins the grant, and what is not open (accepted, not ended,
// not over, company not paused, caller no member of it, part granted) does not
// exist. An API token never works on a grant. A manager grants profile and
// answers, an owner alone files, both with a fresh login: a stolen cookie must
// not let anybody in (threats T20). Taking away asks for nothing. Whoever gave or
// last extended a grant answers for it; it ends when he leaves (T21). The same
// person cannot help a company he belongs to (T19). What a helper says of himself
// is shown as not checked. A look is recorded before anything is sent; the
// journal gets one entry per hour and kind of page, and each look of support.
//
// Neighbours: assess gives what is shown of answers, org the profile. Names,
// mail, whether a company has paused and who takes a proposal come in as functions.
//
// It gives no lists, exports, tokens or acts, and it checks no qualification.
package helper
