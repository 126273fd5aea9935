package auth

import (
	"context"
	"errors"
	"net/http"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Proof is what somebody types to log in: a password, and the code of the app
// or a recovery code. A recovery code alone does for an account that has no
// password, because its device with the passkey may be lost.
type Proof struct {
	Email, Password, Code string
}

// wrong answers every login that fails, whatever was wrong.
// keys: problem.login-wrong.title, problem.login-wrong.hint
func wrong() error { return problem.New(http.StatusUnprocessableEntity, "login-wrong") }

// secrets is what an account has to compare a proof with.
type secrets struct {
	account, hash string
	sealed        []byte
}

func (s *secrets) fields() []any { return []any{&s.account, db.Maybe(&s.hash), &s.sealed} }

// Login checks a proof and begins a session.
func (k *Keeper) Login(ctx context.Context, p Proof, remember bool) (g Grant, err error) {
	if err := k.try(ctx, emailKey(p.Email)); err != nil {
		return g, err
	}
	s, err := k.secretsOf(ctx, "a.email_key = ?", emailKey(p.Email))
	if err != nil {
		return g, err
	}
	err = k.prove(ctx, s, p, func(ctx context.Context) (err error) {
		g, err = k.start(ctx, s.account, "auth.logged_in", remember, false)
		return err
	})
	return g, err
}

// StepUp checks a proof of the person who is logged in and gives the session a
// new token.
func (k *Keeper) StepUp(ctx context.Context, password, code string) (g Grant, err error) {
	c := web.CallerFrom(ctx)
	if err := k.try(ctx, c.Account); err != nil {
		return g, err
	}
	s, err := k.secretsOf(ctx, "a.id = ?", c.Account)
	if err != nil {
		return g, err
	}
	err = k.prove(ctx, s, Proof{Password: password, Code: code}, func(ctx context.Context) (err error) {
		g, err = k.raise(ctx, c)
		return err
	})
	return g, err
}

// secretsOf finds what to compare with; nothing found is an empty secrets.
func (k *Keeper) secretsOf(ctx context.Context, where, value string) (s secrets, err error) {
	err = k.db.Read(ctx, func(ctx context.Context) (err error) {
		s, err = db.One(ctx, (*secrets).fields, `
			SELECT a.id, p.hash, p.totp_secret FROM auth_account a LEFT JOIN auth_password p ON p.account = a.id
			WHERE `+where, value)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return secrets{}, nil
	}
	return s, err
}

// prove compares, and runs then in the transaction that spends the code. An
// account that does not exist costs the same: one argon2, one look for a
// recovery code, and no write.
func (k *Keeper) prove(ctx context.Context, s secrets, p Proof, then func(context.Context) error) error {
	right, err := k.hashing.matches(ctx, p.Password, s.hash)
	if err != nil {
		return err
	}
	recovers, err := k.hasRecovery(ctx, s.account, p.Code)
	if err != nil {
		return err
	}
	within, err := k.tryCode(ctx, s.account, right, 1)
	if err != nil {
		return err
	}
	if s.hash == "" && !recovers || s.hash != "" && !within {
		return wrong()
	}
	return k.db.Write(ctx, func(ctx context.Context) error {
		ok, err := k.useCode(ctx, s, p.Code)
		if err != nil {
			return err
		}
		if !ok {
			return wrong()
		}
		return then(ctx)
	})
}

// useCode spends the code of the app or a recovery code.
func (k *Keeper) useCode(ctx context.Context, s secrets, code string) (bool, error) {
	if s.hash == "" {
		return k.useRecovery(ctx, s.account, code)
	}
	secret, err := k.keys.open(totpSlip, s.account, s.sealed)
	if err != nil {
		return false, err
	}
	step, ok := matchStep(string(secret), code, k.now())
	if !ok {
		return k.useRecovery(ctx, s.account, code)
	}
	n, err := db.Exec(ctx, "UPDATE auth_password SET totp_step = ? WHERE account = ? AND totp_step < ?", step, s.account, step)
	return n == 1, err
}
