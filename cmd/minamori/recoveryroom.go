package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/recovery"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/ui"
)

// recover builds the room that gives a company an owner again.
func (h *House) recover() *recovery.Room {
	return recovery.New(recovery.Config{
		DB: h.DB, Now: h.now, Org: h.Org, Random: rand.Text, Texts: h.texts, PublicURL: h.base, Limits: h.Limits,
		NewAccountURL: h.Account.NewAccountURL, People: h.names, Tell: h.tellOfRecovery, SpeaksFor: h.justSpokeFor,
	})
}

// justNow is how long what a provider said at a login counts as said now.
const justNow = time.Hour

// justSpokeFor lists the companies for which a provider that the operator marked
// said, at a login just now, that an account acts.
func (h *House) justSpokeFor(ctx context.Context, account string) (numbers []string, err error) {
	all, err := h.Accounts.Identities(ctx, account)
	for _, i := range all {
		if i.CorporateNumber != "" && h.speaksForCompanies(i.Issuer) && h.now().Sub(i.LastUsed) < justNow {
			numbers = append(numbers, i.CorporateNumber)
		}
	}
	return numbers, err
}

// recoveryLetter is the job that mails one member that there is a case to look at.
type recoveryLetter struct {
	Case    string `json:"case"`
	Account string `json:"account"`
}

// Kind names the job.
func (recoveryLetter) Kind() string { return "recovery.letter" }

func (h *House) tellOfRecovery(ctx context.Context, _ org.ID, id string, accounts []string) error {
	for _, account := range accounts {
		if _, err := h.Jobs.Add(ctx, recoveryLetter{id, account}, job.Once()); err != nil {
			return err
		}
	}
	return nil
}

// sendRecoveryLetter says that there is something, not what. Nothing that anybody
// typed stands in it, and it goes to confirmed addresses alone.
func (h *House) sendRecoveryLetter(ctx context.Context, t job.Task[recoveryLetter]) error {
	to, err := h.recoveryLetterTo(ctx, t.Args)
	if err != nil || to == "" {
		return err
	}
	ja, en := h.texts.In(i18n.JA), h.texts.In(i18n.EN)
	link := h.base + "/recovery/cases/" + t.Args.Case
	_, err = h.sender.Send(ctx, mail.Message{
		To: to, Lang: string(i18n.JA), Subject: ja.T("mail.recovery.subject"),
		Text: fmt.Sprintf("%s\n\n----\n\n%s\n", ja.T("mail.recovery.body", "link", link), en.T("mail.recovery.body", "link", link)),
	})
	switch {
	case errors.Is(err, mail.ErrMessage), errors.Is(err, mail.ErrRefused):
		return job.Never(err)
	case errors.Is(err, mail.ErrTooMany):
		return job.Later(10 * time.Minute)
	}
	return err
}

func (h *House) recoveryLetterTo(ctx context.Context, l recoveryLetter) (to string, err error) {
	err = h.DB.Read(ctx, func(ctx context.Context) error {
		open, err := h.Recovery.Open(ctx, l.Case)
		if err != nil || !open {
			return err // stopped meanwhile
		}
		people, err := h.Accounts.AccountsByID(ctx, []string{l.Account})
		to = people[l.Account].MailTo()
		return err
	})
	return to, err
}

// recoveryDue is the job that counts the days of open cases.
type recoveryDue struct{}

// Kind names the job.
func (recoveryDue) Kind() string { return "recovery.due" }

func (h *House) countRecoveryDays(ctx context.Context, _ job.Task[recoveryDue]) error {
	return errors.Join(h.Recovery.Tick(ctx), h.Recovery.Tidy(ctx))
}

// recoveryJobs are the jobs of this room.
func (h *House) recoveryJobs() error {
	h.Jobs.Every("recovery.due", time.Hour, recoveryDue{})
	return errors.Join(
		job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 8}, h.sendRecoveryLetter),
		job.Handle(h.Jobs, job.Spec{Timeout: 10 * time.Minute, Attempts: 3}, h.countRecoveryDays),
	)
}

// recoveryMenu leads operators to the cases.
func recoveryMenu() ui.Link {
	return ui.Link{Label: ui.T("recovery.operator.page"), URL: "/operator/recoveries"}
}

// recoveries shows the room in the demonstration: somebody asks to follow the
// owner of a company, and the letter is on its way.
func (r *region) recoveries() error {
	if len(r.orgs) < 8 {
		return nil
	}
	r.at(5)
	defer r.at(0)
	o, err := r.organisation(r.orgs[7])
	if err != nil {
		return err
	}
	successor, err := r.account("後継 いちろう（架空）", "successor", false)
	if err != nil {
		return err
	}
	r.meet(demoPerson{Account: successor, Name: "後継 いちろう（架空）", Company: o.Name, Role: "successor"})
	c, err := r.Recovery.Ask(r.ctx, o.Number(), successor)
	if err != nil {
		return err
	}
	operator := r.people[0].Account
	r.at(3)
	if _, err := r.Recovery.Letter(r.ctx, c.ID, operator); err != nil {
		return err
	}
	return r.Recovery.MarkSent(r.ctx, c.ID, operator)
}
