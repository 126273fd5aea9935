package main

import "github.com/minamori-project/minamori/domain/exchange"

// openExchange builds the room.
func (h *House) openExchange() *exchange.Room {
	return exchange.New(exchange.Config{DB: h.DB, Now: h.now, Assess: h.Assess})
}

// exchanges gives the demo something to see.
func (r *region) exchanges() error { return nil }
