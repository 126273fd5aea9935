package auth

import (
	"context"
	"errors"
	"net/http"
	"net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// Account is a person who can log in.
type Account struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Email    string    `json:"email"`
	Language string    `json:"language"` // a register of i18n
	Operator bool      `json:"operator"` // runs this installation; no right in any organisation
	Created  time.Time `json:"created"`
}

// Person is what a new account is made of.
type Person struct {
	Name, Email string
	Language    string
}

// Lengths of what people type, in characters.
const (
	MaxName  = 80
	MaxEmail = 254
)

const accountColumns = "SELECT id, name, email, language, operator, created FROM auth_account"

func (a *Account) fields() []any {
	return []any{&a.ID, &a.Name, &a.Email, &a.Language, &a.Operator, db.At(&a.Created)}
}

// Account returns an account, or problem.NotFound.
func (k *Keeper) Account(ctx context.Context, id string) (Account, error) {
	return k.one(ctx, accountColumns+" WHERE id = ?", id)
}

func (k *Keeper) byEmail(ctx context.Context, email string) (Account, error) {
	return k.one(ctx, accountColumns+" WHERE email_key = ?", emailKey(email))
}

func (k *Keeper) one(ctx context.Context, query string, args ...any) (a Account, err error) {
	err = k.db.Read(ctx, func(ctx context.Context) (err error) {
		a, err = db.One(ctx, (*Account).fields, query, args...)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return Account{}, problem.NotFound()
	}
	return a, err
}

// AccountsByID returns the accounts of a list by id, in one query; unknown ids
// are left out.
func (k *Keeper) AccountsByID(ctx context.Context, ids []string) (map[string]Account, error) {
	found := make(map[string]Account, len(ids))
	if len(ids) == 0 {
		return found, nil
	}
	args := make([]any, len(ids))
	for i, id := range ids {
		args[i] = id
	}
	query := accountColumns + " WHERE id IN (?" + strings.Repeat(", ?", len(ids)-1) + ")"
	err := k.db.Read(ctx, func(ctx context.Context) error {
		rows, err := db.Rows(ctx, (*Account).fields, query, args...)
		for _, a := range rows {
			found[a.ID] = a
		}
		return err
	})
	return found, err
}

// create makes an account, inside a write.
func (k *Keeper) create(ctx context.Context, p Person, operator bool) (Account, error) {
	p, err := p.clean()
	if err != nil {
		return Account{}, err
	}
	a := Account{ID: db.NewID(), Name: p.Name, Email: p.Email, Language: p.Language, Operator: operator, Created: k.Now()}
	n, err := db.Exec(ctx, `
		INSERT INTO auth_account (id, name, email, email_key, language, operator, created)
		VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (email_key) DO NOTHING`,
		a.ID, a.Name, a.Email, emailKey(a.Email), a.Language, a.Operator, a.Created)
	if err != nil {
		return Account{}, err
	}
	if n == 0 {
		return Account{}, emailTaken()
	}
	return a, k.noteBy(ctx, a.ID, "auth.account_opened", a.ID, map[string]any{"name": a.Name, "email": a.Email, "operator": operator})
}

// CreateAccount makes an account without a proof that the person may have one:
// for the demo and for tests. It has no way to log in yet.
func (k *Keeper) CreateAccount(ctx context.Context, p Person, operator bool) (a Account, err error) {
	err = k.db.Write(ctx, func(ctx context.Context) (err error) {
		a, err = k.create(ctx, p, operator)
		return err
	})
	return a, err
}

// Rename changes the name that others see.
func (k *Keeper) Rename(ctx context.Context, account, name string) error {
	name = tidy(name)
	var v problem.Invalid
	checkName(&v, name)
	if err := v.Or(); err != nil {
		return err
	}
	return k.change(ctx, account, "auth.renamed", map[string]string{"name": name},
		"UPDATE auth_account SET name = ? WHERE id = ?", name, account)
}

// SetLanguage changes the register in which mail reaches the person.
func (k *Keeper) SetLanguage(ctx context.Context, account, language string) error {
	lang, ok := i18n.Known(language)
	if !ok {
		lang = i18n.JA
	}
	return k.change(ctx, account, "auth.language_set", nil,
		"UPDATE auth_account SET language = ? WHERE id = ?", string(lang), account)
}

// SetEmail changes the address. It is a step-up act: who holds the address gets
// the messages that concern the account.
func (k *Keeper) SetEmail(ctx context.Context, account, email string) error {
	email = tidy(email)
	var v problem.Invalid
	checkEmail(&v, email)
	if err := v.Or(); err != nil {
		return err
	}
	// The answer tells whether an address has an account, so nobody asks often.
	if err := k.try(ctx, "address "+account); err != nil {
		return err
	}
	return k.db.Write(ctx, func(ctx context.Context) error {
		owner, err := db.Value[string](ctx, "SELECT id FROM auth_account WHERE email_key = ?", emailKey(email))
		switch {
		case err == nil && owner != account:
			return emailTaken()
		case err != nil && !errors.Is(err, db.ErrNone):
			return err
		}
		return k.change(ctx, account, "auth.email_set", map[string]string{"email": email},
			"UPDATE auth_account SET email = ?, email_key = ? WHERE id = ?", email, emailKey(email), account)
	})
}

// change runs one statement on an account and journals it.
func (k *Keeper) change(ctx context.Context, account, verb string, words any, query string, args ...any) error {
	return k.alter(ctx, func(ctx context.Context) error { return k.note(ctx, verb, account, words) }, query, args...)
}

// takeAway is change for what must not come back with an older copy.
func (k *Keeper) takeAway(ctx context.Context, account, verb, detail, query string, args ...any) error {
	return k.alter(ctx, func(ctx context.Context) error { return k.noteRevoked(ctx, verb, account, detail) }, query, args...)
}

func (k *Keeper) alter(ctx context.Context, note func(context.Context) error, query string, args ...any) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, query, args...)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.NotFound()
		}
		return note(ctx)
	})
}

