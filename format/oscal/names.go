package oscal

import (
	"crypto/sha1" // RFC 9562 names it for version 5; nothing is protected by it
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"
)

// namespace is the version 5 namespace of this program, itself made once at random.
var namespace = [16]byte{0x6d, 0x1f, 0x0b, 0x52, 0x8e, 0x3a, 0x4c, 0x77, 0x9a, 0x10, 0x5d, 0xc4, 0x21, 0xe9, 0x7f, 0x36}

// ID is the UUID (version 5, RFC 9562) of a thing that has these names. The names are
// counted, so that "a","bc" and "ab","c" differ.
func ID(names ...string) string {
	h := sha1.New()
	h.Write(namespace[:])
	for _, n := range names {
		h.Write([]byte(strconv.Itoa(len(n)) + ":" + n))
	}
	u := h.Sum(nil)[:16]
	u[6], u[8] = u[6]&0x0f|0x50, u[8]&0x3f|0x80
	x := hex.EncodeToString(u)
	return x[:8] + "-" + x[8:12] + "-" + x[12:16] + "-" + x[16:20] + "-" + x[20:]
}

// Token makes a name that OSCAL takes out of a prefix, which is one already, and a
// number such as 4-1-5-1. What a token may not hold becomes a low line.
func Token(prefix, number string) string {
	return prefix + strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsNumber(r) || strings.ContainsRune(".-_", r) {
			return r
		}
		return '_'
	}, number)
}

// Line makes one line without spaces around it. What is empty then may not stand
// where OSCAL asks for a line.
func Line(s string) string { return strings.Join(strings.Fields(s), " ") }

// marks are the signs that mean something to CommonMark or to OSCAL.
const marks = "\\`*_[]<>&{}|~!#$"

// Markup writes a plain text as CommonMark that shows the same text.
func Markup(s string) string {
	var b strings.Builder
	for _, r := range s {
		if strings.ContainsRune(marks, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Plain takes away what Markup added.
func Plain(s string) string {
	var b strings.Builder
	escaped := false
	for _, r := range s {
		if r == '\\' && !escaped {
			escaped = true
			continue
		}
		if escaped && !strings.ContainsRune(marks, r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
		escaped = false
	}
	if escaped {
		b.WriteByte('\\')
	}
	return b.String()
}
