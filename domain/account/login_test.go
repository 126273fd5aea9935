package account_test

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/db"
)

func TestLoginTellsNothing(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		a, err := s.keep.CreateAccount(context.Background(), auth.Person{Name: "鍵だけ", Email: "key@mihon.example"}, false)
		must(t, err)
		_, err = s.keep.NewRecoveryCodes(context.Background(), a.ID)
		must(t, err)
		pages := map[string]string{}
		for name, form := range map[string][]string{
			"wrong password":  {"email", email, "password", "wrong wrong wrong", "code", s.code()},
			"wrong code":      {"email", email, "password", password, "code", "000000"},
			"no code":         {"email", email, "password", password},
			"unknown account": {"email", "nobody@mihon.example", "password", password, "code", s.code()},
			"no password set": {"email", "key@mihon.example", "password", password, "code", s.code()},
			"nothing":         {"email", ""},
		} {
			got := s.browser().post("/login", form...).want(t, 422)
			pages[name] = strings.ReplaceAll(got.body, `value="`+form[1]+`"`, `value=""`)
		}
		for name, page := range pages {
			if diff := cmp.Diff(pages["wrong password"], page); diff != "" {
				t.Errorf("%s answers differently: %s", name, diff)
			}
		}
	})
}

func TestCodeWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		code := s.code()
		s.browser().post("/login", "email", " Sakura@MIHON.example", "password", password, "code", code[:3]+" "+code[3:]).want(t, 303, "/orgs")
		s.browser().post("/login", "email", email, "password", password, "code", code).want(t, 422)
		s.now = s.now.Add(30 * time.Second)
		s.browser().post("/login", "email", email, "password", password, "code", s.code(), "next", "//evil.example").want(t, 303, "/orgs")
	})
}

func TestRecoveryCodeWorksOnce(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		codes, err := s.keep.NewRecoveryCodes(context.Background(), s.person(email))
		must(t, err)
		form := []string{"email", email, "password", password, "code", strings.ToUpper(strings.ReplaceAll(codes[3], "-", " "))}
		s.browser().post("/login", form...).want(t, 303)
		s.browser().post("/login", form...).want(t, 422)
		s.browser().post("/login", "email", email, "password", "wrong wrong wrong", "code", codes[4]).want(t, 422)
		a, err := s.keep.CreateAccount(context.Background(), auth.Person{Name: "鍵だけ", Email: "key@mihon.example"}, false)
		must(t, err)
		codes, err = s.keep.NewRecoveryCodes(context.Background(), a.ID)
		must(t, err)
		s.browser().post("/login", "email", "key@mihon.example", "code", codes[0]).want(t, 303)
	})
}

func TestTokenOfSessionChanges(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		b := s.browser()
		b.login(email).want(t, 303)
		stolen := &browser{s: s, cookies: map[string]string{"session": b.cookies["session"]}, addr: "127.0.0.9:4000"}
		if !stolen.signedIn() {
			t.Fatal("the copy should work until the token changes")
		}
		s.now = s.now.Add(10 * time.Minute)
		b.get("/account/email").want(t, 303, "/step-up?next=%2Faccount%2Femail")
		stolen.post("/account/email", "email", "thief@example.jp").want(t, 403, "step-up")
		b.post("/step-up", "password", password, "code", "000000", "next", "/account/email").want(t, 422)
		b.post("/step-up", "password", password, "code", s.code(), "next", "/account/email").want(t, 303, "/account/email")
		if stolen.signedIn() || !b.signedIn() {
			t.Error("the token before the step-up still works, or the new one does not")
		}
		b.post("/account/email", "email", "new@mihon.example").want(t, 303, "/account")
		old := b.cookies["session"]
		s.now = s.now.Add(time.Minute)
		b.login("new@mihon.example").want(t, 303)
		again := &browser{s: s, cookies: map[string]string{"session": old}, addr: b.addr}
		if again.signedIn() || !b.signedIn() {
			t.Error("the token before the login still works")
		}
	})
}

