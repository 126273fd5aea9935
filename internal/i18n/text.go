package i18n

import (
	"fmt"
	"strconv"
	"strings"
)

// Segment is a run of text. Reading is its kana, empty where none is shown.
// Name is set instead of Base when the run is a placeholder.
type Segment struct {
	Base, Reading, Name string
}

// Text is one text in its three registers, as content files hold it.
type Text struct {
	JA   string `yaml:"ja" json:"ja"`
	Easy string `yaml:"easy" json:"easy"`
	EN   string `yaml:"en" json:"en"`
}

// Register returns the raw text of a register, readings and all.
func (t Text) Register(l Lang) string {
	switch l {
	case Easy:
		return t.Easy
	case EN:
		return t.EN
	}
	return t.JA
}

// In returns the text of a register without readings.
func (t Text) In(l Lang) string { return Plain(t.Register(l)) }

// Plain drops the readings of a text: {会社|かいしゃ} becomes 会社.
func Plain(s string) string {
	if !strings.Contains(s, "{") {
		return s
	}
	segs, err := Parse(s)
	if err != nil {
		return s
	}
	return render(segs, nil)
}

// Parse splits a text into runs. It fails on a brace that is not closed and on
// an empty reading, so that a slip in a content file is found when it is loaded.
func Parse(s string) ([]Segment, error) {
	var out []Segment
	for s != "" {
		open := strings.IndexByte(s, '{')
		if open < 0 {
			return append(out, Segment{Base: s}), nil
		}
		if open > 0 {
			out = append(out, Segment{Base: s[:open]})
		}
		end := strings.IndexByte(s[open:], '}')
		if end < 0 {
			return nil, fmt.Errorf("text %q: brace is not closed", s)
		}
		inner := s[open+1 : open+end]
		seg, err := parseBraces(inner)
		if err != nil {
			return nil, err
		}
		out = append(out, seg)
		s = s[open+end+1:]
	}
	return out, nil
}

func parseBraces(inner string) (Segment, error) {
	base, reading, isRuby := strings.Cut(inner, "|")
	if base == "" || isRuby && reading == "" {
		return Segment{}, fmt.Errorf("text {%s}: name or reading is empty", inner)
	}
	if isRuby {
		return Segment{Base: base, Reading: reading}, nil
	}
	return Segment{Name: inner}, nil
}

func render(segs []Segment, args []any) string {
	if len(segs) == 1 && segs[0].Name == "" {
		return segs[0].Base // most texts of a page
	}
	var b strings.Builder
	for _, s := range segs {
		if s.Name == "" {
			b.WriteString(s.Base)
			continue
		}
		b.WriteString(lookup(args, s.Name))
	}
	return b.String()
}

// lookup finds the value of a placeholder in name, value pairs. A name that is
// not given stays visible, so that a page test can see it.
func lookup(args []any, name string) string {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return text(args[i+1])
		}
	}
	return "{" + name + "}"
}

// text is fmt.Sprint with a short way for what pages are full of.
func text(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	}
	return fmt.Sprint(v)
}
