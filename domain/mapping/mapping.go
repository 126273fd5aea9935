package mapping

import (
	"io"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
)

// Config is what a Room stands on. The functions run in the transaction of their
// context.
type Config struct {
	DB     *db.DB
	Now    func() time.Time
	Assess *assess.Room
	Atlas  *Atlas

	// Collection writes maps that touch a pack as an OSCAL mapping collection.
	Collection func(w io.Writer, p *assess.Pack, maps []*Map, l i18n.Lang) error
}

// Room is the verbs of this room.
type Room struct{ Config }

// New builds the room.
func New(cfg Config) *Room { return &Room{cfg} }
