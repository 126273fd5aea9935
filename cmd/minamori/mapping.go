package main

import "github.com/minamori-project/minamori/domain/mapping"

// openMapping builds the room.
func (h *House) openMapping() *mapping.Room {
	return mapping.New(mapping.Config{DB: h.DB, Now: h.now, Assess: h.Assess})
}

// mappings gives the demo something to see.
func (r *region) mappings() error { return nil }
