package main

import (
	"time"

	"github.com/minamori-project/minamori/internal/job"
)

// listJobs says what takes the lists of members that staff confirmed. To be joined
// in jobs(); sweep() joins h.Desk.SweepImports(ctx).
func (h *House) listJobs() error {
	return job.Handle(h.Jobs, job.Spec{Timeout: 10 * time.Minute, Attempts: 5}, h.Desk.Import)
}
