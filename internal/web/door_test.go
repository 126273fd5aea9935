package web

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"
)

func TestHosts(t *testing.T) {
	public, _ := url.Parse("https://minamori.example.jp")
	local := newStage(t, lite(t), nil)
	for host, want := range map[string]bool{
		"localhost": true, "localhost:8080": true, "LOCALHOST:8080": true, "127.0.0.1:1": true, "[::1]:8080": true, "[::1]": true,
		"localhost.": false, "localhost.:8080": false, "evil.example": false, "localhost.evil.example": false, "evil.example:8080": false,
		"localhost:80:80": false, "localhost:evil": false, "localhost:8080@evil.example": false, "localhost@evil.example": false,
		"[::1": false, "[::1]x": false, "[::1].evil.example": false, "[localhost]": false, "::1": false, "[127.0.0.1]": false,
		"127.1": false, "0x7f.0.0.1": false, "127.0.0.1.": false, "[::ffff:127.0.0.1]": false, "-": false, ":8080": false,
		"localhost:999999": false, "0.0.0.0:8080": false, "minamori.example.jp": false,
	} {
		w := local.do(t, call{path: "/", host: host})
		if got := w.Code == 200; got != want || !want && w.Code != 421 {
			t.Errorf("%q: %d", host, w.Code)
		}
		if !want && strings.Contains(w.Body.String(), "dress:org") {
			t.Errorf("%q: the database was asked", host)
		}
	}
	outside := newStage(t, lite(t), func(c *Config) { c.PublicURL, c.TrustedProxies = public, localProxy })
	secure := http.Header{"X-Forwarded-Proto": {"https"}, "X-Forwarded-For": {"203.0.113.9"}}
	for host, want := range map[string]int{
		"minamori.example.jp": 200, "MINAMORI.example.JP:443": 200, "minamori.example.jp:8443": 200,
		"minamori.example.jp.": 421, "x.minamori.example.jp": 421, "minamori.example.jp.evil.example": 421,
	} {
		if w := outside.do(t, call{path: "/", host: host, from: "10.1.1.1:5", header: secure}); w.Code != want {
			t.Errorf("%q: %d, want %d", host, w.Code, want)
		}
	}
}

func TestPlainHTTPStaysOnThisComputer(t *testing.T) {
	https, _ := url.Parse("https://minamori.example.jp")
	plain, _ := url.Parse("http://minamori.test")
	h := func(proto, forwarded string) http.Header {
		out := http.Header{}
		if proto != "" {
			out.Set("X-Forwarded-Proto", proto)
		}
		if forwarded != "" {
			out.Set("X-Forwarded-For", forwarded)
		}
		return out
	}
	for _, c := range []struct {
		name   string
		public *url.URL
		call   call
		want   int
	}{
		{"loopback", nil, call{}, 200},
		{"loopback v6", nil, call{from: "[::1]:4", host: "[::1]:8080"}, 200},
		{"loopback as mapped v4", nil, call{from: "[::ffff:127.0.0.1]:4"}, 200},
		{"the network, no public address", nil, call{from: "192.168.1.5:4"}, 403},
		{"the network, https address", https, call{from: "192.168.1.5:4", host: "minamori.example.jp"}, 403},
		{"the network, http address", plain, call{from: "192.168.1.5:4", host: "minamori.test"}, 403},
		{"the network claims https", https, call{from: "192.168.1.5:4", host: "minamori.example.jp", header: h("https", "")}, 403},
		{"proxy says https", https, call{from: "10.0.0.2:4", host: "minamori.example.jp", header: h("https", "203.0.113.9")}, 200},
		{"proxy says HTTPS", https, call{from: "10.0.0.2:4", host: "minamori.example.jp", header: h("HTTPS", "203.0.113.9")}, 200},
		{"proxy says http", https, call{from: "10.0.0.2:4", host: "minamori.example.jp", header: h("http", "203.0.113.9")}, 403},
		{"caller says https, proxy http", https, call{from: "10.0.0.2:4", host: "minamori.example.jp", header: h("https, http", "203.0.113.9")}, 403},
		{"caller claims loopback through a proxy", https, call{from: "10.0.0.2:4", header: h("http", "127.0.0.1, 203.0.113.9")}, 403},
		{"two lines of forwarding", https, call{from: "10.0.0.2:4", header: http.Header{"X-Forwarded-For": {"127.0.0.1", "203.0.113.9"}}}, 403},
		{"proxy on loopback that is not trusted", https, call{host: "minamori.example.jp"}, 403},
		{"the same under the name localhost", nil, call{header: h("", "203.0.113.9")}, 403},
		{"the same, claiming loopback first", nil, call{header: h("https", "127.0.0.1, 203.0.113.9:1")}, 403},
		{"a proxy for this computer alone", nil, call{header: h("", "127.0.0.1, ::1")}, 200},
		{"https address, asked on this computer", https, call{}, 200},
		{"no address at all", nil, call{from: "@"}, 403},
	} {
		t.Run(c.name, func(t *testing.T) {
			st := newStage(t, lite(t), func(cfg *Config) { cfg.PublicURL, cfg.TrustedProxies = c.public, localProxy })
			c.call.path = "/"
			if w := st.do(t, c.call); w.Code != c.want {
				t.Errorf("%d, want %d: %s", w.Code, c.want, w.Body)
			}
		})
	}
}

