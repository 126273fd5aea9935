package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// In a demo anybody may be anybody, so it has no address for others.
func TestDemoHasNoPublicAddress(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, demoMark), []byte("{}"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"https://minamori.example.jp", "http://minamori.example.jp:8080", "http://192.168.1.5"} {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		var out, errs bytes.Buffer
		code := run(ctx, []string{"serve", "--data", dir, "--listen", "localhost:0", "--public-url", address}, &out, &errs)
		cancel()
		if code != 2 || !bytes.Contains(errs.Bytes(), []byte("--listen localhost:8080")) {
			t.Errorf("%s: exit %d, %s%s", address, code, &out, &errs)
		}
	}
}
