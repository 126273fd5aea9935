package auth

import (
	"context"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// Identity is who an account is at a provider.
type Identity struct {
	ID       string    `json:"id"`
	Issuer   string    `json:"issuer"`
	Subject  string    `json:"-"`
	Label    string    `json:"label"` // what the provider calls the person
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"last_used"` // zero: never

	// CorporateNumber is the company for which the provider said, at the last
	// login, that the person acts; "" when it said none.
	CorporateNumber string `json:"corporate_number,omitempty"`

	Provider Provider `json:"-"` // of the configuration; zero when it is no longer there
}

func (i *Identity) fields() []any {
	return []any{&i.ID, &i.Issuer, &i.Subject, &i.Label, db.At(&i.Created), db.At(&i.LastUsed), &i.CorporateNumber}
}

// Identities lists who an account is at providers, the oldest first.
func (k *Keeper) Identities(ctx context.Context, account string) ([]Identity, error) {
	all, err := db.Rows(ctx, (*Identity).fields, `
		SELECT id, issuer, subject, label, created, last_used, corporate_number FROM auth_identity
		WHERE account = ? ORDER BY created, id`, account)
	for i := range all {
		for _, p := range k.providers {
			if p.Issuer == all[i].Issuer {
				all[i].Provider = p.Provider
			}
		}
	}
	return all, err
}

// meet finds whose identity it is and notes its use, inside a write; db.ErrNone
// when nobody's.
func (k *Keeper) meet(ctx context.Context, w who) (account string, err error) {
	account, err = db.Value[string](ctx, `
		UPDATE auth_identity SET last_used = ?, label = ?, corporate_number = ? WHERE issuer = ? AND subject = ? RETURNING account`,
		k.Now(), w.label, w.corporateNumber, w.issuer, w.subject)
	if err != nil {
		return "", err
	}
	return account, k.speak(ctx, account, w)
}

// speak passes on what a provider says of a company.
func (k *Keeper) speak(ctx context.Context, account string, w who) error {
	if k.speaksFor == nil || w.corporateNumber == "" {
		return nil
	}
	return k.speaksFor(ctx, account, w.issuer, w.subject, w.corporateNumber)
}

// linkTo adds an identity to an account, inside a write. One belongs to one
// account alone.
// keys: problem.provider-taken.title, problem.provider-taken.hint
func (k *Keeper) linkTo(ctx context.Context, account string, w who) error {
	return k.addWay(ctx, account, ProviderLinked, func() error {
		n, err := db.Exec(ctx, `
			INSERT INTO auth_identity (id, account, issuer, subject, label, corporate_number, created)
			VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (issuer, subject) DO NOTHING`,
			db.NewID(), account, w.issuer, w.subject, w.label, w.corporateNumber, k.Now())
		if err == nil && n == 0 {
			err = problem.New(http.StatusConflict, "provider-taken")
		}
		if err != nil {
			return err
		}
		if err := k.speak(ctx, account, w); err != nil {
			return err
		}
		return k.note(ctx, "auth.provider_linked", account, map[string]string{"issuer": w.issuer, "name": w.label})
	})
}

// RemoveIdentity takes a provider away from an account. The last way to log in
// stays.
func (k *Keeper) RemoveIdentity(ctx context.Context, account, id string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		err := k.takeAway(ctx, account, providerRemoved, id, "DELETE FROM auth_identity WHERE id = ? AND account = ?", id, account)
		if err != nil {
			return err
		}
		if err := k.keepOne(ctx, account); err != nil {
			return err
		}
		return k.tell(ctx, account, ProviderRemoved, "")
	})
}
