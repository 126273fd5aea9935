package assess

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// Place is an item of a pack.
type Place struct{ Pack, Item string }

// Recorded is evidence that another room knows and keeps. (Source, Ref) is its
// name: recorded again it takes the place of what stood there.
type Recorded struct {
	Org, Actor              string
	Source, Ref             string
	Kind, Form              string
	Name, Note              string
	URL                     string // where it can be looked at: an address of this program or another
	Blob, Digest            string
	Sensitivity             string
	CollectedAt, ValidUntil time.Time
	Against                 bool // it shows that the items are not met
	Proves                  []Place
}

// Record is the one way in for evidence from other rooms: a check that ran, a
// ledger that was looked through, a rule that was approved. Places that no pack
// has are an error of the caller. It returns the id of the evidence.
func (rm *Room) Record(ctx context.Context, in Recorded) (id string, err error) {
	if in.Source == "" || in.Ref == "" || len(in.Proves) == 0 {
		return "", errors.New("assess: evidence without source, name or place")
	}
	for _, p := range in.Proves {
		if _, _, err := rm.position(p.Pack, p.Item); err != nil {
			return "", err
		}
	}
	e := Evidence{
		ID: db.NewID(), Kind: in.Kind, Form: in.Form, Blob: in.Blob, URL: in.URL, Name: in.Name, Note: in.Note, Digest: in.Digest,
		Sensitivity: in.Sensitivity, At: in.CollectedAt, ValidUntil: in.ValidUntil, By: in.Actor, Source: in.Source, Ref: in.Ref, Against: in.Against,
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.withdraw(ctx, in.Org, in.Source, in.Ref, in.Actor); err != nil && !problem.Is(err, "not-found") {
			return err
		}
		return rm.keepEvidence(ctx, in.Org, e, slices.Clone(in.Proves))
	})
	return e.ID, err
}

// Withdraw takes away what another room knows no more; problem.NotFound when
// nothing of that name stands here.
func (rm *Room) Withdraw(ctx context.Context, org, source, ref, actor string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error { return rm.withdraw(ctx, org, source, ref, actor) })
}

func (rm *Room) withdraw(ctx context.Context, org, source, ref, actor string) error {
	e, err := db.One(ctx, (*Evidence).fields, "SELECT "+evidenceColumns+" FROM assess_evidence WHERE org_id = ? AND source = ? AND ref = ?", org, source, ref)
	if errors.Is(err, db.ErrNone) {
		return problem.NotFound()
	}
	if err != nil {
		return err
	}
	places, err := placesOf(ctx, org, e.ID)
	if err != nil {
		return err
	}
	return rm.dropEvidence(ctx, org, e, places, actor)
}

// Prove says that evidence which a company has serves further items too.
func (rm *Room) Prove(ctx context.Context, org, evidence, actor string, also []Place) error {
	for _, p := range also {
		if _, _, err := rm.position(p.Pack, p.Item); err != nil {
			return err
		}
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		places, err := placesOf(ctx, org, evidence)
		if err != nil || len(places) == 0 {
			return errors.Join(err, problem.NotFound())
		}
		for _, p := range also {
			if err := putProof(ctx, org, evidence, p); err != nil {
				return err
			}
		}
		err = journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor, Verb: "assess.evidence_serves", Subject: evidence}, also)
		return errors.Join(err, rm.dayOf(ctx, org, also))
	})
}
