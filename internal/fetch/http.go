package fetch

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
)

// Answer is what came back, its body within the limit.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
}

// Get asks for an address. limit is the largest body in bytes.
func (c *Client) Get(ctx context.Context, address string, limit int64) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return Answer{}, ErrAddress
	}
	return c.do(req, limit)
}

// Post sends a body. limit is the largest body of the answer in bytes.
// Redirects are not followed: what was sent is for one address.
func (c *Client) Post(ctx context.Context, address string, header http.Header, body []byte, limit int64) (Answer, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(body))
	if err != nil {
		return Answer{}, ErrAddress
	}
	for name, values := range header {
		req.Header[name] = values
	}
	return c.do(req, limit)
}

func (c *Client) do(req *http.Request, limit int64) (Answer, error) {
	res, err := c.client(limit).Do(req)
	if err != nil {
		return Answer{}, c.failed(req.Context(), err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return Answer{}, c.failed(req.Context(), err)
	}
	return Answer{res.StatusCode, res.Header, body}, nil
}

// libraryLimit is for libraries that read an answer to its end, such as key
// sets and documents of an OpenID provider.
const libraryLimit = 1 << 20

// HTTPClient is for libraries that want a client of their own, such as go-oidc.
// Its answers end with ErrTooLarge after 1 MB.
func (c *Client) HTTPClient() *http.Client { return c.client(libraryLimit) }

func (c *Client) client(limit int64) *http.Client {
	return &http.Client{Transport: guard{c, limit}, CheckRedirect: checkRedirect, Timeout: c.timeout}
}

const maxRedirects = 3

var errRedirect = errors.New("blocked: redirected elsewhere, or too often")

// checkRedirect keeps a call on its host. Where it comes to a bare answer, the
// caller sees the 3xx.
func checkRedirect(req *http.Request, via []*http.Request) error {
	first := via[0]
	switch {
	case first.Method != http.MethodGet && first.Method != http.MethodHead:
		return http.ErrUseLastResponse
	case len(via) > maxRedirects, req.URL.Host != first.URL.Host,
		via[len(via)-1].URL.Scheme == "https" && req.URL.Scheme != "https":
		return errRedirect
	}
	return nil
}

// guard looks at what is about to be sent, and ends an answer at its limit.
type guard struct {
	c     *Client
	limit int64
}

// RoundTrip makes one call.
func (g guard) RoundTrip(req *http.Request) (*http.Response, error) {
	if !callable(req.URL) {
		return nil, ErrAddress
	}
	ctx := req.Context()
	if req.URL.Scheme == "http" {
		ctx = context.WithValue(ctx, plainKey{}, true)
	}
	req = req.Clone(ctx)
	req.Header.Set("User-Agent", g.c.agent)
	res, err := g.c.via.RoundTrip(req)
	if err != nil {
		return nil, g.c.failed(ctx, err)
	}
	if res.ContentLength > g.limit {
		_ = res.Body.Close()
		return nil, ErrTooLarge
	}
	res.Body = &limited{res.Body, g.limit}
	return res, nil
}

// CheckURL says whether an address could be called, by its text alone: an
// https address with a name and without a password. It looks nothing up.
func (c *Client) CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || !callable(u) || u.Scheme != "https" && !c.plainAllowed(u) {
		return ErrAddress
	}
	return nil
}

// plainAllowed lets a plain address stand where it may lie in Allow; dialling decides.
func (c *Client) plainAllowed(*url.URL) bool { return len(c.allow) > 0 }

func callable(u *url.URL) bool {
	if u.Scheme != "https" && u.Scheme != "http" || u.User != nil || u.Hostname() == "" || u.Opaque != "" {
		return false
	}
	a, err := netip.ParseAddr(u.Hostname())
	return err != nil && isHostNameOrLocal(u.Hostname()) || err == nil && !a.Is4In6()
}

// isHostNameOrLocal also takes a name of one part, which an operator may allow.
func isHostNameOrLocal(name string) bool { return isHostName(name) || isHostName(name+".local") }

// limited reads a body up to a limit, and then says that it was too large.
type limited struct {
	io.ReadCloser
	left int64
}

// Read reads on until one byte more than the limit has come.
func (l *limited) Read(p []byte) (int, error) {
	if int64(len(p)) > l.left+1 {
		p = p[:l.left+1]
	}
	n, err := l.ReadCloser.Read(p)
	if int64(n) > l.left {
		n, err = int(l.left), ErrTooLarge
	}
	l.left -= int64(n)
	return n, err
}
