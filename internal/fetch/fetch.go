package fetch

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"syscall"
	"time"
)

// Config is what a Client stands on.
type Config struct {
	// Allow are networks that may be called although they are not public, over
	// plain http too. A metadata service needs its own address here.
	Allow []netip.Prefix
	// Resolver answers names; nil for the system's own.
	Resolver *net.Resolver
	// Roots are the authorities that are believed; nil for the system's.
	Roots *x509.CertPool
	// Timeout is for one whole call, answer included; 20 seconds when zero.
	Timeout time.Duration
	// Agent is how the program names itself; "Minamori" when empty.
	Agent string
	Log   *slog.Logger // nil for none
}

// What a call answers, besides the end of the caller's own context.
var (
	// ErrNoAnswer: there was no usable answer. Why is in the log, by the id of the Failure.
	ErrNoAnswer = errors.New("fetch: no answer")
	// ErrTooLarge: the answer was larger than the caller's limit.
	ErrTooLarge = errors.New("fetch: the answer is too large")
	// ErrAddress: the address is not one that is ever called. It tells of the
	// text of the address alone, not of what is behind it.
	ErrAddress = errors.New("fetch: not an address to call")
)

// Failure is an ErrNoAnswer with the id under which the log says why.
type Failure struct{ ID string }

// Error names the id alone.
func (f *Failure) Error() string { return ErrNoAnswer.Error() + " (" + f.ID + ")" }

// Unwrap makes it an ErrNoAnswer.
func (f *Failure) Unwrap() error { return ErrNoAnswer }

// Client calls other machines.
type Client struct {
	allow    []netip.Prefix
	resolver *net.Resolver
	agent    string
	timeout  time.Duration
	log      *slog.Logger
	guarded  *net.Dialer
	via      http.RoundTripper
}

const (
	defaultTimeout = 20 * time.Second
	dialTimeout    = 8 * time.Second
	headerLimit    = 32 << 10
)

// New makes a client. It calls nobody.
func New(cfg Config) *Client {
	c := &Client{allow: cfg.Allow, resolver: cfg.Resolver, agent: cfg.Agent, timeout: cfg.Timeout, log: cfg.Log}
	if c.resolver == nil {
		c.resolver = &net.Resolver{PreferGo: true}
	}
	if c.agent == "" {
		c.agent = "Minamori"
	}
	if c.timeout <= 0 {
		c.timeout = defaultTimeout
	}
	if c.log == nil {
		c.log = slog.New(slog.DiscardHandler)
	}
	c.guarded = &net.Dialer{Timeout: dialTimeout, Resolver: c.resolver, ControlContext: c.check}
	c.via = &http.Transport{
		Proxy:       nil, // see the package comment
		DialContext: c.guarded.DialContext, TLSClientConfig: &tls.Config{RootCAs: cfg.Roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2: true, TLSHandshakeTimeout: dialTimeout, ResponseHeaderTimeout: c.timeout,
		MaxResponseHeaderBytes: headerLimit, DisableCompression: true, // a packed answer would have two sizes
		MaxIdleConns: 32, MaxIdleConnsPerHost: 2, IdleConnTimeout: 30 * time.Second,
	}
	return c
}

// Why a call was not made.
var (
	errBlocked = errors.New("blocked: the address is not public")
	errPlain   = errors.New("blocked: plain http to the outside")
)

// plainKey marks the context of a call over plain http.
type plainKey struct{}

// check looks at each address at the last moment before it is dialled.
func (c *Client) check(ctx context.Context, _, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	switch {
	case err != nil || !c.mayDial(ap.Addr()):
		return errBlocked
	case ctx.Value(plainKey{}) != nil && !c.inAllow(ap.Addr()):
		return errPlain
	}
	return nil
}

// Dialer returns a dialler to one server that the operator's own settings name,
// wherever it stands: his mail server may be on this machine. Any other address
// is refused.
func (c *Client) Dialer(server string) func(ctx context.Context, network, address string) (net.Conn, error) {
	d := &net.Dialer{Timeout: dialTimeout, Resolver: c.resolver}
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		if address != server {
			return nil, ErrAddress
		}
		conn, err := d.DialContext(ctx, network, address)
		if err != nil {
			return nil, c.failed(ctx, err)
		}
		return conn, nil
	}
}

// txtTimeout is for one question to the resolver, its repetitions included.
const txtTimeout = 10 * time.Second

// TXT returns the texts of a DNS name. No such name and no such record are no
// texts and no error: that is an answer. ErrNoAnswer is none.
func (c *Client) TXT(ctx context.Context, name string) ([]string, error) {
	if !isHostName(name) {
		return nil, ErrAddress
	}
	ctx, cancel := context.WithTimeout(ctx, txtTimeout)
	defer cancel()
	texts, err := c.resolver.LookupTXT(ctx, name+".") // the dot keeps the search list of the machine out
	var dns *net.DNSError
	switch {
	case errors.As(err, &dns) && dns.IsNotFound:
		return nil, nil
	case err != nil:
		return nil, c.failed(ctx, err)
	}
	return texts, nil
}

// isHostName says whether a name has the letters of a DNS name and a dot in it.
func isHostName(name string) bool {
	labels := strings.Split(name, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.ContainsFunc(l, func(r rune) bool {
			return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '-' && r != '_'
		}) {
			return false
		}
	}
	return len(labels) > 1 && len(name) <= 253
}

// failed hides why a call failed behind an id, and tells the log the kind.
func (c *Client) failed(ctx context.Context, err error) error {
	var known *Failure
	switch {
	case errors.As(err, &known):
		return known
	case errors.Is(err, ErrTooLarge), errors.Is(err, ErrAddress):
		return err
	}
	f := &Failure{ID: strings.ToLower(rand.Text()[:12])}
	c.log.WarnContext(ctx, "call failed", slog.String("call", f.ID), slog.String("why", kindOf(err)))
	return f
}

// kindOf says in fixed words what happened: an error of the net package holds
// the address.
func kindOf(err error) string {
	var dns *net.DNSError
	var timeout interface{ Timeout() bool }
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, errBlocked), errors.Is(err, errPlain), errors.Is(err, errRedirect):
		return innermost(err).Error()
	case errors.As(err, &dns):
		return "name not resolved"
	case errors.As(err, &certificate):
		return "certificate not trusted"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.Is(err, context.Canceled):
		return "called off"
	case errors.As(err, &timeout) && timeout.Timeout():
		return "time out"
	}
	return "broken off"
}

func innermost(err error) error {
	for _, known := range []error{errBlocked, errPlain, errRedirect} {
		if errors.Is(err, known) {
			return known
		}
	}
	return err
}
