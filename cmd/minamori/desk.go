package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/minamori-project/minamori/domain/desk"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// counter builds the room in which the staff of a circle look after companies.
func (h *House) counter() *desk.Room {
	return desk.New(desk.Config{
		DB: h.DB, Now: h.now, Org: h.Org, Texts: h.texts, PublicURL: h.base, Derive: h.Accounts.Derive, Hash: h.Accounts.Hash,
		NewAccountURL: h.Account.NewAccountURL, People: h.names, Progress: h.Assess.Progress,
		StartEmpty: func(ctx context.Context, company string) error {
			return h.Assess.ForgetBehalf(ctx, company, web.CallerFrom(ctx).Account)
		},
		QueueReminder: h.queueReminder, ByLetter: h.boundByLetter,
		Paper: desk.PaperConfig{Assess: h.Assess, Jobs: h.Jobs},
	})
}

// boundByLetter tells binding that a letter arrived. The letter of a desk that the
// operator has not allowed to vouch shows nothing, and the claim goes on without.
func (h *House) boundByLetter(ctx context.Context, company, body string, at time.Time) error {
	named, err := h.Binding.IsBody(ctx, body)
	if err != nil || !named {
		return err
	}
	return h.Binding.ByLetter(ctx, company, body, at)
}

// deskJobs says what sends reminders and takes in lists of members.
func (h *House) deskJobs() error {
	return errors.Join(job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 8}, h.sendReminder), h.listJobs())
}

// deskMenu leads a company to what it lets staff of circles see.
func deskMenu(home string) ui.Link { return ui.Link{Label: ui.T("desk.own.page"), URL: home + "/desk"} }

// reminder is the job that mails a reminder to a company. It holds the id alone.
type reminder struct {
	ID string `json:"id"`
}

// Kind names the job.
func (reminder) Kind() string { return "desk.reminder" }

func (h *House) queueReminder(ctx context.Context, id string) error {
	_, err := h.Jobs.Add(ctx, reminder{id})
	return err
}

// sendReminder says that there is something, never what: a mailbox is read by many.
func (h *House) sendReminder(ctx context.Context, t job.Task[reminder]) error {
	letter, err := h.Desk.ReminderMail(ctx, t.Args.ID)
	if err != nil || letter.To == "" {
		return err // consent that was withdrawn meanwhile
	}
	ja := h.texts.In(i18n.JA)
	_, err = h.sender.Send(ctx, mail.Message{
		To: letter.To, Lang: string(i18n.JA), Subject: ja.T("mail.reminder.subject", "desk", mail.Name(letter.Desk)),
		Text: ja.T("mail.reminder.body", "company", mail.Name(letter.Company), "desk", mail.Name(letter.Desk), "link", h.base, "stop", h.base+letter.Stop) + "\n",
	})
	switch {
	case errors.Is(err, mail.ErrMessage), errors.Is(err, mail.ErrRefused):
		return job.Never(err)
	case errors.Is(err, mail.ErrTooMany):
		return job.Later(10 * time.Minute)
	}
	return err
}

// desks fills the caseload of the chamber: companies with and without letters,
// one opened on behalf, one that claimed and shares, one that wants to be called.
func (r *region) desks() error {
	if len(r.orgs) < 3 {
		return nil
	}
	r.at(30)
	defer r.at(0)
	var circles []org.Circle
	err := r.DB.Read(r.ctx, func(ctx context.Context) (err error) {
		circles, err = r.Org.Circles(ctx, r.orgs[2])
		return err
	})
	if err != nil {
		return err
	}
	for _, c := range circles {
		if c.Operator == r.orgs[2] {
			return r.caseload(desk.DeskIn{Org: c.Operator, Circle: c.ID})
		}
	}
	return nil
}

func (r *region) caseload(in desk.DeskIn) error {
	var rows []desk.CaseData
	for i := range 12 {
		rows = append(rows, desk.CaseData{
			Name: fmt.Sprintf("みほん名簿 %03d（架空）", i+1), Kana: fmt.Sprintf("みほんめいぼ %03d", i+1), Kind: org.KindCompany,
			MemberNumber: fmt.Sprintf("K-%04d", i+1), Person: fmt.Sprintf("連絡 %03d（架空）", i+1), Phone: fmt.Sprintf("03-0000-%04d", i+1),
			Email: fmt.Sprintf("case-%03d@example.jp", i+1), Address: "〒100-0000 架空県見本市1-2-3",
		})
	}
	cases, err := r.Desk.AddCases(r.ctx, in.Org, in.Circle, rows)
	if err != nil {
		return err
	}
	one := func(i int) desk.CaseIn { return desk.CaseIn{Org: in.Org, Circle: in.Circle, Case: cases[i].ID} }
	for i := range 5 {
		if _, err := r.Desk.MakeLetter(r.ctx, one(i)); err != nil {
			return err
		}
	}
	return errors.Join(
		r.Desk.SetSender(r.ctx, in, desk.Sender{Section: "経営支援課　架空", Phone: "03-0000-0000"}),
		r.Desk.OpenCompany(r.ctx, one(5)),
		r.Desk.AddContact(r.ctx, one(1), desk.Met{Kind: desk.ByPhone, Words: "留守でした。", NextDate: i18n.ISO(r.today), NextNote: "もう一度電話する"}),
		r.Desk.AddContact(r.ctx, one(2), desk.Met{Kind: desk.ByVisit, Words: "案内状を手渡しました。"}),
	)
}
