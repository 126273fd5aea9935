package policy

import (
	"slices"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Gone is a setting that a section is a rule by and that stands in its text no more.
type Gone struct {
	Section string `json:"section"`
	Place   string `json:"criterion"`
	Setting string `json:"setting"`
	Empty   bool   `json:"not_set"` // the company has not said it yet
}

// Judgement is what a text comes to before anybody approves it.
type Judgement struct {
	// Proves are the places that each section is a rule for.
	Proves map[string][]string `json:"proves"`
	Weak   []Weakness          `json:"weaker_than_asked"`
	Gone   []Gone              `json:"not_in_the_text"`
	// Untrue are sections that state as done what was answered otherwise.
	Untrue []string `json:"stated_but_not_answered_so"`
	// Missing are settings that an approval waits for.
	Missing []string `json:"missing"`
	// Old are sections that the template would write otherwise by now.
	Old []string `json:"older_than_the_answers"`
}

// Ready says that nothing stands in the way of an approval. A rule that is weaker
// than a criterion does not: it is a rule, only no evidence.
func (j Judgement) Ready() bool { return len(j.Untrue)+len(j.Missing) == 0 }

// judge holds a text against its template, its settings and the answers.
func judge(t *Template, v Settings, chapters []Chapter, given answers) Judgement {
	j := Judgement{Proves: map[string][]string{}, Weak: []Weakness{}, Gone: []Gone{}, Untrue: []string{}, Missing: t.missing(v), Old: []string{}}
	weaknesses := weak(v)
	for _, c := range chapters {
		s := t.section(c.ID)
		if s == nil {
			continue
		}
		for _, p := range s.Proves {
			j.place(t, s, v, c, p, weaknesses)
		}
		if t.untrue(s, v, c.JA, c.EN, given) {
			j.Untrue = append(j.Untrue, s.ID)
		}
		if ja, en := t.write(s, v, given); !c.Edited && (ja != c.JA || en != c.EN) {
			j.Old = append(j.Old, s.ID)
		}
	}
	return j
}

// place decides whether a section counts for one place.
func (j *Judgement) place(t *Template, s *Section, v Settings, c Chapter, p Proof, weaknesses []Weakness) {
	if c.JA == "" {
		return // left out
	}
	counts := true
	for _, w := range weaknesses {
		if w.Place == p.Place {
			j.Weak, counts = append(j.Weak, w), false
		}
	}
	for _, id := range p.Settings {
		if !t.stands(s, id, c.JA, v) {
			j.Gone, counts = append(j.Gone, Gone{c.ID, p.Place, id, v[id] == ""}), false
		}
	}
	if counts {
		j.Proves[c.ID] = append(j.Proves[c.ID], p.Place)
	}
}

// untrue says that a text states what the answers do not say.
func (t *Template) untrue(s *Section, v Settings, ja, en string, given answers) bool {
	return slices.ContainsFunc(s.Lines, func(l Line) bool {
		return len(l.When) > 0 && l.say(given) != l.Text &&
			(strings.Contains(ja, t.fill(l.Text.JA, i18n.JA, v)) || strings.Contains(en, t.fill(l.Text.EN, i18n.EN, v)))
	})
}
