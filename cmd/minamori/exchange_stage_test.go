package main

// exchangeFixtures gives company a what the paths of this room name.
func (s *stage) exchangeFixtures(owner string) map[string]string {
	s.t.Helper()
	return nil
}
