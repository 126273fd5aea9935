package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Bounds of a template file: it is embedded, or laid into a folder by hand.
const (
	maxTemplate = 256 << 10 // bytes
	maxSections = 40
	maxLines    = 30
	maxLine     = 400 // characters
	maxSettings = 60
)

// Both is a text of a document. The Japanese one binds.
type Both struct {
	JA string `yaml:"ja"`
	EN string `yaml:"en"`
}

func (b Both) empty() bool { return b.JA == "" && b.EN == "" }

// Template is what a document is written from.
type Template struct {
	ID       string    `yaml:"id"`
	Edition  string    `yaml:"edition"`
	Kind     string    `yaml:"kind"` // policy or rules
	Title    Both      `yaml:"title"`
	About    i18n.Text `yaml:"about"`
	Source   string    `yaml:"source"`
	Verified bool      `yaml:"verified"`
	// Proves are the places that the document as a whole is evidence for.
	Proves []string `yaml:"proves"`
	// Public are the places that its publication is a record for.
	Public   []string  `yaml:"public"`
	Settings []Setting `yaml:"settings"`
	Sections []Section `yaml:"sections"`
}

// Setting is what a company puts into its document.
type Setting struct {
	ID       string    `yaml:"id"`
	Kind     string    `yaml:"kind"` // text, number, date, one, many
	Label    i18n.Text `yaml:"label"`
	Hint     i18n.Text `yaml:"hint"`
	From     string    `yaml:"from"` // company, today, or ""
	Default  string    `yaml:"default"`
	Small    string    `yaml:"small"` // default of a company of at most five
	Min      int       `yaml:"min"`
	Max      int       `yaml:"max"`
	Required bool      `yaml:"required"` // before an approval; a paragraph with another empty text is left out
	Options  []Option  `yaml:"options"`
	// Translated texts have a second value for the English document.
	Translated bool   `yaml:"translated"`
	DefaultEN  string `yaml:"default_en"`
	SmallEN    string `yaml:"small_en"`
}

// Option is a choice, and what it puts into the text.
type Option struct {
	ID    string    `yaml:"id"`
	Label i18n.Text `yaml:"label"`
	Text  Both      `yaml:"text"`
}

// Section is a chapter.
type Section struct {
	ID     string    `yaml:"id"`
	Title  Both      `yaml:"title"`
	About  i18n.Text `yaml:"about"` // beside it, for its readers
	Proves []Proof   `yaml:"proves"`
	Lines  []Line    `yaml:"lines"`
}

// Proof is a place that a section is a rule for, as long as the settings stand in
// the text.
type Proof struct {
	Place    string   `yaml:"place"`
	Settings []string `yaml:"settings"`
}

// Line is a paragraph. With When it states what is so: only when one of the
// places is answered as met and none otherwise. Else Will is said, or nothing.
type Line struct {
	When []string `yaml:"when"`
	Text Both     `yaml:"text"`
	Will Both     `yaml:"will"`
}

// SmallCompany is up to how many people a company gets the defaults of a small one.
const SmallCompany = 5

// LoadTemplates reads every *.yaml file of the folder. The error names the file
// and the place of everything that is wrong.
func LoadTemplates(fsys fs.FS) ([]*Template, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	var all []*Template
	var wrong []error
	for _, name := range names {
		t, err := loadTemplate(fsys, name)
		if err != nil {
			wrong = append(wrong, fmt.Errorf("%s: %w", name, err))
			continue
		}
		all = append(all, t)
	}
	slices.SortFunc(all, func(a, b *Template) int { return strings.Compare(a.Kind+a.ID, b.Kind+b.ID) })
	return all, errors.Join(wrong...)
}

func loadTemplate(fsys fs.FS, name string) (*Template, error) {
	info, err := fs.Stat(fsys, name)
	if err != nil {
		return nil, err
	}
	if info.Size() > maxTemplate {
		return nil, fmt.Errorf("is larger than %d KiB", maxTemplate>>10)
	}
	b, err := fs.ReadFile(fsys, name)
	if err != nil {
		return nil, err
	}
	t := &Template{}
	if err := yaml.UnmarshalWithOptions(b, t, yaml.DisallowUnknownField()); err != nil {
		return nil, err
	}
	c := &faults{template: t}
	c.check(strings.TrimSuffix(name, ".yaml"))
	return t, errors.Join(c.found...)
}

// faults gathers what is wrong with a template.
type faults struct {
	template *Template
	found    []error
}

func (c *faults) expect(ok bool, at, what string, args ...any) {
	if !ok {
		c.found = append(c.found, fmt.Errorf("%s: "+what, append([]any{at}, args...)...))
	}
}

var (
	templateID = regexp.MustCompile(`^[a-z][a-z0-9-]{1,39}$`)
	settingID  = regexp.MustCompile(`^[a-z][a-z_]{1,29}$`)
	placeID    = regexp.MustCompile(`^[a-z0-9-]{2,60}/[0-9a-z-]{1,20}$`)
	holes      = regexp.MustCompile(`\{([a-z_]+)\}`)
)

