package assess

import (
	"context"
	"errors"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// The verbs of a company's consent to be counted.
const (
	statisticsJoined = "assess.statistics-joined"
	statisticsLeft   = "assess.statistics-left"
)

// JoinStatistics lets the company's results count in what companies are compared
// with, from the next release on; LeaveStatistics takes that back.
func (rm *Room) JoinStatistics(ctx context.Context, org, actor string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, `
			INSERT INTO assess_statistics (org_id, since, by_whom) VALUES (?, ?, ?)
			ON CONFLICT (org_id) DO UPDATE SET since = excluded.since, by_whom = excluded.by_whom, ended_at = NULL
			WHERE assess_statistics.ended_at IS NOT NULL`, org, rm.Now(), actor)
		if err != nil || n == 0 {
			return err
		}
		return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor, Verb: statisticsJoined, Subject: org}, nil)
	})
}

// LeaveStatistics ends the consent. A release that has been made stays until the
// next one: nobody can be told in it.
func (rm *Room) LeaveStatistics(ctx context.Context, org, actor string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := leaveStatistics(ctx, org, rm.Now())
		if err != nil || n == 0 {
			return err
		}
		return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor, Verb: statisticsLeft, Subject: org, Revokes: true}, nil)
	})
}

func leaveStatistics(ctx context.Context, org string, at time.Time) (int64, error) {
	return db.Exec(ctx, "UPDATE assess_statistics SET ended_at = ? WHERE org_id = ? AND ended_at IS NULL AND since <= ?", at, org, at)
}

// inStatistics says whether the company has consented.
func inStatistics(ctx context.Context, org string) (bool, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM assess_statistics WHERE org_id = ? AND ended_at IS NULL", org)
	return n > 0, err
}

// The dimensions of the table of peers: the points of all, and of each area, in
// steps of a fifth. The first bin is for less than nothing: points can be negative.
const (
	peerPrefix = "assess.peers "
	fifths     = 6
	overall    = "overall"
)

// binValues stand for the bins in means and medians: the middle of each, in percent.
var binValues = []float64{-10, 10, 30, 50, 70, 90}

func fifthOf(points, most int) int {
	if points < 0 || most <= 0 {
		return 0
	}
	return min(fifths-1, 1+points*5/most)
}

func peerTable(s *sheet, group string) count.Table {
	t := count.Table{Name: peerPrefix + s.ID + " " + group, Dimensions: []count.Dimension{{Name: overall, Bins: fifths}}}
	for _, a := range s.Areas {
		t.Dimensions = append(t.Dimensions, count.Dimension{Name: a.ID, Bins: fifths})
	}
	return t
}

