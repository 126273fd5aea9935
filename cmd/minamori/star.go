package main

import "github.com/minamori-project/minamori/domain/star"

// openStar builds the room.
func (h *House) openStar() *star.Room {
	return star.New(star.Config{DB: h.DB, Now: h.now, Assess: h.Assess})
}

// stars gives the demo something to see.
func (r *region) stars() error { return nil }
