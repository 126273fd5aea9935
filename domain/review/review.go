package review

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
)

// Config is what a Room stands on. The functions run in the transaction of their
// context.
type Config struct {
	DB     *db.DB
	Now    func() time.Time
	Assess *assess.Room
	// Texts is for what binds and what is kept, which is in plain Japanese for
	// everybody.
	Texts *i18n.Catalogue
	// Qualifications are those a specialist can name, from LoadQualifications.
	Qualifications []Qualification

	Organisation func(ctx context.Context, id string) (org.Organisation, error)
	// Accounts returns what is known of accounts; who is not in it has gone.
	Accounts func(ctx context.Context, ids []string) (map[string]org.Person, error)
	// Member returns the role of an account in an organisation.
	Member func(ctx context.Context, account, org string) (web.Role, error)
	// Mine lists the organisations of an account, Relations what an organisation says
	// of its parent and group: both tell how close a specialist is.
	Mine      func(ctx context.Context, account string) ([]org.Membership, error)
	Relations func(ctx context.Context, id org.ID) ([]org.Relation, error)

	// Derive returns the secret of a purpose and an id, which nobody can tell
	// without the installation's key.
	Derive func(purpose, id string) string
	// QueueInvitation has the mail of a seat sent. It gets the id alone.
	QueueInvitation func(ctx context.Context, seat string) error
	// NewAccountURL is where an invited person opens an account, to go on to next.
	NewAccountURL func(next string) (string, error)

	// Paused says that an organisation shares nothing now. It may be nil.
	Paused func(ctx context.Context, org string) (bool, error)
	// OnPaper says which oaths an owner made on paper. It may be nil.
	OnPaper func(ctx context.Context, org string, oaths []string) (map[string]org.Paper, error)
	// IsBody says that an organisation may vouch for others. It may be nil.
	IsBody func(ctx context.Context, org string) (bool, error)
	// HelperGrants returns the ids of the grants of a company's helpers that are open.
	// It may be nil; no proposal is open then.
	HelperGrants func(ctx context.Context, company string) ([]string, error)
}

// Room is the verbs of this room.
type Room struct{ Config }

// New builds the room.
func New(cfg Config) *Room { return &Room{cfg} }

// say is a text that is kept or binds, in plain Japanese.
func (rm *Room) say(key string, args ...any) string { return rm.Texts.In(i18n.JA).T(key, args...) }

// date is a day in what is kept or binds.
func (rm *Room) date(ctx context.Context, t time.Time) string {
	return i18n.Date(i18n.Into(ctx, rm.Texts.In(i18n.JA)), t)
}
