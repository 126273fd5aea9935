package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/approval"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/helper"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/review"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// openReview builds the room. The list of qualifications comes with the program:
// one that is wrong is a mistake of ours, which the tests find.
func (h *House) openReview() *review.Room {
	qualifications, err := review.LoadQualifications(content.Qualifications())
	err = errors.Join(err, job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 8}, h.sendReview))
	if err != nil {
		panic(err)
	}
	return review.New(review.Config{
		DB: h.DB, Now: h.now, Assess: h.Assess, Texts: h.texts, Qualifications: qualifications,
		Organisation: func(ctx context.Context, id string) (org.Organisation, error) { return h.Org.ByID(ctx, org.ID(id)) },
		Accounts:     h.people, Member: h.Org.Member, Mine: h.mine, Relations: h.Org.Relations,
		Derive: h.Accounts.Derive, QueueInvitation: h.queueReview, NewAccountURL: h.Account.NewAccountURL,
		Paused:  func(ctx context.Context, id string) (bool, error) { return h.Org.Paused(ctx, org.ID(id)) },
		OnPaper: h.onPaper, IsBody: h.Binding.IsBody, HelperGrants: h.Helper.OpenGrants,
	})
}

// reviewInvitation is the job that mails a specialist's invitation. It holds the id
// alone.
type reviewInvitation struct {
	ID string `json:"id"`
}

// Kind names the job.
func (reviewInvitation) Kind() string { return "review.invitation" }

func (h *House) queueReview(ctx context.Context, id string) error {
	_, err := h.Jobs.Add(ctx, reviewInvitation{id})
	return err
}

