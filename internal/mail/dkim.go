package mail

import (
	"crypto"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/emersion/go-msgauth/dkim"
	gomail "github.com/wneessen/go-mail"
)

// Signing signs outgoing mail (DKIM, RFC 6376): a receiver then sees that the
// domain of the sender stands behind a letter, and that nobody changed it.
type Signing struct {
	Domain   string // of the sender, as minamori.example.jp
	Selector string // the public key is the TXT record <Selector>._domainkey.<Domain>
	Key      crypto.Signer
}

// minRSA is the least that receivers take without a warning (RFC 8301).
const minRSA = 2048

// LoadSigning reads a private key (PEM, PKCS #8): RSA from 2048 bits, which every
// receiver knows, or Ed25519 (RFC 8463). It refuses a file that others can read.
func LoadSigning(domain, selector, file string) (*Signing, error) {
	if domain == "" || selector == "" || strings.ContainsAny(domain+selector, " ;=/\r\n") {
		return nil, errors.New("mail: a signature needs a domain and a selector")
	}
	info, err := os.Stat(file)
	if err != nil {
		return nil, withoutPath(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return nil, errors.New("mail: the signing key can be read by others on this machine (chmod 600)")
	}
	raw, err := os.ReadFile(file)
	if err != nil {
		return nil, withoutPath(err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, errors.New("mail: the signing key is no PEM file")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errors.New("mail: the signing key is not in PKCS #8")
	}
	switch key := key.(type) {
	case ed25519.PrivateKey:
		return &Signing{domain, selector, key}, nil
	case *rsa.PrivateKey:
		if key.N.BitLen() < minRSA {
			return nil, fmt.Errorf("mail: the signing key has %d bits, not %d", key.N.BitLen(), minRSA)
		}
		return &Signing{domain, selector, key}, nil
	}
	return nil, errors.New("mail: the signing key is neither RSA nor Ed25519")
}

// signed are the headers that a change would be seen in. A header named once more
// than it stands there cannot be added either (RFC 6376, section 5.4.2).
var signed = []string{
	"From", "From", "To", "To", "Subject", "Subject", "Date", "Message-ID", "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
	"Content-Language", "Auto-Submitted",
}

// sign adds the signature to a finished message.
func (s *Signing) sign(m *gomail.Msg) error {
	signer, err := dkim.NewSigner(&dkim.SignOptions{
		Domain: s.Domain, Selector: s.Selector, Signer: s.Key, Hash: crypto.SHA256,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed, BodyCanonicalization: dkim.CanonicalizationRelaxed, HeaderKeys: signed,
	})
	if err != nil {
		return fmt.Errorf("mail: signature: %w", err)
	}
	_, err = m.WriteTo(signer)
	if err = errors.Join(err, signer.Close()); err != nil {
		return fmt.Errorf("mail: signature: %w", err)
	}
	name, value, ok := strings.Cut(signer.Signature(), ":")
	if !ok || name != "DKIM-Signature" {
		return errors.New("mail: signature: it has another form than expected")
	}
	m.SetGenHeaderPreformatted(gomail.Header(name), strings.TrimSpace(value))
	return nil
}
