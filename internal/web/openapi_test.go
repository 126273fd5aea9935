package web

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type mark string

func (m mark) MarshalText() ([]byte, error) { return []byte("mark " + m), nil }

type richView struct {
	At    time.Time         `json:"at"`
	Mark  mark              `json:"mark"`
	Rows  []struct{ A int } `json:"rows"`
	Other *struct {
		B mark `json:"b"`
	} `json:"other,omitempty"`
	Tree   *richView      `json:"tree,omitempty"`
	Words  map[string]row `json:"words"`
	Hidden func()         `json:"-"`
}

type Problem struct { // as another room might name a view
	Name string `json:"name"`
}

func documentOf(t *testing.T, routes []Route) map[string]any {
	t.Helper()
	raw, err := OpenAPI(routes, "1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	if again, _ := OpenAPI(routes, "1.2.3"); !bytes.Equal(raw, again) {
		t.Error("the same table gave another document")
	}
	if to := os.Getenv("MINAMORI_OPENAPI_OUT"); to != "" {
		if err := os.WriteFile(to, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var doc map[string]any
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

func sampleTable(t *testing.T) []Route {
	st := &stage{}
	rich := func(context.Context, none) (richView, error) { return richView{}, nil }
	other := func(context.Context, none) (Problem, error) { return Problem{}, nil }
	return append(st.routes(), Get("/rich", Public, "Shows all kinds.", rich, page[richView]),
		Get("/files/{rest...}", Public, "Shows a problem of its own.", other, page[Problem]))
}

func TestDocumentOfTheTable(t *testing.T) {
	routes := sampleTable(t)
	doc := documentOf(t, routes)
	if doc["openapi"] != "3.1.0" || at(doc, "info", "version") != "1.2.3" {
		t.Error(doc["openapi"], doc["info"])
	}
	ids := map[any]bool{}
	for _, r := range routes {
		op, _ := at(doc, "paths", "/api/v1"+plainPath(r.Path), strings.ToLower(r.Method)).(map[string]any)
		if r.PageOnly {
			if op != nil {
				t.Error(r.Path, "has no JSON face")
			}
			continue
		}
		if op == nil || op["summary"] != r.Doc || op["x-minamori-role"] != r.Role.String() || op["responses"] == nil || ids[op["operationId"]] {
			t.Errorf("%s %s: %v", r.Method, r.Path, op)
		}
		ids[op["operationId"]] = true
		for _, name := range wildcards(r.Path) {
			if !strings.Contains(compact(op["parameters"]), `"in":"path","name":"`+name+`","required":true`) {
				t.Errorf("%s: no parameter %s in %s", r.Path, name, compact(op["parameters"]))
			}
		}
	}
	refs(t, doc, doc)
}

func TestOperationsSayWhatTheRoutesDo(t *testing.T) {
	doc := documentOf(t, sampleTable(t))
	op := func(method, path string, rest ...string) string {
		return compact(at(doc, append([]string{"paths", "/api/v1" + path, method}, rest...)...))
	}
	for _, c := range [][2]string{
		{op("post", "/orgs/{org}/form", "requestBody", "content", "application/json", "schema", "properties", "count"), `{"format":"int64","type":"integer"}`},
		{op("post", "/orgs/{org}/form", "requestBody", "content", "application/json", "schema", "additionalProperties"), `false`},
		{op("post", "/orgs/{org}/form", "requestBody", "content", "application/json", "schema", "properties", "rows", "items"), `{"$ref":"#/components/schemas/WebRow"}`},
		{op("post", "/orgs/{org}/file", "requestBody", "content", "multipart/form-data", "schema", "properties", "file"), `{"contentMediaType":"application/octet-stream","type":"string"}`},
		{op("get", "/orgs/{org}/file.csv", "responses", "200", "content"), `{"application/octet-stream":{}}`},
		{op("get", "/orgs/{org}", "responses", "200", "content", "application/json", "schema"), `{"$ref":"#/components/schemas/WebHello"}`},
		{op("get", "/orgs/{org}", "responses", "default"), `{"$ref":"#/components/responses/Problem"}`},
		{op("get", "/orgs/{org}", "security"), `[{"session":[]},{"token":[]}]`},
		{op("get", "/", "security"), `[]`},
		{op("get", "/account", "security"), `[{"session":[]},{"token":[]}]`},
		{op("post", "/account/name", "security"), `[{"session":[]}]`},
		{op("get", "/operator", "security"), `[{"session":[]}]`},
		{op("post", "/orgs/{org}/danger", "security"), `[{"session":[]}]`},
		{op("post", "/orgs/{org}/danger", "x-minamori-step-up"), `true`},
		{compact(at(doc, "components", "schemas", "WebRichView", "properties", "mark")), `{"type":"string"}`},
		{compact(at(doc, "components", "schemas", "WebRichView", "properties", "at")), `{"format":"date-time","type":"string"}`},
		{compact(at(doc, "components", "schemas", "WebRichView", "properties", "Hidden")), `null`},
		{compact(at(doc, "components", "responses", "Problem", "content", "application/problem+json", "schema")), `{"$ref":"#/components/schemas/WebBody"}`},
	} {
		if c[0] != c[1] {
			t.Error(cmp.Diff(c[1], c[0]))
		}
	}
}

func TestDocumentIsServed(t *testing.T) {
	st := newStage(t, lite(t), nil)
	w := st.do(t, call{path: "/api/v1/openapi.json"})
	tag := w.Header().Get("ETag")
	if w.Code != 200 || tag == "" || w.Header().Get("Cache-Control") != "public, no-cache" || !json.Valid(w.Body.Bytes()) {
		t.Fatal(w.Code, w.Header())
	}
	again := st.do(t, call{path: "/api/v1/openapi.json", header: http.Header{"If-None-Match": {tag}}})
	if again.Code != 304 || again.Body.Len() != 0 {
		t.Error(again.Code)
	}
}

// at follows keys into a document.
func at(v any, keys ...string) any {
	for _, k := range keys {
		m, _ := v.(map[string]any)
		v = m[k]
	}
	return v
}

func compact(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// refs finds references that lead nowhere.
func refs(t *testing.T, doc, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		if ref, ok := v["$ref"].(string); ok && at(doc, strings.Split(strings.TrimPrefix(ref, "#/"), "/")...) == nil {
			t.Error("dangling", ref)
		}
		for _, inner := range v {
			refs(t, doc, inner)
		}
	case []any:
		for _, inner := range v {
			refs(t, doc, inner)
		}
	}
}
