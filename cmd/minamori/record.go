package main

import "github.com/minamori-project/minamori/domain/record"

// openRecord builds the room.
func (h *House) openRecord() *record.Room {
	return record.New(record.Config{DB: h.DB, Now: h.now, Assess: h.Assess})
}

// records gives the demo something to see.
func (r *region) records() error { return nil }
