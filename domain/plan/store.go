package plan

import (
	"context"
	"embed"
	"errors"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("plan", schemaFiles) }

const stepColumns = `id, pack, item, what, account, name, due, began, said_at, said_by, made_at, made_by, revision`

func (s *Step) fields() []any {
	return []any{
		&s.ID, &s.Pack, &s.Item, &s.What, &s.Account, &s.Name, (*string)(&s.Due), &s.began, db.At(&s.Said), &s.saidBy, db.At(&s.Made), &s.madeBy,
		&s.Revision,
	}
}

func stepsOf(ctx context.Context, org string) ([]Step, error) {
	return db.Rows(ctx, (*Step).fields, "SELECT "+stepColumns+" FROM plan_step WHERE org_id = ? LIMIT ?", org, MaxSteps)
}

func stepOf(ctx context.Context, org, id string) (Step, error) {
	s, err := db.One(ctx, (*Step).fields, "SELECT "+stepColumns+" FROM plan_step WHERE org_id = ? AND id = ?", org, id)
	if errors.Is(err, db.ErrNone) {
		return s, problem.NotFound()
	}
	return s, err
}

func stepAt(ctx context.Context, org, pack, item string) (Step, bool, error) {
	s, err := db.One(ctx, (*Step).fields, "SELECT "+stepColumns+" FROM plan_step WHERE org_id = ? AND pack = ? AND item = ?", org, pack, item)
	if errors.Is(err, db.ErrNone) {
		return s, false, nil
	}
	return s, err == nil, err
}
