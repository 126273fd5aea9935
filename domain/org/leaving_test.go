package org

import (
	"bytes"
	"context"
	"testing"

	"github.com/minamori-project/minamori/internal/web"
)

// What somebody who leaves had made ends with him, and is listed before.
func TestLeavingEndsCodesOfCircles(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		a, b := s.create(t, "ann", "甲社"), s.create(t, "bob", "乙社")
		if err := s.AddMember(ctx, a, "max", web.Manager); err != nil {
			t.Fatal(err)
		}
		c, err := s.CreateCircle(ctx, a, CircleRegion, "みほん会")
		if err != nil {
			t.Fatal(err)
		}
		s.post(t, "/orgs/"+string(a)+"/circles/"+c.ID+"/codes", "max")
		s.post(t, "/orgs/"+string(a)+"/invitations", "max", "email", "new@example.jp", "role", "member")
		code := s.onlyCode(t, c.ID)
		s.get(t, "/orgs/"+string(a)+"/people/max", "ann").want(200, "グループの合言葉", "みほん会", "new@example.jp", "引き継ぎの紙")
		sheet := s.get(t, "/orgs/"+string(a)+"/people/max/handover", "ann").want(200)
		if !bytes.HasPrefix(sheet.Body.Bytes(), []byte("%PDF")) {
			t.Error("the handover sheet is no PDF")
		}
		s.get(t, "/orgs/"+string(a)+"/people/max/handover", "bob").want(404)
		s.post(t, "/orgs/"+string(a)+"/people/max/remove", "ann")
		if _, err := s.JoinCircle(ctx, b, code); err == nil {
			t.Error("the code of somebody who left lets in")
		}
	})
}

func (s *site) onlyCode(t *testing.T, circle string) (code string) {
	t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) error {
		open, err := s.openCodes(ctx, circle)
		if len(open) == 1 {
			code = open[0].Code
		}
		return err
	})
	if err != nil || code == "" {
		t.Fatalf("no code: %v", err)
	}
	return code
}
