package pdf

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// May not start a line (行頭禁則).
	noStart = "、。，．・：；？！ーヽヾゝゞ々〻゛゜" +
		"」』）】〕］｝〉》〙〗〟’”｠»" +
		"ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ" +
		"‐〜～–゠!?,.:;)]}%％‰℃°′″｡､･｣ｰﾞﾟｧｨｩｪｫｬｭｮｯ"
	// May not end a line (行末禁則).
	noEnd = "「『（【〔［｛〈《〘〖〝‘“｟«([{￥¥＄$£￡€№＃#"
	// Stay together when doubled (分離禁止).
	doubled = "…‥―—〳〴〵"
	// Stay with the number that follows.
	beforeNumber = "★☆第約全計〓"
	// Stay with the number before, and with each other: 15万円, 2026年10月14日.
	afterNumber = "十百千万億兆円年月日週時分秒人名社件個台回点歳割倍度章節条項号基準段位枚本冊頁か所カヶケヵ"
	dateParts   = "年月時分"
)

// Break cuts text into lines no wider than width by the Japanese rules. measure
// gives the width of a string in the same unit and must be additive. Spaces at
// the end of a line stay and may hang over. Only what cannot be broken by the
// rules and is wider than a whole line is cut anywhere. Joined, the lines are
// the text without its line feeds; there is always at least one line.
func Break(text string, width float64, measure func(string) float64) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		lines = append(lines, fill(paragraph, width, measure)...)
	}
	return lines
}

func fill(text string, width float64, measure func(string) float64) []string {
	var lines []string
	start, end, used := 0, 0, 0.0
	put := func(part string) {
		if end > start && used+measure(strings.TrimRight(part, " 　")) > width {
			lines = append(lines, text[start:end])
			start, used = end, 0
		}
		end += len(part)
		used += measure(part)
	}
	for _, unit := range units(text) {
		if measure(strings.TrimRight(unit, " 　")) <= width {
			put(unit)
			continue
		}
		for len(unit) > 0 {
			_, size := utf8.DecodeRuneInString(unit)
			put(unit[:size])
			unit = unit[size:]
		}
	}
	return append(lines, text[start:end])
}

// units cuts text at every place where a line may end.
func units(text string) []string {
	var out []string
	start, prev, number := 0, rune(-1), false
	for i, r := range text {
		joined := number && (afterNumberAt(text[i:]) || digit(r) && strings.ContainsRune(dateParts, prev))
		if i > 0 && !joined && mayPart(prev, r) {
			out = append(out, text[start:i])
			start = i
		}
		number = digit(r) || joined
		prev = r
	}
	if start < len(text) {
		out = append(out, text[start:])
	}
	return out
}

// mayPart says whether a line may end between two runes.
func mayPart(prev, next rune) bool {
	switch {
	case space(next), in(noStart, next), unicode.Is(unicode.Mn, next), in("\u00A0\u2060", prev, next):
		return false
	case space(prev):
		return true
	case in(noEnd, prev), prev == next && in(doubled, prev), word(prev) && word(next):
		return false
	}
	return !(digit(next) && in(beforeNumber, prev))
}

// afterNumberAt says whether text goes on with a unit. か counts only before
// the word it belongs to: 3か月, but 3|から.
func afterNumberAt(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	if !in(afterNumber, r) {
		return false
	}
	if !in("かカヶケヵ", r) {
		return true
	}
	following, _ := utf8.DecodeRuneInString(text[size:])
	return in("月所国年条", following)
}

func in(set string, rs ...rune) bool {
	for _, r := range rs {
		if strings.ContainsRune(set, r) && r != utf8.RuneError {
			return true
		}
	}
	return false
}

func space(r rune) bool { return r == ' ' || r == '　' }

func digit(r rune) bool { return r >= '0' && r <= '9' || r >= '０' && r <= '９' }

// word says whether r is part of a word in Latin, Greek or Cyrillic letters, or
// of an address.
func word(r rune) bool {
	return r > ' ' && r < 0x250 || r == '’' || digit(r) || unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic)
}
