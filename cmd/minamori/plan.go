package main

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/plan"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// openPlan builds the room.
func (h *House) openPlan() *plan.Room {
	return plan.New(plan.Config{
		DB: h.DB, Now: h.now, Assess: h.Assess, Base: h.base, Secret: db.NewID, People: h.planPeople, Member: h.Org.Member,
		Paused: func(ctx context.Context, id string) (bool, error) { return h.Org.Paused(ctx, org.ID(id)) },
		Duties: h.planDuties, VendorText: h.vendorText,
	})
}

// planDuties lists what comes round in a company. A duty that was done has its next
// day, so none is done for good.
func (h *House) planDuties(ctx context.Context, id string) ([]plan.Duty, error) {
	duties, err := h.Record.Duties(ctx, id)
	var all []plan.Duty
	for _, d := range duties {
		if !d.Due.IsZero() {
			all = append(all, plan.Duty{ID: d.ID, Title: d.Title.In(i18n.From(ctx).Lang), Due: assess.Date(i18n.ISO(d.Due))})
		}
	}
	return all, err
}

// vendorText is where the text for the IT vendor about an item is: where the framework
// has questions for him.
func (h *House) vendorText(id, pack, item string) string {
	p := h.Assess.Packs.ByID(pack)
	if p == nil || p.Item(item) == nil {
		return ""
	}
	for _, r := range p.Requirements {
		if r.ID == p.Item(item).Requirement && len(r.VendorQuestions) > 0 {
			return "/orgs/" + id + "/stars/letters/" + pack + "/" + r.ID
		}
	}
	return ""
}

// plannedPeople is how many of a company can be named in a plan: as many as a form
// can show.
const plannedPeople = 200

// planPeople lists those of a company who may do something, with their names.
func (h *House) planPeople(ctx context.Context, id string) ([]plan.Person, error) {
	members, err := h.Org.Members(ctx, org.ID(id), "", plannedPeople)
	if err != nil {
		return nil, err
	}
	accounts := make([]string, len(members))
	for i, m := range members {
		accounts[i] = m.Account
	}
	names, err := h.names(ctx, accounts)
	people := make([]plan.Person, 0, len(members))
	for _, m := range members {
		if name := names[m.Account]; name != "" {
			people = append(people, plan.Person{Account: m.Account, Name: name, Owner: m.Role == web.Owner})
		}
	}
	return people, err
}

// plans gives the demo something to see.
func (r *region) plans() error {
	if err := r.boardLevels(); err != nil || len(r.people) < 4 {
		return err
	}
	r.at(20)
	id, owner, manager := r.people[1].Org, "", ""
	for _, p := range r.people {
		if p.Org == id && p.Role == web.Owner.String() && owner == "" {
			owner = p.Account
		}
		if p.Org == id && p.Role == web.Manager.String() && manager == "" {
			manager = p.Account
		}
	}
	day := func(n int) assess.Date { return assess.Date(i18n.ISO(r.today.Add(time.Duration(n) * 24 * time.Hour))) }
	for _, in := range []plan.Input{
		{Pack: "executive-guideline-3", Item: "2", What: "事故のとき、最初に判断する人と代わりを決める。", Account: owner, Due: day(10)},
		{Pack: "executive-guideline-3", Item: "7", What: "事故のときの連絡先を、紙1枚にして貼る。", Account: manager, Due: day(-3)},
		{Pack: "self-diagnosis-25", Item: "1", What: "全員のパソコンで、自動更新を入にする。", Name: "みほんIT商会（架空）", Due: day(25)},
		{Pack: "self-diagnosis-25", Item: "11", What: "バックアップから1つ戻してみる。", Due: ""},
	} {
		if r.Assess.Packs.ByID(in.Pack) == nil {
			continue
		}
		if _, err := r.Plan.Add(r.ctx, id, in); err != nil {
			return err
		}
	}
	return nil
}
