package main

import (
	"context"
	"fmt"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/star"
	"github.com/minamori-project/minamori/internal/i18n"
)

// openStar builds the room. The facts come with the program: one that is wrong is a
// mistake of ours, which the tests find.
func (h *House) openStar() *star.Room {
	facts, err := star.LoadFacts(content.Stars())
	if err != nil {
		panic(err)
	}
	return star.New(star.Config{
		DB: h.DB, Now: h.now, Assess: h.Assess, Facts: facts, Texts: h.texts, People: h.names,
		Organisation: func(ctx context.Context, id string) (org.Organisation, error) { return h.Org.ByID(ctx, org.ID(id)) },
		Published: func(ctx context.Context, id string) (string, time.Time, bool, error) {
			p, ok, err := h.Policy.Published(ctx, id)
			return p.URL, p.Since, ok, err
		},
		Approved: func(ctx context.Context, id string) (bool, error) { return h.Policy.Approved(ctx, id) },
		Confirmed: func(ctx context.Context, id, pack string) (star.Confirmation, bool, error) {
			x, ok, err := h.Review.LastConfirmed(ctx, id, pack)
			return star.Confirmation{Snapshot: i18n.T(ctx, "star.snapshot", "number", x.Number), On: x.At}, ok, err
		},
	})
}

// stars gives the first company an answered guide, a declaration that was seen in the
// list, and answers to the criteria of ★3 that came over three months.
func (r *region) stars() error {
	p := r.Assess.Packs.Current("scs-star3", r.today)
	if p == nil || len(r.orgs) == 0 {
		return nil
	}
	id, owner := string(r.orgs[0]), r.owners[0]
	for round, days := range []int{95, 60, 30, 6} {
		r.at(days)
		err := r.DB.Write(r.ctx, func(ctx context.Context) error { return r.criteria(ctx, p, id, owner, round) })
		if err != nil {
			return err
		}
	}
	r.at(35)
	if err := r.Star.AnswerGuide(r.ctx, id, star.Guide{Secrets: star.No, Stops: star.No, Access: star.No}); err != nil {
		return err
	}
	r.at(20)
	day := func(back int) assess.Date { return assess.Date(r.today.AddDate(0, 0, -back).Format(time.DateOnly)) }
	declared, err := r.Star.Declare(r.ctx, star.DeclareInput{Org: id, Scheme: star.SecurityAction, Stars: 2, Number: "50000000017", On: day(22)})
	if err != nil {
		return err
	}
	r.at(10)
	if err := r.Star.See(r.ctx, id, declared, day(11)); err != nil {
		return err
	}
	r.at(0)
	return nil
}

// criteria answers a quarter of the criteria, and puts evidence to some of them.
func (r *region) criteria(ctx context.Context, p *assess.Pack, id, owner string, round int) error {
	choices := []string{assess.Met, assess.Met, assess.Met, assess.Partly, assess.Met, assess.NotMetChoice, assess.Met, assess.Unknown, assess.Met, assess.Met}
	for i := range p.Items {
		x := &p.Items[i]
		if i%4 != round || i%13 == 12 {
			continue
		}
		choice := choices[(i/4+round)%len(choices)]
		_, err := r.Assess.Answer(ctx, assess.AnswerInput{Org: id, Pack: p.ID, Item: x.ID, Choice: choice, Actor: owner})
		if err != nil {
			return err
		}
		if choice != assess.Met || i%3 == 1 {
			continue
		}
		e := assess.Recorded{
			Org: id, Actor: owner, Source: "demo", Ref: "star3/" + x.ID, Kind: assess.KindStatement, Name: fmt.Sprintf("%s の裏付け（架空）", x.Sign()),
			CollectedAt: *r.clock, ValidUntil: r.clock.AddDate(1, 0, 0), Proves: []assess.Place{{Pack: p.ID, Item: x.ID}},
		}
		if len(x.Needs) > 0 {
			e.Form = x.Needs[0]
		}
		if i%17 == 0 {
			e.ValidUntil = r.clock.AddDate(0, 0, 3) // it has ended since
		}
		if _, err := r.Assess.Record(ctx, e); err != nil {
			return err
		}
	}
	return nil
}
