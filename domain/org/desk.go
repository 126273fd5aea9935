package org

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// OpenOnBehalf keeps a company that the staff of a circle open for its owner. It
// has no member, so that nobody finds or opens it; only the desk that made it
// knows its id. The name of who works at the desk is not the company's to know yet.
func (rm *Room) OpenOnBehalf(ctx context.Context, p Profile) (ID, error) {
	o := Organisation{ID: ID(db.NewID()), InternalNumber: newInternalNumber(), Created: rm.now(), Profile: p}
	return o.ID, rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := insert(ctx, o); err != nil {
			return err
		}
		return rm.note(ctx, o.ID, "system", "org.opened-on-behalf", string(o.ID), words{Name: p.Name})
	})
}

// TakeOver makes an account the first owner of a company that has nobody yet. Who
// may do so is for the caller to prove; a company with people is refused.
// keys: problem.already-claimed.title, problem.already-claimed.hint
func (rm *Room) TakeOver(ctx context.Context, id ID, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if unclaimed, err := rm.Unclaimed(ctx, id); err != nil {
			return err
		} else if !unclaimed {
			return problem.New(http.StatusConflict, "already-claimed")
		}
		if err := rm.enter(ctx, id, account, web.Owner); err != nil {
			return err
		}
		return rm.note(ctx, id, account, "org.taken-over", account, words{Role: web.Owner.String()})
	})
}

// Unclaimed says that an organisation never had a member.
func (rm *Room) Unclaimed(ctx context.Context, id ID) (bool, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM org_member WHERE org_id = ?", id)
	return n == 0, err
}

// Operated returns a circle to the organisation that operates it. For a member
// that does not operate it, it is as unknown as for a stranger.
func (rm *Room) Operated(ctx context.Context, id ID, circle string) (Circle, error) {
	c, err := rm.circleOf(ctx, id, circle)
	if err == nil && c.Operator != id {
		return Circle{}, problem.NotFound()
	}
	return c, err
}

// CircleNamed returns a circle, for callers who have a right to know it.
func (rm *Room) CircleNamed(ctx context.Context, circle string) (Circle, error) {
	c, err := db.One(ctx, (*Circle).fields, "SELECT "+circleColumns+" FROM org_circle c WHERE c.id = ?", circle)
	return c, orNotFound(err)
}

// SharingAmong says which of the organisations are members of a circle and not
// paused, and since when, in one query: only of them may others see anything. A
// consent from before that time ended when the organisation left.
func (rm *Room) SharingAmong(ctx context.Context, circle string, ids []ID) (map[ID]time.Time, error) {
	all := map[ID]time.Time{}
	if len(ids) == 0 {
		return all, nil
	}
	args := []any{circle}
	for _, id := range ids {
		args = append(args, id)
	}
	type row struct {
		id     ID
		joined time.Time
	}
	err := db.Each(ctx, func(r *row) []any { return []any{&r.id, db.At(&r.joined)} }, func(r row) error {
		all[r.id] = r.joined
		return nil
	}, `SELECT m.org_id, m.joined FROM org_circle_member m WHERE m.circle_id = ? AND m.left_at IS NULL
		AND NOT EXISTS (SELECT 1 FROM org_pause p WHERE p.org_id = m.org_id)
		AND m.org_id IN (?`+strings.Repeat(", ?", len(ids)-1)+")", args...)
	return all, err
}

// Joined is since when an organisation is a member of a circle; zero when it is
// none.
func (rm *Room) Joined(ctx context.Context, circle string, id ID) (at time.Time, err error) {
	_, err = db.Rows(ctx, func(*struct{}) []any { return []any{db.At(&at)} },
		"SELECT joined FROM org_circle_member WHERE circle_id = ? AND org_id = ? AND left_at IS NULL", circle, id)
	return at, err
}
