package mail_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"math/big"
	"mime"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"net/textproto"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/limit"
	"github.com/minamori-project/minamori/internal/mail"
)

var noon = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

func invitation() mail.Message {
	return mail.Message{
		To: "taro@example.jp", Lang: "ja", Subject: "𠮷野さんから「みなもり」への招待が届いています。とても長い件名なので折り返されます",
		Text: "こんにちは。\n\n株式会社髙﨑製作所（葛󠄀飾区）から招待が届いています。\n.\n点だけの行も残ります。\nhttp://localhost:8080/invite/" + strings.Repeat("a", 90) + "\n",
	}
}

// read checks what stands in a message as any mail program would read it.
func read(t *testing.T, r io.Reader, want mail.Message) netmail.Header {
	t.Helper()
	raw, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range bytes.Split(raw, []byte("\r\n")) {
		if len(line) > 998 || bytes.ContainsFunc(line, func(r rune) bool { return r > 126 || r == '\n' }) {
			t.Errorf("line %d is long or not ASCII: %q", i, line)
		}
	}
	m, err := netmail.ReadMessage(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	subject, err := (&mime.WordDecoder{}).DecodeHeader(m.Header.Get("Subject"))
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(quotedprintable.NewReader(m.Body))
	if err != nil {
		t.Fatal(err)
	}
	to, err := m.Header.AddressList("To")
	if err != nil {
		t.Fatal(err)
	}
	got := mail.Message{To: to[0].Address, Subject: subject, Text: strings.ReplaceAll(string(text), "\r\n", "\n"), Lang: m.Header.Get("Content-Language")}
	got.Text, want.Text = strings.TrimRight(got.Text, "\n"), strings.TrimRight(want.Text, "\n")
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	return m.Header
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "outbox")
	s, err := mail.New(mail.Config{Folder: dir, From: "みなもり <noreply@minamori.example>", Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	id, err := s.Send(context.Background(), invitation())
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "20261124-030000-"+id+".eml")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h := read(t, f, invitation())
	if date, err := h.Date(); err != nil || !date.Equal(noon) {
		t.Errorf("date %v, %v", date, err)
	}
	if got, want := h.Get("Message-ID"), "<"+id+"@minamori.example>"; got != want {
		t.Errorf("message id %q, want %q", got, want)
	}
	from, err := h.AddressList("From")
	if err != nil || from[0].Name != "みなもり" || h.Get("Auto-Submitted") != "auto-generated" {
		t.Errorf("headers %v, %v", h, err)
	}
	info, err := f.Stat()
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if all, _ := os.ReadDir(dir); len(all) != 1 {
		t.Errorf("%d files in the folder, want 1", len(all))
	}
}

func TestRefusedMessages(t *testing.T) {
	dir := t.TempDir()
	s, err := mail.New(mail.Config{Folder: dir, From: "a@example.jp"})
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*mail.Message){
		"line in the address": func(m *mail.Message) { m.To = "a@example.jp\r\nBcc: b@example.jp" },
		"two addresses":       func(m *mail.Message) { m.To = "a@example.jp, b@example.jp" },
		"named address":       func(m *mail.Message) { m.To = "A <a@example.jp>" },
		"no address":          func(m *mail.Message) { m.To = "" },
		"line in the subject": func(m *mail.Message) { m.Subject = "a\nBcc: b@example.jp" },
		"separator":           func(m *mail.Message) { m.Subject = "a\u2028b" },
		"reversed subject":    func(m *mail.Message) { m.Subject = "a\u202eb" },
		"long subject":        func(m *mail.Message) { m.Subject = strings.Repeat("あ", 201) },
		"broken text":         func(m *mail.Message) { m.Text = "a\xff" },
		"bell in the text":    func(m *mail.Message) { m.Text = "a\a" },
		"long text":           func(m *mail.Message) { m.Text = strings.Repeat("a", 64<<10+1) },
		"empty text":          func(m *mail.Message) { m.Text = "" },
		"other language":      func(m *mail.Message) { m.Lang = "en\r\nX: y" },
	} {
		m := invitation()
		change(&m)
		if _, err := s.Send(context.Background(), m); !errors.Is(err, mail.ErrMessage) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if all, _ := os.ReadDir(dir); len(all) != 0 {
		t.Errorf("%d messages were written", len(all))
	}
}

func TestCaps(t *testing.T) {
	plain := func(s string) []byte { sum := sha256.Sum256([]byte(s)); return sum[:] }
	dbtest.Each(t, []db.Schema{limit.Schema()}, func(t *testing.T, d *db.DB) {
		testCaps(t, func(now func() time.Time) *limit.Keeper { return limit.New(d, now, plain) })
	})
	t.Run("in process", func(t *testing.T) { testCaps(t, limit.InProcess) })
}

func testCaps(t *testing.T, limits func(now func() time.Time) *limit.Keeper) {
	now := noon
	clock := func() time.Time { return now }
	shared, turn := limits(clock), 0
	var senders []*mail.Sender // two nodes, which take turns
	for range 2 {
		s, err := mail.New(mail.Config{Folder: t.TempDir(), From: "a@example.jp", PerHour: 40, Now: clock, Limits: shared})
		if err != nil {
			t.Fatal(err)
		}
		senders = append(senders, s)
	}
	send := func(to string) error {
		m := invitation()
		m.To = to
		turn++
		_, err := senders[turn%2].Send(context.Background(), m)
		return err
	}
	count := func(to string) (n int) {
		for send(to) == nil {
			n++
		}
		return n
	}
	if n := count("a@example.jp"); n != 6 {
		t.Errorf("one person got %d at once, want 6", n)
	}
	if err := send("A@example.jp"); !errors.Is(err, mail.ErrTooMany) {
		t.Errorf("other letters are another person: %v", err)
	}
	if n := count("b@example.jp"); n != 4 {
		t.Errorf("the installation sent %d more, want 4 of 10 at once", n)
	}
	now = now.Add(time.Hour)
	if n := count("a@example.jp"); n != 1 {
		t.Errorf("after an hour %d, want 1", n)
	}
}

func TestName(t *testing.T) {
	for give, want := range map[string]string{
		"株式会社髙﨑製作所":                       "株式会社髙﨑製作所",
		"https://evil.example/a?b=c":      "https：／／evil．example／a？b=c",
		"win\r\nmail a@b.example":         "win  mail a＠b．example",
		"a\u202egpj.exe":                  "agpj．exe",
		strings.Repeat("あ", 61):           strings.Repeat("あ", 60) + "…",
		"www.evil.example に今すぐ":           "www．evil．example に今すぐ",
		"葛\U000E0100飾商店":                  "葛\U000E0100飾商店",
		"\xff\xfe壊れた名前":                   "壊れた名前",
		"  カナ　(株)  ":                      "カナ (株)",
		"<a href=x>":                      "＜a href=x＞",
		"mailto:a":                        "mailto：a",
		"tel:000":                         "tel：000",
		"evil。example":                    "evil。example",
		"file:\\\\server":                 "file：＼＼server",
		"\u200bzero\u200bwidth\u2060join": "zerowidthjoin",
	} {
		if got := mail.Name(give); got != want {
			t.Errorf("Name(%q) = %q, want %q", give, got, want)
		}
	}
}

func TestServer(t *testing.T) {
	for name, tc := range map[string]struct {
		scheme, login string
		answer        string // to the recipient
		tls           bool
		want          error
	}{
		"in the clear on this machine": {scheme: "smtp"},
		"STARTTLS with password":       {scheme: "smtp", login: "user:p%40ss@", tls: true},
		"TLS from the start":           {scheme: "smtps", login: "user:p%40ss@"},
		"refused for good":             {scheme: "smtp", answer: "550 5.1.1 no such user taro@example.jp", want: mail.ErrRefused},
	} {
		t.Run(name, func(t *testing.T) {
			srv := serve(t, tc.scheme == "smtps", tc.tls, tc.answer)
			var log bytes.Buffer
			s, err := mail.New(mail.Config{
				URL: tc.scheme + "://" + tc.login + srv.addr, From: "noreply@minamori.example", Now: func() time.Time { return noon },
				TLS: srv.trust, Log: slog.New(slog.NewTextHandler(&log, nil)),
			})
			if err != nil {
				t.Fatal(err)
			}
			_, err = s.Send(context.Background(), invitation())
			if !errors.Is(err, tc.want) {
				t.Fatalf("%v, want %v", err, tc.want)
			}
			if strings.Contains(log.String(), "taro") || err != nil && strings.Contains(err.Error(), "taro") {
				t.Errorf("a person stands in the log or the error: %s %v", log.String(), err)
			}
			if tc.want != nil {
				return
			}
			got := <-srv.mails
			read(t, strings.NewReader(got.data), invitation())
			if got.encrypted != (tc.tls || tc.scheme == "smtps") {
				t.Errorf("encrypted %v", got.encrypted)
			}
			if tc.login != "" && got.login != "\x00user\x00p@ss" {
				t.Errorf("login %q", got.login)
			}
		})
	}
}

func TestServerFaults(t *testing.T) {
	srv := serve(t, false, false, "451 4.7.1 greylisted taro@example.jp")
	s, err := mail.New(mail.Config{URL: "smtp://" + srv.addr, From: "a@example.jp"})
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Send(context.Background(), invitation())
	if err == nil || errors.Is(err, mail.ErrRefused) || strings.Contains(err.Error(), "taro") {
		t.Errorf("a fault that passes: %v", err)
	}
	for _, url := range []string{"smtp://", "http://host", "smtp://u:secret@host:0", "smtp://u:secret@ho st", "smtp://host/path", "host:25"} {
		if _, err := mail.New(mail.Config{URL: url, From: "a@example.jp"}); err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", url, err)
		}
	}
}

