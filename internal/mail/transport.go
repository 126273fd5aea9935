package mail

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"github.com/minamori-project/minamori/internal/fetch"
)

// sendTimeout is for one whole conversation with the server.
const sendTimeout = 30 * time.Second

// smtpServer speaks SMTP to the server of the configuration, one connection per
// message: mail is rare here.
type smtpServer struct {
	host string
	opts []gomail.Option
}

func newServer(target string, trust *tls.Config, log *slog.Logger) (*smtpServer, error) {
	u, err := url.Parse(target)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" || u.Path != "" && u.Path != "/" || u.RawQuery != "" {
		return nil, errors.New("mail: the server is written smtp://user:password@host:587 or smtps://user:password@host:465")
	}
	s := &smtpServer{host: u.Hostname(), opts: []gomail.Option{gomail.WithTimeout(sendTimeout), gomail.WithoutNoop()}}
	port := map[string]int{"smtp": 587, "smtps": 465}[u.Scheme]
	if u.Port() != "" {
		if port, err = strconv.Atoi(u.Port()); err != nil || port < 1 || port > 65535 {
			return nil, errors.New("mail: the server's port is no number from 1 to 65535")
		}
	}
	s.opts = append(s.opts, gomail.WithPort(port))
	if trust == nil {
		trust = &tls.Config{}
	}
	trust = trust.Clone()
	trust.ServerName, trust.MinVersion = s.host, tls.VersionTLS12
	dial := fetch.New(fetch.Config{Log: log}).Dialer(net.JoinHostPort(s.host, strconv.Itoa(port)))
	if u.Scheme == "smtps" {
		dial = encrypted(dial, trust)
	}
	s.opts = append(s.opts, gomail.WithTLSConfig(trust), gomail.WithTLSPolicy(policy(u.Scheme, s.host)), gomail.WithDialContextFunc(dial))
	if u.User != nil {
		password, _ := u.User.Password()
		s.opts = append(s.opts, gomail.WithUsername(u.User.Username()), gomail.WithPassword(password), gomail.WithSMTPAuth(gomail.SMTPAuthAutoDiscover))
	}
	return s, nil
}

// policy is not the user's choice: only a server on this machine may be
// spoken to in the clear, and it still is not when it offers better. What smtps
// speaks is encrypted before the first word.
func policy(scheme, host string) gomail.TLSPolicy {
	ip := net.ParseIP(host)
	if scheme == "smtps" || host == "localhost" || ip != nil && ip.IsLoopback() {
		return gomail.TLSOpportunistic
	}
	return gomail.TLSMandatory
}

type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// encrypted speaks TLS from the start over what dial opens.
func encrypted(dial dialFunc, cfg *tls.Config) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secure := tls.Client(conn, cfg)
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, err
		}
		return secure, nil
	}
}

func (s *smtpServer) deliver(ctx context.Context, _ string, m *gomail.Msg) error {
	client, err := gomail.NewClient(s.host, s.opts...)
	if err != nil {
		return fmt.Errorf("mail: server: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, sendTimeout)
	defer cancel()
	return withoutPeople(client.DialAndSendWithContext(ctx, m))
}

// withoutPeople keeps the code of the server's answer and drops its text, which
// quotes addresses.
func withoutPeople(err error) error {
	var refused *gomail.SendError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &refused):
		var network net.Error
		if errors.As(err, &network) {
			return fmt.Errorf("mail: server away: %w", err)
		}
		return fmt.Errorf("mail: conversation with the server: %w", err)
	case refused.ErrorCode() >= 500:
		return fmt.Errorf("%w: code %d", ErrRefused, refused.ErrorCode())
	}
	return fmt.Errorf("mail: not taken for now: code %d", refused.ErrorCode())
}

// folder keeps mail as files for its owner's eyes.
type folder struct{ dir string }

func newFolder(dir string) (*folder, error) {
	if dir == "" {
		return nil, errors.New("mail: neither a server nor a folder is set")
	}
	return &folder{dir}, os.MkdirAll(dir, 0o700)
}

// deliver writes the whole message before it gets its name: whoever watches the
// folder never reads half of one. The name begins with the date of the message.
func (f *folder) deliver(_ context.Context, id string, m *gomail.Msg) (err error) {
	tmp, err := os.CreateTemp(f.dir, ".new-*") // 0600
	if err != nil {
		return withoutPath(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
			err = withoutPath(err)
		}
	}()
	_, err = m.WriteTo(tmp)
	if err = errors.Join(err, tmp.Sync(), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), filepath.Join(f.dir, stamp(m)+"-"+id+".eml"))
}

func stamp(m *gomail.Msg) string {
	if date := m.GetGenHeader(gomail.HeaderDate); len(date) == 1 {
		if t, err := time.Parse(time.RFC1123Z, date[0]); err == nil {
			return t.UTC().Format("20060102-150405")
		}
	}
	return "undated"
}

// withoutPath drops the path: a data folder under a home names a person.
func withoutPath(err error) error {
	var path *os.PathError
	if errors.As(err, &path) {
		return fmt.Errorf("mail: folder: %s: %w", path.Op, path.Err)
	}
	return fmt.Errorf("mail: folder: %w", err)
}
