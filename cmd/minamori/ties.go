package main

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/internal/web"
)

// What one room may ask of another, as the functions of their configurations.

// people tells org names and addresses of accounts.
func (h *House) people(ctx context.Context, ids []string) (map[string]org.Person, error) {
	accounts, err := h.Accounts.AccountsByID(ctx, ids)
	people := make(map[string]org.Person, len(accounts))
	for id, a := range accounts {
		people[id] = org.Person{Name: a.Name, Email: a.Email}
	}
	return people, err
}

// names tells assess the names of those who answered.
func (h *House) names(ctx context.Context, ids []string) (map[string]string, error) {
	accounts, err := h.Accounts.AccountsByID(ctx, ids)
	names := make(map[string]string, len(accounts))
	for id, a := range accounts {
		names[id] = a.Name
	}
	return names, err
}

// profile tells assess with whom a company is compared.
func (h *House) profile(ctx context.Context, id string) (assess.Profile, error) {
	o, err := h.Org.ByID(ctx, org.ID(id))
	size, _ := o.Size()
	p := assess.Profile{Name: o.Name, Number: o.Number(), Industry: string(o.Industry), Prefecture: string(o.Prefecture)}
	if size != org.SizeUnknown {
		p.SizeClass = string(size)
	}
	if o.Employees != nil {
		p.Depth = depthOf(*o.Employees)
	}
	return p, err
}

// depthOf is how deep a company of so many people is asked at first: one person
// knows everything in a shop of five, nobody does among two hundred.
func depthOf(people int64) int {
	switch {
	case people > 100:
		return 3
	case people > 20:
		return 2
	}
	return 1
}

func (h *House) keepFile(ctx context.Context, orgID string, u web.Upload) (string, error) {
	id, _, err := h.keepEvidence(ctx, orgID, u)
	return id, err
}

// keepEvidence is keepFile that also says what the file is by its digest.
func (h *House) keepEvidence(ctx context.Context, orgID string, u web.Upload) (id, digest string, err error) {
	r, err := u.Open()
	if err != nil {
		return "", "", err
	}
	defer r.Close()
	f, err := h.Files.Put(ctx, orgID, web.CallerFrom(ctx).Account, u.Name, r, web.UploadLimit)
	return f.ID, hex.EncodeToString(f.Digest), err
}

func (h *House) openFile(ctx context.Context, orgID, id string) (web.File, error) {
	f, err := h.Files.Get(ctx, orgID, id)
	if err != nil {
		return web.File{}, err
	}
	return h.Files.AsWebFile(f), nil
}

func (h *House) dropFile(ctx context.Context, orgID, id string) error {
	return h.Files.Delete(ctx, orgID, web.CallerFrom(ctx).Account, id)
}

// invitation is the job that mails an invitation. It holds the id alone.
type invitation struct {
	ID string `json:"id"`
}

// Kind names the job.
func (invitation) Kind() string { return "org.invitation" }

func (h *House) queueInvitation(ctx context.Context, id string) error {
	_, err := h.Jobs.Add(ctx, invitation{id})
	return err
}

// sendInvitation writes the letter in plain Japanese and English: nobody knows
// yet which of them the person reads.
func (h *House) sendInvitation(ctx context.Context, t job.Task[invitation]) error {
	letter, err := h.Org.InvitationMail(ctx, t.Args.ID)
	if err != nil || letter.To == "" {
		return err // an invitation that was revoked meanwhile is not sent
	}
	ja, en := h.texts.In(i18n.JA), h.texts.In(i18n.EN)
	body := func(l *i18n.Localizer) string {
		ctx := i18n.Into(ctx, l)
		return l.T("mail.invitation.body", "org", mail.Name(letter.Org), "number", letter.Number, "inviter", mail.Name(letter.Inviter),
			"role", l.T("org.role."+letter.Role.String()), "link", h.base+letter.Path, "until", i18n.Deadline(ctx, letter.Expires))
	}
	_, err = h.sender.Send(ctx, mail.Message{
		To: letter.To, Lang: string(i18n.JA),
		Subject: ja.T("mail.invitation.subject", "org", mail.Name(letter.Org)),
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

// sweep is the job that removes what is over.
type sweep struct{}

// Kind names the job.
func (sweep) Kind() string { return "house.sweep" }

func (h *House) sweep(ctx context.Context, _ job.Task[sweep]) error {
	return errors.Join(h.Accounts.Sweep(ctx), h.Limits.Sweep(ctx), h.Org.Tidy(ctx), h.Webhook.Tidy(ctx), h.Helper.Tidy(ctx), h.Desk.SweepImports(ctx),
		h.Plan.Tidy(ctx), h.Review.Tidy(ctx))
}

func (h *House) sweepFiles(ctx context.Context, _ job.Task[blob.Sweeping]) error {
	swept, err := h.Files.Sweep(ctx)
	if swept.Missing > 0 {
		h.log.ErrorContext(ctx, "files are missing that rows refer to", slog.Int("missing", swept.Missing))
	}
	return err
}