func (c *faults) check(name string) {
	t := c.template
	c.expect(t.ID == name && templateID.MatchString(t.ID), "id", "must be the name of the file, in small letters")
	c.expect(t.Edition != "", "edition", "is missing")
	c.expect(t.Source != "", "source", "is missing")
	c.expect(t.Kind == "policy" || t.Kind == "rules", "kind", "must be policy or rules")
	c.both("title", t.Title)
	c.three("about", t.About)
	for _, p := range slices.Concat(t.Proves, t.Public) {
		c.expect(placeID.MatchString(p), "proves", "%q is not pack/item", p)
	}
	c.expect(len(t.Settings) <= maxSettings, "settings", "are more than %d", maxSettings)
	seen := map[string]bool{}
	for i := range t.Settings {
		c.setting(fmt.Sprintf("settings[%d]", i), &t.Settings[i], seen)
	}
	c.expect(len(t.Sections) > 0 && len(t.Sections) <= maxSections, "sections", "must be 1 to %d", maxSections)
	for i := range t.Sections {
		c.section(fmt.Sprintf("sections[%d]", i), &t.Sections[i], seen)
	}
}

func (c *faults) setting(at string, s *Setting, seen map[string]bool) {
	c.expect(settingID.MatchString(s.ID), at, "id %q must be small letters", s.ID)
	c.expect(!seen[s.ID], at, "%q stands twice", s.ID)
	seen[s.ID] = true
	at += " (" + s.ID + ")"
	c.expect(slices.Contains([]string{"text", "number", "date", "one", "many"}, s.Kind), at, "kind %q is not known", s.Kind)
	c.three(at+".label", s.Label)
	if s.Hint != (i18n.Text{}) {
		c.three(at+".hint", s.Hint)
	}
	chosen := s.Kind == "one" || s.Kind == "many"
	c.expect(chosen == (len(s.Options) > 1), at, "has options exactly when it is a choice")
	for i, o := range s.Options {
		c.three(fmt.Sprintf("%s.options[%d].label", at, i), o.Label)
		c.both(fmt.Sprintf("%s.options[%d].text", at, i), o.Text)
	}
	c.expect(!s.Translated || s.Kind == "text", at, "only a text is translated")
	c.expect(s.From == "" || s.From == "company" || s.From == "today" && s.Kind == "date", at, "from %q is not known", s.From)
	c.expect(s.Kind != "number" || 0 <= s.Min && s.Min < s.Max, at, "min must be below max")
	for _, v := range []string{s.Default, s.Small} {
		c.expect(v == "" || s.fault(v) == "", at, "the default %q is none of its values", v)
	}
}

func (c *faults) section(at string, s *Section, seen map[string]bool) {
	c.expect(templateID.MatchString(s.ID), at, "id %q must be small letters", s.ID)
	c.expect(!seen["#"+s.ID], at, "%q stands twice", s.ID)
	seen["#"+s.ID] = true
	at += " (" + s.ID + ")"
	c.both(at+".title", s.Title)
	c.three(at+".about", s.About)
	for _, p := range s.Proves {
		c.expect(placeID.MatchString(p.Place), at, "proves: %q is not pack/item", p.Place)
		for _, id := range p.Settings {
			c.expect(c.template.setting(id) != nil, at, "proves: no setting %q", id)
		}
	}
	c.expect(len(s.Lines) > 0 && len(s.Lines) <= maxLines, at, "lines must be 1 to %d", maxLines)
	for i, l := range s.Lines {
		at := fmt.Sprintf("%s.lines[%d]", at, i)
		c.both(at+".text", l.Text)
		c.expect(l.Will.empty() || len(l.When) > 0, at, "has will, but no when")
		if !l.Will.empty() {
			c.both(at+".will", l.Will)
		}
		for _, p := range l.When {
			c.expect(placeID.MatchString(p), at, "when: %q is not pack/item", p)
		}
	}
}

// both asks for the two languages, with the same settings in them.
func (c *faults) both(at string, b Both) {
	for lang, s := range map[string]string{"ja": b.JA, "en": b.EN} {
		c.expect(s != "" && s == strings.TrimSpace(s), at, "%s is missing or has spaces around it", lang)
		c.expect(utf8.RuneCountInString(s) <= maxLine, at, "%s is longer than %d characters", lang, maxLine)
		c.expect(!strings.ContainsAny(s, "\n\r\t"), at, "%s must be one paragraph", lang)
	}
	ja, en := holesOf(b.JA), holesOf(b.EN)
	c.expect(slices.Equal(ja, en), at, "the settings in ja %v and in en %v differ", ja, en)
	for _, id := range ja {
		c.expect(c.template.setting(id) != nil, at, "no setting %q", id)
	}
}

func (c *faults) three(at string, t i18n.Text) {
	c.expect(t.JA != "" && t.Easy != "" && t.EN != "", at, "needs ja, easy and en")
	_, err := i18n.Parse(t.Easy)
	c.expect(err == nil, at, "easy: %v", err)
}

// holesOf are the settings that a text names, in order.
func holesOf(s string) []string {
	var all []string
	for _, m := range holes.FindAllStringSubmatch(s, -1) {
		all = append(all, m[1])
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// setting returns the setting with the id, or nil.
func (t *Template) setting(id string) *Setting {
	for i := range t.Settings {
		if t.Settings[i].ID == id {
			return &t.Settings[i]
		}
	}
	return nil
}

// section returns the section with the id, or nil.
func (t *Template) section(id string) *Section {
	for i := range t.Sections {
		if t.Sections[i].ID == id {
			return &t.Sections[i]
		}
	}
	return nil
}
