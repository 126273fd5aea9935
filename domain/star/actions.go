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
	steps  []line
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

// title says what to do. A single item has words of its own.
// keys: star.next.find, star.next.renew, star.next.show, star.form.*
func (a *Action) title() line {
	switch a.Deed {
	case DeedDo, DeedFinish:
		return packed(a.Lead().Action.Title)
	case DeedAnswer:
		return said("star.next.answer", "n", len(a.Items))
	case DeedShow:
		return said("star.next.show."+orAny(a.Form), "n", len(a.Items)) // keys: star.next.show.*
	}
	return said("star.next."+string(a.Deed), "n", len(a.Items))
}

func orAny(form string) string {
	if form == "" {
		return "any"
	}
	return form
}

// why is what it is good for; where several items move at once, which.
func (a *Action) why() lines {
	var all lines
	switch a.Deed {
	case DeedDo, DeedFinish:
		all = append(all, packed(a.Lead().Action.Why))
		if n := len(a.Items) - 1; n > 0 {
			all = append(all, said("star.next.together", "n", n))
		}
		return all
	case DeedAnswer:
		return lines{said("star.next.answer.why")}
	}
	// keys: star.next.find.why, star.next.renew.why, star.next.show.why
	return lines{packed(a.about().text), said("star.next." + string(a.Deed) + ".why")}
}

// about names what the action is about: its requirement, or its only item.
func (a *Action) about() line {
	if a.Requirement != nil {
		return packed(a.Requirement.Title)
	}
	return packed(a.Lead().Title)
}

// stepLines are what to do in order.
func (a *Action) stepLines() []line {
	var all []line
	switch a.Deed {
	case DeedDo, DeedFinish:
		for _, s := range a.Lead().Action.Steps {
			all = append(all, packed(s))
		}
		if a.Deed == DeedFinish {
			all = append([]line{said("star.step.finish")}, all...)
		}
		return append(all, said("star.step.then"))
	case DeedFind:
		for _, x := range a.Items {
			if x.UnknownHint.JA != "" {
				all = append(all, packed(x.UnknownHint))
			}
		}
		return append(all, said("star.step.find"))
	case DeedAnswer:
		return []line{said("star.step.answer"), said("star.step.unknown")}
	}
	if a.Deed == DeedRenew {
		all = append(all, said("star.step.renew"))
	}
	for _, x := range a.Items {
		if x.Evidence.JA != "" {
			all = append(all, packed(x.Evidence))
		}
	}
	return append(all, said("star.step.show"))
}

// effect is what it does to which star.
func (a *Action) effect() line {
	n := len(a.Items)
	switch a.Pack.Family {
	case familyStar3:
		return said("star.effect.star3", "n", n)
	case familyDiagnosis:
		return said("star.effect.diagnosis", "n", n)
	}
	return said("star.effect.other", "n", n)
}

// meta is the line of short facts.
// keys: star.cost.none, star.cost.low, star.cost.some, star.helper.self,
// star.helper.owner, star.helper.it_vendor, star.helper.helper, star.helper.specialist
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
}

// PackIn names a pack.
type PackIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `path:"pack" json:"-"`
}

func (rm *Room) showNext(ctx context.Context, in PackIn) (PlanView, error) {
	s, err := rm.Assess.Standing(ctx, in.Org, in.Pack)
	if err != nil {
		return PlanView{}, err
	}
	return PlanView{
		Pack: in.Pack, Preview: s.Pack.Preview, Actions: nextViews(ctx, in.Org, Next(s, mostActions)), org: in.Org, pack: s.Pack,
	}, nil
}
