package auth

import (
	"context"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// newTries bounds tries by account and network together: whoever guesses slows
// himself down, and the true owner elsewhere notices nothing.
func newTries() *web.Limiter { return web.NewLimiter(20*time.Second, 8) }

// newCodeTries bounds wrong codes behind a right password, by account: guesses
// at six digits from many networks. Only who knows the password can use it up.
func newCodeTries() *web.Limiter { return web.NewLimiter(2*time.Minute, 15) }

// try counts a try; account is anything that names it, existing or not. Its
// digest is kept, since a stranger may type a very long one.
func (k *Keeper) try(ctx context.Context, account string) error {
	if !k.tries.Allow(string(digest(account))+web.Client(ctx), k.now()) {
		return problem.New(http.StatusTooManyRequests, "too-many")
	}
	return nil
}