func TestClientBehindProxies(t *testing.T) {
	s := &Server{Config: Config{TrustedProxies: append(localProxy, netip.MustParsePrefix("fd00::/8"))}}
	for _, c := range []struct {
		peer string
		hops []string
		want string
	}{
		{"203.0.113.1:5", []string{"9.9.9.9"}, "203.0.113.1"},
		{"10.0.0.1:5", nil, "10.0.0.1"},
		{"10.0.0.1:5", []string{"8.8.8.8, 9.9.9.9"}, "9.9.9.9"},
		{"10.0.0.1:5", []string{"8.8.8.8", "9.9.9.9, 10.0.0.7"}, "9.9.9.9"},
		{"10.0.0.1:5", []string{"9.9.9.9:1234"}, "9.9.9.9"},
		{"10.0.0.1:5", []string{"[2001:db8:1:2:3::9]:1234"}, "2001:db8:1:2::/64"},
		{"[fd00::1%eth0]:5", []string{"2001:db8:1:2::7"}, "2001:db8:1:2::/64"},
		{"[::ffff:10.0.0.1]:5", []string{"::ffff:9.9.9.9"}, "9.9.9.9"},
		{"10.0.0.1:5", []string{"8.8.8.8, junk"}, "10.0.0.1"},
	} {
		r := &http.Request{RemoteAddr: c.peer, Header: http.Header{"X-Forwarded-For": c.hops}}
		if got := network(s.clientAddr(r)); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.peer, c.hops, got, c.want)
		}
	}
}

func TestOtherSitesCannotAct(t *testing.T) {
	public, _ := url.Parse("https://minamori.example.jp")
	st := newStage(t, lite(t), func(c *Config) { c.PublicURL = public })
	for _, c := range []struct {
		name   string
		header http.Header
		want   int
	}{
		{"same origin", http.Header{"Sec-Fetch-Site": {"same-origin"}}, 303},
		{"typed by hand", http.Header{"Sec-Fetch-Site": {"none"}}, 303},
		{"script without browser", nil, 303},
		{"cross site", http.Header{"Sec-Fetch-Site": {"cross-site"}}, 403},
		{"neighbour of the site", http.Header{"Sec-Fetch-Site": {"same-site"}}, 403},
		{"old browser, same origin", http.Header{"Origin": {"http://localhost:8080"}}, 303},
		{"old browser, foreign origin", http.Header{"Origin": {"https://evil.example"}}, 403},
		{"old browser, other port", http.Header{"Origin": {"http://localhost:9999"}}, 403},
		{"hidden origin", http.Header{"Origin": {"null"}}, 403},
	} {
		for _, path := range []string{"/orgs/acme/form", "/api/v1/orgs/acme/form"} {
			before := len(st.saved)
			body := "name=a"
			if isAPI(&http.Request{URL: &url.URL{Path: path}}) {
				body = `{"name":"a"}`
			}
			w := st.do(t, call{method: "POST", path: path, body: body, token: "writes", as: "yuki", header: c.header})
			ok := w.Code == c.want || c.want == 303 && w.Code == 200
			if did := len(st.saved) > before; !ok || did != (c.want == 303) {
				t.Errorf("%s %s: %d, done %v", c.name, path, w.Code, did)
			}
		}
	}
	if w := st.do(t, call{path: "/", header: http.Header{"Sec-Fetch-Site": {"cross-site"}, "Origin": {"https://evil.example"}}}); w.Code != 200 {
		t.Error("a link from another site:", w.Code)
	}
}

