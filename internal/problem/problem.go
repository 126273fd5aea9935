// Package problem is the one kind of error a person may see: what is wrong and
// what to do about it (RFC 9457 in the API, a page in the browser, error: and
// hint: on the command line).
//
// Words: a Problem has a status, a code, and for forms the fields it concerns.
// Its title and hint are the texts problem.<code>.title and problem.<code>.hint
// of the catalogue.
//
// Rules: whatever is not a Problem is ours; it is logged once with an id and
// shown as "internal". No problem names another organisation or says whether a
// foreign thing exists: that is NotFound.
//
// It does not log and it does not render.
package problem

import (
	"errors"
	"net/http"
)

// Problem is an error meant for the person who caused or met it.
type Problem struct {
	Status int    // HTTP status
	Code   string // names the texts problem.<code>.title and .hint
	Args   []any  // placeholders of the texts, name and value in turn
	Fields []Field
}

// Field is one input that has to be mended.
type Field struct {
	Name string // as in the form and in JSON
	Code string // names the text field.<code>
	Args []any
}

// Error names the code; people see the texts instead.
func (p *Problem) Error() string {
	s := "problem " + p.Code
	for _, f := range p.Fields {
		s += " " + f.Name + ":" + f.Code
	}
	return s
}

// New makes a problem with a status and a code; args fill its texts.
func New(status int, code string, args ...any) *Problem {
	return &Problem{Status: status, Code: code, Args: args}
}

// NotFound answers for what does not exist and for what is not the caller's to
// see: the two must not be told apart (threats T2).
func NotFound() *Problem { return New(http.StatusNotFound, "not-found") }

// Forbidden answers a member whose role does not reach.
func Forbidden() *Problem { return New(http.StatusForbidden, "forbidden") }

// Invalid gathers the fields that need mending. Or returns nil when none do.
type Invalid struct{ fields []Field }

// Add notes a field; code names the text field.<code>.
func (v *Invalid) Add(name, code string, args ...any) {
	v.fields = append(v.fields, Field{Name: name, Code: code, Args: args})
}

// Check adds the field when the condition does not hold.
func (v *Invalid) Check(ok bool, name, code string, args ...any) {
	if !ok {
		v.Add(name, code, args...)
	}
}

// Or returns the problem, or nil when every field is in order.
// keys: problem.invalid.title, problem.invalid.hint
func (v *Invalid) Or() error {
	if len(v.fields) == 0 {
		return nil
	}
	return &Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Args: []any{"n", len(v.fields)}, Fields: v.fields}
}

// As returns the problem inside err, or nil.
func As(err error) *Problem {
	var p *Problem
	if errors.As(err, &p) {
		return p
	}
	return nil
}

// Is says whether err is a problem with this code.
func Is(err error, code string) bool {
	p := As(err)
	return p != nil && p.Code == code
}

// FieldCode returns the code noted for a field, or "" when it is in order.
func (p *Problem) FieldCode(name string) string {
	if p != nil {
		for _, f := range p.Fields {
			if f.Name == name {
				return f.Code
			}
		}
	}
	return ""
}
