package org

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// What the ledger holds of a time, done on an older copy, leaves nothing that was
// taken away; doing it twice changes nothing more.
func TestReplayTakesAwayAgain(t *testing.T) {
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) {
		w := newWorld(d)
		var lines [][]byte
		d.KeepBeside(func(more [][]byte) error { lines = append(lines, more...); return nil })
		ctx := context.Background()
		co, buyer := w.create(t, "owner", "みほん精機"), w.create(t, "buyer", "れいだい部品")
		must(t, w.AddMember(ctx, co, "boss", web.Owner), w.AddMember(ctx, co, "gone", web.Manager), w.AddMember(ctx, co, "left", web.Member))
		circle, err := w.CreateCircle(ctx, buyer, CircleChain, "取引先")
		must(t, err, w.AddToCircle(ctx, circle.ID, co))
		i, err := w.Invite(ctx, co, web.Owner, "new@example.jp", web.Viewer)
		must(t, err)
		if len(lines) > 0 {
			t.Fatalf("giving something wrote to the ledger: %s", lines)
		}
		must(t,
			w.ChangeRole(ctx, co, web.Owner, "boss", web.Viewer), w.Remove(ctx, co, web.Owner, "gone"), w.Leave(ctx, co, "left"),
			w.RevokeInvitation(ctx, co, web.Owner, i.ID), w.LeaveCircle(ctx, co, circle.ID))
		if s := string(bytes.Join(lines, nil)); strings.Contains(s, "みほん") || strings.Contains(s, "@") {
			t.Errorf("the ledger holds names: %s", s)
		}
		w.exec(t, "UPDATE org_member SET role = 'owner', left_at = NULL WHERE org_id = ? AND account_id = 'boss'", co)
		w.exec(t, "UPDATE org_member SET left_at = NULL")
		w.exec(t, "UPDATE org_invitation SET revoked_at = NULL")
		w.exec(t, "UPDATE org_circle_member SET left_at = NULL")
		for range 2 {
			w.replay(t, lines)
		}
		w.expect(t, "SELECT COUNT(*) FROM org_member WHERE account_id IN ('gone', 'left') AND left_at IS NULL", 0)
		w.expect(t, "SELECT COUNT(*) FROM org_member WHERE account_id = 'boss' AND role = 'viewer' AND left_at IS NULL", 1)
		w.expect(t, "SELECT COUNT(*) FROM org_member WHERE role = 'owner' AND left_at IS NULL", 2)
		w.expect(t, "SELECT COUNT(*) FROM org_invitation WHERE revoked_at IS NULL", 0)
		w.expect(t, "SELECT COUNT(*) FROM org_circle_member WHERE left_at IS NULL", 1)
	})
}

func TestVoidEndsWhatIsOpen(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		co := w.create(t, "owner", "みほん精機")
		_, err := w.Invite(ctx, co, web.Owner, "new@example.jp", web.Viewer)
		must(t, err)
		circle, err := w.CreateCircle(ctx, co, CircleRegion, "地域")
		must(t, err)
		_, err = w.MakeCircleCode(ctx, co, circle.ID)
		must(t, err, w.Void(ctx))
		w.expect(t, "SELECT COUNT(*) FROM org_invitation WHERE revoked_at IS NULL OR email <> ''", 0)
		w.expect(t, "SELECT COUNT(*) FROM org_circle_code", 0)
	})
}

func TestReplayRefusesVerbsItDoesNotKnow(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		if err := w.Replay(context.Background(), journal.Entry{Verb: "org.created"}); err == nil {
			t.Error("a verb that takes nothing away was replayed")
		}
	})
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	must(t, w.d.Write(context.Background(), func(ctx context.Context) error {
		_, err := db.Exec(ctx, query, args...)
		return err
	}))
}

func (w *world) replay(t *testing.T, lines [][]byte) {
	t.Helper()
	must(t, w.d.Write(context.Background(), func(ctx context.Context) error {
		for _, line := range lines {
			e, err := journal.ReadRevocation(line)
			if err != nil {
				return err
			}
			if err := w.Replay(ctx, e); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (w *world) expect(t *testing.T, query string, want int) {
	t.Helper()
	must(t, w.d.Read(context.Background(), func(ctx context.Context) error {
		n, err := db.Value[int](ctx, query)
		if n != want {
			t.Errorf("%s: %d, want %d", query, n, want)
		}
		return err
	}))
}
