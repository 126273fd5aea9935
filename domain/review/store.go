package review

import (
	"context"
	"embed"
	"errors"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("review", schemaFiles) }

// orNotFound answers a missing row as one that is not the caller's to see.
func orNotFound(err error) error {
	if errors.Is(err, db.ErrNone) {
		return problem.NotFound()
	}
	return err
}

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}

// words is what the journal keeps as text of an entry; it can be erased.
type words struct {
	Name   string `json:"name,omitempty"`
	Number int    `json:"number,omitempty"`
	Digest string `json:"sha256,omitempty"`
	Page   string `json:"page,omitempty"`
	How    string `json:"how,omitempty"`
	Text   string `json:"text,omitempty"`
}

func (rm *Room) note(ctx context.Context, company, verb, subject string, w words) error {
	return journal.Note(ctx, journal.Entry{Org: company, At: rm.Now(), Actor: actor(ctx), Verb: verb, Subject: subject}, w)
}

// noteRevoked notes what must not come back with an older copy of the database.
func (rm *Room) noteRevoked(ctx context.Context, company, verb, subject string, w words) error {
	return journal.Note(ctx, journal.Entry{
		Org: company, At: rm.Now(), Actor: actor(ctx), Verb: verb, Subject: subject, Revokes: true,
	}, w)
}
