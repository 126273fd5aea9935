package wording

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/goccy/go-yaml"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Own is the scheme of every text that is not part of a framework pack.
const Own = "own"

// Rules is the list of refused words. It is read-only once parsed.
type Rules struct {
	schemes map[string][]string
	refused []refusal
	actives *strings.Replacer
}

// refusal is one entry of words.yaml, ready to search with.
type refusal struct {
	of, in []string
	search *regexp.Regexp
	right  *strings.Replacer
	beside []string
	say    string
}

type wordsFile struct {
	Actives []string            `yaml:"actives"`
	Schemes map[string][]string `yaml:"schemes"`
	Refused []struct {
		Words  []string `yaml:"words"`
		Of     []string `yaml:"of"`
		In     []string `yaml:"in"`
		Beside []string `yaml:"beside"`
		Right  []string `yaml:"right"`
		Say    string   `yaml:"say"`
	} `yaml:"refused"`
}

// registers are the names of the registers as content files write them.
var registers = map[i18n.Lang]string{i18n.JA: "ja", i18n.Easy: "easy", i18n.EN: "en"}

// Load reads words.yaml of a folder.
func Load(dir fs.FS) (*Rules, error) {
	raw, err := fs.ReadFile(dir, "words.yaml")
	if err != nil {
		return nil, err
	}
	rules, err := Parse(raw)
	if err != nil {
		return nil, fmt.Errorf("words.yaml: %w", err)
	}
	return rules, nil
}

// Parse reads words.yaml. It fails on an entry that could never refuse anything.
func Parse(raw []byte) (*Rules, error) {
	var file wordsFile
	if err := yaml.UnmarshalWithOptions(raw, &file, yaml.Strict()); err != nil {
		return nil, err
	}
	rules := &Rules{schemes: file.Schemes, actives: without(file.Actives)}
	for i, x := range file.Refused {
		if len(x.Words) == 0 || len(x.Of) == 0 || x.Say == "" || slices.Contains(x.Words, "") {
			return nil, fmt.Errorf("refused[%d]: words, of or say is empty", i)
		}
		for _, in := range x.In {
			if file.Schemes[in] == nil && in != Own {
				return nil, fmt.Errorf("refused[%d].in: %q is not a scheme", i, in)
			}
		}
		for _, of := range x.Of {
			if of != "ja" && of != "easy" && of != "en" {
				return nil, fmt.Errorf("refused[%d].of: %q is not a register", i, of)
			}
			rules.refused = append(rules.refused, refusal{
				of: []string{of}, in: x.In, search: search(x.Words, of), right: without(x.Right), beside: x.Beside, say: x.Say,
			})
		}
	}
	return rules, nil
}

// search finds any of the words; English ones only whole, in any case.
func search(words []string, register string) *regexp.Regexp {
	var all []string
	for _, w := range words {
		all = append(all, regexp.QuoteMeta(w))
	}
	either := strings.Join(all, "|")
	if register == "en" {
		return regexp.MustCompile(`(?i)\b(?:` + either + `)\b`)
	}
	return regexp.MustCompile(either)
}

// without takes out the terms in which a word is right, the longest first.
func without(terms []string) *strings.Replacer {
	sorted := slices.Clone(terms)
	slices.SortFunc(sorted, func(a, b string) int { return len(b) - len(a) })
	var pairs []string
	for _, t := range sorted {
		pairs = append(pairs, t, "＿")
	}
	return strings.NewReplacer(pairs...)
}

// Text says what is wrong with a text in a register, as it stands in a content
// file with its readings. Family is that of the pack it belongs to, or Own.
func (r *Rules) Text(l i18n.Lang, raw, family string) []string {
	if strings.TrimSpace(raw) == "" {
		return []string{"is empty"}
	}
	segments, err := i18n.Parse(raw)
	if err != nil {
		return []string{"a brace is not closed, or holds nothing"}
	}
	faults := readings(l, segments)
	if l == i18n.Easy {
		faults = append(faults, r.hard(segments)...)
	}
	for _, sentence := range sentences(l, plain(segments)) {
		if n, most := length(l, sentence), longest[l]; n > most {
			faults = append(faults, fmt.Sprintf("sentence has %d characters, at most %d: %s", n, most, sentence))
		}
		faults = append(faults, r.words(l, sentence, family)...)
	}
	return faults
}

func (r *Rules) words(l i18n.Lang, sentence, family string) (faults []string) {
	for _, x := range r.refused {
		if !slices.Contains(x.of, registers[l]) || !r.concerns(x, family) || !near(x.beside, sentence) {
			continue
		}
		if word := x.search.FindString(x.right.Replace(sentence)); word != "" {
			faults = append(faults, fmt.Sprintf("refused word %s (say %s): %s", word, x.say, sentence))
		}
	}
	return faults
}

// concerns says whether a refusal holds for texts of the family.
func (r *Rules) concerns(x refusal, family string) bool {
	return len(x.in) == 0 || slices.ContainsFunc(x.in, func(in string) bool {
		return in == family || slices.Contains(r.schemes[in], family)
	})
}

func near(beside []string, sentence string) bool {
	return len(beside) == 0 || slices.ContainsFunc(beside, func(w string) bool { return strings.Contains(sentence, w) })
}
