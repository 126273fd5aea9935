package main

// reviewFixtures gives company a what the paths of this room name.
func (s *stage) reviewFixtures(owner string) map[string]string {
	s.t.Helper()
	return nil
}
