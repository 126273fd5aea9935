package main

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/mail"
	"github.com/minamori-project/minamori/internal/problem"
)

// Store says where the data is.
type Store struct {
	Data        string `type:"path" default:"${data}" help:"Folder for database, files and keys."`
	DatabaseURL string `name:"database-url" help:"PostgreSQL URL (postgres://…); without it the database is a file in the data folder."`
	Ledger      string `type:"path" help:"Folder for the book of revocations, which a restore needs; best on another disk or host. Default: ledger in the data folder."`
	LogLevel    string `name:"log-level" enum:"debug,info,warn,error" default:"info" help:"How much to log: debug, info, warn or error."`
}

// Web says how the server is reached.
type Web struct {
	Listen         string        `default:"localhost:8080" help:"Address to listen on. localhost means 127.0.0.1 and [::1]."`
	PublicURL      string        `name:"public-url" help:"Address under which people reach the server, as https://minamori.example.jp."`
	TLSCert        string        `name:"tls-cert" type:"path" help:"Certificate file (PEM)."`
	TLSKey         string        `name:"tls-key" type:"path" help:"Key file of the certificate (PEM)."`
	TrustedProxies []string      `name:"trusted-proxies" help:"Networks whose X-Forwarded headers are believed, as 10.0.0.0/8."`
	AllowNetworks  []string      `name:"allow-networks" help:"Networks that may be called although they are not public, as 10.0.0.0/8."`
	DrainDelay     time.Duration `name:"drain-delay" default:"0s" help:"How long to go on answering after the signal to stop, with /readyz at 503, until the proxy has looked."`
	MetricsListen  string        `name:"metrics-listen" default:"" help:"Address for Prometheus metrics, as 127.0.0.1:9090; empty for none."`
	SMTP           string        `help:"Mail server, as smtp://user:password@mail.example.jp:587; without it mail is kept in the folder outbox."`
	MailFrom       string        `name:"mail-from" default:"minamori@localhost" help:"Sender address of mail."`
	DKIMDomain     string        `name:"dkim-domain" help:"Domain that signs mail, as minamori.example.jp."`
	DKIMSelector   string        `name:"dkim-selector" help:"Name of the signing key in the DNS."`
	DKIMKey        string        `name:"dkim-key" type:"path" help:"File with the private signing key (PEM, PKCS #8)."`
}

// defaultDataDir is the folder in which programs of this user keep their data.
func defaultDataDir() string {
	home, _ := os.UserHomeDir()
	switch runtime.GOOS {
	case "windows":
		return filepath.Join(firstOf(os.Getenv("LocalAppData"), home), "minamori")
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "minamori")
	}
	return filepath.Join(firstOf(os.Getenv("XDG_DATA_HOME"), filepath.Join(home, ".local", "share")), "minamori")
}

func firstOf(all ...string) string {
	for _, s := range all {
		if s != "" {
			return s
		}
	}
	return ""
}

// database is what db.Open takes.
func (s Store) database() string {
	if s.DatabaseURL != "" {
		return s.DatabaseURL
	}
	return filepath.Join(s.Data, "minamori.db")
}

// ledger is the folder of the book of revocations.
func (s Store) ledger() string { return firstOf(s.Ledger, filepath.Join(s.Data, "ledger")) }

// prepare makes the data folder, for its owner alone.
func (s Store) prepare() error {
	if s.DatabaseURL != "" && !strings.HasPrefix(s.DatabaseURL, "postgres://") && !strings.HasPrefix(s.DatabaseURL, "postgresql://") {
		return problem.New(http.StatusBadRequest, "database-url") // it would be taken for the name of a file
	}
	return os.MkdirAll(s.Data, 0o700)
}

func (s Store) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	if level.UnmarshalText([]byte(s.LogLevel)) != nil {
		level = slog.LevelInfo // kong has checked the flag; other callers may leave it out
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}))
}

