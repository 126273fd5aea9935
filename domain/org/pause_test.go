package org

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/internal/web"
)

func (w *world) paused(t *testing.T, id ID) (is bool) {
	t.Helper()
	err := w.d.Read(context.Background(), func(ctx context.Context) (err error) {
		is, err = w.Paused(ctx, id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return is
}

// After a restore sharing waits until an owner has looked; a second cause keeps
// it waiting, whatever the owner confirms.
func TestPauseEndsWithItsCause(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		a, b := s.create(t, "ann", "甲社"), s.create(t, "bob", "乙社")
		for range 2 { // twice is fine
			if err := s.PauseAll(ctx, PausedByRestore); err != nil {
				t.Fatal(err)
			}
		}
		if !s.paused(t, a) || !s.paused(t, b) {
			t.Fatal("not all are paused")
		}
		sharing := string("/orgs/" + a + "/sharing")
		s.get(t, sharing, "ann").want(200, "バックアップから", "共有を再開する")
		s.post(t, sharing+"/resume", "ann!").want(403)
		if !s.paused(t, a) {
			t.Error("an old login resumed")
		}
		if err := s.Pause(ctx, a, PausedByRecovery); err != nil {
			t.Fatal(err)
		}
		s.post(t, sharing+"/resume", "ann").want(409)
		if !s.paused(t, a) {
			t.Error("resumed during a recovery")
		}
		if err := s.Lift(ctx, a, PausedByRecovery); err != nil {
			t.Fatal(err)
		}
		s.post(t, sharing+"/resume", "ann").leadsTo(sharing)
		if s.paused(t, a) || !s.paused(t, b) {
			t.Error("resumed the wrong one")
		}
		if err := s.Pause(ctx, a, "no cause"); err == nil {
			t.Error("a cause without a text was taken")
		}
	})
}

// Who may look and resume: the owner alone, and nobody of another company.
func TestSharingIsTheOwners(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		a := s.create(t, "ann", "甲社")
		s.create(t, "bob", "乙社")
		if err := s.AddMember(ctx, a, "max", web.Manager); err != nil {
			t.Fatal(err)
		}
		if err := s.Pause(ctx, a, PausedByRestore); err != nil {
			t.Fatal(err)
		}
		sharing := string("/orgs/" + a + "/sharing")
		s.get(t, sharing, "max").want(403)
		s.post(t, sharing+"/resume", "max").want(403)
		s.get(t, sharing, "bob").want(404)
		s.post(t, sharing+"/resume", "bob").want(404)
		if !s.paused(t, a) {
			t.Error("somebody else resumed")
		}
	})
}

// Who has paused is not on the list that the others of a circle see, and stands
// there again afterwards.
func TestPausedIsNotShownToTheCircle(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		a, b := s.create(t, "ann", "甲社"), s.create(t, "bob", "乙社")
		c, err := s.CreateCircle(ctx, a, CircleRegion, "となり町")
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(s.AddToCircle(ctx, c.ID, b), s.Pause(ctx, b, PausedByRecovery)); err != nil {
			t.Fatal(err)
		}
		page := func(id ID) string { return "/orgs/" + string(id) + "/circles/" + c.ID }
		if shown := s.get(t, page(a), "ann").want(200, "甲社"); strings.Contains(shown.Body.String(), "乙社") {
			t.Error("the others see who has paused")
		}
		s.get(t, page(b), "bob").want(200, "甲社", "乙社")
		if err := s.Lift(ctx, b, PausedByRecovery); err != nil {
			t.Fatal(err)
		}
		s.get(t, page(a), "ann").want(200, "乙社")
	})
}
