package auth

import (
	"context"
	"errors"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// OperatorExists says whether somebody runs this installation and can log in.
func (k *Keeper) OperatorExists(ctx context.Context) (yes bool, err error) {
	err = k.db.Read(ctx, func(ctx context.Context) error {
		n, err := db.Value[int](ctx, `
			SELECT COUNT(*) FROM auth_account a WHERE a.operator = ? AND (
				EXISTS (SELECT 1 FROM auth_passkey p WHERE p.account = a.id) OR
				EXISTS (SELECT 1 FROM auth_identity i WHERE i.account = a.id) OR
				EXISTS (SELECT 1 FROM auth_password w WHERE w.account = a.id))`, true)
		yes = n > 0
		return err
	})
	return yes, err
}

// SetupLink makes the link with which the operator opens the first account. It
// lives 30 minutes, works once, and replaces the one before. "" when there is
// an operator already.
func (k *Keeper) SetupLink(ctx context.Context, base string) (url string, err error) {
	err = k.db.Write(ctx, func(ctx context.Context) error {
		yes, err := k.OperatorExists(ctx)
		if err != nil || yes {
			return err
		}
		secret, err := k.newLink(ctx, setupLink, "")
		url = base + "/setup?code=" + secret
		return err
	})
	return url, err
}

// SetupUntil shows a set-up link without consuming it and says how long it
// lives; problem link-over when it does not.
func (k *Keeper) SetupUntil(ctx context.Context, code string) (time.Time, error) {
	l, err := k.lookAt(ctx, setupLink, code)
	return l.expires, err
}

// Setup consumes the set-up link and opens the operator's account. When he broke
// off before he had a way to log in, the same address takes the account up again.
func (k *Keeper) Setup(ctx context.Context, code string, p Person) (g Grant, err error) {
	if p, err = p.clean(); err != nil {
		return g, err
	}
	err = k.db.Write(ctx, func(ctx context.Context) error {
		if _, err := k.take(ctx, setupLink, code); err != nil {
			return err
		}
		if yes, err := k.OperatorExists(ctx); err != nil || yes {
			return errors.Join(err, linkOver())
		}
		a, err := k.operatorWithoutWay(ctx, p.Email)
		if problem.Is(err, "not-found") {
			p.Shared = true // whoever else has it cannot log in to run this
			a, err = k.create(ctx, p, true, false)
		}
		if err != nil {
			return err
		}
		g, err = k.start(ctx, a.ID, "auth.set_up", false, true)
		return err
	})
	return g, err
}

// operatorWithoutWay finds an operator who never finished the set-up. The caller
// has found that no operator can log in.
func (k *Keeper) operatorWithoutWay(ctx context.Context, email string) (Account, error) {
	return k.one(ctx, accountColumns+" WHERE address_key = ? AND operator = ? ORDER BY created, id LIMIT 1", emailKey(email), true)
}

// TicketFor is how long an invited person has to open an account.
const TicketFor = time.Hour

// Ticket lets whoever holds it open one account: without one strangers open
// none. origin names what it was given for (an invitation's address with us).
func (k *Keeper) Ticket(origin string) (string, error) {
	return k.newSlip(newAccount, "", TicketFor, origin)
}

// CheckTicket says for what a ticket was given; problem link-over when it opens
// nothing any more.
func (k *Keeper) CheckTicket(_ context.Context, ticket string) (origin string, err error) {
	_, err = k.openSlip(newAccount, "", ticket, &origin)
	return origin, err
}

// OpenAccount spends a ticket and opens an account, with a session in which the
// person sets up a way to log in. invited is the address to which the invitation
// was sent, or "": with the same one, mail to it is known to arrive.
func (k *Keeper) OpenAccount(ctx context.Context, ticket, invited string, p Person) (g Grant, err error) {
	var origin string
	s, err := k.openSlip(newAccount, "", ticket, &origin)
	if err != nil {
		return g, err
	}
	// One invitation gives many tickets, and a refused address tells of an account.
	if err := k.try(ctx, "opening "+origin); err != nil {
		return g, err
	}
	err = k.db.Write(ctx, func(ctx context.Context) error {
		if err := k.spend(ctx, s); err != nil {
			return err
		}
		a, err := k.create(ctx, p, false, invited != "" && emailKey(invited) == emailKey(p.Email))
		if err != nil {
			return err
		}
		g, err = k.start(ctx, a.ID, "auth.set_up", false, true)
		return err
	})
	return g, err
}

// RecoveryUntil shows a recovery link without consuming it.
func (k *Keeper) RecoveryUntil(ctx context.Context, code string) (time.Time, error) {
	l, err := k.lookAt(ctx, recoveryLink, code)
	return l.expires, err
}

// Recover consumes a recovery link: all sessions of the account end, and a new
// one begins in which a way to log in is set up. drop removes every way that
// there was, for a person whose device somebody else may have.
func (k *Keeper) Recover(ctx context.Context, code string, drop bool) (g Grant, err error) {
	err = k.db.Write(ctx, func(ctx context.Context) error {
		l, err := k.take(ctx, recoveryLink, code)
		if err != nil {
			return err
		}
		if err := k.endAllBut(ctx, l.account, ""); err != nil {
			return err
		}
		if drop {
			if err := k.dropWays(ctx, l.account, k.Now()); err != nil {
				return err
			}
		}
		if err := k.tell(ctx, l.account, AccountRecover, ""); err != nil {
			return err
		}
		g, err = k.start(ctx, l.account, "auth.recovered", false, true)
		return err
	})
	return g, err
}
