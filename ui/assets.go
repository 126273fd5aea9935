package ui

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
)

// AssetFS holds the style sheet, the icons and the scripts as they stand in
// the source.
//
//go:embed assets/*.css assets/*.js assets/*.svg
var AssetFS embed.FS

type asset struct {
	url         string
	contentType string
	plain, gzip []byte
}

// assets is filled once at start and only read afterwards.
var assetsByName, assetsByURL = loadAssets()

func loadAssets() (byName, byURL map[string]*asset) {
	byName, byURL = map[string]*asset{}, map[string]*asset{}
	files, err := fs.Glob(AssetFS, "assets/*")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	for _, file := range files {
		body, err := AssetFS.ReadFile(file)
		if err != nil {
			panic(err) // an embedded file cannot be missing
		}
		a := newAsset(path.Base(file), body)
		byName[path.Base(file)] = a
		byURL[a.url] = a
	}
	return byName, byURL
}

func newAsset(name string, body []byte) *asset {
	sum := sha256.Sum256(body)
	ext := path.Ext(name)
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	return &asset{
		url:         "/assets/" + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext,
		contentType: types[ext],
		plain:       body,
		gzip:        squeeze(body),
	}
}

func squeeze(body []byte) []byte {
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = z.Write(body)                                  // a buffer does not fail
	_ = z.Close()
	return b.Bytes()
}

// Asset returns the URL of an asset; its digest is part of the name. A name that
// does not exist gives a URL that answers 404, which page tests look for.
func Asset(name string) string {
	if a, ok := assetsByName[name]; ok {
		return a.url
	}
	return "/assets/missing/" + name
}

// ServeAssets answers GET /assets/…: compressed at start, never changing under
// one name, and therefore cached for a year.
func ServeAssets(w http.ResponseWriter, r *http.Request) {
	a, ok := assetsByURL[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	body := a.plain
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = a.gzip
	}
	_, _ = w.Write(body) // a reader who left is no error of ours
}
