package org

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// CorporateNumber is a 法人番号: 13 digits of which the first checks the others.
// The zero value is none.
type CorporateNumber string

// The lengths of a number and of its base, in digits.
const (
	numberDigits = 13
	baseDigits   = 12
)

// fictionalOffice is a registry-office code that no office has, so that the
// numbers of a demonstration are nobody's.
const fictionalOffice = "9999"

// ParseNumber reads a number as people type it: full-width digits, spaces and
// hyphens included. Nothing typed is the zero number without a flaw.
// keys: field.corporate-number-digits, field.corporate-number-letter, field.corporate-number-check
func ParseNumber(s string) (CorporateNumber, *Flaw) {
	digits, other := digitsOf(s)
	switch {
	case other != noOther:
		return "", &Flaw{"corporate-number-letter", []any{"char", shown(other)}}
	case digits == "":
		return "", nil
	case len(digits) != numberDigits:
		return "", &Flaw{"corporate-number-digits", []any{"n", len(digits)}}
	}
	if want := checkDigit(digits[1:]); digits[0] != want {
		return "", &Flaw{"corporate-number-check", []any{"want", string(want), "have", digits[:1]}}
	}
	return CorporateNumber(digits), nil
}

// MakeNumber puts the check digit before a base of 12 digits.
func MakeNumber(base string) (CorporateNumber, error) {
	if len(base) != baseDigits || strings.Trim(base, "0123456789") != "" {
		return "", fmt.Errorf("org: %q is not a base of %d digits", base, baseDigits)
	}
	return CorporateNumber(string(checkDigit(base)) + base), nil
}

// Fictional returns a number that passes the check and cannot exist; serial is
// cut to six digits.
func Fictional(serial int) CorporateNumber {
	base := fmt.Sprintf("%s01%06d", fictionalOffice, (serial%1_000_000+1_000_000)%1_000_000)
	return CorporateNumber(string(checkDigit(base)) + base)
}

// checkDigit is 9 − (Σ Pn·Qn mod 9), where n counts from the right and Qn is 1
// for odd n, else 2 (法人番号の指定等に関する省令 2条). It is never 0.
func checkDigit(base string) byte {
	sum := 0
	for i := range len(base) {
		weight := 1
		if (len(base)-i)%2 == 0 {
			weight = 2
		}
		sum += int(base[i]-'0') * weight
	}
	return byte('0' + 9 - sum%9)
}

// hyphens are what Japanese keyboards and papers put between digits.
const hyphens = "-‐‑‒–—―−－ー"

// noOther says that digitsOf met nothing else.
const noOther rune = -1

// digitsOf gathers the digits and returns the first character that is neither a
// digit nor something people put between digits.
func digitsOf(s string) (string, rune) {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			b.WriteRune(r)
		case r >= '０' && r <= '９':
			b.WriteRune(r - '０' + '0')
		case strings.ContainsRune(" \u3000\t\r\n\u00a0"+hyphens, r):
		default:
			if r == utf8.RuneError {
				r = '?'
			}
			return b.String(), r
		}
	}
	return b.String(), noOther
}
