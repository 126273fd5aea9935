package main

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/domain/mapping"
	"github.com/minamori-project/minamori/format/oscal"
	"github.com/minamori-project/minamori/internal/i18n"
)

// openMapping builds the room. The maps come with the program: one that is wrong is
// a mistake of ours, which the tests find.
func (h *House) openMapping() *mapping.Room {
	atlas, err := mapping.Load(content.Mappings(), h.Assess.Packs)
	if err != nil {
		panic(err)
	}
	return mapping.New(mapping.Config{
		DB: h.DB, Now: h.now, Assess: h.Assess, Atlas: atlas,
		Collection: func(w io.Writer, p *assess.Pack, maps []*mapping.Map, l i18n.Lang) error {
			return collectionOf(p, maps, l, h.now()).Write(w)
		},
	})
}

// collectionOf is maps in the words of the room that exchanges them.
func collectionOf(p *assess.Pack, maps []*mapping.Map, l i18n.Lang, at time.Time) oscal.Document {
	var all []exchange.Crosswalk
	for _, m := range maps {
		w := exchange.Crosswalk{
			ID: m.ID, Version: m.Version, From: m.Source.Pack, To: m.Target.Pack,
			Status: m.Status, Method: m.Method.Kind, Author: m.Method.Author, Basis: m.Method.Basis,
		}
		for _, r := range m.Rows {
			w.Rows = append(w.Rows, exchange.CrosswalkRow{
				From: []string{r.From}, To: r.To, Relation: string(r.Relation), Strength: r.Strength, Confidence: r.Confidence, Rationale: r.Rationale.In(l),
			})
		}
		all = append(all, w)
	}
	return exchange.Collection(p.ID, p.Title.In(l), all, at)
}

// mappings has the second company work on the five articles while they held, and
// use a few of its answers to the 25 items for ★3; one of them changes since. The
// first company has it all before it.
func (r *region) mappings() error {
	if len(r.orgs) < 2 {
		return nil
	}
	const articles, star3 = "security-action-articles-5", "scs-star3-2026"
	defer r.at(0)
	r.at(300)
	for i, choice := range []string{assess.Done, assess.Partly, assess.Done, assess.NotDone, assess.Unknown} {
		if err := r.second(articles, r.Assess.Packs.ByID(articles).Items[i].ID, choice); err != nil {
			return err
		}
	}
	r.at(4)
	var keys []string
	var from assess.Place
	err := r.DB.Read(r.ctx, func(ctx context.Context) error {
		p, err := r.Mapping.Preview(ctx, string(r.orgs[1]), star3, false)
		for _, l := range p.Lines {
			if l.Kind == mapping.Fill && len(keys) < 4 {
				keys, from = append(keys, l.Key()), l.Now.Sources[0].Origin
			}
		}
		return err
	})
	if err != nil || len(keys) == 0 {
		return err
	}
	_, err = r.Mapping.Apply(r.ctx, mapping.Choosing{Org: string(r.orgs[1]), Pack: star3, Actor: r.owners[1], Keys: keys})
	r.at(1)
	return errors.Join(err, r.second(from.Pack, from.Item, assess.NotDone))
}

// second answers an item for the second company.
func (r *region) second(pack, item, choice string) error {
	var answers map[string]assess.Answer
	err := r.DB.Read(r.ctx, func(ctx context.Context) (err error) {
		answers, err = r.Assess.Answers(ctx, string(r.orgs[1]), pack)
		return err
	})
	if err != nil {
		return err
	}
	_, err = r.Assess.Answer(r.ctx, assess.AnswerInput{
		Org: string(r.orgs[1]), Pack: pack, Item: item, Choice: choice, KeepMemo: true, Actor: r.owners[1], Revision: answers[item].Revision,
	})
	return err
}
