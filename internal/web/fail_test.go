package web

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/problem"
)

func TestReadingNeverWrites(t *testing.T) {
	dbtest.Each(t, sampleSchema, func(t *testing.T, d *db.DB) {
		st := newStage(t, d, nil)
		for _, path := range []string{"/writes", "/api/v1/writes"} {
			if w := st.do(t, call{path: path}); w.Code != 500 {
				t.Error(path, w.Code)
			}
		}
		if !strings.Contains(st.log.String(), db.ErrReadOnly.Error()) {
			t.Error(st.log)
		}
	})
}

func TestDatabaseAwayStillDrawsThePage(t *testing.T) {
	dbtest.Each(t, sampleSchema, func(t *testing.T, d *db.DB) {
		st := newStage(t, d, nil)
		if w := st.do(t, call{path: "/", as: "yuki"}); w.Code != 200 {
			t.Fatal(w.Code)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		away := 0
		for range 40 {
			w := st.do(t, call{path: "/", as: "yuki"})
			if w.Code == 200 {
				continue // a snapshot on a connection that was already open
			}
			away++
			if w.Code != 503 || !strings.Contains(w.Body.String(), "いま、記録を読み書きできません。") || w.Header().Get("Retry-After") == "" {
				t.Fatal(w.Code, w.Body)
			}
			w = st.do(t, call{path: "/api/v1/", as: "yuki"})
			if w.Code != 200 && w.Code != 503 || w.Code == 503 && w.Header().Get("Content-Type") != "application/problem+json" {
				t.Fatal(w.Code, w.Body)
			}
		}
		if away == 0 {
			t.Error("the closed database was never missed")
		}
	})
}

func TestPanicIsOurs(t *testing.T) {
	st := newStage(t, lite(t), nil)
	for _, path := range []string{"/panics", "/api/v1/panics"} {
		w := st.do(t, call{path: path})
		if w.Code != 500 || !strings.Contains(w.Body.String(), w.Header().Get("X-Request-Id")) || !strings.Contains(w.Body.String(), "こちらの不具合") {
			t.Error(w.Code, w.Body)
		}
	}
	log := st.log.String()
	if n := strings.Count(log, `"msg":"panic"`); n != 2 || strings.Contains(log, "canary") || !strings.Contains(log, "stage_test.go") || strings.Contains(log, `"failed"`) {
		t.Error(n, log)
	}
	for i := range 20 { // the snapshots must have been given back
		if w := st.do(t, call{path: "/panics"}); w.Code != 500 {
			t.Fatal(i, w.Code)
		}
	}
}

func TestPanicInTheProblemPage(t *testing.T) {
	st := newStage(t, lite(t), func(c *Config) {
		c.Problem = func(*problem.Problem, string) templ.Component { panic("again") }
	})
	if w := st.do(t, call{path: "/panics"}); w.Code != 500 || w.Body.Len() == 0 {
		t.Error(w.Code, w.Body)
	}
}

func TestFaultsSayNothingOfPeople(t *testing.T) {
	for in, want := range map[string]string{
		`strconv.Atoi: parsing "03-1234": invalid syntax`:             `strconv.Atoi: parsing "…": invalid syntax`,
		`parse "http://a/\"b": x`:                                     `parse "…": x`,
		`duplicate key violates unique constraint "org_number_key"`:   `duplicate key violates unique constraint "org_number_key"`,
		`invalid input syntax for type integer: "Yuki" (in SELECT ?)`: `invalid input syntax for type integer: "…" (in SELECT ?)`,
	} {
		if got := unquoted(in); got != want {
			t.Errorf("%s\n%s", got, want)
		}
	}
}

func TestCanariesStayOutOfLogAndMetrics(t *testing.T) {
	st := newStage(t, lite(t), nil)
	const c = "canary7f3a"
	head := http.Header{
		"User-Agent": {c}, "Referer": {"http://" + c + "/"}, "X-Forwarded-For": {c}, "Accept-Language": {c}, "X-Custom": {c},
		"Cookie": {"session=" + c + "; other=" + c}, "Traceparent": {c}, "X-Request-Id": {c},
	}
	for _, x := range []call{
		{path: "/" + c}, {path: "/orgs/" + c}, {path: "/orgs/acme?after=" + c}, {path: "/api/v1/orgs/" + c}, {path: "/breaks?x=" + c},
		{path: "/panics?x=" + c}, {path: "/writes?" + c}, {method: "POST", path: "/orgs/acme/form?filter=" + c, body: "name=" + c},
		{method: "POST", path: "/api/v1/orgs/acme/form", body: `{"` + c + `":"` + c + `"}`}, {method: strings.ToUpper(c), path: "/"},
		{path: "/", host: c + ".example"}, {path: "/", from: "192.0.2.77:5"}, {path: "/api/v1/", token: c}, {path: "/assets/" + c},
		{method: "POST", path: "/orgs/acme/file", body: c, kind: "multipart/form-data; boundary=" + c}, {path: "/orgs/acme/file.csv?n=900&after=broken"},
	} {
		for _, as := range []string{"", "yuki!"} {
			x.header, x.as = head.Clone(), as
			func() {
				defer func() { _ = recover() }() // the file that is cut
				st.do(t, x)
			}()
		}
	}
	w := httptest.NewRecorder()
	st.Metrics.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if !strings.Contains(w.Body.String(), `route="/orgs/{org}"`) {
		t.Error("no metrics")
	}
	for _, secret := range []string{c, strings.ToUpper(c), "192.0.2.77", "127.0.0.1", "secret-canary"} {
		for where, text := range map[string]string{"log": st.log.String(), "metrics": w.Body.String()} {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s holds %s: …%s", where, secret, text[max(0, i-200):i+40])
			}
		}
	}
	for line := range strings.SplitSeq(strings.TrimSpace(st.log.String()), "\n") {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil {
			t.Fatal(err)
		}
		for k := range fields {
			if !strings.Contains(" time level msg request method route status took queries account problem error panic stack ", " "+k+" ") {
				t.Error("unexpected field", k)
			}
		}
	}
}