// PublishPeers makes the weekly releases, each group in a transaction of its own.
// It is for a recurring job.
func (rm *Room) PublishPeers(ctx context.Context) error {
	for _, p := range rm.Packs.Packs() {
		s := rm.sheets[p.ID]
		if s.Kind != Diagnosis {
			continue
		}
		groups, err := rm.peerGroups(ctx, s)
		if err != nil {
			return err
		}
		for group, parts := range groups {
			err := rm.DB.Write(ctx, func(ctx context.Context) error {
				_, err := rm.Count.Publish(ctx, peerTable(s, group), parts)
				return err
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// peerGroups are the parts of every group, of companies that consent and may
// count. A group that has a release and nobody any more is in it too.
func (rm *Room) peerGroups(ctx context.Context, s *sheet) (map[string][]count.Part, error) {
	type row struct {
		org string
		contribution
	}
	groups := map[string][]count.Part{everybody: nil}
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		names, err := count.Names(ctx, peerPrefix+s.ID+" ")
		if err != nil {
			return err
		}
		for _, name := range names {
			groups[strings.TrimPrefix(name, peerPrefix+s.ID+" ")] = nil
		}
		rows, err := db.Rows(ctx, func(r *row) []any { return append([]any{&r.org}, r.contribution.fields()...) }, `
			SELECT o.org_id, o.peer_group, o.points, o.areas FROM assess_peer_org o
			JOIN assess_statistics c ON c.org_id = o.org_id AND c.ended_at IS NULL WHERE o.pack = ?`, s.ID)
		if err != nil {
			return err
		}
		orgs := make([]string, len(rows))
		for i, r := range rows {
			orgs[i] = r.org
		}
		may, err := rm.MayCount(ctx, orgs)
		if err != nil {
			return err
		}
		for _, r := range rows {
			if !may[r.org] {
				continue
			}
			part, err := s.partOf(r.org, r.contribution)
			if err != nil {
				return err
			}
			groups[everybody] = append(groups[everybody], part)
			if r.group != "" {
				groups[r.group] = append(groups[r.group], part)
			}
		}
		return nil
	})
	return groups, err
}

// partOf puts a company's points into bins.
func (s *sheet) partOf(org string, c contribution) (count.Part, error) {
	p := count.Part{Org: org, Bins: []int{fifthOf(c.points, s.most)}}
	areas := strings.Split(c.areas, ",")
	if len(areas) != len(s.Areas) {
		return p, errors.New("assess_peer_org: areas do not fit the pack " + s.ID)
	}
	for i, text := range areas {
		points, err := strconv.Atoi(text)
		if err != nil {
			return p, err
		}
		p.Bins = append(p.Bins, fifthOf(points, s.mostOf[s.Areas[i].ID]))
	}
	return p, nil
}

// Peers is about where a company stands among others, in steps that let nobody be
// told from it.
type Peers struct {
	Count     int  `json:"count"`     // about
	SameKind  bool `json:"same_kind"` // same industry and size; otherwise all companies
	Rank      int  `json:"rank"`      // from the top, about
	Median    int  `json:"median"`    // about
	Deviation int  `json:"deviation"` // 偏差値: 50 is the mean, 10 a standard deviation; in steps of five
	// Areas is about the mean of each area in percent of its points, in steps of
	// five; an area of which too little can be shown is left out.
	Areas map[string]int `json:"areas"`
}

// Peers compares a result with the last release of similar companies, or of all
// when there is none. It is nil without a release, and for a result that is not
// complete.
func (rm *Room) Peers(ctx context.Context, pack string, r Result, profile Profile) (*Peers, error) {
	s, err := rm.sheet(pack)
	if err != nil || !r.Complete || s.Kind != Diagnosis {
		return nil, err
	}
	same, all := peerTable(s, groupOf(profile)).Name, peerTable(s, everybody).Name
	releases, err := count.Read(ctx, same, all)
	if err != nil {
		return nil, err
	}
	release, sameKind := releases[same]
	if !sameKind {
		if _, ok := releases[all]; !ok {
			return nil, nil
		}
		release = releases[all]
	}
	return compare(s, release, r, sameKind), nil
}

func compare(s *sheet, release count.Release, r Result, sameKind bool) *Peers {
	middle, ok := release.Median(overall)
	if !ok {
		return nil // every cell stands for too few
	}
	own := fifthOf(r.Points, s.most)
	p := &Peers{
		Count: release.Total, SameKind: sameKind, Rank: min(release.Above(overall, own)+1, release.Total),
		Median: int(binValues[middle]) * s.most / 100, Deviation: deviation(release, r.Points*100/s.most), Areas: map[string]int{},
	}
	for _, a := range r.Areas {
		if mean, ok := release.Mean(a.ID, binValues); ok {
			p.Areas[a.ID] = toFive(max(0, mean))
		}
	}
	return p
}

// deviation is the standard score of a percentage within a release.
func deviation(release count.Release, percent int) int {
	mean, _ := release.Mean(overall, binValues)
	squares := make([]float64, len(binValues))
	for i, v := range binValues {
		squares[i] = (v - mean) * (v - mean)
	}
	spread, _ := release.Mean(overall, squares)
	if spread <= 0 {
		return 50
	}
	return toFive(50 + 10*(float64(percent)-mean)/math.Sqrt(spread))
}

func toFive(v float64) int { return int(math.Round(v/5)) * 5 }

type statisticsIn struct {
	Org    string `path:"org" json:"-"`
	Pack   string `path:"pack" json:"-"`
	Counts bool   `json:"counts"`
}

func (rm *Room) saveStatistics(ctx context.Context, in statisticsIn) (onward, error) {
	if _, err := rm.sheet(in.Pack); err != nil {
		return onward{}, err
	}
	change := rm.LeaveStatistics
	if in.Counts {
		change = rm.JoinStatistics
	}
	return onward{packURL(in.Org, in.Pack) + "/result#peers"}, change(ctx, in.Org, web.CallerFrom(ctx).Account)
}
