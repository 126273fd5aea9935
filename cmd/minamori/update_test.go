package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
)

func TestUpdateCheck(t *testing.T) {
	secret, public, err := note.GenerateKey(rand.Reader, "release.example.jp")
	if err != nil {
		t.Fatal(err)
	}
	_, stranger, _ := note.GenerateKey(rand.Reader, "release.example.jp")
	signer, err := note.NewSigner(secret)
	if err != nil {
		t.Fatal(err)
	}
	sign := func(text string) string {
		b, err := note.Sign(&note.Note{Text: text}, signer)
		if err != nil {
			t.Fatal(err)
		}
		return string(b)
	}
	genuine := sign("minamori release\nversion v1.2.0\ncommit abc\ndate 2026-11-24\nsums 00\n")
	for name, c := range map[string]struct {
		body, key, running string
		code               int
		says               string
	}{
		"newest":            {genuine, public, "v1.2.0", exitDone, "newest: v1.2.0"},
		"newer is out":      {genuine, public, "v1.1.9", exitNo, "newest: v1.2.0"},
		"built from source": {genuine, public, "(devel)", exitError, "v1.2.0"},
		"altered":           {strings.Replace(genuine, "v1.2.0", "v9.9.9", 1), public, "v1.2.0", exitError, "valid signature"},
		"another key":       {genuine, stranger, "v1.2.0", exitError, "valid signature"},
		"no key":            {genuine, "", "v1.2.0", exitError, "public key"},
		"another note":      {sign("something else\nversion v9.0.0\n"), public, "v1.2.0", exitError, "valid signature"},
		"too long":          {genuine + strings.Repeat("x", maxNote), public, "v1.2.0", exitError, "no answer"},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.body) }))
		t.Setenv("LC_ALL", "en_GB.UTF-8")
		was := version
		version = c.running
		var out bytes.Buffer
		args := []string{"update", "check", "--from", server.URL, "--allow-networks", "127.0.0.0/8"}
		if c.key != "" {
			args = append(args, "--key", c.key)
		}
		if code := run(context.Background(), args, &out, &out); code != c.code || !strings.Contains(out.String(), c.says) {
			t.Errorf("%s: exit %d, %s", name, code, out.String())
		}
		version = was
		server.Close()
	}
}

// Without being told, no address inside is asked.
func TestUpdateCheckStaysOutside(t *testing.T) {
	asked := false
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	defer server.Close()
	_, public, _ := note.GenerateKey(rand.Reader, "release.example.jp")
	if code := run(context.Background(), []string{"update", "check", "--from", server.URL, "--key", public}, io.Discard, io.Discard); code != exitError || asked {
		t.Errorf("exit %d, asked %v", code, asked)
	}
}
