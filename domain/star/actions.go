package star

import (
	"context"
	"strconv"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/ui"
)

// NextView is one action as people and programs see it.
type NextView struct {
	Deed        Deed     `json:"deed"`
	Title       string   `json:"title"`
	Why         string   `json:"why"`
	Steps       []string `json:"steps"`
	Minutes     int      `json:"minutes"`
	Cost        string   `json:"cost"`
	Helper      string   `json:"helper"`
	Effect      string   `json:"effect"`
	Requirement string   `json:"requirement,omitempty"`
	Items       []string `json:"items"`
	Letter      string   `json:"letter,omitempty"` // where the text for the IT vendor is

	Action `json:"-"`
	org    string
	steps  []lines
}

func nextViews(ctx context.Context, org string, all []Action) []NextView {
	views := make([]NextView, len(all))
	for i, a := range all {
		v := NextView{
			Action: a, org: org, steps: a.stepLines(), Deed: a.Deed, Title: a.title().in(ctx), Why: a.why().in(ctx),
			Minutes: a.Minutes, Cost: a.Cost, Helper: a.Helper, Effect: a.effect().in(ctx),
		}
		for _, s := range v.steps {
			v.Steps = append(v.Steps, s.in(ctx))
		}
		for _, x := range a.Items {
			v.Items = append(v.Items, x.ID)
		}
		if a.Requirement != nil {
			v.Requirement = a.Requirement.ID
		}
		if a.Letter() && a.Deed != DeedAnswer {
			v.Letter = letterHome(org, a.Pack, a.Requirement)
		}
		views[i] = v
	}
	return views
}

func letterHome(org string, p *assess.Pack, r *assess.Requirement) string {
	return home(org) + "/letters/" + p.ID + "/" + r.ID
}

// title says what to do. A single item is named.
// keys: star.next.find, star.next.renew, star.next.find.one, star.next.renew.one, star.next.show.*
func (a *Action) title() lines {
	switch {
	case a.Deed == DeedDo || a.Deed == DeedFinish:
		return lines{packed(a.Lead().Action.Title)}
	case a.Deed == DeedAnswer:
		return lines{said("star.next.answer", "n", len(a.Items))}
	case len(a.Items) == 1:
		return lines{said("star.next." + string(a.Deed) + ".one"), packed(a.Lead().Title)}
	case a.Deed == DeedShow:
		return lines{said("star.next.show."+orAny(a.Form), "n", len(a.Items))}
	}
	return lines{said("star.next."+string(a.Deed), "n", len(a.Items))}
}

func orAny(form string) string {
	if form == "" {
		return "any"
	}
	return form
}

// why is what it is good for; where several items move at once, which.
func (a *Action) why() lines {
	n := len(a.Items) - 1
	switch a.Deed {
	case DeedDo, DeedFinish:
		all := lines{packed(a.Lead().Action.Why)}
		if n > 0 {
			all = append(all, said("star.next.together", "n", n))
		}
		return all
	case DeedAnswer:
		return lines{said("star.next.answer.why")}
	}
	// keys: star.next.find.why, star.next.renew.why, star.next.show.why
	all := lines{said("star.next." + string(a.Deed) + ".why")}
	if n > 0 && a.Requirement != nil {
		all = append(all, said("star.next.about"), packed(a.Requirement.Title))
	}
	return all
}

// stepLines are what to do in order.
func (a *Action) stepLines() (all []lines) {
	add := func(ls ...line) { all = append(all, ls) }
	switch a.Deed {
	case DeedDo, DeedFinish:
		if a.Deed == DeedFinish {
			add(said("star.step.finish"))
		}
		for _, s := range a.Lead().Action.Steps {
			add(packed(s))
		}
		add(said("star.step.then"))
	case DeedFind:
		for _, x := range a.Items {
			if x.UnknownHint.JA != "" {
				add(packed(x.UnknownHint))
			}
		}
		add(said("star.step.find"))
	case DeedAnswer:
		add(said("star.step.answer"))
		add(said("star.step.unknown"))
	case DeedRenew:
		add(said("star.step.renew"))
		a.bring(add)
	case DeedShow:
		a.bring(add)
	}
	return all
}

// bring says what shows the items, and to put it there.
func (a *Action) bring(add func(...line)) {
	for _, x := range a.Items {
		if x.Evidence.JA != "" {
			add(said("star.step.bring"), packed(x.Evidence))
		}
	}
	add(said("star.step.show"))
}

// clears says that it moves nothing by itself: it tells what there is to do.
func (a *Action) clears() bool { return a.Deed == DeedFind || a.Deed == DeedAnswer }

// effect is what it does to which star.
func (a *Action) effect() line {
	n := len(a.Items)
	switch {
	case a.clears() && a.Pack.Family == familyStar3:
		return said("star.effect.star3.clear", "n", n)
	case a.clears():
		return said("star.effect.clear", "n", n)
	}
	switch a.Pack.Family {
	case familyStar3:
		return said("star.effect.star3", "n", n)
	case familyDiagnosis:
		return said("star.effect.diagnosis", "n", n)
	}
	return said("star.effect.other", "n", n)
}

// meta is the line of short facts.
// keys: star.cost.*, star.helper.*
func (a *Action) meta() []ui.MetaItem {
	cost := ui.T("star.cost." + a.Cost)
	if x := a.Lead().Action.Cost; x.Class == a.Cost && x.Text.JA != "" && (a.Deed == DeedDo || a.Deed == DeedFinish) {
		cost = ui.Rich(x.Text)
	}
	all := []ui.MetaItem{
		{Icon: "clock", Text: minutes(a.Minutes)},
		{Icon: "yen", Text: cost},
		{Icon: "help", Text: ui.T("star.helper." + a.Helper)},
	}
	return append(all, ui.MetaItem{Icon: "star", Text: a.effect().words()})
}

// minutes is a time as people say it.
func minutes(n int) ui.Words {
	switch {
	case n < 60:
		return ui.T("star.minutes", "n", n)
	case n%60 == 0:
		return ui.T("star.hours", "n", n/60)
	}
	return ui.T("star.hours-minutes", "n", n/60, "minutes", strconv.Itoa(n%60))
}

// item is the action in a list of three.
func (v *NextView) item(at string) ui.NextItem {
	return ui.NextItem{Title: v.title().words(), URL: at, Why: v.why().words(), Meta: v.meta()}
}

// PlanView is the things to do in a pack, at most six.
type PlanView struct {
	Pack    string     `json:"pack"`
	Preview bool       `json:"preview"`
	Actions []NextView `json:"actions"`

	org  string
	pack *assess.Pack
	fast bool
}

// PlanIn names a pack, and how to order: "fast" by the criteria that move, anything
// else by the risk that is removed.
type PlanIn struct {
	Org   string `path:"org" json:"-"`
	Pack  string `path:"pack" json:"-"`
	Order string `query:"order" json:"-"`
}

const fast = "fast"

func (rm *Room) showNext(ctx context.Context, in PlanIn) (PlanView, error) {
	s, err := rm.Assess.Standing(ctx, in.Org, in.Pack)
	if err != nil {
		return PlanView{}, err
	}
	actions := Next(s, mostActions)
	if in.Order == fast {
		actions = Fastest(s, mostActions)
	}
	return PlanView{
		Pack: in.Pack, Preview: s.Pack.Preview, Actions: nextViews(ctx, in.Org, actions), org: in.Org, pack: s.Pack, fast: in.Order == fast,
	}, nil
}
