package wording

import (
	"regexp"
	"strings"
	"unicode"

	"github.com/minamori-project/minamori/internal/i18n"
)

// readings looks at the braces of a text: every kanji of easy Japanese has a
// reading that fits, and nothing else has one.
func readings(l i18n.Lang, segments []i18n.Segment) (faults []string) {
	before := ""
	for _, s := range segments {
		switch {
		case s.Reading == "" && l == i18n.Easy && hasKanji(s.Base):
			faults = append(faults, "kanji without a reading: "+s.Base)
		case s.Reading == "":
		case l != i18n.Easy:
			faults = append(faults, "readings belong to the easy text: "+s.Base)
		case !strings.ContainsFunc(s.Base, needsReading):
			faults = append(faults, "a reading where there is no kanji: "+s.Base)
		case !fits(s.Base, s.Reading):
			faults = append(faults, "the reading does not fit: "+s.Base+" "+s.Reading)
		case !counts(before, s):
			faults = append(faults, "the reading does not fit the number: "+number.FindString(before)+s.Base+" "+s.Reading)
		}
		before = s.Base
	}
	return faults
}

// fits says whether a reading can be one of the word: kana only, the kana of the
// word where they stand in it, and at least one for each kanji. A counter after a
// placeholder has two readings, as ふん/ぷん.
func fits(base, reading string) bool {
	for one := range strings.SplitSeq(reading, "/") {
		if strings.ContainsFunc(one, notKana) || !sounds([]rune(base), []rune(one)) {
			return false
		}
	}
	return true
}

// sounds matches kana with itself, and a kanji with one kana or more. It walks all
// ways at once: trying one after the other takes for ever on a long wrong reading.
func sounds(base, reading []rune) bool {
	at := make([]bool, len(reading)+1) // how much of the reading may be used up
	at[0] = true
	for _, r := range base {
		next := make([]bool, len(at))
		for i := 1; i < len(at); i++ {
			if needsReading(r) {
				next[i] = at[i-1] || next[i-1]
			} else {
				next[i] = at[i-1] && reading[i-1] == r
			}
		}
		at = next
	}
	return at[len(reading)]
}

var number = regexp.MustCompile(`[0-9]+$`)

// wrongAfter holds the readings of counters that a number in front rules out.
var wrongAfter = map[string]*regexp.Regexp{
	"日|にち": regexp.MustCompile(`^(2|3|4|5|6|7|8|9|10|14|20|24)$`), // ふつか to とおか, じゅうよっか, はつか
	"人|にん": regexp.MustCompile(`^[12]$`),                          // ひとり, ふたり
	"分|ふん": regexp.MustCompile(`[134680]$`),
	"分|ぷん": regexp.MustCompile(`[2579]$`),
}

// counts says whether the reading of a counter can follow the number before it.
func counts(before string, s i18n.Segment) bool {
	n := number.FindString(before)
	wrong := wrongAfter[s.Base+"|"+s.Reading]
	return n == "" || wrong == nil || !wrong.MatchString(n)
}

// Forms that are hard to read. られ is left out: it mostly says that one can
// (見られます), which is easy.
var (
	passive = regexp.MustCompile(`(?:され|[わかたばまが]れ)(?:ま[すし]|て|た|る|な)`)
	twice   = regexp.MustCompile(`な(?:ければ|くては)(?:なりません|ならない|いけません)|ないと(?:いけません|だめ)|` +
		`ない(?:こと|わけ)(?:は|では|も)(?:ない|ありません)|なく(?:は|も)(?:ない|ありません)`)
)

// hard says which form of an easy sentence is hard to read, by its sound.
func (r *Rules) hard(segments []i18n.Segment) (faults []string) {
	var b strings.Builder
	for _, s := range segments {
		if s.Reading != "" {
			b.WriteString(s.Reading)
		} else {
			b.WriteString(s.Base)
		}
	}
	sound := r.actives.Replace(strings.ReplaceAll(b.String(), " ", ""))
	if form := passive.FindString(sound); form != "" {
		faults = append(faults, "passive in an easy text (say who does it): "+around(sound, form))
	}
	if form := twice.FindString(sound); form != "" {
		faults = append(faults, "says no twice in an easy text (say 〜て ください): "+around(sound, form))
	}
	return faults
}

// around shows a form with the few signs before it.
func around(text, form string) string {
	before, _, _ := strings.Cut(text, form)
	signs := []rune(before)
	return string(signs[max(0, len(signs)-6):]) + form
}

func notKana(r rune) bool {
	return r != 'ー' && r != '・' && !unicode.In(r, unicode.Hiragana, unicode.Katakana)
}

func hasKanji(s string) bool { return strings.ContainsFunc(s, isKanji) }

func isKanji(r rune) bool { return unicode.Is(unicode.Han, r) }

// needsReading: a number may have one, as in {1|ひと}つ.
func needsReading(r rune) bool { return isKanji(r) || r >= '0' && r <= '9' }
