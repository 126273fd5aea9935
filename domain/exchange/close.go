package exchange

import (
	"context"
	"encoding/json"
	"io"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// Export hands over what the room keeps of a company: how the sheets of customers are
// laid out, and what was brought in. The files themselves are handed over as files.
func (rm *Room) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	all, err := layouts(ctx, org)
	if err != nil {
		return err
	}
	type laid struct {
		Layout
		Shape shape `json:"layout"`
	}
	out := []laid{}
	for _, l := range all {
		full, err := layoutOf(ctx, org, l.ID)
		if err != nil {
			return err
		}
		full.shape.Heads = nil
		out = append(out, laid{full, full.shape})
	}
	if err := add("layouts.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(out) }); err != nil {
		return err
	}
	in, err := db.Rows(ctx, func(in *Intake) []any {
		return []any{&in.ID, &in.Pack, &in.File, &in.MadeBy, db.At(&in.Created), &in.State, &in.DecidedBy, db.At(&in.DecidedAt)}
	}, "SELECT id, pack, file, made_by, created, state, decided_by, decided_at FROM exchange_intake WHERE org_id = ? ORDER BY created, id", org)
	if err != nil {
		return err
	}
	if in == nil {
		in = []Intake{}
	}
	return add("brought-in.json", func(w io.Writer) error { return json.NewEncoder(w).Encode(in) })
}

// Close removes every row of a company. Its files go with the store of files.
func (rm *Room) Close(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, table := range []string{"exchange_intake", "exchange_layout", "exchange_takeout"} {
			if _, err := db.Exec(ctx, "DELETE FROM "+table+" WHERE org_id = ?", org); err != nil {
				return err
			}
		}
		return nil
	})
}

// Erase has nothing to remove: the room names persons by their accounts alone. Files
// that somebody brought wait a day.
func (rm *Room) Erase(context.Context, string) error { return nil }

// Replay has nothing to take away again: no change of this room takes a right away.
func (rm *Room) Replay(context.Context, journal.Entry) error { return nil }
