package auth

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"github.com/goccy/go-yaml"
	"golang.org/x/oauth2"

	"github.com/minamori-project/minamori/internal/problem"
)

// Secret is a text that does not show itself in logs.
type Secret string

// String keeps it out of logs.
func (Secret) String() string { return "secret" }

// GoString keeps it out of logs.
func (Secret) GoString() string { return "secret" }

// Provider is an OpenID provider that the operator trusts to know people.
type Provider struct {
	ID       string            `yaml:"id"`     // in our addresses: small letters, digits and hyphens
	Issuer   string            `yaml:"issuer"` // as the provider writes it, to the letter
	ClientID string            `yaml:"client_id"`
	Label    map[string]string `yaml:"label"`  // its name, by register
	Scopes   []string          `yaml:"scopes"` // beside openid

	// CorporateNumberClaim names the claim with the number of the company for
	// which the person acts, at providers that know it.
	CorporateNumberClaim string `yaml:"corporate_number_claim"`

	SecretFile string `yaml:"secret_file"` // readable by its owner alone
	SecretEnv  string `yaml:"secret_env"`  // name of an environment variable
	Secret     Secret `yaml:"-"`
}

// Named is the provider's name in a register.
func (p Provider) Named(register string) string {
	for _, l := range []string{register, "ja", "en"} {
		if p.Label[l] != "" {
			return p.Label[l]
		}
	}
	return p.ID
}

// LoadProviders reads the operator's list of providers, with their secrets. A
// file that is not there is an empty list.
// keys: problem.providers-file.title, problem.providers-file.hint
func LoadProviders(path string) ([]Provider, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var file struct {
		Providers []Provider `yaml:"providers"`
	}
	if err := yaml.UnmarshalWithOptions(b, &file, yaml.Strict()); err != nil {
		return nil, badProviders(path, "YAML")
	}
	for i := range file.Providers {
		p := &file.Providers[i]
		if p.Secret, err = p.readSecret(); err != nil {
			return nil, err
		}
		if why := p.flaw(); why != "" {
			return nil, badProviders(path, why)
		}
	}
	return file.Providers, nil
}

func badProviders(path, why string) error {
	return problem.New(http.StatusBadRequest, "providers-file", "path", path, "why", why)
}

