package auth

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// TokenPrefix begins every API token, so that scanners of leaked secrets know it.
const TokenPrefix = "mnm_"

// MaxTokenDays is how long a token may live.
const MaxTokenDays = 365

// APIToken is a key with which a program speaks for an organisation.
type APIToken struct {
	ID       string    `json:"id"`
	Maker    string    `json:"maker"` // account id
	Role     string    `json:"role"`  // the most it may be
	Write    bool      `json:"write"`
	Label    string    `json:"label"`
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"last_used"` // zero: never
	Expires  time.Time `json:"expires"`
	org      string
	revoked  time.Time
}

// NewToken is what somebody asks for.
type NewToken struct {
	Org   string
	Role  web.Role // at most the maker's own
	Write bool
	Label string
	Days  int
}

const tokenColumns = "SELECT id, account, role, may_write, label, created, last_used, expires, revoked, org_id FROM auth_token"

func (t *APIToken) fields() []any {
	return []any{&t.ID, &t.Maker, &t.Role, &t.Write, &t.Label, db.At(&t.Created), db.At(&t.LastUsed), db.At(&t.Expires), db.At(&t.revoked), &t.org}
}

// MakeToken makes a token and returns its secret, which is not stored and cannot
// be shown again.
// keys: field.token-label, field.token-label-long, field.token-role, field.token-days
func (k *Keeper) MakeToken(ctx context.Context, n NewToken) (secret string, err error) {
	n.Label = tidy(n.Label)
	var v problem.Invalid
	v.Check(n.Label != "", "label", "token-label")
	v.Check(utf8.RuneCountInString(n.Label) <= MaxName && !strings.ContainsFunc(n.Label, hidden), "label", "token-label-long", "n", MaxName)
	v.Check(n.Role.InOrganisation() && n.Role <= web.RoleFrom(ctx), "role", "token-role")
	v.Check(n.Days >= 1 && n.Days <= MaxTokenDays, "days", "token-days", "n", MaxTokenDays)
	if err := v.Or(); err != nil {
		return "", err
	}
	secret, now, id, maker := TokenPrefix+newSecret(), k.Now(), db.NewID(), web.CallerFrom(ctx).Account
	return secret, k.db.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, `
			INSERT INTO auth_token (hash, id, org_id, account, role, may_write, label, created, expires)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			digest(secret), id, n.Org, maker, n.Role.String(), n.Write, n.Label, now, now.AddDate(0, 0, n.Days))
		if err != nil {
			return err
		}
		return journal.Note(ctx, journal.Entry{Org: n.Org, At: now, Actor: maker, Verb: "auth.token_made", Subject: id},
			map[string]any{"label": n.Label, "role": n.Role.String(), "write": n.Write})
	})
}

// Tokens lists the tokens of an organisation that still work, the newest first.
func (k *Keeper) Tokens(ctx context.Context, org string) ([]APIToken, error) {
	return db.Rows(ctx, (*APIToken).fields, tokenColumns+" WHERE org_id = ? AND revoked IS NULL AND expires > ? ORDER BY created DESC, id", org, k.Now())
}

// RevokeToken ends a token of an organisation; problem.NotFound when it has none
// of this id.
func (k *Keeper) RevokeToken(ctx context.Context, org, id string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, "UPDATE auth_token SET revoked = ? WHERE id = ? AND org_id = ? AND revoked IS NULL", k.Now(), id, org)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.NotFound()
		}
		return journal.Note(ctx, journal.Entry{Org: org, At: k.Now(), Actor: actor(ctx), Verb: tokenRevoked, Subject: id, Revokes: true}, nil)
	})
}

// RevokeTokensOf ends all tokens that an account made in an organisation: part
// of leaving it (threats T21). It joins the caller's transaction.
func (k *Keeper) RevokeTokensOf(ctx context.Context, org, account string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		ids, err := db.Rows(ctx, func(s *string) []any { return []any{s} },
			"UPDATE auth_token SET revoked = ? WHERE org_id = ? AND account = ? AND revoked IS NULL RETURNING id", k.Now(), org, account)
		if err != nil {
			return err
		}
		for _, id := range ids {
			e := journal.Entry{Org: org, At: k.Now(), Actor: actor(ctx), Verb: tokenRevoked, Subject: id, Revokes: true}
			if err := journal.Note(ctx, e, nil); err != nil {
				return err
			}
		}
		return nil
	})
}

// Token finds the caller of an API token; the zero Caller when it is unknown,
// revoked or too old. What it may do is bounded by web, which compares with the
// maker's present role.
func (k *Keeper) Token(ctx context.Context, bearer string) (web.Caller, error) {
	if !strings.HasPrefix(bearer, TokenPrefix) {
		return web.Caller{}, nil
	}
	t, err := db.One(ctx, (*APIToken).fields, tokenColumns+" WHERE hash = ?", digest(bearer))
	if errors.Is(err, db.ErrNone) || err == nil && (!t.revoked.IsZero() || !k.now().Before(t.Expires)) {
		return web.Caller{}, nil
	}
	if err != nil {
		return web.Caller{}, err
	}
	k.tokenUsed(t)
	return web.Caller{Account: t.Maker, Token: &web.Token{ID: t.ID, Org: t.org, Role: web.RoleNamed(t.Role), Write: t.Write}}, nil
}

// tokenUsed writes the last use of a token, at most every five minutes. The
// request stands in a read-only snapshot, so the write goes beside it.
func (k *Keeper) tokenUsed(t APIToken) {
	now := k.Now()
	if now.Sub(t.LastUsed) < seenEvery || !k.seen.due(t.ID, now) {
		return
	}
	go func() {
		ctx := context.Background()
		err := k.db.Write(ctx, func(ctx context.Context) error {
			_, err := db.Exec(ctx, "UPDATE auth_token SET last_used = ? WHERE id = ?", now, t.ID)
			return err
		})
		if err != nil && !errors.Is(err, db.ErrClosed) {
			k.log.WarnContext(ctx, "last use of a token not written", slog.Any("error", err))
		}
	}()
}
