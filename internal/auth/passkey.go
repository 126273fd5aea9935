package auth

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// ceremonyFor is how long somebody may take with fingerprint or key.
const ceremonyFor = 5 * time.Minute

// What a ceremony is for; a slip of one does not open for another.
const (
	addPasskey   = "passkey-add"
	loginPasskey = "passkey-login"
	stepPasskey  = "passkey-step-up"
)

// Ceremony is the first half of a passkey ceremony: what the browser is asked,
// and the sealed note that it brings back.
type Ceremony struct {
	Slip    string `json:"ceremony"`
	Options any    `json:"options"` // as the WebAuthn API wants it
}

// Passkey is a key on a device, as its person sees it in a list.
type Passkey struct {
	ID       string    `json:"id"`
	Name     string    `json:"name"`
	Created  time.Time `json:"created"`
	LastUsed time.Time `json:"last_used"` // zero: never
	record   []byte
	account  string
}

// holder is an account with its passkeys, as the library wants it.
type holder struct {
	account Account
	keys    []Passkey
	records []webauthn.Credential
}

// WebAuthnID is the user handle: the account's random id, which names nobody.
func (h holder) WebAuthnID() []byte { return []byte(h.account.ID) }

// WebAuthnName is what the device shows to tell keys apart.
func (h holder) WebAuthnName() string { return h.account.Email }

// WebAuthnDisplayName is the person's name.
func (h holder) WebAuthnDisplayName() string { return h.account.Name }

// WebAuthnCredentials are the keys of this host.
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.records }

// failed answers every ceremony that does not hold.
// keys: problem.passkey-failed.title, problem.passkey-failed.hint
func failed() error { return problem.New(http.StatusUnprocessableEntity, "passkey-failed") }

// Passkeys lists the keys of an account, the oldest first.
func (k *Keeper) Passkeys(ctx context.Context, account string) ([]Passkey, error) {
	fields := func(p *Passkey) []any {
		return []any{&p.ID, &p.Name, db.At(&p.Created), db.At(&p.LastUsed), &p.record, &p.account}
	}
	return db.Rows(ctx, fields, `
		SELECT id, name, created, last_used, record, account FROM auth_passkey
		WHERE account = ? AND rp_id = ? ORDER BY created, id`, account, k.host)
}

func (k *Keeper) holder(ctx context.Context, account string) (h holder, err error) {
	err = k.db.Read(ctx, func(ctx context.Context) (err error) {
		if h.account, err = k.Account(ctx, account); err != nil {
			return err
		}
		h.keys, err = k.Passkeys(ctx, account)
		return err
	})
	h.records = make([]webauthn.Credential, len(h.keys))
	for i, key := range h.keys {
		err = errors.Join(err, json.Unmarshal(key.record, &h.records[i]))
	}
	return h, err
}

// BeginPasskey starts to add a passkey to an account.
func (k *Keeper) BeginPasskey(ctx context.Context, account string) (Ceremony, error) {
	h, err := k.holder(ctx, account)
	if err != nil {
		return Ceremony{}, err
	}
	known := make([]protocol.CredentialDescriptor, len(h.records))
	for i := range h.records {
		known[i] = h.records[i].Descriptor()
	}
	options, data, err := k.passkeys.BeginRegistration(h, webauthn.WithExclusions(known))
	if err != nil {
		return Ceremony{}, err
	}
	slip, err := k.newSlip(addPasskey, account, ceremonyFor, data)
	return Ceremony{Slip: slip, Options: options}, err
}

// FinishPasskey stores the passkey that the browser made.
func (k *Keeper) FinishPasskey(ctx context.Context, account, slipText, name string, answer []byte) error {
	h, err := k.holder(ctx, account)
	if err != nil {
		return err
	}
	var data webauthn.SessionData
	s, err := k.openSlip(addPasskey, account, slipText, &data)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return failed()
	}
	made, err := k.passkeys.CreateCredential(h, data, parsed)
	if err != nil {
		return failed()
	}
	if name = tidy(name); name == "" {
		name = device(web.UserAgent(ctx))
	}
	var v problem.Invalid
	checkName(&v, name)
	if err := v.Or(); err != nil {
		return err
	}
	return k.storePasskey(ctx, s, account, name, made)
}

