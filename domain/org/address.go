package org

import "github.com/minamori-project/minamori/internal/problem"

// CheckAddress says whether an invitation can go to an address, as a problem of
// the field email.
func CheckAddress(s string) error {
	_, flaw := emailAddress(s)
	var v problem.Invalid
	flaw.note(&v, "email")
	return v.Or()
}
