package web

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/problem"
)

func TestStrictJSON(t *testing.T) {
	st := newStage(t, lite(t), nil)
	for _, c := range []struct {
		name, body string
		want       int
		code       string
	}{
		{"plain", `{"name":"a","count":3,"ticks":["x","y"],"rows":[{"key":"k"}]}`, 200, ""},
		{"byte order mark", "\ufeff" + `{"name":"a"}`, 200, ""},
		{"nothing", "", 422, "invalid"},
		{"unknown member", `{"name":"a","other":1}`, 400, "json"},
		{"twice", `{"name":"a","name":"b"}`, 400, "json"},
		{"other case", `{"Name":"a"}`, 400, "json"},
		{"twice in other case", `{"name":"a","NAME":"b"}`, 400, "json"},
		{"twice inside", `{"name":"a","rows":[{"key":"k","key":"l"}]}`, 400, "json"},
		{"other case inside", `{"name":"a","rows":[{"Key":"k"}]}`, 400, "json"},
		{"escaped twin", `{"name":"a","nam\u0065":"b"}`, 400, "json"},
		{"name of the Go field", `{"name":"a","Org":"other"}`, 400, "json"},
		{"a field of the query", `{"name":"a","Filter":"x"}`, 400, "json"},
		{"trailing value", `{"name":"a"}{}`, 400, "json"},
		{"trailing brace", `{"name":"a"}}`, 400, "json"},
		{"trailing bracket", `{"name":"a"}]`, 400, "json"},
		{"trailing words", `{"name":"a"} x`, 400, "json"},
		{"cut", `{"name":"a"`, 400, "json"},
		{"list", `[]`, 400, "json"},
		{"null", `null`, 400, "json"},
		{"wrong type", `{"name":1}`, 400, "json"},
		{"too large a number", `{"name":"a","count":1e99}`, 400, "json"},
		{"deep", `{"name":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + `}`, 400, "json"},
		{"very deep", strings.Repeat(`{"rows":`, 20000), 400, "json"},
		{"broken UTF-8", "{\"name\":\"\xff\"}", 400, "encoding"},
		{"Shift_JIS", "{\"name\":\"\x83\x65\"}", 400, "encoding"},
		{"NUL", `{"name":"a\u0000"}`, 400, "encoding"},
		{"a form", `name=a`, 400, "json"},
		{"10 MB", `{"name":"` + strings.Repeat("a", 10<<20) + `"}`, 413, "too-large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(st.saved)
			w := st.do(t, call{method: "POST", path: "/api/v1/orgs/acme/form", body: c.body, kind: "application/json", as: "yuki"})
			if w.Code != c.want {
				t.Fatalf("%d: %.300s", w.Code, w.Body)
			}
			if (len(st.saved) > before) != (c.want == 200) {
				t.Error("half done")
			}
			if c.code == "" {
				return
			}
			var p body
			if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil || p.Type != "about:blank#"+c.code || p.Title == "" || p.Hint == "" ||
				p.Request != w.Header().Get("X-Request-Id") || w.Header().Get("Content-Type") != "application/problem+json" {
				t.Errorf("%+v %v", p, err)
			}
		})
	}
}

func TestKeysOfMapsDifferByMoreThanCase(t *testing.T) {
	type in struct {
		Words map[string]row `json:"words"`
	}
	for body, ok := range map[string]bool{
		`{"words":{"a":{"key":"x"},"b":{}}}`: true, `{"words":{"a":{},"A":{}}}`: false, `{"words":{"a":{},"a":{}}}`: false, `{"words":{"a":{"Key":""}}}`: false,
	} {
		if err := strictJSON([]byte(body), &in{}); (err == nil) != ok {
			t.Error(body, err)
		}
	}
}

func TestInvalidFieldsAreNamed(t *testing.T) {
	st := newStage(t, lite(t), nil)
	var p body
	w := st.do(t, call{method: "POST", path: "/api/v1/orgs/acme/form", body: `{"name":""}`, as: "yuki"})
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	want := body{Type: "about:blank#invalid", Status: 422, Title: "直すところが1つあります。", Hint: p.Hint, Request: p.Request,
		Fields: []fieldError{{"name", "書き方を読み取れませんでした。例にならって入力してください。"}}}
	if d := cmp.Diff(want, p); d != "" {
		t.Error(d)
	}
}

func TestForms(t *testing.T) {
	st := newStage(t, lite(t), nil)
	many := strings.Repeat("x=1&", 20000)
	for _, c := range []struct {
		name, path, body string
		want             int
		saved, shown     string
	}{
		{"plain", "", "name=%E7%9A%86%E5%AE%88&ticks=a&ticks=b", 303, "acme/皆守/a+b/", ""},
		{"query beside it", "?filter=f", "name=a", 303, "acme/a//f", ""},
		{"body cannot fill the query", "", "name=a&filter=evil", 303, "acme/a//", ""},
		{"body cannot fill the path", "", "name=a&org=other", 303, "acme/a//", ""},
		{"query cannot fill the body", "?name=evil", "ticks=a", 422, "", "again acme  a name:form"},
		{"full-width number", "", "name=a&count=%EF%BC%91%EF%BC%92", 303, "acme/a//", ""},
		{"rows are for JSON", "", "name=a&rows=1", 303, "acme/a//", ""},
		{"what was typed stays", "", "name=&ticks=a&ticks=b", 422, "", "again acme  a+b name:form"},
		{"number", "", "name=kept&count=abc", 422, "", "again acme kept  name: count:number"},
		{"broken UTF-8", "", "name=%ff", 422, "", "name:encoding"},
		{"Shift_JIS", "", "name=%83%65", 422, "", "name:encoding"},
		{"NUL", "", "name=a%00b", 422, "", "name:encoding"},
		{"broken escapes", "", "name=%zz", 400, "", "読み取れませんでした"},
		{"broken query", "?filter=%zz", "name=a", 400, "", "読み取れませんでした"},
		{"too many fields", "", many + "name=a", 400, "", "読み取れませんでした"},
		{"300 KB", "", "name=" + strings.Repeat("a", 300<<10), 413, "", "大きすぎます"},
	} {
		t.Run(c.name, func(t *testing.T) {
			st.saved = nil
			w := st.do(t, call{method: "POST", path: "/orgs/acme/form" + c.path, body: c.body, as: "yuki"})
			if w.Code != c.want || strings.Join(st.saved, "") != c.saved || !strings.Contains(w.Body.String(), c.shown) {
				t.Errorf("%d %q: %.300s", w.Code, st.saved, w.Body)
			}
		})
	}
}

// The questions of one form have a group of buttons each; together they are one map.
func TestFieldsOfOneNameFillAMap(t *testing.T) {
	type in struct {
		Answers map[string]string `json:"answers"`
		Other   string            `json:"other"`
	}
	for body, want := range map[string]in{
		"answers.1=done&answers.2-a=&other=x":  {map[string]string{"1": "done", "2-a": ""}, "x"},
		"answers.1=done&answers.1=partly":      {map[string]string{"1": "done"}, ""},
		"answers=done&answer.1=done&other.1=x": {nil, ""},
		"answers.%ff=done":                     {nil, ""},
		"answers.1=a%00b":                      {nil, ""},
	} {
		var got in
		var bad problem.Invalid
		values, err := url.ParseQuery(body)
		if err != nil {
			t.Fatal(err)
		}
		fill(reflect.ValueOf(&got).Elem(), planOf(reflect.TypeFor[in]()).body, formValues{values, nil}, &bad)
		if d := cmp.Diff(want, got); d != "" {
			t.Error(body, d)
		}
		if broken := strings.Contains(body, "%"); broken != (bad.Or() != nil) {
			t.Errorf("%s: %v", body, bad.Or())
		}
	}
}

func upload(t *testing.T, name string, size int) (body, kind string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = part.Write(append([]byte("%PDF"), make([]byte, size)...))
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), w.FormDataContentType()
}

func TestUploads(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	st := newStage(t, lite(t), nil)
	for _, c := range []struct {
		name   string
		size   int
		cut    bool
		page   int
		api    int
		result string
	}{
		{"small.pdf", 10, false, 303, 200, "small.pdf %PDF"},
		{"日本.pdf", 2 << 20, false, 303, 200, "日本.pdf %PDF"},
		{"large.pdf", 4 << 20, false, 413, 413, ""},
		{"cut.pdf", 100, true, 400, 400, ""},
		{"../../etc/passwd", 10, false, 303, 200, "passwd %PDF"},
	} {
		for path, want := range map[string]int{"/orgs/acme/file": c.page, "/api/v1/orgs/acme/file": c.api} {
			st.saved = nil
			body, kind := upload(t, c.name, c.size)
			if c.cut {
				body = body[:len(body)-60]
			}
			w := st.do(t, call{method: "POST", path: path, body: body, kind: kind, as: "yuki"})
			if w.Code != want || strings.Join(st.saved, "") != c.result {
				t.Errorf("%s %s: %d %q %s", path, c.name, w.Code, st.saved, w.Body)
			}
		}
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) > 0 {
		t.Error("uploads were left on disk:", left, err)
	}
}

// Texts stay within the limit of a form even where files are taken, and one
// account sends so many large bodies at once and no more: both would otherwise
// fill the memory or the disk of everybody.
func TestLargeBodiesAreBounded(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	st := newStage(t, lite(t), nil)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	_ = w.WriteField("note", strings.Repeat("x", 1<<20))
	_ = w.Close()
	long := call{method: "POST", path: "/orgs/acme/file", body: b.String(), kind: w.FormDataContentType(), as: "yuki"}
	if got := st.do(t, long); got.Code != 413 {
		t.Errorf("a megabyte of text: %d", got.Code)
	}
	words := `{"file":{"x":"` + strings.Repeat("x", 1<<20) + `"}}`
	if got := st.do(t, call{method: "POST", path: "/api/v1/orgs/acme/file", body: words, as: "yuki"}); got.Code != 413 {
		t.Errorf("a megabyte of JSON: %d", got.Code)
	}
	body, kind := upload(t, "a.pdf", 1<<20)
	file := call{method: "POST", path: "/orgs/acme/file", body: body, kind: kind, as: "yuki"}
	var slow []*io.PipeWriter
	var answers sync.WaitGroup
	for range largeAtOnce {
		r := httptest.NewRequest("POST", "http://localhost:8080/orgs/acme/file", nil)
		out, in := io.Pipe()
		r.RemoteAddr, r.Body, r.ContentLength = "127.0.0.1:5000", out, -1
		r.Header.Set("Content-Type", kind)
		r.AddCookie(&http.Cookie{Name: "session", Value: "yuki"})
		answers.Go(func() { st.handler.ServeHTTP(httptest.NewRecorder(), r) })
		_, _ = io.WriteString(in, body[:100]) // returns when the server reads
		slow = append(slow, in)
	}
	if got := st.do(t, file); got.Code != 429 {
		t.Errorf("one large body too many: %d", got.Code)
	}
	if got := st.do(t, call{method: "POST", path: "/orgs/acme/form", body: "name=a", as: "yuki"}); got.Code != 303 {
		t.Errorf("a small form beside them: %d", got.Code)
	}
	for _, in := range slow {
		_ = in.CloseWithError(io.ErrUnexpectedEOF)
	}
	answers.Wait()
	if got := st.do(t, file); got.Code != 303 {
		t.Errorf("when they are through: %d", got.Code)
	}
}

func TestTooManyParts(t *testing.T) {
	st := newStage(t, lite(t), nil)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for i := range 2000 {
		_ = w.WriteField(fmt.Sprint("f", i), "x")
	}
	_ = w.Close()
	got := st.do(t, call{method: "POST", path: "/orgs/acme/form", body: b.String(), kind: w.FormDataContentType(), as: "yuki"})
	if got.Code != 413 && got.Code != 400 || len(st.saved) > 0 {
		t.Error(got.Code, st.saved)
	}
}

func FuzzStrictJSON(f *testing.F) {
	for _, s := range []string{`{"name":"a"}`, `{"rows":[{"key":"k"}]}`, `{"a":{}}`, `[]`, "\ufeff{}", `{"name":"\ud800"}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var in formIn
		if strictJSON(b, &in) != nil {
			return
		}
		if in.Org != "" || in.Filter != "" {
			t.Errorf("%q filled %+v", b, in)
		}
		var loose map[string]any
		if err := json.Unmarshal(b, &loose); err != nil {
			t.Errorf("%q was taken: %v", b, err)
		}
	})
}
