package auth

import (
	"context"
	"encoding/hex"
	"fmt"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

// The verbs of what is taken away; Replay knows each of them.
const (
	sessionEnded    = "auth.session_ended"
	sessionsEnded   = "auth.sessions_ended"
	tokenRevoked    = "auth.token_revoked"
	passkeyRemoved  = "auth.passkey_removed"
	passwordRemoved = "auth.password_removed"
	passwordSet     = "auth.password_set" // takes the password before it away
	operatorUnmade  = "auth.operator_unmade"
	codesMade       = "auth.codes_made" // takes the codes before them away
	codeUsed        = "auth.code_used"
	oldWaysRemoved  = "auth.old_ways_removed" // all that is older than its detail
	providerRemoved = "auth.provider_removed"
)

// Replay does again, after a restore of an older copy, what an entry took away.
// What is unknown or gone already is left alone. Where something newer had taken
// the place (a password, recovery codes), the newer is lost with the time after
// the copy, and the person is helped by a recovery link.
func (k *Keeper) Replay(ctx context.Context, e journal.Entry) error {
	var query string
	args := []any{e.Subject}
	switch e.Verb {
	case sessionEnded:
		query, args = "DELETE FROM auth_session WHERE account = ? AND id = ?", append(args, e.Detail)
	case sessionsEnded:
		query, args = "DELETE FROM auth_session WHERE account = ? AND id <> ?", append(args, e.Detail)
	case tokenRevoked:
		query, args = "UPDATE auth_token SET revoked = ? WHERE id = ? AND org_id = ? AND revoked IS NULL", []any{e.At, e.Subject, e.Org}
	case passkeyRemoved:
		query, args = "DELETE FROM auth_passkey WHERE account = ? AND id = ?", append(args, e.Detail)
	case passwordRemoved, passwordSet:
		query, args = "DELETE FROM auth_password WHERE account = ? AND changed < ?", append(args, e.At)
	case operatorUnmade:
		query, args = "UPDATE auth_account SET operator = ? WHERE id = ?", []any{false, e.Subject}
	case codesMade:
		query, args = "DELETE FROM auth_recovery WHERE account = ? AND created < ?", append(args, e.At)
	case oldWaysRemoved:
		return dropOlder(ctx, e.Subject, e.Detail)
	case providerRemoved:
		query, args = "DELETE FROM auth_identity WHERE account = ? AND id = ?", append(args, e.Detail)
	case codeUsed:
		hash, err := hex.DecodeString(e.Detail)
		if err != nil {
			return fmt.Errorf("auth: detail of %s: %w", e.Verb, err)
		}
		query, args = "UPDATE auth_recovery SET used = ? WHERE account = ? AND hash = ? AND used IS NULL", []any{e.At, e.Subject, hash}
	case accountErased:
		_, err := eraseAccount(ctx, e.Subject)
		return err
	default:
		return fmt.Errorf("auth: %q is not replayed", e.Verb)
	}
	_, err := db.Exec(ctx, query, args...)
	return err
}

// Void ends every session and one-time link: a copy may have been read by others,
// and what it holds of them may have ended since. It joins the caller's
// transaction.
func (k *Keeper) Void(ctx context.Context) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		for _, query := range []string{"DELETE FROM auth_session", "DELETE FROM auth_link"} {
			if _, err := db.Exec(ctx, query); err != nil {
				return err
			}
		}
		return nil
	})
}
