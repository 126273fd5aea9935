package record

import (
	"context"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// maxCell is the longest text of a cell, in characters.
const maxCell = 300

// Cells is what stands in a row, by the id of its column. A date is 2026-11-24, a
// choice its code, whatever language it was written in.
type Cells map[string]string

// text is the cells as stored. HTML is not escaped, so that a name can be found in it.
func (c Cells) text() string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(map[string]string(c)); err != nil { // texts alone
		return "{}"
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// storedCells scans cells.
type storedCells struct{ into *Cells }

// Scan reads them.
func (s storedCells) Scan(src any) error {
	var text string
	if err := db.Maybe(&text).Scan(src); err != nil {
		return err
	}
	*s.into = nil // a query scans all its rows into one place
	return json.Unmarshal([]byte(text), (*map[string]string)(s.into))
}

// tidy makes one line of what was typed, without characters that no sheet can hold or
// that turn the direction of reading.
func tidy(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsControl(r):
			return ' '
		case r == utf8.RuneError, r >= 0xFFFE && r <= 0xFFFF, unicode.Is(unicode.Bidi_Control, r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	return strings.Join(strings.Fields(s), " ")
}

// read checks what was typed for the columns and returns it as it is stored. What is
// wrong is noted under "cells." and the id of the column.
func read(cols []Column, typed map[string]string, v *problem.Invalid) Cells {
	out := Cells{}
	for _, c := range cols {
		s, code := c.read(typed[c.ID])
		if code != "" {
			v.Add("cells."+c.ID, code, "n", maxCell)
			continue
		}
		if s != "" {
			out[c.ID] = s
		}
	}
	return out
}

// read returns the value of a cell, or the code of what is wrong with it.
// keys: field.record-empty, field.record-long, field.record-number, field.record-date, field.record-choice
func (c Column) read(typed string) (value, code string) {
	s := tidy(typed)
	switch {
	case s == "" && c.Required:
		return "", "record-empty"
	case s == "":
		return "", ""
	case utf8.RuneCountInString(s) > maxCell:
		return "", "record-long"
	}
	switch c.Kind {
	case Number:
		return readNumber(s)
	case Date:
		return readDate(s)
	case Choice:
		return c.readChoice(s)
	}
	return s, ""
}

// readNumber takes a number of at most twelve digits before the point, with the
// full-width digits and the commas that people type.
func readNumber(s string) (string, string) {
	s = strings.NewReplacer(",", "", "−", "-").Replace(norm.NFKC.String(s))
	whole, part, _ := strings.Cut(strings.TrimPrefix(s, "-"), ".")
	if whole == "" || len(whole) > 12 || len(part) > 6 || strings.Trim(whole+part, "0123456789") != "" {
		return "", "record-number"
	}
	n, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return "", "record-number"
	}
	return strconv.FormatFloat(n, 'f', -1, 64), ""
}

// dateForms are the ways in which a day is written here.
var dateForms = []string{time.DateOnly, "2006/1/2", "2006-1-2", "2006.1.2", "2006年1月2日", "20060102", "2 January 2006"}

func readDate(s string) (string, string) {
	s = norm.NFKC.String(s)
	for _, form := range dateForms {
		if t, err := time.Parse(form, s); err == nil && t.Year() >= 1900 && t.Year() < 2200 {
			return t.Format(time.DateOnly), ""
		}
	}
	return "", "record-date"
}

// readChoice takes a code or its name in any register.
func (c Column) readChoice(s string) (string, string) {
	for _, o := range c.Options {
		for _, name := range []string{o.Code, o.Title.JA, i18n.Plain(o.Title.Easy), o.Title.EN} {
			if strings.EqualFold(norm.NFKC.String(name), norm.NFKC.String(s)) {
				return o.Code, ""
			}
		}
	}
	return "", "record-choice"
}

// show writes a stored value for the reader.
func (c Column) show(ctx context.Context, value string) string {
	if value == "" {
		return ""
	}
	switch c.Kind {
	case Date:
		if t, err := time.ParseInLocation(time.DateOnly, value, i18n.Tokyo); err == nil {
			return i18n.Date(ctx, t)
		}
	case Choice:
		for _, o := range c.Options {
			if o.Code == value {
				return o.Title.In(i18n.From(ctx).Lang)
			}
		}
	}
	return value
}

// plain writes a stored value for a sheet: a choice by its name, everything else as it
// is stored, so that it comes back the same.
func (c Column) plain(ctx context.Context, value string) string {
	if c.Kind == Choice {
		return c.show(ctx, value)
	}
	return value
}

// day reads a stored day.
func day(s string) time.Time {
	t, _ := time.ParseInLocation(time.DateOnly, s, i18n.Tokyo) // checked when it was stored
	return t
}
