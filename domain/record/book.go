package record

import (
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Place is a criterion for which something is kept.
type Place struct {
	Pack string `json:"pack"`
	Item string `json:"item"`
}

// Proves is the criteria as a content file names them. As is the form of evidence
// (record, say) where it is not that of the sheet: what a training leaves is the duty
// done for one criterion and the record for another.
type Proves []struct {
	Pack  string   `yaml:"pack"`
	As    string   `yaml:"as"`
	Items []string `yaml:"items"`
}

// Places lists the criteria one by one.
func (p Proves) Places() (all []Place) {
	for _, x := range p {
		for _, item := range x.Items {
			all = append(all, Place{x.Pack, item})
		}
	}
	return all
}

// CellKind is what a cell takes.
type CellKind string

// The kinds. Person is the name of somebody: it goes when he asks for it.
const (
	Text   CellKind = "text"
	Number CellKind = "number"
	Date   CellKind = "date"
	Choice CellKind = "choice"
	Person CellKind = "person"
)

// Option is one answer of a choice.
type Option struct {
	Code  string    `yaml:"code"`
	Title i18n.Text `yaml:"title"`
}

// Column is something to write down: of a ledger, a form or a duty.
type Column struct {
	ID       string    `yaml:"id"`
	Title    i18n.Text `yaml:"title"`
	Hint     i18n.Text `yaml:"hint"`
	Kind     CellKind  `yaml:"kind"`
	Required bool      `yaml:"required"`
	Options  []Option  `yaml:"options"`
}

// Every is how often something comes round again.
type Every string

// The rhythms. Never is for what is kept up as it happens.
const (
	EveryMonth   Every = "month"
	EveryQuarter Every = "quarter"
	EveryHalf    Every = "half-year"
	EveryYear    Every = "year"
)

// months of each rhythm.
var everyMonths = map[Every]int{EveryMonth: 1, EveryQuarter: 3, EveryHalf: 6, EveryYear: 12}

// After is when it comes round again. The 31st of a month without one is its last day:
// a deadline must not slip into the next month.
func (e Every) After(t time.Time) time.Time {
	y, m, d := t.In(i18n.Tokyo).Date()
	first := time.Date(y, m+time.Month(everyMonths[e]), 1, 0, 0, 0, 0, i18n.Tokyo)
	last := first.AddDate(0, 1, -1).Day()
	return first.AddDate(0, 0, min(d, last)-1)
}

// Until is the last moment of that day.
func (e Every) Until(t time.Time) time.Time { return e.After(t).Add(24*time.Hour - time.Second) }

// Ledger is a list of things that a company keeps.
type Ledger struct {
	ID      string    `yaml:"id"`
	Order   int       `yaml:"order"`
	Title   i18n.Text `yaml:"title"`
	Why     i18n.Text `yaml:"why"`
	Proves  Proves    `yaml:"proves"`
	Every   Every     `yaml:"every"` // how often it is looked through
	Columns []Column  `yaml:"columns"`
}

// Form is a request that somebody else approves.
type Form struct {
	ID      string    `yaml:"id"`
	Order   int       `yaml:"order"`
	Title   i18n.Text `yaml:"title"`
	Why     i18n.Text `yaml:"why"`
	Proves  Proves    `yaml:"proves"`
	Ends    bool      `yaml:"ends"` // what is given is taken back one day
	Columns []Column  `yaml:"columns"`
}

// DutySheet is something to do again and again, and what to write of it.
type DutySheet struct {
	ID         string      `yaml:"id"`
	Order      int         `yaml:"order"`
	Title      i18n.Text   `yaml:"title"`
	Why        i18n.Text   `yaml:"why"`
	Steps      []i18n.Text `yaml:"steps"`
	Proves     Proves      `yaml:"proves"`
	Every      Every       `yaml:"every"`
	Attendance bool        `yaml:"attendance"`
	Within     *Within     `yaml:"within"`
	Columns    []Column    `yaml:"columns"`
}

// Within is a number of days that a scheme allows between two days of a record: beyond
// it the record is kept and shows nothing, unless what was done instead is written.
type Within struct {
	From string `yaml:"from"`
	To   string `yaml:"to"`
	Days int    `yaml:"days"`
	Or   string `yaml:"or"`
}

// kept says whether a record keeps to it.
func (w *Within) kept(c Cells) bool {
	if w == nil || c[w.Or] != "" {
		return true
	}
	from, to := day(c[w.From]), day(c[w.To])
	return c[w.From] != "" && c[w.To] != "" && !to.Before(from) && i18n.Days(from, to) <= w.Days
}

// Book is what experts say has to be written down.
type Book struct {
	Ledgers []*Ledger
	Forms   []*Form
	Duties  []*DutySheet
}

// LoadBook reads the folders of ledgers, forms and duties, a file for each. The error
// names the file that is wrong.
func LoadBook(ledgers, forms, duties fs.FS) (*Book, error) {
	var b Book
	err := errors.Join(
		load(ledgers, &b.Ledgers, (*Ledger).check),
		load(forms, &b.Forms, (*Form).check),
		load(duties, &b.Duties, (*DutySheet).check),
	)
	slices.SortStableFunc(b.Ledgers, func(x, y *Ledger) int { return x.Order - y.Order })
	slices.SortStableFunc(b.Forms, func(x, y *Form) int { return x.Order - y.Order })
	slices.SortStableFunc(b.Duties, func(x, y *DutySheet) int { return x.Order - y.Order })
	return &b, err
}

func load[T any](dir fs.FS, into *[]*T, check func(*T, string) error) error {
	names, err := fs.Glob(dir, "*.yaml")
	if err != nil {
		return err
	}
	for _, name := range names {
		raw, err := fs.ReadFile(dir, name)
		if err != nil {
			return err
		}
		var v T
		if err := yaml.UnmarshalWithOptions(raw, &v, yaml.Strict()); err != nil {
			return fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, false))
		}
		if err := check(&v, strings.TrimSuffix(name, ".yaml")); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		*into = append(*into, &v)
	}
	return nil
}

