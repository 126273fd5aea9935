package star

import (
	"strings"

	"golang.org/x/text/width"
)

// idDigits is how long a 自己宣言ID is.
const idDigits = 11

// tidyNumber takes a number as people type or copy it: full-width digits, hyphens
// and spaces.
func tidyNumber(s string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '‐', '‑', '–', '−', 'ー', '\t':
			return -1
		}
		return r
	}, width.Fold.String(strings.TrimSpace(s)))
}

// idFault says what is wrong with a 自己宣言ID as the code of a field problem, with
// its arguments; "" when it can be one. New ones lead with 5, those from before April
// 2026 with 4.
func idFault(id string) (code string, args []any) {
	for _, r := range id {
		if r < '0' || r > '9' {
			return "star-id-signs", nil
		}
	}
	switch {
	case len(id) != idDigits:
		return "star-id-length", []any{"n", len(id)}
	case id[0] != '5' && id[0] != '4':
		return "star-id-lead", nil
	}
	return "", nil
}
