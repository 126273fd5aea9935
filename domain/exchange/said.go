package exchange

import (
	"strings"
	"unicode"
)

// What assess takes as a text, known here too so that a preview can say beforehand what
// would be refused. TestPreviewKeepsItsWord holds the two against each other.

// maxDetail is how many characters a reason, a scope or an exception may have.
const maxDetail = 500

// tidy gives every line the same end.
func tidy(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

// unseen says that a character changes how others are read without being seen itself.
func unseen(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\u200d':
		return false
	case unicode.IsControl(r), r >= 0xE0000 && r <= 0xE007F:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}
