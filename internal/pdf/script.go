package pdf

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// script turns text into the codes of the font and remembers what it could not
// show, in the order of the document.
type script struct {
	glyphs  *glyphs
	words   Substitutes
	numbers map[string]int  // missing characters → number of their mark
	forms   map[string]bool // forms already explained
	notes   []string
}

func newScript(g *glyphs, words Substitutes) *script {
	if words.Missing == "" {
		words.Missing = "〓{n}：{codes}"
	}
	if words.Form == "" {
		words.Form = "{char}：{codes}"
	}
	return &script{glyphs: g, words: words, numbers: map[string]int{}, forms: map[string]bool{}}
}

// set returns text with every character in a code the font can show.
func (s *script) set(text string) string {
	rest := []rune(strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\r\n", "\n"))
	var b strings.Builder
	for len(rest) > 0 {
		rest = rest[s.next(&b, rest):]
	}
	return b.String()
}

// next writes the first character of rest and says how many runes it took.
func (s *script) next(b *strings.Builder, rest []rune) int {
	r := rest[0]
	switch {
	case strings.ContainsRune("\n\r\v\f\u0085\u2028\u2029", r):
		b.WriteByte('\n')
		return 1
	case r == '\t':
		b.WriteByte(' ')
		return 1
	case invisible(r):
		return 1
	}
	r, n := compose(rest)
	if n < len(rest) && selector(rest[n]) && s.shown(r) {
		b.WriteRune(s.form(r, rest[n]))
		return n + 1
	}
	if c, ok := s.glyphs.code(r); ok {
		b.WriteRune(c)
		return n
	}
	return s.substitute(b, rest)
}

func (s *script) shown(r rune) bool {
	_, ok := s.glyphs.code(r)
	return ok
}

// compose joins a letter and its mark, as か and ゛ in the file names of a Mac.
// Whole-text NFC would replace 神 (U+FA19) in names, so only pairs are joined.
func compose(rest []rune) (rune, int) {
	if len(rest) > 1 && unicode.Is(unicode.Mn, rest[1]) && !selector(rest[1]) {
		if one := []rune(norm.NFC.String(string(rest[:2]))); len(one) == 1 {
			return one[0], 2
		}
	}
	return rest[0], 1
}

// form returns the code for a character with a selector; when the font lacks
// the form, the usual one, explained once.
func (s *script) form(r, selector rune) rune {
	pair := string([]rune{r, selector})
	if c, ok := s.glyphs.mapped[pair]; ok {
		return c
	}
	c, _ := s.glyphs.code(r)
	// U+FE0E and U+FE0F only choose between black and colourful signs.
	plain := selector == 0xFE0E || selector == 0xFE0F
	if !plain && !s.glyphs.usual[[2]rune{r, selector}] && !s.forms[pair] {
		s.forms[pair] = true
		s.notes = append(s.notes, strings.NewReplacer("{char}", string(r), "{codes}", codes([]rune{selector})).Replace(s.words.Form))
	}
	return c
}

// substitute writes one mark for a run of characters the font lacks, so that a
// Korean name is one mark and not five.
func (s *script) substitute(b *strings.Builder, rest []rune) int {
	n := 1
	for n < len(rest) && n < 16 && s.belongs(rest[n]) {
		n++
	}
	key := string(rest[:n])
	number, known := s.numbers[key]
	if !known {
		number = len(s.numbers) + 1
		s.numbers[key] = number
		s.notes = append(s.notes, strings.NewReplacer("{n}", strconv.Itoa(number), "{codes}", codes(rest[:n])).Replace(s.words.Missing))
	}
	fmt.Fprintf(b, "〓%d", number)
	if n < len(rest) && rest[n] >= '0' && rest[n] <= '9' {
		b.WriteByte(' ')
	}
	return n
}

// belongs says whether r continues a run of missing characters.
func (s *script) belongs(r rune) bool {
	return invisible(r) || selector(r) || !s.shown(r) && !unicode.IsSpace(r)
}

func codes(rs []rune) string {
	var names []string
	for _, r := range rs {
		names = append(names, fmt.Sprintf("U+%04X", r))
	}
	return strings.Join(names, " ")
}

func selector(r rune) bool {
	return r >= 0xFE00 && r <= 0xFE0F || r >= 0xE0100 && r <= 0xE01EF
}

// invisible characters have no shape by definition. Those that turn the
// direction of writing are left out on purpose: they can disguise a name.
func invisible(r rune) bool {
	return r == 0xAD || r == 0xFEFF || r >= 0x200B && r <= 0x200F || r >= 0x202A && r <= 0x202E || r >= 0x2060 && r <= 0x2069
}
