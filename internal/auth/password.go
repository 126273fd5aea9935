package auth

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"github.com/minamori-project/minamori/internal/problem"
)

// Argon2id at 19 MiB and two passes (OWASP's first choice for servers).
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	argonSize   = 32 // bytes
	argonAtOnce = 2  // 38 MiB in all, whatever comes in
	argonWait   = 5 * time.Second
)

// Lengths of a password, in characters and bytes.
const (
	MinPassword = 10
	maxPassword = 1024
)

// hashing is the gate before argon2, so that logins cannot eat the memory.
type hashing struct {
	gate  chan struct{}
	dummy string // hash for accounts that do not exist: the same work for them
}

func newHashing() hashing {
	h := hashing{gate: make(chan struct{}, argonAtOnce)}
	h.dummy = phc(make([]byte, 16), make([]byte, argonSize))
	return h
}

// enter waits for a place; when none comes free the caller is to try again.
func (h hashing) enter(ctx context.Context) error {
	timer := time.NewTimer(argonWait)
	defer timer.Stop()
	select {
	case h.gate <- struct{}{}:
		return nil
	case <-timer.C:
		return problem.New(http.StatusTooManyRequests, "too-many")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// hash makes the PHC string of a password.
func (h hashing) hash(ctx context.Context, password string) (string, error) {
	if err := h.enter(ctx); err != nil {
		return "", err
	}
	defer func() { <-h.gate }()
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails (crypto/rand)
	return phc(salt, argon2.IDKey(folded(password), salt, argonTime, argonMemory, argonLanes, argonSize)), nil
}

// matches compares a password with a PHC string; "" takes as long and never
// matches.
func (h hashing) matches(ctx context.Context, password, stored string) (bool, error) {
	if err := h.enter(ctx); err != nil {
		return false, err
	}
	defer func() { <-h.gate }()
	exists := stored != "" && len(password) <= maxPassword
	if !exists {
		stored, password = h.dummy, password[:min(len(password), maxPassword)]
	}
	p, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	got := argon2.IDKey(folded(password), p.salt, p.time, p.memory, p.lanes, uint32(len(p.key)))
	return subtle.ConstantTimeCompare(got, p.key) == 1 && exists, nil
}

// folded makes the same bytes of what looks the same: a Japanese keyboard gives
// full-width letters now and then. Nothing is cut off or made small.
func folded(password string) []byte { return []byte(norm.NFKC.String(password)) }

func phc(salt, key []byte) string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, argonMemory, argonTime, argonLanes,
		b64.EncodeToString(salt), b64.EncodeToString(key))
}

// argonHash is a stored hash with the parameters of its day.
type argonHash struct {
	memory, time uint32
	lanes        uint8
	salt, key    []byte
}

func parsePHC(s string) (h argonHash, err error) {
	parts := strings.Split(s, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return h, fmt.Errorf("auth: unknown form of a stored password")
	}
	if _, err = fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.memory, &h.time, &h.lanes); err != nil {
		return h, fmt.Errorf("auth: parameters of a stored password: %w", err)
	}
	if h.salt, err = base64.RawStdEncoding.DecodeString(parts[4]); err != nil {
		return h, err
	}
	h.key, err = base64.RawStdEncoding.DecodeString(parts[5])
	return h, err
}

// checkPassword says what is wrong with a new password. Length is what counts,
// and that nobody would try it first; there are no rules about the kinds of
// characters (NIST SP 800-63B), and there is a second factor beside it.
// keys: field.password-short, field.password-long, field.password-easy
func checkPassword(v *problem.Invalid, password, email string) {
	switch {
	case utf8.RuneCountInString(password) < MinPassword:
		v.Add("password", "password-short", "n", MinPassword)
	case len(password) > maxPassword:
		v.Add("password", "password-long")
	case guessable(password, email):
		v.Add("password", "password-easy")
	}
}
