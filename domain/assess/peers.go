package assess

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// everybody is the group of all companies.
const everybody = "all"

// groupOf is the group a company is compared in, or "" when too little is known.
func groupOf(p Profile) string {
	if p.Industry == "" || p.SizeClass == "" {
		return ""
	}
	return p.Industry + "/" + p.SizeClass
}

// contribution is what a complete set of answers adds to the statistics.
type contribution struct {
	group  string
	points int
	areas  string // by area, in the order of the pack
}

func (c *contribution) fields() []any { return []any{&c.group, &c.points, &c.areas} }

// PeerFollower keeps the peer statistics. An organisation counts once all items
// have an answer, exactly once however often an entry is read again.
func (rm *Room) PeerFollower() journal.Follower {
	return journal.Follower{
		Name: "assess.peers",
		// A company that changes its industry or size changes its group.
		Verbs: []string{"assess.answered", "org.edited"},
		React: func(ctx context.Context, entries []journal.Entry) error {
			for _, at := range rm.touched(entries) {
				if err := rm.recount(ctx, at.org, at.sheet); err != nil {
					return err
				}
			}
			return nil
		},
	}
}

type touchedSet struct {
	org   string
	sheet *sheet
}

// touched lists the sets of answers that entries are about, each once.
func (rm *Room) touched(entries []journal.Entry) []touchedSet {
	seen := map[touchedSet]bool{}
	var all []touchedSet
	add := func(org string, s *sheet) {
		at := touchedSet{org, s}
		if s != nil && org != "" && s.Kind == Diagnosis && !seen[at] {
			seen[at] = true
			all = append(all, at)
		}
	}
	for _, e := range entries {
		if pack, _, ok := strings.Cut(e.Subject, "/"); ok && e.Verb == "assess.answered" {
			add(e.Org, rm.sheets[pack])
			continue
		}
		for _, p := range rm.Packs.packs {
			add(e.Org, rm.sheets[p.ID])
		}
	}
	return all
}

// recount replaces what an organisation adds by what it adds now.
func (rm *Room) recount(ctx context.Context, org string, s *sheet) error {
	old, err := db.One(ctx, (*contribution).fields,
		"SELECT peer_group, points, areas FROM assess_peer_org WHERE org_id = ? AND pack = ?", org, s.ID)
	counted := err == nil
	if err != nil && !errors.Is(err, db.ErrNone) {
		return err
	}
	now, complete, err := rm.contributionOf(ctx, org, s)
	if err != nil || counted == complete && old == now {
		return err
	}
	if !complete {
		return db.Later(ctx, nil, "DELETE FROM assess_peer_org WHERE org_id = ? AND pack = ?", org, s.ID)
	}
	return db.Later(ctx, nil, `
		INSERT INTO assess_peer_org (org_id, pack, peer_group, points, areas) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (org_id, pack) DO UPDATE SET peer_group = excluded.peer_group, points = excluded.points, areas = excluded.areas`,
		org, s.ID, now.group, now.points, now.areas)
}

func (rm *Room) contributionOf(ctx context.Context, org string, s *sheet) (contribution, bool, error) {
	choices, err := choicesAt(ctx, org, s.ID)
	if err != nil {
		return contribution{}, false, err
	}
	r := Score(s.Pack, choices)
	if !r.Complete {
		return contribution{}, false, nil
	}
	profile, err := rm.Organisation(ctx, org)
	if problem.Is(err, "not-found") {
		return contribution{}, false, nil // deleted since
	}
	if err != nil {
		return contribution{}, false, err
	}
	points := make([]string, len(r.Areas))
	for i, a := range r.Areas {
		points[i] = strconv.Itoa(a.Points)
	}
	return contribution{groupOf(profile), r.Points, strings.Join(points, ",")}, true, nil
}
