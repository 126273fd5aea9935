package binding

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// How often a record is looked for.
const (
	checkAgain     = 30 * 24 * time.Hour // while it is there
	checkLost      = 24 * time.Hour      // while it is not, within the grace
	checkAsked     = time.Hour           // until it comes
	askedFor       = 14 * 24 * time.Hour // after which nobody waits for it
	longUnanswered = 90 * 24 * time.Hour // since it was last seen: then no answer ends it too
)

// maxAsked bounds the domains of an organisation.
const maxAsked = 5

// recordName is where the record stands.
func recordName(domain string) string { return "_minamori." + domain }

// record is the text of the record: random for each organisation and domain,
// derived and stored nowhere.
func (rm *Room) record(proof string) string {
	sum := sha256.Sum256([]byte(rm.Derive("binding.domain", proof)))
	return "minamori=" + strings.ToLower(base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(sum[:20]))
}

// AskDomain begins to look for a record at a domain.
func (rm *Room) AskDomain(ctx context.Context, id, typed string) (Proof, error) {
	var v problem.Invalid
	domain, ok := cleanDomain(typed)
	v.Check(ok, "domain", "binding-domain")
	if err := v.Or(); err != nil {
		return Proof{}, err
	}
	now := rm.Now()
	p := Proof{ID: db.NewID(), Org: id, Kind: Domain, Domain: domain, Asked: now, nextCheck: now.Add(checkAsked), MadeBy: actor(ctx)}
	return p, rm.DB.Write(ctx, func(ctx context.Context) error {
		o, err := rm.Organisation(ctx, id)
		if err != nil {
			return err
		}
		if o.CorporateNumber == "" {
			return problem.New(http.StatusConflict, "binding-no-number")
		}
		p.Number = string(o.CorporateNumber)
		if err := rm.mayAsk(ctx, p); err != nil {
			return err
		}
		if err := rm.insert(ctx, p); err != nil {
			return err
		}
		if err := rm.note(ctx, id, p.MadeBy, "binding.asked", p.ID, false, proofWords{Kind: Domain, Domain: domain}); err != nil {
			return err
		}
		return rm.QueueCheck(ctx, p.ID)
	})
}

func (rm *Room) mayAsk(ctx context.Context, p Proof) error {
	open, err := rm.proofsOf(ctx, p.Org)
	if err != nil {
		return err
	}
	open = slices.DeleteFunc(open, func(o Proof) bool { return o.Kind != Domain })
	if slices.ContainsFunc(open, func(o Proof) bool { return o.Domain == p.Domain }) || len(open) >= maxAsked {
		return problem.New(http.StatusConflict, "binding-domains", "n", maxAsked)
	}
	return rm.mayContest(ctx, p.Org, p.Number)
}

// CheckAgain has the record of a domain looked for now.
func (rm *Room) CheckAgain(ctx context.Context, id, proof string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Value[string](ctx, "SELECT id FROM binding_proof WHERE id = ? AND org_id = ? AND kind = 'domain' AND ended_at IS NULL", proof, id)
		if err != nil {
			return orNotFound(err)
		}
		return rm.QueueCheck(ctx, proof)
	})
}

// QueueDue has the records looked for whose time has come. A job calls it.
func (rm *Room) QueueDue(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		due, err := db.Rows(ctx, func(s *string) []any { return []any{s} },
			"SELECT id FROM binding_proof WHERE ended_at IS NULL AND next_check <= ? ORDER BY next_check, id LIMIT 500", rm.Now())
		for _, id := range due {
			if err == nil {
				err = rm.QueueCheck(ctx, id)
			}
		}
		return err
	})
}

