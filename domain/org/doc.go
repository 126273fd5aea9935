// Package org keeps organisations and who belongs to them. It is the ground
// every other room stands on. An org.ID in hand is not a right: rights come from
// membership.
//
// Words: an Organisation is a company, a sole proprietor or another body. A
// CorporateNumber (法人番号) is its official number; whoever has none carries an
// internal number. A Member is an account with a role in an organisation. An
// Invitation is a link that works once. A Circle (グループ) is several
// organisations of a region, an industry or a chain, with one as its operator. A
// Relation says which company is the parent or belongs to the same group.
//
// Rules: several organisations may claim one number, and nothing tells whether
// a number is taken. A name carries no invisible and no direction-changing
// character, and the number stands beside it. A sole proprietor's own name and
// place are personal data: others see the trade name or the internal number. An
// organisation always has an owner. An invitation is shown by GET and consumed by
// POST; neither the database nor the queue holds its secret. A circle needs the
// consent of both sides: the operator makes a code, the other enters it.
//
// Neighbours: db, journal, web, problem, i18n, ui. Accounts and the mail come in
// as functions.
//
// It does not prove that an account speaks for a company, it does not send mail,
// and it says nothing about security.
package org
