package job

import (
	"context"

	"github.com/minamori-project/minamori/internal/db"
)

// Close forgets how far the jobs of an organisation were.
func (q *Queue) Close(ctx context.Context, org string) error {
	return q.db.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM job_progress WHERE org_id = ?", org)
		return err
	})
}
