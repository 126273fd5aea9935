package account_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/auth"
)

// device is a software authenticator: one ES256 key, "none" attestation.
type device struct {
	key    *ecdsa.PrivateKey
	id     []byte
	handle string // as the options gave it
	count  uint32
	step   uint32 // synced passkeys do not count
	host   string
	origin string
}

func newDevice(t *testing.T) *device {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &device{key: key, id: id, step: 1, host: "localhost", origin: "http://localhost:8080"}
}

type options struct {
	Ceremony string
	Options  struct {
		PublicKey struct {
			Challenge string
			User      struct{ ID string }
		}
	}
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// authData is what the authenticator signs: user present and verified.
func (d *device) authData(attested []byte) []byte {
	d.count += d.step
	host := sha256.Sum256([]byte(d.host))
	flags := byte(0x05)
	if attested != nil {
		flags |= 0x40
	}
	return append(binary.BigEndian.AppendUint32(append(host[:], flags), d.count), attested...)
}

func (d *device) client(kind, challenge string) []byte {
	j, _ := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": d.origin, "crossOrigin": false})
	return j
}

// create answers a registration. The COSE key and the attestation object are
// CBOR written by hand.
func (d *device) create(o options) map[string]any {
	d.handle = o.Options.PublicKey.User.ID
	point, _ := d.key.PublicKey.Bytes() // 4, x, y
	cose := bytes.Join([][]byte{{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33], {0x22, 0x58, 32}, point[33:]}, nil)
	attested := bytes.Join([][]byte{make([]byte, 16), {0, byte(len(d.id))}, d.id, cose}, nil)
	data := d.authData(attested)
	object := append([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), byte(len(data)))
	return d.answer(map[string]any{
		"clientDataJSON":    b64(d.client("webauthn.create", o.Options.PublicKey.Challenge)),
		"attestationObject": b64(append(object, data...)),
	})
}

// get answers a login or a step-up.
func (d *device) get(o options) map[string]any {
	client, data := d.client("webauthn.get", o.Options.PublicKey.Challenge), d.authData(nil)
	hash := sha256.Sum256(client)
	sum := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	signature, _ := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	return d.answer(map[string]any{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": d.handle,
	})
}

func (d *device) answer(response map[string]any) map[string]any {
	return map[string]any{"id": b64(d.id), "rawId": b64(d.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}}
}

func (b *browser) begin(ceremony string) (o options) {
	b.s.t.Helper()
	must(b.s.t, json.Unmarshal([]byte(b.api("/passkeys/"+ceremony+"/begin", struct{}{}).want(b.s.t, 200).body), &o))
	return o
}

func (b *browser) finish(ceremony string, o options, credential any) answer {
	b.s.t.Helper()
	return b.api("/passkeys/"+ceremony+"/finish", map[string]any{"ceremony": o.Ceremony, "credential": credential, "next": "/orgs/new"})
}

// withPasskey makes an account whose only way in is a passkey.
func (s *stage) withPasskey(t *testing.T, step uint32) (*browser, *device) {
	b, d, link := s.browser(), newDevice(t), s.setupLink()
	d.step = step
	b.post("/setup", "code", codeOf(link), "name", "見本 さくら", "email", email).want(t, 303)
	o := b.begin("register")
	b.finish("register", o, d.create(o)).want(t, 200, `/account/codes?next=%2Forgs%2Fnew`)
	return b, d
}

func TestPasskeyLogin(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		_, d := s.withPasskey(t, 0)
		b := s.browser()
		o := b.begin("login")
		answer := d.get(o)
		b.finish("login", o, answer).want(t, 200, `"next":"/orgs/new"`)
		if !b.signedIn() {
			t.Error("not signed in")
		}
		s.browser().finish("login", o, answer).want(t, 410) // the ceremony is spent
		b.get("/account").want(t, 200, "パスキー：Chrome / Windows")
		a, err := s.keep.ListAccounts(context.Background())
		must(t, err)
		b.post("/account/passkeys/x/remove").want(t, 404)
		if n := s.count("SELECT COUNT(*) FROM auth_passkey WHERE account = ? AND rp_id = 'localhost'", a[0].ID); n != 1 {
			t.Errorf("%d passkeys", n)
		}
	})
}

func TestPasskeyStepUp(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		b, d := s.withPasskey(t, 1)
		s.now = s.now.Add(10 * time.Minute)
		b.api("/passkeys/register/begin", struct{}{}).want(t, 403)
		old := b.cookies["session"]
		o := b.begin("step-up")
		b.finish("step-up", o, d.get(o)).want(t, 200)
		b.begin("register")
		if b.cookies["session"] == old {
			t.Error("the token did not change")
		}
		s.person("other@mihon.example")
		o2 := s.browser()
		o2.login("other@mihon.example")
		p := o2.begin("step-up")
		o2.finish("step-up", p, d.get(p)).want(t, 422) // somebody else's key
	})
}

func TestPasskeyRefusals(t *testing.T) {
	spoil := map[string]func(d *device){
		"another site": func(d *device) { d.origin = "https://evil.example" },
		"another host": func(d *device) { d.host = "evil.example" },
		"another key":  func(d *device) { d.key, _ = ecdsa.GenerateKey(elliptic.P256(), rand.Reader) },
		"another user": func(d *device) { d.handle = b64([]byte("nobody")) },
		"an old count": func(d *device) { d.count = 0 },
	}
	each(t, func(t *testing.T, s *stage) {
		_, d := s.withPasskey(t, 1)
		first := s.browser()
		for range 3 {
			o := first.begin("login")
			first.finish("login", o, d.get(o)).want(t, 200)
		}
		for name, change := range spoil {
			t.Run(name, func(t *testing.T) {
				bad, b := *d, s.browser()
				change(&bad)
				o := b.begin("login")
				b.finish("login", o, bad.get(o)).want(t, 422)
				if b.signedIn() {
					t.Error("signed in")
				}
			})
		}
		b := s.browser()
		o := b.begin("login")
		s.now = s.now.Add(5 * time.Minute)
		b.finish("login", o, d.get(o)).want(t, 410)
		b.finish("login", o, map[string]string{"a": "b"}).want(t, 410)
	})
}

func TestChangedAddressStopsTheStart(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.withPasskey(t, 1)
		must(t, s.keep.CheckRelyingParty(context.Background()))
		keys, err := auth.NewKeys(make([]byte, 32))
		must(t, err)
		moved, err := auth.New(s.db, auth.Config{Keys: keys, Now: func() time.Time { return s.now }, Host: "minamori.example.jp", Origin: "https://minamori.example.jp"})
		must(t, err)
		if err := moved.CheckRelyingParty(context.Background()); err == nil {
			t.Fatal("the start was not stopped")
		}
		must(t, moved.ForgetOtherHosts(context.Background()))
		must(t, moved.CheckRelyingParty(context.Background()))
	})
}

func TestLastWayStays(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		b, _ := s.withPasskey(t, 1)
		var id string
		must(t, s.db.Read(context.Background(), func(ctx context.Context) error {
			a, err := s.keep.ListAccounts(ctx)
			must(t, err)
			keys, err := s.keep.Passkeys(ctx, a[0].ID)
			id = keys[0].ID
			return err
		}))
		b.post("/account/passkeys/"+id+"/remove").want(t, 409, "last-way")
		b.setPassword("/account").want(t, 303)
		b.post("/account/passkeys/"+id+"/remove").want(t, 303, "/account")
		b.post("/account/password/remove").want(t, 409, "last-way")
	})
}
