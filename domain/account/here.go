package account

import (
	"context"
	"slices"
	"time"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/web"
)

// One computer in the office, several people: whoever comes next is let in
// quickly, by his own proof, and sees nothing of the one before.
func (rm *Room) hereRoutes() []web.Route {
	return []web.Route{
		web.Get("/people-here", web.Public, "Show whom this device remembers.", rm.showHere, herePage, web.PageOnly),
		web.Post("/people-here/keep", web.SignedIn, "Let this device remember my name.", rm.keepHere, nil, web.PageOnly),
		web.Post("/people-here/forget", web.Public, "Let this device forget a name.", rm.forgetHere, nil, web.PageOnly),
		web.Post("/people-here/change", web.Public, "End this session and ask the next person for a proof.", rm.changeHere, nil, web.PageOnly),
	}
}

// hereCookie remembers people on a device: sealed ids, no addresses.
const hereCookie = "here"

// HereView is who is at this computer.
type HereView struct {
	People []auth.Account
	Me     web.Caller
	Kept   bool // the device remembers me
}

func (v HereView) full() bool { return !v.Kept && len(v.People) >= auth.MaxHere }

func (rm *Room) showHere(ctx context.Context, _ struct{}) (v HereView, err error) {
	v.Me = web.CallerFrom(ctx)
	v.People, err = rm.keeper.PeopleHere(ctx, web.Cookie(ctx, hereCookie))
	v.Kept = slices.ContainsFunc(v.People, func(a auth.Account) bool { return a.ID == v.Me.Account })
	return v, err
}

// WhoIn names somebody whom the device remembers; "" is anybody else.
type WhoIn struct {
	Who string `json:"who"`
}

func (rm *Room) keepHere(ctx context.Context, _ struct{}) (Moved, error) {
	note, err := rm.keeper.WithHere(web.Cookie(ctx, hereCookie), web.CallerFrom(ctx).Account)
	web.SetCookie(ctx, hereCookie, note, auth.HereFor)
	return Moved{"/people-here"}, err
}

func (rm *Room) forgetHere(ctx context.Context, in WhoIn) (Moved, error) {
	note, err := rm.keeper.WithoutHere(web.Cookie(ctx, hereCookie), in.Who)
	life := auth.HereFor
	if note == "" {
		life = -time.Second
	}
	web.SetCookie(ctx, hereCookie, note, life)
	return Moved{"/people-here"}, err
}

func (rm *Room) changeHere(ctx context.Context, in WhoIn) (Moved, error) {
	if err := rm.leave(ctx); err != nil {
		return Moved{}, err
	}
	if rm.remembered(ctx, in.Who) {
		return Moved{"/login?who=" + in.Who}, nil
	}
	return Moved{"/login"}, nil
}

// remembered says that this device may offer somebody by name.
func (rm *Room) remembered(ctx context.Context, who string) bool {
	return who != "" && slices.Contains(rm.keeper.Here(web.Cookie(ctx, hereCookie)), who)
}

// leave ends the session of whoever is here, a remembered one too, and lets the
// browser throw away what it shows behind the back button.
func (rm *Room) leave(ctx context.Context) error {
	if web.CallerFrom(ctx).Session != "" {
		if err := rm.keeper.Logout(ctx); err != nil {
			return err
		}
	}
	web.SetCookie(ctx, web.SessionCookie, "", -time.Second)
	web.ForgetPages(ctx)
	return nil
}

// replace gives the browser the session of whoever logged in; the pages of
// whoever was logged in before go.
func replace(ctx context.Context, g auth.Grant) {
	enter(ctx, g)
	if web.CallerFrom(ctx).Session != "" {
		web.ForgetPages(ctx)
	}
}
