package mapping

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/problem"
)

// What a line of a preview offers.
const (
	Fill     = "fill"     // there is no answer yet
	Renew    = "renew"    // what the answer was made from has changed
	Replace  = "replace"  // the company's own answer says less, or something else
	Support  = "evidence" // the answer stays, evidence is added
	Lost     = "lost"     // what the answer was made from says nothing any more
	Hinted   = "hint"     // only a machine suggested it
	Standing = "standing" // applied before and still so
)

// Line is one item of a preview: what is, and what would be.
type Line struct {
	Kind     string
	Stand    assess.ItemStand
	Now      Projected // what is projected now
	Choice   string    // the answer that would be given; "" for none
	Evidence []assess.Evidence
	Applied  *Applied // what the present answer was made from, if it was
	MapNewer bool     // a map has changed since, rather than an answer
}

// Ticked says that a line is chosen unless somebody takes the tick away. What
// would take the place of the company's own word never is.
func (l *Line) Ticked() bool { return l.Kind == Fill || l.Kind == Renew || l.Kind == Support }

// Offered says that a line can be applied.
func (l *Line) Offered() bool { return l.Ticked() || l.Kind == Replace }

// Key names what was seen: applied later, it must still be so.
func (l *Line) Key() string {
	return strings.Join([]string{l.Stand.Item.ID, l.Choice, strconv.Itoa(l.Stand.Answer.Revision), signOf(l.Evidence)}, "|")
}

// signOf is a short sign of a set of evidence: thirty ids for each of a hundred
// lines would make a form that is too large.
func signOf(all []assess.Evidence) string {
	if len(all) == 0 {
		return ""
	}
	h := sha256.New()
	for _, e := range all {
		_, _ = io.WriteString(h, e.ID+"\n")
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// Preview is what the answers elsewhere would make of a pack.
type Preview struct {
	Pack  *assess.Pack
	Lines []Line // in the order of the pack; items without a word from elsewhere are left out
	Kept  int    // items where the company's own answer says as much, or more
}

// pack returns a pack, or a problem.
func (rm *Room) pack(id string) (*assess.Pack, error) {
	if p := rm.Assess.Packs.ByID(id); p != nil {
		return p, nil
	}
	return nil, problem.NotFound()
}

// Preview works out what would become of a pack. Secret evidence is left out
// unless secrets: it is not named to those who may not see it.
func (rm *Room) Preview(ctx context.Context, org, pack string, secrets bool) (Preview, error) {
	p, err := rm.pack(pack)
	if err != nil {
		return Preview{}, err
	}
	sources := rm.Atlas.Sources(pack)
	if !slices.Contains(sources, pack) {
		sources = append(sources, pack)
	}
	standings, err := rm.Assess.Standings(ctx, org, sources)
	if err != nil {
		return Preview{}, err
	}
	applied, err := appliedOf(ctx, org, pack)
	if err != nil {
		return Preview{}, err
	}
	return rm.preview(p, standings, rm.Atlas.Project(standings, rm.Now()), applied, secrets), nil
}

// preview compares what is with what would be. It is a pure function but for the
// catalogue.
func (rm *Room) preview(p *assess.Pack, standings map[string]assess.Standing, projected map[assess.Place]Projected, applied []Applied, secrets bool) Preview {
	made := map[string]*Applied{}
	for i, a := range applied {
		if a.Pack == p.ID {
			made[a.Item] = &applied[i]
		}
	}
	v := Preview{Pack: p}
	for _, stand := range standings[p.ID].Items {
		l := Line{Stand: stand, Now: projected[assess.Place{Pack: p.ID, Item: stand.Item.ID}]}
		if a := made[stand.Item.ID]; a != nil && a.Revision == stand.Answer.Revision && stand.Answer.Source == assess.SourceMapped {
			l.Applied = a
		}
		l.Choice = choiceFor(p, l.Now.Level)
		l.Evidence = newEvidence(&l.Now, stand.Proofs, secrets)
		switch l.Kind = rm.kindOf(&l, standings); l.Kind {
		case "":
			if l.Now.Level > Hint {
				v.Kept++
			}
		default:
			v.Lines = append(v.Lines, l)
		}
	}
	return v
}

// kindOf says what a line offers; "" when there is nothing to offer.
func (rm *Room) kindOf(l *Line, standings map[string]assess.Standing) string {
	answered := l.Stand.Answer.Revision > 0
	if l.Applied != nil {
		changed, newer := rm.changed(l.Applied, standings)
		l.MapNewer = newer && !changed
		switch {
		case l.Choice == "":
			return Lost
		case changed || newer || l.Choice != l.Stand.Answer.Choice:
			return Renew
		case len(l.Evidence) > 0:
			return Support
		}
		return Standing
	}
	switch {
	case l.Now.Level == Hint && worth(l.Stand.Answer.Choice) < worth(assess.Met):
		return Hinted
	case l.Choice == "":
		return ""
	case !answered:
		return Fill
	case worth(l.Choice) > worth(l.Stand.Answer.Choice):
		return Replace
	case l.Choice == l.Stand.Answer.Choice && len(l.Evidence) > 0:
		return Support
	}
	return ""
}

// changed says that what an answer was made from is no more what it was: an
// answer, or the version of a map.
func (rm *Room) changed(a *Applied, standings map[string]assess.Standing) (answers, maps bool) {
	for _, o := range a.Sources {
		for _, name := range o.Maps {
			maps = maps || !rm.Atlas.has(name)
		}
		at := slices.IndexFunc(standings[o.Pack].Items, func(s assess.ItemStand) bool { return s.Item.ID == o.Item })
		answers = answers || at < 0 || standings[o.Pack].Items[at].Answer.Choice != o.Choice
	}
	return answers, maps
}

func (a *Atlas) has(name string) bool {
	return slices.ContainsFunc(a.maps, func(m *Map) bool { return m.Name() == name })
}

// choiceFor is the answer that a level comes to in a pack; "" when it comes to none.
func choiceFor(p *assess.Pack, l Level) string {
	codes := []string{assess.Partly}
	switch l {
	case Whole:
		codes = []string{assess.Met, assess.Done}
	case Part:
	default:
		return ""
	}
	for _, c := range codes {
		if p.Choice(c) != nil {
			return c
		}
	}
	return ""
}

// worth orders choices by how much they say is done; what says nothing or
// something else is worth nothing.
func worth(choice string) int {
	switch choice {
	case assess.Met, assess.Done:
		return 2
	case assess.Partly:
		return 1
	}
	return 0
}

// newEvidence is what would show an item and is not there yet, as far as an item
// may have more.
func newEvidence(p *Projected, have []assess.Evidence, secrets bool) (all []assess.Evidence) {
	for _, e := range p.Evidence() {
		known := slices.ContainsFunc(have, func(h assess.Evidence) bool { return h.ID == e.ID })
		if !known && (secrets || e.Sensitivity != assess.Secret) && len(have)+len(all) < assess.MaxEvidence {
			all = append(all, e)
		}
	}
	return all
}
