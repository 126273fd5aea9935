package plan

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

type listIn struct {
	Org   string `path:"org" json:"-"`
	Who   string `query:"who"`   // account, "others" or "nobody"
	State string `query:"state"` // a State, or "waiting"
	After string `query:"after"`
}

// Who is not an account in a filter.
const (
	others = "others"
	nobody = "nobody"
)

// StepView is a step with the words around it.
type StepView struct {
	Step
	Who   string `json:"who"` // a name to show, "" for nobody
	Place string `json:"place"`
}

// ListView is the plan of a company.
type ListView struct {
	Steps   []StepView `json:"steps"`
	Tally   Tally      `json:"counts"`
	NextURL string     `json:"next,omitempty"`

	in     listIn
	people []Person
	all    int
	mayAdd bool
	now    time.Time
}

func (rm *Room) list(ctx context.Context, in listIn) (v ListView, err error) {
	v = ListView{in: in, now: rm.Now(), Steps: []StepView{}, mayAdd: web.RoleFrom(ctx) >= web.Member}
	steps, err := rm.Steps(ctx, in.Org)
	if err != nil {
		return v, err
	}
	if v.people, err = rm.People(ctx, in.Org); err != nil {
		return v, err
	}
	v.all, v.Tally = len(steps), tallyOf(steps)
	steps = slices.DeleteFunc(steps, func(s Step) bool { return !in.wants(s, v.people) })
	if i := slices.IndexFunc(steps, func(s Step) bool { return s.ID == in.After }); i >= 0 {
		steps = steps[i+1:]
	}
	if len(steps) > shownSteps {
		steps = steps[:shownSteps]
		v.NextURL = in.url(steps[shownSteps-1].ID)
	}
	for _, s := range steps {
		v.Steps = append(v.Steps, rm.view(ctx, s, v.people))
	}
	return v, nil
}

func (in listIn) wants(s Step, people []Person) bool {
	_, ours := personIn(people, s.Account)
	switch in.Who {
	case "":
	case others:
		if s.Name == "" {
			return false
		}
	case nobody:
		if ours || s.Name != "" {
			return false
		}
	default:
		if s.Account != in.Who {
			return false
		}
	}
	return in.State == "" || in.State == string(s.State) || in.State == "waiting" && s.Waiting()
}

func (in listIn) url(after string) string {
	q := url.Values{}
	for name, value := range map[string]string{"who": in.Who, "state": in.State, "after": after} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return planPath(in.Org)
	}
	return planPath(in.Org) + "?" + q.Encode()
}

func (rm *Room) view(ctx context.Context, s Step, people []Person) StepView {
	v := StepView{Step: s, Who: s.Name, Place: s.place(ctx)}
	if p, ok := personIn(people, s.Account); ok {
		v.Who = p.Name
	}
	return v
}

// FormIn is a step as typed, new or changed.
type FormIn struct {
	Org      string      `path:"org" json:"-"`
	Pack     string      `json:"pack"`
	Item     string      `json:"item"`
	What     string      `json:"what"`
	Account  string      `json:"account"`
	Name     string      `json:"name"`
	Due      assess.Date `json:"due"`
	Revision int         `json:"revision"`
}

type editIn struct {
	FormIn
	Step string `path:"step" json:"-"`
}

func (in FormIn) input() Input {
	return Input{Pack: in.Pack, Item: in.Item, What: in.What, Account: in.Account, Name: in.Name, Due: in.Due, Revision: in.Revision}
}

// OneView is a step, or the form for a new one.
type OneView struct {
	StepView

	org      string
	form     FormIn
	people   []Person
	item     *assess.Item
	pack     *assess.Pack
	mayWrite bool
	fresh    bool // not kept yet
	vendor   string
	problem  *problem.Problem
	saidBy   string
}

type newIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `query:"pack"`
	Item string `query:"item"`
}

// suggested is how far off the day is that a form offers.
const suggested = 30

func (rm *Room) showNew(ctx context.Context, in newIn) (OneView, error) {
	s, there, err := rm.Of(ctx, in.Org, in.Pack, in.Item)
	if err != nil {
		return OneView{}, err
	}
	if there {
		return rm.one(ctx, in.Org, s)
	}
	form := FormIn{Org: in.Org, Pack: in.Pack, Item: in.Item, Due: assess.Date(i18n.ISO(rm.Now().AddDate(0, 0, suggested)))}
	v, err := rm.blank(ctx, form)
	if err == nil {
		v.form.What = v.item.Action.Title.In(i18n.From(ctx).Lang)
	}
	return v, err
}

// blank is the form for a step that is not kept yet.
func (rm *Room) blank(ctx context.Context, form FormIn) (v OneView, err error) {
	v = OneView{org: form.Org, form: form, fresh: true, mayWrite: true}
	if v.pack = rm.Assess.Packs.ByID(form.Pack); v.pack == nil {
		return v, problem.NotFound()
	}
	if v.item = v.pack.Item(form.Item); v.item == nil {
		return v, problem.NotFound()
	}
	v.Place = Step{at: assess.ItemStand{Item: v.item}, in: v.pack}.place(ctx)
	v.vendor = rm.vendorText(form.Org, form.Pack, form.Item)
	v.people, err = rm.People(ctx, form.Org)
	return v, err
}

