package helper

import (
	"context"
	"embed"
	"errors"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("helper", schemaFiles) }

// Answers is what is shown of a company's answers; assess.Room has it.
type Answers struct {
	Overview func(ctx context.Context, org string) ([]assess.SharedPack, error)
	Pack     func(ctx context.Context, org, pack string) (assess.SharedPack, error)
	Item     func(ctx context.Context, org, pack, item string) (assess.SharedItem, error)
	Files    func(ctx context.Context, org, pack, item string) ([]assess.SharedFile, error)
	File     func(ctx context.Context, org, pack, item, id string) (web.File, error)
	// Knows says that a pack has an item.
	Knows func(pack, item string) bool
}

// Config is what a Room stands on. The functions run in the transaction of their
// context.
type Config struct {
	DB      *db.DB
	Now     func() time.Time
	Answers Answers

	// Derive returns the secret of a purpose and an id, which nobody can tell
	// without the installation's key.
	Derive func(purpose, id string) string
	// QueueInvitation has the mail of a grant sent. It gets the id alone.
	QueueInvitation func(ctx context.Context, grant string) error
	// Accounts returns what is known of accounts; who is not in it has gone.
	Accounts func(ctx context.Context, ids []string) (map[string]org.Person, error)
	// NewAccountURL is where an invited person opens an account, to go on to next.
	NewAccountURL func(next string) (string, error)
	// Companies returns organisations by id.
	Companies func(ctx context.Context, ids []org.ID) (map[org.ID]org.Organisation, error)
	// Member returns the role of an account in an organisation.
	Member func(ctx context.Context, account, org string) (web.Role, error)
	// Mine lists the organisations of an account.
	Mine func(ctx context.Context, account string) ([]org.Membership, error)
	// Bound says that it is known who speaks for an organisation. It may be nil.
	Bound func(ctx context.Context, org string) (bool, error)
	// Paused says that an organisation shares nothing now. It may be nil.
	Paused func(ctx context.Context, org string) (bool, error)
	// OnPaper says which grants an owner gave on paper. It may be nil.
	OnPaper func(ctx context.Context, org string, grants []string) (map[string]org.Paper, error)
	// Propose takes what a helper proposes as an answer, in the transaction in which
	// his grant was asked for; Proposed tells him what became of it, Choices what can
	// be answered. Without Propose nothing can be proposed.
	Propose  func(ctx context.Context, p Proposed) error
	Proposed func(ctx context.Context, grant, pack, item string) ([]ProposalView, error)
	Choices  func(pack string) []assess.Choice
	// Figures counts for the operator's page. It may be nil.
	Figures func(ctx context.Context) (Figures, error)
}

// Room is the verbs of this room.
type Room struct{ Config }

// New makes the room.
func New(cfg Config) *Room { return &Room{cfg} }

// orNotFound answers a missing row as one that is not the caller's to see.
func orNotFound(err error) error {
	if errors.Is(err, db.ErrNone) {
		return problem.NotFound()
	}
	return err
}

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}

// words is what the journal keeps as text of an entry; it can be erased.
type words struct {
	Name  string   `json:"name,omitempty"`
	Parts []string `json:"parts,omitempty"`
	Page  string   `json:"page,omitempty"`
	How   string   `json:"how,omitempty"`
	Text  string   `json:"text,omitempty"`
}

func (rm *Room) note(ctx context.Context, company, verb, subject string, w words) error {
	return journal.Note(ctx, journal.Entry{Org: company, At: rm.Now(), Actor: actor(ctx), Verb: verb, Subject: subject}, w)
}

// noteRevoked notes what must not come back with an older copy of the database.
func (rm *Room) noteRevoked(ctx context.Context, company, verb, subject string, w words) error {
	return journal.Note(ctx, journal.Entry{
		Org: company, At: rm.Now(), Actor: actor(ctx), Verb: verb, Subject: subject, Revokes: true,
	}, w)
}
