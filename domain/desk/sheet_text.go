package desk

import (
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/pdf"
)

// A text with readings is set here and not by package pdf, which has no ruby: the
// easy register needs it on paper as on the screen.

func (s *setter) runs(key string, args ...any) []i18n.Segment {
	l := i18n.From(s.ctx)
	if l.Lang != i18n.Easy {
		return plainRuns(l.T(key, args...))
	}
	return l.Runs(key, args...)
}

func plainRuns(text string) []i18n.Segment { return []i18n.Segment{{Base: text}} }

// runsOf takes a text of the content files apart; nil when there is none.
func runsOf(t i18n.Text, lang i18n.Lang) []i18n.Segment {
	raw := t.Register(lang)
	if raw == "" {
		return nil
	}
	runs, err := i18n.Parse(raw)
	if err != nil { // content is checked when it is loaded
		return plainRuns(raw)
	}
	return runs
}

func hasReadings(runs []i18n.Segment) bool {
	for _, r := range runs {
		if r.Reading != "" {
			return true
		}
	}
	return false
}

func lineHeight(runs []i18n.Segment) float64 {
	if hasReadings(runs) {
		return sheetLineReadings
	}
	return sheetLine
}

// rich sets a text at x over a width and moves below it.
func (s *setter) rich(x, width float64, runs []i18n.Segment, size float64, bold bool) {
	high := lineHeight(runs) * size / sheetText
	l := pdf.Lettering{Size: size, Bold: bold}
	for _, line := range s.broken(runs, width, l) {
		at, middle := x, s.y+high-sheetLine*size/sheetText/2
		for _, r := range line {
			w := s.Width(r.Base, l)
			s.TextAt(at, middle, r.Base, l)
			if r.Reading != "" {
				s.TextAt(at+w/2, middle-sheetText*0.27-0.4, r.Reading, pdf.Lettering{Size: sheetReading, Align: pdf.Middle})
			}
			at += w
		}
		s.y += high
	}
}

func (s *setter) height(width float64, runs []i18n.Segment, size float64, bold bool) float64 {
	lines := s.broken(runs, width, pdf.Lettering{Size: size, Bold: bold})
	return float64(len(lines)) * lineHeight(runs) * size / sheetText
}

// broken breaks a text into lines: by the rules of Japanese where it is one piece,
// between phrases where it carries readings.
func (s *setter) broken(runs []i18n.Segment, width float64, l pdf.Lettering) (lines [][]i18n.Segment) {
	if !hasReadings(runs) {
		var text strings.Builder
		for _, r := range runs {
			text.WriteString(r.Base)
		}
		for _, line := range pdf.Break(text.String(), width, func(t string) float64 { return s.Width(t, l) }) {
			lines = append(lines, plainRuns(line))
		}
		return lines
	}
	var line []i18n.Segment
	used := 0.0
	for _, phrase := range phrases(runs) {
		w := 0.0
		for _, r := range phrase {
			w += s.Width(r.Base, l)
		}
		if used+w > width && len(line) > 0 {
			lines, line, used = append(lines, line), nil, 0
		}
		line, used = append(line, phrase...), used+w
	}
	return append(lines, line)
}

// phrases takes a text apart after each space.
func phrases(runs []i18n.Segment) (all [][]i18n.Segment) {
	var phrase []i18n.Segment
	for _, r := range runs {
		rest := r.Base
		for r.Reading == "" {
			i := strings.IndexByte(rest, ' ')
			if i < 0 {
				break
			}
			all = append(all, append(phrase, i18n.Segment{Base: rest[:i+1]}))
			phrase, rest = nil, rest[i+1:]
		}
		if rest != "" {
			phrase = append(phrase, i18n.Segment{Base: rest, Reading: r.Reading})
		}
	}
	if len(phrase) > 0 {
		all = append(all, phrase)
	}
	return all
}
