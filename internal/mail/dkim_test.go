package mail

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"

	"github.com/emersion/go-msgauth/dkim"
)

func keyFile(t *testing.T, key any, mode os.FileMode) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "dkim.pem")
	if err := os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), mode); err != nil {
		t.Fatal(err)
	}
	return file
}

// record is the DNS record that belongs to a key.
func record(t *testing.T, key crypto.Signer) string {
	t.Helper()
	if pub, ok := key.Public().(ed25519.PublicKey); ok {
		return "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(pub)
	}
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	return "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)
}

// A receiver who looks the key up finds the letter genuine, and finds a changed
// one changed: in the text, in a header, by a header more.
func TestReceiversSeeAGenuineLetter(t *testing.T) {
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	_, edKey, _ := ed25519.GenerateKey(rand.Reader)
	for name, key := range map[string]crypto.Signer{"rsa": rsaKey, "ed25519": edKey} {
		t.Run(name, func(t *testing.T) {
			signing, err := LoadSigning("minamori.example.jp", "m1", keyFile(t, key, 0o600))
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			s, err := New(Config{Folder: dir, From: "みなもり <post@minamori.example.jp>", Signing: signing})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Send(context.Background(), Message{To: "a@example.jp", Subject: "「株式会社みほん」から", Text: "こんにちは。\n.\n\n長い行" + string(bytes.Repeat([]byte("あ"), 300)) + "\n", Lang: "ja"})
			if err != nil {
				t.Fatal(err)
			}
			files, _ := filepath.Glob(filepath.Join(dir, "*.eml"))
			if len(files) != 1 {
				t.Fatalf("%d letters", len(files))
			}
			raw, err := os.ReadFile(files[0])
			if err != nil {
				t.Fatal(err)
			}
			genuine := func(letter []byte) bool {
				found, err := dkim.VerifyWithOptions(bytes.NewReader(letter), &dkim.VerifyOptions{LookupTXT: func(domain string) ([]string, error) {
					if domain != "m1._domainkey.minamori.example.jp" {
						t.Errorf("asked for %s", domain)
					}
					return []string{record(t, key)}, nil
				}})
				return err == nil && len(found) == 1 && found[0].Err == nil && found[0].Domain == "minamori.example.jp"
			}
			if !genuine(raw) {
				t.Fatalf("the letter does not verify:\n%s", raw)
			}
			for what, changed := range map[string][]byte{
				"text":            bytes.Replace(raw, []byte("=E3=81"), []byte("=E3=82"), 1),
				"address":         bytes.Replace(raw, []byte("a@example.jp"), []byte("b@example.jp"), 1),
				"another subject": append([]byte("Subject: http://evil.example\r\n"), raw...),
			} {
				if bytes.Equal(changed, raw) || genuine(changed) {
					t.Errorf("a letter with a changed %s verifies", what)
				}
			}
		})
	}
}

func TestSigningKeysThatAreRefused(t *testing.T) {
	small, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	_, ed, _ := ed25519.GenerateKey(rand.Reader)
	curve, _ := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no key"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ domain, selector, file string }{
		"small":         {"example.jp", "m1", keyFile(t, small, 0o600)},
		"read by all":   {"example.jp", "m1", keyFile(t, ed, 0o644)},
		"another curve": {"example.jp", "m1", keyFile(t, curve, 0o600)},
		"no PEM":        {"example.jp", "m1", text},
		"no file":       {"example.jp", "m1", text + "x"},
		"no domain":     {"", "m1", keyFile(t, ed, 0o600)},
		"no selector":   {"example.jp", "m1; d=evil", keyFile(t, ed, 0o600)},
	} {
		if _, err := LoadSigning(c.domain, c.selector, c.file); err == nil {
			t.Errorf("%s is taken", name)
		}
	}
}