func TestPageAtAddressGoesToLocalhost(t *testing.T) {
	st := newStage(t, lite(t), nil)
	for path, want := range map[string]string{
		"/orgs/acme?after=%2F": "http://localhost:8080/orgs/acme?after=%2F",
		"/":                    "http://localhost:8080/",
	} {
		w := st.do(t, call{path: path, host: "127.0.0.1:8080", accept: "text/html,*/*"})
		if w.Code != 307 || w.Header().Get("Location") != want {
			t.Error(w.Code, w.Header().Get("Location"))
		}
	}
	if w := st.do(t, call{path: "/api/v1/", host: "127.0.0.1:8080", accept: "text/html"}); w.Code != 200 {
		t.Error("API:", w.Code)
	}
	for _, path := range []string{"x:@evil.example/", "x:evil"} {
		w := st.do(t, call{path: path, host: "127.0.0.1:8080", accept: "text/html"})
		if w.Code != 404 || w.Header().Get("Location") != "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Header().Get("Location"))
		}
	}
	if w := st.do(t, call{path: "//evil.example", host: "[::1]:80", accept: "text/html"}); strings.Contains(w.Header().Get("Location"), "//evil") {
		t.Error(w.Header().Get("Location"))
	}
}

// staysHere follows a target as browsers do (WHATWG URL): tabs and line ends
// vanish, a backslash is a slash, space around it goes.
func staysHere(target string) bool {
	target = strings.Trim(target, "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x0b\x0c\x0e\x0f\x10\x1f ")
	target = strings.NewReplacer("\t", "", "\r", "", "\n", "", "\\", "/").Replace(target)
	return strings.HasPrefix(target, "/") && !strings.HasPrefix(target, "//")
}

var targets = []string{
	"/", "/orgs/acme?a=b#c", "/%2f/evil.example", "/ok//evil.example", "", "//evil.example", "/\\evil.example", "\\\\evil.example", "/\t/evil.example",
	"\t//evil.example", "/\n/evil.example", "https://evil.example", "https:evil.example", "javascript:alert(1)", "evil.example", " //evil.example",
	"/\x00/evil.example", "//", "///evil.example", "?next=/", "/?u=https://evil.example", "/日本", "/%", "/\r\nSet-Cookie: a=b", "/%0d%0aSet-Cookie:a", ".//evil",
}

func TestRedirectsStayHere(t *testing.T) {
	for _, target := range targets {
		got := LocalPath(target, "/home")
		if !staysHere(got) {
			t.Errorf("%q leads to %q", target, got)
		}
	}
	for target, want := range map[string]string{"/orgs/acme?a=b#c": "/orgs/acme?a=b#c", "/?u=https://evil.example": "/?u=https://evil.example", "//x": "/home"} {
		if got := LocalPath(target, "/home"); got != want {
			t.Errorf("%q: %q", target, got)
		}
	}
}

func FuzzLocalPath(f *testing.F) {
	for _, s := range targets {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		if got := LocalPath(target, "/"); !staysHere(got) {
			t.Errorf("%q leads to %q", target, got)
		}
	})
}

func TestMethods(t *testing.T) {
	st := newStage(t, lite(t), nil)
	for _, c := range []struct {
		method, path string
		want         int
		allow        string
	}{
		{"POST", "/orgs/acme", 405, "GET, HEAD, OPTIONS"},
		{"DELETE", "/orgs/acme", 405, "GET, HEAD, OPTIONS"},
		{"GET", "/orgs/acme/form", 405, "POST, OPTIONS"},
		{"HEAD", "/orgs/acme/form", 405, "POST, OPTIONS"},
		{"PUT", "/orgs/acme/danger", 405, "GET, HEAD, POST, OPTIONS"},
		{"GET", "/api/v1/orgs/acme/form", 405, "POST, OPTIONS"},
		{"POST", "/api/v1/openapi.json", 405, "GET, HEAD, OPTIONS"},
		{"POST", "/assets/x.css", 405, "GET, HEAD, OPTIONS"},
		{"OPTIONS", "/orgs/acme", 204, "GET, HEAD, OPTIONS"},
		{"OPTIONS", "/api/v1/orgs/acme/form", 204, "POST, OPTIONS"},
		{"OPTIONS", "/nothing", 404, ""},
		{"GET", "/nothing", 404, ""},
		{"POST", "/nothing", 404, ""},
		{"POST", "/api/v1/login", 404, ""}, // PageOnly
		{"TRACE", "/orgs/acme", 405, "GET, HEAD, OPTIONS"},
		{"BREW", "/orgs/acme", 405, "GET, HEAD, OPTIONS"},
		{"HEAD", "/orgs/acme", 200, ""},
		{"HEAD", "/api/v1/orgs/acme", 200, ""},
		{"HEAD", "/orgs/acme/file.csv?n=2", 200, ""},
	} {
		w := st.do(t, call{method: c.method, path: c.path, as: "yuki"})
		if w.Code != c.want || w.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s: %d %q", c.method, c.path, w.Code, w.Header().Get("Allow"))
		}
		if c.method == "HEAD" && w.Body.Len() > 0 {
			t.Errorf("%s %s has a body", c.method, c.path)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Error("another site was let in")
		}
	}
}

