package auth

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// RecoveryCodes is how many codes are made at once.
const RecoveryCodes = 10

// recoverySigns leaves out what is mistaken for something else on paper.
const recoverySigns = "23456789abcdefghijkmnpqrstuvwxy"

// NewRecoveryCodes replaces the codes of an account and returns the new ones,
// which are not stored in the clear and cannot be shown again. Each has 79 bits.
func (k *Keeper) NewRecoveryCodes(ctx context.Context, account string) ([]string, error) {
	codes := make([]string, RecoveryCodes)
	for i := range codes {
		codes[i] = newRecoveryCode()
	}
	return codes, k.db.Write(ctx, func(ctx context.Context) error {
		if _, err := db.Exec(ctx, "DELETE FROM auth_recovery WHERE account = ?", account); err != nil {
			return err
		}
		for _, c := range codes {
			if _, err := db.Exec(ctx, "INSERT INTO auth_recovery (hash, account, created) VALUES (?, ?, ?)", k.recoveryHash(account, c), account, k.Now()); err != nil {
				return err
			}
		}
		return k.noteRevoked(ctx, codesMade, account, "")
	})
}

// RecoveryLeft is how many codes of an account are unused.
func (k *Keeper) RecoveryLeft(ctx context.Context, account string) (int, error) {
	return db.Value[int](ctx, "SELECT COUNT(*) FROM auth_recovery WHERE account = ? AND used IS NULL", account)
}

// recoveryOf finds whose recovery code it is among people, without spending it.
// It looks for MaxAtAddress hashes, however many people there are.
func (k *Keeper) recoveryOf(ctx context.Context, all []secrets, code string) (map[string]bool, error) {
	args := make([]any, MaxAtAddress)
	for i := range args {
		account := ""
		if i < len(all) {
			account = all[i].account
		}
		args[i] = k.recoveryHash(account, code)
	}
	found := map[string]bool{}
	err := k.db.Read(ctx, func(ctx context.Context) error {
		rows, err := db.Rows(ctx, func(s *string) []any { return []any{s} },
			"SELECT account FROM auth_recovery WHERE used IS NULL AND hash IN (?"+strings.Repeat(", ?", MaxAtAddress-1)+")", args...)
		for _, account := range rows {
			found[account] = true
		}
		return err
	})
	return found, err
}

// useRecovery spends a code, inside a write.
func (k *Keeper) useRecovery(ctx context.Context, account, code string) (bool, error) {
	hash := k.recoveryHash(account, code)
	n, err := db.Exec(ctx, "UPDATE auth_recovery SET used = ? WHERE hash = ? AND account = ? AND used IS NULL", k.Now(), hash, account)
	if err != nil || n == 0 {
		return false, err
	}
	return true, journal.Note(ctx, journal.Entry{
		At: k.Now(), Actor: account, Verb: codeUsed, Subject: account, Revokes: true, Detail: hex.EncodeToString(hash),
	}, nil)
}

func (k *Keeper) recoveryHash(account, code string) []byte {
	plain := strings.Map(func(r rune) rune {
		if r == '-' || r == ' ' || r == '　' {
			return -1
		}
		return r
	}, strings.ToLower(string(folded(code))))
	return k.keys.Hash("recovery " + account + " " + plain)
}

// newRecoveryCode makes 16 signs in four groups. Bytes above the largest
// multiple of 31 are drawn again, so that no sign is likelier than another.
func newRecoveryCode() string {
	var b strings.Builder
	one := make([]byte, 1)
	for n := 0; n < 16; {
		_, _ = rand.Read(one) // never fails (crypto/rand)
		if one[0] >= 248 {
			continue
		}
		if n > 0 && n%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(recoverySigns[int(one[0])%len(recoverySigns)])
		n++
	}
	return b.String()
}