func (l *Ledger) check(name string) error {
	if everyMonths[l.Every] == 0 {
		return fmt.Errorf("every %q is no rhythm", l.Every)
	}
	return errors.Join(checkHead(l.ID, name, l.Proves, l.Title, l.Why), checkColumns(l.Columns, 1))
}

func (f *Form) check(name string) error {
	return errors.Join(checkHead(f.ID, name, f.Proves, f.Title, f.Why), checkColumns(f.Columns, 1))
}

func (d *DutySheet) check(name string) error {
	if everyMonths[d.Every] == 0 || len(d.Steps) == 0 {
		return fmt.Errorf("every %q or the steps are wrong", d.Every)
	}
	if w := d.Within; w != nil && (w.Days < 1 || !d.has(w.From, Date) || !d.has(w.To, Date) || !d.has(w.Or, Text)) {
		return errors.New("within names columns that are not there")
	}
	return errors.Join(checkHead(d.ID, name, d.Proves, append(d.Steps, d.Title, d.Why)...), checkColumns(d.Columns, 0))
}

func (d *DutySheet) has(id string, kind CellKind) bool {
	return slices.ContainsFunc(d.Columns, func(c Column) bool { return c.ID == id && c.Kind == kind })
}

var plainID = regexp.MustCompile(`^[a-z][a-z0-9-]{0,39}$`)

// maxColumns is what a page and a sheet still show.
const maxColumns = 16

func checkHead(id, name string, proves Proves, texts ...i18n.Text) error {
	if id != name || !plainID.MatchString(id) {
		return fmt.Errorf("id %q does not fit the name of the file", id)
	}
	for _, p := range proves {
		if p.Pack == "" || len(p.Items) == 0 || p.As != "" && p.As != "record" {
			return errors.New("it proves nothing of a pack, or as something else than a record")
		}
	}
	return checkTexts(texts...)
}

func checkTexts(texts ...i18n.Text) error {
	for _, t := range texts {
		for _, s := range []string{t.JA, t.Easy, t.EN} {
			if s == "" {
				return fmt.Errorf("a text lacks a register: %q", t.JA)
			}
			if _, err := i18n.Parse(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkColumns(cols []Column, least int) error {
	if len(cols) < least || len(cols) > maxColumns {
		return fmt.Errorf("%d columns", len(cols))
	}
	seen := map[string]bool{}
	for _, c := range cols {
		if err := c.check(); err != nil {
			return fmt.Errorf("column %q: %w", c.ID, err)
		}
		if seen[c.ID] {
			return fmt.Errorf("column %q is there twice", c.ID)
		}
		seen[c.ID] = true
	}
	return nil
}

func (c Column) check() error {
	switch c.Kind {
	case Text, Number, Date, Person:
		if len(c.Options) > 0 {
			return errors.New("only a choice has options")
		}
	case Choice:
		if len(c.Options) < 2 {
			return errors.New("a choice has two options at least")
		}
	default:
		return fmt.Errorf("kind %q", c.Kind)
	}
	if !plainID.MatchString(c.ID) {
		return errors.New("the id is not plain")
	}
	texts := []i18n.Text{c.Title}
	if c.Hint != (i18n.Text{}) {
		texts = append(texts, c.Hint)
	}
	for _, o := range c.Options {
		if !plainID.MatchString(o.Code) {
			return fmt.Errorf("code %q is not plain", o.Code)
		}
		texts = append(texts, o.Title)
	}
	return checkTexts(texts...)
}

func (b *Book) ledger(id string) *Ledger {
	for _, l := range b.Ledgers {
		if l.ID == id {
			return l
		}
	}
	return nil
}

func (b *Book) form(id string) *Form {
	for _, f := range b.Forms {
		if f.ID == id {
			return f
		}
	}
	return nil
}

func (b *Book) duty(id string) *DutySheet {
	for _, d := range b.Duties {
		if d.ID == id {
			return d
		}
	}
	return nil
}
