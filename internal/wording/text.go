package wording

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/i18n"
)

// longest is the most characters that a sentence may have.
var longest = map[i18n.Lang]int{i18n.JA: 60, i18n.Easy: 40, i18n.EN: 200}

// filled stands for a placeholder where length counts: a short name or a number.
const filled = "…"

// plain is the text without readings.
func plain(segments []i18n.Segment) string {
	var b strings.Builder
	for _, s := range segments {
		if s.Name != "" {
			b.WriteString(filled)
		}
		b.WriteString(s.Base)
	}
	return b.String()
}

var ends = map[i18n.Lang]*regexp.Regexp{
	i18n.JA:   regexp.MustCompile(`[。？！\n]`),
	i18n.Easy: regexp.MustCompile(`[。？！\n]`),
	i18n.EN:   regexp.MustCompile(`[.?!:;][”’)"]?\s|\n`),
}

// sentences splits a text; lists in it may end their lines instead.
func sentences(l i18n.Lang, text string) (all []string) {
	for _, s := range ends[l].Split(text, -1) {
		if s = strings.TrimSpace(s); s != "" {
			all = append(all, s)
		}
	}
	return all
}

// address is what nobody reads letter by letter: a URL, a host or a flag.
var address = regexp.MustCompile(`https?://[!-~]+|--[a-z-]+|[a-z0-9-]+(?:\.[a-z0-9-]+){2,}`)

// length counts what is read: an address as one sign, and in easy Japanese not the
// gaps between phrases.
func length(l i18n.Lang, sentence string) int {
	sentence = address.ReplaceAllString(sentence, filled)
	if l == i18n.Easy {
		sentence = strings.ReplaceAll(sentence, " ", "")
	}
	return utf8.RuneCountInString(sentence)
}
