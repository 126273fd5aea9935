package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
)

func TestVendoredFileIsTheOneWeRecorded(t *testing.T) {
	record, err := os.ReadFile("assets/VENDOR.md")
	if err != nil {
		t.Fatal(err)
	}
	body, err := AssetFS.ReadFile("assets/htmx.min.js")
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(body)
	if digest := hex.EncodeToString(sum[:]); !strings.Contains(string(record), "| "+digest+" |") {
		t.Errorf("assets/VENDOR.md does not record %s", digest)
	}
}

func TestAssetsAreCachedForEverAndCompressed(t *testing.T) {
	for _, name := range []string{"minamori.css", "icons.svg", "app.js", "htmx.min.js", "mark.svg"} {
		r := httptest.NewRequest("GET", Asset(name), nil)
		r.Header.Set("Accept-Encoding", "br, gzip")
		w := httptest.NewRecorder()
		ServeAssets(w, r)
		if w.Code != 200 || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Fatalf("%s: %d %v", name, w.Code, w.Header())
		}
		z, err := gzip.NewReader(w.Body)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if want, _ := AssetFS.ReadFile("assets/" + name); !bytes.Equal(got, want) {
			t.Errorf("%s: body differs from the file", name)
		}
	}
}

func TestUnknownAssetIsNotFound(t *testing.T) {
	for _, path := range []string{Asset("nothing.css"), "/assets/minamori.000000000000.css", "/assets/"} {
		w := httptest.NewRecorder()
		ServeAssets(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
}
