package assess

import (
	"context"
	"slices"
	"strconv"

	"github.com/minamori-project/minamori/ui"
)

// depthFor is how deep a company is asked at first in a pack.
func (rm *Room) depthFor(ctx context.Context, s *sheet, org string) (int, error) {
	if s.Kind != Criteria {
		return 0, nil // such packs know no depth: every item is 0
	}
	p, err := rm.Organisation(ctx, org)
	return max(1, p.Depth), err
}

func (rm *Room) criteriaList(ctx context.Context, s *sheet, in listIn) (ListView, error) {
	depth := min(in.Depth, 3)
	if depth < 1 {
		var err error
		if depth, err = rm.depthFor(ctx, s, in.Org); err != nil {
			return ListView{}, err
		}
	}
	stand, err := rm.Standing(ctx, in.Org, s.ID)
	if err != nil {
		return ListView{}, err
	}
	v := ListView{
		Pack: s.ID, Title: s.title.In(ctx), Kind: s.Kind, Edition: s.Edition, Verified: s.Verified, Items: len(s.Items), Answered: stand.Tally.Answered(),
		Rows: make([]RowView, 0, len(s.Items)), Tally: &stand.Tally, depth: depth, stand: &stand,
		org: in.Org, s: s, now: rm.Now(), later: rm.laterEdition(s), mayAnswer: mayAnswer(ctx),
	}
	for i := range stand.Items {
		it := &stand.Items[i]
		row := RowView{
			Item: it.Item.ID, Number: it.Item.Number, Code: it.Item.Sign(), Title: s.items[i].title.In(ctx), State: it.State,
			Evidence: it.State == Shown, stand: it,
		}
		if it.Answer.Revision > 0 {
			a := s.answerView(ctx, it.Answer, nil)
			row.Answer = &a
		}
		v.Rows = append(v.Rows, row)
	}
	return v, nil
}

// block is a requirement with its criteria, or a part of a pack that has none.
type block struct {
	title *words
	sign  string
	rows  []RowView
	more  int   // how many lie deeper than what is shown
	at    []int // places of the rows in the pack
}

// category is a part with its blocks.
type category struct {
	id     string
	title  *words
	stand  GroupStand
	blocks []block
}

// categories are the parts of the pack with what is shown of them at this depth.
func (v ListView) categories() []category {
	var all []category
	for i := range v.Rows {
		x := &v.s.Items[i]
		if len(all) == 0 || all[len(all)-1].id != x.Part {
			all = append(all, category{id: x.Part, title: v.s.parts[x.Part], stand: v.part(x.Part)})
		}
		c := &all[len(all)-1]
		if len(c.blocks) == 0 || c.blocks[len(c.blocks)-1].sign != x.Requirement {
			c.blocks = append(c.blocks, block{title: v.s.requirements[x.Requirement], sign: x.Requirement})
		}
		b := &c.blocks[len(c.blocks)-1]
		if x.Depth > v.depth && v.Rows[i].State == Open {
			b.more++
			continue
		}
		b.rows, b.at = append(b.rows, v.Rows[i]), append(b.at, i)
	}
	return all
}

func (v ListView) part(id string) GroupStand {
	for _, g := range v.stand.Parts {
		if g.ID == id {
			return g
		}
	}
	return GroupStand{}
}

// hidden is how many criteria lie deeper than what is shown.
func (v ListView) hidden() (n int) {
	for _, c := range v.categories() {
		for _, b := range c.blocks {
			n += b.more
		}
	}
	return n
}

func (v ListView) deeper() string { return v.url() + "?depth=3" }

// tallyWords says how many of a category are shown by evidence.
func (c category) tallyWords() ui.Words {
	return ui.T("assess.criteria.shown-of", "n", c.stand.Tally.Shown, "total", c.stand.Tally.Items())
}

func number(n int) string { return strconv.Itoa(n) }

// FrameworksView lists what a company can look at itself by.
type FrameworksView struct {
	Frameworks []PackView `json:"frameworks"`

	org string
}

func (rm *Room) frameworks(ctx context.Context, in orgIn) (FrameworksView, error) {
	answers, err := answersEverywhere(ctx, in.Org)
	if err != nil {
		return FrameworksView{}, err
	}
	shown, err := shownOf(ctx, in.Org, "", rm.Now())
	if err != nil {
		return FrameworksView{}, err
	}
	v := FrameworksView{org: in.Org}
	for _, p := range rm.Packs.Packs() {
		if rm.Packs.Current(p.Family, rm.Now()) == p || len(answers[p.ID]) > 0 {
			v.Frameworks = append(v.Frameworks, packView(ctx, rm.sheets[p.ID], answers[p.ID], shown[p.ID]))
		}
	}
	return v, nil
}

// byUse puts first what most companies begin with.
func byUse(packs []*Pack) []*Pack {
	rank := func(p *Pack) int {
		switch {
		case p.Kind == Diagnosis:
			return 0
		case p.Kind == Pledge:
			return 1
		case p.TitlesOnly:
			return 5
		case len(p.Requirements) > 0:
			return 2
		case p.Kind == Maturity:
			return 3
		}
		return 4
	}
	all := slices.Clone(packs)
	slices.SortStableFunc(all, func(a, b *Pack) int { return rank(a) - rank(b) })
	return all
}
