package fetch_test

import (
	"bytes"
	"context"
	"crypto/x509"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/minamori-project/minamori/internal/fetch"
)

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}

// resolver answers names from a function on a loopback port; the function is
// told how often the name was asked for.
func resolver(t *testing.T, answer func(name string, kind dnsmessage.Type, asked int) []dnsmessage.ResourceBody) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	go func() {
		asked := map[string]int{}
		buf := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(buf)
			if err != nil {
				return
			}
			var m dnsmessage.Message
			if m.Unpack(buf[:n]) != nil || len(m.Questions) != 1 {
				continue
			}
			q := m.Questions[0]
			key := q.Name.String() + q.Type.String()
			bodies := answer(q.Name.String(), q.Type, asked[key])
			asked[key]++
			m.Response, m.RecursionAvailable, m.Additionals = true, true, nil
			for _, b := range bodies {
				m.Answers = append(m.Answers, dnsmessage.Resource{Header: dnsmessage.ResourceHeader{Name: q.Name, Class: q.Class, TTL: 0}, Body: b})
			}
			if bodies == nil {
				m.RCode = dnsmessage.RCodeNameError
			}
			out, err := m.Pack()
			if err == nil {
				_, _ = conn.WriteTo(out, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

func a(addr string) *dnsmessage.AResource {
	return &dnsmessage.AResource{A: netip.MustParseAddr(addr).As4()}
}

// counting is a server that tells how many connections it was given.
func counting(t *testing.T, addr string, h http.HandlerFunc) (*httptest.Server, *atomic.Int64) {
	t.Helper()
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		t.Skipf("no second loopback address here: %v", err)
	}
	var n atomic.Int64
	srv := &httptest.Server{Listener: ln, Config: &http.Server{Handler: h, ConnState: func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			n.Add(1)
		}
	}}}
	srv.Start()
	t.Cleanup(srv.Close)
	return srv, &n
}

func port(srv *httptest.Server) string {
	_, p, _ := net.SplitHostPort(srv.Listener.Addr().String())
	return p
}

func hello(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }

// A name that shows a good address first and the inside later gains nothing.
func TestRebinding(t *testing.T) {
	good, _ := counting(t, "127.0.0.2:0", hello)
	inside, reached := counting(t, "127.0.0.1:"+port(good), hello)
	names := resolver(t, func(_ string, kind dnsmessage.Type, asked int) []dnsmessage.ResourceBody {
		switch {
		case kind != dnsmessage.TypeA:
			return []dnsmessage.ResourceBody{}
		case asked == 0:
			return []dnsmessage.ResourceBody{a("127.0.0.2")}
		}
		return []dnsmessage.ResourceBody{a("127.0.0.1")}
	})
	c := fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.2/32")}, Resolver: names})
	address := "http://turning.example:" + port(good) + "/"
	if got, err := c.Get(context.Background(), address, 100); err != nil || string(got.Body) != "hello" {
		t.Fatalf("the allowed address: %v", err)
	}
	good.CloseClientConnections() // the next call dials anew
	for range 3 {
		if _, err := c.Get(context.Background(), address, 100); !errors.Is(err, fetch.ErrNoAnswer) {
			t.Fatalf("after the turn: %v", err)
		}
	}
	if reached.Load() != 0 {
		t.Errorf("the inside was reached %d times", reached.Load())
	}
	// The test can fail: with the inside allowed it is reached.
	c = fetch.New(fetch.Config{Allow: loopback, Resolver: names})
	if _, err := c.Get(context.Background(), address, 100); err != nil || reached.Load() == 0 {
		t.Errorf("allowed: %v, reached %d times", err, reached.Load())
	}
	_ = inside
}

// Every way of writing an inside address, as a literal or as what a name shows.
func TestInsideAddresses(t *testing.T) {
	srv, reached := counting(t, "127.0.0.1:0", hello)
	c := fetch.New(fetch.Config{Timeout: 3 * time.Second, Resolver: resolver(t, func(name string, kind dnsmessage.Type, _ int) []dnsmessage.ResourceBody {
		if kind == dnsmessage.TypeA && strings.HasPrefix(name, "inside.") {
			return []dnsmessage.ResourceBody{a("127.0.0.1")}
		}
		return nil
	})})
	for _, host := range []string{
		"127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0x7f.1", "127.0.0.1.", "localhost", "inside.example",
		"[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]", "[::]", "0.0.0.0", "0",
		"[64:ff9b::127.0.0.1]", "[64:ff9b:1::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "[fe80::1%25lo]",
		"169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[64:ff9b::a9fe:a9fe]", "100.100.100.200", "168.63.129.16",
		"10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "224.0.0.1", "[ff02::1]", "[fc00::1]", "255.255.255.255", "１２７.０.０.１",
	} {
		for _, scheme := range []string{"http://", "https://"} {
			start := time.Now()
			_, err := c.Get(context.Background(), scheme+host+":"+port(srv)+"/", 100)
			if !errors.Is(err, fetch.ErrNoAnswer) && !errors.Is(err, fetch.ErrAddress) {
				t.Errorf("%s%s: %v", scheme, host, err)
			}
			if time.Since(start) > 2*time.Second {
				t.Errorf("%s%s was tried for %v", scheme, host, time.Since(start))
			}
		}
	}
	if reached.Load() != 0 {
		t.Errorf("the inside was reached %d times", reached.Load())
	}
}

