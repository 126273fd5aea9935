package main

import "strings"

// planFixtures gives company a what the paths of this room name.
func (s *stage) planFixtures(owner string) map[string]string {
	s.t.Helper()
	made := s.send(owner, "/orgs/"+s.a+"/plan/calendars", map[string]any{"name": "事務所のパソコン（架空）"})
	_, address, _ := strings.Cut(made["url"].(string), "/calendar/")
	return map[string]string{
		"{step}":     s.value("SELECT MAX(id) FROM plan_step WHERE org_id = ?", s.a),
		"{calendar}": made["id"].(string),
		"{address}":  address,
	}
}
