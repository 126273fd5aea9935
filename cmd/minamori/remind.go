package main

import (
	"context"
	"errors"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// remindEvery is how often ends of evidence are looked for. A day is what people
// notice; an hour spares nobody's mail and finds a server that was off.
const remindEvery = time.Hour

// remind is the job that looks for evidence near its end.
type remind struct{}

// Kind names the job.
func (remind) Kind() string { return "assess.remind" }

// evidenceReminder is the job that mails a company about ends of evidence. It holds
// the id of a piece alone: with the company that goes, and the job is about nobody.
type evidenceReminder struct {
	Evidence string `json:"evidence"`
}

// Kind names the job.
func (evidenceReminder) Kind() string { return "assess.reminder" }

func (h *House) remindJobs() error {
	h.Jobs.Every("remind", remindEvery, remind{})
	return errors.Join(
		job.Handle(h.Jobs, job.Spec{Timeout: 10 * time.Minute, Attempts: 3}, func(ctx context.Context, _ job.Task[remind]) error {
			return h.Assess.Remind(ctx, func(ctx context.Context, evidence string) error {
				_, err := h.Jobs.Add(ctx, evidenceReminder{evidence})
				return err
			})
		}),
		job.Handle(h.Jobs, job.Spec{Timeout: 5 * time.Minute, Attempts: 8}, h.sendEvidenceReminder),
	)
}

// sendEvidenceReminder writes to the managers and owners of a company that there is
// something, never what: a mailbox is read by many.
func (h *House) sendEvidenceReminder(ctx context.Context, t job.Task[evidenceReminder]) error {
	id, name, to, err := h.remindWhom(ctx, t.Args.Evidence)
	if problem.Is(err, "not-found") {
		return nil // taken away meanwhile, or the company has closed
	}
	if err != nil {
		return err
	}
	ja, en := h.texts.In(i18n.JA), h.texts.In(i18n.EN)
	link := h.base + "/orgs/" + id + "/evidence"
	for _, address := range to {
		_, err := h.sender.Send(ctx, mail.Message{
			To: address, Lang: string(i18n.JA), Subject: ja.T("mail.evidence.subject"),
			Text: ja.T("mail.evidence.body", "company", mail.Name(name), "link", link) + "\n\n----\n\n" +
				en.T("mail.evidence.body", "company", mail.Name(name), "link", link) + "\n",
		})
		if err != nil && !errors.Is(err, mail.ErrMessage) && !errors.Is(err, mail.ErrRefused) {
			return err // an address that is refused must not keep the others waiting
		}
	}
	return nil
}

// remindWhom returns the company that evidence belongs to, and the addresses of
// those who look after it.
func (h *House) remindWhom(ctx context.Context, evidence string) (id, name string, to []string, err error) {
	err = h.DB.Read(ctx, func(ctx context.Context) error {
		if id, err = h.Assess.Reminded(ctx, evidence); err != nil {
			return err
		}
		if name, err = h.Org.NameOf(ctx, org.ID(id)); err != nil {
			return err
		}
		members, err := h.Org.Members(ctx, org.ID(id), "", maxColleagues)
		if err != nil {
			return err
		}
		var accounts []string
		for _, m := range members {
			if m.Role >= web.Manager {
				accounts = append(accounts, m.Account)
			}
		}
		people, err := h.people(ctx, accounts)
		for _, a := range accounts {
			if p := people[a]; p.Email != "" {
				to = append(to, p.Email)
			}
		}
		return err
	})
	return id, name, to, err
}

// maxColleagues is how many people of a company a list to choose from holds.
const maxColleagues = 200

// colleagues are the people of a company who can be asked.
func (h *House) colleagues(ctx context.Context, id string) ([]assess.Colleague, error) {
	members, err := h.Org.Members(ctx, org.ID(id), "", maxColleagues)
	if err != nil {
		return nil, err
	}
	var accounts []string
	for _, m := range members {
		if m.Role >= web.Member { // who only looks cannot answer
			accounts = append(accounts, m.Account)
		}
	}
	names, err := h.names(ctx, accounts)
	var all []assess.Colleague
	for _, a := range accounts {
		if names[a] != "" {
			all = append(all, assess.Colleague{Account: a, Name: names[a]})
		}
	}
	return all, err
}
