package account_test

import (
	"context"
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"html"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/journal"
)

// op is an OpenID provider of the test's own, which does wrong what it is told to.
type op struct {
	*httptest.Server
	t      *testing.T
	s      *stage
	key    *rsa.PrivateKey
	kid    string
	down   bool
	iss    bool // announces RFC 9207
	user   string
	nonce  string
	hash   string // of PKCE
	back   string // redirect URI of the last request
	asked  url.Values
	spoil  func(claims map[string]any)
	sign   func(header, claims []byte) string
	logins int
	poses  string // the issuer that its own description names; "" for the true one
}

func newOP(t *testing.T) *op {
	p := &op{t: t, kid: "1", user: "sub-1"}
	p.newKey()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		issuer := p.URL
		if p.poses != "" {
			issuer = p.poses
		}
		p.say(w, map[string]any{
			"issuer": issuer, "authorization_endpoint": p.URL + "/auth", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/keys",
			"authorization_response_iss_parameter_supported": p.iss, "id_token_signing_alg_values_supported": []string{"RS256", "HS256", "none"},
		})
	})
	mux.HandleFunc("GET /keys", func(w http.ResponseWriter, _ *http.Request) {
		p.say(w, map[string]any{"keys": []any{map[string]any{
			"kty": "RSA", "kid": p.kid, "alg": "RS256", "use": "sig",
			"n": b64(p.key.N.Bytes()), "e": b64(big.NewInt(int64(p.key.E)).Bytes()),
		}}})
	})
	mux.HandleFunc("POST /token", p.token)
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func (p *op) newKey() {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	must(p.t, err)
	p.key = key
}

func (p *op) say(w http.ResponseWriter, v any) {
	if p.down {
		http.Error(w, "down", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (p *op) token(w http.ResponseWriter, r *http.Request) {
	user, secret, _ := r.BasicAuth()
	sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
	if user != "minamori" || secret != "op-canary-secret" || r.FormValue("code") != "code-canary" ||
		b64(sum[:]) != p.hash || r.FormValue("redirect_uri") != p.back {
		w.WriteHeader(http.StatusBadRequest)
		p.say(w, map[string]string{"error": "invalid_grant"})
		return
	}
	p.logins++
	p.say(w, map[string]any{"access_token": "access-canary", "token_type": "Bearer", "id_token": p.idToken()})
}

func (p *op) idToken() string {
	claims := map[string]any{
		"iss": p.URL, "aud": "minamori", "sub": p.user, "nonce": p.nonce, "iat": p.s.now.Unix(), "exp": p.s.now.Add(5 * time.Minute).Unix(),
		"preferred_username": "sakura", "number": "1234567890123", "auth_time": p.s.now.Unix(),
	}
	if p.spoil != nil {
		p.spoil(claims)
	}
	header, _ := json.Marshal(map[string]string{"alg": "RS256", "kid": p.kid})
	body, _ := json.Marshal(claims)
	if p.sign != nil {
		return p.sign(header, body)
	}
	text := b64(header) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	must(p.t, err)
	return text + "." + b64(signature)
}

func (p *op) provider(id string) auth.Provider {
	return auth.Provider{ID: id, Issuer: p.URL, ClientID: "minamori", Secret: "op-canary-secret", Label: map[string]string{"ja": "試しの" + id}, CorporateNumberClaim: "number"}
}

// eachOP is each with two providers.
func eachOP(t *testing.T, f func(t *testing.T, s *stage, one, two *op)) {
	dbtest.Each(t, []db.Schema{journal.Schema(), auth.Schema()}, func(t *testing.T, d *db.DB) {
		one, two := newOP(t), newOP(t)
		s := newStage(t, d, func(cfg *auth.Config) {
			cfg.HTTP, cfg.Providers = http.DefaultClient, []auth.Provider{one.provider("one"), two.provider("two")}
		})
		one.s, two.s = s, s
		f(t, s, one, two)
	})
}

var onward = regexp.MustCompile(`data-onward href="([^"]+)"`)

// goTo begins with a provider and says what the provider was asked.
func (b *browser) goTo(p *op, path, next string) url.Values {
	b.s.t.Helper()
	u, err := url.Parse(b.onward(b.post(path, "next", next).want(b.s.t, 200, "data-onward")))
	must(b.s.t, err)
	q := u.Query()
	p.asked, p.nonce, p.hash, p.back = q, q.Get("nonce"), q.Get("code_challenge"), q.Get("redirect_uri")
	if q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" || len(q.Get("state")) < 40 || len(q.Get("nonce")) < 40 {
		b.s.t.Fatalf("asked without a guard: %v", q)
	}
	return q
}

// onward is where a page leads.
func (b *browser) onward(page answer) string {
	return html.UnescapeString(onward.FindStringSubmatch(page.body)[1])
}

// comeBack follows the provider's answer: GET shows, POST consumes.
func (b *browser) comeBack(id string, pairs ...string) answer {
	b.s.t.Helper()
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	path := "/login/with/" + id + "/back"
	page := b.get(path+"?"+q.Encode()).want(b.s.t, 200, "data-onward")
	return b.post(path, "state", page.hidden("state"), "code", page.hidden("code"), "iss", page.hidden("iss"), "error", page.hidden("error"))
}

// linked is somebody who can log in with a password and with provider one.
func (s *stage) linked(t *testing.T, p *op) (account string, b *browser) {
	t.Helper()
	account, b = s.person(email), s.browser()
	b.login(email).want(t, 303)
	q := b.goTo(p, "/account/ways/with/one", "/account")
	b.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 303, "/account")
	return account, b
}

func TestLoginWithProvider(t *testing.T) {
	eachOP(t, func(t *testing.T, s *stage, one, _ *op) {
		_, b := s.linked(t, one)
		if one.back != "http://localhost:8080/login/with/one/back" {
			t.Errorf("redirect %q", one.back)
		}
		b.get("/account").want(t, 200, "試しのone：sakura")
		b.post("/logout").want(t, 303)
		q := b.goTo(one, "/login/with/one", "/orgs/new")
		b.comeBack("one", "state", q.Get("state"), "code", "code-canary", "iss", one.URL).want(t, 303, "/orgs/new")
		if !b.signedIn() {
			t.Error("not signed in")
		}
		one.newKey() // the provider changes its keys
		one.kid = "2"
		other := s.browser()
		q = other.goTo(one, "/login/with/one", "//evil.example")
		other.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 303, "/orgs")
		// GET alone, twice, as a scanner does, lets nobody in and spends nothing.
		third := s.browser()
		q = third.goTo(one, "/login/with/one", "/")
		third.get("/login/with/one/back?code=code-canary&state="+q.Get("state")).want(t, 200)
		third.get("/login/with/one/back?code=code-canary&state="+q.Get("state")).want(t, 200)
		if third.signedIn() {
			t.Error("GET logs in")
		}
		third.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 303)
	})
}

