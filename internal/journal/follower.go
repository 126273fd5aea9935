package journal

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// followBatch is how many entries a follower reads for one reaction: few enough
// that its transaction stays short.
const followBatch = 200

// Follower reacts to entries, in order, each exactly once: its place is stored
// in the transaction of the reaction.
type Follower struct {
	Name  string   // names its place; a new name begins at the first entry
	Verbs []string // the verbs it wants; one that ends in a dot wants a whole room

	// React is called inside the transaction with the entries it wants, never
	// with none. Its error undoes the reaction; it is called again later.
	React func(ctx context.Context, entries []Entry) error
}

func (f Follower) wants(verb string) bool {
	for _, v := range f.Verbs {
		if v == verb || strings.HasSuffix(v, ".") && strings.HasPrefix(verb, v) {
			return true
		}
	}
	return false
}

// Follow runs the followers until the context ends. It looks for entries every
// interval, and at once while there are more.
func Follow(ctx context.Context, d *db.DB, log *slog.Logger, interval time.Duration, followers []Follower) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		for _, f := range followers {
			if err := CatchUp(ctx, d, f); err != nil && !errors.Is(err, context.Canceled) {
				log.ErrorContext(ctx, "follower failed", slog.String("follower", f.Name), slog.Any("error", err))
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}

// CatchUp brings one follower to the end of the journal.
func CatchUp(ctx context.Context, d *db.DB, f Follower) error {
	for ctx.Err() == nil {
		behind, err := isBehind(ctx, d, f.Name)
		if err != nil || !behind {
			return err
		}
		if err := d.Write(ctx, func(ctx context.Context) error { return f.step(ctx) }); err != nil {
			return err
		}
	}
	return ctx.Err()
}

// isBehind reads without taking the writer, which an idle follower must not.
func isBehind(ctx context.Context, d *db.DB, name string) (behind bool, err error) {
	err = d.Read(ctx, func(ctx context.Context) error {
		place, err := placeOf(ctx, name)
		if err != nil {
			return err
		}
		end, err := db.Value[int64](ctx, "SELECT pos FROM journal_place")
		behind = place < end
		return err
	})
	return behind, err
}

func (f Follower) step(ctx context.Context) error {
	place, err := placeOf(ctx, f.Name)
	if err != nil {
		return err
	}
	entries, err := db.Rows(ctx, (*Entry).fields,
		"SELECT "+columns+" FROM journal_entry WHERE pos > ? ORDER BY pos LIMIT ?", place, followBatch)
	if err != nil || len(entries) == 0 {
		return err
	}
	var wanted []Entry
	for _, e := range marked(entries) {
		if f.wants(e.Verb) {
			wanted = append(wanted, e)
		}
	}
	if len(wanted) > 0 {
		if err := f.React(ctx, wanted); err != nil {
			return err
		}
	}
	_, err = db.Exec(ctx, `
		INSERT INTO journal_follower (name, pos) VALUES (?, ?)
		ON CONFLICT (name) DO UPDATE SET pos = excluded.pos`, f.Name, entries[len(entries)-1].Pos)
	return err
}

func placeOf(ctx context.Context, name string) (int64, error) {
	place, err := db.Value[int64](ctx, "SELECT pos FROM journal_follower WHERE name = ?", name)
	if errors.Is(err, db.ErrNone) {
		return 0, nil
	}
	return place, err
}