// CheckDomain looks for the record of a proof and notes what it found. A job
// calls it, outside any transaction.
func (rm *Room) CheckDomain(ctx context.Context, proof string) error {
	var p Proof
	err := rm.DB.Read(ctx, func(ctx context.Context) (err error) {
		p, err = openDomain(ctx, proof)
		return err
	})
	if errors.Is(err, db.ErrNone) {
		return nil // ended meanwhile
	}
	if err != nil {
		return err
	}
	texts, silent := rm.TXT(ctx, recordName(p.Domain))
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		p, err := openDomain(ctx, proof) // as it is now
		switch {
		case errors.Is(err, db.ErrNone):
			return nil
		case err != nil:
			return err
		case silent != nil:
			return rm.unanswered(ctx, p)
		case slices.Contains(texts, rm.record(p.ID)):
			return rm.found(ctx, p)
		}
		return rm.absent(ctx, p)
	})
}

func openDomain(ctx context.Context, proof string) (Proof, error) {
	return db.One(ctx, (*Proof).fields, "SELECT "+proofColumns+" FROM binding_proof p WHERE p.id = ? AND p.kind = 'domain' AND p.ended_at IS NULL", proof)
}

func (rm *Room) found(ctx context.Context, p Proof) error {
	now, first := rm.Now(), p.Since.IsZero()
	if first {
		p.Since = now
	}
	_, err := db.Exec(ctx, "UPDATE binding_proof SET since = ?, checked_at = ?, next_check = ?, lost_at = NULL WHERE id = ?", p.Since, now, now.Add(checkAgain), p.ID)
	if err != nil || !first {
		return err
	}
	return rm.established(ctx, p)
}

// absent: the resolver answered, and the record is not there.
func (rm *Room) absent(ctx context.Context, p Proof) error {
	now := rm.Now()
	switch {
	case p.Since.IsZero() && now.Sub(p.Asked) > askedFor:
		return rm.end(ctx, p, system, WhyNeverThere)
	case p.Since.IsZero():
		return rm.next(ctx, p, checkAsked)
	case !p.Lost.IsZero() && now.Sub(p.Lost) >= Grace:
		return rm.end(ctx, p, system, WhyGone)
	case !p.Lost.IsZero():
		return rm.next(ctx, p, checkLost)
	}
	_, err := db.Exec(ctx, "UPDATE binding_proof SET lost_at = ?, next_check = ? WHERE id = ?", now, now.Add(checkLost), p.ID)
	if err != nil {
		return err
	}
	if err := rm.note(ctx, p.Org, system, "binding.lost", p.ID, false, proofWords{Domain: p.Domain}); err != nil {
		return err
	}
	return rm.Notify(ctx, p.Org)
}

// unanswered: nothing is known, so nothing changes, for a long while.
func (rm *Room) unanswered(ctx context.Context, p Proof) error {
	switch last := rm.Now().Sub(p.Checked); {
	case p.Since.IsZero() && rm.Now().Sub(p.Asked) > askedFor:
		return rm.end(ctx, p, system, WhyNeverThere)
	case !p.Since.IsZero() && last > longUnanswered:
		return rm.end(ctx, p, system, WhyGone)
	}
	return rm.next(ctx, p, checkAsked)
}

func (rm *Room) next(ctx context.Context, p Proof, in time.Duration) error {
	_, err := db.Exec(ctx, "UPDATE binding_proof SET next_check = ? WHERE id = ?", rm.Now().Add(in), p.ID)
	return err
}

// cleanDomain reads a domain as people type it, out of a web or mail address.
func cleanDomain(s string) (string, bool) {
	s = strings.ToLower(strings.TrimSpace(s))
	if _, rest, ok := strings.Cut(s, "://"); ok {
		s = rest
	}
	s = s[strings.LastIndexByte(s, '@')+1:]
	s, _, _ = strings.Cut(s, "/")
	s = strings.TrimPrefix(strings.TrimSuffix(s, "."), "www.")
	labels := strings.Split(s, ".")
	for _, l := range labels {
		if l == "" || len(l) > 63 || strings.HasPrefix(l, "-") || strings.HasSuffix(l, "-") || strings.Trim(l, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			return "", false
		}
	}
	number := strings.Trim(labels[len(labels)-1], "0123456789") == ""
	return s, len(labels) > 1 && len(s) <= 240 && !number
}