func TestStrangersOpenNoAccountWithProvider(t *testing.T) {
	eachOP(t, func(t *testing.T, s *stage, one, _ *op) {
		b := s.browser()
		q := b.goTo(one, "/login/with/one", "/")
		b.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 422, "provider-unknown")
		// An invited person opens an account, and this is the way in.
		ticket, err := s.keep.Ticket("i1")
		must(t, err)
		b.post("/account/new", "code", ticket, "name", "見本", "email", email).want(t, 303, "/account/ways")
		q = b.goTo(one, "/account/ways/with/one", "/account")
		b.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 303, "/account/codes")
		// Somebody else cannot have the same identity, nor change to it by its address.
		s.person("other@mihon.example")
		other := s.browser()
		other.login("other@mihon.example")
		q = other.goTo(one, "/account/ways/with/one", "/account")
		other.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 409, "provider-taken")
		one.user, one.spoil = "sub-2", func(c map[string]any) { c["email"] = email; c["email_verified"] = true }
		s.browser().goTo(one, "/login/with/one", "/")
		last := s.browser()
		q = last.goTo(one, "/login/with/one", "/")
		last.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 422, "provider-unknown")
		// It is the only way in, so it stays.
		var id string
		must(t, s.db.Read(context.Background(), func(ctx context.Context) error {
			id, err = db.Value[string](ctx, "SELECT id FROM auth_identity")
			return err
		}))
		b.post("/account/providers/"+id+"/remove").want(t, 409, "last-way")
		other.post("/account/providers/"+id+"/remove").want(t, 404)
		b.setPassword("/account").want(t, 303)
		b.post("/account/providers/"+id+"/remove").want(t, 303, "/account")
	})
}

