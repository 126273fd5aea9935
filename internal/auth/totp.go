package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

const (
	totpPeriod = 30 // seconds, the default of every app
	totpFor    = time.Hour
	totpSlip   = "totp"
)

// AppSecret is the secret an authenticator app keeps, while it is being set up.
type AppSecret struct {
	Text string // base32, for typing in
	URL  string // otpauth: address, for the QR code
	Slip string // travels with the form; sealed
}

// NewAppSecret makes the secret of an app for an account. Nothing is stored
// until SetPassword proves that the app has it.
func (k *Keeper) NewAppSecret(a Account) (AppSecret, error) {
	b := make([]byte, 20) // 160 bits, as RFC 4226 recommends
	_, _ = rand.Read(b)   // never fails (crypto/rand)
	return k.appSecret(a, base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(b))
}

// SameAppSecret opens the slip of a form that is shown once more.
func (k *Keeper) SameAppSecret(a Account, slip string) (AppSecret, error) {
	var secret string
	if _, err := k.openSlip(totpSlip, a.ID, slip, &secret); err != nil {
		return AppSecret{}, err
	}
	return k.appSecret(a, secret)
}

func (k *Keeper) appSecret(a Account, secret string) (AppSecret, error) {
	slip, err := k.newSlip(totpSlip, a.ID, totpFor, secret)
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/Minamori:" + a.Email,
		RawQuery: "secret=" + secret + "&issuer=Minamori"}
	return AppSecret{Text: secret, URL: u.String(), Slip: slip}, err
}

// SetPassword stores a password together with the app that code proves. They go
// together: a password alone opens nothing. All other sessions end.
func (k *Keeper) SetPassword(ctx context.Context, account, password, slipText, code string) error {
	a, err := k.Account(ctx, account)
	if err != nil {
		return err
	}
	var v problem.Invalid
	checkPassword(&v, password, a.Email)
	var secret string
	_, err = k.openSlip(totpSlip, account, slipText, &secret)
	v.Check(err == nil, "code", "app-again")
	step, ok := matchStep(secret, code, k.now())
	v.Check(ok || err != nil, "code", "code-wrong")
	if err := v.Or(); err != nil {
		return err
	}
	hash, err := k.hashing.hash(ctx, password)
	if err != nil {
		return err
	}
	return k.storePassword(ctx, account, hash, secret, step)
}

func (k *Keeper) storePassword(ctx context.Context, account, hash, secret string, step int64) error {
	sealed := k.keys.seal(totpSlip, account, []byte(secret))
	return k.db.Write(ctx, func(ctx context.Context) error {
		err := k.addWay(ctx, account, PasswordSet, func() error {
			_, err := db.Exec(ctx, `
				INSERT INTO auth_password (account, hash, totp_secret, totp_step, changed) VALUES (?, ?, ?, ?, ?)
				ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, totp_secret = excluded.totp_secret,
					totp_step = excluded.totp_step, changed = excluded.changed`,
				account, hash, sealed, step, k.Now())
			if err != nil {
				return err
			}
			return k.noteRevoked(ctx, passwordSet, account, "")
		})
		if err != nil {
			return err
		}
		return k.endAllBut(ctx, account, web.CallerFrom(ctx).Session)
	})
}

// AddPassword stores a password and the secret of an app, without a proof that
// the person has the app: for the demo and for tests.
func (k *Keeper) AddPassword(ctx context.Context, account, password, secret string) error {
	hash, err := k.hashing.hash(ctx, password)
	if err != nil {
		return err
	}
	return k.storePassword(ctx, account, hash, secret, 0)
}

// matchStep returns the step of the clock that a code belongs to. One step to
// either side is taken: clocks differ, and people type slowly.
func matchStep(secret, code string, now time.Time) (step int64, ok bool) {
	code = digits(code)
	current := now.Unix() / totpPeriod
	for _, s := range []int64{current, current - 1, current + 1} {
		want, err := totp.GenerateCode(secret, time.Unix(s*totpPeriod, 0))
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// digits takes spaces out and turns full-width digits into ASCII.
func digits(code string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r >= '0' && r <= '9':
			return r
		case r == ' ' || r == '　' || r == '-':
			return -1
		}
		return r
	}, code)
}
