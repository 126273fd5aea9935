package binding

import (
	"context"
	"embed"
	"errors"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("binding", schemaFiles) }

// Config is what a Room stands on. The functions run in the transaction of
// their context, except TXT, KeepFile and OpenFile.
type Config struct {
	DB  *db.DB
	Now func() time.Time
	// Derive returns the secret of a purpose and an id, which nobody can tell
	// without the installation's key.
	Derive func(purpose, id string) string

	Organisation func(ctx context.Context, id string) (org.Organisation, error)
	// TXT returns the texts of a DNS name; no such name is no texts and no error.
	TXT func(ctx context.Context, name string) ([]string, error)
	// QueueCheck has CheckDomain called with the proof's id.
	QueueCheck func(ctx context.Context, proof string) error
	// Notify tells the owners of an organisation by mail that there is something,
	// not what.
	Notify func(ctx context.Context, org string) error
	// SpeaksForCompanies says whether the operator trusts an OpenID provider to
	// know for which company somebody speaks, as gBizID does.
	SpeaksForCompanies func(issuer string) bool

	KeepFile func(ctx context.Context, org string, u web.Upload) (blob string, err error)
	OpenFile func(ctx context.Context, org, blob string) (web.File, error)
}

// Room is the capability.
type Room struct{ Config }

// New makes the room.
func New(cfg Config) *Room { return &Room{cfg} }

// Kind is how it was shown.
type Kind string

// The kinds, the weakest first.
// keys: binding.kind.*
const (
	Domain  Kind = "domain"
	Letter  Kind = "letter"
	Voucher Kind = "voucher"
	GBizID  Kind = "gbizid"
)

// strength orders kinds by how hard they are to come by for a stranger.
func (k Kind) strength() int {
	switch k {
	case GBizID:
		return 3
	case Letter, Voucher:
		return 2
	case Domain:
		return 1
	}
	return 0
}

// Grace is how long a domain counts after its record was not found.
const Grace = 30 * 24 * time.Hour

// Proof is one reason to believe that the organisation is whom it says.
type Proof struct {
	ID      string    `json:"id"`
	Org     string    `json:"-"`
	Kind    Kind      `json:"kind"`
	Number  string    `json:"corporate_number,omitempty"`
	Domain  string    `json:"domain,omitempty"`
	Body    string    `json:"-"` // organisation
	Reason  string    `json:"reason,omitempty"`
	MadeBy  string    `json:"-"` // account
	Asked   time.Time `json:"asked"`
	Since   time.Time `json:"since"`   // zero until it is shown
	Checked time.Time `json:"checked"` // of a domain
	Lost    time.Time `json:"lost"`    // of a domain: since when the record is not there

	issuer, subject string
	nextCheck       time.Time
	ended           time.Time
}

const proofColumns = `p.id, p.org_id, p.kind, p.number, p.domain, p.body_id, p.reason, p.made_by, p.asked_at, p.since,
	p.checked_at, p.lost_at, p.issuer, p.subject, p.next_check, p.ended_at`

func (p *Proof) fields() []any {
	return []any{&p.ID, &p.Org, &p.Kind, db.Maybe(&p.Number), &p.Domain, &p.Body, &p.Reason, &p.MadeBy, db.At(&p.Asked), db.At(&p.Since),
		db.At(&p.Checked), db.At(&p.Lost), &p.issuer, &p.subject, db.At(&p.nextCheck), db.At(&p.ended)}
}

// inForce says that the proof p was shown and stands; counts says that its
// organisation is bound by it. Both want one time: the end of the grace, Grace ago.
const (
	inForce = "p.since IS NOT NULL AND p.ended_at IS NULL AND (p.lost_at IS NULL OR p.lost_at > ?)"
	counts  = inForce + `
		AND (p.number IS NULL OR EXISTS (SELECT 1 FROM binding_holder h WHERE h.number = p.number AND h.org_id = p.org_id))
		AND NOT EXISTS (SELECT 1 FROM binding_side s WHERE s.org_id = p.org_id AND s.frozen = TRUE AND s.closed_at IS NULL)`
)

func (rm *Room) graceEnd() time.Time { return rm.Now().Add(-Grace) }

// Bound says whether we know that the organisation's accounts speak for it:
// false when it has only claimed, and while its number is frozen.
func (rm *Room) Bound(ctx context.Context, org string) (bool, error) {
	states, err := rm.States(ctx, []string{org})
	_, ok := states[org]
	return ok, err
}

// State is how an organisation is bound: by its strongest proof.
type State struct {
	Kind  Kind
	Since time.Time
}

// States returns how organisations are bound, in one query; whoever is not in it
// is not.
func (rm *Room) States(ctx context.Context, orgs []string) (map[string]State, error) {
	states := make(map[string]State, len(orgs))
	if len(orgs) == 0 {
		return states, nil
	}
	args := []any{rm.graceEnd()}
	for _, id := range orgs {
		args = append(args, id)
	}
	all, err := db.Rows(ctx, (*Proof).fields, "SELECT "+proofColumns+" FROM binding_proof p WHERE "+counts+
		" AND p.org_id IN (?"+strings.Repeat(", ?", len(orgs)-1)+") ORDER BY p.since, p.id", args...)
	for _, p := range all {
		if p.Kind.strength() > states[p.Org].Kind.strength() {
			states[p.Org] = State{p.Kind, p.Since}
		}
	}
	return states, err
}

// proofsOf lists what stands or is asked for, the oldest first.
func (rm *Room) proofsOf(ctx context.Context, org string) ([]Proof, error) {
	return db.Rows(ctx, (*Proof).fields, "SELECT "+proofColumns+`
		FROM binding_proof p WHERE p.org_id = ? AND p.ended_at IS NULL ORDER BY p.asked_at, p.id LIMIT 50`, org)
}

// strongest is the strength of what stands for an organisation and a number.
func (rm *Room) strongest(ctx context.Context, org, number string) (n int, err error) {
	all, err := db.Rows(ctx, (*Proof).fields,
		"SELECT "+proofColumns+" FROM binding_proof p WHERE "+inForce+" AND p.org_id = ? AND p.number = ?", rm.graceEnd(), org, number)
	for _, p := range all {
		n = max(n, p.Kind.strength())
	}
	return n, err
}

func (rm *Room) note(ctx context.Context, org, by, verb, subject string, revokes bool, words any) error {
	return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: by, Verb: verb, Subject: subject, Revokes: revokes}, words)
}

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return system
}

const system = "system"

// orNotFound answers a missing row as one that is not the caller's to see.
func orNotFound(err error) error {
	if errors.Is(err, db.ErrNone) {
		return problem.NotFound()
	}
	return err
}

// none stores an empty text as NULL.
func none(s string) any {
	if s == "" {
		return nil
	}
	return s
}
