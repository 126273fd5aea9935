package account_test

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
)

// startProvider runs the example provider of github.com/zitadel/oidc as a process
// of its own (tools/go.mod builds it) and returns its issuer.
func startProvider(t *testing.T, redirect string) string {
	t.Helper()
	program := os.Getenv("MINAMORI_TEST_OIDC")
	if program == "" {
		t.Skip("MINAMORI_TEST_OIDC names no provider: cd tools && go build -o /tmp/op github.com/zitadel/oidc/v3/example/server")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	must(t, l.Close())
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), "PORT="+port, "REDIRECT_URI="+redirect)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	issuer := "http://localhost:" + port + "/"
	for range 100 {
		if r, err := http.Get(issuer + ".well-known/openid-configuration"); err == nil {
			_ = r.Body.Close()
			return issuer
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the provider does not answer")
	return ""
}

// atProvider logs in on the provider's own pages and returns with what it sends
// the browser back.
func atProvider(t *testing.T, address, redirect string) url.Values {
	t.Helper()
	var back *url.URL
	client := http.Client{CheckRedirect: func(r *http.Request, _ []*http.Request) error {
		if strings.HasPrefix(r.URL.String(), redirect) {
			back = r.URL
			return http.ErrUseLastResponse
		}
		return nil
	}}
	r, err := client.Get(address)
	must(t, err)
	page, _ := io.ReadAll(r.Body)
	_ = r.Body.Close()
	form := url.Values{"username": {"test-user@localhost"}, "password": {"verysecure"}, "id": {r.Request.URL.Query().Get("authRequestID")}}
	r, err = client.PostForm(r.Request.URL.Scheme+"://"+r.Request.URL.Host+"/login/username", form)
	must(t, err)
	after, _ := io.ReadAll(r.Body)
	_ = r.Body.Close()
	if back == nil {
		t.Fatalf("the provider led nowhere: %.300s … %.300s", page, after)
	}
	return back.Query()
}

func TestRealProvider(t *testing.T) {
	const redirect = "http://localhost:8080/login/with/real/back"
	issuer := startProvider(t, redirect)
	dbtest.Each(t, []db.Schema{journal.Schema(), auth.Schema()}, func(t *testing.T, d *db.DB) {
		s := newStage(t, d, func(cfg *auth.Config) {
			cfg.HTTP = http.DefaultClient
			cfg.Providers = []auth.Provider{{ID: "real", Issuer: issuer, ClientID: "web", Secret: "secret", Scopes: []string{"profile", "email"}}}
		})
		s.now = time.Now()
		s.person(email)
		b := s.browser()
		b.login(email).want(t, 303)
		b.through(t, "/account/ways/with/real", redirect, 303)
		b.get("/account").want(t, 200, "real：")
		b.post("/logout").want(t, 303)
		s.now = time.Now()
		b.through(t, "/login/with/real", redirect, 303)
		if !b.signedIn() {
			t.Fatal("not signed in")
		}
		b.through(t, "/step-up/with/real", redirect, 303)
		q := b.through(t, "/login/with/real", redirect, 303)
		again := s.browser()
		again.post("/login/with/real").want(t, 200)
		again.comeBack("real", "state", q.Get("state"), "code", q.Get("code")).want(t, 422, "provider-return")
	})
}

// through goes to the real provider and back.
func (b *browser) through(t *testing.T, path, redirect string, status int) url.Values {
	t.Helper()
	b.s.now = time.Now()
	page := b.post(path, "next", "/account").want(t, 200, "data-onward")
	q := atProvider(t, b.onward(page), redirect)
	b.s.now = time.Now()
	b.comeBack("real", "state", q.Get("state"), "code", q.Get("code"), "iss", q.Get("iss")).want(t, status)
	return q
}
