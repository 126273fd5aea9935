package i18n

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strings"
	"sync"

	"github.com/goccy/go-yaml"
)

// Lang is a register people can read in. Its value is a BCP 47 tag.
type Lang string

// The three registers. Easy is private use within ja (RFC 5646, section 2.2.7).
const (
	JA   Lang = "ja"
	Easy Lang = "ja-x-easy"
	EN   Lang = "en"
)

// Langs lists the registers in the order in which people are offered them.
var Langs = []Lang{JA, Easy, EN}

// Known returns the register for a tag, and whether there is one.
func Known(tag string) (Lang, bool) {
	for _, l := range Langs {
		if string(l) == tag {
			return l, true
		}
	}
	return JA, false
}

// HTML is the value for the lang attribute: screen readers know ja, not ja-x-easy.
func (l Lang) HTML() string {
	if l == EN {
		return "en"
	}
	return "ja"
}

type message struct {
	other []Segment
	one   []Segment // English only, when n is 1
}

// Catalogue holds every text of the product. It is read-only once loaded.
type Catalogue struct {
	texts map[Lang]map[string]message
}

// entry is one key as it stands in a content file.
type entry struct {
	JA   string `yaml:"ja"`
	Easy string `yaml:"easy"`
	EN   plural `yaml:"en"`
}

type plural struct{ One, Other string }

// UnmarshalYAML takes a plain text or a pair of one and other.
func (p *plural) UnmarshalYAML(unmarshal func(any) error) error {
	if err := unmarshal(&p.Other); err == nil {
		return nil
	}
	var pair struct {
		One   string `yaml:"one"`
		Other string `yaml:"other"`
	}
	if err := unmarshal(&pair); err != nil {
		return err
	}
	*p = plural(pair)
	return nil
}

// Load reads every *.yaml file at the root of dir. A key that stands in two
// files, a register that is missing and a text that does not parse are errors.
func Load(dir fs.FS) (*Catalogue, error) {
	c := &Catalogue{texts: map[Lang]map[string]message{JA: {}, Easy: {}, EN: {}}}
	files, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return nil, err
	}
	all := make([]parsed, len(files))
	var reading sync.WaitGroup // every command starts with this
	for i, name := range files {
		reading.Go(func() { all[i] = parseFile(dir, name) })
	}
	reading.Wait()
	for i, name := range files {
		if err := c.addAll(all[i]); err != nil {
			return nil, fmt.Errorf("%s: %w", path.Base(name), err)
		}
	}
	return c, nil
}

// parsed is what stands in one file.
type parsed struct {
	entries map[string]entry
	err     error
}

func parseFile(dir fs.FS, name string) (p parsed) {
	raw, err := fs.ReadFile(dir, name)
	if err != nil {
		return parsed{err: err}
	}
	p.err = yaml.UnmarshalWithOptions(raw, &p.entries, yaml.Strict())
	return p
}

func (c *Catalogue) addAll(p parsed) error {
	if p.err != nil {
		return p.err
	}
	for key, e := range p.entries {
		if err := c.add(key, e); err != nil {
			return fmt.Errorf("%s: %w", key, err)
		}
	}
	return nil
}

func (c *Catalogue) add(key string, e entry) error {
	if _, twice := c.texts[JA][key]; twice {
		return fmt.Errorf("key stands in two files")
	}
	for _, l := range Langs {
		raw := map[Lang]string{JA: e.JA, Easy: e.Easy, EN: e.EN.Other}[l]
		if raw == "" {
			return fmt.Errorf("no text in %s", l)
		}
		m, err := newMessage(raw, l, e.EN.One)
		if err != nil {
			return err
		}
		c.texts[l][key] = m
	}
	return nil
}

func newMessage(raw string, l Lang, one string) (m message, err error) {
	if m.other, err = Parse(raw); err != nil {
		return m, err
	}
	if l == EN && one != "" {
		m.one, err = Parse(one)
	}
	return m, err
}

// Keys lists the keys of the catalogue, sorted.
func (c *Catalogue) Keys() []string {
	keys := make([]string, 0, len(c.texts[JA]))
	for k := range c.texts[JA] {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Segments returns the raw runs of a key in a register, for tests that check
// placeholders and readings.
func (c *Catalogue) Segments(l Lang, key string) []Segment { return c.texts[l][key].other }

// Localizer is a catalogue seen through one register.
type Localizer struct {
	Lang Lang
	cat  *Catalogue
}

// In returns the catalogue seen through l.
func (c *Catalogue) In(l Lang) *Localizer { return &Localizer{Lang: l, cat: c} }

// Has says whether the catalogue holds the key.
func (l *Localizer) Has(key string) bool {
	_, ok := l.cat.texts[l.Lang][key]
	return ok
}

// T returns the text of a key without readings; args are name, value pairs. An
// unknown key comes back in brackets: tests look for them on every page.
func (l *Localizer) T(key string, args ...any) string {
	m, ok := l.cat.texts[l.Lang][key]
	if !ok {
		return "⟦" + key + "⟧"
	}
	return render(m.pick(args), args)
}

// Runs returns the text of a key as runs, readings kept and placeholders filled.
func (l *Localizer) Runs(key string, args ...any) []Segment {
	m, ok := l.cat.texts[l.Lang][key]
	if !ok {
		return []Segment{{Base: "⟦" + key + "⟧"}}
	}
	segs := m.pick(args)
	out := make([]Segment, len(segs))
	for i, s := range segs {
		if s.Name != "" {
			s = Segment{Base: lookup(args, s.Name)}
		}
		s.Reading = counted(s.Reading, args)
		out[i] = s
	}
	return out
}

// counted chooses between the two readings of a counter, as 分 has: 5分 is ごふん
// and 10分 is じゅっぷん. {分|ふん/ぷん} takes the second after 1, 3, 4, 6, 8 and 0,
// the last digit of the placeholder n.
func counted(reading string, args []any) string {
	soft, hard, two := strings.Cut(reading, "/")
	if !two {
		return reading
	}
	n := lookup(args, "n")
	if strings.ContainsRune("134680", rune(n[len(n)-1])) {
		return hard
	}
	return soft
}

func (m message) pick(args []any) []Segment {
	if m.one != nil && lookup(args, "n") == "1" {
		return m.one
	}
	return m.other
}

type contextKey struct{}

// Into puts the localizer of a request into its context.
func Into(ctx context.Context, l *Localizer) context.Context {
	return context.WithValue(ctx, contextKey{}, l)
}

// From returns the localizer of the context. Without one, keys come back in
// brackets: a page rendered outside a request is a mistake that must show.
func From(ctx context.Context) *Localizer {
	if l, ok := ctx.Value(contextKey{}).(*Localizer); ok {
		return l
	}
	return &Localizer{Lang: JA, cat: &Catalogue{}}
}

// T returns the text of a key in the register of the context.
func T(ctx context.Context, key string, args ...any) string { return From(ctx).T(key, args...) }
