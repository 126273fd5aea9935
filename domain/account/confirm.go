package account

import (
	"context"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) confirmRoutes() []web.Route {
	return []web.Route{
		web.Get("/account/confirm", web.Public, "Show the link that confirms an address.", rm.showConfirm, confirmPage, web.PageOnly),
		web.Post("/account/confirm", web.Public, "Confirm an address with its link.", rm.confirm, confirmedPage, web.PageOnly),
		web.Post("/account/email/ask", web.SignedIn, "Send the link that confirms my address once more.", rm.askConfirm, nil, web.PageOnly),
	}
}

// ConfirmView is a link that is not consumed yet.
type ConfirmView struct{ Code string }

func (rm *Room) showConfirm(ctx context.Context, in LinkIn) (ConfirmView, error) {
	_, err := rm.keeper.ConfirmUntil(ctx, in.Code)
	return ConfirmView(in), err
}

// ConfirmIn consumes it.
type ConfirmIn struct {
	Code string `json:"code"`
}

// ConfirmedView says so.
type ConfirmedView struct{}

func (rm *Room) confirm(ctx context.Context, in ConfirmIn) (ConfirmedView, error) {
	return ConfirmedView{}, rm.keeper.Confirm(ctx, in.Code)
}

func (rm *Room) askConfirm(ctx context.Context, _ struct{}) (Moved, error) {
	return Moved{"/account"}, rm.keeper.AskForConfirmation(ctx, web.CallerFrom(ctx).Account)
}

func (rm *Room) oldWayRoutes() []web.Route {
	return []web.Route{
		web.Get("/account/old-ways", web.SignedIn, "Show the ways to log in that are older than this session.", rm.showOldWays, oldWaysPage,
			web.PageOnly, web.StepUp),
		web.Post("/account/old-ways/remove", web.SignedIn, "Remove all of them.", rm.removeOldWays, nil, web.PageOnly, web.StepUp),
	}
}

// OldWaysView is what somebody else may hold after a recovery.
type OldWaysView struct{ auth.OldWays }

// Next passes over a page that has nothing to show.
func (v OldWaysView) Next() string {
	if v.Empty() {
		return "/account"
	}
	return ""
}

func (rm *Room) showOldWays(ctx context.Context, _ struct{}) (OldWaysView, error) {
	c := web.CallerFrom(ctx)
	o, err := rm.keeper.OldWays(ctx, c.Account, c.Session)
	return OldWaysView{o}, err
}

func (rm *Room) removeOldWays(ctx context.Context, _ struct{}) (Moved, error) {
	c := web.CallerFrom(ctx)
	return Moved{with("/account/codes", "/account")}, rm.keeper.RemoveOldWays(ctx, c.Account, c.Session)
}
