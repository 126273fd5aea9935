package main

import (
	"context"
	"strings"

	"github.com/minamori-project/minamori/domain/approval"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// approve builds the room in which owners approve on paper.
func (h *House) approve() *approval.Room {
	return approval.New(approval.Config{
		DB: h.DB, Now: h.now, Texts: h.texts, Acts: h.paperActs(),
		Organisation: func(ctx context.Context, id string) (org.Organisation, error) { return h.Org.ByID(ctx, org.ID(id)) },
		People:       h.names, KeepFile: h.keepFile, OpenFile: h.openFile, DropFile: h.dropFile,
	})
}

// onPaper tells other rooms which of their records an owner approved on paper.
func (h *House) onPaper(ctx context.Context, id string, subjects []string) (map[string]org.Paper, error) {
	return h.Approval.OnPaper(ctx, id, subjects)
}

// paperActs are the acts of all rooms that an owner may approve on paper. What
// hands a secret to whoever is at the screen (keys for programs, exports) is not
// among them.
func (h *House) paperActs() []approval.Act {
	return []approval.Act{h.inviteOwnerOnPaper(), h.makeOwnerOnPaper(), h.inviteHelperOnPaper(), h.resumeOnPaper(), h.closeOnPaper(), h.resultOnPaper(), h.approvePolicyOnPaper(), h.swearOnPaper()}
}

// sentence is a text of the act in the words that bind, plain Japanese.
func (h *House) sentence(key string, args ...any) string { return h.texts.In("ja").T(key, args...) }

func (h *House) inviteOwnerOnPaper() approval.Act {
	return approval.Act{
		Code: "org.owner-invitation", Fields: []approval.Field{{Name: "email", Kind: ui.FieldEmail}},
		Sentences: func(_ context.Context, _ string, in []string) ([]string, error) {
			if err := org.CheckAddress(in[0]); err != nil {
				return nil, err
			}
			return []string{h.sentence("approval.says.owner-invitation", "email", in[0]), h.sentence("approval.says.owner-may")}, nil
		},
		Do: func(ctx context.Context, id string, in []string) (string, error) {
			i, err := h.Org.Invite(ctx, org.ID(id), web.Owner, in[0], web.Owner)
			return i.ID, err
		},
		Gains: func(ctx context.Context, account string, in []string) (bool, error) {
			a, err := h.Accounts.Account(ctx, account)
			return err == nil && strings.EqualFold(a.Email, strings.TrimSpace(in[0])), err
		},
	}
}

func (h *House) makeOwnerOnPaper() approval.Act {
	return approval.Act{
		Code: "org.owner", Fields: []approval.Field{{Name: "account", Kind: ui.FieldRadio, Options: h.memberOptions}},
		Sentences: func(ctx context.Context, id string, in []string) ([]string, error) {
			role, err := h.Org.Member(ctx, in[0], id)
			if err != nil || role == web.Nobody {
				return nil, problem.NotFound()
			}
			people, err := h.names(ctx, in)
			return []string{h.sentence("approval.says.owner", "name", people[in[0]]), h.sentence("approval.says.owner-may")}, err
		},
		Do: func(ctx context.Context, id string, in []string) (string, error) {
			return in[0], h.Org.ChangeRole(ctx, org.ID(id), web.Owner, in[0], web.Owner)
		},
		Gains: func(_ context.Context, account string, in []string) (bool, error) { return account == in[0], nil },
	}
}

// memberOptions are the people of a company who are not owners.
func (h *House) memberOptions(ctx context.Context, id string) ([]ui.Option, error) {
	members, err := h.Org.Members(ctx, org.ID(id), "", 100)
	if err != nil {
		return nil, err
	}
	var ids []string
	for _, m := range members {
		if m.Role != web.Owner {
			ids = append(ids, m.Account)
		}
	}
	names, err := h.names(ctx, ids)
	var options []ui.Option
	for _, id := range ids {
		options = append(options, ui.Option{Value: id, Label: ui.Plain(names[id])})
	}
	return options, err
}

// resumeOnPaper confirms what is shared and shares again.
func (h *House) resumeOnPaper() approval.Act {
	return approval.Act{
		Code:      "org.sharing",
		Sentences: h.sentences("approval.says.sharing", "approval.says.sharing-seen"),
		Do: func(ctx context.Context, id string, _ []string) (string, error) {
			return "sharing", h.Org.Resume(ctx, org.ID(id))
		},
	}
}

// closeOnPaper begins the closing of the company, which still waits for 14 days.
func (h *House) closeOnPaper() approval.Act {
	return approval.Act{
		Code:      "closing.company",
		Sentences: h.sentences("approval.says.closing", "approval.says.closing-then"),
		Do: func(ctx context.Context, id string, _ []string) (string, error) {
			c, err := h.Closing.Ask(ctx, org.ID(id), web.CallerFrom(ctx).Account)
			return c.ID, err
		},
	}
}

// sentences are those of an act that has to be told nothing.
func (h *House) sentences(keys ...string) func(context.Context, string, []string) ([]string, error) {
	return func(context.Context, string, []string) (all []string, _ error) {
		for _, key := range keys {
			all = append(all, h.sentence(key))
		}
		return all, nil
	}
}
