package auth

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/minamori-project/minamori/internal/problem"
)

// keySize is the length of the installation key, in bytes.
const keySize = 32

// Keys is the installation's secret. Everything that must not be forged or read
// by whoever copies the database is derived from it, each use with a key of
// its own. Several nodes share one file.
type Keys struct{ root [keySize]byte }

// LoadKeys reads the key file, and makes it at the first start. It refuses a
// file that others on the machine may read (threats, rule 7).
func LoadKeys(path string) (Keys, error) {
	err := createKeys(path)
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return Keys{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return Keys{}, err
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return Keys{}, problem.New(500, "key-file", "path", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return Keys{}, err
	}
	return NewKeys(b)
}

// NewKeys makes Keys from 32 secret bytes.
func NewKeys(secret []byte) (Keys, error) {
	var k Keys
	if len(secret) != keySize {
		return k, fmt.Errorf("auth: the installation key has %d bytes instead of %d", len(secret), keySize)
	}
	copy(k.root[:], secret)
	return k, nil
}

// createKeys writes a new key beside its place and links it there, so that two
// starting processes agree and a crash leaves no half key.
func createKeys(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return fs.ErrExist
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }()
	secret := make([]byte, keySize)
	_, _ = rand.Read(secret) // never fails (crypto/rand)
	_, err = f.Write(secret)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Link(f.Name(), path)
}

// String keeps the key out of logs.
func (Keys) String() string { return "keys" }

// GoString keeps the key out of logs.
func (Keys) GoString() string { return "keys" }

func (k Keys) sub(purpose string) []byte {
	key, err := hkdf.Key(sha256.New, k.root[:], nil, "minamori "+purpose, keySize)
	if err != nil {
		panic(err) // the length is a constant
	}
	return key
}

// Derive returns the secret of a purpose and an id: 43 characters that fit in a
// URL. The id should be random; then a database or a queue needs to keep the id
// alone. The secret cannot be told without the key.
func (k Keys) Derive(purpose, id string) string {
	return base64.RawURLEncoding.EncodeToString(k.mac("derive "+purpose, id))
}

// Hash returns what may be stored of a secret: without the key nobody can try
// secrets against it.
func (k Keys) Hash(secret string) []byte { return k.mac("hash", secret) }

func (k Keys) mac(purpose, text string) []byte {
	m := hmac.New(sha256.New, k.sub(purpose))
	m.Write([]byte(text))
	return m.Sum(nil)
}

func (k Keys) aead(purpose string) cipher.AEAD {
	block, err := aes.NewCipher(k.sub("seal " + purpose))
	if err != nil {
		panic(err) // the length is a constant
	}
	a, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size that GCM needs
	}
	return a
}

// seal hides plain; it opens again only for the same purpose and owner.
func (k Keys) seal(purpose, owner string, plain []byte) []byte {
	return k.aead(purpose).Seal(nil, nil, plain, []byte(owner))
}

func (k Keys) open(purpose, owner string, sealed []byte) ([]byte, error) {
	return k.aead(purpose).Open(nil, nil, sealed, []byte(owner))
}
