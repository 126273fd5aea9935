package job

import "time"

// SetBeat makes a test wait less for what a node notices.
func SetBeat(q *Queue, d time.Duration) { q.beatEvery = d }