// Whatever is refused stands in the log with why, so that an operator can see
// somebody trying doors.
func TestRefusalsNameTheirReason(t *testing.T) {
	for want, c := range map[string]call{
		"host":         {path: "/", host: "evil.example"},
		"plain-http":   {path: "/", from: "192.0.2.1:4"},
		"cross-origin": {method: "POST", path: "/orgs/acme/form", body: "name=a", as: "yuki", header: http.Header{"Sec-Fetch-Site": {"cross-site"}}},
		"login":        {path: "/account"},
		"token":        {path: "/api/v1/orgs/acme", token: "made-up"},
		"not-found":    {path: "/orgs/acme", as: "ope"},
		"invalid":      {method: "POST", path: "/orgs/acme/form", body: "name=", as: "yuki"}, // the form once more
		"method":       {method: "DELETE", path: "/orgs/acme", as: "yuki"},
		"json":         {method: "POST", path: "/api/v1/orgs/acme/form", body: "{", as: "yuki"},
	} {
		st := newStage(t, lite(t), nil)
		w := st.do(t, c)
		lines := strings.Split(strings.TrimSpace(st.log.String()), "\n")
		var line struct{ Msg, Time, Request, Problem string }
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &line); err != nil {
			t.Fatal(err)
		}
		if line.Msg != "request" || line.Problem != want || line.Request != w.Header().Get("X-Request-Id") || !strings.Contains(line.Time, "T") {
			t.Errorf("%s: %d %+v", want, w.Code, line)
		}
	}
}

func (st *stage) live(t *testing.T) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(st.handler)
	t.Cleanup(srv.Close)
	return srv
}

func TestSlowHandler(t *testing.T) {
	st := newStage(t, lite(t), nil)
	st.timeout = 50 * time.Millisecond
	w := st.do(t, call{path: "/slow"})
	if w.Code != 503 || !strings.Contains(w.Body.String(), "時間内に終わりませんでした。") {
		t.Error(w.Code, w.Body)
	}
}

func TestSlowBodyEnds(t *testing.T) {
	st := newStage(t, lite(t), nil)
	st.timeout = 100 * time.Millisecond
	srv := st.live(t)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = fmt.Fprintf(conn, "POST /api/v1/orgs/acme/form HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer writes\r\nContent-Length: 100\r\n\r\n{")
	_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != 408 || len(st.saved) > 0 {
		t.Error(resp.StatusCode, st.saved)
	}
}

