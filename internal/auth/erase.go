package auth

import (
	"context"
	"strings"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
)

const accountErased = "auth.account_erased"

// EndAll ends every session of an account, the one that asks among them: part of
// leaving the last organisation (threats T21). It joins the caller's transaction.
func (k *Keeper) EndAll(ctx context.Context, account string) error {
	return k.db.Write(ctx, func(ctx context.Context) error { return k.endAllBut(ctx, account, "") })
}

// Erase removes an account and everything that hangs on it, on request of its
// person. What the account did elsewhere keeps its id, which names nobody any
// more. An account that has gone is fine. It joins the caller's transaction.
func (k *Keeper) Erase(ctx context.Context, account string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		n, err := eraseAccount(ctx, account)
		if err != nil || n == 0 {
			return err
		}
		return journal.Note(ctx, journal.Entry{At: k.Now(), Actor: "system", Verb: accountErased, Subject: account, Revokes: true}, nil)
	})
}

func eraseAccount(ctx context.Context, account string) (int64, error) {
	for _, table := range strings.Fields("passkey password recovery session link token identity notice") {
		if _, err := db.Exec(ctx, "DELETE FROM auth_"+table+" WHERE account = ?", account); err != nil {
			return 0, err
		}
	}
	return db.Exec(ctx, "DELETE FROM auth_account WHERE id = ?", account)
}

// Close removes the API tokens of an organisation that is closed.
func (k *Keeper) Close(ctx context.Context, org string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM auth_token WHERE org_id = ?", org)
		return err
	})
}
