package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/minamori-project/minamori/domain/binding"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/webhook"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// bind builds the room that knows who speaks for a company.
func (h *House) bind() *binding.Room {
	return binding.New(binding.Config{
		DB: h.DB, Now: h.now, Derive: h.Accounts.Derive, TXT: h.Fetch.TXT,
		Organisation: func(ctx context.Context, id string) (org.Organisation, error) { return h.Org.ByID(ctx, org.ID(id)) },
		QueueCheck: func(ctx context.Context, proof string) error {
			_, err := h.Jobs.Add(ctx, domainCheck{proof}, job.Once())
			return err
		},
		Notify:             h.tellOwners("/binding"),
		SpeaksForCompanies: h.speaksForCompanies,
		KeepFile:           h.keepFile, OpenFile: h.openFile,
	})
}

// boundOf tells org which companies are known to be whom they say.
func (h *House) boundOf(ctx context.Context, ids []org.ID) (map[org.ID]bool, error) {
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = string(id)
	}
	states, err := h.Binding.States(ctx, names)
	bound := make(map[org.ID]bool, len(states))
	for id := range states {
		bound[org.ID(id)] = true
	}
	return bound, err
}

// edited ends what was known of another name or number.
func (h *House) edited(ctx context.Context, id org.ID, was, is org.Profile) error {
	return h.Binding.Edited(ctx, string(id), was, is)
}

// speaksForCompanies: the operator marks a provider by naming the claim in which
// it says for which company somebody acts.
func (h *House) speaksForCompanies(issuer string) bool {
	return slices.ContainsFunc(h.providers, func(p auth.Provider) bool { return p.Issuer == issuer && p.CorporateNumberClaim != "" })
}

// speaksFor binds the companies of an owner for which a provider says that he
// acts. What cannot be bound is no reason to keep him out.
func (h *House) speaksFor(ctx context.Context, account, issuer, subject, number string) error {
	all, err := h.Org.OrganisationsOf(ctx, account, "", 50)
	for _, m := range all {
		if err != nil || m.Role < web.Owner || string(m.CorporateNumber) != number {
			continue
		}
		err = h.Binding.ByGBizID(ctx, string(m.ID), issuer, subject, number)
		if problem.As(err) != nil {
			err = nil
		}
	}
	return err
}

// domainCheck is the job that looks for the record of a domain.
type domainCheck struct {
	Proof string `json:"proof"`
}

// Kind names the job.
func (domainCheck) Kind() string { return "binding.domain" }

func (h *House) checkDomain(ctx context.Context, t job.Task[domainCheck]) error {
	return h.Binding.CheckDomain(ctx, t.Args.Proof)
}

// domainsDue is the job that finds the domains whose time has come.
type domainsDue struct{}

// Kind names the job.
func (domainsDue) Kind() string { return "binding.due" }

func (h *House) queueDomains(ctx context.Context, _ job.Task[domainsDue]) error {
	return h.Binding.QueueDue(ctx)
}

// notice is the job that mails an owner that there is something, not what.
type notice struct {
	Org     string `json:"org"`
	Account string `json:"account"`
	Page    string `json:"page"` // of the company
}

// Kind names the job.
func (notice) Kind() string { return "house.notice" }

// tellOwners has the owners of a company told to look at a page of it.
func (h *House) tellOwners(page string) func(ctx context.Context, id string) error {
	return func(ctx context.Context, id string) error {
		owners, err := h.Org.Owners(ctx, org.ID(id))
		for _, account := range owners {
			if err == nil {
				_, err = h.Jobs.Add(ctx, notice{id, account, page}, job.Once())
			}
		}
		return err
	}
}

func (h *House) sendNotice(ctx context.Context, t job.Task[notice]) error {
	to, err := h.noticeTo(ctx, t.Args)
	if err != nil || to == "" {
		return err // he is no owner any more
	}
	ja, en := h.texts.In(i18n.JA), h.texts.In(i18n.EN)
	link := h.base + "/orgs/" + t.Args.Org + t.Args.Page
	_, err = h.sender.Send(ctx, mail.Message{
		To: to, Lang: string(i18n.JA), Subject: ja.T("mail.notice.subject"),
		Text: fmt.Sprintf("%s\n\n----\n\n%s\n", ja.T("mail.notice.body", "link", link), en.T("mail.notice.body", "link", link)),
	})
	switch {
	case errors.Is(err, mail.ErrMessage), errors.Is(err, mail.ErrRefused):
		return job.Never(err)
	case errors.Is(err, mail.ErrTooMany):
		return job.Later(10 * time.Minute)
	}
	return err
}

func (h *House) noticeTo(ctx context.Context, n notice) (to string, err error) {
	err = h.DB.Read(ctx, func(ctx context.Context) error {
		role, err := h.Org.Member(ctx, n.Account, n.Org)
		if err != nil || role < web.Owner {
			return err
		}
		people, err := h.Accounts.AccountsByID(ctx, []string{n.Account})
		to = people[n.Account].Email
		return err
	})
	return to, err
}

// hookLimit is how much of a receiver's answer is read; nobody looks at it.
const hookLimit = 64 << 10

