package auth

import (
	"context"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/internal/limit"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// tries bounds tries by account and network together: whoever guesses slows
// himself down, and the true owner elsewhere notices nothing.
var tries = limit.Rule{Name: "login", Burst: 8, Every: 20 * time.Second}

// codeTries bounds wrong codes behind a right password, by account: guesses at
// six digits from many networks. Only who knows the password can use it up.
var codeTries = limit.Rule{Name: "login code", Burst: 15, Every: 2 * time.Minute}

// limitsOf are the limits of a Keeper: those of all nodes, or its own.
func limitsOf(cfg Config) *limit.Keeper {
	if cfg.Limits != nil {
		return cfg.Limits
	}
	return limit.InProcess(cfg.Now)
}

// try counts a try; account is anything that names it, existing or not.
func (k *Keeper) try(ctx context.Context, account string) error {
	ok, err := k.limits.Try(ctx, tries, account+"\x00"+web.Client(ctx))
	if err == nil && !ok {
		return problem.New(http.StatusTooManyRequests, "too-many")
	}
	return err
}

// tryCode counts a try at a code behind a right password. It weighs as much as
// there are people whom the code could have fitted. Behind a wrong password it
// writes as much, so that the time does not tell which it was.
func (k *Keeper) tryCode(ctx context.Context, account string, right bool, weight int) (within bool, err error) {
	if !right {
		_, err := k.limits.Try(ctx, codeTries, "wrong\x00"+web.Client(ctx))
		return false, err
	}
	within, err = k.limits.TryN(ctx, codeTries, account, min(weight, codeTries.Burst))
	for i := 1; err == nil && !within && i < weight; i++ {
		// A rest too small for the weight would stay, and let a right guess through.
		_, err = k.limits.TryN(ctx, codeTries, account, 1)
	}
	return within, err
}
