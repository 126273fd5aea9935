package job

import (
	"context"
	"errors"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// Phase is where a job stands.
type Phase string

// The phases.
const (
	Queued    Phase = "queued" // also while it waits for its next attempt
	Running   Phase = "running"
	Done      Phase = "done"
	Failed    Phase = "failed" // no attempt is left
	Cancelled Phase = "cancelled"
)

// State is what a page may show of a job.
type State struct {
	ID      int64     `json:"id"`
	Phase   Phase     `json:"phase"`
	Attempt int       `json:"attempt"` // 0 before the first
	Done    int       `json:"done"`
	Total   int       `json:"total"` // 0 while the job has not said
	Note    string    `json:"note"`  // key of a text, or ""
	Updated time.Time `json:"updated"`
}

// Over says that nothing more will happen to the job.
func (s State) Over() bool {
	return s.Phase == Done || s.Phase == Failed || s.Phase == Cancelled
}

func (s *State) fields() []any {
	return []any{&s.ID, &s.Phase, &s.Attempt, &s.Done, &s.Total, &s.Note, db.At(&s.Updated)}
}

// State returns how a job of the organisation stands, or "not found": for a
// job that never was, that is another organisation's, or that ended long ago
// (a day after success, a week after failure).
func (q *Queue) State(ctx context.Context, org string, id int64) (s State, err error) {
	err = q.db.Read(ctx, func(ctx context.Context) error {
		s, err = q.state(ctx, org, id)
		return err
	})
	return s, err
}

func (q *Queue) state(ctx context.Context, org string, id int64) (State, error) {
	s, err := db.One(ctx, (*State).fields, `
		SELECT p.job_id, CASE WHEN p.failed THEN 'discarded' ELSE CAST(j.state AS TEXT) END, j.attempt, p.done, p.total, p.note, p.updated
		FROM job_progress p JOIN river_job j ON j.id = p.job_id
		WHERE p.org_id = ? AND p.job_id = ?`, org, id)
	if errors.Is(err, db.ErrNone) {
		return s, problem.NotFound()
	}
	s.Phase = phases[s.Phase]
	return s, err
}

// phases translates river's states.
var phases = map[Phase]Phase{
	"available": Queued, "pending": Queued, "scheduled": Queued, "retryable": Queued,
	"running": Running, "completed": Done, "discarded": Failed, "cancelled": Cancelled,
}

// Cancel asks a job of the organisation to end: what waits never runs, and the
// context of what runs ends within two seconds, on whichever node. A job that
// is over stays as it is. It joins the transaction of ctx.
func (q *Queue) Cancel(ctx context.Context, org string, id int64) error {
	return q.db.Write(ctx, func(ctx context.Context) error {
		s, err := q.state(ctx, org, id)
		if err != nil || s.Over() {
			return err
		}
		tx, err := db.SQLTx(ctx)
		if err != nil {
			return err
		}
		_, err = q.client.JobCancelTx(ctx, tx, id)
		return err
	})
}
