package main

import (
	"context"
	"encoding/base64"
	"io"
	"mime/quotedprintable"
	"net/mail"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// A letter of ours holds one address, ours, however the company is called
// (threats T29), and the queue never holds the secret (T23).
func TestInvitationLetterHoldsOurLinkAlone(t *testing.T) {
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	c := &console{ctx: ctx, out: io.Discard, err: io.Discard, texts: texts, now: time.Now}
	store := Store{Data: t.TempDir(), LogLevel: "error"}
	h, err := build(c, store, Web{MailFrom: "minamori@localhost"}, "http://localhost:8080")
	if err != nil {
		t.Fatal(err)
	}
	defer h.close()
	owner, err := h.Accounts.CreateAccount(ctx, auth.Person{Name: "http://bad.example.com 花子", Email: "owner@example.jp"}, false)
	if err != nil {
		t.Fatal(err)
	}
	o, err := h.Org.Create(ctx, owner.ID, org.Profile{Kind: org.KindCompany, Name: "www.example.com 株式会社" + strings.Repeat("長", org.NameLimit-20)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.Org.Invite(ctx, o.ID, web.Owner, "bob@example.jp", web.Member); err != nil {
		t.Fatal(err)
	}
	finish, err := h.start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	letter := waitForLetter(t, filepath.Join(store.Data, "outbox"))
	if err := finish(ctx); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(letter, "http"); n != 2 || strings.Contains(letter, "example.com") {
		t.Errorf("the letter holds %d addresses:\n%s", n, letter)
	}
	if !strings.Contains(letter, "http://localhost:8080/invitations/") || !strings.Contains(letter, "Role: ") {
		t.Errorf("the letter lacks its link or role:\n%s", letter)
	}
}

func waitForLetter(t *testing.T, dir string) string {
	t.Helper()
	for range 100 {
		if found, _ := filepath.Glob(filepath.Join(dir, "*.eml")); len(found) > 0 {
			return readLetter(t, found[0])
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("no letter was written")
	return ""
}

func readLetter(t *testing.T, file string) string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := mail.ReadMessage(f)
	if err != nil {
		t.Fatal(err)
	}
	body := io.Reader(m.Body)
	switch strings.ToLower(m.Header.Get("Content-Transfer-Encoding")) {
	case "base64":
		body = base64.NewDecoder(base64.StdEncoding, body)
	case "quoted-printable":
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