func TestHeadersAreOnEveryAnswer(t *testing.T) {
	st := newStage(t, lite(t), nil)
	for _, c := range []call{
		{path: "/"}, {path: "/nothing"}, {path: "/api/v1/nothing"}, {path: "/", host: "evil.example"}, {method: "PUT", path: "/"},
		{path: "/", from: "192.0.2.1:4"}, {path: "/panics"}, {path: "/breaks"}, {path: "/account"}, {path: "/assets/a.css"},
		{path: "/api/v1/openapi.json"}, {path: "/orgs/acme/file.csv", as: "yuki"}, {path: "/orgs/../x"}, {method: "OPTIONS", path: "/"},
	} {
		h := st.do(t, c).Header()
		for _, name := range []string{"Content-Security-Policy", "X-Content-Type-Options", "Referrer-Policy", "X-Frame-Options",
			"Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Permissions-Policy", "X-Request-Id", "Cache-Control"} {
			if h.Get(name) == "" {
				t.Errorf("%v: no %s", c, name)
			}
		}
		for _, directive := range []string{"default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"} {
			if p := h.Get("Content-Security-Policy"); !strings.Contains(p, directive) && !strings.HasPrefix(p, "sandbox") {
				t.Errorf("%v: the policy has no %s", c, directive)
			}
		}
		if kind := h.Get("Content-Type"); strings.HasPrefix(kind, "text/") && !strings.HasSuffix(kind, "; charset=utf-8") {
			t.Errorf("%v: %q does not say its encoding", c, kind)
		}
		if h.Get("Server") != "" || strings.Contains(h.Get("Content-Security-Policy"), "unsafe") {
			t.Errorf("%v: %v", c, h)
		}
	}
	if got := st.do(t, call{path: "/assets/a.css"}).Header(); got.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.Get("ETag") != `"fixed"` {
		t.Error(got)
	}
	if standing["Cache-Control"][0] != "no-store" {
		t.Error("a handler changed the shared headers")
	}
}

// A message whose length is said in two ways must not hide a second message from
// a proxy in front (request smuggling).
func TestMessageWithTwoLengths(t *testing.T) {
	srv := newStage(t, lite(t), nil).live(t)
	host := strings.TrimPrefix(srv.URL, "http://")
	for name, c := range map[string]struct {
		head string
		want string // status of the first answer
	}{
		"two lengths":               {"Content-Length: 3\r\nContent-Length: 30\r\n\r\nabc", "400"},
		"a signed length":           {"Content-Length: +3\r\n\r\nabc", "400"},
		"unknown transfer encoding": {"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n", "501"},
		"space before the colon":    {"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n", "400"},
		"chunks and a length":       {"Transfer-Encoding: chunked\r\nContent-Length: 50\r\n\r\n0\r\n\r\n", "404"}, // the chunks count: nothing is waited for
	} {
		conn, err := net.Dial("tcp", host)
		if err != nil {
			t.Fatal(err)
		}
		_ = conn.SetDeadline(time.Now().Add(3 * time.Second))
		_, _ = io.WriteString(conn, "POST /nothing HTTP/1.1\r\nHost: localhost\r\n"+c.head)
		line, err := bufio.NewReader(conn).ReadString('\n')
		if !strings.HasPrefix(line, "HTTP/1.1 "+c.want) {
			t.Errorf("%s: %q, %v", name, line, err)
		}
		_ = conn.Close()
	}
}
