package account

import (
	"context"
	"net/url"
	"time"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/web"
)

// Config is what a Room stands on.
type Config struct {
	DB     *db.DB
	Keeper *auth.Keeper
	Now    func() time.Time

	// Home is where a login leads without another wish, Start where the first
	// operator goes on after the set-up. "/orgs" and "/orgs/new" unless given.
	Home, Start string

	// Invited tells the address to which the invitation behind a path was sent, ""
	// when it was not sent by mail. nil knows of none.
	Invited func(ctx context.Context, path string) (email string, err error)
}

// Room holds the pages of accounts.
type Room struct {
	db          *db.DB
	keeper      *auth.Keeper
	now         func() time.Time
	home, start string
	invited     func(ctx context.Context, path string) (string, error)
}

// New makes the room.
func New(cfg Config) *Room {
	rm := &Room{db: cfg.DB, keeper: cfg.Keeper, now: cfg.Now, home: cfg.Home, start: cfg.Start, invited: cfg.Invited}
	if rm.home == "" {
		rm.home = "/orgs"
	}
	if rm.start == "" {
		rm.start = "/orgs/new"
	}
	return rm
}

// NewAccountURL is the page on which somebody without an account opens one and
// then goes on to next. ticket comes from auth.Keeper.Ticket.
func NewAccountURL(ticket, next string) string {
	return "/account/new?" + url.Values{"ticket": {ticket}, "next": {next}}.Encode()
}

// NewAccountURL is the page on which an invited person opens an account and then
// goes on to next, a local path. The address works for an hour, for one account.
func (rm *Room) NewAccountURL(next string) (string, error) {
	ticket, err := rm.keeper.Ticket(next)
	return NewAccountURL(ticket, next), err
}

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	all := rm.openingRoutes()
	all = append(all, rm.loginRoutes()...)
	all = append(all, rm.wayRoutes()...)
	all = append(all, rm.passkeyRoutes()...)
	all = append(all, rm.providerRoutes()...)
	all = append(all, rm.hereRoutes()...)
	all = append(all, rm.confirmRoutes()...)
	all = append(all, rm.oldWayRoutes()...)
	all = append(all, rm.profileRoutes()...)
	return append(all, rm.tokenRoutes()...)
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// enter gives the browser its session.
func enter(ctx context.Context, g auth.Grant) { web.SetCookie(ctx, web.SessionCookie, g.Token, g.Life) }

// with adds the way back to a path.
func with(path, next string) string {
	if next == "" {
		return path
	}
	return path + "?next=" + url.QueryEscape(next)
}
