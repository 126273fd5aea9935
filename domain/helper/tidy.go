package helper

import (
	"context"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// Tidy notes what has run out as ended, so that a clock put back does not open it
// again, and forgets addresses and plans. It is for a recurring job.
func (rm *Room) Tidy(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		now := rm.Now()
		_, err := db.Exec(ctx, `UPDATE helper_grant SET ended_at = ?, ended_by = 'system', ended_how = 'expired', email = '', call_on = '', memo = ''
			WHERE ended_at IS NULL AND (expires <= ? OR accepted_at IS NULL AND invited_until <= ?)`, now, now, now)
		return err
	})
}

// Replay does a revocation again after a restore. What is not there any more is
// in order.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	verb, ok := strings.CutPrefix(e.Verb, "helper.")
	if !ok {
		return nil
	}
	var err error
	switch verb {
	case "revoked", "given-back", "left":
		_, err = db.Exec(ctx, `UPDATE helper_grant SET ended_at = ?, ended_by = ?, ended_how = ?, email = '', call_on = '', memo = ''
			WHERE id = ? AND org_id = ? AND ended_at IS NULL`, e.At, e.Actor, verb, e.Subject, e.Org)
	case "advice-deleted":
		_, err = db.Exec(ctx, "DELETE FROM helper_advice WHERE id = ? AND org_id = ?", e.Subject, e.Org)
	}
	return err
}
