package main

import (
	"context"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/ui"
)

// notices is what the home of a company says first: rooms add a line each.
func (h *House) notices(ctx context.Context, id string) (all []ui.NoticeView, err error) {
	for _, ask := range []func(context.Context, org.ID) ([]ui.NoticeView, error){
		h.Org.PauseNotices,
	} {
		some, err := ask(ctx, org.ID(id))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}
