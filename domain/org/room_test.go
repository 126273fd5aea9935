package org

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// clock is the time of a test.
type clock struct{ at time.Time }

func (c *clock) now() time.Time          { return c.at }
func (c *clock) forward(d time.Duration) { c.at = c.at.Add(d) }

func newClock() *clock { return &clock{time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC)} }

func derive(purpose, id string) string {
	m := hmac.New(sha256.New, []byte("key of a test"))
	m.Write([]byte(purpose + "\x00" + id))
	return hex.EncodeToString(m.Sum(nil))
}

// world is a room on an empty database, and what it handed to the mail.
type world struct {
	*Room
	d      *db.DB
	clock  *clock
	queued []string
	asked  int // calls for names
}

func schemas() []db.Schema { return []db.Schema{journal.Schema(), Schema()} }

func newWorld(d *db.DB) *world {
	w := &world{d: d, clock: newClock()}
	w.Room = New(Config{
		DB: d, Now: w.clock.now, Derive: derive,
		QueueInvitation: func(_ context.Context, id string) error { w.queued = append(w.queued, id); return nil },
		Accounts: func(_ context.Context, ids []string) (map[string]Person, error) {
			w.asked++
			all := map[string]Person{}
			for _, id := range ids {
				all[id] = Person{Name: "名前 " + id, Email: id + "@example.jp"}
			}
			return all, nil
		},
		NewAccountURL: func(next string) (string, error) { return "/account/new?next=" + next, nil },
	})
	return w
}

func each(t *testing.T, f func(t *testing.T, w *world)) {
	t.Helper()
	dbtest.Each(t, schemas(), func(t *testing.T, d *db.DB) { f(t, newWorld(d)) })
}

func company(name string) Profile {
	staff := int64(12)
	return Profile{Kind: KindCompany, Name: name, CorporateNumber: Fictional(1), Industry: "E", Employees: &staff, Prefecture: "13"}
}

func (w *world) create(t *testing.T, owner, name string) ID {
	t.Helper()
	o, err := w.Create(context.Background(), owner, company(name))
	if err != nil {
		t.Fatal(err)
	}
	w.clock.forward(time.Second)
	return o.ID
}

func (w *world) role(t *testing.T, account string, org ID) web.Role {
	t.Helper()
	var role web.Role
	err := w.d.Read(context.Background(), func(ctx context.Context) (err error) {
		role, err = w.Member(ctx, account, string(org))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return role
}

func wantProblem(t *testing.T, err error, code string) {
	t.Helper()
	if !problem.Is(err, code) {
		t.Errorf("error %v, want problem %s", err, code)
	}
}

func TestCreatedOrganisationReadsBack(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		made, err := w.Create(ctx, "ann", company("株式会社みほん精機"))
		if err != nil {
			t.Fatal(err)
		}
		var read Organisation
		var mine []Membership
		err = w.d.Read(ctx, func(ctx context.Context) (err error) {
			if read, err = w.ByID(ctx, made.ID); err != nil {
				return err
			}
			mine, err = w.OrganisationsOf(ctx, "ann", "", 10)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(made, read); d != "" {
			t.Error(d)
		}
		if len(mine) != 1 || mine[0].ID != made.ID || mine[0].Role != web.Owner {
			t.Errorf("organisations of the founder: %+v", mine)
		}
		if r := w.role(t, "bob", made.ID); r != web.Nobody {
			t.Errorf("a stranger has the role %s", r)
		}
		report, err := journal.Verify(ctx, w.d, nil, nil)
		if err != nil || !report.OK() || report.Entries != 1 {
			t.Errorf("journal: %+v, %v", report, err)
		}
	})
}

func TestSeveralMayClaimOneNumber(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		a, b := w.create(t, "ann", "甲社"), w.create(t, "bob", "乙社")
		if a == b {
			t.Error("the same organisation twice")
		}
	})
}

func TestLastOwnerStays(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t, "ann", "甲社")
		wantProblem(t, w.Leave(ctx, id, "ann"), "last-owner")
		wantProblem(t, w.ChangeRole(ctx, id, web.Owner, "ann", web.Manager), "last-owner")
		wantProblem(t, w.Remove(ctx, id, web.Owner, "ann"), "last-owner")
		if err := w.AddMember(ctx, id, "bob", web.Owner); err != nil {
			t.Fatal(err)
		}
		if err := w.Leave(ctx, id, "ann"); err != nil {
			t.Fatal(err)
		}
		if w.role(t, "ann", id) != web.Nobody || w.role(t, "bob", id) != web.Owner {
			t.Error("the wrong one left")
		}
		wantProblem(t, w.Leave(ctx, id, "bob"), "last-owner")
		if err := w.AddMember(ctx, id, "ann", web.Viewer); err != nil {
			t.Fatal(err) // somebody who left may come back
		}
		wantProblem(t, w.AddMember(ctx, id, "ann", web.Owner), "already-member")
		if w.role(t, "ann", id) != web.Viewer {
			t.Error("a second joining changed the role")
		}
	})
}

