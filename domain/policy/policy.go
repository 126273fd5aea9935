package policy

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Company is what a document has to know of an organisation.
type Company struct {
	Name      string // that others may see; "" for a sole proprietor without a trade name
	Employees *int64 // nil when not told
}

// Config is what a Room stands on. The functions run in the transaction of their
// context.
type Config struct {
	DB     *db.DB
	Now    func() time.Time
	Assess *assess.Room
	// Templates are what documents are written from.
	Templates []*Template
	// Derive returns the secret of a purpose and an id, which nobody can tell
	// without the installation's key.
	Derive func(purpose, id string) string
	// Base is the address of the installation, without a slash at its end.
	Base string

	Company func(ctx context.Context, org string) (Company, error)
	// Bound says whether it is known who speaks for an organisation.
	Bound func(ctx context.Context, org string) (bool, error)
	// Paused says that nothing of an organisation goes to outsiders just now.
	Paused func(ctx context.Context, org string) (bool, error)
	// People returns the names of accounts; who is not in it has gone.
	People func(ctx context.Context, accounts []string) (map[string]string, error)
	// OnPaper tells which records an owner approved on a signed sheet.
	OnPaper func(ctx context.Context, org string, subjects []string) (map[string]org.Paper, error)
}

// Room is the verbs of this room.
type Room struct{ Config }

// New builds the room.
func New(cfg Config) *Room { return &Room{cfg} }

// template returns a template by its id, or a problem.
func (rm *Room) template(id string) (*Template, error) {
	for _, t := range rm.Templates {
		if t.ID == id {
			return t, nil
		}
	}
	return nil, problem.NotFound()
}

func (rm *Room) note(ctx context.Context, org, verb, subject string, revokes bool, words any) error {
	return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor(ctx), Verb: "policy." + verb, Subject: subject, Revokes: revokes}, words)
}

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}
