package main

import (
	"context"
	"strconv"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/board"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/count"
)

// openBoard builds the room.
func (h *House) openBoard() *board.Room {
	return board.New(board.Config{
		DB: h.DB, Now: h.now, Assess: h.Assess, Count: count.New(h.Accounts.Derive, h.now), MayCount: h.mayCount,
		Name: func(ctx context.Context, id string) (string, error) { return h.Org.NameOf(ctx, org.ID(id)) },
		Mine: func(ctx context.Context, account, after string, limit int) ([]board.Mine, error) {
			all, err := h.Org.OrganisationsOf(ctx, account, org.ID(after), limit)
			mine := make([]board.Mine, len(all))
			for i, m := range all {
				mine[i] = board.Mine{ID: string(m.ID), Name: m.Name, Role: m.Role}
			}
			return mine, err
		},
		Decisions: h.boardDecisions, Declared: h.boardDeclared,
	})
}

// boardDeclared lists the declarations that stand.
func (h *House) boardDeclared(ctx context.Context, id string) ([]board.Declared, error) {
	declarations, err := h.Star.Declarations(ctx, id)
	var all []board.Declared
	for _, d := range declarations {
		if d.Ended == "" {
			all = append(all, board.Declared{Scheme: string(d.Scheme), Stars: d.Stars, Number: d.Number, Since: d.On.Time()})
		}
	}
	return all, err
}

// boardDecisions are the steps of the plan that executives have and that are not done.
func (h *House) boardDecisions(ctx context.Context, id string) ([]board.Decision, error) {
	owners, err := h.Org.Owners(ctx, org.ID(id))
	if err != nil {
		return nil, err
	}
	steps, err := h.Plan.OpenOf(ctx, id, owners)
	var all []board.Decision
	for _, s := range steps {
		all = append(all, board.Decision{What: s.What, Due: s.Due})
	}
	return all, err
}

// comparedCompanies is how many companies of the demonstration have kept results:
// enough for a release, however large the region is.
const comparedCompanies = 40

// boardLevels gives companies of the demo levels and kept results. The plan asks for
// it first: a step about a level begins where the level is.
func (r *region) boardLevels() error {
	p := r.Assess.Packs.ByID("executive-guideline-3")
	if p == nil {
		return nil
	}
	for i, id := range r.orgs[:min(comparedCompanies, len(r.orgs))] {
		for _, ago := range []int{200, 90, 25} {
			r.at(ago)
			if i > 0 && ago > 25 {
				continue
			}
			if err := r.boardResult(i, string(id), p, ago); err != nil {
				return err
			}
		}
	}
	return nil
}

// boards makes the first release to compare with, and lets the first company find that
// it does not know one thing.
func (r *region) boards() error {
	if err := r.Board.Publish(r.ctx); err != nil {
		return err
	}
	r.at(2)
	return r.boardAnswer(0, string(r.orgs[0]), "9", assess.Unknown)
}

// boardResult answers the ten items of a company as it stood some days ago, and keeps
// that as a result.
func (r *region) boardResult(i int, id string, p *assess.Pack, ago int) error {
	if i%5 != 4 {
		profile := board.Profile{Staff: 1 + i%3, Sales: 1 + i%4, Information: 3, Dependence: 5}
		if err := r.Board.SetProfile(r.ctx, id, profile); err != nil {
			return err
		}
	}
	if i%6 != 5 {
		if err := r.Board.Join(r.ctx, id); err != nil {
			return err
		}
	}
	for n, x := range p.Items {
		level := 1 + (i*7+n*n+n)%4
		if i == 0 {
			level = []int{3, 3, 2, 3, 3, 2, 1, 2, 2, 3}[n]
			if ago > 100 && level > 1 {
				level--
			}
		}
		if err := r.boardAnswer(i, id, x.ID, "m"+strconv.Itoa(level)); err != nil {
			return err
		}
	}
	return r.Board.Keep(r.ctx, id)
}

func (r *region) boardAnswer(i int, id, item, choice string) error {
	answers := map[string]assess.Answer{}
	err := r.DB.Read(r.ctx, func(ctx context.Context) (err error) {
		answers, err = r.Assess.Answers(ctx, id, "executive-guideline-3")
		return err
	})
	if err != nil {
		return err
	}
	_, err = r.Assess.Answer(r.ctx, assess.AnswerInput{
		Org: id, Pack: "executive-guideline-3", Item: item, Choice: choice, Actor: r.owners[i], Revision: answers[item].Revision,
	})
	return err
}
