package blob

import (
	"path"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	nameRunes      = 200
	extensionRunes = 16
	nameBytes      = 240 // file systems stop at 255 bytes, and browsers add " (1)"
	noName         = "file"
)

// ScreenName makes a file's name fit to be shown and saved: its last part
// alone, without invisible characters or such as turn the reading order round
// (which made "gpj.exe" of a program), without signs that Windows forbids. A
// long name keeps its ending.
func ScreenName(s string) string {
	s = s[strings.LastIndexAny(s, `/\`)+1:]
	s = strings.Map(visible, strings.ToValidUTF8(s, ""))
	s = strings.TrimLeft(strings.TrimRight(s, ". \u3000"), ". \u3000")
	s = shorten(s)
	if stem, _, _ := strings.Cut(s, "."); reserved[strings.ToLower(strings.TrimSpace(stem))] {
		s = "_" + s
	}
	if s == "" {
		return noName
	}
	return s
}

// visible keeps the selectors that choose the form of a kanji (葛󠄀): they are
// marks, and part of names.
func visible(r rune) rune {
	switch {
	case strings.ContainsRune(`<>:"|?*`, r):
		return '_'
	case r == '\u3000':
		return r
	case unicode.IsSpace(r):
		return ' '
	case !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Zs), r == utf8.RuneError,
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r), r == '\u2800', r == '\u034F':
		return -1
	}
	return r
}

func shorten(s string) string {
	if utf8.RuneCountInString(s) <= nameRunes && len(s) <= nameBytes {
		return s
	}
	ext := path.Ext(s)
	if utf8.RuneCountInString(ext) > extensionRunes {
		ext = ""
	}
	stem := []rune(strings.TrimSuffix(s, ext))
	room := nameRunes - utf8.RuneCountInString(ext)
	stem = stem[:min(room, len(stem))]
	for len(string(stem))+len(ext) > nameBytes {
		stem = stem[:len(stem)-1]
	}
	return strings.TrimRight(string(stem), ". \u3000") + ext
}

// reserved are names that mean devices on Windows, whatever follows the dot.
var reserved = map[string]bool{
	"con": true, "prn": true, "aux": true, "nul": true,
	"com1": true, "com2": true, "com3": true, "com4": true, "com5": true, "com6": true, "com7": true, "com8": true, "com9": true,
	"lpt1": true, "lpt2": true, "lpt3": true, "lpt4": true, "lpt5": true, "lpt6": true, "lpt7": true, "lpt8": true, "lpt9": true,
}
