package web

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
)

func TestWhoMayUseWhat(t *testing.T) {
	dbtest.Each(t, sampleSchema, func(t *testing.T, d *db.DB) {
		st := newStage(t, d, nil)
		for _, c := range []struct {
			name string
			call call
			want int
			to   string
		}{
			{"stranger on a public page", call{path: "/"}, 200, ""},
			{"stranger on a member's page logs in", call{path: "/orgs/acme?after=1"}, 303, "/login?next=%2Forgs%2Facme%3Fafter%3D1"},
			{"stranger posts: problem, nothing lost by a redirect", call{method: "POST", path: "/orgs/acme/form"}, 401, ""},
			{"stranger in the API", call{path: "/api/v1/orgs/acme"}, 401, ""},
			{"member", call{path: "/orgs/acme", as: "ken"}, 200, ""},
			{"member of another company", call{path: "/orgs/other", as: "yuki"}, 404, ""},
			{"company that does not exist", call{path: "/orgs/nothing", as: "yuki"}, 404, ""},
			{"account without company", call{path: "/orgs/acme", as: "rei"}, 404, ""},
			{"role too small", call{path: "/orgs/acme/owner", as: "ken"}, 403, ""},
			{"role reaches", call{path: "/orgs/acme/owner", as: "yuki"}, 200, ""},
			{"operator has no role in a company", call{path: "/orgs/acme", as: "ope"}, 404, ""},
			{"operator's route", call{path: "/operator", as: "ope"}, 200, ""},
			{"operator's route hides from others", call{path: "/operator", as: "yuki"}, 404, ""},
			{"stale login is repeated first", call{path: "/orgs/acme/danger", as: "yuki"}, 303, "/step-up?next=%2Forgs%2Facme%2Fdanger"},
			{"stale login may not act", call{method: "POST", path: "/orgs/acme/danger", body: "name=a", as: "yuki"}, 403, ""},
			{"fresh login may act", call{method: "POST", path: "/orgs/acme/danger", body: "name=a", as: "yuki!"}, 303, "/orgs/acme"},
			{"role comes before step-up", call{path: "/orgs/acme/danger", as: "ken"}, 403, ""},
			{"step-up in the API", call{path: "/api/v1/orgs/acme/danger", as: "yuki"}, 403, ""},
			{"NUL in an id", call{path: "/orgs/a%00b", as: "yuki"}, 404, ""},
			{"broken UTF-8 in an id", call{path: "/orgs/%ff", as: "yuki"}, 404, ""},
			{"token reads", call{path: "/api/v1/orgs/acme", token: "reads"}, 200, ""},
			{"token of another company", call{path: "/api/v1/orgs/other", token: "reads"}, 404, ""},
			{"token of another company, its maker in both", call{path: "/api/v1/orgs/other", token: "kens"}, 404, ""},
			{"token above its maker", call{path: "/api/v1/orgs/acme/owner", token: "kens"}, 403, ""},
			{"reading token writes", call{method: "POST", path: "/api/v1/orgs/acme/form", token: "reads", body: `{"name":"a"}`}, 403, ""},
			{"writing token writes", call{method: "POST", path: "/api/v1/orgs/acme/form", token: "writes", body: `{"name":"a"}`}, 200, ""},
			{"token below its maker", call{path: "/api/v1/orgs/acme/owner", token: "writes"}, 403, ""},
			{"token changes a person", call{method: "POST", path: "/api/v1/account/name", token: "writes", body: `{}`}, 403, ""},
			{"token reads a person", call{path: "/api/v1/account", token: "reads"}, 200, ""},
			{"token operates", call{path: "/api/v1/operator", token: "operates"}, 404, ""},
			{"token steps up", call{path: "/api/v1/orgs/acme/danger", token: "reads"}, 403, ""},
			{"token is not for pages", call{path: "/account", token: "reads"}, 303, "/login?next=%2Faccount"},
			{"unknown token", call{path: "/api/v1/", token: "guess"}, 401, ""},
			{"huge token", call{path: "/api/v1/", token: strings.Repeat("x", 5000)}, 401, ""},
			{"token of odd bytes", call{path: "/api/v1/", token: "a\xffb"}, 401, ""},
			{"next leads away: home instead", call{method: "POST", path: "/account/name", as: "yuki"}, 303, "/"},
		} {
			t.Run(c.name, func(t *testing.T) {
				w := st.do(t, c.call)
				if w.Code != c.want || w.Header().Get("Location") != c.to {
					t.Errorf("%d %q, want %d %q: %s", w.Code, w.Header().Get("Location"), c.want, c.to, w.Body)
				}
				if strings.Contains(w.Body.String(), "⟦") {
					t.Errorf("a text is missing: %s", w.Body)
				}
			})
		}
	})
}

