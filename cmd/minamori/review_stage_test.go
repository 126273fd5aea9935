package main

import "github.com/minamori-project/minamori/domain/review"

// reviewFixtures gives company a what the paths of this room name. The snapshot is
// the first of the demo, which is confirmed and sworn.
func (s *stage) reviewFixtures(string) map[string]string {
	s.t.Helper()
	first := s.value("SELECT id FROM review_record WHERE org_id = ? AND kind = ? AND number = 1", s.a, review.Snapshot)
	return map[string]string{
		"{snapshot}":      first,
		"{seat}":          s.value("SELECT MAX(id) FROM review_seat WHERE org_id = ? AND snapshot_id <> ?", s.a, first),
		"{confirmation}":  s.value("SELECT MAX(id) FROM review_record WHERE org_id = ? AND kind = ?", s.a, review.Confirmation),
		"{proposal}":      s.value("SELECT MAX(id) FROM review_proposal WHERE org_id = ?", s.a),
		"{qualification}": s.value("SELECT MAX(id) FROM review_qualification"),
		"{shown}":         s.value("SELECT MAX(id) FROM assess_evidence WHERE org_id = ?", s.a),
	}
}