func TestCallerWhoLeftIsNoFault(t *testing.T) {
	st := newStage(t, lite(t), nil)
	ctx, cancel := context.WithCancel(context.Background())
	r := httptest.NewRequest("GET", "http://localhost/slow", nil).WithContext(ctx)
	r.RemoteAddr = "127.0.0.1:1"
	time.AfterFunc(20*time.Millisecond, cancel)
	st.handler.ServeHTTP(httptest.NewRecorder(), r)
	if strings.Contains(st.log.String(), "ERROR") || !strings.Contains(st.log.String(), `"status":499`) {
		t.Error(st.log)
	}
}

func TestFiles(t *testing.T) {
	st := newStage(t, lite(t), nil)
	w := st.do(t, call{path: "/orgs/acme/file.csv?n=2", as: "yuki"})
	h := w.Header()
	if w.Code != 200 || w.Body.Len() != 2048 || h.Get("Content-Disposition") != `attachment; filename*=utf-8''%E4%B8%80%E8%A6%A7.csv` ||
		h.Get("Content-Security-Policy") != "sandbox; default-src 'none'" {
		t.Error(w.Code, w.Body.Len(), h)
	}
	if w := st.do(t, call{path: "/orgs/acme/file.csv?n=2&after=broken", as: "yuki"}); w.Code != 500 || strings.Contains(w.Body.String(), "xxx") || w.Header().Get("Content-Disposition") != "" {
		t.Error("an early error must be a problem:", w.Code, w.Header())
	}
	if w := st.do(t, call{path: "/orgs/acme/file.csv?n=3000", as: "yuki"}); w.Code != 200 || w.Body.Len() != 3000<<10 {
		t.Error(w.Code, w.Body.Len())
	}
	srv := st.live(t)
	for range 2 * cap(st.streams) { // places are given back after a fault
		for _, encoding := range []string{"identity", "gzip"} {
			if _, err := fetch(t, srv, "/orgs/acme/file.csv?n=900&after=broken", encoding); err == nil {
				t.Fatal("a late error must cut the answer", encoding)
			}
		}
	}
	for range cap(st.streams) {
		st.streams <- struct{}{}
	}
	if w := st.do(t, call{path: "/orgs/acme/file.csv?n=900", as: "yuki"}); w.Code != 503 {
		t.Error("no place left:", w.Code)
	}
	if w := st.do(t, call{path: "/orgs/acme/file.csv?n=9", as: "yuki"}); w.Code != 200 {
		t.Error("small files need no place:", w.Code)
	}
}

func TestReaderWhoHangsUpIsNotNamed(t *testing.T) {
	st := newStage(t, lite(t), nil)
	srv := st.live(t)
	conn, err := net.Dial("tcp", srv.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_, _ = fmt.Fprintf(conn, "GET /orgs/acme/file.csv?n=50000 HTTP/1.1\r\nHost: localhost\r\nCookie: session=yuki\r\n\r\n")
	_, _ = io.ReadFull(conn, make([]byte, 1000))
	_ = conn.Close()
	for range 100 {
		if strings.Contains(st.log.String(), `"msg":"request"`) {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	if log := st.log.String(); strings.Contains(log, "127.0.0.1") || strings.Contains(log, "failed") || !strings.Contains(log, `"msg":"request"`) {
		t.Error(log)
	}
}

func fetch(t *testing.T, srv *httptest.Server, path, encoding string) ([]byte, error) {
	t.Helper()
	r, _ := http.NewRequest("GET", srv.URL+path, nil)
	r.AddCookie(&http.Cookie{Name: "session", Value: "yuki"})
	r.Header.Set("Accept-Encoding", encoding)
	resp, err := srv.Client().Do(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	if got := resp.Header.Get("Content-Encoding"); err == nil && encoding == "gzip" && got != "gzip" {
		return b, errors.New("not compressed: " + got)
	}
	return b, err
}

func TestCompression(t *testing.T) {
	srv := newStage(t, lite(t), nil).live(t)
	for _, path := range []string{"/big", "/api/v1/big", "/api/v1/openapi.json", "/assets/a.css"} {
		small, err := fetch(t, srv, path, "gzip")
		if err != nil {
			t.Fatal(path, err)
		}
		whole, err := fetch(t, srv, path, "identity")
		if err != nil {
			t.Fatal(path, err)
		}
		z, err := gzip.NewReader(strings.NewReader(string(small)))
		if err != nil {
			t.Fatal(path, err)
		}
		got, err := io.ReadAll(z)
		if err != nil || string(got) != string(whole) || len(small) >= len(whole) {
			t.Error(path, len(small), len(whole), len(got), err)
		}
	}
}