// What goes wrong outside looks the same, whatever it was, and the log holds
// no address.
func TestErrorsAreUniform(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0") // takes connections and says nothing
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	untrusted := httptest.NewTLSServer(http.HandlerFunc(hello))
	defer untrusted.Close()
	untrusted.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)
	var log bytes.Buffer
	c := fetch.New(fetch.Config{Allow: loopback, Timeout: 300 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil)),
		Resolver: resolver(t, func(string, dnsmessage.Type, int) []dnsmessage.ResourceBody { return nil })})
	for why, address := range map[string]string{
		"refused": "http://" + closed.Addr().String() + "/secret", "time out": "http://" + ln.Addr().String() + "/secret",
		"certificate not trusted": untrusted.URL + "/secret", "name not resolved": "https://nobody.example/secret",
		"blocked: the address is not public": "http://10.1.2.3/secret", "blocked: plain http to the outside": "http://8.8.8.8/secret",
	} {
		log.Reset()
		_, err := c.Get(context.Background(), address, 100)
		var f *fetch.Failure
		if !errors.As(err, &f) || err.Error() != "fetch: no answer ("+f.ID+")" {
			t.Errorf("%s: %v", why, err)
			continue
		}
		if line := log.String(); !strings.Contains(line, f.ID) || !strings.Contains(line, why) {
			t.Errorf("%s: the log says %s", why, line)
		}
		u, _ := url.Parse(address)
		if strings.Contains(log.String(), "secret") || strings.Contains(log.String(), u.Hostname()) {
			t.Errorf("%s: the log names the address: %s", why, log.String())
		}
	}
}

func TestRedirects(t *testing.T) {
	other, elsewhere := counting(t, "127.0.0.2:0", hello)
	var posts atomic.Int64
	srv, _ := counting(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			posts.Add(1)
		}
		switch n, _ := strings.CutPrefix(r.URL.Path, "/"); n {
		case "away":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "file":
			http.Redirect(w, r, "file:///etc/passwd", http.StatusFound)
		case "0":
			hello(w, r)
		case "post":
			http.Redirect(w, r, "/0", http.StatusTemporaryRedirect)
		default:
			http.Redirect(w, r, "/"+string(n[0]-1), http.StatusFound)
		}
	})
	c := fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	for path, good := range map[string]bool{"/0": true, "/1": true, "/3": true, "/4": false, "/away": false, "/file": false} {
		_, err := c.Get(context.Background(), srv.URL+path, 100)
		if good && err != nil || !good && !errors.Is(err, fetch.ErrNoAnswer) && !errors.Is(err, fetch.ErrAddress) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got, err := c.Post(context.Background(), srv.URL+"/post", nil, []byte("x"), 100); err != nil || got.Status != http.StatusTemporaryRedirect || posts.Load() != 1 {
		t.Errorf("a redirected post: %d, %v, sent %d times", got.Status, err, posts.Load())
	}
	if elsewhere.Load() != 0 {
		t.Error("it went to another host")
	}
}

func TestSchemeNeverGoesDown(t *testing.T) {
	plain, reached := counting(t, "127.0.0.1:0", hello)
	roots := x509.NewCertPool()
	srv := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/down" {
			http.Redirect(w, r, "http://"+r.Host+"/", http.StatusFound)
			return
		}
		if len(r.Cookies()) > 0 || r.UserAgent() != "Minamori" {
			t.Errorf("cookies %v, agent %q", r.Cookies(), r.UserAgent())
		}
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "b"})
		hello(w, r)
	}))
	defer srv.Close()
	roots.AddCert(srv.Certificate())
	t.Setenv("HTTPS_PROXY", plain.URL)
	t.Setenv("HTTP_PROXY", plain.URL)
	c := fetch.New(fetch.Config{Allow: loopback, Roots: roots})
	if _, err := c.Get(context.Background(), srv.URL+"/down", 100); !errors.Is(err, fetch.ErrNoAnswer) {
		t.Errorf("from https to http: %v", err)
	}
	for range 2 {
		res, err := c.HTTPClient().Get(srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
	}
	if reached.Load() != 0 {
		t.Error("a proxy of the environment was used")
	}
}

