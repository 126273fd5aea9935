package auth

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"log/slog"
	"net/http"
	"strconv"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Proof is what somebody types to log in: a password, and the code of the app
// or a recovery code. A recovery code alone does for an account that has no
// password, because its device with the passkey may be lost.
type Proof struct {
	Email, Password, Code string
	Account               string // instead of the address, for a person whom this device remembers
}

// wrong answers every login that fails, whatever was wrong.
// keys: problem.login-wrong.title, problem.login-wrong.hint
func wrong() error { return problem.New(http.StatusUnprocessableEntity, "login-wrong") }

// refused notes that a login failed, with the id of the person where an address
// has one: the operator sees who is being guessed at, and no address or name.
func (k *Keeper) refused(ctx context.Context, all []secrets) error {
	account := ""
	if len(all) == 1 {
		account = all[0].account
	}
	k.log.InfoContext(ctx, "login refused", slog.String("request", web.RequestID(ctx)), slog.String("whose", account))
	return wrong()
}

// secrets is what an account has to compare a proof with.
type secrets struct {
	account, hash string
	sealed        []byte
}

func (s *secrets) fields() []any { return []any{&s.account, db.Maybe(&s.hash), &s.sealed} }

// Login checks a proof and begins a session. Where several people share the
// address, the code tells which of them it is.
func (k *Keeper) Login(ctx context.Context, p Proof, remember bool) (g Grant, err error) {
	where, value := "a.address_key = ?", emailKey(p.Email)
	if p.Account != "" {
		where, value = "a.id = ?", p.Account
	}
	if err := k.try(ctx, value); err != nil {
		return g, err
	}
	all, err := k.secretsOf(ctx, where, value)
	if err != nil {
		return g, err
	}
	err = k.prove(ctx, all, p, func(ctx context.Context, account string) (err error) {
		g, err = k.start(ctx, account, "auth.logged_in", remember, false)
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
	all, err := k.secretsOf(ctx, "a.id = ?", c.Account)
	if err != nil {
		return g, err
	}
	err = k.prove(ctx, all, Proof{Password: password, Code: code}, func(ctx context.Context, _ string) (err error) {
		g, err = k.raise(ctx, c)
		return err
	})
	return g, err
}

// secretsOf finds what to compare with, of at most MaxAtAddress people.
func (k *Keeper) secretsOf(ctx context.Context, where, value string) (all []secrets, err error) {
	err = k.db.Read(ctx, func(ctx context.Context) (err error) {
		all, err = db.Rows(ctx, (*secrets).fields, `
			SELECT a.id, p.hash, p.totp_secret FROM auth_account a LEFT JOIN auth_password p ON p.account = a.id
			WHERE `+where+` ORDER BY a.created, a.id LIMIT `+strconv.Itoa(MaxAtAddress), value)
		return err
	})
	return all, err
}

// prove compares, and runs then in the transaction that spends the code. The work
// is the same for an address of nobody, of one person and of ten: one look for
// codes and one argon2. So the code decides whose password is compared. When it
// is nobody's, chance decides, and a right password then counts for as many tries
// as there are people: nobody gets more guesses at a code by sharing an address.
func (k *Keeper) prove(ctx context.Context, all []secrets, p Proof, then func(context.Context, string) error) error {
	s, fits, err := k.whose(ctx, all, p.Code)
	if err != nil {
		return err
	}
	weight := 1
	if !fits && len(all) > 0 {
		s, weight = all[chance(len(all))], len(all)
	}
	right, err := k.hashing.matches(ctx, p.Password, s.hash)
	if err != nil {
		return err
	}
	within, err := k.tryCode(ctx, s.account, right, weight)
	if err != nil {
		return err
	}
	if !fits || s.hash != "" && !within {
		return k.refused(ctx, all)
	}
	return k.db.Write(ctx, func(ctx context.Context) error {
		ok, err := k.useCode(ctx, s, p.Code)
		if err != nil {
			return err
		}
		if !ok {
			return k.refused(ctx, all)
		}
		return then(ctx, s.account)
	})
}

// whose finds the person whose code it is, without spending it: that of the app,
// or a recovery code. It looks MaxAtAddress times, however many people there are.
func (k *Keeper) whose(ctx context.Context, all []secrets, code string) (found secrets, fits bool, err error) {
	recovers, err := k.recoveryOf(ctx, all, code)
	if err != nil {
		return found, false, err
	}
	for i := range MaxAtAddress {
		s := secrets{}
		if i < len(all) {
			s = all[i]
		}
		secret := []byte(noSecret)
		if s.hash != "" {
			if secret, err = k.keys.open(totpSlip, s.account, s.sealed); err != nil {
				return found, false, err
			}
		}
		_, ok := matchStep(string(secret), code, k.now())
		if ok = ok && s.hash != "" || recovers[s.account] && s.account != ""; ok && !fits {
			found, fits = s, true
		}
	}
	return found, fits, nil
}

// noSecret stands for the app of somebody who does not exist.
const noSecret = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// chance is one of n, evenly enough for n up to MaxAtAddress.
func chance(n int) int {
	var b [2]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand)
	return int(binary.BigEndian.Uint16(b[:])) % n
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
