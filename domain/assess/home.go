package assess

import (
	"context"
	"slices"
	"time"

	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

type orgIn struct {
	Org string `path:"org" json:"-"`
}

// PackView is how far a company has come with a pack.
type PackView struct {
	Pack     string    `json:"pack"`
	Title    string    `json:"title"`
	Kind     Kind      `json:"kind"`
	Items    int       `json:"items"`
	Answered int       `json:"answered"`
	Points   int       `json:"points"`
	Max      int       `json:"max"`
	Band     *BandView `json:"band,omitempty"`
	Shown    int       `json:"items_with_evidence"`
	At       time.Time `json:"answered_at"`

	s      *sheet
	oldest time.Time
}

// HomeView is where a company stands and what it can do next.
type HomeView struct {
	Organisation string      `json:"organisation"`
	Number       string      `json:"corporate_number,omitempty"`
	Packs        []PackView  `json:"frameworks"`
	Next         []NextView  `json:"next"`
	Asked        []AskedView `json:"asked,omitempty"` // where colleagues ask the reader

	org       string
	now       time.Time
	mayAnswer bool
	notices   []ui.NoticeView
	others    []ui.Link
}

// doors are where to go on from the home.
func (v HomeView) doors() []ui.Link {
	own := []ui.Link{
		{Label: ui.T("assess.frameworks.page"), URL: homeURL(v.org) + "/frameworks"},
		{Label: ui.T("assess.vault.page"), URL: vaultURL(v.org)},
	}
	return append(own, v.others...)
}

func (rm *Room) home(ctx context.Context, in orgIn) (HomeView, error) {
	profile, err := rm.Organisation(ctx, in.Org)
	if err != nil {
		return HomeView{}, err
	}
	answers, err := answersEverywhere(ctx, in.Org)
	if err != nil {
		return HomeView{}, err
	}
	shown, err := shownOf(ctx, in.Org, "", rm.Now())
	if err != nil {
		return HomeView{}, err
	}
	v := HomeView{
		Organisation: profile.Name, Number: profile.Number, Next: []NextView{},
		org: in.Org, now: rm.Now(), mayAnswer: mayAnswer(ctx),
	}
	if rm.Doors != nil {
		v.others = rm.Doors(in.Org)
	}
	if rm.Notices != nil {
		if v.notices, err = rm.Notices(ctx, in.Org); err != nil {
			return HomeView{}, err
		}
	}
	if v.Asked, err = rm.askedOf(ctx, in.Org, web.CallerFrom(ctx).Account); err != nil {
		return HomeView{}, err
	}
	for _, s := range rm.homeSheets(answers) {
		v.Packs = append(v.Packs, packView(ctx, s, answers[s.ID], shown[s.ID]))
	}
	if first := v.first(); first != nil {
		v.Next = first.s.nextViews(ctx, choicesOf(answers[first.Pack]))
	}
	return v, nil
}

// homeSheets are the editions that hold today, what is scored first, then the
// pledge and other frameworks that the company has begun, and after them what holds
// no more but was answered. All others are found under their own heading: a company
// that begins is not shown twelve lists.
func (rm *Room) homeSheets(answers map[string]map[string]Answer) []*sheet {
	var scored, pledges, begun, past []*sheet
	for _, p := range rm.Packs.packs {
		s, answered := rm.sheets[p.ID], len(answers[p.ID]) > 0
		switch {
		case rm.Packs.Current(p.Family, rm.Now()) != p:
			if answered {
				past = append(past, s)
			}
		case p.Kind == Diagnosis:
			scored = append(scored, s)
		case p.Kind == Pledge:
			pledges = append(pledges, s)
		case answered:
			begun = append(begun, s)
		}
	}
	return slices.Concat(scored, pledges, begun, past)
}

func packView(ctx context.Context, s *sheet, answers map[string]Answer, shown shownItems) PackView {
	r := Score(s.Pack, choicesOf(answers))
	v := PackView{
		Pack: s.ID, Title: s.title.In(ctx), Kind: s.Kind, Items: r.Items, Answered: r.Answered, Points: r.Points, Max: r.Max,
		Shown: len(shown.Items), s: s, oldest: shown.Oldest,
	}
	if r.Band != nil {
		b := s.bands[r.Band.Code]
		v.Band = &BandView{r.Band.Code, b.label.In(ctx), b.advice.In(ctx)}
	}
	for _, a := range answers {
		if a.At.After(v.At) {
			v.At = a.At
		}
	}
	return v
}

// first is the diagnosis that holds today, or nil.
func (v HomeView) first() *PackView {
	if len(v.Packs) > 0 && v.Packs[0].Kind == Diagnosis {
		return &v.Packs[0]
	}
	return nil
}

func (p PackView) open() int { return p.Items - p.Answered }

// began says that somebody has answered something anywhere.
func (v HomeView) began() bool {
	for _, p := range v.Packs {
		if p.Answered > 0 {
			return true
		}
	}
	return false
}

func (v HomeView) title() ui.Words {
	p := v.first()
	switch {
	case p == nil || !v.began():
		return ui.T("assess.home.new")
	case p.Band != nil:
		return p.s.bands[p.Band.Code].label
	}
	return ui.T("assess.result.open", "n", p.open())
}

func (v HomeView) lead() ui.Words {
	p := v.first()
	switch {
	case p == nil || !v.began():
		return ui.T("assess.home.new.why")
	case p.Band != nil:
		return p.s.bands[p.Band.Code].advice
	}
	return ui.T("assess.list.lead")
}

func (v HomeView) claims(ctx context.Context) ui.ClaimsView {
	p := v.first()
	if p == nil {
		return ui.ClaimsView{}
	}
	return claimsOf(ctx, p.s, p.Points, p.Answered, p.Shown, p.At, p.oldest, v.now)
}

// score is the drawing of the points, when there are any.
func (p PackView) score(ctx context.Context) ui.ScoreView {
	return ResultView{s: p.s, Points: p.Points, Max: p.Max}.score(ctx)
}

// state says in a few words how far a pack has come.
func (p PackView) state() ui.Words {
	switch {
	case p.open() > 0 || p.Answered == 0:
		return ui.T("ui.question.answered", "total", p.Items, "n", p.Answered)
	case p.Kind == Pledge:
		return ui.T("assess.pledge.ready")
	case !p.s.scored():
		return ui.T("assess.list.done", "n", p.Items)
	}
	return ui.T("assess.claim.points", "points", p.Points, "max", p.Max)
}
