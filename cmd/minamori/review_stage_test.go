package main

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"github.com/minamori-project/minamori/domain/review"
)

// reviewFixtures gives company a what the paths of this room name. The snapshot is
// the first of the demo, which is confirmed and sworn; the seat is the helper's, on
// one of the pack whose item the paths name.
func (s *stage) reviewFixtures(owner string) map[string]string {
	s.t.Helper()
	all := "/orgs/" + s.a + "/snapshots"
	frozen := s.send(owner, all, map[string]any{"framework": pack25, "scope": ""})
	seat := s.send(owner, all+"/"+frozen["id"].(string)+"/specialists", map[string]any{"email": "midori@example.jp", "files": true})["id"].(string)
	letter, err := s.Review.InvitationMail(context.Background(), seat)
	if err != nil {
		s.t.Fatal(err)
	}
	_, code, _ := strings.Cut(letter.Path, "code=")
	form := url.Values{"code": {code}, "name": {"支援 みどり（架空）"}}
	w := s.do(asked{session: s.login(s.cast["helper"]), method: http.MethodPost, path: "/review-invitations/" + seat, kind: "application/x-www-form-urlencoded", body: form.Encode()})
	if w.Code != http.StatusSeeOther {
		s.t.Fatalf("seat: %d %s", w.Code, w.Body)
	}
	return map[string]string{
		"{snapshot}":      s.value("SELECT id FROM review_record WHERE org_id = ? AND kind = ? AND number = 1", s.a, review.Snapshot),
		"{seat}":          seat,
		"{confirmation}":  s.value("SELECT MAX(id) FROM review_record WHERE org_id = ? AND kind = ?", s.a, review.Confirmation),
		"{proposal}":      s.value("SELECT MAX(id) FROM review_proposal WHERE org_id = ?", s.a),
		"{qualification}": s.value("SELECT MAX(id) FROM review_qualification"),
		"{shown}":         s.value("SELECT MAX(e.id) FROM assess_evidence e JOIN assess_proof p ON p.evidence_id = e.id WHERE e.org_id = ? AND p.item = '11' AND e.kind = 'file'", s.a),
	}
}