func (h *House) sendReview(ctx context.Context, t job.Task[reviewInvitation]) error {
	letter, err := h.Review.InvitationMail(ctx, t.Args.ID)
	if err != nil || letter.To == "" {
		return err // what was withdrawn meanwhile is not sent
	}
	ja, en := h.texts.In(i18n.JA), h.texts.In(i18n.EN)
	body := func(l *i18n.Localizer) string {
		ctx := i18n.Into(ctx, l)
		return l.T("mail.review.body", "org", mail.Name(letter.Org), "number", letter.Number, "inviter", mail.Name(letter.Inviter),
			"link", h.base+letter.Path, "open", i18n.Deadline(ctx, letter.Until), "until", i18n.Deadline(ctx, letter.Expires))
	}
	_, err = h.sender.Send(ctx, mail.Message{
		To: letter.To, Lang: string(i18n.JA),
		Subject: ja.T("mail.review.subject", "org", mail.Name(letter.Org)),
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

// swearOnPaper lets an owner sign the self-conformity oath.
// keys: approval.act.review.oath, approval.field.snapshot
func (h *House) swearOnPaper() approval.Act {
	return approval.Act{
		Code: "review.oath", Fields: []approval.Field{{Name: "snapshot", Kind: ui.FieldRadio, Options: h.oathOptions}},
		Sentences: func(ctx context.Context, id string, in []string) ([]string, error) {
			return h.Review.OathSentences(ctx, id, in[0])
		},
		Do: func(ctx context.Context, id string, in []string) (string, error) {
			return h.Review.SwearOnPaper(ctx, id, in[0])
		},
	}
}

func (h *House) oathOptions(ctx context.Context, id string) (options []ui.Option, err error) {
	open, err := h.Review.OpenForOath(ctx, id)
	for _, r := range open {
		options = append(options, ui.Option{
			Value: r.ID, Label: ui.Join(ui.T("review.named", "number", r.Number), ui.Plain("　"+i18n.Date(ctx, r.At))),
		})
	}
	return options, err
}

// propose takes what a helper proposes to the company.
func (h *House) propose(ctx context.Context, p helper.Proposed) error {
	_, err := h.Review.Propose(ctx, review.Proposal{
		Org: string(p.Org), Grant: p.Grant, Account: p.Account, Helper: p.Name, Pack: p.Pack, Item: p.Item, Choice: p.Choice, Words: p.Words,
	})
	return err
}

// proposed tells a helper what became of what he proposed.
func (h *House) proposed(ctx context.Context, grant, pack, item string) ([]helper.ProposalView, error) {
	all, err := h.Review.ProposedUnder(ctx, grant, pack, item)
	views := []helper.ProposalView{}
	for _, p := range all {
		views = append(views, helper.ProposalView{Choice: p.Choice, Words: p.Words, At: p.At, State: p.State, Reason: p.Reason})
	}
	return views, err
}

// choices are the answers that a pack offers.
func (h *House) choices(pack string) []assess.Choice {
	if p := h.Assess.Packs.ByID(pack); p != nil {
		return p.Choices
	}
	return nil
}

const star3 = "scs-star3-2026"

// reviews gives the first company of the demo, which has answered ★3, a snapshot that a specialist confirmed
// and its owner swore, a second one that waits, and a helper's proposal.
func (r *region) reviews() error {
	const name = "確認 たくみ（架空）"
	if len(r.orgs) < 3 {
		return nil
	}
	account, err := r.account(name, "takumi", false)
	if err != nil {
		return err
	}
	person := demoPerson{Account: account, Name: name, Company: "みほん監査事務所（架空）", Role: "specialist"}
	r.people = slices.Insert(r.people, min(6, len(r.people)), person)
	r.at(2)
	defer r.at(0)
	company := string(r.orgs[0])
	first, err := r.Review.Freeze(r.ctx, company, star3, "本社と第一工場。倉庫は含みません。", r.owners[0])
	if err != nil {
		return err
	}
	by := web.Caller{Account: account}
	seat, err := r.seated(company, first.ID, account, name)
	if err != nil {
		return err
	}
	pack := r.Assess.Packs.ByID(star3)
	var findings []review.Finding
	for i, x := range pack.Items {
		f := review.Finding{Item: x.ID, Verdict: review.Confirmed}
		if i%9 == 8 {
			f = review.Finding{Item: x.ID, Verdict: review.NotConfirmed, Advice: "台帳に、確かめた日を残してください。"}
		}
		findings = append(findings, f)
	}
	if err := r.Review.Note(r.ctx, by, seat, findings); err != nil {
		return err
	}
	_, err = r.Review.Confirm(r.ctx, by, seat, review.Stated{
		Name: name, Code: "riss", Number: "第999998号（架空）", Expires: i18n.ISO(r.today.AddDate(2, 0, 0)), Tie: review.TiePaid,
		Looked: "規程3点と台帳2点を読み、本社で2時間話を聞きました。",
	})
	if err != nil {
		return err
	}
	r.at(1)
	if _, err := r.Review.Swear(r.ctx, company, first.ID, r.owners[0]); err != nil {
		return err
	}
	second, err := r.Review.Freeze(r.ctx, company, star3, "本社と第一工場。", r.owners[0])
	if err != nil {
		return err
	}
	_, err = r.seated(company, second.ID, account, name)
	return errors.Join(err, r.proposal(company))
}

// seated has the owner invite the specialist, who accepts.
func (r *region) seated(company, snapshot, account, name string) (string, error) {
	s, err := r.Review.Invite(r.ctx, web.Owner, review.Invitation{
		Org: company, Snapshot: snapshot, Email: "takumi@example.jp", Files: true, Words: "規程と台帳を中心に見てください。", By: r.owners[0],
	})
	if err != nil {
		return "", err
	}
	letter, err := r.Review.InvitationMail(r.ctx, s.ID)
	if err != nil {
		return "", err
	}
	link, err := url.Parse(letter.Path)
	if err != nil {
		return "", err
	}
	return s.ID, r.Review.Accept(r.ctx, s.ID, link.Query().Get("code"), account, name, "みほん監査事務所（架空）")
}

// proposal is what the helper of the demo proposes.
func (r *region) proposal(company string) error {
	var grants []string
	err := r.DB.Read(r.ctx, func(ctx context.Context) (err error) {
		grants, err = r.Helper.OpenGrants(ctx, company)
		return err
	})
	if err != nil || len(grants) == 0 {
		return err
	}
	_, err = r.Review.Propose(r.ctx, review.Proposal{
		Org: company, Grant: grants[0], Account: "system", Helper: "支援 みどり（架空）", Pack: "self-diagnosis-25", Item: "3", Choice: assess.Done,
		Words: "先日うかがったとき、全員が長いパスワードを使っていました。",
	})
	return err
}
