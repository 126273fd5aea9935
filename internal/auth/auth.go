package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"log/slog"
	"net/http"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/limit"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of accounts, sessions and tokens.
func Schema() db.Schema { return db.Embedded("auth", schemaFiles) }

// Config is what a Keeper stands on.
type Config struct {
	Keys   Keys
	Now    func() time.Time
	Host   string        // name under which browsers reach us: the relying-party id of passkeys
	Origin string        // scheme, host and port of the same
	Log    *slog.Logger  // for what fails beside a request; may be nil
	Limits *limit.Keeper // on tries, over all nodes; nil keeps them in this process

	// Notify queues the id of a letter to a person, in the transaction of what it
	// tells; nil sends none.
	Notify func(ctx context.Context, id string) error

	Providers []Provider   // of OpenID; none without HTTP
	HTTP      *http.Client // calls them; this package dials nobody itself
	// SpeaksFor is told, in the transaction of the login, that a provider says an
	// account acts for the company with this number; may be nil.
	SpeaksFor func(ctx context.Context, account, issuer, subject, corporateNumber string) error
}

// Keeper keeps accounts, their ways to log in, sessions and tokens.
type Keeper struct {
	db       *db.DB
	keys     Keys
	now      func() time.Time
	host     string
	log      *slog.Logger
	passkeys *webauthn.WebAuthn
	hashing  hashing
	limits   *limit.Keeper
	seen     seen

	notify    func(ctx context.Context, id string) error
	providers []*relying
	speaksFor func(ctx context.Context, account, issuer, subject, corporateNumber string) error
}

// New makes a Keeper.
func New(d *db.DB, cfg Config) (*Keeper, error) {
	w, err := webauthn.New(&webauthn.Config{
		RPID: cfg.Host, RPDisplayName: "Minamori", RPOrigins: []string{cfg.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, err
	}
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	parties, err := relyOn(cfg)
	if err != nil {
		return nil, err
	}
	return &Keeper{
		notify: cfg.Notify, providers: parties, speaksFor: cfg.SpeaksFor,
		db: d, keys: cfg.Keys, now: cfg.Now, host: cfg.Host, log: log, passkeys: w,
		hashing: newHashing(), limits: limitsOf(cfg),
		seen: seen{at: map[string]time.Time{}},
	}, nil
}

// Now is the time by the keeper's clock.
func (k *Keeper) Now() time.Time { return k.now().UTC() }

// Derive is Keys.Derive for rooms that send one-time links of their own.
func (k *Keeper) Derive(purpose, id string) string { return k.keys.Derive(purpose, id) }

// Hash is Keys.Hash for rooms that store one-time secrets of their own.
func (k *Keeper) Hash(secret string) []byte { return k.keys.Hash(secret) }

// newSecret is 256 random bits that fit in a URL or a cookie.
func newSecret() string {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails (crypto/rand)
	return base64.RawURLEncoding.EncodeToString(b)
}

// digest is what is stored of a secret with 256 random bits. A plain hash is
// enough: nobody can try them all.
func digest(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// actor is who is logged in, or the machine itself.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}

// note journals a change to an account, by who is logged in.
func (k *Keeper) note(ctx context.Context, verb, account string, words any) error {
	return k.noteBy(ctx, actor(ctx), verb, account, words)
}

// noteRevoked is note for what must not come back with an older copy of the
// database; detail says which, where the account alone does not.
func (k *Keeper) noteRevoked(ctx context.Context, verb, account, detail string) error {
	return journal.Note(ctx, journal.Entry{At: k.Now(), Actor: actor(ctx), Verb: verb, Subject: account, Revokes: true, Detail: detail}, nil)
}

// noteBy is note where the actor is only now known, as at a login.
func (k *Keeper) noteBy(ctx context.Context, actor, verb, account string, words any) error {
	return journal.Note(ctx, journal.Entry{At: k.Now(), Actor: actor, Verb: verb, Subject: account}, words)
}