func TestHostileProvider(t *testing.T) {
	set := func(name string, value any) func(*op) {
		return func(p *op) { p.spoil = func(c map[string]any) { c[name] = value } }
	}
	unsigned := func(alg string) func(*op) {
		return func(p *op) {
			p.sign = func(_, body []byte) string {
				header, _ := json.Marshal(map[string]string{"alg": alg, "kid": p.kid})
				text := b64(header) + "." + b64(body)
				if alg == "none" {
					return text + "."
				}
				m := hmac.New(sha256.New, []byte("op-canary-secret"))
				m.Write([]byte(text))
				return text + "." + b64(m.Sum(nil))
			}
		}
	}
	spoils := map[string]func(*op){
		"another nonce":     set("nonce", "wrong"),
		"another issuer":    set("iss", "https://evil.example"),
		"another audience":  set("aud", "somebody-else"),
		"for another party": set("azp", "somebody-else"),
		"two audiences":     set("aud", []string{"minamori", "other"}),
		"no subject":        set("sub", ""),
		"alg none":          unsigned("none"),
		"alg HS256":         unsigned("HS256"),
		"expired":           func(p *op) { set("exp", p.s.now.Add(-2*time.Minute).Unix())(p) },
		"issued tomorrow":   func(p *op) { set("iat", p.s.now.Add(24*time.Hour).Unix())(p) },
		"another key": func(p *op) {
			other := newOP(p.t)
			other.s = p.s
			other.user, other.nonce = p.user, p.nonce
			p.sign = func(_, body []byte) string { return signedBy(other, body) }
		},
		"not a token":        func(p *op) { p.sign = func(_, _ []byte) string { return "x.y.z" } },
		"token of the other": set("at_hash", "AAAAAAAAAAAAAAAAAAAAAA"),
	}
	eachOP(t, func(t *testing.T, s *stage, one, _ *op) {
		s.linked(t, one)
		for name, spoil := range spoils {
			t.Run(name, func(t *testing.T) {
				one.spoil, one.sign = nil, nil
				b := s.browser()
				q := b.goTo(one, "/login/with/one", "/")
				spoil(one)
				a := b.comeBack("one", "state", q.Get("state"), "code", "code-canary")
				if a.status != 422 && a.status != 502 || b.signedIn() {
					t.Errorf("status %d, signed in %v", a.status, b.signedIn())
				}
			})
		}
		one.sign = nil
		set("exp", s.now.Add(-30*time.Second).Unix())(one) // clocks differ a little
		b := s.browser()
		q := b.goTo(one, "/login/with/one", "/")
		b.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 303)
	})
}

func signedBy(p *op, body []byte) string {
	header, _ := json.Marshal(map[string]string{"alg": "RS256", "kid": "1"})
	text := b64(header) + "." + b64(body)
	sum := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, p.key, crypto.SHA256, sum[:])
	must(p.t, err)
	return text + "." + b64(signature)
}

func TestAnswersGoAstray(t *testing.T) {
	eachOP(t, func(t *testing.T, s *stage, one, two *op) {
		s.linked(t, one)
		b := s.browser()
		q := b.goTo(one, "/login/with/one", "/")
		state := q.Get("state")
		// Another browser, another state, another provider (mix-up), another iss.
		thief := s.browser()
		thief.comeBack("one", "state", state, "code", "code-canary").want(t, 422, "provider-return")
		thief.goTo(two, "/login/with/two", "/")
		one.hash, one.nonce, one.back = q.Get("code_challenge"), q.Get("nonce"), q.Get("redirect_uri")
		thief.comeBack("one", "state", state, "code", "code-canary").want(t, 422, "provider-return")
		for name, c := range map[string]struct{ id, state, iss string }{
			"another state":    {"one", "x" + state[1:], ""},
			"another provider": {"two", state, ""},
			"another iss":      {"one", state, two.URL},
		} {
			copied := s.browser()
			copied.cookies["errand"] = b.cookies["errand"]
			if a := copied.comeBack(c.id, "state", c.state, "code", "code-canary", "iss", c.iss); a.status != 422 || copied.signedIn() {
				t.Errorf("%s: %d", name, a.status)
			}
		}
		kept := b.cookies["errand"]
		b.comeBack("one", "state", state, "code", "code-canary").want(t, 303)
		again := s.browser()
		again.cookies["errand"] = kept
		again.comeBack("one", "state", state, "code", "code-canary").want(t, 422, "provider-return")
		late := s.browser()
		q = late.goTo(one, "/login/with/one", "/")
		s.now = s.now.Add(16 * time.Minute)
		late.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 422, "provider-return")
		no := s.browser()
		q = no.goTo(one, "/login/with/one", "/")
		no.comeBack("one", "state", q.Get("state"), "error", "access_denied").want(t, 422, "provider-refused")
		s.browser().post("/login/with/three").want(t, 404)
	})
}