func TestSessionEnds(t *testing.T) {
	for name, c := range map[string]struct {
		remember  string
		every     time.Duration // a request this often
		steps     int
		wantAlive bool
	}{
		"in use":                 {"", 29 * time.Minute, 20, true},
		"idle":                   {"", 31 * time.Minute, 1, false},
		"twelve hours":           {"", 29 * time.Minute, 25, false},
		"remembered over night":  {"on", 15 * time.Hour, 1, true},
		"remembered for 179":     {"on", 179 * 24 * time.Hour, 1, true},
		"remembered for 180 and": {"on", 180 * 24 * time.Hour, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, s *stage) {
				s.person(email)
				b := s.browser()
				b.login(email, "remember", c.remember).want(t, 303)
				alive := true
				for range c.steps {
					s.now = s.now.Add(c.every)
					alive = b.signedIn()
				}
				if alive != c.wantAlive {
					t.Errorf("alive %v", alive)
				}
			})
		})
	}
}

func TestSessionsCanBeEnded(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		me := s.person(email)
		s.person("other@mihon.example")
		one, two, three, other := s.browser(), s.browser(), s.browser(), s.browser()
		one.login(email)
		two.login(email)
		three.login(email)
		other.login("other@mihon.example")
		id := func(b *browser) (id string) {
			must(t, s.db.Read(context.Background(), func(ctx context.Context) error {
				c, err := s.keep.Session(ctx, b.cookies["session"])
				id = c.Session
				return err
			}))
			return id
		}
		one.get("/account").want(t, 200, "Chrome / Windows", "/account/sessions/"+id(two)+"/end")
		one.post("/account/sessions/"+id(other)+"/end").want(t, 404)
		one.post("/account/sessions/"+id(two)+"/end").want(t, 303)
		if two.signedIn() || !three.signedIn() || !other.signedIn() {
			t.Error("the wrong session ended")
		}
		one.post("/account/sessions/end-others").want(t, 303)
		if three.signedIn() || !one.signedIn() || !other.signedIn() {
			t.Error("not all others ended, or too many")
		}
		one.post("/logout").want(t, 303, "/login")
		if one.signedIn() || s.count("SELECT COUNT(*) FROM auth_session WHERE account = ?", me) != 0 {
			t.Error("logged out and still in")
		}
	})
}

func TestStolenDatabaseOpensNothing(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		b := s.browser()
		b.login(email).want(t, 303)
		var hash []byte
		must(t, s.db.Read(context.Background(), func(ctx context.Context) (err error) {
			hash, err = db.Value[[]byte](ctx, "SELECT hash FROM auth_session")
			return err
		}))
		for _, token := range []string{base64.RawURLEncoding.EncodeToString(hash), hex.EncodeToString(hash), strings.ToUpper(b.cookies["session"]), ""} {
			thief := s.browser()
			thief.cookies["session"] = token
			if thief.signedIn() {
				t.Errorf("%q is a session", token)
			}
		}
		if s.count("SELECT COUNT(*) FROM auth_password WHERE hash LIKE '$argon2id$v=19$m=19456,t=2,p=1$%' AND totp_secret <> ?", []byte(secret)) != 1 {
			t.Error("the password is not argon2id, or the app's secret lies open")
		}
	})
}

func TestStrangersLockNobodyOut(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.person(email)
		stranger := s.browser()
		stranger.addr = "127.0.0.9:4000"
		slowed := false
		for range 12 {
			a := stranger.post("/login", "email", email, "password", "wrong wrong wrong", "code", "123456")
			slowed = slowed || a.status == 429
		}
		if !slowed {
			t.Error("guessing is not slowed down")
		}
		s.browser().login(email).want(t, 303)
		s.now = s.now.Add(time.Minute)
		stranger.post("/login", "email", email, "password", "wrong wrong wrong", "code", "123456").want(t, 422)
	})
}

func TestLanguageIsACookie(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		b := s.browser()
		b.get("/language?to=en&back=%2Flogin%3Fnext%3D%252Faccount").want(t, 303, "/login?next=%2Faccount")
		b.get("/login").want(t, 200, "Sign in with a password")
		b.get("/language?to=xx&back=%2F%2Fevil.example").want(t, 303, "/")
		if b.cookies["language"] != "en" {
			t.Errorf("cookie %q", b.cookies["language"])
		}
	})
}
