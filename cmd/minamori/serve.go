package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// drainFor is how long requests and jobs may finish after the signal to stop.
const drainFor = 20 * time.Second

type serveCmd struct {
	Store
	Web
	Open bool `help:"Open the browser when ready, as a double click on Windows does."`
}

// collectAt lets the heap grow twice as far as Go does before it is cleaned: a
// tenth less processor time for a page, for some 20 MB. GOGC overrides it.
const collectAt = 200

// Run serves until the context ends.
func (s serveCmd) Run(c *console) error {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(collectAt)
	}
	doors, err := open(s.Web)
	if err != nil {
		return s.alreadyRunning(c, err)
	}
	defer doors.close()
	if isDemo(s.Data) && !doors.private() {
		return problem.New(http.StatusBadRequest, "demo-public")
	}
	if err := doors.named(); err != nil {
		return err
	}
	release, err := lockData(s.Store)
	if err != nil {
		return err
	}
	defer release()
	h, err := build(c, s.Store, s.Web, doors.base)
	if err != nil {
		return err
	}
	defer h.close()
	if err := h.alike(c.ctx); err != nil {
		return err
	}
	s.advise(c, doors)
	if s.Open {
		h.ready = s.show(c)
	}
	return h.serve(c, s.Web, doors)
}

// advise says what cannot work with these settings: browsers give passkeys to
// https and to localhost alone, and other devices are refused without https.
func (s serveCmd) advise(c *console, d *doors) {
	l := c.texts.In(terminalLanguage())
	if strings.HasPrefix(d.base, "http://") && (!d.local || !strings.HasPrefix(d.base, "http://localhost:")) {
		fmt.Fprintln(c.err, "note:", l.T("cli.note.https"))
	}
	if !d.private() && s.Ledger == "" {
		fmt.Fprintln(c.err, "note:", l.T("cli.note.ledger", "folder", s.ledger()))
	}
	if !d.local && s.PublicURL == "" {
		fmt.Fprintln(c.err, "note:", l.T("cli.note.public"))
	}
}

// doors are the open listeners. They are opened before anything else, so that
// an address in use is found at once.
type doors struct {
	listeners []net.Listener
	local     bool   // all of them are on loopback
	base      string // how a person at this computer reaches the server
}

func (d *doors) close() {
	for _, l := range d.listeners {
		_ = l.Close()
	}
}

// private says that nobody is meant to come from outside: a public address stands
// for a proxy, and whoever comes through one has the address of this computer.
func (d *doors) private() bool {
	u, err := url.Parse(d.base)
	return d.local && err == nil && isLoopback(u.Hostname())
}

func open(w Web) (*doors, error) {
	if (w.TLSCert == "") != (w.TLSKey == "") {
		return nil, problem.New(http.StatusBadRequest, "tls-pair")
	}
	host, port, err := net.SplitHostPort(w.Listen)
	if err != nil {
		return nil, problem.New(http.StatusBadRequest, "listen", "address", w.Listen)
	}
	d := &doors{local: isLoopback(host)}
	if err := d.listen(host, port); err != nil {
		d.close()
		return nil, problem.New(http.StatusConflict, "address-in-use", "address", w.Listen)
	}
	return d, d.secure(w)
}

// listen opens the address; a loopback one on IPv4 and, where the system has
// it, on IPv6 too: browsers try either for localhost.
func (d *doors) listen(host, port string) error {
	if !d.local {
		l, err := net.Listen("tcp", net.JoinHostPort(host, port))
		if err == nil {
			d.listeners = append(d.listeners, l)
		}
		return err
	}
	first, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return err
	}
	d.listeners = append(d.listeners, first)
	_, port, _ = net.SplitHostPort(first.Addr().String()) // port 0 has become a number
	second, err := net.Listen("tcp6", net.JoinHostPort("::1", port))
	switch {
	case err == nil:
		d.listeners = append(d.listeners, second)
	case errors.Is(err, syscall.EADDRINUSE):
		return err
	}
	return nil
}

