package board

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"slices"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("board", schemaFiles) }

func goalsOf(ctx context.Context, org string) (map[string]int, error) {
	type row struct {
		item  string
		level int
	}
	all := map[string]int{}
	err := db.Each(ctx, func(r *row) []any { return []any{&r.item, &r.level} }, func(r row) error {
		all[r.item] = r.level
		return nil
	}, "SELECT item, level FROM board_goal WHERE org_id = ?", org)
	return all, err
}

func putGoal(ctx context.Context, org, item string, level int, at time.Time, by string) error {
	_, err := db.Exec(ctx, `
		INSERT INTO board_goal (org_id, item, level, set_at, set_by) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (org_id, item) DO UPDATE SET level = excluded.level, set_at = excluded.set_at, set_by = excluded.set_by`, org, item, level, at, by)
	return err
}

func (p *Profile) fields() []any { return []any{&p.Staff, &p.Sales, &p.Information, &p.Dependence} }

// profileOf is what a company told of itself; empty when nothing.
func profileOf(ctx context.Context, org string) (Profile, error) {
	p, err := db.One(ctx, (*Profile).fields, "SELECT staff, sales, information, dependence FROM board_profile WHERE org_id = ?", org)
	if errors.Is(err, db.ErrNone) {
		return Profile{}, nil
	}
	return p, err
}

// Result is the levels of a day.
type Result struct {
	Day       assess.Date `json:"day"`
	Levels    Levels      `json:"levels"`
	Deviation *int        `json:"deviation"` // null where there was none

	group Group
}

// resultsOf are the kept results of a company, the newest first.
func resultsOf(ctx context.Context, org, pack string) ([]Result, error) {
	type row struct {
		Result
		levels string
	}
	fields := func(r *row) []any { return []any{(*string)(&r.Day), &r.levels, (*string)(&r.group), &r.Deviation} }
	var all []Result
	err := db.Each(ctx, fields, func(r row) error {
		r.Levels = readLevels(r.levels)
		all = append(all, r.Result)
		return nil
	}, "SELECT day, levels, risk_group, deviation FROM board_result WHERE org_id = ? AND pack = ? ORDER BY day DESC LIMIT ?", org, pack, kept)
	return all, err
}

// told is all that a company has told this room.
type told struct {
	profile Profile
	goals   map[string]int
	results []Result // the newest first
	counts  bool
}

// toldBy reads it in one question: the page for executives asks many rooms.
func toldBy(ctx context.Context, org, pack string) (told, error) {
	type row struct {
		kind, text, more string
		a, b, c, d       int
		deviation        *int
	}
	t := told{goals: map[string]int{}}
	fields := func(r *row) []any { return []any{&r.kind, &r.text, &r.more, &r.a, &r.b, &r.c, &r.d, &r.deviation} }
	err := db.Each(ctx, fields, func(r row) error {
		switch r.kind {
		case "goal":
			t.goals[r.text] = r.a
		case "profile":
			t.profile = Profile{r.a, r.b, r.c, r.d}
		case "counts":
			t.counts = true
		case "result":
			t.results = append(t.results, Result{Day: assess.Date(r.text), Levels: readLevels(r.more), Deviation: r.deviation})
		}
		return nil
	}, `SELECT 'result', day, levels, 0, 0, 0, 0, deviation FROM board_result WHERE org_id = ? AND pack = ?
		UNION ALL SELECT 'goal', item, '', level, 0, 0, 0, NULL FROM board_goal WHERE org_id = ?
		UNION ALL SELECT 'profile', '', '', staff, sales, information, dependence, NULL FROM board_profile WHERE org_id = ?
		UNION ALL SELECT 'counts', '', '', 0, 0, 0, 0, NULL FROM board_statistics WHERE org_id = ? AND ended_at IS NULL`, org, pack, org, org, org)
	slices.SortFunc(t.results, func(a, b Result) int { return cmp.Compare(b.Day, a.Day) })
	return t, err
}

// putResult keeps a result and forgets what is older than the last five.
func putResult(ctx context.Context, org, pack string, r Result, at time.Time, by string) error {
	_, err := db.Exec(ctx, `
		INSERT INTO board_result (org_id, pack, day, levels, risk_group, deviation, kept_at, kept_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (org_id, day) DO UPDATE SET pack = excluded.pack, levels = excluded.levels, risk_group = excluded.risk_group,
			deviation = excluded.deviation, kept_at = excluded.kept_at, kept_by = excluded.kept_by`,
		org, pack, string(r.Day), r.Levels.String(), string(r.group), r.Deviation, at, by)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, `DELETE FROM board_result WHERE org_id = ? AND day NOT IN (
		SELECT day FROM board_result WHERE org_id = ? ORDER BY day DESC LIMIT ?)`, org, org, kept)
	return err
}

// consents says whether the company's results may count.
func consents(ctx context.Context, org string) (bool, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM board_statistics WHERE org_id = ? AND ended_at IS NULL", org)
	return n > 0, err
}
