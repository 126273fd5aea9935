package org

import (
	"context"
	"embed"
	"errors"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("org", schemaFiles) }

// Person is what a page shows of an account.
type Person struct{ Name, Email string }

// Config is what a Room stands on.
type Config struct {
	DB  *db.DB
	Now func() time.Time

	// Derive returns the secret of a purpose and an id, which nobody can tell
	// without the installation's key.
	Derive func(purpose, id string) string
	// QueueInvitation has the mail of an invitation sent. It is called inside the
	// transaction that makes the invitation, and gets the id alone.
	QueueInvitation func(ctx context.Context, invitationID string) error
	// Accounts returns what is known of accounts; who is not in it has gone.
	Accounts func(ctx context.Context, ids []string) (map[string]Person, error)
	// NewAccountURL is where somebody with an invitation and without an account
	// opens one, and then goes on to next.
	NewAccountURL func(next string) (string, error)
	// Left is told, inside the transaction, that an account has left an
	// organisation, so that its other ways in end too (threats T21). It may be nil.
	Left func(ctx context.Context, org ID, account string) error
	// Edited is told, inside the transaction, what an organisation said of itself
	// and says now. It may be nil.
	Edited func(ctx context.Context, org ID, was, is Profile) error
	// Bound says which organisations are known to be whom they say, to those who
	// see their names. It may be nil.
	Bound func(ctx context.Context, orgs []ID) (map[ID]bool, error)
	// OnPaper says which records of an organisation an owner approved on paper. It
	// may be nil.
	OnPaper func(ctx context.Context, org string, subjects []string) (map[string]Paper, error)
	// Ends lists what else ends when an account leaves: keys, sessions. It may be
	// nil. Its kinds need a text org.ending.<kind>.
	Ends func(ctx context.Context, org ID, account string) ([]Ending, error)
	// Ties lists by what else somebody outside may see something: grants, webhooks.
	// It may be nil. Its kinds need a text org.tie.<kind>.
	Ties func(ctx context.Context, org ID) ([]Tie, error)
}

// Room holds organisations, their people and their circles.
type Room struct {
	Config
	now func() time.Time
}

// New makes the room.
func New(cfg Config) *Room { return &Room{Config: cfg, now: cfg.Now} }

// Member returns the role of an account in an organisation; Nobody for a
// stranger and for somebody who left.
func (rm *Room) Member(ctx context.Context, account, org string) (web.Role, error) {
	role, err := db.Value[string](ctx,
		"SELECT role FROM org_member WHERE org_id = ? AND account_id = ? AND left_at IS NULL", org, account)
	if errors.Is(err, db.ErrNone) {
		return web.Nobody, nil
	}
	return web.RoleNamed(role), err
}

// ByID returns an organisation, for callers who have a right to it.
func (rm *Room) ByID(ctx context.Context, id ID) (Organisation, error) {
	o, err := db.One(ctx, (*Organisation).fields, "SELECT "+organisationColumns+" FROM org_organisation o WHERE o.id = ?", id)
	return o, orNotFound(err)
}

// NameOf returns the name of an organisation, for the head of every page.
func (rm *Room) NameOf(ctx context.Context, id ID) (string, error) {
	name, err := db.Value[string](ctx, "SELECT name FROM org_organisation WHERE id = ?", id)
	return name, orNotFound(err)
}

// OrganisationsOf returns up to limit organisations to which an account belongs,
// by name, after the one with the id after; "" begins at the first.
func (rm *Room) OrganisationsOf(ctx context.Context, account string, after ID, limit int) ([]Membership, error) {
	query := "SELECT m.role, " + organisationColumns + `
		FROM org_member m JOIN org_organisation o ON o.id = m.org_id
		WHERE m.account_id = ? AND m.left_at IS NULL`
	args := []any{account}
	if after != "" {
		// Only one's own: after a foreign one the order would tell its name.
		query += ` AND (o.name, o.id) > (SELECT a.name, a.id FROM org_organisation a JOIN org_member am ON am.org_id = a.id
			WHERE a.id = ? AND am.account_id = ? AND am.left_at IS NULL)`
		args = append(args, after, account)
	}
	return db.Rows(ctx, (*Membership).fields, query+" ORDER BY o.name, o.id LIMIT ?", append(args, limit)...)
}

func (m *Membership) fields() []any {
	return append([]any{asRole(&m.Role)}, m.Organisation.fields()...)
}

// storedRole is a role as its name.
type storedRole web.Role

func asRole(r *web.Role) *storedRole { return (*storedRole)(r) }

// Scan reads a role from its name.
func (r *storedRole) Scan(src any) error {
	var name string
	if err := db.Maybe(&name).Scan(src); err != nil {
		return err
	}
	*r = storedRole(web.RoleNamed(name))
	return nil
}

// orNotFound answers a missing row as one that is not the caller's to see.
func orNotFound(err error) error {
	if errors.Is(err, db.ErrNone) {
		return problem.NotFound()
	}
	return err
}

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}

// none stores an empty text as NULL.
func none[T ~string](s T) any {
	if s == "" {
		return nil
	}
	return string(s)
}

// Paper says that an act was approved on paper instead of by a login: who
// uploaded the signed sheet, and when. It stands wherever the act is shown.
type Paper struct {
	By string    `json:"uploaded_by"`
	At time.Time `json:"uploaded_at"`
}
