package board

import (
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// ItemView is one of the ten items.
type ItemView struct {
	ID     string   `json:"id"`
	Number int      `json:"number"`
	Title  string   `json:"title"`
	Level  int      `json:"level"` // 0 is not assessed
	Said   bool     `json:"answered"`
	Goal   int      `json:"goal"`
	Peers  *float64 `json:"peers"` // about; null when too few

	x *assess.Item
}

// weak says that a level is known and below what is wanted.
func (i ItemView) weak() bool { return i.Level > 0 && i.Level < i.Goal }

// Star3View counts the criteria of ★3: the three lines, side by side.
type Star3View struct {
	Title    string       `json:"title"`
	Tally    assess.Tally `json:"counts"`
	Oldest   time.Time    `json:"oldest_evidence"`
	Examined int          `json:"examined"` // among those met

	examinedAt time.Time
	days       []assess.DayResult // oldest first
}

// shownDays is how many days a drawing shows: more would run together.
const shownDays = 12

// BoardView is the page for executives.
type BoardView struct {
	Items     []ItemView `json:"items"`
	Average   *float64   `json:"average"` // of what is known
	Group     Group      `json:"risk_group,omitempty"`
	Peers     *Peers     `json:"peers"`
	Deviation *int       `json:"deviation"` // about; null before all items are assessed
	Results   []Result   `json:"results"`   // the newest first
	Star3     *Star3View `json:"star3"`
	Decisions []Decision `json:"decisions"`
	Counts    bool       `json:"counts_in_statistics"`

	org      string
	now      time.Time
	pack     *assess.Pack
	levels   Levels
	planned  bool // the decisions come from the plan
	declared []Declared
	role     web.Role
}

func (rm *Room) show(ctx context.Context, in orgIn) (v BoardView, err error) {
	v = BoardView{org: in.Org, now: rm.Now(), pack: rm.guideline(), role: web.RoleFrom(ctx), Items: []ItemView{}, Results: []Result{}, Decisions: []Decision{}}
	if v.pack == nil {
		return v, problem.NotFound()
	}
	for _, read := range []func(context.Context, *BoardView) error{rm.readItems, rm.readStar3, rm.readDecisions} {
		if err := read(ctx, &v); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (rm *Room) readItems(ctx context.Context, v *BoardView) error {
	told, err := toldBy(ctx, v.org, v.pack.ID)
	if err != nil {
		return err
	}
	v.Group, v.Counts = told.profile.Group(), told.counts
	v.Results = append(v.Results, told.results...)
	answers, err := rm.Assess.Answers(ctx, v.org, v.pack.ID)
	if err != nil {
		return err
	}
	v.levels = levelsOf(v.pack, answers)
	goals := goalLevels(v.pack, told.goals, v.Group)
	if v.Peers, err = rm.peers(ctx, v.pack, v.Group); err != nil {
		return err
	}
	for i := range v.pack.Items {
		x := &v.pack.Items[i]
		it := ItemView{ID: x.ID, Number: x.Number, Title: x.Title.In(i18n.From(ctx).Lang), Level: v.levels[i], Said: answers[x.ID].Revision > 0, Goal: goals[i], x: x}
		if v.Peers != nil {
			if level, ok := v.Peers.Levels[x.ID]; ok {
				it.Peers = &level
			}
		}
		v.Items = append(v.Items, it)
	}
	if a, ok := v.levels.Average(); ok {
		v.Average = &a
	}
	if v.levels.Complete() {
		if d, ok := v.Peers.Deviation(v.levels.Score()); ok {
			v.Deviation = &d
		}
	}
	return nil
}

func (rm *Room) readStar3(ctx context.Context, v *BoardView) error {
	p := rm.Assess.Packs.Current(familyStar3, v.now)
	if p == nil {
		return nil
	}
	s, err := rm.Assess.Standing(ctx, v.org, p.ID)
	if err != nil {
		return err
	}
	v.Star3 = &Star3View{Title: p.Title.In(i18n.From(ctx).Lang), Tally: s.Tally, Oldest: s.Oldest}
	for _, it := range s.Items {
		if it.Examined != nil && (it.State == assess.Shown || it.State == assess.Word) {
			v.Star3.Examined++
			if it.Examined.At.After(v.Star3.examinedAt) {
				v.Star3.examinedAt = it.Examined.At
			}
		}
	}
	if v.Star3.days, err = rm.Assess.Trend(ctx, v.org, p.ID); err != nil {
		return err
	}
	// A day on which nothing had an answer says nothing about what was there.
	v.Star3.days = slices.DeleteFunc(v.Star3.days, func(d assess.DayResult) bool { return d.Answered == 0 })
	v.Star3.days = v.Star3.days[max(0, len(v.Star3.days)-shownDays):]
	if rm.Declared != nil {
		v.declared, err = rm.Declared(ctx, v.org)
	}
	return err
}

func (rm *Room) keep(ctx context.Context, in orgIn) (Moved, error) {
	return Moved{boardPath(in.Org) + "#moved"}, rm.Keep(ctx, in.Org)
}

// GoalsView is the form for the levels that are wanted.
type GoalsView struct {
	org   string
	pack  *assess.Pack
	goals Levels
	group Group
}

func (rm *Room) showGoals(ctx context.Context, in orgIn) (v GoalsView, err error) {
	v = GoalsView{org: in.Org, pack: rm.guideline()}
	if v.pack == nil {
		return v, problem.NotFound()
	}
	profile, err := profileOf(ctx, in.Org)
	if err != nil {
		return v, err
	}
	v.group = profile.Group()
	v.goals, err = rm.goals(ctx, in.Org, v.pack, v.group)
	return v, err
}

type goalsIn struct {
	Org    string            `path:"org" json:"-"`
	Levels map[string]string `json:"levels"` // by item, 1 to 5
}

func (rm *Room) saveGoals(ctx context.Context, in goalsIn) (Moved, error) {
	goals := map[string]int{}
	for item, s := range in.Levels {
		level, err := strconv.Atoi(s)
		if err != nil {
			level = 0 // refused with the others that are none
		}
		goals[item] = level
	}
	return Moved{boardPath(in.Org)}, rm.SetGoals(ctx, in.Org, goals)
}

// ProfileView is the form for what puts the company into a group.
type ProfileView struct {
	org     string
	typed   Profile
	problem *problem.Problem
}

type profileIn struct {
	Org         string `path:"org" json:"-"`
	Staff       int    `json:"staff"`
	Sales       int    `json:"sales"`
	Information int    `json:"information"`
	Dependence  int    `json:"dependence"`
}

func (in profileIn) profile() Profile {
	return Profile{Staff: in.Staff, Sales: in.Sales, Information: in.Information, Dependence: in.Dependence}
}

func (rm *Room) showProfile(ctx context.Context, in orgIn) (ProfileView, error) {
	p, err := profileOf(ctx, in.Org)
	return ProfileView{org: in.Org, typed: p}, err
}

func (rm *Room) saveProfile(ctx context.Context, in profileIn) (Moved, error) {
	return Moved{boardPath(in.Org)}, rm.SetProfile(ctx, in.Org, in.profile())
}

func (rm *Room) profileAgain(_ context.Context, in profileIn, p *problem.Problem) (templ.Component, error) {
	return profilePage(ProfileView{in.Org, in.profile(), p}), nil
}

type statisticsIn struct {
	Org    string `path:"org" json:"-"`
	Counts bool   `json:"counts"`
}

func (rm *Room) saveStatistics(ctx context.Context, in statisticsIn) (Moved, error) {
	change := rm.Leave
	if in.Counts {
		change = rm.Join
	}
	return Moved{boardPath(in.Org) + "#peers"}, change(ctx, in.Org)
}