func (d *doors) secure(w Web) error {
	scheme := "http"
	if w.TLSCert != "" {
		pair, err := tls.LoadX509KeyPair(w.TLSCert, w.TLSKey)
		if err != nil {
			return problem.New(http.StatusBadRequest, "tls-files", "why", err.Error())
		}
		scheme = "https"
		for i, l := range d.listeners {
			d.listeners[i] = tls.NewListener(l, encryption(pair))
		}
	}
	host, port, _ := net.SplitHostPort(d.listeners[0].Addr().String())
	if a, err := netip.ParseAddr(host); d.local || err == nil && a.IsUnspecified() {
		host = "localhost" // browsers refuse passkeys on an address
	}
	d.base = scheme + "://" + net.JoinHostPort(host, port)
	if u, err := w.public(); err != nil {
		return err
	} else if u != nil {
		d.base = u.String()
	}
	return nil
}

// encryption takes TLS 1.2 with forward secrecy and authenticated encryption, and
// TLS 1.3. Go would offer CBC suites too, which only browsers before 2015 need.
func encryption(pair tls.Certificate) *tls.Config {
	return &tls.Config{
		Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"},
		CipherSuites: []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
			tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
		},
	}
}

// named refuses to be reached at a number: passkeys work on names alone, and
// requests for a host that we do not know are refused (threats T24).
func (d *doors) named() error {
	u, err := url.Parse(d.base)
	if err != nil {
		return err
	}
	if _, err := netip.ParseAddr(u.Hostname()); err == nil {
		return problem.New(http.StatusBadRequest, "public-name", "url", d.base)
	}
	return nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// quietLog swallows what net/http says of broken connections: it holds the
// addresses of callers, which no log of ours may (docs/security.md).
var quietLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelDebug)

// serve answers requests and runs jobs until the context ends, then finishes
// what is under way.
func (h *House) serve(c *console, w Web, d *doors) error {
	work, stopWork := context.WithCancel(context.WithoutCancel(c.ctx))
	defer stopWork()
	finishWork, err := h.start(work)
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler: h.node.parting(h.Handler), ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 64 << 10, ErrorLog: quietLog,
	}
	failed := make(chan error, len(d.listeners)+1)
	for _, l := range d.listeners {
		go func() { failed <- server.Serve(l) }()
	}
	metrics, err := serveMetrics(w.MetricsListen, h.Metrics, failed)
	if err != nil {
		return err
	}
	if err := h.announce(c, d.base); err != nil {
		return err
	}
	select {
	case <-c.ctx.Done():
		h.node.leave(w.DrainDelay)
	case err = <-failed:
	}
	return errors.Join(err, h.drain(server, metrics, finishWork, stopWork))
}

// announce prints what the operator needs; ready comes last, because scripts
// wait for it.
func (h *House) announce(c *console, base string) error {
	link, err := h.setupLink(c.ctx, base)
	if err != nil {
		return err
	}
	if link != "" {
		fmt.Fprintln(c.out, "setup:", link)
	}
	if h.demo {
		fmt.Fprintln(c.out, "demo:", base+"/demo")
	}
	fmt.Fprintln(c.out, "ready:", base)
	if h.ready != nil {
		h.ready(firstPage(base, link))
	}
	return nil
}

// setupFile holds the set-up link for an operator who cannot see the terminal.
const setupFile = "setup-link.txt"

// setupLink makes the link with which the first account is created, as long as
// there is none.
func (h *House) setupLink(ctx context.Context, base string) (string, error) {
	if h.demo {
		return "", nil // its operator is entered as everybody else, without a secret
	}
	file := filepath.Join(h.store.Data, setupFile)
	link, err := h.Accounts.SetupLink(ctx, base)
	if err != nil || link == "" {
		_ = os.Remove(file)
		return "", err
	}
	_ = os.Remove(file) // an old file could be readable by others
	return link, os.WriteFile(file, []byte(link+"\n"), 0o600)
}

func serveMetrics(address string, m *web.Metrics, failed chan<- error) (*http.Server, error) {
	if address == "" {
		return nil, nil
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return nil, problem.New(http.StatusConflict, "address-in-use", "address", address)
	}
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { failed <- server.Serve(l) }()
	return server, nil
}

// drain lets requests finish first, because they may still queue jobs.
func (h *House) drain(server, metrics *http.Server, finishWork func(context.Context) error, stopWork func()) error {
	ctx, cancel := context.WithTimeout(context.Background(), drainFor)
	defer cancel()
	err := server.Shutdown(ctx)
	if metrics != nil {
		_ = metrics.Close()
	}
	err = errors.Join(err, finishWork(ctx))
	stopWork()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// waitAll runs all and waits for them.
func waitAll(all ...func()) (wait func()) {
	var wg sync.WaitGroup
	for _, f := range all {
		wg.Go(f)
	}
	return wg.Wait
}
