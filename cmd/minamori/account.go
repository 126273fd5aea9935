package main

import (
	"context"
	"errors"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/ui"
)

// providersFile lists the OpenID providers of the installation, in the data folder.
const providersFile = "providers.yaml"

// openLogins adds to the settings of the accounts what logs in elsewhere and what
// writes to people.
func (h *House) openLogins(cfg auth.Config) (auth.Config, error) {
	providers, err := auth.LoadProviders(filepath.Join(h.store.Data, providersFile))
	cfg.Providers, cfg.HTTP, cfg.Notify = providers, h.Fetch.HTTPClient(), h.queueAccountLetter
	cfg.SpeaksFor, h.providers = h.speaksFor, providers
	return cfg, err
}

// accountLetter is the job that writes to a person about his account. It holds
// the id alone.
type accountLetter struct {
	ID string `json:"id"`
}

// Kind names the job.
func (accountLetter) Kind() string { return "auth.letter" }

func (h *House) queueAccountLetter(ctx context.Context, id string) error {
	_, err := h.Jobs.Add(ctx, accountLetter{id})
	return err
}

// handleAccountLetters says what does the job.
func (h *House) handleAccountLetters() error {
	return job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 8}, h.sendAccountLetter)
}

func (h *House) sendAccountLetter(ctx context.Context, t job.Task[accountLetter]) error {
	n, err := h.Accounts.Notice(ctx, t.Args.ID)
	if err != nil {
		return err
	}
	if n.To != "" { // else it is over, or the address is not confirmed
		if err := h.writeAccountLetter(ctx, n); err != nil {
			return err
		}
	}
	return h.Accounts.NoticeDone(ctx, t.Args.ID)
}

// writeAccountLetter fills a fixed letter: nothing that anybody typed stands in
// it but the person's own name, and no link but the one that was asked for.
// keys: mail.account.what.email-changed, mail.account.what.password-set, mail.account.what.password-removed,
// keys: mail.account.what.passkey-added, mail.account.what.passkey-removed, mail.account.what.provider-linked,
// keys: mail.account.what.provider-removed, mail.account.what.recovered
func (h *House) writeAccountLetter(ctx context.Context, n auth.Notice) error {
	lang, ok := i18n.Known(n.Language)
	if !ok {
		lang = i18n.JA
	}
	l := h.texts.In(lang)
	m := mail.Message{To: n.To, Lang: string(lang)}
	if n.Kind == auth.ConfirmEmail {
		m.Subject = l.T("mail.account.confirm.subject")
		m.Text = l.T("mail.account.confirm.body", "name", mail.Name(n.Name), "link", h.base+n.Path)
	} else {
		m.Subject = l.T("mail.account.changed.subject")
		m.Text = l.T("mail.account.changed.body", "name", mail.Name(n.Name),
			"at", i18n.Deadline(i18n.Into(ctx, l), n.At), "what", l.T("mail.account.what."+string(n.Kind)))
	}
	_, err := h.sender.Send(ctx, m)
	switch {
	case errors.Is(err, mail.ErrMessage), errors.Is(err, mail.ErrRefused):
		return job.Never(err)
	case errors.Is(err, mail.ErrTooMany):
		return job.Later(10 * time.Minute)
	}
	return err
}

// invitedAt tells the address to which the invitation behind a path was mailed.
func (h *House) invitedAt(ctx context.Context, path string) (string, error) {
	u, err := url.Parse(path)
	if err != nil {
		return "", nil
	}
	id, ok := strings.CutPrefix(u.Path, "/invitations/")
	if !ok {
		return "", nil
	}
	letter, err := h.Org.InvitationMail(ctx, id)
	if problem.Is(err, "not-found") {
		return "", nil
	}
	return letter.To, err
}

// personMenu shows on every page whose session it is, and how the next person
// takes over.
func personMenu(name string) []ui.Link {
	return []ui.Link{
		{Label: ui.T("account.menu.me", "name", name), URL: "/account"},
		{Label: ui.T("account.menu.change"), URL: "/people-here"},
		{Label: ui.T("menu.logout"), URL: "/logout", Post: true},
	}
}
