package star

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// WayView is one way to a star and what may be said of it now.
type WayView struct {
	Way   string `json:"way"` // one, two, three
	State string `json:"state"`
	Seen  string `json:"seen,omitempty"`

	say, seen Say
	url       string
}

func way(ctx context.Context, name, url string, what, seen Say) WayView {
	v := WayView{Way: name, State: what.In(ctx), say: what, seen: seen, url: url}
	if !seen.empty() {
		v.Seen = seen.In(ctx)
	}
	return v
}

// OverviewView is the ways to a star.
type OverviewView struct {
	Fit   Fit       `json:"star_that_fits"`
	Guide *Guide    `json:"guide,omitempty"`
	Ways  []WayView `json:"ways"`

	org       string
	now       time.Time
	by        string
	model     Fact
	mayAnswer bool
}

func (rm *Room) overview(ctx context.Context, in OrgIn) (v OverviewView, err error) {
	v = OverviewView{org: in.Org, now: rm.Now(), model: rm.Facts[factModel], mayAnswer: web.RoleFrom(ctx) >= web.Member}
	g, err := guideOf(ctx, in.Org)
	if err != nil {
		return v, err
	}
	if v.Fit = g.Fit(); v.Fit != FitNone {
		names, err := rm.names(ctx, g.By)
		if err != nil {
			return v, err
		}
		v.Guide, v.by = &g, names[g.By]
	}
	v.Ways, err = rm.ways(ctx, in.Org)
	return v, err
}

func (rm *Room) ways(ctx context.Context, org string) ([]WayView, error) {
	all, err := rm.Declarations(ctx, org)
	if err != nil {
		return nil, err
	}
	two, err := rm.twoStars(ctx, org)
	if err != nil {
		return nil, err
	}
	d := standing(all, SecurityAction)
	ways := []WayView{
		way(ctx, "one", actionHome(org), sayAction(1, two, d), saySeen(ctx, d)),
		way(ctx, "two", actionHome(org), sayAction(2, two, d), seenAs(ctx, d, 2)),
	}
	p := rm.pack(familyStar3)
	if p == nil {
		return ways, nil
	}
	s, err := rm.Assess.Standing(ctx, org, p.ID)
	r := standing(all, SCS)
	return append(ways, way(ctx, "three", star3Home(org), sayStar3(ctx, s.Tally, r, rm.today()), saySeen(ctx, r))), err
}

// seenAs is saySeen for a declaration that has so many stars.
func seenAs(ctx context.Context, d *Declaration, stars int) Say {
	if d == nil || d.Stars < stars {
		return Say{}
	}
	return saySeen(ctx, d)
}

// twoStars is what is there for the stars of SECURITY ACTION.
func (rm *Room) twoStars(ctx context.Context, org string) (s TwoStarState, err error) {
	if s.Articles, s.ArticlesOf, err = rm.answered(ctx, org, familyArticles); err != nil {
		return s, err
	}
	if s.Diagnosis, s.DiagnosisOf, err = rm.answered(ctx, org, familyDiagnosis); err != nil {
		return s, err
	}
	if rm.Published != nil {
		if s.URL, s.Since, s.Published, err = rm.Published(ctx, org); err != nil {
			return s, err
		}
	}
	s.Approved = s.Published
	if !s.Approved && rm.Approved != nil {
		s.Approved, err = rm.Approved(ctx, org)
	}
	return s, err
}

// answered counts the items of the edition of a family that holds today.
func (rm *Room) answered(ctx context.Context, org, family string) (n, of int, err error) {
	p := rm.pack(family)
	if p == nil {
		return 0, 0, nil
	}
	answers, err := rm.Assess.Answers(ctx, org, p.ID)
	for i := range p.Items {
		if answers[p.Items[i].ID].Revision > 0 {
			n++
		}
	}
	return n, len(p.Items), err
}

// GuideIn is the three answers as given.
type GuideIn struct {
	Org     string `path:"org" json:"-"`
	Secrets Reply  `json:"secrets"`
	Stops   Reply  `json:"stops"`
	Access  Reply  `json:"access"`
}

// GuideView is the three questions.
type GuideView struct {
	typed   GuideIn
	model   Fact
	problem *problem.Problem
}

func (rm *Room) showGuide(ctx context.Context, in OrgIn) (GuideView, error) {
	g, err := guideOf(ctx, in.Org)
	return GuideView{typed: GuideIn{in.Org, g.Secrets, g.Stops, g.Access}, model: rm.Facts[factModel]}, err
}

func (rm *Room) guideAgain(_ context.Context, in GuideIn, p *problem.Problem) (templ.Component, error) {
	return guidePage(GuideView{in, rm.Facts[factModel], p}), nil
}

func (rm *Room) postGuide(ctx context.Context, in GuideIn) (Moved, error) {
	return Moved{home(in.Org)}, rm.AnswerGuide(ctx, in.Org, Guide{Secrets: in.Secrets, Stops: in.Stops, Access: in.Access})
}

// declarationViews are what the schemes gave a company, with names.
func (rm *Room) declarationViews(ctx context.Context, org string) ([]DeclarationView, error) {
	all, err := rm.Declarations(ctx, org)
	if err != nil {
		return nil, err
	}
	var accounts []string
	for _, d := range all {
		accounts = append(accounts, d.EnteredBy, d.SeenBy, d.EndedBy)
	}
	names, err := rm.names(ctx, accounts...)
	views := make([]DeclarationView, len(all))
	for i, d := range all {
		views[i] = DeclarationView{Declaration: d, Entered: names[d.EnteredBy], SeenName: names[d.SeenBy], EndedName: names[d.EndedBy]}
	}
	return views, err
}

// DeclarationView is a declaration with the names of those who did something.
type DeclarationView struct {
	Declaration
	Entered   string `json:"entered_by,omitempty"`
	SeenName  string `json:"seen_by,omitempty"`
	EndedName string `json:"ended_by,omitempty"`
}

// standingView is the one of a scheme that stands, or nil, and the ended ones.
func standingView(all []DeclarationView, scheme Scheme) (now *DeclarationView, past []DeclarationView) {
	for i := range all {
		switch {
		case all[i].Scheme != scheme:
		case all[i].Ended == "":
			now = &all[i]
		default:
			past = append(past, all[i])
		}
	}
	return now, past
}

// declaration is the declaration itself, for those who speak of it.
func (v *DeclarationView) declaration() *Declaration {
	if v == nil {
		return nil
	}
	return &v.Declaration
}
