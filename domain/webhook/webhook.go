package webhook

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("webhook", schemaFiles) }

// Config is what a Room stands on. The functions run in the transaction of
// their context, except Post.
type Config struct {
	DB  *db.DB
	Now func() time.Time
	// Derive returns the secret of a purpose and an id, which nobody can tell
	// without the installation's key.
	Derive func(purpose, id string) string
	// Verbs are the kinds of entries that can be chosen. Their names are the texts
	// journal.verb.<verb>.
	Verbs []string

	// CheckURL says whether an address could be called, by its text.
	CheckURL func(address string) error
	// Post calls it and returns the status of the answer.
	Post func(ctx context.Context, address string, header http.Header, body []byte) (status int, err error)
	// Queue has Deliver called with the delivery's id, at a time.
	Queue func(ctx context.Context, delivery string, at time.Time) error

	Paused func(ctx context.Context, org string) (bool, error)
	Role   func(ctx context.Context, account, org string) (web.Role, error)
	// People returns the names of accounts; who is not in it has gone.
	People func(ctx context.Context, accounts []string) (map[string]string, error)
	// Notify tells the owners by mail that there is something, not what.
	Notify func(ctx context.Context, org string) error
}

// Room is the capability.
type Room struct{ Config }

// New makes the room.
func New(cfg Config) *Room { return &Room{cfg} }

const (
	maxEndpoints = 10
	overlap      = 24 * time.Hour // in which the old secret signs too
)

// Endpoint is an address of the company that is told.
type Endpoint struct {
	ID       string    `json:"id"`
	Org      string    `json:"-"`
	URL      string    `json:"url"`
	Verbs    []string  `json:"verbs"`
	MadeBy   string    `json:"-"` // account
	Created  time.Time `json:"created"`
	Failing  time.Time `json:"failing_since"`
	Off      time.Time `json:"off"`
	OffWhy   string    `json:"off_because,omitempty"` // failing, gone or secret
	Overlaps time.Time `json:"old_secret_until"`

	secret, before string
}

const endpointColumns = `e.id, e.org_id, e.url, e.verbs, e.secret, e.secret_before, e.before_until, e.made_by, e.created,
	e.failing_since, e.off_at, e.off_why`

func (e *Endpoint) fields() []any {
	return []any{&e.ID, &e.Org, &e.URL, (*wordList)(&e.Verbs), &e.secret, &e.before, db.At(&e.Overlaps), &e.MadeBy, db.At(&e.Created),
		db.At(&e.Failing), db.At(&e.Off), &e.OffWhy}
}

// wordList is a list stored between spaces.
type wordList []string

// Scan reads the list.
func (l *wordList) Scan(src any) error {
	var s string
	if err := db.Maybe(&s).Scan(src); err != nil {
		return err
	}
	*l = strings.Fields(s)
	return nil
}

// Endpoints lists the endpoints of an organisation, the oldest first.
func (rm *Room) Endpoints(ctx context.Context, org string) ([]Endpoint, error) {
	return db.Rows(ctx, (*Endpoint).fields, "SELECT "+endpointColumns+` FROM webhook_endpoint e
		WHERE e.org_id = ? AND e.removed_at IS NULL ORDER BY e.created, e.id LIMIT ?`, org, maxEndpoints)
}

func endpointOf(ctx context.Context, org, id string) (Endpoint, error) {
	e, err := db.One(ctx, (*Endpoint).fields, "SELECT "+endpointColumns+" FROM webhook_endpoint e WHERE e.org_id = ? AND e.id = ? AND e.removed_at IS NULL", org, id)
	if errors.Is(err, db.ErrNone) {
		return e, problem.NotFound()
	}
	return e, err
}

// Add keeps an endpoint and returns its secret, which is shown this once.
func (rm *Room) Add(ctx context.Context, org, address string, verbs []string) (e Endpoint, secret string, err error) {
	var v problem.Invalid
	v.Check(len(address) <= 500 && rm.CheckURL(address) == nil, "url", "webhook-url")
	v.Check(len(verbs) > 0 && !slices.ContainsFunc(verbs, func(w string) bool { return !slices.Contains(rm.Verbs, w) }), "verbs", "webhook-verbs")
	if err := v.Or(); err != nil {
		return e, "", err
	}
	e = Endpoint{ID: db.NewID(), Org: org, URL: address, Verbs: verbs, MadeBy: web.CallerFrom(ctx).Account, Created: rm.Now(), secret: db.NewID()}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.mayAdd(ctx, org); err != nil {
			return err
		}
		_, err := db.Exec(ctx, `
			INSERT INTO webhook_endpoint (id, org_id, url, verbs, secret, secret_before, made_by, created, off_why, removed_by)
			VALUES (?, ?, ?, ?, ?, '', ?, ?, '', '')`, e.ID, org, address, strings.Join(verbs, " "), e.secret, e.MadeBy, e.Created)
		if err != nil {
			return err
		}
		return rm.note(ctx, org, e.MadeBy, "webhook.added", e.ID, false)
	})
	return e, rm.secretText(e.secret), err
}