// hook builds the room that tells a company's own systems.
func (h *House) hook() *webhook.Room {
	return webhook.New(webhook.Config{
		DB: h.DB, Now: h.now, Derive: h.Accounts.Derive, Verbs: hookVerbs(), CheckURL: h.Fetch.CheckURL,
		Post: func(ctx context.Context, address string, header http.Header, body []byte) (int, error) {
			a, err := h.Fetch.Post(ctx, address, header, body, hookLimit)
			return a.Status, err
		},
		Queue: func(ctx context.Context, id string, at time.Time) error {
			_, err := h.Jobs.Add(ctx, hookCall{id}, job.At(at))
			return err
		},
		Paused: func(ctx context.Context, id string) (bool, error) { return h.Org.Paused(ctx, org.ID(id)) },
		Role:   h.Org.Member, People: h.names, Notify: h.tellOwners("/webhooks"),
	})
}

// hookVerbs are what a company's system can be told of.
func hookVerbs() []string {
	return []string{
		"assess.answered", "assess.commented", "assess.evidence_added", "assess.evidence_renewed", "assess.evidence_removed",
		"org.edited", "org.joined", "org.role-changed", "org.member-removed", "org.left", "org.paused", "org.resumed",
		"org.circle-joined", "org.circle-left", "helper.invited", "helper.accepted", "helper.revoked", "helper.looked", "helper.advised",
		"binding.shown", "binding.ended", "binding.frozen",
		"star.declared", "star.registered", "star.seen", "star.corrected", "star.followed", "star.stopped",
		"policy.approved", "policy.published", "policy.unpublished", "policy.withdrawn",
		"record.asked", "record.approved", "record.refused", "record.carried-out", "record.ended", "record.paper-entered", "record.duty-done", "record.looked-through",
		"review.frozen", "review.snapshot-withdrawn", "review.confirmed", "review.confirmation-withdrawn", "review.sworn", "review.oath-withdrawn",
		"review.proposed", "review.proposal-accepted", "review.proposal-refused", "review.invited", "review.accepted", "review.looked", "review.seat-ended",
		"plan.added", "plan.changed", "plan.said", "plan.removed", "mapping.applied", "mapping.moved", "exchange.file-applied",
	}
}

// hookCall is the job that makes one attempt at a delivery.
type hookCall struct {
	ID string `json:"id"`
}

// Kind names the job.
func (hookCall) Kind() string { return "webhook.call" }

func (h *House) callHook(ctx context.Context, t job.Task[hookCall]) error {
	return h.Webhook.Deliver(ctx, t.Args.ID)
}

// bindingJobs are the jobs of these two rooms.
func (h *House) bindingJobs() error {
	h.Jobs.Every("binding.due", time.Hour, domainsDue{})
	return errors.Join(
		job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 5}, h.checkDomain),
		job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 5}, h.queueDomains),
		job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 8}, h.sendNotice),
		job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 5, Workers: 4}, h.callHook),
	)
}

// bindings shows the rooms in the demonstration: a chamber that vouches, a
// company that it vouched for, and a number that two give as theirs.
func (r *region) bindings() error {
	if len(r.orgs) < 5 {
		return nil
	}
	second, err := r.account("運営 じろう（架空）", "operator2", true)
	if err != nil {
		return err
	}
	r.meet(demoPerson{Account: second, Name: "運営 じろう（架空）", Company: "みほん地域の皆守", Role: "operator"})
	r.at(60)
	defer r.at(0)
	chamber := string(r.orgs[2])
	errs := []error{r.Binding.Allow(r.ctx, chamber), r.Binding.ByLetter(r.ctx, string(r.orgs[1]), chamber, r.today.AddDate(0, 0, -60))}
	r.at(20)
	errs = append(errs, r.vouch(chamber, string(r.orgs[0])))
	return errors.Join(append(errs, r.contested())...)
}

// meet adds somebody after the cast of the first company.
func (r *region) meet(p demoPerson) { r.people = slices.Insert(r.people, min(6, len(r.people)), p) }

// vouch has a body vouch for a company that gave it a code.
func (r *region) vouch(body, company string) error {
	code, err := r.Binding.MakeCode(r.ctx, company, "voucher")
	if err != nil {
		return err
	}
	return r.Binding.Vouch(r.ctx, body, code.Code, "会員名簿と照らし、代表者と会いました。")
}

// contested has another company give the number of the fourth one as its own.
func (r *region) contested() error {
	if len(r.orgs) < 6 {
		return nil
	}
	first, err := r.organisation(r.orgs[3])
	if err != nil {
		return err
	}
	rival, err := r.organisation(r.orgs[5])
	if err != nil {
		return err
	}
	rival.CorporateNumber = first.CorporateNumber
	if err := r.Org.Edit(r.ctx, rival.ID, rival.Profile); err != nil {
		return err
	}
	r.meet(demoPerson{r.owners[5], "代表 006（架空）", rival.Name, string(rival.ID), "owner"})
	chamber := string(r.orgs[2])
	return errors.Join(
		r.vouch(chamber, string(first.ID)), r.vouch(chamber, string(rival.ID)),
		r.Binding.State(r.ctx, string(first.ID), "登記の番号です。1998年から使っています。", web.Upload{}),
	)
}
