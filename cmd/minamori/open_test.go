package main

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// The browser is any program called xdg-open: here one that writes down what it
// was asked to open.
func TestSecondStartOpensTheBrowser(t *testing.T) {
	dir := t.TempDir()
	asked := filepath.Join(dir, "asked")
	if err := os.WriteFile(filepath.Join(dir, "xdg-open"), []byte("#!/bin/sh\necho \"$1\" > "+asked+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+":"+os.Getenv("PATH"))
	healthy := true
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if healthy {
			_, _ = w.Write([]byte("ok\n"))
		}
	}))
	defer server.Close()
	texts, err := i18n.Load(content.Texts())
	if err != nil {
		t.Fatal(err)
	}
	c := &console{ctx: context.Background(), out: io.Discard, err: io.Discard, texts: texts, now: time.Now}
	s := serveCmd{Web: Web{Listen: strings.TrimPrefix(server.URL, "http://")}, Open: true}
	inUse := problem.New(http.StatusConflict, "address-in-use")
	if err := s.alreadyRunning(c, inUse); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(5 * time.Second)
	for {
		b, err := os.ReadFile(asked)
		if err == nil && strings.TrimSpace(string(b)) == server.URL {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("it opened %q, %v", b, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := (serveCmd{Web: s.Web}).alreadyRunning(c, inUse); err != inUse {
		t.Errorf("without --open: %v", err)
	}
	healthy = false // another program has the port
	if err := s.alreadyRunning(c, inUse); err != inUse {
		t.Errorf("another program: %v", err)
	}
	if err := s.alreadyRunning(c, context.Canceled); err != context.Canceled {
		t.Errorf("another fault: %v", err)
	}
}