func (k *Keeper) storePasskey(ctx context.Context, s slip, account, name string, made *webauthn.Credential) error {
	record, err := json.Marshal(made)
	if err != nil {
		return err
	}
	return k.db.Write(ctx, func(ctx context.Context) error {
		if err := k.spend(ctx, s); err != nil {
			return err
		}
		return k.addWay(ctx, account, PasskeyAdded, func() error {
			n, err := db.Exec(ctx, `
				INSERT INTO auth_passkey (id, account, rp_id, credential_id, record, name, created)
				VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (rp_id, credential_id) DO NOTHING`,
				db.NewID(), account, k.host, made.ID, record, name, k.Now())
			if err == nil && n == 0 {
				err = failed()
			}
			if err != nil {
				return err
			}
			return k.note(ctx, "auth.passkey_added", account, map[string]string{"name": name})
		})
	})
}

// RemovePasskey takes a passkey away. The last way to log in stays.
func (k *Keeper) RemovePasskey(ctx context.Context, account, id string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		err := k.takeAway(ctx, account, passkeyRemoved, id, "DELETE FROM auth_passkey WHERE id = ? AND account = ?", id, account)
		if err != nil {
			return err
		}
		if err := k.keepOne(ctx, account); err != nil {
			return err
		}
		return k.tell(ctx, account, PasskeyRemoved, "")
	})
}

// RemovePassword takes password and app away. The last way to log in stays.
func (k *Keeper) RemovePassword(ctx context.Context, account string) error {
	return k.db.Write(ctx, func(ctx context.Context) error {
		err := k.takeAway(ctx, account, passwordRemoved, "", "DELETE FROM auth_password WHERE account = ?", account)
		if err != nil {
			return err
		}
		if err := k.keepOne(ctx, account); err != nil {
			return err
		}
		return k.tell(ctx, account, PasswordRemoved, "")
	})
}

// HasPassword says whether an account has a password with an app.
func (k *Keeper) HasPassword(ctx context.Context, account string) (bool, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM auth_password WHERE account = ?", account)
	return n > 0, err
}

// BeginPasskeyLogin starts a login without a user name: the device offers the
// keys that it has for this host, so nothing is told about accounts.
func (k *Keeper) BeginPasskeyLogin(context.Context) (Ceremony, error) {
	return k.beginProof(loginPasskey, "")
}

// BeginPasskeyStepUp starts a fresh proof of the person who is logged in.
func (k *Keeper) BeginPasskeyStepUp(ctx context.Context) (Ceremony, error) {
	return k.beginProof(stepPasskey, web.CallerFrom(ctx).Session)
}

func (k *Keeper) beginProof(purpose, owner string) (Ceremony, error) {
	options, data, err := k.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Ceremony{}, err
	}
	slip, err := k.newSlip(purpose, owner, ceremonyFor, data)
	return Ceremony{Slip: slip, Options: options}, err
}

// FinishPasskeyLogin checks the browser's answer and begins a session.
func (k *Keeper) FinishPasskeyLogin(ctx context.Context, slipText string, answer []byte, remember bool) (g Grant, err error) {
	err = k.finishProof(ctx, loginPasskey, "", slipText, answer, func(ctx context.Context, account string) (err error) {
		g, err = k.start(ctx, account, "auth.logged_in", remember, false)
		return err
	})
	return g, err
}

// FinishPasskeyStepUp checks the browser's answer and gives the session a new
// token. A key of somebody else does not do.
func (k *Keeper) FinishPasskeyStepUp(ctx context.Context, slipText string, answer []byte) (g Grant, err error) {
	c := web.CallerFrom(ctx)
	err = k.finishProof(ctx, stepPasskey, c.Session, slipText, answer, func(ctx context.Context, account string) (err error) {
		if account != c.Account {
			return failed()
		}
		g, err = k.raise(ctx, c)
		return err
	})
	return g, err
}

func (k *Keeper) finishProof(ctx context.Context, purpose, owner, slipText string, answer []byte, then func(context.Context, string) error) error {
	var data webauthn.SessionData
	s, err := k.openSlip(purpose, owner, slipText, &data)
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return failed()
	}
	var who holder
	find := func(_, handle []byte) (webauthn.User, error) {
		var err error
		who, err = k.holder(ctx, string(handle))
		return who, err
	}
	_, used, err := k.passkeys.ValidatePasskeyLogin(find, data, parsed)
	if err != nil || used.Authenticator.CloneWarning {
		return failed()
	}
	record, err := json.Marshal(used)
	if err != nil {
		return err
	}
	return k.db.Write(ctx, func(ctx context.Context) error {
		if err := k.spend(ctx, s); err != nil {
			return err
		}
		n, err := db.Exec(ctx, "UPDATE auth_passkey SET record = ?, last_used = ? WHERE rp_id = ? AND credential_id = ? AND account = ?",
			record, k.Now(), k.host, used.ID, who.account.ID)
		if err != nil {
			return err
		}
		if n == 0 {
			return failed()
		}
		return then(ctx, who.account.ID)
	})
}
