package exchange

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/web"
)

// Company is one whose answers somebody may take out.
type Company struct {
	ID     string
	Name   string
	Number string // 法人番号, or ""
}

// Config is what a Room stands on. The functions run in the transaction of their
// context.
type Config struct {
	DB     *db.DB
	Now    func() time.Time
	Assess *assess.Room
	Texts  *i18n.Catalogue // headings of files are known in every register
	Files  *blob.Store
	Jobs   *job.Queue

	Company func(ctx context.Context, org string) (Company, error)
	// People returns the names to show for accounts; who is not in it has left.
	People func(ctx context.Context, accounts []string) (map[string]string, error)
	// Mine are the companies in which an account is at least a member, by name.
	Mine func(ctx context.Context, account string) ([]Company, error)
}

// Room is the verbs of this room.
type Room struct{ Config }

// New builds the room.
func New(cfg Config) *Room { return &Room{cfg} }

// words are what the journal says in words; all of it may be erased there.
type words struct {
	Pack string `json:"pack,omitempty"`
	Name string `json:"name,omitempty"` // of a file or a customer
	N    int    `json:"n,omitempty"`
}

func (rm *Room) note(ctx context.Context, org, verb, subject string, w words) error {
	return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor(ctx), Verb: "exchange." + verb, Subject: subject}, w)
}

// actor is who acts; jobs are the system.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}
