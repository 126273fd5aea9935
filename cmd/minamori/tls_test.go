package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"testing"
	"time"
)

// What our own listener speaks: nothing before TLS 1.2, nothing without forward
// secrecy and authenticated encryption, the newest first.
func TestEncryption(t *testing.T) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	own := encryption(tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key})
	for _, c := range []struct {
		name   string
		client *tls.Config
		want   uint16 // version; 0 for a refusal
	}{
		{"a browser", &tls.Config{}, tls.VersionTLS13},
		{"TLS 1.2", &tls.Config{MaxVersion: tls.VersionTLS12}, tls.VersionTLS12},
		{"TLS 1.1", &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}, 0},
		{"CBC alone", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA}}, 0},
		{"no forward secrecy", &tls.Config{MaxVersion: tls.VersionTLS12, CipherSuites: []uint16{tls.TLS_RSA_WITH_AES_128_GCM_SHA256}}, 0},
	} {
		near, far := net.Pipe()
		c.client.InsecureSkipVerify = true // a certificate made for this test
		go func() {
			_ = tls.Server(far, own).Handshake()
			_ = far.Close()
		}()
		conn := tls.Client(near, c.client)
		err := conn.Handshake()
		if state := conn.ConnectionState(); err == nil && state.Version != c.want || err != nil && c.want != 0 {
			t.Errorf("%s: %s, %v", c.name, tls.VersionName(state.Version), err)
		}
		_ = near.Close()
	}
}
