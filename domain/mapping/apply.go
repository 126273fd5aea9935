package mapping

import (
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// maxKeys is how many lines may be applied at once: more than the longest pack.
const maxKeys = 500

// Choosing is what somebody ticked in a preview.
type Choosing struct {
	Org, Pack, Actor string
	Keys             []string // of lines, as they were seen
	Secrets          bool     // the actor may see secret evidence
}

// sound refuses what names no line at all.
func (c *Choosing) sound() error {
	var v problem.Invalid
	v.Check(len(c.Keys) > 0, "rows", "mapping-none")
	v.Check(len(c.Keys) <= maxKeys, "rows", "mapping-many", "n", maxKeys)
	return v.Or()
}

// outdated is for a line that is not as it was seen: nothing is applied unseen.
func outdated() error { return problem.New(http.StatusConflict, "mapping-changed") }

type appliedWords struct {
	Pack     string   `json:"pack"`
	Items    []string `json:"items"`
	From     []string `json:"from"` // packs
	Evidence int      `json:"evidence,omitempty"`
}

// Apply makes answers of what was ticked, all or none, and returns how many.
func (rm *Room) Apply(ctx context.Context, in Choosing) (n int, err error) {
	if err := in.sound(); err != nil {
		return 0, err
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		p, err := rm.Preview(ctx, in.Org, in.Pack, in.Secrets)
		if err != nil {
			return err
		}
		lines, err := chosen(p.Lines, in.Keys)
		if err != nil {
			return err
		}
		n = len(lines)
		words := appliedWords{Pack: in.Pack}
		proofs := serving{}
		for _, l := range lines {
			words.Items = append(words.Items, l.Stand.Item.ID)
			for _, s := range l.Now.Sources {
				if s.Level > Hint && !slices.Contains(words.From, s.Origin.Pack) {
					words.From = append(words.From, s.Origin.Pack)
				}
			}
			proofs.add(l.Evidence, assess.Place{Pack: in.Pack, Item: l.Stand.Item.ID})
			if err := rm.applyLine(ctx, in, l); err != nil {
				return err
			}
		}
		words.Evidence = len(proofs.order)
		if err := rm.prove(ctx, in.Org, in.Actor, proofs); err != nil {
			return err
		}
		return journal.Note(ctx, journal.Entry{Org: in.Org, At: rm.Now(), Actor: in.Actor, Verb: "mapping.applied", Subject: in.Pack}, words)
	})
	return n, err
}

// chosen finds the lines of keys; each must be there as it was seen.
func chosen(lines []Line, keys []string) (all []*Line, err error) {
	byKey := map[string]*Line{}
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

func (rm *Room) applyLine(ctx context.Context, in Choosing, l *Line) error {
	if l.Kind == Support {
		return nil // the answer stays the company's own
	}
	origins := originsOf(&l.Now)
	answers, err := rm.Assess.Answer(ctx, assess.AnswerInput{
		Org: in.Org, Pack: in.Pack, Item: l.Stand.Item.ID, Choice: l.Choice, KeepMemo: true, Revision: l.Stand.Answer.Revision,
		Actor: in.Actor, Source: assess.SourceMapped, SourceNote: sourceNote(origins),
	})
	if err != nil {
		return err
	}
	return putApplied(ctx, in.Org, Applied{
		Pack: in.Pack, Item: l.Stand.Item.ID, Revision: answers[l.Stand.Item.ID].Revision, Choice: l.Choice, Sources: origins, At: rm.Now(), By: in.Actor,
	})
}

// originsOf is what a projected value is made from; hints are no part of it.
func originsOf(p *Projected) (all []Origin) {
	for _, s := range p.Sources {
		if s.Level <= Hint {
			continue
		}
		o := Origin{Pack: s.Origin.Pack, Item: s.Origin.Item, Choice: s.Choice}
		for _, step := range s.Path {
			o.Maps = append(o.Maps, step.Map.Name())
		}
		all = append(all, o)
	}
	return all
}

// serving is which items each piece of evidence is to serve.
type serving struct {
	order  []string
	places map[string][]assess.Place
}

func (s *serving) add(all []assess.Evidence, at assess.Place) {
	if s.places == nil {
		s.places = map[string][]assess.Place{}
	}
	for _, e := range all {
		if s.places[e.ID] == nil {
			s.order = append(s.order, e.ID)
		}
		s.places[e.ID] = append(s.places[e.ID], at)
	}
}

func (rm *Room) prove(ctx context.Context, org, actor string, s serving) error {
	for _, id := range s.order {
		if err := rm.Assess.Prove(ctx, org, id, actor, s.places[id]); err != nil {
			return err
		}
	}
	return nil
}

// maxNamed is how many origins a note names; the table keeps all.
const maxNamed = 4

// sourceNote says where a value is from: pack, item, and the maps on the way.
func sourceNote(all []Origin) string {
	var parts []string
	for i, o := range all {
		if i == maxNamed {
			parts = append(parts, "…")
			break
		}
		part := o.Pack + " " + o.Item
		if len(o.Maps) > 0 {
			part += " (" + strings.Join(o.Maps, ", ") + ")"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, "; ")
}
