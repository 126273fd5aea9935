package mapping

import (
	"context"
	"embed"
	"encoding/json"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("mapping", schemaFiles) }

// Origin is an answer that another was made from, as it was then.
type Origin struct {
	Pack   string   `json:"pack"`
	Item   string   `json:"item"`
	Choice string   `json:"choice"`
	Maps   []string `json:"maps,omitempty"` // id and version of each on the way
}

// Applied is what an answer was made from.
type Applied struct {
	Pack     string    `json:"pack"`
	Item     string    `json:"item"`
	Revision int       `json:"revision"` // of the answer that it became
	Choice   string    `json:"choice"`
	Sources  []Origin  `json:"sources"`
	Moved    bool      `json:"moved"` // from another edition of the same framework
	At       time.Time `json:"applied_at"`
	By       string    `json:"applied_by"` // account
}

const appliedColumns = "pack, item, revision, choice, sources, moved, applied_at, applied_by"

type appliedRow struct {
	Applied
	sources string
}

func (r *appliedRow) fields() []any {
	return []any{&r.Pack, &r.Item, &r.Revision, &r.Choice, &r.sources, &r.Moved, db.At(&r.At), &r.By}
}

// appliedOf returns what the answers of a company were made from, in a pack or,
// with "", in all.
func appliedOf(ctx context.Context, org, pack string) (all []Applied, err error) {
	err = db.Each(ctx, (*appliedRow).fields, func(r appliedRow) error {
		if err := json.Unmarshal([]byte(r.sources), &r.Sources); err != nil {
			return err
		}
		all = append(all, r.Applied)
		return nil
	}, "SELECT "+appliedColumns+" FROM mapping_applied WHERE org_id = ? AND (pack = ? OR ? = '') ORDER BY pack, item", org, pack, pack)
	return all, err
}

func putApplied(ctx context.Context, org string, a Applied) error {
	sources, err := json.Marshal(a.Sources)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "INSERT INTO mapping_applied (org_id, "+appliedColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (org_id, pack, item) DO UPDATE SET revision = excluded.revision, choice = excluded.choice, sources = excluded.sources,
			moved = excluded.moved, applied_at = excluded.applied_at, applied_by = excluded.applied_by`,
		org, a.Pack, a.Item, a.Revision, a.Choice, string(sources), a.Moved, a.At, a.By)
	return err
}