func TestRefusalDoesNotDressInTheForeignCompany(t *testing.T) {
	st := newStage(t, lite(t), nil)
	if b := st.do(t, call{path: "/orgs/other", as: "yuki"}).Body.String(); strings.Contains(b, "org=other") || !strings.Contains(b, "org=") {
		t.Error(b)
	}
	if b := st.do(t, call{path: "/orgs/acme/owner", as: "ken"}).Body.String(); !strings.Contains(b, "org=acme") {
		t.Error(b)
	}
}

// What somebody began to send while he had a role, or a session, does nothing
// when he has it no more.
func TestSlowBodyActsForNobodyWhoLeft(t *testing.T) {
	for _, c := range []struct {
		name string
		gone string // what ends while the body comes in
		want int
	}{{"role", "role", 404}, {"session", "session", 401}, {"nothing", "", 303}} {
		var now atomic.Pointer[time.Time]
		now.Store(&noon)
		var gone atomic.Value
		gone.Store("")
		st := newStage(t, lite(t), func(cfg *Config) {
			cfg.Now = func() time.Time { return *now.Load() }
			cfg.Session = func(ctx context.Context, token string) (Caller, error) {
				if gone.Load() == "session" {
					return Caller{}, nil
				}
				return sampleSession(ctx, token)
			}
			cfg.Member = func(ctx context.Context, account, org string) (Role, error) {
				if gone.Load() == "role" {
					return Nobody, nil
				}
				return sampleMember(ctx, account, org)
			}
		})
		out, in := io.Pipe()
		r := httptest.NewRequest("POST", "http://localhost:8080/orgs/acme/form", out)
		r.RemoteAddr = "127.0.0.1:5000"
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.AddCookie(&http.Cookie{Name: "session", Value: "yuki"})
		w := httptest.NewRecorder()
		var done sync.WaitGroup
		done.Go(func() { st.handler.ServeHTTP(w, r) })
		_, _ = io.WriteString(in, "name=") // returns when the server reads, and so has let him in
		gone.Store(c.gone)
		later := noon.Add(30 * time.Second)
		now.Store(&later)
		_, _ = io.WriteString(in, "late")
		_ = in.Close()
		done.Wait()
		if saved := len(st.saved) > 0; w.Code != c.want || saved != (c.gone == "") {
			t.Errorf("%s: %d, saved %v: %.200s", c.name, w.Code, saved, w.Body)
		}
		if c.gone != "" && strings.Contains(w.Body.String(), "org=acme") {
			t.Errorf("%s: the refusal is dressed in the company", c.name)
		}
	}
}

func TestRouteWithoutRoleAdmitsNobody(t *testing.T) {
	st := newStage(t, lite(t), nil)
	r := Route{Limit: FormLimit, decode: st.elseRoute().decode, handle: st.elseRoute().handle}
	h := st.outer(st.face(r, false))
	st.handler = h
	if w := st.do(t, call{path: "/", as: "ope!"}); w.Code != 404 {
		t.Error(w.Code)
	}
}

func TestBrokenCookiesMakeAStranger(t *testing.T) {
	st := newStage(t, lite(t), nil)
	for _, cookie := range []string{
		"session=", "session=\x00", `session="`, "session", ";;;=;", "session=" + strings.Repeat("a", 60000),
		"session=ab; session=yuki", "session=日本", strings.Repeat("a=b; ", 5000), "language=xx", "language=ja-x-easy; session=%00",
	} {
		w := st.do(t, call{path: "/", header: http.Header{"Cookie": {cookie}}})
		if w.Code != 200 {
			t.Errorf("%.40q: %d", cookie, w.Code)
		}
	}
}

func TestEndedSessionClearsItsCookie(t *testing.T) {
	st := newStage(t, lite(t), nil)
	w := st.do(t, call{path: "/account", as: "ended"})
	if got := w.Header().Get("Set-Cookie"); !strings.HasPrefix(got, "session=;") || !strings.Contains(got, "Max-Age=0") || w.Code != 303 {
		t.Error(w.Code, got)
	}
	if got := st.do(t, call{path: "/account", as: "yuki"}).Header().Get("Set-Cookie"); got != "" {
		t.Error(got)
	}
	got := st.do(t, call{method: "POST", path: "/login", as: "ended"}).Header()["Set-Cookie"]
	if len(got) != 1 || !strings.HasPrefix(got[0], "session=fresh; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax") {
		t.Error("the new session must be the last word:", got)
	}
}

