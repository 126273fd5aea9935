package mail

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	gomail "github.com/wneessen/go-mail"

	"github.com/minamori-project/minamori/internal/limit"
)

// Message is one text to one person.
type Message struct {
	To      string // an address without a name
	Subject string // one line, at most 200 characters
	Text    string // plain text, at most 64 KB
	Lang    string // ja, ja-x-easy or en
}

// What Send answers, besides faults that a later attempt may not meet again.
var (
	// ErrMessage: the message is not one that can be sent. Trying again is of no use.
	ErrMessage = errors.New("mail: the message cannot be sent as it is")
	// ErrRefused: the server refused it for good.
	ErrRefused = errors.New("mail: refused by the server")
	// ErrTooMany: a cap is reached. Try again in some minutes.
	ErrTooMany = errors.New("mail: too many for now")
)

// Config says where mail goes.
type Config struct {
	// URL of the server: smtp://user:password@host:587 (STARTTLS) or
	// smtps://user:password@host:465. Empty: mail is written into Folder.
	URL    string
	Folder string
	From   string // address, may have a name: みなもり <minamori@example.jp>

	Signing *Signing // nil sends without a signature

	PerHour int              // cap of the installation; 300 when zero
	Limits  *limit.Keeper    // on letters, over all nodes; nil keeps them in this process
	TLS     *tls.Config      // nil for the system's trust; a private authority otherwise
	Now     func() time.Time // time.Now when nil
	Log     *slog.Logger
}

// Sender sends messages.
type Sender struct {
	from   *netmail.Address
	to     transport
	now    func() time.Time
	log    *slog.Logger
	all    limit.Rule
	limits *limit.Keeper
	sign   *Signing
}

// transport takes a finished message: smtpServer and folder.
type transport interface {
	deliver(ctx context.Context, id string, m *gomail.Msg) error
}

// New checks the configuration; it does not connect. Its errors hold no password.
func New(cfg Config) (*Sender, error) {
	from, err := netmail.ParseAddress(cfg.From)
	if err != nil {
		return nil, errors.New("mail: the sender's address cannot be read")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.Limits == nil {
		cfg.Limits = limit.InProcess(cfg.Now)
	}
	if cfg.PerHour <= 0 {
		cfg.PerHour = 300
	}
	s := &Sender{from: from, now: cfg.Now, log: cfg.Log, all: installation(cfg.PerHour), limits: cfg.Limits, sign: cfg.Signing}
	if cfg.URL == "" {
		s.to, err = newFolder(cfg.Folder)
	} else {
		s.to, err = newServer(cfg.URL, cfg.TLS, cfg.Log)
	}
	return s, err
}

// Send gives a message to the server or the folder and returns its id, which is
// all that is logged.
func (s *Sender) Send(ctx context.Context, m Message) (id string, err error) {
	if err := m.check(); err != nil {
		return "", err
	}
	if err := s.within(ctx, m.To); err != nil {
		return "", err
	}
	now := s.now()
	id = strings.ToLower(rand.Text())
	msg := s.compose(m, id, now)
	if s.sign != nil {
		if err := s.sign.sign(msg); err != nil {
			return "", err
		}
	}
	if err := s.to.deliver(ctx, id, msg); err != nil {
		s.log.WarnContext(ctx, "mail not sent", slog.String("mail", id), slog.Any("error", err))
		return "", err
	}
	s.log.InfoContext(ctx, "mail sent", slog.String("mail", id))
	return id, nil
}

func (s *Sender) compose(m Message, id string, now time.Time) *gomail.Msg {
	msg := gomail.NewMsg(gomail.WithCharset(gomail.CharsetUTF8), gomail.WithEncoding(gomail.EncodingQP), gomail.WithNoDefaultUserAgent())
	msg.FromMailAddress(s.from)
	msg.ToMailAddress(&netmail.Address{Address: m.To})
	msg.Subject(m.Subject)
	msg.SetDateWithValue(now)
	msg.SetMessageIDWithValue(id + "@" + s.from.Address[strings.LastIndex(s.from.Address, "@")+1:])
	msg.SetGenHeader("Content-Language", m.Lang)
	msg.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834: no out-of-office answers, please
	msg.SetBodyString(gomail.TypeTextPlain, strings.ReplaceAll(strings.ReplaceAll(m.Text, "\r\n", "\n"), "\n", "\r\n"))
	return msg
}

const (
	subjectRunes = 200
	textBytes    = 64 << 10
)

func (m Message) check() error {
	address, err := netmail.ParseAddress(m.To)
	switch {
	case err != nil || address.Name != "" || address.Address != m.To || len(m.To) > 254 || hidden(m.To):
		return fmt.Errorf("%w: address", ErrMessage)
	case m.Subject == "" || utf8.RuneCountInString(m.Subject) > subjectRunes || hidden(m.Subject):
		return fmt.Errorf("%w: subject", ErrMessage)
	case m.Text == "" || len(m.Text) > textBytes || hidden(strings.NewReplacer("\r\n", "", "\n", "").Replace(m.Text)):
		return fmt.Errorf("%w: text", ErrMessage)
	case m.Lang != "ja" && m.Lang != "ja-x-easy" && m.Lang != "en":
		return fmt.Errorf("%w: language", ErrMessage)
	}
	return nil
}

// hidden finds what would end a header or turn the reading order round. A
// character that chooses a shape (葛󠄀) is neither.
func hidden(s string) bool {
	return !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' || r == '\uFFFD'
	})
}

const nameRunes = 60

// Name makes a name that somebody chose fit to stand in a text: mail programs
// turn anything like an address into a link, so its signs become full-width
// ones (threats T29: "1,000 invitations with a URL as company name").
func Name(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '.' || r == '/' || r == ':' || r == '@' || r == '\\' || r == '#' || r == '?' || r == '&' || r == '<' || r == '>':
			return r + 0xFEE0
		case unicode.IsSpace(r):
			return ' '
		case hidden(string(r)):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, ""))
	if runes := []rune(s); len(runes) > nameRunes {
		s = string(runes[:nameRunes]) + "…"
	}
	return strings.TrimSpace(s)
}

// perPerson is six letters at once, then one an hour. That is enough for a person
// who joins several groups in one day and too little to be a nuisance.
var perPerson = limit.Rule{Name: "mail to", Burst: 6, Every: time.Hour}

// installation is the cap of all letters together: a quarter of an hour's number
// at once.
func installation(perHour int) limit.Rule {
	return limit.Rule{Name: "mail", Burst: max(1, perHour/4), Every: time.Hour / time.Duration(perHour)}
}

// within counts a letter for its recipient and for the installation, or for
// neither: who has had enough must not use up what others may still get.
func (s *Sender) within(ctx context.Context, to string) error {
	return s.limits.Together(ctx, func(ctx context.Context) error {
		person, err := s.limits.Try(ctx, perPerson, strings.ToLower(to))
		if err != nil || !person {
			return errors.Join(err, refusal(person))
		}
		all, err := s.limits.Try(ctx, s.all, "")
		return errors.Join(err, refusal(all))
	})
}

func refusal(ok bool) error {
	if ok {
		return nil
	}
	return ErrTooMany
}
