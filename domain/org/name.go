package org

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// NameLimit is how long a name may be, in characters.
const NameLimit = 200

// marksInARow is how many combining marks may follow each other: more of them
// grow out of the line and cover what stands around.
const marksInARow = 2

// Screen prepares a name for keeping: surrounding space goes, the rest stays as
// typed, composed where that changes no kanji. It refuses what cannot be seen or
// changes the direction of what stands around (threats T25).
// keys: field.name-empty, field.name-long, field.name-encoding, field.name-character
func Screen(s string) (string, *Flaw) {
	if !utf8.ValidString(s) {
		return "", &Flaw{Code: "name-encoding"}
	}
	s = compose(strings.TrimFunc(s, unicode.IsSpace))
	switch n := utf8.RuneCountInString(s); {
	case n == 0:
		return "", &Flaw{Code: "name-empty"}
	case n > NameLimit:
		return "", &Flaw{"name-long", []any{"n", n, "max", NameLimit}}
	}
	var before rune
	marks := 0
	for _, r := range s {
		if marks++; !unicode.Is(unicode.M, r) || selects(r) {
			marks = 0
		}
		if !allowedAfter(before, r) || marks > marksInARow {
			return "", &Flaw{"name-character", []any{"code", fmt.Sprintf("U+%04X", r)}}
		}
		before = r
	}
	return s, nil
}

// screenMaybe is Screen for a name that may be left empty.
func screenMaybe(s string) (string, *Flaw) {
	clean, flaw := Screen(s)
	if flaw != nil && flaw.Code == "name-empty" {
		return "", nil
	}
	return clean, flaw
}

// allowedAfter says whether r may stand in a name after before. A variation
// selector only chooses the form of a kanji (葛 of 葛城, 辻 with one dot), so it
// needs one before it.
func allowedAfter(before, r rune) bool {
	switch {
	case r == ' ' || r == '\u3000':
		return true
	case selects(r):
		return unicode.Is(unicode.Han, before)
	case unseen(r):
		return false
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S)
}

// selects finds the selectors of ideographic variants (IVS) and of standardised
// variants of compatibility ideographs.
func selects(r rune) bool { return r >= 0xE0100 && r <= 0xE01EF || r >= 0xFE00 && r <= 0xFE02 }

// unseen finds characters that are letters, marks or symbols by their class and
// yet leave no trace: fillers, joiners, blanks and the selectors of emoji.
func unseen(r rune) bool {
	return unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || unicode.Is(unicode.Variation_Selector, r) ||
		r == 0x034F || r == 0x2800 || r == 0x17B4 || r == 0x17B5
}

// compose brings letters and their marks together (か + ゛ becomes が). Whole
// normalisation would also replace the compatibility ideographs of family names
// (神 U+FA19 would become 神), so these stay.
func compose(s string) string {
	if norm.NFC.IsNormalString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		i := strings.IndexFunc(s, compatibilityIdeograph)
		if i < 0 {
			b.WriteString(norm.NFC.String(s))
			break
		}
		_, size := utf8.DecodeRuneInString(s[i:])
		b.WriteString(norm.NFC.String(s[:i]))
		b.WriteString(s[i : i+size])
		s = s[i+size:]
	}
	return b.String()
}

func compatibilityIdeograph(r rune) bool {
	return r >= 0xF900 && r <= 0xFAFF || r >= 0x2F800 && r <= 0x2FA1F
}

// shown is a character as a message may carry it: what cannot be seen goes by
// its number.
func shown(r rune) string {
	if allowedAfter(0, r) && !unicode.IsSpace(r) && !unicode.Is(unicode.M, r) {
		return string(r)
	}
	return fmt.Sprintf("U+%04X", r)
}
