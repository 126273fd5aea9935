package helper

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// Figures are what an operator sees of his installation: numbers, and never of
// what.
type Figures struct {
	Companies      int        `json:"companies"`
	Accounts       int        `json:"accounts"`
	Claimed        int        `json:"claimed"` // companies with somebody of their own
	Started        int        `json:"started"` // companies with an answer
	Active         int        `json:"active"`  // companies with an answer this month
	JobsWaiting    int        `json:"jobs_waiting"`
	JobsFailed     int        `json:"jobs_failed"`
	LettersWaiting int        `json:"letters_waiting"`
	Version        string     `json:"version"`
	Backup         *time.Time `json:"last_backup,omitempty"` // nil when none is known
}

// OperatorView is the operator's page.
type OperatorView struct {
	Figures
	SupportOpen int `json:"support_open"`
	now         time.Time
}

func (rm *Room) showOperator(ctx context.Context, _ struct{}) (OperatorView, error) {
	v := OperatorView{now: rm.Now()}
	rows, err := rm.supportRows(ctx)
	if err != nil || rm.Figures == nil {
		return v, err
	}
	v.SupportOpen = len(rows)
	v.Figures, err = rm.Config.Figures(ctx)
	return v, err
}

// SupportView lists what support may look at now.
type SupportView struct {
	Grants []HelpingRow `json:"grants"`
	now    time.Time
}

func (rm *Room) showSupport(ctx context.Context, _ struct{}) (SupportView, error) {
	rows, err := rm.supportRows(ctx)
	return SupportView{rows, rm.Now()}, err
}

// maxSupport is how many calls the operator's list shows, what ends first, first.
const maxSupport = 100

func (rm *Room) supportRows(ctx context.Context) ([]HelpingRow, error) {
	grants, err := db.Rows(ctx, (*Grant).fields, "SELECT "+grantColumns+` FROM helper_grant
		WHERE kind = 'support' AND ended_at IS NULL AND expires > ? ORDER BY expires, id LIMIT ?`, rm.Now(), maxSupport)
	if err != nil {
		return nil, err
	}
	return rm.rows(ctx, grants)
}