// A stranger on the line must not be able to talk us out of encryption.
// (This address reaches this machine and does not say so.)
func TestNoPasswordInTheClear(t *testing.T) {
	srv := serve(t, false, false, "")
	_, port, _ := net.SplitHostPort(srv.addr)
	s, err := mail.New(mail.Config{URL: "smtp://user:pass@0.0.0.0:" + port, From: "a@example.jp"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Send(context.Background(), invitation()); err == nil || !strings.Contains(err.Error(), "STARTTLS") {
		t.Errorf("in the clear to a host that is not this machine: %v", err)
	}
	select {
	case m := <-srv.mails:
		t.Errorf("arrived: %+v", m)
	default:
	}
}

type received struct {
	data, login string
	encrypted   bool
}

type server struct {
	addr   string
	trust  *tls.Config
	mails  chan received
	tls    *tls.Config
	answer string
	offer  bool
}

// serve is a small SMTP server: enough of RFC 5321, 3207 and 4954 to be met by
// a real client.
func serve(t *testing.T, implicit, offer bool, answer string) *server {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{addr: ln.Addr().String(), mails: make(chan received, 8), answer: answer, offer: offer}
	s.tls, s.trust = certificate(t)
	if implicit {
		ln = tls.NewListener(ln, s.tls)
	}
	t.Cleanup(func() { _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go s.talk(c, received{encrypted: implicit})
		}
	}()
	return s
}

func (s *server) talk(c net.Conn, m received) {
	defer c.Close()
	p := textproto.NewConn(c)
	_ = p.PrintfLine("220 test ESMTP")
	for {
		line, err := p.ReadLine()
		if err != nil {
			return
		}
		verb, rest, _ := strings.Cut(line, " ")
		switch strings.ToUpper(verb) {
		case "EHLO":
			_ = p.PrintfLine("250-test")
			if s.offer && !m.encrypted {
				_ = p.PrintfLine("250-STARTTLS")
			}
			_ = p.PrintfLine("250-8BITMIME\r\n250 AUTH PLAIN")
		case "STARTTLS":
			_ = p.PrintfLine("220 go on")
			c = tls.Server(c, s.tls)
			p, m.encrypted = textproto.NewConn(c), true
		case "AUTH":
			_, code, _ := strings.Cut(rest, " ")
			login, _ := base64.StdEncoding.DecodeString(code)
			m.login = string(login)
			_ = p.PrintfLine("235 welcome")
		case "RCPT":
			if s.answer != "" {
				_ = p.PrintfLine("%s", s.answer)
				continue
			}
			_ = p.PrintfLine("250 ok")
		case "DATA":
			_ = p.PrintfLine("354 go on")
			data, _ := p.ReadDotBytes()
			m.data = strings.ReplaceAll(string(data), "\n", "\r\n")
			s.mails <- m
			_ = p.PrintfLine("250 taken")
		case "QUIT":
			_ = p.PrintfLine("221 bye")
			return
		default:
			_ = p.PrintfLine("250 ok")
		}
	}
}

func certificate(t *testing.T) (server, client *tls.Config) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	tmpl := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}, &tls.Config{RootCAs: pool}
}
