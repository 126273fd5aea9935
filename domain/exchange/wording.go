package exchange

import (
	"context"
	"errors"

	"github.com/minamori-project/minamori/internal/db"
)

// Wording returns the official wording of a pack by item, where an operator loaded the
// official workbook into this installation; otherwise it is empty.
func (rm *Room) Wording(ctx context.Context, pack string) (map[string]string, error) {
	type row struct{ item, words string }
	all := map[string]string{}
	err := rm.DB.Read(ctx, func(ctx context.Context) error {
		return db.Each(ctx, func(r *row) []any { return []any{&r.item, &r.words} }, func(r row) error {
			all[r.item] = r.words
			return nil
		}, "SELECT item, words FROM exchange_wording WHERE pack = ?", pack)
	})
	return all, err
}

// ItemWording returns the official wording of one item, or "".
func (rm *Room) ItemWording(ctx context.Context, pack, item string) (text string, err error) {
	err = rm.DB.Read(ctx, func(ctx context.Context) error {
		text, err = db.Value[string](ctx, "SELECT words FROM exchange_wording WHERE pack = ? AND item = ?", pack, item)
		if errors.Is(err, db.ErrNone) {
			err = nil
		}
		return err
	})
	return text, err
}
