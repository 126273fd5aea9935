package main

// planFixtures gives company a what the paths of this room name.
func (s *stage) planFixtures(owner string) map[string]string {
	s.t.Helper()
	return nil
}
