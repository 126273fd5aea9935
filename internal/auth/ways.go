package auth

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// ways is how an account can log in now.
type ways struct{ passkeys, passwords, identities int }

func (w ways) n() int { return w.passkeys + w.passwords + w.identities }

// waysOf counts what works here today: passkeys of this host, and identities at
// providers that are still in use.
func (k *Keeper) waysOf(ctx context.Context, account string) (ways, error) {
	known, args := k.issuers()
	args = append([]any{account, k.host, account, account}, args...)
	return db.One(ctx, func(w *ways) []any { return []any{&w.passkeys, &w.passwords, &w.identities} }, `
		SELECT (SELECT COUNT(*) FROM auth_passkey WHERE account = ? AND rp_id = ?),
			(SELECT COUNT(*) FROM auth_password WHERE account = ?),
			(SELECT COUNT(*) FROM auth_identity WHERE account = ? AND issuer IN (`+known+`))`, args...)
}

// issuers are the providers in use, for a list in SQL.
func (k *Keeper) issuers() (marks string, args []any) {
	args = []any{""} // no provider has this name, and an empty list is no SQL
	for _, p := range k.providers {
		args = append(args, p.Issuer)
	}
	return strings.Repeat("?, ", len(args)-1) + "?", args
}

// keepOne refuses a removal that left no way in; it runs after the removal, in
// the same write.
// keys: problem.last-way.title, problem.last-way.hint
func (k *Keeper) keepOne(ctx context.Context, account string) error {
	w, err := k.waysOf(ctx, account)
	if err == nil && w.n() == 0 {
		return problem.New(http.StatusConflict, "last-way")
	}
	return err
}

// addWay runs what adds a way in, and writes to the person unless it is the
// first: then nobody else can have been there. It runs inside a write.
func (k *Keeper) addWay(ctx context.Context, account string, kind NoticeKind, add func() error) error {
	before, err := k.waysOf(ctx, account)
	if err != nil {
		return err
	}
	if err := add(); err != nil {
		return err
	}
	if err := k.settle(ctx, account); err != nil || before.n() == 0 {
		return err
	}
	return k.tell(ctx, account, kind, "")
}

// OldWays is what an account could log in with before a moment.
type OldWays struct {
	Passkeys   []Passkey
	Identities []Identity
	Password   bool
	Codes      int  // unused recovery codes
	New        bool // something to log in with was set up since
}

// Empty says that nothing old is left.
func (o OldWays) Empty() bool {
	return len(o.Passkeys) == 0 && len(o.Identities) == 0 && !o.Password && o.Codes == 0
}

// OldWays lists what is older than the session that asks: after a recovery, what
// somebody else may hold.
func (k *Keeper) OldWays(ctx context.Context, account, session string) (o OldWays, err error) {
	since, err := k.begun(ctx, account, session)
	if err != nil {
		return o, err
	}
	keys, err := k.Passkeys(ctx, account)
	if err != nil {
		return o, err
	}
	for _, key := range keys {
		if key.Created.Before(since) {
			o.Passkeys = append(o.Passkeys, key)
		}
	}
	all, err := k.Identities(ctx, account)
	if err != nil {
		return o, err
	}
	for _, i := range all {
		if i.Created.Before(since) {
			o.Identities = append(o.Identities, i)
		}
	}
	w, err := k.waysOf(ctx, account)
	if err != nil {
		return o, err
	}
	old, err := db.Value[int](ctx, "SELECT COUNT(*) FROM auth_password WHERE account = ? AND changed < ?", account, since)
	if err != nil {
		return o, err
	}
	o.Password = old > 0
	o.New = w.n() > len(o.Passkeys)+len(o.Identities)+old
	o.Codes, err = db.Value[int](ctx, "SELECT COUNT(*) FROM auth_recovery WHERE account = ? AND used IS NULL AND created < ?", account, since)
	return o, err
}

func (k *Keeper) begun(ctx context.Context, account, session string) (t time.Time, err error) {
	return db.One(ctx, func(t *time.Time) []any { return []any{db.At(t)} },
		"SELECT created FROM auth_session WHERE id = ? AND account = ?", session, account)
}

// RemoveOldWays removes all that OldWays lists, in one step. What was set up
// since must be enough to log in.
func (k *Keeper) RemoveOldWays(ctx context.Context, account, session string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		since, err := k.begun(ctx, account, session)
		if err != nil {
			return err
		}
		if err := k.dropWays(ctx, account, since); err != nil {
			return err
		}
		return k.keepOne(ctx, account)
	})
}

// dropWays removes what an account could log in with before a moment, on every
// host and at every provider, inside a write.
func (k *Keeper) dropWays(ctx context.Context, account string, since time.Time) error {
	if err := dropOlder(ctx, account, db.Text(since)); err != nil {
		return err
	}
	return k.noteRevoked(ctx, oldWaysRemoved, account, db.Text(since))
}

func dropOlder(ctx context.Context, account, since string) error {
	for _, query := range []string{
		"DELETE FROM auth_passkey WHERE account = ? AND created < ?",
		"DELETE FROM auth_password WHERE account = ? AND changed < ?",
		"DELETE FROM auth_identity WHERE account = ? AND created < ?",
		"DELETE FROM auth_recovery WHERE account = ? AND created < ?",
	} {
		if _, err := db.Exec(ctx, query, account, since); err != nil {
			return err
		}
	}
	return nil
}
