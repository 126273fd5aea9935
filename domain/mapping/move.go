package mapping

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// MoveLine is an item on its way into another edition.
type MoveLine struct {
	Change
	Was      assess.ItemStand // in the old edition; Item nil of a new item
	Now      assess.ItemStand // in the new one; Item nil of what is gone
	Choice   string           // the answer that would be given; "" for none
	Evidence []assess.Evidence
}

// Offered says that the line brings something over.
func (l *MoveLine) Offered() bool { return l.Choice != "" || len(l.Evidence) > 0 }

// Ticked says that a line is chosen at first: never what would take the place of
// an answer, nor what only looks alike.
func (l *MoveLine) Ticked() bool {
	return l.Offered() && l.Sure && (l.Now.Answer.Revision == 0 || l.Choice == "")
}

// Key names what was seen.
func (l *MoveLine) Key() string {
	return strings.Join([]string{
		l.Old.ID, l.New.ID, l.Choice, strconv.Itoa(l.Was.Answer.Revision), strconv.Itoa(l.Now.Answer.Revision), signOf(l.Evidence),
	}, "|")
}

// Move is what becomes of an assessment in another edition.
type Move struct {
	From, To *assess.Pack // To is nil when there is no other edition
	Lines    []MoveLine
}

// PreviewMove works out what would be taken from one edition to a later one; to
// "" means the newest.
func (rm *Room) PreviewMove(ctx context.Context, org, from, to string, secrets bool) (v Move, err error) {
	if v.From, err = rm.pack(from); err != nil {
		return v, err
	}
	later := rm.Atlas.Later(v.From)
	at := slices.IndexFunc(later, func(p *assess.Pack) bool { return p.ID == to || to == "" })
	switch {
	case at >= 0:
		v.To = later[at]
	case to != "":
		return v, problem.NotFound()
	default:
		return v, nil
	}
	stands, err := rm.Assess.Standings(ctx, org, []string{from, v.To.ID})
	if err != nil {
		return v, err
	}
	old, next := byItem(stands[from]), byItem(stands[v.To.ID])
	for _, c := range rm.Atlas.Compare(v.From, v.To) {
		l := MoveLine{Change: c}
		if c.Old != nil {
			l.Was = old[c.Old.ID]
		}
		if c.New != nil {
			l.Now = next[c.New.ID]
		}
		l.bring(v.To, secrets)
		v.Lines = append(v.Lines, l)
	}
	return v, nil
}

func byItem(s assess.Standing) map[string]assess.ItemStand {
	all := make(map[string]assess.ItemStand, len(s.Items))
	for _, x := range s.Items {
		all[x.Item.ID] = x
	}
	return all
}

// bring fills in what would come over: an answer as it is where the item is the
// same, the part of it that holds where the item asks for something else.
func (l *MoveLine) bring(next *assess.Pack, secrets bool) {
	if l.Old == nil || l.New == nil || l.Was.Answer.Revision == 0 {
		return
	}
	choice := l.Was.Answer.Choice
	if l.Level < Whole {
		choice = choiceFor(next, min(l.Level, said(l.Was.State)))
	}
	if next.Choice(choice) != nil && choice != l.Now.Answer.Choice {
		l.Choice = choice
	}
	if l.Level < Whole {
		return
	}
	for _, e := range l.Was.Proofs {
		known := slices.ContainsFunc(l.Now.Proofs, func(h assess.Evidence) bool { return h.ID == e.ID })
		if !known && e.Kind != assess.KindConfirmation && (secrets || e.Sensitivity != assess.Secret) && len(l.Now.Proofs)+len(l.Evidence) < assess.MaxEvidence {
			l.Evidence = append(l.Evidence, e)
		}
	}
}

type movedWords struct {
	From     string   `json:"from"`
	To       string   `json:"to"`
	Items    []string `json:"items"`
	Evidence int      `json:"evidence,omitempty"`
}

// MoveOver takes what was ticked to another edition ("" is the newest), all or
// none, and returns the edition and how many items. The old one keeps its answers.
func (rm *Room) MoveOver(ctx context.Context, in Choosing, to string) (edition string, n int, err error) {
	if err := in.sound(); err != nil {
		return "", 0, err
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		v, err := rm.PreviewMove(ctx, in.Org, in.Pack, to, in.Secrets)
		if err != nil {
			return err
		}
		lines, err := moving(v.Lines, in.Keys)
		if err != nil {
			return err
		}
		n, edition = len(lines), v.To.ID
		words := movedWords{From: in.Pack, To: v.To.ID}
		proofs := serving{}
		for _, l := range lines {
			words.Items = append(words.Items, l.New.ID)
			proofs.add(l.Evidence, assess.Place{Pack: v.To.ID, Item: l.New.ID})
			if err := rm.moveLine(ctx, in, v.To.ID, l); err != nil {
				return err
			}
		}
		words.Evidence = len(proofs.order)
		if err := rm.prove(ctx, in.Org, in.Actor, proofs); err != nil {
			return err
		}
		return journal.Note(ctx, journal.Entry{Org: in.Org, At: rm.Now(), Actor: in.Actor, Verb: "mapping.moved", Subject: v.To.ID}, words)
	})
	return edition, n, err
}

func moving(lines []MoveLine, keys []string) (all []*MoveLine, err error) {
	byKey := map[string]*MoveLine{}
	for i := range lines {
		if lines[i].Offered() {
			byKey[lines[i].Key()] = &lines[i]
		}
	}
	for _, k := range keys {
		l := byKey[k]
		if l == nil {
			return nil, outdated()
		}
		if !slices.Contains(all, l) {
			all = append(all, l)
		}
	}
	return all, nil
}

// moveLine gives the answer to the new edition. An answer to the same thing keeps
// where it came from; what holds in part only is a value from elsewhere. What staff
// had entered becomes the company's own word here, and stays theirs in the old one.
func (rm *Room) moveLine(ctx context.Context, in Choosing, to string, l *MoveLine) error {
	if l.Choice == "" {
		return nil
	}
	origin := Origin{Pack: in.Pack, Item: l.Old.ID, Choice: l.Was.Answer.Choice}
	if l.Map != nil {
		origin.Maps = []string{l.Map.Name()}
	}
	was := l.Was.Answer
	a := assess.AnswerInput{
		Org: in.Org, Pack: to, Item: l.New.ID, Choice: l.Choice, Memo: was.Memo, Detail: was.Detail, Revision: l.Now.Answer.Revision,
		Actor: in.Actor, Source: was.Source, SourceNote: sourceNote([]Origin{origin}),
	}
	if l.Level < Whole {
		a.Source = assess.SourceMapped
	}
	answers, err := rm.Assess.Answer(ctx, a)
	if err != nil {
		return err
	}
	return putApplied(ctx, in.Org, Applied{
		Pack: to, Item: l.New.ID, Revision: answers[l.New.ID].Revision, Choice: l.Choice, Sources: []Origin{origin}, Moved: true, At: rm.Now(), By: in.Actor,
	})
}
