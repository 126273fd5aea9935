package org

import (
	"context"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
)

// ByIDs returns organisations by id in one query, for callers who have a right to
// each; unknown ids are left out.
func (rm *Room) ByIDs(ctx context.Context, ids []ID) (map[ID]Organisation, error) {
	all := make(map[ID]Organisation, len(ids))
	if len(ids) == 0 {
		return all, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	err := db.Each(ctx, (*Organisation).fields, func(o Organisation) error {
		all[o.ID] = o
		return nil
	}, "SELECT "+organisationColumns+" FROM org_organisation o WHERE o.id IN (?"+strings.Repeat(", ?", len(ids)-1)+")", args...)
	return all, err
}
