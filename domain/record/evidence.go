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

// shown is what a sheet of a company shows at the moment. A file stays here: evidence
// leads to the page that has it.
type shown struct {
	org, ref, form, name string
	path                 string // below the pages of the company
	kind                 string
	at, until            time.Time
	proves               Proves
}

// prove tells assess what a sheet shows, or that it shows nothing any more when at is
// zero. Criteria of a pack that this installation lacks are left out.
func (rm *Room) prove(ctx context.Context, s shown) error {
	byForm := map[string][]assess.Place{}
	for _, p := range s.proves {
		form := s.form
		if p.As != "" {
			form = p.As
		}
		for _, item := range p.Items {
			if rm.hasItem(Place{p.Pack, item}) {
				byForm[form] = append(byForm[form], assess.Place{Pack: p.Pack, Item: item})
			}
		}
	}
	for form, places := range byForm {
		if err := rm.proveAs(ctx, s, form, places); err != nil {
			return err
		}
	}
	return nil
}

func (rm *Room) proveAs(ctx context.Context, s shown, form string, places []assess.Place) error {
	ref := s.ref
	if form != s.form {
		ref += ":" + form
	}
	if s.at.IsZero() {
		err := rm.Assess.Withdraw(ctx, s.org, source, ref, actor(ctx))
		if p := problem.As(err); p != nil && p.Status == http.StatusNotFound {
			return nil // it never showed anything
		}
		return err
	}
	_, err := rm.Assess.Record(ctx, assess.Recorded{
		Org: s.org, Actor: actor(ctx), Source: source, Ref: ref, Kind: s.kind, Form: form, Name: s.name,
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
