package main

import "github.com/minamori-project/minamori/domain/policy"

// openPolicy builds the room.
func (h *House) openPolicy() *policy.Room {
	return policy.New(policy.Config{DB: h.DB, Now: h.now, Assess: h.Assess})
}

// policies gives the demo something to see.
func (r *region) policies() error { return nil }