func TestLimits(t *testing.T) {
	stop := make(chan struct{})
	srv, _ := counting(t, "127.0.0.1:0", func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/said":
			w.Header().Set("Content-Length", "101")
			_, _ = w.Write(bytes.Repeat([]byte("a"), 101))
		case "/unsaid":
			for range 1000 {
				if _, err := w.Write(bytes.Repeat([]byte("a"), 4096)); err != nil {
					return
				}
			}
		case "/slow":
			for {
				_, _ = io.WriteString(w, "a")
				w.(http.Flusher).Flush()
				select {
				case <-time.After(20 * time.Millisecond):
				case <-r.Context().Done():
					return
				case <-stop:
					return
				}
			}
		case "/head":
			w.Header().Set("X", strings.Repeat("a", 64<<10))
		default:
			_, _ = w.Write(bytes.Repeat([]byte("a"), 100))
		}
	})
	defer close(stop)
	c := fetch.New(fetch.Config{Allow: loopback, Timeout: 400 * time.Millisecond})
	for path, want := range map[string]error{"/": nil, "/said": fetch.ErrTooLarge, "/unsaid": fetch.ErrTooLarge, "/slow": fetch.ErrNoAnswer, "/head": fetch.ErrNoAnswer} {
		start := time.Now()
		got, err := c.Get(context.Background(), srv.URL+path, 100)
		if !errors.Is(err, want) || err == nil && len(got.Body) != 100 {
			t.Errorf("%s: %d bytes, %v, want %v", path, len(got.Body), err, want)
		}
		if time.Since(start) > 2*time.Second {
			t.Errorf("%s took %v", path, time.Since(start))
		}
	}
}

// Metadata services stay closed inside an allowed network.
func TestAllow(t *testing.T) {
	var log bytes.Buffer
	check := func(allow, address string) bool {
		log.Reset()
		c := fetch.New(fetch.Config{Allow: []netip.Prefix{netip.MustParsePrefix(allow)}, Timeout: 50 * time.Millisecond, Log: slog.New(slog.NewTextHandler(&log, nil))})
		_, _ = c.Get(context.Background(), "http://"+net.JoinHostPort(address, "9")+"/", 1)
		return !strings.Contains(log.String(), "blocked")
	}
	for _, tc := range []struct {
		allow, address string
		want           bool
	}{
		{"10.0.0.0/8", "10.1.1.1", true}, {"10.0.0.0/8", "192.168.1.1", false},
		{"169.254.0.0/16", "169.254.169.254", false}, {"169.254.169.254/32", "169.254.169.254", true},
		{"fd00::/8", "fd00:ec2::254", false}, {"64:ff9b::/96", "64:ff9b::a00:1", false}, {"127.0.0.0/8", "::1", false},
	} {
		if got := check(tc.allow, tc.address); got != tc.want {
			t.Errorf("with %s, %s is dialled: %v (%s)", tc.allow, tc.address, got, log.String())
		}
	}
}

func TestCheckURL(t *testing.T) {
	c := fetch.New(fetch.Config{})
	for address, good := range map[string]bool{
		"https://hook.example.jp/a?b=c": true, "https://hook.example.jp:8443/": true, "https://203.0.113.1/": true,
		"http://hook.example.jp/": false, "https://user:pass@hook.example.jp/": false, "ftp://hook.example.jp/": false,
		"https://": false, "hook.example.jp": false, "https://日本語.example/": false, "https://[::ffff:8.8.8.8]/": false, "javascript:alert(1)": false,
	} {
		if err := c.CheckURL(address); (err == nil) != good {
			t.Errorf("%s: %v", address, err)
		}
	}
}

func TestTXT(t *testing.T) {
	c := fetch.New(fetch.Config{Resolver: resolver(t, func(name string, kind dnsmessage.Type, _ int) []dnsmessage.ResourceBody {
		if name == "_minamori.example.jp." && kind == dnsmessage.TypeTXT {
			return []dnsmessage.ResourceBody{&dnsmessage.TXTResource{TXT: []string{"one ", "text"}}, &dnsmessage.TXTResource{TXT: []string{"two"}}}
		}
		return nil
	})})
	got, err := c.TXT(context.Background(), "_minamori.example.jp")
	if err != nil || !slices.Equal(got, []string{"one text", "two"}) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err := c.TXT(context.Background(), "_minamori.other.jp"); err != nil || got != nil {
		t.Errorf("no such name: %q, %v", got, err)
	}
	for _, bad := range []string{"", "localhost", "a b.jp", "a..jp", "a.jp.", strings.Repeat("a", 64) + ".jp", "例え.jp"} {
		if _, err := c.TXT(context.Background(), bad); !errors.Is(err, fetch.ErrAddress) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	silent := &net.Resolver{PreferGo: true, Dial: func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("away") }}
	c = fetch.New(fetch.Config{Resolver: silent})
	if _, err := c.TXT(context.Background(), "_minamori.example.jp"); !errors.Is(err, fetch.ErrNoAnswer) {
		t.Errorf("a resolver that is away: %v", err)
	}
}

// The operator's own mail server may be inside, and nothing beside it.
func TestDialer(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	dial := fetch.New(fetch.Config{}).Dialer(ln.Addr().String())
	conn, err := dial(context.Background(), "tcp", ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.Close()
	if _, err := dial(context.Background(), "tcp", "127.0.0.1:1"); !errors.Is(err, fetch.ErrAddress) {
		t.Errorf("another address: %v", err)
	}
}