func TestManagerDoesNotTouchOwners(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t, "ann", "甲社")
		for account, role := range map[string]web.Role{"own": web.Owner, "man": web.Manager, "vic": web.Viewer} {
			if err := w.AddMember(ctx, id, account, role); err != nil {
				t.Fatal(err)
			}
		}
		wantProblem(t, w.ChangeRole(ctx, id, web.Manager, "own", web.Viewer), "forbidden")
		wantProblem(t, w.ChangeRole(ctx, id, web.Manager, "vic", web.Owner), "forbidden")
		wantProblem(t, w.ChangeRole(ctx, id, web.Manager, "vic", web.Operator), "forbidden")
		wantProblem(t, w.Remove(ctx, id, web.Manager, "own"), "forbidden")
		wantProblem(t, w.Remove(ctx, id, web.Member, "vic"), "forbidden")
		wantProblem(t, w.ChangeRole(ctx, id, web.Owner, "nobody", web.Viewer), "not-found")
		if err := w.ChangeRole(ctx, id, web.Manager, "vic", web.Manager); err != nil {
			t.Error(err)
		}
	})
}

func TestInvitation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t, "ann", "www.example.com 株式会社")
		invite := func(email string) (inv Invitation, code string) {
			inv, err := w.Invite(ctx, id, web.Owner, email, web.Member)
			if err != nil {
				t.Fatal(err)
			}
			letter, err := w.InvitationMail(ctx, inv.ID)
			if err != nil || letter.To != email {
				t.Fatalf("%+v, %v", letter, err)
			}
			_, code, _ = strings.Cut(letter.Path, "?code=")
			return inv, code
		}
		inv, code := invite("bob@example.jp")
		if d := cmp.Diff([]string{inv.ID}, w.queued); d != "" {
			t.Error(d)
		}
		_, err := w.Accept(ctx, inv.ID, code+"x", "bob")
		wantProblem(t, err, "not-found")
		_, err = w.Accept(ctx, "unknown", code, "bob")
		wantProblem(t, err, "not-found")
		if got, err := w.Accept(ctx, inv.ID, code, "bob"); err != nil || got != id {
			t.Fatalf("%s, %v", got, err)
		}
		if w.role(t, "bob", id) != web.Member {
			t.Error("the invited has no role")
		}
		_, err = w.Accept(ctx, inv.ID, code, "eve")
		wantProblem(t, err, "invitation-used")
		if l, err := w.InvitationMail(ctx, inv.ID); err != nil || l != (Letter{}) {
			t.Errorf("a used invitation is mailed again: %+v, %v", l, err)
		}

		inv, code = invite("cat@example.jp")
		_, second := invite("cat@example.jp")
		_, err = w.Accept(ctx, inv.ID, code, "cat")
		wantProblem(t, err, "invitation-revoked")
		if second == code {
			t.Error("two invitations share a secret")
		}
		inv, code = invite("dan@example.jp")
		wantProblem(t, w.RevokeInvitation(ctx, "another", web.Owner, inv.ID), "not-found")
		if err := w.RevokeInvitation(ctx, id, web.Owner, inv.ID); err != nil {
			t.Fatal(err)
		}
		_, err = w.Accept(ctx, inv.ID, code, "dan")
		wantProblem(t, err, "invitation-revoked")
		inv, code = invite("eve@example.jp")
		w.clock.forward(InvitationFor)
		_, err = w.Accept(ctx, inv.ID, code, "eve")
		wantProblem(t, err, "invitation-expired")
	})
}

// The membership of a caller is asked for on every request.
func TestMemberIsOneQuery(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		id := w.create(t, "ann", "甲社")
		ctx, counter := db.Counted(context.Background())
		if err := w.d.Read(ctx, func(ctx context.Context) error {
			_, err := w.Member(ctx, "ann", string(id))
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if counter.N() != 1 {
			t.Errorf("%d queries", counter.N())
		}
	})
}

func TestTidyForgetsAddresses(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t, "ann", "甲社")
		c, err := w.CreateCircle(ctx, id, CircleChain, "取引グループ")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.MakeCircleCode(ctx, id, c.ID); err != nil {
			t.Fatal(err)
		}
		for _, email := range []string{"old@example.jp", "new@example.jp"} {
			if _, err := w.Invite(ctx, id, web.Owner, email, web.Viewer); err != nil {
				t.Fatal(err)
			}
			w.clock.forward(InvitationFor - time.Hour)
		}
		w.clock.forward(2*time.Hour - InvitationFor)
		if err := w.Tidy(ctx); err != nil {
			t.Fatal(err)
		}
		left := func(query string) (n []string) {
			err := w.d.Read(ctx, func(ctx context.Context) (err error) {
				n, err = db.Rows(ctx, func(s *string) []any { return []any{s} }, query)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		if d := cmp.Diff([]string{"new@example.jp"}, left("SELECT email FROM org_invitation WHERE email <> ''")); d != "" {
			t.Error(d)
		}
		w.clock.forward(2 * CircleCodeFor)
		if err := w.Tidy(ctx); err != nil {
			t.Fatal(err)
		}
		if codes := left("SELECT id FROM org_circle_code"); len(codes) != 0 {
			t.Errorf("%d codes are kept", len(codes))
		}
	})
}

