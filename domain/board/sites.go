package board

import (
	"context"
	"slices"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// shownSites is how many companies a page shows: each takes two queries.
const shownSites = 20

type sitesIn struct {
	Org   string `path:"org" json:"-"`
	Pack  string `query:"pack"`
	After string `query:"after"`
}

// SiteRow is where one company stands.
type SiteRow struct {
	ID     string       `json:"id"`
	Name   string       `json:"name"`
	Tally  assess.Tally `json:"counts"`
	Oldest time.Time    `json:"oldest_evidence"`
}

// SitesView is the companies that somebody looks after, side by side.
type SitesView struct {
	Pack string    `json:"pack"`
	Rows []SiteRow `json:"rows"`
	Sum  assess.Tally

	org, next, after string
	now              time.Time
	packs            []*assess.Pack
	chosen           *assess.Pack
}

// sites lists the companies of which the caller is manager or owner now. It reads
// nothing of any other: each row he could open himself.
func (rm *Room) sites(ctx context.Context, in sitesIn) (v SitesView, err error) {
	v = SitesView{org: in.Org, Pack: in.Pack, after: in.After, now: rm.Now(), packs: rm.sitePacks()}
	if v.Pack == "" && len(v.packs) > 0 {
		v.Pack = v.packs[0].ID
	}
	i := slices.IndexFunc(v.packs, func(p *assess.Pack) bool { return p.ID == v.Pack })
	if i < 0 {
		return v, problem.NotFound()
	}
	v.chosen = v.packs[i]
	mine, err := rm.Mine(ctx, web.CallerFrom(ctx).Account, in.After, shownSites+1)
	if err != nil {
		return v, err
	}
	if len(mine) > shownSites {
		mine, v.next = mine[:shownSites], mine[shownSites-1].ID
	}
	for _, m := range mine {
		if m.Role < web.Manager {
			continue
		}
		s, err := rm.Assess.Standing(ctx, m.ID, v.Pack)
		if err != nil {
			return v, err
		}
		v.Rows = append(v.Rows, SiteRow{m.ID, m.Name, s.Tally, s.Oldest})
		v.Sum = sum(v.Sum, s.Tally)
	}
	return v, nil
}

// sitePacks are the packs that can be tallied, ★3 first: a maturity has no tally, and
// bare titles nobody answers.
func (rm *Room) sitePacks() (all []*assess.Pack) {
	for _, p := range rm.Assess.Packs.Packs() {
		if (p.Kind == assess.Criteria || p.Kind == assess.Diagnosis) && !p.TitlesOnly && rm.Assess.Packs.Current(p.Family, rm.Now()) == p {
			all = append(all, p)
		}
	}
	slices.SortStableFunc(all, func(a, b *assess.Pack) int { return order(a) - order(b) })
	return all
}

func order(p *assess.Pack) int {
	if p.Family == familyStar3 {
		return 0
	}
	return 1
}

func sum(a, b assess.Tally) assess.Tally {
	return assess.Tally{
		Shown: a.Shown + b.Shown, Word: a.Word + b.Word, Expired: a.Expired + b.Expired, Partly: a.Partly + b.Partly, NotMet: a.NotMet + b.NotMet,
		Unknown: a.Unknown + b.Unknown, NotApplicable: a.NotApplicable + b.NotApplicable, Open: a.Open + b.Open,
	}
}

func dayOf(t time.Time) assess.Date { return assess.Date(i18n.ISO(t)) }
