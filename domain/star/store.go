package star

import (
	"context"
	"embed"
	"errors"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("star", schemaFiles) }

func putDeclaration(ctx context.Context, org string, d Declaration) error {
	_, err := db.Exec(ctx, `
		INSERT INTO star_declaration (id, org_id, scheme, stars, number, given_on, valid_until, entered_by, entered_at, ended, ended_on, ended_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', '', '')`,
		d.ID, org, string(d.Scheme), d.Stars, d.Number, string(d.On), string(d.ValidUntil), d.EnteredBy, d.EnteredAt)
	return err
}

func endRow(ctx context.Context, org, id, why string, on assess.Date, by string, at time.Time) error {
	_, err := db.Exec(ctx, `UPDATE star_declaration SET ended = ?, ended_on = ?, ended_by = ?, ended_at = ?
		WHERE id = ? AND org_id = ? AND ended = ''`, why, string(on), by, at, id, org)
	return err
}

func guideOf(ctx context.Context, org string) (Guide, error) {
	fields := func(g *Guide) []any {
		return []any{(*string)(&g.Secrets), (*string)(&g.Stops), (*string)(&g.Access), &g.By, db.At(&g.At)}
	}
	g, err := db.One(ctx, fields, "SELECT secrets, stops, access, answered_by, answered_at FROM star_guide WHERE org_id = ?", org)
	if errors.Is(err, db.ErrNone) {
		return Guide{}, nil
	}
	return g, err
}

func putGuide(ctx context.Context, org string, g Guide) error {
	_, err := db.Exec(ctx, `
		INSERT INTO star_guide (org_id, secrets, stops, access, answered_by, answered_at) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (org_id) DO UPDATE SET secrets = excluded.secrets, stops = excluded.stops, access = excluded.access,
			answered_by = excluded.answered_by, answered_at = excluded.answered_at`,
		org, string(g.Secrets), string(g.Stops), string(g.Access), g.By, g.At)
	return err
}

func (rm *Room) note(ctx context.Context, org, verb, subject string, revokes bool, words any) error {
	return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor(ctx), Verb: verb, Subject: subject, Revokes: revokes}, words)
}

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}
