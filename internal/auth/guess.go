package auth

import (
	"bytes"
	"crypto/sha256"
	_ "embed" // the list of common passwords
	"sort"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// commonSize is how much of a digest the list keeps, in bytes.
const commonSize = 6

// commonPasswords is what everybody tries first; common/README says where it is
// from. A program that asked a service on the net would tell it who is changing
// a password, and would not work without a network.
//
//go:embed common/passwords.bin
var commonPasswords []byte

// enoughBeside is how many characters a password needs beside known words.
const enoughBeside = 8

// ownWords are what somebody who knows the page would try: our name, what people
// come here for, and the words that guessers put everywhere. docs/security.md
// names them.
var ownWords = []string{
	"minamori", "皆守", "みなもり", "ミナモリ", "password", "passw0rd", "パスワード", "ぱすわーど",
	"security", "セキュリティ", "admin", "qwerty", "letmein", "welcome", "株式会社", "会社",
}

// guessable says that a password is one of those which are tried first: a common
// one, our words or the person's own with little else, or a run of keys.
func guessable(password, email string) bool {
	text := strings.ToLower(norm.NFKC.String(password))
	distinct := map[rune]bool{}
	for _, r := range text {
		distinct[r] = true
	}
	if len(distinct) < 5 || text == emailKey(email) || common(text) || strings.Contains("0123456789012345678901234567890", text) {
		return true
	}
	name, domain, _ := strings.Cut(strings.ToLower(email), "@")
	company, _, _ := strings.Cut(domain, ".")
	rest := text
	for _, word := range append([]string{name, company}, ownWords...) {
		if len(word) > 3 {
			rest = strings.ReplaceAll(rest, word, "")
		}
	}
	return rest != text && utf8.RuneCountInString(rest) < enoughBeside
}

func common(text string) bool {
	digest := sha256.Sum256([]byte(text))
	at := func(i int) []byte { return commonPasswords[i*commonSize : (i+1)*commonSize] }
	n := len(commonPasswords) / commonSize
	i := sort.Search(n, func(i int) bool { return bytes.Compare(at(i), digest[:commonSize]) >= 0 })
	return i < n && bytes.Equal(at(i), digest[:commonSize])
}
