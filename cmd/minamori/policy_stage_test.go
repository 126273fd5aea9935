package main

// policyFixtures gives company a what the paths of this room name.
func (s *stage) policyFixtures(string) map[string]string {
	s.t.Helper()
	return map[string]string{
		"{policy}":  s.value("SELECT MAX(document_id) FROM policy_version WHERE org_id = ? AND state = 'draft'", s.a),
		"{issue}":   "1",
		"{chapter}": "passwords",
		"{public}":  s.value("SELECT public_id FROM policy_document WHERE org_id = ? AND published > 0", s.a),
	}
}
