package main

import (
	"context"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// notices is what the home of a company says first: rooms add a line each.
func (h *House) notices(ctx context.Context, id string) (all []ui.NoticeView, err error) {
	for _, ask := range []func(context.Context, org.ID) ([]ui.NoticeView, error){
		h.Org.PauseNotices,
		h.Closing.Notices,
		h.Binding.Notices,
		h.Recovery.Notices,
		h.proposalNotices,
	} {
		some, err := ask(ctx, org.ID(id))
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// proposalNotices says that helpers propose answers, to those who may answer.
func (h *House) proposalNotices(ctx context.Context, id org.ID) ([]ui.NoticeView, error) {
	if web.RoleFrom(ctx) < web.Member {
		return nil, nil
	}
	n, err := h.Review.CountProposals(ctx, string(id))
	if err != nil || n == 0 {
		return nil, err
	}
	link := ui.Link{Label: ui.T("review.proposals.page"), URL: "/orgs/" + string(id) + "/proposals"}
	return []ui.NoticeView{{Title: ui.T("notice.proposals", "n", n), Link: &link}}, nil
}

// left ends what else an account could do for an organisation (threats T21), in
// the transaction of its leaving: rooms add a line each.
func (h *House) left(ctx context.Context, id org.ID, account string) error {
	for _, end := range []func(context.Context, org.ID, string) error{
		func(ctx context.Context, id org.ID, account string) error {
			return h.Accounts.RevokeTokensOf(ctx, string(id), account)
		},
		h.Helper.Left,
		func(ctx context.Context, id org.ID, account string) error {
			return h.Webhook.Left(ctx, string(id), account)
		},
		func(ctx context.Context, id org.ID, account string) error {
			return h.Plan.Left(ctx, string(id), account)
		},
		func(ctx context.Context, id org.ID, account string) error {
			return h.Review.Left(ctx, string(id), account)
		},
		h.endSessions,
	} {
		if err := end(ctx, id, account); err != nil {
			return err
		}
	}
	return nil
}

// endSessions: a session is the account's and not the company's. Where the
// account still has another company, or runs this installation, it stays, and the
// right in this company ends with the membership, which every request asks for.
func (h *House) endSessions(ctx context.Context, _ org.ID, account string) error {
	stays, err := h.staysSignedIn(ctx, account, 1)
	if err != nil || stays {
		return err
	}
	return h.Accounts.EndAll(ctx, account)
}

// staysSignedIn says that an account has this many companies, or the house.
func (h *House) staysSignedIn(ctx context.Context, account string, companies int) (bool, error) {
	orgs, err := h.Org.OrganisationsOf(ctx, account, "", companies)
	if err != nil || len(orgs) == companies {
		return true, err
	}
	people, err := h.Accounts.AccountsByID(ctx, []string{account})
	return people[account].Operator, err
}

// ends lists what left would end, by name.
func (h *House) ends(ctx context.Context, id org.ID, account string) (all []org.Ending, err error) {
	tokens, err := h.Accounts.Tokens(ctx, string(id))
	if err != nil {
		return nil, err
	}
	for _, t := range tokens {
		if t.Maker == account {
			all = append(all, org.Ending{Kind: "token", Name: t.Label})
		}
	}
	hooks, err := h.Webhook.Endpoints(ctx, string(id))
	if err != nil {
		return nil, err
	}
	for _, e := range hooks {
		if e.MadeBy == account {
			all = append(all, org.Ending{Kind: "webhook", Name: e.URL})
		}
	}
	calendars, err := h.Plan.Addresses(ctx, string(id), account)
	if err != nil {
		return nil, err
	}
	for _, c := range calendars {
		all = append(all, org.Ending{Kind: "calendar", Name: c.Name})
	}
	stays, err := h.staysSignedIn(ctx, account, 2)
	if err != nil || stays {
		return all, err
	}
	sessions, err := h.Accounts.Sessions(ctx, account)
	for _, s := range sessions {
		all = append(all, org.Ending{Kind: "session", Name: s.Label})
	}
	return all, err
}
