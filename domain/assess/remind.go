package assess

import (
	"context"
	"errors"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// remindSteps are the days before the end of evidence on which its company is
// reminded; the last is after it.
var remindSteps = []int{-7, 7, 30, 60}

// step is the reminder that is due so many days before the end, or 0.
func step(left int) int {
	for _, s := range remindSteps {
		if left <= s {
			return s
		}
	}
	return 0
}

// lateReminder is how long after the end somebody is still told: a server that was
// off for a season must not mail about what everybody knows by now.
const lateReminder = 30

// Remind finds the companies that have evidence near its end or past it, notes the
// reminder, and hands a piece of evidence of each company to queue, once for all it
// has, in the same transaction.
func (rm *Room) Remind(ctx context.Context, queue func(ctx context.Context, evidence string) error) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		type row struct {
			org, id      string
			until, since time.Time
		}
		now := rm.Now()
		due, err := db.Rows(ctx, func(r *row) []any { return []any{&r.org, &r.id, db.At(&r.until), db.At(&r.since)} }, `
			SELECT org_id, id, valid_until, collected_at FROM assess_evidence
			WHERE valid_until IS NOT NULL AND valid_until > ? AND valid_until < ? ORDER BY org_id, id`,
			db.Text(now.AddDate(0, 0, -lateReminder)), db.Text(now.AddDate(0, 0, remindSteps[len(remindSteps)-1]+1)))
		if err != nil {
			return err
		}
		told := map[string]bool{}
		for _, r := range due {
			s := step(daysLeft(now, r.until))
			if r.until.AddDate(0, 0, -s).Before(r.since) {
				continue // it was brought later than this: who brought it knows
			}
			fresh, err := noteReminder(ctx, r.org, r.id, r.until, s, now)
			if err != nil {
				return err
			}
			if !fresh || told[r.org] {
				continue
			}
			told[r.org] = true
			if err := queue(ctx, r.id); err != nil {
				return err
			}
		}
		return nil
	})
}

func daysLeft(now, until time.Time) int {
	if until.Before(now) {
		return -i18n.Days(until, now)
	}
	return i18n.Days(now, until)
}

// noteReminder says whether this reminder had not been sent.
func noteReminder(ctx context.Context, org, evidence string, until time.Time, step int, now time.Time) (bool, error) {
	if step == 0 {
		return false, nil
	}
	n, err := db.Exec(ctx, `INSERT INTO assess_reminder (org_id, evidence_id, valid_until, step, sent_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (evidence_id, valid_until, step) DO NOTHING`, org, evidence, db.Text(until), step, db.Text(now))
	return n > 0, err
}

// Reminded is the company that a piece of evidence belongs to, or problem.NotFound
// when it has gone.
func (rm *Room) Reminded(ctx context.Context, evidence string) (org string, err error) {
	org, err = db.Value[string](ctx, "SELECT org_id FROM assess_evidence WHERE id = ?", evidence)
	if errors.Is(err, db.ErrNone) {
		err = problem.NotFound()
	}
	return org, err
}
