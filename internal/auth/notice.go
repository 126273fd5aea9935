package auth

import (
	"context"
	"errors"
	"net/url"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// NoticeKind is why a person is written to. Each has a fixed letter: nothing that
// somebody typed stands in it but the person's own name.
type NoticeKind string

// The kinds.
const (
	ConfirmEmail    NoticeKind = "confirm"          // asks whether mail arrives; all that goes to an unconfirmed address
	EmailChanged    NoticeKind = "email-changed"    // to the former address
	PasswordSet     NoticeKind = "password-set"     // password or app changed
	PasswordRemoved NoticeKind = "password-removed" // with its app
	PasskeyAdded    NoticeKind = "passkey-added"
	PasskeyRemoved  NoticeKind = "passkey-removed"
	ProviderLinked  NoticeKind = "provider-linked"
	ProviderRemoved NoticeKind = "provider-removed"
	AccountRecover  NoticeKind = "recovered" // by a link of the operator
)

// noticeFor is how long a letter may wait for a mail server.
const noticeFor = 7 * 24 * time.Hour

// Notice is one letter, as it is when it is sent. To is "" when it is not to be
// sent any more.
type Notice struct {
	Kind     NoticeKind
	To, Name string
	Language string // a register of i18n
	Path     string // of ConfirmEmail: the page to follow, with its secret
	At       time.Time

	account, former string
	confirmed       time.Time
}

func (n *Notice) fields() []any {
	return []any{(*string)(&n.Kind), &n.account, &n.former, db.At(&n.At), &n.Name, &n.To, &n.Language, db.At(&n.confirmed)}
}

// tell keeps a letter to a person and queues its id, inside a write.
func (k *Keeper) tell(ctx context.Context, account string, kind NoticeKind, former string) error {
	if k.notify == nil {
		return nil
	}
	id := db.NewID()
	if kind == ConfirmEmail {
		if _, err := k.newLinkNamed(ctx, id, confirmLink, account); err != nil {
			return err
		}
	}
	_, err := db.Exec(ctx, "INSERT INTO auth_notice (id, account, kind, address, created) VALUES (?, ?, ?, ?, ?)",
		id, account, string(kind), former, k.Now())
	if err != nil {
		return err
	}
	return k.notify(ctx, id)
}

// Notice returns the letter of an id as it is to be sent now. The secret of its
// link is made here, so that neither the database nor the queue held it.
func (k *Keeper) Notice(ctx context.Context, id string) (n Notice, err error) {
	err = k.db.Read(ctx, func(ctx context.Context) (err error) {
		n, err = db.One(ctx, (*Notice).fields, `
			SELECT n.kind, n.account, n.address, n.created, a.name, a.email, a.language, a.confirmed
			FROM auth_notice n JOIN auth_account a ON a.id = n.account WHERE n.id = ?`, id)
		if err != nil || n.Kind != ConfirmEmail {
			return err
		}
		secret := k.keys.Derive(confirmLink, id)
		n.Path = "/account/confirm?" + url.Values{"code": {secret}}.Encode()
		_, err = k.lookAt(ctx, confirmLink, secret)
		return err
	})
	switch {
	case errors.Is(err, db.ErrNone), problem.Is(err, "link-over"):
		return Notice{}, nil // sent already, replaced by a newer one, or too late
	case err != nil:
		return Notice{}, err
	}
	if n.former != "" {
		n.To = n.former
	} else if n.confirmed.IsZero() != (n.Kind == ConfirmEmail) {
		n.To = ""
	}
	return n, nil
}

// NoticeDone forgets a letter that was sent or need not be sent.
func (k *Keeper) NoticeDone(ctx context.Context, id string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM auth_notice WHERE id = ?", id)
		return err
	})
}

// askForConfirmation sends a link to the address of an account, inside a write.
// The one before stops working.
func (k *Keeper) askForConfirmation(ctx context.Context, account string) error {
	return k.tell(ctx, account, ConfirmEmail, "")
}

// AskForConfirmation sends the link once more.
func (k *Keeper) AskForConfirmation(ctx context.Context, account string) error {
	if err := k.try(ctx, "confirm "+account); err != nil {
		return err
	}
	return k.db.Write(ctx, func(ctx context.Context) error {
		a, err := k.Account(ctx, account)
		if err != nil || !a.Confirmed.IsZero() {
			return err
		}
		return k.askForConfirmation(ctx, account)
	})
}

// ConfirmUntil shows a confirmation link without consuming it.
func (k *Keeper) ConfirmUntil(ctx context.Context, code string) (time.Time, error) {
	l, err := k.lookAt(ctx, confirmLink, code)
	return l.expires, err
}

// Confirm consumes a confirmation link: mail to the account's address arrives.
// Whoever holds the link need not be logged in, since it lets nobody in.
func (k *Keeper) Confirm(ctx context.Context, code string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		l, err := k.take(ctx, confirmLink, code)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE auth_account SET confirmed = ? WHERE id = ?", k.Now(), l.account); err != nil {
			return err
		}
		return k.noteBy(ctx, l.account, "auth.email_confirmed", l.account, nil)
	})
}

// MailTo is where other rooms may write to a person: "" until the address is
// confirmed.
func (a Account) MailTo() string {
	if a.Confirmed.IsZero() {
		return ""
	}
	return a.Email
}
