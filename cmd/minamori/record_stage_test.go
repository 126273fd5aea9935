package main

// recordFixtures gives company a what the paths of this room name.
func (s *stage) recordFixtures(owner string) map[string]string {
	s.t.Helper()
	return nil
}
