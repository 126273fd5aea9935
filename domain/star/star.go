package star

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
)

// Families of packs that the ways to a star go by.
const (
	familyArticles  = "security-action-articles"
	familyDiagnosis = "self-diagnosis-25"
	familyStar3     = "scs-star3"
	familyStar4     = "scs-star4"
)

// Config is what a Room stands on. The functions run in the transaction of their
// context; Published, Approved and Confirmed may be nil where nobody offers them.
type Config struct {
	DB     *db.DB
	Now    func() time.Time
	Assess *assess.Room
	Facts  Facts
	Texts  *i18n.Catalogue // letters are in Japanese, whatever their sender reads

	Organisation func(ctx context.Context, org string) (org.Organisation, error)
	// People returns the names of accounts; who is not in it has gone.
	People func(ctx context.Context, accounts []string) (map[string]string, error)
	// Published says where everybody can read the company's policy, and since when.
	Published func(ctx context.Context, org string) (url string, since time.Time, ok bool, err error)
	// Approved says whether a policy is approved inside, published or not.
	Approved func(ctx context.Context, org string) (bool, error)
	// Confirmed is the newest frozen snapshot of a pack that a specialist confirmed.
	Confirmed func(ctx context.Context, org, pack string) (Confirmation, bool, error)
}

// Confirmation is that a specialist looked at a frozen snapshot.
type Confirmation struct {
	Snapshot string // its number
	On       time.Time
}

// Room is the verbs of this room.
type Room struct{ Config }

// New builds the room.
func New(cfg Config) *Room { return &Room{cfg} }

// pack is the edition of a family that holds today, or nil.
func (rm *Room) pack(family string) *assess.Pack {
	return rm.Assess.Packs.Current(family, rm.Now())
}

// names are those of accounts; whoever has gone is not among them.
func (rm *Room) names(ctx context.Context, accounts ...string) (map[string]string, error) {
	if rm.People == nil || len(accounts) == 0 {
		return nil, nil
	}
	return rm.People(ctx, accounts)
}
