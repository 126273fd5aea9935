package main

import "github.com/minamori-project/minamori/domain/board"

// openBoard builds the room.
func (h *House) openBoard() *board.Room {
	return board.New(board.Config{DB: h.DB, Now: h.now, Assess: h.Assess})
}

// boards gives the demo something to see.
func (r *region) boards() error { return nil }
