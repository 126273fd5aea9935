package board

import (
	"context"
	"math"
	"strings"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// The table of peers: the score in five bins, and of each item the level.
const (
	peerPrefix = "board.maturity "
	everybody  = "all"
	overall    = "score"
	fifths     = 5
)

// scoreBin puts a score into fifths of what is possible: from n to 5n for n items.
func scoreBin(score, items int) int {
	return min(fifths-1, max(0, (score-items)*fifths/(4*items+1)))
}

// scoreValues stand for the bins: the middle of each.
func scoreValues(items int) []float64 {
	all := make([]float64, fifths)
	for i := range all {
		all[i] = float64(items) + 4*float64(items)*(float64(i)+0.5)/fifths
	}
	return all
}

var levelValues = []float64{1, 2, 3, 4, 5}

func tableName(p *assess.Pack, group string) string { return peerPrefix + p.ID + " " + group }

func peerTable(p *assess.Pack, group string) count.Table {
	t := count.Table{Name: tableName(p, group), Dimensions: []count.Dimension{{Name: overall, Bins: fifths}}}
	for _, x := range p.Items {
		t.Dimensions = append(t.Dimensions, count.Dimension{Name: x.ID, Bins: len(levelValues)})
	}
	return t
}

func partOf(org string, l Levels) count.Part {
	p := count.Part{Org: org, Bins: []int{scoreBin(l.Score(), len(l))}}
	for _, v := range l {
		p.Bins = append(p.Bins, v-1)
	}
	return p
}

// Publish makes the weekly releases, each group in a transaction of its own. It is for
// a recurring job.
func (rm *Room) Publish(ctx context.Context) error {
	p := rm.guideline()
	if p == nil {
		return nil
	}
	groups, err := rm.peerGroups(ctx, p)
	if err != nil {
		return err
	}
	for group, parts := range groups {
		err := rm.DB.Write(ctx, func(ctx context.Context) error {
			_, err := rm.Count.Publish(ctx, peerTable(p, group), parts)
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

type counted struct {
	org, group string
	levels     Levels
}

// peerGroups are the parts of every group: the newest results of companies that
// consent, may count, and have a level everywhere.
func (rm *Room) peerGroups(ctx context.Context, p *assess.Pack) (map[string][]count.Part, error) {
	groups := map[string][]count.Part{everybody: nil}
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		names, err := count.Names(ctx, peerPrefix+p.ID+" ")
		if err != nil {
			return err
		}
		for _, name := range names {
			groups[strings.TrimPrefix(name, peerPrefix+p.ID+" ")] = nil
		}
		all, err := latestOfConsenting(ctx, p)
		if err != nil {
			return err
		}
		orgs := make([]string, len(all))
		for i, c := range all {
			orgs[i] = c.org
		}
		may, err := rm.MayCount(ctx, orgs)
		if err != nil {
			return err
		}
		for _, c := range all {
			if !may[c.org] {
				continue
			}
			part := partOf(c.org, c.levels)
			groups[everybody] = append(groups[everybody], part)
			if c.group != "" {
				groups[c.group] = append(groups[c.group], part)
			}
		}
		return nil
	})
	return groups, err
}

func latestOfConsenting(ctx context.Context, p *assess.Pack) (all []counted, err error) {
	type row struct{ org, group, levels string }
	err = db.Each(ctx, func(r *row) []any { return []any{&r.org, &r.group, &r.levels} }, func(r row) error {
		if l := readLevels(r.levels); len(l) == len(p.Items) && l.Complete() {
			all = append(all, counted{r.org, r.group, l})
		}
		return nil
	}, `SELECT r.org_id, r.risk_group, r.levels FROM board_result r
		JOIN board_statistics c ON c.org_id = r.org_id AND c.ended_at IS NULL
		WHERE r.pack = ? AND r.day = (SELECT MAX(x.day) FROM board_result x WHERE x.org_id = r.org_id AND x.pack = r.pack)`, p.ID)
	return all, err
}

// Peers is about where others stand, in steps that let nobody be told from it.
type Peers struct {
	Count     int                `json:"count"`      // about
	SameGroup bool               `json:"same_group"` // of the same risk group; otherwise all
	Levels    map[string]float64 `json:"levels"`     // about the mean of each item, in halves
	mean      float64
	spread    float64
}

// Deviation is about the deviation value of a score among the peers, in steps of five.
func (p *Peers) Deviation(score int) (int, bool) {
	if p == nil {
		return 0, false
	}
	d, ok := Deviation(float64(score), p.mean, p.spread)
	return int(math.Round(d/5)) * 5, ok
}

// peers reads the last release of a group, or of all where it has none; nil where
// there is none at all.
func (rm *Room) peers(ctx context.Context, p *assess.Pack, g Group) (*Peers, error) {
	same, all := tableName(p, string(g)), tableName(p, everybody)
	releases, err := count.Read(ctx, same, all)
	if err != nil {
		return nil, err
	}
	release, sameGroup := releases[same]
	if !sameGroup {
		var ok bool
		if release, ok = releases[all]; !ok {
			return nil, nil
		}
	}
	return peersOf(p, release, sameGroup), nil
}

func peersOf(p *assess.Pack, release count.Release, sameGroup bool) *Peers {
	out := &Peers{Count: release.Total, SameGroup: sameGroup, Levels: map[string]float64{}}
	for _, x := range p.Items {
		if mean, ok := release.Mean(x.ID, levelValues); ok {
			out.Levels[x.ID] = math.Round(mean*2) / 2
		}
	}
	values := scoreValues(len(p.Items))
	mean, ok := release.Mean(overall, values)
	if !ok {
		return out
	}
	squares := make([]float64, len(values))
	for i, v := range values {
		squares[i] = (v - mean) * (v - mean)
	}
	variance, _ := release.Mean(overall, squares)
	out.mean, out.spread = mean, math.Sqrt(variance)
	return out
}

// Join lets the company's kept results count, from the next release on; Leave takes
// that back.
func (rm *Room) Join(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, `
			INSERT INTO board_statistics (org_id, since, by_whom) VALUES (?, ?, ?)
			ON CONFLICT (org_id) DO UPDATE SET since = excluded.since, by_whom = excluded.by_whom, ended_at = NULL
			WHERE board_statistics.ended_at IS NOT NULL`, org, rm.Now(), actor(ctx))
		if err != nil || n == 0 {
			return err
		}
		return rm.note(ctx, org, "board.statistics-joined", org, false)
	})
}

// Leave ends the consent. A release that was made stays until the next one: nobody can
// be told in it.
func (rm *Room) Leave(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := leave(ctx, org, db.Text(rm.Now()))
		if err != nil || n == 0 {
			return err
		}
		return rm.note(ctx, org, "board.statistics-left", org, true)
	})
}

func leave(ctx context.Context, org, at string) (int64, error) {
	return db.Exec(ctx, "UPDATE board_statistics SET ended_at = ? WHERE org_id = ? AND ended_at IS NULL AND since <= ?", at, org, at)
}

// Replay ends a consent again after an older copy of the database was restored.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	if e.Verb != "board.statistics-left" {
		return nil
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := leave(ctx, e.Subject, db.Text(e.At))
		return err
	})
}
