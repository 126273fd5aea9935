package desk

import (
	"context"
	"embed"
	"errors"
	"slices"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("desk", schemaFiles) }

// Config is what a Room stands on. The functions run in the transaction of their
// context.
type Config struct {
	DB  *db.DB
	Now func() time.Time
	Org *org.Room
	// Texts is for letters, which are in plain Japanese for everybody.
	Texts *i18n.Catalogue
	// PublicURL is the address under which companies reach this installation.
	PublicURL string

	// Derive returns the secret of a purpose and an id; Hash what may be stored of
	// a secret.
	Derive func(purpose, id string) string
	Hash   func(secret string) []byte
	// NewAccountURL is where somebody with a letter opens an account, to go on to next.
	NewAccountURL func(next string) (string, error)
	// People returns the names of accounts; who is not in it has gone.
	People func(ctx context.Context, accounts []string) (map[string]string, error)

	// Progress says how far companies have come, in one query.
	Progress func(ctx context.Context, companies []string) (map[string]assess.Progress, error)
	// StartEmpty forgets the answers that staff entered.
	StartEmpty func(ctx context.Context, company string) error
	// FirstQuestion is the page with which a company begins.
	FirstQuestion func(ctx context.Context, company string) string
	// ByLetter tells that a letter of the operating organisation reached whoever
	// claimed the company. It may be nil.
	ByLetter func(ctx context.Context, company, body string, at time.Time) error
	// QueueReminder has the mail of a case sent. It gets the id alone.
	QueueReminder func(ctx context.Context, id string) error

	Paper PaperConfig
}

// Room is the verbs of this room.
type Room struct {
	Config
	strangers *web.Limiter
}

// New makes the room.
func New(cfg Config) *Room {
	return &Room{Config: cfg, strangers: web.NewLimiter(claimEvery, claimBurst)}
}

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	return slices.Concat(rm.caseRoutes(), rm.letterRoutes(), rm.claimRoutes(), rm.consentRoutes(), rm.reminderRoutes(), rm.entryRoutes(), rm.importRoutes())
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// DeskIn names the desk of a circle.
type DeskIn struct {
	Org    org.ID `path:"org" json:"-"`
	Circle string `path:"circle" json:"-"`
}

func (in DeskIn) path(rest string) string {
	return "/orgs/" + string(in.Org) + "/circles/" + in.Circle + "/desk" + rest
}

// CaseIn names a case of a circle.
type CaseIn struct {
	Org    org.ID `path:"org" json:"-"`
	Circle string `path:"circle" json:"-"`
	Case   string `path:"case" json:"-"`
}

func (in CaseIn) desk() DeskIn { return DeskIn{in.Org, in.Circle} }

func (in CaseIn) path(rest string) string { return in.desk().path("/cases/" + in.Case + rest) }

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}

// orNotFound answers a missing row as one that is not the caller's to see.
func orNotFound(err error) error {
	if errors.Is(err, db.ErrNone) {
		return problem.NotFound()
	}
	return err
}

// none stores an empty text as NULL.
func none[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// words is what the journal keeps as text of an entry; it can be erased.
type words struct {
	Name string `json:"name,omitempty"`
	Kind string `json:"kind,omitempty"`
	N    int    `json:"n,omitempty"`
}

func (rm *Room) note(ctx context.Context, id org.ID, verb, subject string, w words) error {
	return journal.Note(ctx, journal.Entry{Org: string(id), At: rm.Now(), Actor: actor(ctx), Verb: verb, Subject: subject}, w)
}

// noteRevoked notes what must not come back with an older copy of the database.
func (rm *Room) noteRevoked(ctx context.Context, id org.ID, verb, subject string, w words) error {
	return journal.Note(ctx, journal.Entry{
		Org: string(id), At: rm.Now(), Actor: actor(ctx), Verb: verb, Subject: subject, Revokes: true,
	}, w)
}
