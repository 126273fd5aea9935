package auth

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// How long a link lives: one that lets somebody in, and one that only confirms
// an address.
const (
	LinkFor    = 30 * time.Minute
	ConfirmFor = 24 * time.Hour
)

// What a link or slip is for.
const (
	setupLink    = "setup"
	recoveryLink = "recovery"
	confirmLink  = "confirm"
	newAccount   = "new-account"
)

func lifeOf(purpose string) time.Duration {
	if purpose == confirmLink {
		return ConfirmFor
	}
	return LinkFor
}

// linkOver answers for links that are unknown, used or too old alike.
// keys: problem.link-over.title, problem.link-over.hint
func linkOver() error { return problem.New(http.StatusGone, "link-over") }

// newLink stores a link and returns its secret. An older one for the same
// account and purpose stops working.
func (k *Keeper) newLink(ctx context.Context, purpose, account string) (secret string, err error) {
	return k.newLinkNamed(ctx, db.NewID(), purpose, account)
}

// newLinkNamed is newLink with an id that a queue knows.
func (k *Keeper) newLinkNamed(ctx context.Context, id, purpose, account string) (secret string, err error) {
	secret = k.keys.Derive(purpose, id)
	if _, err := db.Exec(ctx, "DELETE FROM auth_link WHERE purpose = ? AND account = ?", purpose, account); err != nil {
		return "", err
	}
	_, err = db.Exec(ctx, "INSERT INTO auth_link (hash, id, purpose, account, expires) VALUES (?, ?, ?, ?, ?)",
		digest(secret), id, purpose, account, k.Now().Add(lifeOf(purpose)))
	return secret, err
}

// link is what a secret stands for.
type link struct {
	account string
	expires time.Time
}

func (l *link) fields() []any { return []any{&l.account, db.At(&l.expires)} }

// lookAt shows a link without consuming it: mail scanners follow links (T23).
// One that expires later than any link can comes from a clock that ran ahead.
func (k *Keeper) lookAt(ctx context.Context, purpose, secret string) (link, error) {
	l, err := db.One(ctx, (*link).fields, `
		SELECT account, expires FROM auth_link WHERE hash = ? AND purpose = ? AND used IS NULL AND expires > ? AND expires < ?`,
		digest(secret), purpose, k.Now(), k.Now().Add(lifeOf(purpose)+clockSlack))
	if errors.Is(err, db.ErrNone) {
		return link{}, linkOver()
	}
	return l, err
}

// take consumes a link, inside a write.
func (k *Keeper) take(ctx context.Context, purpose, secret string) (link, error) {
	l, err := db.One(ctx, (*link).fields, `
		UPDATE auth_link SET used = ? WHERE hash = ? AND purpose = ? AND used IS NULL AND expires > ? AND expires < ?
		RETURNING account, expires`, k.Now(), digest(secret), purpose, k.Now(), k.Now().Add(lifeOf(purpose)+clockSlack))
	if errors.Is(err, db.ErrNone) {
		return link{}, linkOver()
	}
	return l, err
}

// slip is a sealed note that the browser carries between two steps. It needs no
// row until it is spent, so strangers cannot fill the database with them.
type slip struct {
	ID      string          `json:"i"`
	Begun   time.Time       `json:"b"`
	Expires time.Time       `json:"e"`
	Data    json.RawMessage `json:"d,omitempty"`
}

// newSlip seals data for a purpose and an owner; it opens for these alone.
func (k *Keeper) newSlip(purpose, owner string, life time.Duration, data any) (string, error) {
	b, err := json.Marshal(data)
	if err != nil {
		return "", err
	}
	b, err = json.Marshal(slip{ID: db.NewID(), Begun: k.Now(), Expires: k.Now().Add(life), Data: b})
	return base64.RawURLEncoding.EncodeToString(k.keys.seal(purpose, owner, b)), err
}

// openSlip reads a slip, without spending it.
func (k *Keeper) openSlip(purpose, owner, text string, into any) (slip, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(text))
	if err != nil {
		return slip{}, linkOver()
	}
	b, err := k.keys.open(purpose, owner, sealed)
	if err != nil {
		return slip{}, linkOver()
	}
	var s slip
	if err := json.Unmarshal(b, &s); err != nil {
		return slip{}, err
	}
	if now := k.now(); !now.Before(s.Expires) || s.Begun.Sub(now) > clockSlack {
		return slip{}, linkOver()
	}
	return s, json.Unmarshal(s.Data, into)
}

// spend makes a slip work once, inside a write.
func (k *Keeper) spend(ctx context.Context, s slip) error {
	if _, err := db.Exec(ctx, "DELETE FROM auth_spent WHERE expires < ?", k.Now()); err != nil {
		return err
	}
	n, err := db.Exec(ctx, "INSERT INTO auth_spent (id, expires) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", s.ID, s.Expires)
	if err == nil && n == 0 {
		return linkOver()
	}
	return err
}