func (p Provider) readSecret() (Secret, error) {
	if p.SecretFile == "" {
		return Secret(os.Getenv(p.SecretEnv)), nil
	}
	info, err := os.Stat(p.SecretFile)
	if err != nil {
		return "", badProviders(p.SecretFile, p.ID+": secret_file")
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 {
		return "", problem.New(http.StatusInternalServerError, "key-file", "path", p.SecretFile)
	}
	b, err := os.ReadFile(p.SecretFile)
	return Secret(strings.TrimSpace(string(b))), err
}

// flaw names what is wrong with an entry, or "".
func (p Provider) flaw() string {
	switch {
	case p.ID == "" || strings.Trim(p.ID, "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		return "id"
	case !secureURL(p.Issuer, p.Issuer):
		return p.ID + ": issuer"
	case p.ClientID == "":
		return p.ID + ": client_id"
	case p.Secret == "" && (p.SecretFile != "" || p.SecretEnv != ""):
		return p.ID + ": secret"
	}
	return ""
}

// secureURL asks for https, except between programs of one computer.
func secureURL(address, issuer string) bool {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && onThisComputer(u.Hostname()) && strings.HasPrefix(issuer, "http://")
}

func onThisComputer(host string) bool {
	a, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && a.IsLoopback()
}

// How long what a provider says of itself is believed, how long one that did not
// answer is left alone, and how long it may take.
const (
	discoverAgain = 12 * time.Hour
	retryAfter    = 5 * time.Second
	callFor       = 10 * time.Second
)

// signatures are what a provider may sign with: never a shared secret or nothing.
var signatures = []string{
	oidc.RS256, oidc.RS384, oidc.RS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.EdDSA,
}

// relying is our side of one provider. It is asked for its addresses when they
// are first needed, so that a provider that is away does not stop the start.
type relying struct {
	Provider
	redirect string
	client   *http.Client
	now      func() time.Time

	mu     sync.Mutex
	found  *discovered
	failed time.Time
}

// discovered is what a provider says of itself.
type discovered struct {
	at       time.Time
	verifier *oidc.IDTokenVerifier
	oauth    oauth2.Config
	saysIss  bool // it names itself in its answers (RFC 9207)
}

// relyOn prepares the providers. Each has an address of its own to come back to,
// so that the answer of one cannot be taken for another's.
func relyOn(cfg Config) ([]*relying, error) {
	if cfg.HTTP == nil {
		return nil, nil
	}
	client := *cfg.HTTP
	client.Timeout = callFor
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	all := make([]*relying, 0, len(cfg.Providers))
	for _, p := range cfg.Providers {
		if why := p.flaw(); why != "" {
			return nil, badProviders("providers", why)
		}
		if slices.ContainsFunc(all, func(other *relying) bool { return other.ID == p.ID || other.Issuer == p.Issuer }) {
			return nil, badProviders("providers", p.ID)
		}
		all = append(all, &relying{Provider: p, redirect: cfg.Origin + "/login/with/" + p.ID + "/back", client: &client, now: cfg.Now})
	}
	return all, nil
}

// Providers lists whom people can log in with.
func (k *Keeper) Providers() []Provider {
	all := make([]Provider, len(k.providers))
	for i, p := range k.providers {
		all[i] = p.Provider
	}
	return all
}

func (k *Keeper) provider(id string) (*relying, error) {
	for _, p := range k.providers {
		if p.ID == id {
			return p, nil
		}
	}
	return nil, problem.NotFound()
}

// away answers while a provider cannot be reached, or says what it should not.
// keys: problem.provider-away.title, problem.provider-away.hint
func (k *Keeper) away(ctx context.Context, p *relying, step string) error {
	// The error may hold what the provider wrote, so it stays out of the log.
	k.log.WarnContext(ctx, "provider of logins", slog.String("provider", p.ID), slog.String("step", step))
	return problem.New(http.StatusBadGateway, "provider-away")
}

// discover asks the provider for its addresses, seldom.
func (r *relying) discover(ctx context.Context) (*discovered, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	if r.found != nil && now.Sub(r.found.at) < discoverAgain {
		return r.found, nil
	}
	if since := now.Sub(r.failed); since >= 0 && since < retryAfter {
		return r.found, errUnless(r.found)
	}
	found, err := r.ask(ctx, now)
	if err != nil {
		r.failed = now
		return r.found, errUnless(r.found) // what it said before is better than nothing
	}
	r.found = found
	return found, nil
}

var errAway = errors.New("auth: the provider did not answer")

func errUnless(d *discovered) error {
	if d == nil {
		return errAway
	}
	return nil
}

func (r *relying) ask(ctx context.Context, now time.Time) (*discovered, error) {
	ctx, cancel := context.WithTimeout(r.context(ctx), callFor)
	defer cancel()
	p, err := oidc.NewProvider(ctx, r.Issuer)
	if err != nil {
		return nil, err
	}
	var says struct {
		Keys    string   `json:"jwks_uri"`
		Iss     bool     `json:"authorization_response_iss_parameter_supported"`
		Methods []string `json:"token_endpoint_auth_methods_supported"`
	}
	if err := p.Claims(&says); err != nil {
		return nil, err
	}
	endpoint := p.Endpoint()
	for _, address := range []string{endpoint.AuthURL, endpoint.TokenURL, says.Keys} {
		if !secureURL(address, r.Issuer) {
			return nil, errAway
		}
	}
	endpoint.AuthStyle = oauth2.AuthStyleInHeader // what holds where a provider says nothing
	if r.Secret == "" || len(says.Methods) > 0 && !slices.Contains(says.Methods, "client_secret_basic") {
		endpoint.AuthStyle = oauth2.AuthStyleInParams
	}
	d := &discovered{at: now, saysIss: says.Iss}
	// The verifier outlives this call, and so must the context of its keys.
	d.verifier = p.VerifierContext(r.context(context.Background()), &oidc.Config{
		ClientID: r.ClientID, SupportedSigningAlgs: signatures,
		Now: func() time.Time { return r.now().Add(-tokenSkew) },
	})
	d.oauth = oauth2.Config{
		ClientID: r.ClientID, ClientSecret: string(r.Secret), Endpoint: endpoint, RedirectURL: r.redirect,
		Scopes: append([]string{oidc.ScopeOpenID}, slices.DeleteFunc(slices.Clone(r.Scopes), func(s string) bool { return s == oidc.ScopeOpenID })...),
	}
	return d, nil
}

// context carries the client with which the libraries call out.
func (r *relying) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, r.client)
}
