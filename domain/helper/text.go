package helper

import (
	"strings"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/problem"
)

// What people write to each other here: as long as a note on paper.
const (
	maxText  = 500
	maxLines = 20
)

// text takes what somebody wrote, each line screened as a name is: pages show it
// as it stands and make no link of it.
// keys: field.helper-text-empty, field.helper-text-long, field.name-long, field.name-character, field.name-encoding
func text(v *problem.Invalid, field, s string, mayBeEmpty bool) string {
	var lines []string
	for line := range strings.Lines(s) {
		clean, flaw := org.Screen(strings.TrimRight(line, "\r\n"))
		switch {
		case flaw != nil && flaw.Code == "name-empty":
			continue
		case flaw != nil:
			v.Add(field, flaw.Code, flaw.Args...)
			return s
		}
		lines = append(lines, clean)
	}
	clean := strings.Join(lines, "\n")
	if !mayBeEmpty && clean == "" {
		v.Add(field, "helper-text-empty")
	}
	if utf8.RuneCountInString(clean) > maxText || len(lines) > maxLines {
		v.Add(field, "helper-text-long", "n", maxText, "lines", maxLines)
	}
	return clean
}

// name takes a name, which may be left empty where mayBeEmpty says so.
func name(v *problem.Invalid, field, s string, mayBeEmpty bool) string {
	clean, flaw := org.Screen(s)
	if flaw != nil && !(mayBeEmpty && flaw.Code == "name-empty") {
		v.Add(field, flaw.Code, flaw.Args...)
	}
	return clean
}