func (rm *Room) vendorText(org, pack, item string) string {
	if rm.VendorText == nil {
		return ""
	}
	return rm.VendorText(org, pack, item)
}

func (rm *Room) one(ctx context.Context, org string, s Step) (v OneView, err error) {
	v = OneView{org: org, pack: s.in, item: s.at.Item, mayWrite: web.RoleFrom(ctx) >= web.Member, vendor: rm.vendorText(org, s.Pack, s.Item)}
	v.form = FormIn{Org: org, Pack: s.Pack, Item: s.Item, What: s.What, Account: s.Account, Name: s.Name, Due: s.Due, Revision: s.Revision}
	if v.people, err = rm.People(ctx, org); err != nil {
		return v, err
	}
	v.StepView = rm.view(ctx, s, v.people)
	if p, ok := personIn(v.people, s.saidBy); ok {
		v.saidBy = p.Name
	}
	return v, nil
}

func (rm *Room) show(ctx context.Context, in stepIn) (OneView, error) {
	s, err := stepOf(ctx, in.Org, in.Step)
	if err != nil {
		return OneView{}, err
	}
	one := []Step{s}
	if err := rm.place(ctx, in.Org, one); err != nil {
		return OneView{}, err
	}
	return rm.one(ctx, in.Org, one[0])
}

func (rm *Room) add(ctx context.Context, in FormIn) (Moved, error) {
	id, err := rm.Add(ctx, in.Org, in.input())
	return Moved{id, planPath(in.Org)}, err
}

func (rm *Room) addAgain(ctx context.Context, in FormIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.blank(ctx, in)
	v.problem = p
	return stepPage(v), err
}

func (rm *Room) edit(ctx context.Context, in editIn) (Moved, error) {
	return Moved{in.Step, planPath(in.Org)}, rm.Edit(ctx, in.Org, in.Step, in.input())
}

func (rm *Room) editAgain(ctx context.Context, in editIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.show(ctx, stepIn{in.Org, in.Step})
	v.form, v.problem = in.FormIn, p
	return stepPage(v), err
}

type sayIn struct {
	stepIn
	Done bool `json:"done"`
}

func (rm *Room) say(ctx context.Context, in sayIn) (Moved, error) {
	return Moved{in.Step, stepPath(in.Org, in.Step)}, rm.Say(ctx, in.Org, in.Step, in.Done)
}

func (rm *Room) remove(ctx context.Context, in stepIn) (Moved, error) {
	return Moved{"", planPath(in.Org)}, rm.Remove(ctx, in.Org, in.Step)
}

// AddressesView lists calendar addresses.
type AddressesView struct {
	Addresses []AddressView `json:"calendars"`
	org       string
	now       time.Time
}

// AddressView is a calendar address with its maker.
type AddressView struct {
	Address
	Maker string `json:"maker"`
}

func (rm *Room) addresses(ctx context.Context, in orgIn) (v AddressesView, err error) {
	v = AddressesView{org: in.Org, now: rm.Now(), Addresses: []AddressView{}}
	whose := web.CallerFrom(ctx).Account
	if web.RoleFrom(ctx) >= web.Manager {
		whose = ""
	}
	all, err := rm.Addresses(ctx, in.Org, whose)
	if err != nil {
		return v, err
	}
	people, err := rm.People(ctx, in.Org)
	for _, a := range all {
		p, _ := personIn(people, a.madeBy)
		v.Addresses = append(v.Addresses, AddressView{a, p.Name})
	}
	return v, err
}

// NewAddressView is the form for an address.
type NewAddressView struct {
	typed   addressNameIn
	problem *problem.Problem
}

type addressNameIn struct {
	Org  string `path:"org" json:"-"`
	Name string `json:"name"`
}

func (rm *Room) newAddress(_ context.Context, in orgIn) (NewAddressView, error) {
	return NewAddressView{typed: addressNameIn{Org: in.Org}}, nil
}

// MadeView shows an address, once.
type MadeView struct {
	ID      string    `json:"id"`
	URL     string    `json:"url"`
	Expires time.Time `json:"expires"`
	org     string
}

func (rm *Room) makeAddress(ctx context.Context, in addressNameIn) (MadeView, error) {
	a, secret, err := rm.MakeAddress(ctx, in.Org, in.Name)
	return MadeView{a.ID, rm.Base + "/calendar/" + secret + ending, a.Expires, in.Org}, err
}

func (rm *Room) makeAddressAgain(_ context.Context, in addressNameIn, p *problem.Problem) (templ.Component, error) {
	return newAddressPage(NewAddressView{in, p}), nil
}

type endIn struct {
	Org      string `path:"org" json:"-"`
	Calendar string `path:"calendar" json:"-"`
}

func (rm *Room) endOne(ctx context.Context, in endIn) (Moved, error) {
	err := rm.EndAddress(ctx, in.Org, in.Calendar, web.CallerFrom(ctx).Account, web.RoleFrom(ctx))
	return Moved{"", calendarsPath(in.Org)}, err
}
