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

	// Confirmed is when the person showed that mail to the address arrives; zero
	// until then, and nothing but the question goes there.
	Confirmed time.Time `json:"confirmed"`
}

// Person is what a new account is made of.
type Person struct {
	Name, Email string
	Language    string
	Shared      bool // knows that others have an account at this address
}

// MaxAtAddress is how many accounts one address may have: a login looks at each.
const MaxAtAddress = 10

// Lengths of what people type, in characters.
const (
	MaxName  = 80
	MaxEmail = 254
)

const accountColumns = "SELECT id, name, email, language, operator, created, confirmed FROM auth_account"

func (a *Account) fields() []any {
	return []any{&a.ID, &a.Name, &a.Email, &a.Language, &a.Operator, db.At(&a.Created), db.At(&a.Confirmed)}
}

// Account returns an account, or problem.NotFound.
func (k *Keeper) Account(ctx context.Context, id string) (Account, error) {
	return k.one(ctx, accountColumns+" WHERE id = ?", id)
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

// create makes an account, inside a write. confirmed says that mail to the
// address is known to reach the person.
func (k *Keeper) create(ctx context.Context, p Person, operator, confirmed bool) (Account, error) {
	p, err := p.clean()
	if err != nil {
		return Account{}, err
	}
	a := Account{ID: db.NewID(), Name: p.Name, Email: p.Email, Language: p.Language, Operator: operator, Created: k.Now()}
	if err := roomAt(ctx, p.Email, a.ID, p.Shared); err != nil {
		return Account{}, err
	}
	if confirmed {
		a.Confirmed = a.Created
	}
	key := emailKey(a.Email)
	_, err = db.Exec(ctx, `
		INSERT INTO auth_account (id, name, email, email_key, address_key, language, operator, created, confirmed)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		a.ID, a.Name, a.Email, key+" "+a.ID, key, a.Language, a.Operator, a.Created, a.Confirmed)
	if err != nil {
		return Account{}, err
	}
	if !confirmed {
		if err := k.askForConfirmation(ctx, a.ID); err != nil {
			return Account{}, err
		}
	}
	return a, k.noteBy(ctx, a.ID, "auth.account_opened", a.ID, map[string]any{"name": a.Name, "email": a.Email, "operator": operator})
}

// CreateAccount makes an account without a proof that the person may have one:
// for the demo and for tests. It has no way to log in yet, and its address counts
// as confirmed.
func (k *Keeper) CreateAccount(ctx context.Context, p Person, operator bool) (a Account, err error) {
	err = k.db.Write(ctx, func(ctx context.Context) (err error) {
		p.Shared = true
		a, err = k.create(ctx, p, operator, true)
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
// shared says that the person knows of others there. The former address is told.
func (k *Keeper) SetEmail(ctx context.Context, account, email string, shared bool) error {
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
		a, err := k.Account(ctx, account)
		if err != nil || a.Email == email {
			return err
		}
		if err := roomAt(ctx, email, account, shared); err != nil {
			return err
		}
		key := emailKey(email)
		err = k.change(ctx, account, "auth.email_set", map[string]string{"email": email},
			"UPDATE auth_account SET email = ?, email_key = ?, address_key = ?, confirmed = ? WHERE id = ?",
			email, key+" "+account, key, nil, account)
		if err != nil {
			return err
		}
		if !a.Confirmed.IsZero() {
			if err := k.tell(ctx, account, EmailChanged, a.Email); err != nil {
				return err
			}
		}
		return k.askForConfirmation(ctx, account)
	})
}

// roomAt says whether one more account may have an address. Who does not say
// that he shares it is asked: most have only forgotten their account.
// keys: field.account-email-taken, field.account-email-full
func roomAt(ctx context.Context, email, account string, shared bool) error {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM auth_account WHERE address_key = ? AND id <> ?", emailKey(email), account)
	switch {
	case err != nil:
		return err
	case n >= MaxAtAddress:
		return emailProblem("account-email-full")
	case n > 0 && !shared:
		return emailProblem("account-email-taken")
	}
	return nil
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

// keys: field.account-name, field.account-name-long, field.account-name-signs, field.account-email
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

func emailProblem(code string) error {
	return &problem.Problem{Status: http.StatusUnprocessableEntity, Code: "invalid", Args: []any{"n", 1},
		Fields: []problem.Field{{Name: "email", Code: code, Args: []any{"n", MaxAtAddress}}}}
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
