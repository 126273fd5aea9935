package main

import (
	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/mapping"
)

// openMapping builds the room. The maps come with the program: one that is wrong is
// a mistake of ours, which the tests find.
func (h *House) openMapping() *mapping.Room {
	atlas, err := mapping.Load(content.Mappings(), h.Assess.Packs)
	if err != nil {
		panic(err)
	}
	return mapping.New(mapping.Config{DB: h.DB, Now: h.now, Assess: h.Assess, Atlas: atlas})
}

// mappings gives the demo something to see.
func (r *region) mappings() error { return nil }
