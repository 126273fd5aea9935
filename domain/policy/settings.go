package policy

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// Settings are the values of a document by setting; several choices stand with
// spaces between them.
type Settings map[string]string

// maxText is how many characters a text that a company puts in may have.
const maxText = 80

// Number returns a setting as a number, 0 when it is none.
func (s Settings) Number(id string) int {
	n, err := strconv.Atoi(s[id])
	if err != nil {
		return 0
	}
	return n
}

// Chosen returns the choices of a setting.
func (s Settings) Chosen(id string) []string { return strings.Fields(s[id]) }

// english is where the English value of a translated setting stands.
func (s *Setting) english() string { return s.ID + ".en" }

// defaults are the settings of a company that has changed none.
func (t *Template) defaults(c Company, now time.Time) Settings {
	small := c.Employees != nil && *c.Employees <= SmallCompany
	all := Settings{}
	for i := range t.Settings {
		s := &t.Settings[i]
		all[s.ID] = s.Default
		if s.DefaultEN != "" {
			all[s.english()] = s.DefaultEN
		}
		if small && s.Small != "" {
			all[s.ID], all[s.english()] = s.Small, s.SmallEN
		}
		switch s.From {
		case "company":
			all[s.ID] = clip(c.Name, maxText)
		case "today":
			all[s.ID] = i18n.ISO(now)
		}
	}
	return all
}

func clip(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n])
	}
	return s
}

// fault is the code of what is wrong with a value, or "". An empty text or date
// may still be filled in before the approval.
// keys: field.policy-*
func (s *Setting) fault(v string) string {
	switch s.Kind {
	case "text":
		if utf8.RuneCountInString(v) > maxText {
			return "policy-long"
		}
		if strings.ContainsFunc(v, unseen) || strings.ContainsAny(v, "{}\n\t") {
			return "policy-signs"
		}
	case "number":
		if n, err := strconv.Atoi(v); err != nil || n < s.Min || n > s.Max {
			return "policy-number"
		}
	case "date":
		if _, err := time.Parse(time.DateOnly, v); v != "" && err != nil {
			return "policy-date"
		}
	default:
		return s.choiceFault(strings.Fields(v))
	}
	return ""
}

func (s *Setting) choiceFault(chosen []string) string {
	for _, id := range chosen {
		if s.option(id) == nil {
			return "policy-choice"
		}
	}
	if s.Kind == "one" && len(chosen) != 1 {
		return "policy-choice"
	}
	return ""
}

func (s *Setting) option(id string) *Option {
	for i := range s.Options {
		if s.Options[i].ID == id {
			return &s.Options[i]
		}
	}
	return nil
}

// typed takes what a form holds: a choice of several comes as setting.option.
// What the form does not name stays as it was, but for choices of several, of
// which a form that names the setting sends only the ticked ones.
func (t *Template) typed(old Settings, form map[string]string) (Settings, error) {
	next := maps.Clone(old)
	var v problem.Invalid
	for i := range t.Settings {
		s := &t.Settings[i]
		value, named := form[s.ID]
		if s.Kind == "many" && named {
			value = s.ticked(form)
		}
		if !named {
			continue
		}
		value = strings.TrimSpace(narrow(s.Kind, value))
		if code := s.fault(value); code != "" {
			v.Add(s.ID, code, "min", s.Min, "max", s.Max, "n", maxText)
			continue
		}
		next[s.ID] = value
		if en, named := form[s.english()]; named && s.Translated {
			code := s.fault(strings.TrimSpace(en))
			v.Check(code == "", s.english(), code, "min", s.Min, "max", s.Max, "n", maxText)
			next[s.english()] = strings.TrimSpace(en)
		}
	}
	return next, v.Or()
}

func (s *Setting) ticked(form map[string]string) string {
	var chosen []string
	for _, o := range s.Options {
		if form[s.ID+"."+o.ID] != "" {
			chosen = append(chosen, o.ID)
		}
	}
	return strings.Join(chosen, " ")
}

// narrow makes numbers typed in full width plain ones.
func narrow(kind, s string) string {
	if kind != "number" {
		return s
	}
	return strings.Map(narrowDigit, s)
}

func narrowDigit(r rune) rune {
	if r >= '０' && r <= '９' {
		return r - '０' + '0'
	}
	return r
}

