package ui

import "github.com/minamori-project/minamori/internal/problem"

// FieldProblem is what a field of a form says about its problem; nil when it is in
// order.
func FieldProblem(p *problem.Problem, name string) Words {
	if p == nil {
		return nil
	}
	for _, f := range p.Fields {
		if f.Name == name {
			return T("field."+f.Code, f.Args...)
		}
	}
	return nil
}

// FieldProblems lists the fields of a problem for the summary above the form.
func FieldProblems(p *problem.Problem) []FieldError {
	all := make([]FieldError, len(p.Fields))
	for i, f := range p.Fields {
		all[i] = FieldError{ID: "f-" + f.Name, Text: T("field."+f.Code, f.Args...)}
	}
	return all
}
