package main

import "github.com/minamori-project/minamori/domain/plan"

// openPlan builds the room.
func (h *House) openPlan() *plan.Room {
	return plan.New(plan.Config{DB: h.DB, Now: h.now, Assess: h.Assess})
}

// plans gives the demo something to see.
func (r *region) plans() error { return nil }