// missing are the settings that an approval waits for.
func (t *Template) missing(values Settings) []string {
	var ids []string
	for _, s := range t.Settings {
		if s.Required && values[s.ID] == "" {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

// blank stands for what is not filled in yet.
const blank = "＿＿＿＿"

// fill puts the settings into a text. A choice may itself name settings.
func (t *Template) fill(text string, lang i18n.Lang, values Settings) string {
	put := func(s string) string {
		return holes.ReplaceAllStringFunc(s, func(hole string) string {
			if s := t.setting(strings.Trim(hole, "{}")); s != nil {
				return s.words(lang, values.of(s, lang))
			}
			return hole
		})
	}
	return strings.NewReplacer("。。", "。", "..", ".").Replace(put(put(text))) // a company may end its own words
}

// of is the value of a setting for a language: where there is no English one, the
// Japanese stands in.
func (v Settings) of(s *Setting, lang i18n.Lang) string {
	if en := v[s.english()]; lang == i18n.EN && en != "" {
		return en
	}
	return v[s.ID]
}

// idle says that a text names a setting which the company has left empty: the
// paragraph then says nothing.
func (t *Template) idle(text string, values Settings) bool {
	return slices.ContainsFunc(holesOf(text), func(id string) bool {
		s := t.setting(id)
		return s != nil && !s.Required && values[id] == ""
	})
}

// words are what a setting puts into the text.
func (s *Setting) words(lang i18n.Lang, v string) string {
	if v == "" {
		return blank
	}
	switch s.Kind {
	case "one", "many":
		var parts []string
		for _, id := range strings.Fields(v) {
			if o := s.option(id); o != nil {
				parts = append(parts, o.Text.in(lang))
			}
		}
		if lang == i18n.EN {
			return strings.Join(parts, ", ")
		}
		return strings.Join(parts, "、")
	case "date":
		return dayWords(lang, v)
	}
	return v
}

func dayWords(lang i18n.Lang, v string) string {
	day, err := time.Parse(time.DateOnly, v)
	switch {
	case err != nil:
		return v
	case lang == i18n.EN:
		return day.Format("2 January 2006")
	}
	return day.Format("2006年1月2日")
}

func (b Both) in(lang i18n.Lang) string {
	if lang == i18n.EN {
		return b.EN
	}
	return b.JA
}

// stands says whether a setting is still in the text of a section: each of its
// parts, and a number with what the template says after it. "10" alone would stand
// for the ten failures when the ten characters are gone.
func (t *Template) stands(in *Section, id, text string, values Settings) bool {
	s := t.setting(id)
	if s == nil || values[id] == "" {
		return false
	}
	text = strings.Map(narrowDigit, text)
	if s.Kind == "number" {
		return slices.ContainsFunc(in.after(id), func(unit string) bool { return hasNumber(text, values[id], unit) })
	}
	for _, part := range s.parts(values[id]) {
		if !strings.Contains(text, strings.Map(narrowDigit, t.fill(part, i18n.JA, values))) {
			return false
		}
	}
	return true
}

// after lists what follows a setting in the lines of a section: at most four
// characters of its sentence.
func (s *Section) after(id string) []string {
	var units []string
	for _, l := range s.Lines {
		if _, rest, named := strings.Cut(l.Text.JA, "{"+id+"}"); named {
			if end := strings.IndexAny(rest, "{、。"); end >= 0 {
				rest = rest[:end]
			}
			units = append(units, clip(rest, 4))
		}
	}
	return units
}

func (s *Setting) parts(v string) []string {
	if s.Kind != "one" && s.Kind != "many" {
		return []string{s.words(i18n.JA, v)}
	}
	var parts []string
	for _, id := range strings.Fields(v) {
		if o := s.option(id); o != nil {
			parts = append(parts, o.Text.JA)
		}
	}
	return parts
}

// hasNumber says that a text holds a number, not as the end of a longer one, with
// its unit.
func hasNumber(text, n, unit string) bool {
	for {
		before, rest, found := strings.Cut(text, n+unit)
		if !found {
			return false
		}
		last, _ := utf8.DecodeLastRuneInString(before)
		if !unicode.IsDigit(last) && last != '.' {
			return true
		}
		text = rest
	}
}

// unseen are signs that change what others read without being seen, and the two
// that end a line where no editor shows it.
func unseen(r rune) bool { return r == '\u2028' || r == '\u2029' || assess.Unseen(r) }
