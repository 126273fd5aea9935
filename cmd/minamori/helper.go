package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/approval"
	"github.com/minamori-project/minamori/domain/helper"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// help builds the room of helpers and support.
func (h *House) help() *helper.Room {
	return helper.New(helper.Config{
		DB: h.DB, Now: h.now, Derive: h.Accounts.Derive, QueueInvitation: h.queueHelper,
		Accounts: h.people, NewAccountURL: h.Account.NewAccountURL,
		Companies: h.Org.ByIDs, Member: h.Org.Member, Mine: h.mine, Figures: h.figures, OnPaper: h.onPaper, Bound: h.Binding.Bound,
		Paused: func(ctx context.Context, id string) (bool, error) { return h.Org.Paused(ctx, org.ID(id)) },
		Answers: helper.Answers{
			Overview: h.Assess.SharedOverview, Pack: h.Assess.SharedAnswers, Item: h.Assess.SharedItem,
			Files: h.Assess.SharedFiles, File: h.Assess.SharedFile, Knows: h.Assess.Knows,
		},
		Propose: h.propose, Proposed: h.proposed, Choices: h.choices,
	})
}

// mine are the organisations that somebody may name as his own; more than a list
// to choose from holds nobody has.
func (h *House) mine(ctx context.Context, account string) ([]org.Membership, error) {
	return h.Org.OrganisationsOf(ctx, account, "", 50)
}

// helperInvitation is the job that mails a helper's invitation. It holds the id
// alone.
type helperInvitation struct {
	ID string `json:"id"`
}

// Kind names the job.
func (helperInvitation) Kind() string { return "helper.invitation" }

func (h *House) queueHelper(ctx context.Context, id string) error {
	_, err := h.Jobs.Add(ctx, helperInvitation{id})
	return err
}

func (h *House) sendHelper(ctx context.Context, t job.Task[helperInvitation]) error {
	letter, err := h.Helper.InvitationMail(ctx, t.Args.ID)
	if err != nil || letter.To == "" {
		return err // what was withdrawn meanwhile is not sent
	}
	ja, en := h.texts.In(i18n.JA), h.texts.In(i18n.EN)
	body := func(l *i18n.Localizer) string {
		ctx := i18n.Into(ctx, l)
		return l.T("mail.helper.body", "org", mail.Name(letter.Org), "number", letter.Number, "inviter", mail.Name(letter.Inviter),
			"link", h.base+letter.Path, "open", i18n.Deadline(ctx, letter.Until), "until", i18n.Deadline(ctx, letter.Expires))
	}
	_, err = h.sender.Send(ctx, mail.Message{
		To: letter.To, Lang: string(i18n.JA),
		Subject: ja.T("mail.helper.subject", "org", mail.Name(letter.Org)),
		Text:    fmt.Sprintf("%s\n\n----\n\n%s\n", body(ja), body(en)),
	})
	switch {
	case errors.Is(err, mail.ErrMessage), errors.Is(err, mail.ErrRefused):
		return job.Never(err)
	case errors.Is(err, mail.ErrTooMany):
		return job.Later(10 * time.Minute)
	}
	return err
}

// inviteHelperOnPaper lets an owner who has no login here show a helper
// everything for the usual time, files included.
// keys: approval.act.helper.invitation
func (h *House) inviteHelperOnPaper() approval.Act {
	return approval.Act{
		Code: "helper.invitation", Fields: []approval.Field{{Name: "email", Kind: ui.FieldEmail}},
		Sentences: func(_ context.Context, _ string, in []string) ([]string, error) {
			if err := org.CheckAddress(in[0]); err != nil {
				return nil, err
			}
			return []string{h.sentence("approval.says.helper", "email", in[0]), h.sentence("approval.says.helper-looks")}, nil
		},
		Do: func(ctx context.Context, id string, in []string) (string, error) {
			g, err := h.Helper.Invite(ctx, web.Owner, helper.Offer{
				Org: org.ID(id), Email: in[0], Parts: []string{helper.PartProfile, helper.PartAnswers, helper.PartFiles},
			})
			return g.ID, err
		},
		Gains: func(ctx context.Context, account string, in []string) (bool, error) {
			a, err := h.Accounts.Account(ctx, account)
			return err == nil && strings.EqualFold(a.Email, strings.TrimSpace(in[0])), err
		},
	}
}

