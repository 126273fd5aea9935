package auth

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// ListAccounts returns all accounts, the oldest first, for the command line.
func (k *Keeper) ListAccounts(ctx context.Context) (all []Account, err error) {
	err = k.db.Read(ctx, func(ctx context.Context) (err error) {
		all, err = db.Rows(ctx, (*Account).fields, accountColumns+" ORDER BY created, id")
		return err
	})
	return all, err
}

// RecoveryLink makes a one-time link with which somebody who locked himself out
// sets up a new way to log in. Whoever holds it becomes that account. who is an
// address, or the id of an account where several share one.
func (k *Keeper) RecoveryLink(ctx context.Context, base, who string) (url string, err error) {
	err = k.db.Write(ctx, func(ctx context.Context) error {
		a, err := k.known(ctx, who)
		if err != nil {
			return err
		}
		secret, err := k.newLink(ctx, recoveryLink, a.ID)
		if err != nil {
			return err
		}
		url = base + "/recover?code=" + secret
		return k.note(ctx, "auth.recovery_link_made", a.ID, nil)
	})
	return url, err
}

// MakeOperator gives an account the right to run this installation, or takes it.
func (k *Keeper) MakeOperator(ctx context.Context, who string, yes bool) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		a, err := k.known(ctx, who)
		if err != nil {
			return err
		}
		const query = "UPDATE auth_account SET operator = ? WHERE id = ?"
		if !yes {
			return k.takeAway(ctx, a.ID, operatorUnmade, "", query, yes, a.ID)
		}
		return k.change(ctx, a.ID, "auth.operator_made", nil, query, yes, a.ID)
	})
}

// EndSessions ends all sessions of an account.
func (k *Keeper) EndSessions(ctx context.Context, who string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		a, err := k.known(ctx, who)
		if err != nil {
			return err
		}
		return k.endAllBut(ctx, a.ID, "")
	})
}

// known finds an account by its id or its address for the command line, which
// may say that there is none, or who shares it.
// keys: problem.no-account.title, problem.no-account.hint, problem.shared-address.title, problem.shared-address.hint
func (k *Keeper) known(ctx context.Context, who string) (Account, error) {
	found, err := db.Rows(ctx, (*Account).fields, accountColumns+" WHERE id = ? OR address_key = ? ORDER BY created, id", who, emailKey(who))
	switch {
	case err != nil:
		return Account{}, err
	case len(found) == 0:
		return Account{}, problem.New(http.StatusNotFound, "no-account")
	case len(found) == 1:
		return found[0], nil
	}
	lines := make([]string, len(found))
	for i, a := range found {
		lines[i] = a.ID + " " + a.Name
	}
	return Account{}, problem.New(http.StatusConflict, "shared-address", "n", len(found), "people", strings.Join(lines, ", "))
}

// CheckRelyingParty refuses the start while passkeys of another host name are
// stored: their owners could not log in, and would not know why.
// keys: problem.relying-party.title, problem.relying-party.hint
func (k *Keeper) CheckRelyingParty(ctx context.Context) error {
	type other struct {
		host string
		n    int
	}
	var found []other
	err := k.db.Read(ctx, func(ctx context.Context) (err error) {
		found, err = db.Rows(ctx, func(o *other) []any { return []any{&o.host, &o.n} },
			"SELECT rp_id, COUNT(*) FROM auth_passkey WHERE rp_id <> ? GROUP BY rp_id ORDER BY rp_id", k.host)
		return err
	})
	if err != nil || len(found) == 0 {
		return err
	}
	return problem.New(http.StatusConflict, "relying-party", "n", found[0].n, "stored", found[0].host, "host", k.host)
}

// ForgetOtherHosts removes the passkeys of other host names, after the operator
// has decided that people log in by password or by recovery links.
func (k *Keeper) ForgetOtherHosts(ctx context.Context) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		type key struct{ account, id string }
		keys, err := db.Rows(ctx, func(p *key) []any { return []any{&p.account, &p.id} },
			"DELETE FROM auth_passkey WHERE rp_id <> ? RETURNING account, id", k.host)
		if err != nil {
			return err
		}
		for _, p := range keys {
			if err := k.noteRevoked(ctx, passkeyRemoved, p.account, p.id); err != nil {
				return err
			}
		}
		return nil
	})
}

// Sweep removes what is over: sessions, links, spent slips. For a job that runs
// now and then.
func (k *Keeper) Sweep(ctx context.Context) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		now := k.Now()
		for query, at := range map[string]time.Time{
			"DELETE FROM auth_session WHERE expires < ?":   now,
			"DELETE FROM auth_link WHERE expires < ?":      now,
			"DELETE FROM auth_spent WHERE expires < ?":     now,
			"DELETE FROM auth_session WHERE last_seen > ?": now.Add(clockSlack),              // or it lives again
			"DELETE FROM auth_link WHERE expires > ?":      now.Add(ConfirmFor + clockSlack), // when that day comes
			"DELETE FROM auth_notice WHERE created < ?":    now.Add(-noticeFor),
		} {
			if _, err := db.Exec(ctx, query, at); err != nil {
				return err
			}
		}
		return nil
	})
}