func TestCookiesOverHTTPSAreBoundToTheHost(t *testing.T) {
	public, _ := url.Parse("https://minamori.example.jp")
	st := newStage(t, lite(t), func(c *Config) { c.TrustedProxies, c.PublicURL = localProxy, public })
	from := call{method: "POST", path: "/login", from: "10.0.0.1:99", host: "minamori.example.jp", header: http.Header{
		"X-Forwarded-Proto": {"https"}, "X-Forwarded-For": {"203.0.113.9"}}}
	w := st.do(t, from)
	if got := w.Header().Get("Set-Cookie"); got != "__Host-session=fresh; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax" {
		t.Error(got)
	}
	if got := w.Header().Get("Strict-Transport-Security"); got != "max-age=31536000; includeSubDomains" {
		t.Error("HSTS over https:", got)
	}
	onThis := from
	onThis.host = "localhost"
	if st.do(t, onThis).Header().Get("Strict-Transport-Security") != "" {
		t.Error("HSTS would reach every other server on localhost")
	}
	from.method, from.path, from.as = "GET", "/account", "yuki" // the cookie without the prefix
	if w := st.do(t, from); w.Code != 303 {
		t.Error("a cookie that another host can set was taken:", w.Code)
	}
}

func TestCookieLives(t *testing.T) {
	for life, want := range map[time.Duration]int{0: 0, -1: -1, -time.Hour: -1, time.Millisecond: 1, time.Minute: 60} {
		if got := seconds(life); got != want {
			t.Errorf("%v: %d, want %d", life, got, want)
		}
	}
}

func TestSeenIsToldOfSessionsAlone(t *testing.T) {
	st := newStage(t, lite(t), nil)
	st.do(t, call{path: "/account", as: "yuki"})
	st.do(t, call{path: "/"})
	st.do(t, call{path: "/api/v1/orgs/acme", token: "reads"})
	st.do(t, call{method: "POST", path: "/orgs/acme/form", body: "name=a", as: "ken"})
	if got := strings.Join(st.seen, " "); got != "s-yuki s-ken" {
		t.Error(got)
	}
}

func TestStrangersAreLimited(t *testing.T) {
	st := newStage(t, lite(t), nil)
	count := func(c call, n int) (passed int, last int) {
		for range n {
			w := st.do(t, c)
			if last = w.Code; last != 429 {
				passed++
			} else if w.Header().Get("Retry-After") == "" {
				t.Fatal("no Retry-After")
			}
		}
		return passed, last
	}
	if n, last := count(call{path: "/"}, 310); n != 300 || last != 429 {
		t.Errorf("reading: %d passed, then %d", n, last)
	}
	if n, last := count(call{path: "/api/v1/nothing"}, 1); n != 0 || last != 429 {
		t.Errorf("unknown paths share the limit: %d %d", n, last)
	}
	if b := st.do(t, call{path: "/"}).Body.String(); strings.Contains(b, "dress:org") {
		t.Error("a flood reaches the database:", b)
	}
	if n, last := count(call{path: "/account", as: "yuki"}, 400); n != 400 || last != 200 {
		t.Errorf("signed in: %d %d", n, last)
	}
	if n, last := count(call{method: "POST", path: "/login"}, 70); n != 60 || last != 429 {
		t.Errorf("acting: %d passed, then %d", n, last)
	}
	if n, _ := count(call{path: "/", from: "[::1]:99"}, 1); n != 1 {
		t.Error("another network waits too")
	}
	if n, last := count(call{method: "POST", path: "/login", as: "yuki", from: "[::1]:99"}, 70); n != 60 || last != 429 {
		t.Errorf("guessing beside a session of one's own: %d passed, then %d", n, last)
	}
	if n, _ := count(call{method: "POST", path: "/account/name", as: "yuki", from: "[::1]:99"}, 70); n != 70 {
		t.Errorf("one's own acts are limited: %d passed", n)
	}
	other := newStage(t, lite(t), nil)
	n := 0
	for range 310 {
		if other.do(t, call{path: "/api/v1/", token: "guess"}).Code == 401 {
			n++
		}
	}
	if n != 300 {
		t.Errorf("%d tokens could be guessed at once", n)
	}
}

func TestLimiterForgets(t *testing.T) {
	l := NewLimiter(time.Minute, 1)
	l.max = 100
	for i := range 1000 {
		l.Allow(string(rune('a'+i)), noon)
		if len(l.keys) > 100 {
			t.Fatal(len(l.keys), "keys held")
		}
	}
	old := NewLimiter(time.Minute, 1)
	old.max = 100
	for i := range 99 {
		old.Allow(string(rune('a'+i)), noon)
	}
	old.Allow("busy", noon.Add(2*time.Minute))
	old.Allow("new", noon.Add(2*time.Minute))
	if old.Allow("busy", noon.Add(2*time.Minute)) || len(old.keys) != 2 {
		t.Error("a busy key was forgotten, or a quiet one held:", len(old.keys))
	}
}