func (p Person) clean() (Person, error) {
	p.Name, p.Email = tidy(p.Name), tidy(p.Email)
	lang, ok := i18n.Known(p.Language)
	if !ok {
		lang = i18n.JA
	}
	p.Language = string(lang)
	var v problem.Invalid
	checkName(&v, p.Name)
	checkEmail(&v, p.Email)
	return p, v.Or()
}

// keys: field.account-name, field.account-name-long, field.account-name-signs, field.account-email, field.account-email-taken
func checkName(v *problem.Invalid, name string) {
	switch {
	case name == "":
		v.Add("name", "account-name")
	case utf8.RuneCountInString(name) > MaxName:
		v.Add("name", "account-name-long", "n", MaxName)
	case strings.ContainsFunc(name, hidden):
		v.Add("name", "account-name-signs")
	}
}

func checkEmail(v *problem.Invalid, email string) {
	a, err := mail.ParseAddress(email)
	ok := err == nil && a.Address == email && len(email) <= MaxEmail && !strings.ContainsFunc(email, hidden)
	v.Check(ok, "email", "account-email")
}

func emailTaken() error {
	return &problem.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Args: []any{"n", 1},
		Fields: []problem.Field{{Name: "email", Code: "account-email-taken"}}}
}

// hidden says that a sign is invisible or turns the direction of writing: with
// those a name can look like another (threats T25). Variation selectors are
// part of Japanese names (葛󠄀).
func hidden(r rune) bool {
	if r >= 0xE0100 && r <= 0xE01EF || r >= 0xFE00 && r <= 0xFE0F {
		return false
	}
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp) || r == utf8.RuneError ||
		unicode.Is(unicode.Other_Default_Ignorable_Code_Point, r) || r == 0x2800
}

func tidy(s string) string { return strings.TrimSpace(norm.NFC.String(s)) }

// emailKey is one key for the spellings of one address.
func emailKey(email string) string {
	return strings.ToLower(norm.NFKC.String(strings.TrimSpace(email)))
}
