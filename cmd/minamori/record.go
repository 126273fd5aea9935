package main

import (
	"context"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/record"
)

// openRecord builds the room. The sheets come with the program: one that is wrong is a
// mistake of ours, which the tests find.
func (h *House) openRecord() *record.Room {
	book, err := record.LoadBook(content.Ledgers(), content.Forms(), content.Duties())
	if err != nil {
		panic(err)
	}
	return record.New(record.Config{
		DB: h.DB, Now: h.now, Assess: h.Assess, Book: book,
		Company: func(ctx context.Context, id string) (string, string, error) {
			o, err := h.Org.ByID(ctx, org.ID(id))
			return o.Name, o.Number(), err
		},
		Alone: func(ctx context.Context, id string) (bool, error) {
			all, err := h.Org.Members(ctx, org.ID(id), "", 2)
			return len(all) < 2, err
		},
		People: h.names, KeepFile: h.keepFile, OpenFile: h.openFile, DropFile: h.dropFile,
	})
}

// records gives the demo something to see.
func (r *region) records() error { return nil }