// A provider that says it names itself in its answers must do so (RFC 9207).
func TestIssuerInAnswerIsAskedFor(t *testing.T) {
	eachOP(t, func(t *testing.T, s *stage, one, _ *op) {
		one.iss = true
		b := s.browser()
		s.person(email)
		b.login(email)
		q := b.goTo(one, "/account/ways/with/one", "/account")
		b.comeBack("one", "state", q.Get("state"), "code", "code-canary").want(t, 422, "provider-return")
		q = b.goTo(one, "/account/ways/with/one", "/account")
		b.comeBack("one", "state", q.Get("state"), "code", "code-canary", "iss", one.URL).want(t, 303)
	})
}

func TestStepUpWithProvider(t *testing.T) {
	eachOP(t, func(t *testing.T, s *stage, one, _ *op) {
		_, b := s.linked(t, one)
		for name, c := range map[string]struct {
			authTime any
			user     string
			status   int
		}{
			"fresh":         {0, "sub-1", 303},
			"an hour old":   {-3600, "sub-1", 422},
			"does not say":  {nil, "sub-1", 422},
			"somebody else": {0, "sub-9", 422},
		} {
			s.now = s.now.Add(10 * time.Minute)
			b.get("/account/email").want(t, 303, "/step-up")
			q := b.goTo(one, "/step-up/with/one", "/account/email")
			if q.Get("max_age") != "0" || q.Get("prompt") != "login" {
				t.Errorf("asked for no fresh login: %v", q)
			}
			one.user = c.user
			one.spoil = func(claims map[string]any) {
				delete(claims, "auth_time")
				if n, ok := c.authTime.(int); ok {
					claims["auth_time"] = s.now.Unix() + int64(n)
				}
			}
			if a := b.comeBack("one", "state", q.Get("state"), "code", "code-canary"); a.status != c.status {
				t.Errorf("%s: status %d", name, a.status)
			}
			if got := b.get("/account/email").status == 200; got != (c.status == 303) {
				t.Errorf("%s: stepped up %v", name, got)
			}
		}
	})
}

func TestProviderDown(t *testing.T) {
	eachOP(t, func(t *testing.T, s *stage, one, two *op) {
		s.person(email)
		one.down = true
		b := s.browser()
		b.post("/login/with/one").want(t, 502, "provider-away")
		b.get("/login").want(t, 200, "試しのone", "試しのtwo")
		b.goTo(two, "/login/with/two", "/")
		b.login(email).want(t, 303)
		one.down = false
		s.now = s.now.Add(10 * time.Second)
		b.goTo(one, "/login/with/one", "/")
	})
}

// A provider whose description names another issuer is not used at all.
func TestProviderThatPosesAsAnother(t *testing.T) {
	eachOP(t, func(t *testing.T, s *stage, one, two *op) {
		one.poses = two.URL
		s.browser().post("/login/with/one").want(t, 502, "provider-away")
		one.poses = one.URL + "/"
		s.browser().post("/login/with/one").want(t, 502, "provider-away")
	})
}

// What binds and what lets in is neither in the database nor in the log.
func TestProviderLeavesNoSecret(t *testing.T) {
	eachOP(t, func(t *testing.T, s *stage, one, _ *op) {
		_, b := s.linked(t, one)
		one.down = true
		q := one.asked
		b.post("/login/with/one").want(t, 200)
		b.comeBack("one", "state", q.Get("state"), "code", "code-canary")
		for _, canary := range []string{"code-canary", "access-canary", "op-canary-secret", q.Get("state"), q.Get("nonce"), b.cookies["session"]} {
			if s.stored(t, canary) || strings.Contains(s.log.String(), canary) {
				t.Errorf("%.20s… was kept", canary)
			}
		}
		if !strings.Contains(s.log.String(), "request") {
			t.Error("the log is empty")
		}
	})
}

func TestProvidersSayForWhomTheySpeak(t *testing.T) {
	dbtest.Each(t, []db.Schema{journal.Schema(), auth.Schema()}, func(t *testing.T, d *db.DB) {
		one := newOP(t)
		var said []string
		s := newStage(t, d, func(cfg *auth.Config) {
			cfg.HTTP, cfg.Providers = http.DefaultClient, []auth.Provider{one.provider("one")}
			cfg.SpeaksFor = func(_ context.Context, account, issuer, subject, number string) error {
				said = append(said, account+" "+issuer+" "+subject+" "+number)
				return nil
			}
		})
		one.s = s
		account, _ := s.linked(t, one)
		if want := account + " " + one.URL + " sub-1 1234567890123"; len(said) != 1 || said[0] != want {
			t.Errorf("said %q instead of %q", said, want)
		}
	})
}
