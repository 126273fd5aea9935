package org

import "github.com/minamori-project/minamori/internal/problem"

// Flaw is what is wrong with something typed. Code names the text field.<code>,
// Args fill it.
type Flaw struct {
	Code string
	Args []any
}

// Error names the code; people see the text instead.
func (f *Flaw) Error() string { return "org: " + f.Code }

// note adds the flaw to the fields that need mending.
func (f *Flaw) note(v *problem.Invalid, field string) {
	if f != nil {
		v.Add(field, f.Code, f.Args...)
	}
}
