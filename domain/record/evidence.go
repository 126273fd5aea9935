package record

import (
	"context"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/problem"
)

// source names this room as the one that knows a piece of evidence.
const source = "record"

// shown is what a sheet of a company shows at the moment.
type shown struct {
	org, ref, form, name string
	path                 string // below the pages of the company
	kind                 string
	blob                 string
	at, until            time.Time
	proves               Proves
}

// prove tells assess what a sheet shows, or that it shows nothing any more when at is
// zero. Criteria of a pack that this installation lacks are left out.
func (rm *Room) prove(ctx context.Context, s shown) error {
	var places []assess.Place
	for _, p := range s.proves.Places() {
		if rm.hasItem(p) {
			places = append(places, assess.Place{Pack: p.Pack, Item: p.Item})
		}
	}
	if len(places) == 0 {
		return nil
	}
	if s.at.IsZero() {
		err := rm.Assess.Withdraw(ctx, s.org, source, s.ref, actor(ctx))
		if p := problem.As(err); p != nil && p.Status == http.StatusNotFound {
			return nil // it never showed anything
		}
		return err
	}
	_, err := rm.Assess.Record(ctx, assess.Recorded{
		Org: s.org, Actor: actor(ctx), Source: source, Ref: s.ref, Kind: s.kind, Form: s.form, Name: s.name, Blob: s.blob,
		URL: "/orgs/" + s.org + "/records" + s.path, CollectedAt: s.at, ValidUntil: s.until, Proves: places,
	})
	return err
}

func (rm *Room) hasItem(place Place) bool {
	p := rm.Assess.Packs.ByID(place.Pack)
	if p == nil {
		return false
	}
	for _, item := range p.Items {
		if item.ID == place.Item {
			return true
		}
	}
	return false
}
