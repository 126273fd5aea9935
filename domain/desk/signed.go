package desk

import (
	"context"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
)

// signable is how many companies a form can offer.
const signable = 200

// Unsigned lists the companies that an organisation's staff opened and whose owner
// has neither claimed them nor signed the printed result, by name.
func (rm *Room) Unsigned(ctx context.Context, id org.ID) ([]Case, error) {
	return db.Rows(ctx, (*Case).fields, "SELECT "+caseColumns+` FROM desk_case c
		WHERE c.org_id = ? AND c.company_id IS NOT NULL AND c.claimed_at IS NULL AND c.signed_at IS NULL
		ORDER BY c.name, c.id LIMIT ?`, id, signable)
}
