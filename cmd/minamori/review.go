package main

import "github.com/minamori-project/minamori/domain/review"

// openReview builds the room.
func (h *House) openReview() *review.Room {
	return review.New(review.Config{DB: h.DB, Now: h.now, Assess: h.Assess})
}

// reviews gives the demo something to see.
func (r *region) reviews() error { return nil }
