package blob

import (
	"context"
	"io"

	"github.com/minamori-project/minamori/internal/db"
)

// Export hands over every file of an organisation, under its id and name.
func (s *Store) Export(ctx context.Context, org string, add func(name string, write func(io.Writer) error) error) error {
	files, err := db.Rows(ctx, (*File).fields, selectFile+"WHERE org_id = ? ORDER BY created, id", org)
	if err != nil {
		return err
	}
	for _, f := range files {
		if err := add("files/"+f.ID+"-"+f.Name, s.AsWebFile(f).Write); err != nil {
			return err
		}
	}
	return nil
}

// Close removes every file of an organisation. Contents go after the commit;
// those of the last hour with the next Sweep.
func (s *Store) Close(ctx context.Context, org string) error {
	return s.db.Write(ctx, func(ctx context.Context) error {
		keys, err := db.Rows(ctx, func(k *string) []any { return []any{k} }, "DELETE FROM blob_file WHERE org_id = ? RETURNING key", org)
		if err != nil {
			return err
		}
		return db.AfterCommit(ctx, func() {
			for _, key := range keys {
				_, _ = s.drop(context.Background(), key)
			}
		})
	})
}
