package assess

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// words is a text of a pack in every register, made ready once: a page shows
// dozens of them, and reading their marks each time would be most of its cost.
type words struct {
	plain, html [3]string // in the order of i18n.Langs
}

func register(ctx context.Context) int {
	switch i18n.From(ctx).Lang {
	case i18n.Easy:
		return 1
	case i18n.EN:
		return 2
	}
	return 0
}

// Render writes the text with its readings.
func (w *words) Render(ctx context.Context, out io.Writer) error {
	_, err := io.WriteString(out, w.html[register(ctx)])
	return err
}

// In returns the text without readings.
func (w *words) In(ctx context.Context) string { return w.plain[register(ctx)] }

func ready(t i18n.Text) *words {
	w := drawn(ui.Rich(t))
	for i, l := range i18n.Langs {
		w.plain[i] = t.In(l)
	}
	return w
}

// drawn is a component that needs nothing but the register, drawn once.
func drawn(c templ.Component) *words {
	w := &words{}
	for i, l := range i18n.Langs {
		var b strings.Builder
		// A strings.Builder cannot fail, and packs were parsed when loaded.
		_ = c.Render(i18n.Into(context.Background(), &i18n.Localizer{Lang: l}), &b)
		w.html[i] = b.String()
	}
	return w
}

// sheet is a pack made ready for pages. It is read-only.
type sheet struct {
	*Pack
	title, note, successor *words // successor is nil when none is known
	parts, areas           map[string]*words
	requirements           map[string]*words
	choices                map[string]choiceWords
	bands                  map[string]bandWords
	items                  []itemWords // as in the pack
	index                  map[string]int
	most                   int            // points there can be
	mostOf                 map[string]int // by area
}

type choiceWords struct {
	label  *words
	status ui.StatusKind
	sign   *words // shape and label
	proven *words // the same with evidence behind it
}

type bandWords struct{ label, advice *words }

type itemWords struct {
	title, question, explain *words
	// What a pack with titles only leaves out is nil, as are a cost of nothing and
	// a second example.
	met, notMet, hint, evidence *words
	action, why, cost           *words
	steps                       []*words
}

// statuses gives each choice its shape; the word beside it is the pack's own.
// A step of maturity is drawn as how much is there.
var statuses = map[string]ui.StatusKind{
	Done: ui.Met, Partly: ui.Partly, NotDone: ui.NotMet, Unknown: ui.Unknown,
	Met: ui.Met, NotMetChoice: ui.NotMet, NotApplicable: ui.NotApplicable,
	"m1": ui.NotMet, "m2": ui.Partly, "m3": ui.Met, "m4": ui.Met, "m5": ui.Met,
}

// stateLooks gives each state its shape and the key of its word.
// keys: assess.state.shown, assess.state.word, assess.state.expired, assess.state.partly, assess.state.not_met
// keys: assess.state.unknown, assess.state.not_applicable, assess.state.open
var stateLooks = map[State]ui.StatusKind{
	Shown: ui.Proof, Word: ui.Met, Expired: ui.Expired, PartlyMet: ui.Partly, NotMet: ui.NotMet,
	NotKnown: ui.Unknown, Inapplicable: ui.NotApplicable, Open: ui.Unknown,
}

// Look is the shape of a state.
func (s State) Look() ui.StatusKind { return stateLooks[s] }

// Words is the name of a state.
func (s State) Words() ui.Words { return ui.T("assess.state." + string(s)) }

// Sign is the state with its shape.
func (s State) Sign() ui.Words { return ui.StatusAs(s.Look(), s.Words()) }

func newSheet(p *Pack) *sheet {
	s := &sheet{
		Pack: p, title: ready(p.Title), note: ready(p.VerifiedNote),
		parts: map[string]*words{}, areas: map[string]*words{}, requirements: map[string]*words{},
		choices: map[string]choiceWords{}, bands: map[string]bandWords{}, index: map[string]int{}, mostOf: map[string]int{},
	}
	none := Score(p, nil)
	s.most = none.Max
	for _, a := range none.Areas {
		s.mostOf[a.ID] = a.Max
	}
	if p.Successor != nil {
		s.successor = ready(p.Successor.Note)
	}
	for _, x := range p.Parts {
		s.parts[x.ID] = ready(x.Title)
	}
	for _, x := range p.Requirements {
		s.requirements[x.ID] = ready(x.Title)
	}
	for _, x := range p.Areas {
		s.areas[x.ID] = ready(x.Title)
	}
	for _, c := range p.Choices {
		s.choices[c.Code] = newChoiceWords(c)
	}
	for _, b := range p.Bands {
		s.bands[b.Code] = bandWords{ready(b.Label), ready(b.Advice)}
	}
	for i := range p.Items {
		s.items = append(s.items, newItemWords(&p.Items[i]))
		s.index[p.Items[i].ID] = i
	}
	return s
}

func newChoiceWords(c Choice) choiceWords {
	w := choiceWords{label: ready(c.Label), status: statuses[c.Code]}
	w.sign = drawn(ui.StatusAs(w.status, w.label))
	w.proven = w.sign
	if c.Code == Done || c.Code == Met {
		w.proven = drawn(ui.StatusAs(ui.Proof, w.label))
	}
	return w
}

func newItemWords(x *Item) itemWords {
	w := itemWords{
		title: ready(x.Title), question: readyOr(x.Question, x.Title), explain: maybeReady(x.Explain),
		met: maybeReady(x.ExampleMet), notMet: maybeReady(x.ExampleNotMet), hint: maybeReady(x.UnknownHint), evidence: maybeReady(x.Evidence),
		action: readyOr(x.Action.Title, x.Title), why: maybeReady(x.Action.Why),
	}
	for _, step := range x.Action.Steps {
		w.steps = append(w.steps, ready(step))
	}
	if x.Action.Cost.Class != "none" {
		w.cost = maybeReady(x.Action.Cost.Text)
	}
	return w
}

// maybeReady is ready for a text that a pack may leave out: nil without one.
func maybeReady(t i18n.Text) *words {
	if t == (i18n.Text{}) {
		return nil
	}
	return ready(t)
}

func readyOr(t, other i18n.Text) *words {
	if t == (i18n.Text{}) {
		return ready(other)
	}
	return ready(t)
}

// orNone is a text as a part of a page takes it: no text is no part.
func (w *words) orNone() ui.Words {
	if w == nil {
		return nil
	}
	return w
}

// part is the name of the part an item belongs to, or nil in a pledge.
func (s *sheet) part(i int) *words { return s.parts[s.Items[i].Part] }
