package assess

import (
	"context"
	"slices"
	"time"
)

// State is where a company stands at one item.
type State string

// The states. Only Shown and Inapplicable are settled; a word alone is a word.
const (
	Shown        State = "shown" // met, and evidence that holds shows it
	Word         State = "word"  // met, as the company says
	Expired      State = "expired"
	PartlyMet    State = "partly"
	NotMet       State = "not_met"
	NotKnown     State = "unknown"
	Inapplicable State = "not_applicable"
	Open         State = "open" // no answer
)

// States lists them in the order of a legend.
func States() []State {
	return []State{Shown, Word, Expired, PartlyMet, NotMet, NotKnown, Inapplicable, Open}
}

// Tally counts items by state. The numbers stand side by side and are never
// blended into one.
type Tally struct {
	Shown         int `json:"shown"`
	Word          int `json:"by_word"`
	Expired       int `json:"expired"`
	Partly        int `json:"partly"`
	NotMet        int `json:"not_met"`
	Unknown       int `json:"unknown"`
	NotApplicable int `json:"not_applicable"`
	Open          int `json:"not_assessed"`
}

func (t *Tally) of(s State) *int {
	switch s {
	case Shown:
		return &t.Shown
	case Word:
		return &t.Word
	case Expired:
		return &t.Expired
	case PartlyMet:
		return &t.Partly
	case NotMet:
		return &t.NotMet
	case NotKnown:
		return &t.Unknown
	case Inapplicable:
		return &t.NotApplicable
	}
	return &t.Open
}

// Of is how many items are in a state.
func (t Tally) Of(s State) int { return *t.of(s) }

// Items is how many there are.
func (t Tally) Items() int { return t.Answered() + t.Open }

// Answered is how many have an answer; "unknown" is one.
func (t Tally) Answered() int {
	return t.Met() + t.Partly + t.NotMet + t.Unknown + t.NotApplicable
}

// Met is how many are met by what the company says, with evidence or without.
func (t Tally) Met() int { return t.Shown + t.Word + t.Expired }

// Settled is how many need nothing more.
func (t Tally) Settled() int { return t.Shown + t.NotApplicable }

// Blocking is how many stand in the way of what asks for all.
func (t Tally) Blocking() int { return t.Items() - t.Settled() }

// ItemStand is where a company stands at one item, and by what.
type ItemStand struct {
	Item   *Item
	State  State
	Answer Answer // Revision 0 without one
	Proofs []Evidence
	// Supported says that the only evidence which holds is of another form than
	// the item asks for: a setting supports a rule and never meets it.
	Supported bool
	// Contradicted says that evidence which holds shows the contrary; the company's
	// word then does not stand.
	Contradicted bool
	At           time.Time // collection of the newest evidence that shows it
	Until        time.Time // the end of what shows it longest; zero when it does not end
	Examined     *Evidence // the newest confirmation by a third party that holds
}

// GroupStand is a requirement or a part.
type GroupStand struct {
	ID     string
	Tally  Tally
	Oldest time.Time // evidence among what shows its items; zero when none does
}

// Standing is where a company stands in a pack.
type Standing struct {
	Pack         *Pack
	Items        []ItemStand
	Requirements []GroupStand // in the order of the pack
	Parts        []GroupStand
	Tally        Tally
	Oldest       time.Time
}

// Stand works out where answers and evidence (by item) put a company at a moment.
// It is a pure function; answers and evidence to items the pack does not know are
// passed over.
func Stand(p *Pack, answers map[string]Answer, evidence map[string][]Evidence, now time.Time) Standing {
	s := Standing{Pack: p, Items: make([]ItemStand, 0, len(p.Items))}
	requirements, parts := map[string]*GroupStand{}, map[string]*GroupStand{}
	for i := range p.Items {
		x := &p.Items[i]
		it := standAt(x, answers[x.ID], evidence[x.ID], now)
		s.Items = append(s.Items, it)
		*s.Tally.of(it.State)++
		if it.State == Shown {
			s.Oldest = older(s.Oldest, it.At)
		}
		group(requirements, x.Requirement).add(it)
		group(parts, x.Part).add(it)
	}
	for _, r := range p.Requirements {
		s.Requirements = append(s.Requirements, *group(requirements, r.ID))
	}
	for _, x := range p.Parts {
		s.Parts = append(s.Parts, *group(parts, x.ID))
	}
	return s
}

func group(all map[string]*GroupStand, id string) *GroupStand {
	if all[id] == nil {
		all[id] = &GroupStand{ID: id}
	}
	return all[id]
}

func (g *GroupStand) add(it ItemStand) {
	*g.Tally.of(it.State)++
	if it.State == Shown {
		g.Oldest = older(g.Oldest, it.At)
	}
}

// older is the earlier of two times, of which the zero time is none.
func older(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func standAt(x *Item, a Answer, proofs []Evidence, now time.Time) ItemStand {
	it := ItemStand{Item: x, Answer: a, Proofs: proofs, State: saidState(a)}
	fits, ended := false, false
	for i := range proofs {
		e := &proofs[i]
		switch valid := e.Valid(now); {
		case valid && e.Kind == KindConfirmation:
			if it.Examined == nil || e.At.After(it.Examined.At) {
				it.Examined = e
			}
		case valid && e.Against:
			it.Contradicted = true
		case e.Against || e.Kind == KindConfirmation:
		case !x.shownBy(e.Form):
			it.Supported = it.Supported || valid
		case valid:
			it.show(e, !fits)
			fits = true
		default:
			ended = true
		}
	}
	it.Supported = it.Supported && !fits
	if it.State == Word {
		switch {
		case it.Contradicted:
			it.State = NotMet
		case fits:
			it.State = Shown
		case ended:
			it.State = Expired
		}
	}
	return it
}

// show notes evidence that holds: the newest is its age, the longest its end.
func (it *ItemStand) show(e *Evidence, first bool) {
	if e.At.After(it.At) {
		it.At = e.At
	}
	switch {
	case first, e.ValidUntil.IsZero():
		it.Until = e.ValidUntil
	case !it.Until.IsZero() && e.ValidUntil.After(it.Until):
		it.Until = e.ValidUntil
	}
}

// shownBy says that evidence of a form can show the item. What says no form shows
// only items that ask for none: it might be the picture of a setting.
func (x *Item) shownBy(form string) bool {
	return len(x.Needs) == 0 || slices.Contains(x.Needs, form)
}

// saidState is what the answer alone comes to.
func saidState(a Answer) State {
	switch a.Choice {
	case "":
		return Open
	case Met, Done:
		return Word
	case Partly:
		return PartlyMet
	case NotApplicable:
		return Inapplicable
	case NotMetChoice, NotDone:
		return NotMet
	}
	return NotKnown // also a choice that the pack no longer has
}

// Standing returns where a company stands in a pack now.
func (rm *Room) Standing(ctx context.Context, org, pack string) (Standing, error) {
	s, err := rm.sheet(pack)
	if err != nil {
		return Standing{}, err
	}
	answers, err := answersOf(ctx, org, pack)
	if err != nil {
		return Standing{}, err
	}
	evidence, err := evidenceOf(ctx, org, pack)
	return Stand(s.Pack, answers, evidence, rm.Now()), err
}
