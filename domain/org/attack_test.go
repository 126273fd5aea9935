package org

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// atOnce runs f several times at the same moment and counts who got through.
// The others have to meet the problem.
func atOnce(t *testing.T, code string, f func(i int) error) (passed int) {
	t.Helper()
	errs := make([]error, 8)
	var start, done sync.WaitGroup
	start.Add(1)
	for i := range errs {
		done.Go(func() { start.Wait(); errs[i] = f(i) })
	}
	start.Done()
	done.Wait()
	for _, err := range errs {
		switch {
		case err == nil:
			passed++
		case !problem.Is(err, code):
			t.Errorf("%v, want %s", err, code)
		}
	}
	return passed
}

func TestOneTimeCodesWorkOnceUnderARace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t, "ann", "甲社")
		inv, err := w.Invite(ctx, id, web.Owner, "bob@example.jp", web.Member)
		if err != nil {
			t.Fatal(err)
		}
		code := derive(invitationPurpose, inv.ID)
		if n := atOnce(t, "invitation-used", func(i int) error {
			_, err := w.Accept(ctx, inv.ID, code, "new"+string(rune('a'+i)))
			return err
		}); n != 1 {
			t.Errorf("%d came in by one invitation", n)
		}
		c, err := w.CreateCircle(ctx, id, CircleRegion, "みほん地域")
		if err != nil {
			t.Fatal(err)
		}
		key, err := w.MakeCircleCode(ctx, id, c.ID)
		if err != nil {
			t.Fatal(err)
		}
		var others []ID
		for range 8 {
			others = append(others, w.create(t, "eve", "乙社"))
		}
		if n := atOnce(t, "invalid", func(i int) error { _, err := w.JoinCircle(ctx, others[i], key.Code); return err }); n != 1 {
			t.Errorf("%d came in by one code", n)
		}
	})
}

func TestLastOwnerStaysUnderARace(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t, "0", "甲社")
		for _, other := range "1234567" {
			if err := w.AddMember(ctx, id, string(other), web.Owner); err != nil {
				t.Fatal(err)
			}
		}
		left := atOnce(t, "last-owner", func(i int) error { return w.Leave(ctx, id, string(rune('0'+i))) })
		if left != 7 {
			t.Errorf("%d of 8 owners left, want 7", left)
		}
	})
}

// An invitation that reached somebody who was a member cannot be taken up then,
// and must not bring him back after he has gone.
func TestLeaverComesNotBackByAnOldInvitation(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		ctx := context.Background()
		id := w.create(t, "ann", "甲社")
		if err := w.AddMember(ctx, id, "bob", web.Member); err != nil {
			t.Fatal(err)
		}
		inv, err := w.Invite(ctx, id, web.Owner, "Bob@example.jp", web.Manager)
		if err != nil {
			t.Fatal(err)
		}
		other, err := w.Invite(ctx, id, web.Owner, "cat@example.jp", web.Viewer)
		if err != nil {
			t.Fatal(err)
		}
		_, err = w.Accept(ctx, inv.ID, derive(invitationPurpose, inv.ID), "bob")
		wantProblem(t, err, "already-member")
		if err := w.Remove(ctx, id, web.Owner, "bob"); err != nil {
			t.Fatal(err)
		}
		_, err = w.Accept(ctx, inv.ID, derive(invitationPurpose, inv.ID), "bob")
		wantProblem(t, err, "invitation-revoked")
		if _, err := w.Accept(ctx, other.ID, derive(invitationPurpose, other.ID), "cat"); err != nil {
			t.Error("an invitation to somebody else ended too:", err)
		}
	})
}

// The place of a foreign organisation in one's own list would tell its name,
// which for a sole proprietor is a person's.
func TestForeignCursorTellsNothing(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		secret := s.create(t, "eve", "中山花子")
		s.create(t, "ann", "あ商店")
		s.create(t, "ann", "高山商店")
		s.get(t, "/api/v1/orgs?after="+string(secret), "ann").want(200, `"organisations":[]`)
	})
}

// A key speaks for one organisation; where else its maker works is not for
// whoever holds it.
func TestKeySeesItsOrganisationAlone(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.create(t, "ann", "別の社")
		id := s.create(t, "ann", "甲社")
		r := httptest.NewRequest(http.MethodGet, "/api/v1/orgs", nil)
		r.Header.Set("Authorization", "Bearer ann "+string(id))
		body := s.send(t, r, "").want(200, string(id), `"role":"viewer"`).Body.String()
		if strings.Contains(body, "別の社") {
			t.Error("the key tells of another organisation:", body)
		}
	})
}

// Twenty organisations a day and fifty letters from each would be a thousand
// letters of ours in one person's hand (threats T29).
func TestManyCompaniesSendNotManyLetters(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		sent, last := 0, 0
		for range 3 {
			id := s.create(t, "eve", "http://bad.example.com")
			for i := range maxInvitations {
				a := s.post(t, "/orgs/"+string(id)+"/invitations", "eve", "email", fmt.Sprintf("p%d@example.jp", i), "role", "viewer")
				if last = a.Code; last == http.StatusSeeOther {
					sent++
				}
			}
		}
		if sent != maxByOne || last != http.StatusTooManyRequests {
			t.Errorf("%d letters, then %d; want %d, then 429", sent, last, maxByOne)
		}
		id := s.create(t, "ann", "甲社")
		s.post(t, "/orgs/"+string(id)+"/invitations", "ann", "email", "bob@example.jp", "role", "viewer").leadsTo("/orgs/" + string(id) + "/people")
	})
}
