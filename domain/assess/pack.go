package assess

import (
	"cmp"
	"fmt"
	"io/fs"
	"iter"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Kind says what an answer to a pack means.
type Kind string

const (
	// Pledge is a promise to work on each item. No answer blocks it, and it
	// has no points.
	Pledge Kind = "pledge"
	// Diagnosis is a look at where one stands, with points.
	Diagnosis Kind = "diagnosis"
	// Criteria is a list of what a scheme looks at, each met or not.
	Criteria Kind = "criteria"
	// Maturity is a scale from 1 to 5 for each item.
	Maturity Kind = "maturity"
)

// Choice codes. The label of a choice differs between packs, the code does not.
// The 25 items keep their own four; a maturity is m1 to m5.
const (
	Done          = "done"
	Partly        = "partly"
	NotDone       = "not_done"
	Unknown       = "unknown"
	Met           = "met"
	NotMetChoice  = "not_met"
	NotApplicable = "not_applicable"
)

// Date is a day written 2026-04-01. Its order as a string is its order in time.
type Date string

// Time returns the start of the day in Japan. It is zero for an empty date.
func (d Date) Time() time.Time {
	t, err := time.ParseInLocation(time.DateOnly, string(d), i18n.Tokyo)
	if err != nil {
		return time.Time{}
	}
	return t
}

// Pack is one edition of one framework. It is read-only once loaded.
type Pack struct {
	ID           string        `yaml:"id"`
	Family       string        `yaml:"family"` // the same for all editions
	Kind         Kind          `yaml:"kind"`
	Title        i18n.Text     `yaml:"title"`
	Owner        i18n.Text     `yaml:"owner"`
	Source       Source        `yaml:"source"`
	Edition      string        `yaml:"edition"`
	ValidFrom    Date          `yaml:"valid_from"`
	ValidUntil   Date          `yaml:"valid_until"` // last day; empty when none is known
	Verified     bool          `yaml:"verified"`
	VerifiedNote i18n.Text     `yaml:"verified_note"` // what was seen and what was not, for readers
	Successor    *Successor    `yaml:"successor"`     // nil when no newer edition is known
	Licence      i18n.Text     `yaml:"licence"`
	TitlesOnly   bool          `yaml:"titles_only"` // official numbers and our titles, nothing explained
	Preview      bool          `yaml:"preview"`     // shows what comes; cannot be finished with it
	Announced    Announced     `yaml:"announced"`
	Parts        []Part        `yaml:"parts"`
	Requirements []Requirement `yaml:"requirements"` // between parts and items; empty in most packs
	Areas        []Area        `yaml:"areas"`        // in the order of the radar chart
	Choices      []Choice      `yaml:"choices"`
	Bands        []Band        `yaml:"bands"` // highest first
	Items        []Item        `yaml:"items"`
}

// Source names the document a pack follows, and where its facts were read.
type Source struct {
	Title   string `yaml:"title"`
	Edition string `yaml:"edition"`
	URL     string `yaml:"url"` // empty when unknown
	Seen    struct {
		On Date   `yaml:"on"`
		In string `yaml:"in"`
	} `yaml:"seen"`
}

// Successor is a newer edition of the source that this pack does not cover.
// People who use the pack on or after From are shown the note.
type Successor struct {
	Edition  string    `yaml:"edition"`
	From     Date      `yaml:"from"`
	Verified bool      `yaml:"verified"`
	Note     i18n.Text `yaml:"note"`
}

// Announced is how many the source says there are; zero where the pack lists all.
type Announced struct {
	Requirements int `yaml:"requirements"`
	Criteria     int `yaml:"criteria"`
}

// Requirement groups criteria; SCS writes its number d-d-d.
type Requirement struct {
	ID              string      `yaml:"id"`
	Code            string      `yaml:"code"`
	Part            string      `yaml:"part"`
	Title           i18n.Text   `yaml:"title"`
	VendorQuestions []i18n.Text `yaml:"vendor_questions"` // five to send to the IT vendor, or none
}

// Part is a chapter of the official sheet. Code is its official sign where that
// is not the id.
type Part struct {
	ID    string    `yaml:"id"`
	Code  string    `yaml:"code"`
	Title i18n.Text `yaml:"title"`
}

// Area is an axis of the radar chart, our own grouping.
type Area struct {
	ID    string    `yaml:"id"`
	Title i18n.Text `yaml:"title"`
}

// Choice is one possible answer. Points are zero in a pledge.
type Choice struct {
	Code   string    `yaml:"code"`
	Points int       `yaml:"points"`
	Label  i18n.Text `yaml:"label"`
}

// Band is a range of points, both ends included.
type Band struct {
	Code   string    `yaml:"code"`
	Min    int       `yaml:"min"`
	Max    int       `yaml:"max"`
	Label  i18n.Text `yaml:"label"`
	Advice i18n.Text `yaml:"advice"`
}

// What can show that a criterion is met.
const (
	FormRule      = "rule"
	FormLedger    = "ledger"
	FormAgreement = "agreement"
	FormRecord    = "record"
	FormApproval  = "approval"
	FormDuty      = "duty"
	FormSetting   = "setting"
)

// Item is one question. Part and Area are empty in a pledge; where a pack has
// titles only, there is nothing below Title.
type Item struct {
	ID            string    `yaml:"id"`
	Code          string    `yaml:"code"`   // the official sign, where it is not the id
	Number        int       `yaml:"number"` // running, from 1; official where the scheme numbers so
	Part          string    `yaml:"part"`
	Requirement   string    `yaml:"requirement"`
	Depth         int       `yaml:"depth"` // 1 everybody, 2 from about 20 people, 3 from about 100; 0 is 1
	Needs         []string  `yaml:"needs"` // forms of evidence, one of them shows it; none means any
	Evidence      i18n.Text `yaml:"evidence"`
	Area          string    `yaml:"area"`
	Title         i18n.Text `yaml:"title"`
	Question      i18n.Text `yaml:"question"`
	Explain       i18n.Text `yaml:"explain"`
	ExampleMet    i18n.Text `yaml:"example_met"`
	ExampleNotMet i18n.Text `yaml:"example_not_met"`
	UnknownHint   i18n.Text `yaml:"unknown_hint"` // how to find out
	Action        Action    `yaml:"action"`
}

// Action is what to do about an item.
type Action struct {
	Title    i18n.Text   `yaml:"title"`
	Why      i18n.Text   `yaml:"why"`
	Steps    []i18n.Text `yaml:"steps"`
	Minutes  int         `yaml:"minutes"` // honest estimate for a small firm
	Every    string      `yaml:"every"`   // once, week, month, year
	Cost     Cost        `yaml:"cost"`
	Helper   string      `yaml:"helper"`   // self, owner, it_vendor, helper, specialist
	Priority int         `yaml:"priority"` // 1 prevents most harm
}

// Cost is a class of cost; Text, in yen, is empty for the class none.
type Cost struct {
	Class string    `yaml:"class"` // none, low, some
	Text  i18n.Text `yaml:"text"`
}

// Sign is the official number of an item as it is printed.
func (x *Item) Sign() string { return cmp.Or(x.Code, x.ID) }

// Item returns the item with the id, or nil.
func (p *Pack) Item(id string) *Item {
	for i := range p.Items {
		if p.Items[i].ID == id {
			return &p.Items[i]
		}
	}
	return nil
}

// Choice returns the choice with the code, or nil.
func (p *Pack) Choice(code string) *Choice {
	for i := range p.Choices {
		if p.Choices[i].Code == code {
			return &p.Choices[i]
		}
	}
	return nil
}

// Outdated says whether a newer edition of the source, which this pack does not
// cover, is out on the day. Its note is then to be shown.
func (p *Pack) Outdated(day time.Time) bool {
	return p.Successor != nil && p.Successor.From <= dateOf(day)
}

// Texts yields every text of the pack with its place: items[3].action.why.
func (p *Pack) Texts() iter.Seq2[string, i18n.Text] {
	return func(yield func(string, i18n.Text) bool) {
		_ = p.headTexts(yield) && p.listTexts(yield) && p.itemTexts(yield)
	}
}

type yieldText = func(string, i18n.Text) bool

func (p *Pack) headTexts(yield yieldText) bool {
	ok := yield("title", p.Title) && yield("owner", p.Owner) &&
		yield("verified_note", p.VerifiedNote) && yield("licence", p.Licence)
	if ok && p.Successor != nil {
		ok = yield("successor.note", p.Successor.Note)
	}
	return ok
}

func (p *Pack) listTexts(yield yieldText) bool {
	for i, x := range p.Parts {
		if !yield(fmt.Sprintf("parts[%d].title", i), x.Title) {
			return false
		}
	}
	for i, x := range p.Requirements {
		if !yield(fmt.Sprintf("requirements[%d].title", i), x.Title) {
			return false
		}
		for k, q := range x.VendorQuestions {
			if !yield(fmt.Sprintf("requirements[%d].vendor_questions[%d]", i, k), q) {
				return false
			}
		}
	}
	for i, x := range p.Areas {
		if !yield(fmt.Sprintf("areas[%d].title", i), x.Title) {
			return false
		}
	}
	for i, x := range p.Choices {
		if !yield(fmt.Sprintf("choices[%d].label", i), x.Label) {
			return false
		}
	}
	for i, x := range p.Bands {
		at := fmt.Sprintf("bands[%d].", i)
		if !yield(at+"label", x.Label) || !yield(at+"advice", x.Advice) {
			return false
		}
	}
	return true
}

func (p *Pack) itemTexts(yield yieldText) bool {
	for i := range p.Items {
		x, at := &p.Items[i], fmt.Sprintf("items[%d].", i)
		if !yield(at+"title", x.Title) {
			return false
		}
		if p.TitlesOnly {
			continue
		}
		ok := yield(at+"question", x.Question) && yield(at+"explain", x.Explain) && yield(at+"example_met", x.ExampleMet) &&
			given(at+"example_not_met", x.ExampleNotMet, yield) && yield(at+"unknown_hint", x.UnknownHint) &&
			given(at+"evidence", x.Evidence, yield) && x.Action.texts(at+"action.", yield)
		if !ok {
			return false
		}
	}
	return true
}

// given yields a text that a pack may leave out.
func given(at string, t i18n.Text, yield yieldText) bool { return t == (i18n.Text{}) || yield(at, t) }

func (a *Action) texts(at string, yield yieldText) bool {
	if !yield(at+"title", a.Title) || !yield(at+"why", a.Why) {
		return false
	}
	for i, step := range a.Steps {
		if !yield(fmt.Sprintf("%ssteps[%d]", at, i), step) {
			return false
		}
	}
	return a.Cost.Class == "none" || yield(at+"cost.text", a.Cost.Text)
}

// Library holds every pack, read once at the start.
type Library struct {
	packs []*Pack // by family, then by first day of validity
}

// LoadPacks reads every *.yaml file of the folder against its schema.json. The
// error names the file and the place of the first thing that is wrong.
func LoadPacks(fsys fs.FS) (*Library, error) {
	schema, err := loadSchema(fsys)
	if err != nil {
		return nil, fmt.Errorf("schema.json: %w", err)
	}
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	lib := &Library{packs: make([]*Pack, len(names))}
	faults := make([]error, len(names))
	var reading sync.WaitGroup // the server starts twice as fast on two cores
	for i, name := range names {
		reading.Go(func() {
			p, err := loadPack(fsys, name, schema)
			if err != nil {
				faults[i] = fmt.Errorf("%s: %w", name, err)
			}
			lib.packs[i] = p
		})
	}
	reading.Wait()
	for _, fault := range faults {
		if fault != nil {
			return nil, fault
		}
	}
	slices.SortFunc(lib.packs, byFamilyAndDay)
	return lib, lib.checkEditions()
}

func byFamilyAndDay(a, b *Pack) int {
	if c := strings.Compare(a.Family, b.Family); c != 0 {
		return c
	}
	return strings.Compare(string(a.ValidFrom), string(b.ValidFrom))
}

// checkEditions refuses two editions of a family that hold on the same day:
// nobody could say which one an answer belongs to.
func (l *Library) checkEditions() error {
	for old, next := range l.overlaps() {
		return fmt.Errorf("%s.yaml: valid_until: %s", old.ID, overlap(next))
	}
	return nil
}

// overlaps yields two editions of a family that hold on the same day.
func (l *Library) overlaps() iter.Seq2[*Pack, *Pack] {
	return func(yield func(old, next *Pack) bool) {
		for i := 1; i < len(l.packs); i++ {
			old, next := l.packs[i-1], l.packs[i]
			if old.Family == next.Family && (old.ValidUntil == "" || old.ValidUntil >= next.ValidFrom) && !yield(old, next) {
				return
			}
		}
	}
}

func overlap(next *Pack) string {
	return fmt.Sprintf("must end before %s begins on %s", next.ID, next.ValidFrom)
}

// Packs lists all packs: first those with which most companies begin, editions of a
// family by age.
func (l *Library) Packs() []*Pack { return byUse(l.packs) }

// ByID returns the pack with the id, or nil. Answers keep the id of their pack,
// so a pack stays in the library after its validity has ended.
func (l *Library) ByID(id string) *Pack {
	for _, p := range l.packs {
		if p.ID == id {
			return p
		}
	}
	return nil
}

// Current returns the edition of a family that holds on the day as it is in
// Japan, or nil when there is none.
func (l *Library) Current(family string, day time.Time) *Pack {
	d := dateOf(day)
	for _, p := range l.packs {
		if p.Family == family && p.ValidFrom <= d && (p.ValidUntil == "" || d <= p.ValidUntil) {
			return p
		}
	}
	return nil
}

func dateOf(t time.Time) Date { return Date(t.In(i18n.Tokyo).Format(time.DateOnly)) }