func (rm *Room) mayAdd(ctx context.Context, org string) error {
	paused, err := rm.Paused(ctx, org)
	if err != nil {
		return err
	}
	if paused {
		return problem.New(http.StatusConflict, "webhook-paused")
	}
	all, err := rm.Endpoints(ctx, org)
	if err == nil && len(all) >= maxEndpoints {
		return problem.New(http.StatusConflict, "webhook-many", "n", maxEndpoints)
	}
	return err
}

// Rotate gives an endpoint a new secret and switches it on again. The old one
// signs too for a day.
func (rm *Room) Rotate(ctx context.Context, org, id string) (secret string, err error) {
	fresh := db.NewID()
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		e, err := endpointOf(ctx, org, id)
		if err != nil {
			return err
		}
		before, until := e.secret, rm.Now().Add(overlap)
		if e.OffWhy == offSecret {
			before, until = "", time.Time{} // that one is known to have been given up
		}
		_, err = db.Exec(ctx, `
			UPDATE webhook_endpoint SET secret = ?, secret_before = ?, before_until = ?, off_at = NULL, off_why = '', failing_since = NULL
			WHERE id = ?`, fresh, before, until, id)
		if err != nil {
			return err
		}
		// The subject is the old secret's name: after a restore of an older copy it
		// must not sign again.
		return rm.note(ctx, org, web.CallerFrom(ctx).Account, "webhook.rotated", e.secret, true)
	})
	return rm.secretText(fresh), err
}

// SwitchOn lets an endpoint that was switched off be told again.
func (rm *Room) SwitchOn(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		e, err := endpointOf(ctx, org, id)
		if err != nil {
			return err
		}
		if e.OffWhy == offSecret {
			return problem.New(http.StatusConflict, "webhook-secret")
		}
		_, err = db.Exec(ctx, "UPDATE webhook_endpoint SET off_at = NULL, off_why = '', failing_since = NULL WHERE id = ?", id)
		if err != nil {
			return err
		}
		return rm.note(ctx, org, web.CallerFrom(ctx).Account, "webhook.on", id, false)
	})
}

// Remove ends an endpoint; what waits for it is dropped.
func (rm *Room) Remove(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := endpointOf(ctx, org, id); err != nil {
			return err
		}
		return rm.remove(ctx, org, id, actor(ctx))
	})
}

func (rm *Room) remove(ctx context.Context, org, id, by string) error {
	if err := end(ctx, id, by, rm.Now()); err != nil {
		return err
	}
	return rm.note(ctx, org, by, "webhook.removed", id, true)
}

func end(ctx context.Context, id, by string, at time.Time) error {
	_, err := db.Exec(ctx, "UPDATE webhook_endpoint SET removed_at = ?, removed_by = ? WHERE id = ? AND removed_at IS NULL", at, by, id)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "UPDATE webhook_delivery SET state = 'dropped', next_at = NULL WHERE endpoint_id = ? AND state = 'waiting'", id)
	return err
}

// Left ends the endpoints that an account made for an organisation which it has
// left (threats T21).
func (rm *Room) Left(ctx context.Context, org, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		all, err := rm.Endpoints(ctx, org)
		for _, e := range all {
			if err == nil && e.MadeBy == account {
				err = rm.remove(ctx, org, e.ID, actor(ctx))
			}
		}
		return err
	})
}

// EndAll ends every endpoint of an organisation that is closed.
func (rm *Room) EndAll(ctx context.Context, org string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		all, err := rm.Endpoints(ctx, org)
		for _, e := range all {
			if err == nil {
				err = rm.remove(ctx, org, e.ID, actor(ctx))
			}
		}
		return err
	})
}

// Replay does a revocation again after an older copy of the database was
// restored. It may be done twice, and for what the copy does not know.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		switch e.Verb {
		case "webhook.removed":
			return end(ctx, e.Subject, e.Actor, e.At)
		case "webhook.rotated":
			_, err := db.Exec(ctx, "UPDATE webhook_endpoint SET off_at = ?, off_why = 'secret' WHERE secret = ?", e.At, e.Subject)
			return err
		}
		return nil
	})
}

// keptFor is how long the list of deliveries reaches back.
const keptFor = 30 * 24 * time.Hour

// Tidy forgets old deliveries. A job calls it.
func (rm *Room) Tidy(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM webhook_delivery WHERE happened < ? AND state <> 'waiting'", rm.Now().Add(-keptFor))
		return err
	})
}

func (rm *Room) note(ctx context.Context, org, by, verb, subject string, revokes bool) error {
	return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: by, Verb: verb, Subject: subject, Revokes: revokes}, nil)
}

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}