func (w Web) public() (*url.URL, error) {
	if w.PublicURL == "" {
		return nil, nil
	}
	u, err := url.Parse(w.PublicURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" || strings.Trim(u.Path, "/") != "" || u.User != nil {
		return nil, problem.New(400, "public-url", "url", w.PublicURL)
	}
	return &url.URL{Scheme: u.Scheme, Host: u.Host}, nil
}

func (w Web) proxies() ([]netip.Prefix, error) { return networks(w.TrustedProxies, "proxy") }

func (w Web) allowed() ([]netip.Prefix, error) { return networks(w.AllowNetworks, "allow-network") }

// networks reads networks and single addresses; what cannot be read is a
// problem of the code.
// keys: problem.proxy.title, problem.proxy.hint, problem.allow-network.title, problem.allow-network.hint
func networks(list []string, code string) ([]netip.Prefix, error) {
	var all []netip.Prefix
	for _, s := range list {
		p, err := netip.ParsePrefix(s)
		if err != nil {
			a, errAddr := netip.ParseAddr(s)
			if errAddr != nil {
				return nil, problem.New(400, code, "network", s)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		all = append(all, p)
	}
	return all, nil
}

type configCmd struct {
	Store
	Web
	Output
}

// signing is the key that signs mail, or nil when none is named.
func (w Web) signing() (*mail.Signing, error) {
	if w.DKIMDomain == "" && w.DKIMSelector == "" && w.DKIMKey == "" {
		return nil, nil
	}
	s, err := mail.LoadSigning(w.DKIMDomain, w.DKIMSelector, w.DKIMKey)
	if err != nil {
		return nil, problem.New(http.StatusBadRequest, "dkim", "why", err.Error())
	}
	return s, nil
}

// effective is the settings as printed: passwords in URLs are left out.
type effective struct {
	Data           string   `json:"data"`
	Database       string   `json:"database"`
	Ledger         string   `json:"ledger"`
	Listen         string   `json:"listen"`
	PublicURL      string   `json:"public_url"`
	TLSCert        string   `json:"tls_cert"`
	TLSKey         string   `json:"tls_key"`
	TrustedProxies []string `json:"trusted_proxies"`
	AllowNetworks  []string `json:"allow_networks"`
	DrainDelay     string   `json:"drain_delay"`
	MetricsListen  string   `json:"metrics_listen"`
	SMTP           string   `json:"smtp"`
	MailFrom       string   `json:"mail_from"`
	DKIMDomain     string   `json:"dkim_domain"`
	DKIMSelector   string   `json:"dkim_selector"`
	DKIMKey        string   `json:"dkim_key"`
	LogLevel       string   `json:"log_level"`
}

// Run prints the settings in force.
func (k configCmd) Run(c *console) error {
	e := effective{
		k.Data, redact(k.database()), k.ledger(), k.Listen, redact(k.PublicURL), k.TLSCert, k.TLSKey, k.TrustedProxies, k.AllowNetworks,
		k.DrainDelay.String(), k.MetricsListen, redact(k.SMTP), k.MailFrom, k.DKIMDomain, k.DKIMSelector, k.DKIMKey, k.LogLevel,
	}
	return k.print(c, e, func(w io.Writer) { printPairs(w, e) })
}

// printPairs writes the fields of a struct one per line, named as in JSON.
func printPairs(w io.Writer, v any) {
	r := reflect.ValueOf(v)
	for i := range r.NumField() {
		fmt.Fprintf(w, "%s: %v\n", r.Type().Field(i).Tag.Get("json"), r.Field(i))
	}
}

// redact hides the password of a URL, in its user part and in its query.
func redact(s string) string {
	u, err := url.Parse(s)
	if err != nil || u.Scheme == "" && strings.Contains(s, "=") {
		return "(not shown: it cannot be read as a URL)"
	}
	q := u.Query()
	for name := range q {
		if strings.Contains(strings.ToLower(name), "pass") {
			q.Set(name, "xxxxx")
			u.RawQuery = q.Encode()
		}
	}
	return u.Redacted()
}
