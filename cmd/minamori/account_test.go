package main

import (
	"context"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/i18n"
)

// A letter about an account holds one link at most, ours, whatever the person is
// called; the queue holds an id alone.
func TestLettersAboutAnAccount(t *testing.T) {
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
	a, err := h.Accounts.CreateAccount(ctx, auth.Person{Name: "http://bad.example.com 花子", Email: "hanako@mihon.example"}, false)
	if err != nil {
		t.Fatal(err)
	}
	finish, err := h.start(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Accounts.SetEmail(ctx, a.ID, "new@mihon.example", false); err != nil {
		t.Fatal(err)
	}
	all := waitForLetters(t, filepath.Join(store.Data, "outbox"), 2) // the former address is told, the new one is asked
	if err := finish(ctx); err != nil {
		t.Fatal(err)
	}
	if strings.Count(all, "http://") != 1 || !strings.Contains(all, "http://localhost:8080/account/confirm?code=") || strings.Contains(all, "example.com") {
		t.Errorf("letters:\n%s", all)
	}
	if !strings.Contains(all, "メールアドレスが、ほかのものに変わりました。") {
		t.Errorf("the former address is not told:\n%s", all)
	}
}

func waitForLetters(t *testing.T, dir string, n int) (all string) {
	t.Helper()
	for range 200 {
		if found, _ := filepath.Glob(filepath.Join(dir, "*.eml")); len(found) >= n {
			for _, f := range found {
				all += readLetter(t, f)
			}
			return all
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("not %d letters", n)
	return ""
}
