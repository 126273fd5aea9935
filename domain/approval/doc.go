// Package approval lets an owner who does not use a computer approve on paper:
// a sheet is printed, signed, photographed and uploaded, and then the act happens.
//
// Words: an Act is something that needs the owner, with the sentences that are
// signed. A Sheet is one act to be signed, its sentences frozen when it is made.
// The uploader (登録した人) brings the signed sheet in; the signer is the owner whose
// name he gives. Denied says that an owner does not recognise the sheet.
//
// Rules: nothing happens before the signed sheet is uploaded. The sentences are
// plain Japanese, because they bind. A sheet works once, for 30 days, and as it
// was printed: what is signed cannot be changed afterwards. Who would gain by an
// act cannot upload its sheet. Wherever the act is shown stands "approved on
// paper, uploaded by X on D"; it is never shown as the owner's own login.
//
// Neighbours: db, journal, pdf, web, i18n, ui, org. The acts come in from the
// place that wires the program, so that no room knows this one.
//
// It does not compare signatures, and a paper cannot do what only a login can:
// make keys for programs or look at another company.
package approval
