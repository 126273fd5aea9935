package org

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// Why nothing of an organisation goes to others at present.
// keys: org.pause.why.*
const (
	PausedByRestore  = "restore"  // an older copy of the database came back without the ledger (threats T12)
	PausedByRecovery = "recovery" // somebody asks to become the owner (threats T22)
	PausedByDispute  = "dispute"  // several claim its number
	PausedByClosing  = "closing"  // it is going to be closed
)

// whys are the causes; restore alone is ended by an owner who looks and
// confirms. The others end with what caused them.
var whys = []string{PausedByRestore, PausedByRecovery, PausedByDispute, PausedByClosing}

// Pause keeps everything of an organisation from going to others, until the
// cause ends. It joins the transaction of ctx; a cause that holds already is fine.
func (rm *Room) Pause(ctx context.Context, id ID, why string) error {
	if !slices.Contains(whys, why) {
		return fmt.Errorf("org: no cause %q for a pause", why)
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		// After a restore the company itself may not be in the copy.
		n, err := db.Exec(ctx, `INSERT INTO org_pause (org_id, why, since) SELECT id, CAST(? AS TEXT), CAST(? AS TEXT) FROM org_organisation WHERE id = ?
			ON CONFLICT (org_id, why) DO NOTHING`, why, db.Text(rm.now()), id)
		if err != nil || n == 0 {
			return err
		}
		return rm.notePause(ctx, id, why)
	})
}

func (rm *Room) notePause(ctx context.Context, id ID, why string) error {
	return journal.Note(ctx, journal.Entry{
		Org: string(id), At: rm.now(), Actor: actor(ctx), Verb: paused, Subject: why, Revokes: true,
	}, nil)
}

// PauseAll is Pause for every organisation: after a restore without the ledger
// nobody knows what was revoked since.
func (rm *Room) PauseAll(ctx context.Context, why string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		ids, err := db.Rows(ctx, func(id *ID) []any { return []any{id} }, "SELECT id FROM org_organisation ORDER BY id")
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := rm.Pause(ctx, id, why); err != nil {
				return err
			}
		}
		return nil
	})
}

// Lift ends one cause of a pause: for the room that caused it. What did not hold
// is fine.
func (rm *Room) Lift(ctx context.Context, id ID, why string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, "DELETE FROM org_pause WHERE org_id = ? AND why = ?", id, why)
		if err != nil || n == 0 {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "org.resumed", why, words{})
	})
}

// Resume is the act of an owner who has looked at what is shared. It ends the
// pause after a restore; while another cause holds it refuses and leads to it.
// keys: problem.still-paused.title, problem.still-paused.hint
func (rm *Room) Resume(ctx context.Context, id ID) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.Lift(ctx, id, PausedByRestore); err != nil {
			return err
		}
		if paused, err := rm.Paused(ctx, id); err != nil || !paused {
			return err
		}
		return problem.New(http.StatusConflict, "still-paused")
	})
}

// Paused says whether anything of the organisation may go to others. It is asked
// in the transaction of the read or of the delivery.
func (rm *Room) Paused(ctx context.Context, id ID) (bool, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM org_pause WHERE org_id = ?", id)
	return n > 0, err
}

// PausedAmong is Paused for many organisations, in one query.
func (rm *Room) PausedAmong(ctx context.Context, ids []string) (map[ID]bool, error) {
	paused := map[ID]bool{}
	if len(ids) == 0 {
		return paused, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	all, err := db.Rows(ctx, func(id *ID) []any { return []any{id} },
		"SELECT DISTINCT org_id FROM org_pause WHERE org_id IN (?"+strings.Repeat(", ?", len(ids)-1)+")", args...)
	for _, id := range all {
		paused[id] = true
	}
	return paused, err
}

// Stop is a cause of a pause that holds.
type Stop struct {
	Why   string    `json:"why"`
	Since time.Time `json:"since"`
}

func (p *Stop) fields() []any { return []any{&p.Why, db.At(&p.Since)} }

// Stops lists the causes that hold, the first to come first.
func (rm *Room) Stops(ctx context.Context, id ID) ([]Stop, error) {
	return db.Rows(ctx, (*Stop).fields, "SELECT why, since FROM org_pause WHERE org_id = ? ORDER BY since, why", id)
}