func TestInvitationsAreLimited(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t, "ann", "甲社")
		for range maxInvitations {
			if _, err := w.Invite(ctx, id, web.Manager, "bob@example.jp", web.Viewer); err != nil {
				t.Fatal(err)
			}
		}
		_, err := w.Invite(ctx, id, web.Manager, "bob@example.jp", web.Viewer)
		wantProblem(t, err, "invitations-too-many")
		if len(w.queued) != maxInvitations {
			t.Errorf("%d mails", len(w.queued))
		}
		w.clock.forward(25 * time.Hour)
		if _, err := w.Invite(ctx, id, web.Manager, "bob@example.jp", web.Viewer); err != nil {
			t.Error(err)
		}
		_, err = w.Invite(ctx, id, web.Manager, "bob@example.jp", web.Owner)
		wantProblem(t, err, "forbidden")
		for _, bad := range []string{"", "bob", "bob@", "Bob <bob@example.jp>", "a@b\r\nBcc: c@d", "a\u202eb@example.jp", "a\u200b@example.jp", "a\u3164@example.jp", strings.Repeat("a", 250) + "@example.jp"} {
			if _, err := w.Invite(ctx, id, web.Manager, bad, web.Viewer); problem.As(err).FieldCode("email") != "invite-email" {
				t.Errorf("%q: %v", bad, err)
			}
		}
	})
}

// What a leaver sent can no longer be taken up.
func TestLeavingEndsOpenInvitations(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t, "ann", "甲社")
		if err := w.AddMember(ctx, id, "system", web.Owner); err != nil { // a test has no caller
			t.Fatal(err)
		}
		inv, err := w.Invite(ctx, id, web.Owner, "bob@example.jp", web.Owner)
		if err != nil {
			t.Fatal(err)
		}
		var told []string
		w.Left = func(_ context.Context, _ ID, account string) error { told = append(told, account); return nil }
		if err := w.ChangeRole(ctx, id, web.Owner, "system", web.Manager); err != nil {
			t.Fatal(err)
		}
		_, err = w.Accept(ctx, inv.ID, derive(invitationPurpose, inv.ID), "bob")
		wantProblem(t, err, "invitation-revoked")
		inv, err = w.Invite(ctx, id, web.Manager, "cat@example.jp", web.Viewer)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Leave(ctx, id, "system"); err != nil {
			t.Fatal(err)
		}
		_, err = w.Accept(ctx, inv.ID, derive(invitationPurpose, inv.ID), "cat")
		wantProblem(t, err, "invitation-revoked")
		if d := cmp.Diff([]string{"system"}, told); d != "" {
			t.Error(d)
		}
	})
}

func TestCircleNeedsBothSides(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		a, b := w.create(t, "ann", "甲社"), w.create(t, "bob", "乙社")
		c, err := w.CreateCircle(ctx, a, CircleRegion, "みほん市商工会グループ")
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.MakeCircleCode(ctx, b, c.ID)
		wantProblem(t, err, "not-found")
		code, err := w.MakeCircleCode(ctx, a, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.JoinCircle(ctx, b, "AAAA-BBBB-CCCC-DDDD")
		wantProblem(t, err, "invalid")
		typed := " " + strings.ToLower(strings.ReplaceAll(code.Code, "-", " ")) + " "
		if got, err := w.JoinCircle(ctx, b, typed); err != nil || got != c.ID {
			t.Fatalf("%s, %v", got, err)
		}
		_, err = w.JoinCircle(ctx, b, code.Code)
		wantProblem(t, err, "invalid") // used
		_, err = w.MakeCircleCode(ctx, b, c.ID)
		wantProblem(t, err, "forbidden")
		wantProblem(t, w.LeaveCircle(ctx, a, c.ID), "circle-operator")
		if err := w.LeaveCircle(ctx, b, c.ID); err != nil {
			t.Fatal(err)
		}
		wantProblem(t, w.LeaveCircle(ctx, b, c.ID), "not-found")
		code, _ = w.MakeCircleCode(ctx, a, c.ID)
		w.clock.forward(CircleCodeFor)
		_, err = w.JoinCircle(ctx, b, code.Code)
		wantProblem(t, err, "invalid")
		if err := w.LeaveCircle(ctx, a, c.ID); err != nil {
			t.Error(err)
		}
		if report, err := journal.Verify(ctx, w.d, nil, nil); err != nil || !report.OK() {
			t.Errorf("journal: %+v, %v", report, err)
		}
	})
}
