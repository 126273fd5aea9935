package policy

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// Published is a policy that everybody can read.
type Published struct {
	URL     string
	Since   time.Time
	Version int
}

// Published says where everybody reads the policy of a company. The bool is false
// while nobody can: it is not published, sharing is paused, or it is not known who
// speaks for the company.
func (rm *Room) Published(ctx context.Context, org string) (Published, bool, error) {
	d, err := db.One(ctx, (*Document).fields, "SELECT "+documentColumns+" FROM policy_document d WHERE d.org_id = ? AND d.published > 0 ORDER BY d.published_at LIMIT 1", org)
	if errors.Is(err, db.ErrNone) {
		return Published{}, false, nil
	}
	if err != nil {
		return Published{}, false, err
	}
	p := Published{URL: rm.Base + publicPath(d.public), Since: d.PublishedAt, Version: d.Published}
	code, err := rm.hidden(ctx, org)
	return p, err == nil && code == "", err
}

// hidden says why nothing of a company can be published, as the code of a problem,
// or "".
func (rm *Room) hidden(ctx context.Context, org string) (string, error) {
	bound, err := rm.Bound(ctx, org)
	if err != nil || !bound {
		return "policy-unbound", err
	}
	paused, err := rm.Paused(ctx, org)
	if err != nil || paused {
		return "policy-paused", err
	}
	return "", nil
}

// Publish lets everybody read what is in force of a policy. A rule book is for the
// company itself.
func (rm *Room) Publish(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		d, err := documentOf(ctx, org, id)
		if err != nil {
			return err
		}
		if t, err := rm.template(d.Template); err != nil || t.Kind != "policy" {
			return errors.Join(err, problem.NotFound())
		}
		code, err := rm.hidden(ctx, org)
		if err != nil {
			return err
		}
		if code != "" {
			return problem.New(http.StatusConflict, code)
		}
		v, err := versionIn(ctx, org, id, Approved)
		if problem.Is(err, "not-found") {
			return problem.New(http.StatusConflict, "policy-draft")
		}
		if err != nil || d.Published == v.Number {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE policy_document SET published = ?, published_at = ?, published_by = ? WHERE org_id = ? AND id = ?",
			v.Number, rm.Now(), actor(ctx), org, id); err != nil {
			return err
		}
		d.Published, d.PublishedAt = v.Number, rm.Now()
		if err := rm.recordPublic(ctx, d, v); err != nil {
			return err
		}
		return rm.note(ctx, org, "published", id, false, map[string]any{"version": v.Number})
	})
}

// Unpublish hides it again. What others have saved or seen they keep.
func (rm *Room) Unpublish(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		d, err := documentOf(ctx, org, id)
		if err != nil {
			return err
		}
		if d.Published == 0 {
			return problem.NotFound()
		}
		if err := rm.hide(ctx, d, rm.Now()); err != nil {
			return err
		}
		return rm.note(ctx, org, "unpublished", id, true, map[string]any{"version": d.Published})
	})
}

// hide ends what was published up to a time.
func (rm *Room) hide(ctx context.Context, d Document, at time.Time) error {
	n, err := db.Exec(ctx, "UPDATE policy_document SET published = 0, published_at = NULL WHERE org_id = ? AND id = ? AND published_at <= ?", d.Org, d.ID, at)
	if err != nil || n == 0 {
		return err
	}
	return rm.forget(ctx, d.Org, publicRef(d))
}

func publicRef(d Document) string { return d.Template + "/public" }

// recordPublic keeps that everybody can read the policy, as long as its approval
// counts.
func (rm *Room) recordPublic(ctx context.Context, d Document, v Version) error {
	t, err := rm.template(d.Template)
	if err != nil {
		return err
	}
	proves := rm.known(t.Public)
	if d.Published == 0 || len(proves) == 0 {
		return nil
	}
	_, err = rm.Assess.Record(ctx, assess.Recorded{
		Org: d.Org, Actor: actor(ctx), Source: source, Ref: publicRef(d), Kind: assess.KindLink, Form: assess.FormRecord, Name: t.Title.JA,
		URL: publicPath(d.public), Digest: v.Digest, CollectedAt: rm.Now(), ValidUntil: v.until(), Proves: proves,
	})
	return err
}

// open returns what everybody can read at an address.
func (rm *Room) open(ctx context.Context, public string) (Document, Version, error) {
	d, err := db.One(ctx, (*Document).fields, "SELECT "+documentColumns+" FROM policy_document d WHERE d.public_id = ? AND d.published > 0", public)
	if err != nil {
		return d, Version{}, orNotFound(err)
	}
	v, err := versionOf(ctx, d.Org, d.ID, d.Published)
	if err != nil {
		return d, v, err
	}
	code, err := rm.hidden(ctx, d.Org)
	if err == nil && (code != "" || v.State != Approved) {
		err = problem.NotFound()
	}
	return d, v, err
}

// Approved says whether a basic policy of the company is in force inside it,
// published or not.
func (rm *Room) Approved(ctx context.Context, org string) (bool, error) {
	n, err := db.Value[int](ctx, `SELECT COUNT(*) FROM policy_version v JOIN policy_document d ON d.id = v.document_id
		WHERE d.org_id = ? AND d.template = 'basic-policy' AND v.state = 'approved'`, org)
	return n > 0, err
}
