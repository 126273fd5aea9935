package main

import (
	"context"
	"strings"

	"github.com/minamori-project/minamori/internal/journal"
)

// revoking says, per room, what takes away again what a line of the ledger tells:
// the verbs of a room begin with its name. A room that notes with Revokes has its
// line here.
func (h *House) revoking() map[string]func(context.Context, journal.Entry) error {
	return map[string]func(context.Context, journal.Entry) error{
		"approval": h.Approval.Replay,
		"assess":   h.Assess.Replay,
		"auth":     h.Accounts.Replay,
		"binding":  h.Binding.Replay,
		"webhook":  h.Webhook.Replay,
		"closing":  h.Closing.Replay,
		"desk":     h.Desk.Replay,
		"helper":   h.Helper.Replay,
		"journal":  journal.Replay,
		"org":      h.Org.Replay,
		"recovery": h.Recovery.Replay,
		"policy":   h.Policy.Replay,
		"record":   h.Record.Replay,
		"star":     h.Star.Replay,
		"review":   h.Review.Replay,
		"exchange": h.Exchange.Replay,
		"plan":     h.Plan.Replay,
		"board":    h.Board.Replay,
		"mapping":  h.Mapping.Replay,
	}
}

// voids end what must not work after a restore whoever holds it: sessions,
// one-time links, open invitations and codes.
func (h *House) voids() []func(context.Context) error {
	return []func(context.Context) error{h.Accounts.Void, h.Org.Void, h.Desk.Void, h.Binding.Void, h.Recovery.Void, h.Plan.Void, h.Review.Void}
}

func roomOf(verb string) string {
	room, _, _ := strings.Cut(verb, ".")
	return room
}
