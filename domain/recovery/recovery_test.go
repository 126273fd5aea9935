package recovery

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

type world struct {
	*Room
	t    *testing.T
	at   time.Time
	id   org.ID
	told []string
}

// each is a company of ann, with max as its manager, on each database.
func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, []db.Schema{journal.Schema(), org.Schema(), Schema()}, func(t *testing.T, d *db.DB) {
		w := &world{t: t, at: time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC)}
		now := func() time.Time { return w.at }
		rooms := org.New(org.Config{DB: d, Now: now, Accounts: func(context.Context, []string) (map[string]org.Person, error) { return nil, nil }})
		w.Room = New(Config{DB: d, Now: now, Org: rooms, Random: rand.Text,
			Tell: func(_ context.Context, _ org.ID, _ string, accounts []string) error { w.told = accounts; return nil }})
		o, err := rooms.Create(context.Background(), "ann", org.Profile{Kind: org.KindCompany, Name: "甲社", CorporateNumber: org.Fictional(1)})
		w.ok(err)
		w.id = o.ID
		w.ok(rooms.AddMember(context.Background(), o.ID, "max", web.Manager))
		f(t, w)
	})
}

func (w *world) ok(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) role(account string) (r web.Role) {
	w.t.Helper()
	w.ok(w.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		r, err = w.Org.Member(ctx, account, string(w.id))
		return err
	}))
	return r
}

func (w *world) paused() (p bool) {
	w.t.Helper()
	w.ok(w.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		p, err = w.Org.Paused(ctx, w.id)
		return err
	}))
	return p
}

func (w *world) days(n int) {
	w.t.Helper()
	for range n {
		w.at = w.at.Add(24 * time.Hour)
		w.ok(w.Tick(context.Background()))
	}
}

// The sealed code works once, at once; everybody is told; and an owner who was
// there undoes it, even when the new one has removed him.
func TestSealedCode(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		first, err := w.MakeCode(ctx, w.id, "ann")
		w.ok(err)
		code, err := w.MakeCode(ctx, w.id, "ann")
		w.ok(err)
		if _, err := w.UseCode(ctx, first, "eve"); err == nil {
			t.Fatal("the replaced code works")
		}
		c, err := w.UseCode(ctx, " "+strings.ToLower(strings.ReplaceAll(code, "-", " "))+" ", "eve")
		w.ok(err)
		if w.role("eve") != web.Owner || len(w.told) != 2 {
			t.Errorf("eve is %s, told %v", w.role("eve"), w.told)
		}
		if _, err := w.UseCode(ctx, code, "bob"); err == nil {
			t.Error("the code works twice")
		}
		w.ok(w.Org.Remove(ctx, w.id, web.Owner, "ann"))
		for _, other := range []string{"max", "eve", "bob"} {
			if err := w.Undo(ctx, c.ID, other); !problem.Is(err, "not-found") {
				t.Errorf("%s undid it: %v", other, err)
			}
		}
		w.ok(w.Undo(ctx, c.ID, "ann"))
		if w.role("eve") != web.Nobody || w.role("ann") != web.Owner {
			t.Errorf("eve %s, ann %s", w.role("eve"), w.role("ann"))
		}
		if err := w.Undo(ctx, c.ID, "ann"); err == nil {
			t.Error("undone twice")
		}
	})
}

func TestSealedCodeIsFinalAfter14Days(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		code, err := w.MakeCode(ctx, w.id, "ann")
		w.ok(err)
		c, err := w.UseCode(ctx, code, "eve")
		w.ok(err)
		w.at = w.at.Add(15 * 24 * time.Hour)
		if err := w.Undo(ctx, c.ID, "ann"); !problem.Is(err, "recovery-over") {
			t.Errorf("%v", err)
		}
	})
}

// proved is a case whose letter has come to the registered address.
func (w *world) proved(account string) Case {
	w.t.Helper()
	ctx := context.Background()
	c, err := w.Ask(ctx, string(org.Fictional(1)), account)
	w.ok(err)
	if w.paused() {
		w.t.Error("stating a number pauses a company")
	}
	code, err := w.Letter(ctx, c.ID, "op1")
	w.ok(err)
	if err := w.Prove(ctx, c.ID, account, "AAAA"); err == nil {
		w.t.Error("any code is taken")
	}
	if err := w.Prove(ctx, c.ID, "somebody", code); err == nil {
		w.t.Error("the letter of another is taken")
	}
	w.ok(w.Prove(ctx, c.ID, account, code))
	return c
}

// Somebody tries to take over a company whose owner is there: one click ends it.
func TestTakeoverIsStoppedByOneClick(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		c := w.proved("eve")
		if !w.paused() || len(w.told) != 2 {
			t.Errorf("paused %v, told %v", w.paused(), w.told)
		}
		w.ok(w.Approve(ctx, c.ID, "op1"))
		w.ok(w.Approve(ctx, c.ID, "op2"))
		w.days(10)
		w.ok(w.Stop(ctx, w.id, c.ID, "ann"))
		w.days(30)
		if w.role("eve") != web.Nobody || w.paused() {
			t.Errorf("eve %s, paused %v", w.role("eve"), w.paused())
		}
		if err := w.Stop(ctx, "another", c.ID, "bob"); !problem.Is(err, "not-found") {
			t.Errorf("another company: %v", err)
		}
	})
}

// Without an objection the new owner enters after 14 days and two operators.
func TestRecoveryNeedsTimeAndTwoOperators(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		c := w.proved("new")
		w.ok(w.Approve(ctx, c.ID, "op1"))
		w.ok(w.Approve(ctx, c.ID, "op1"))
		if err := w.Approve(ctx, c.ID, "new"); err == nil {
			t.Error("approved for himself")
		}
		w.days(20)
		if w.role("new") != web.Nobody {
			t.Fatal("one operator was enough")
		}
		w.ok(w.Approve(ctx, c.ID, "op2"))
		w.ok(w.Tick(ctx))
		if w.role("new") != web.Owner || w.paused() {
			t.Errorf("new %s, paused %v", w.role("new"), w.paused())
		}
	})
}

// A clock that jumps, forward or back, shortens nothing, and does not stop it for
// good.
func TestClockDoesNotShortenTheNotice(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		c := w.proved("eve")
		w.ok(w.Approve(ctx, c.ID, "op1"))
		w.ok(w.Approve(ctx, c.ID, "op2"))
		start := w.at
		w.at = start.Add(400 * 24 * time.Hour)
		w.ok(w.Tick(ctx))
		w.at = start
		for range 30 {
			w.ok(w.Tick(ctx))
		}
		w.days(12)
		if w.role("eve") != web.Nobody {
			t.Fatal("a jump shortened the notice")
		}
		w.days(4)
		if w.role("eve") != web.Owner {
			t.Error("after the jump back it never ends")
		}
	})
}

// An unknown number gets the same answer, and ends nowhere.
func TestUnknownNumberTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		c, err := w.Ask(ctx, "9999999999999", "eve")
		w.ok(err)
		code, err := w.Letter(ctx, c.ID, "op1")
		w.ok(err)
		if err := w.Prove(ctx, c.ID, "eve", code); problem.As(err) == nil {
			t.Errorf("%v", err)
		}
		for range 2 {
			_, err = w.Ask(ctx, "1", "eve")
			w.ok(err)
		}
		if _, err := w.Ask(ctx, "1", "eve"); !problem.Is(err, "recovery-many") {
			t.Errorf("%v", err)
		}
	})
}