// figures are what the operator's page shows. They are counts of the whole
// installation and never of a part of it.
func (h *House) figures(ctx context.Context) (helper.Figures, error) {
	now := h.now().In(i18n.Tokyo)
	month := time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, i18n.Tokyo)
	const waiting = "state IN ('available', 'pending', 'retryable', 'scheduled', 'running')"
	f := func(f *helper.Figures) []any {
		return []any{&f.Companies, &f.Accounts, &f.Claimed, &f.Started, &f.Active, &f.JobsWaiting, &f.JobsFailed, &f.LettersWaiting}
	}
	figures, err := db.One(ctx, f, `SELECT
		(SELECT COUNT(*) FROM org_organisation),
		(SELECT COUNT(*) FROM auth_account),
		(SELECT COUNT(DISTINCT org_id) FROM org_member WHERE left_at IS NULL),
		(SELECT COUNT(DISTINCT org_id) FROM assess_answer),
		(SELECT COUNT(DISTINCT org_id) FROM assess_answer WHERE answered_at >= ?),
		(SELECT COUNT(*) FROM river_job WHERE `+waiting+`),
		(SELECT COUNT(*) FROM river_job WHERE state IN ('discarded', 'cancelled')),
		(SELECT COUNT(*) FROM river_job WHERE kind LIKE '%.invitation' AND `+waiting+`)`, month)
	figures.Version = buildInfo().Version
	return figures, err
}

// helpers gives the first company of the demo a helper of the chamber, who has
// advised it, and a call for support.
func (r *region) helpers() error {
	const name = "支援 みどり（架空）"
	if len(r.orgs) < 3 {
		return nil
	}
	account, err := r.account(name, "midori", false)
	if err != nil {
		return err
	}
	r.at(3)
	defer r.at(0)
	g, err := r.Helper.Invite(r.ctx, web.Owner, helper.Offer{
		Org: r.orgs[0], Email: "midori@example.jp", Parts: []string{helper.PartProfile, helper.PartAnswers, helper.PartFiles},
		Reason: "25問の結果の見方を教えてください。", By: r.owners[0],
	})
	if err != nil {
		return err
	}
	letter, err := r.Helper.InvitationMail(r.ctx, g.ID)
	if err != nil {
		return err
	}
	link, err := url.Parse(letter.Path)
	if err != nil {
		return err
	}
	self := helper.Self{Name: name, Organisation: "みほん商工会議所", OwnOrg: r.orgs[2], Qualification: "登録セキスペ 第999999号（架空）"}
	person := demoPerson{Account: account, Name: name, Company: "みほん商工会議所", Role: "helper"}
	r.people = slices.Insert(r.people, min(5, len(r.people)), person)
	by := web.Caller{Account: account}
	return errors.Join(
		r.Org.AddMember(r.ctx, r.orgs[2], account, web.Member),
		r.Helper.Accept(r.ctx, g.ID, link.Query().Get("code"), account, self),
		r.Helper.Advise(r.ctx, by, g.ID, "self-diagnosis-25", "1", "自動更新を入にすると、あとは手間がかかりません。"),
		r.Helper.Advise(r.ctx, by, g.ID, "self-diagnosis-25", "3", "長い言葉を2つつなぐと、覚えやすく強くなります。"),
		r.Helper.Plan(r.ctx, by, g.ID, i18n.ISO(r.today), "結果を見てもらえたか、電話で聞く。"),
	)
}
