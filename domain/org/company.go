package org

import (
	"context"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// listLimit bounds the lists that a company keeps by hand, and the page that
// shows them.
const listLimit = 200

// Create keeps a new organisation with its first owner. It trusts the profile
// to come from ProfileIn.Profile or from this program.
func (rm *Room) Create(ctx context.Context, owner string, p Profile) (Organisation, error) {
	o := Organisation{ID: ID(db.NewID()), InternalNumber: newInternalNumber(), Created: rm.now(), Profile: p}
	err := rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := insert(ctx, o); err != nil {
			return err
		}
		if err := rm.enter(ctx, o.ID, owner, web.Owner); err != nil {
			return err
		}
		return rm.note(ctx, o.ID, owner, "org.created", string(o.ID), words{Name: p.Name})
	})
	return o, err
}

func insert(ctx context.Context, o Organisation) error {
	_, err := db.Exec(ctx, `
		INSERT INTO org_organisation (id, internal_number, created, kind, name, kana, trade_name, corporate_number,
			industry, trade, employees, capital_yen, prefecture)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		o.ID, o.InternalNumber, o.Created, o.Kind, o.Name, o.Kana, o.TradeName, none(o.CorporateNumber),
		o.Industry, o.Trade, o.Employees, o.CapitalYen, o.Prefecture)
	return err
}

// newInternalNumber stands in for the official number on papers and pages. It
// tells nothing of the id, and its 60 bits make an accident unlikely.
func newInternalNumber() string {
	s := strings.ToUpper(db.NewID())
	return "M-" + s[:4] + "-" + s[4:8] + "-" + s[8:12]
}

// Edit replaces what an organisation says of itself.
func (rm *Room) Edit(ctx context.Context, id ID, p Profile) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		was, err := rm.ByID(ctx, id)
		if err != nil {
			return err
		}
		n, err := db.Exec(ctx, `
			UPDATE org_organisation SET kind = ?, name = ?, kana = ?, trade_name = ?, corporate_number = ?,
				industry = ?, trade = ?, employees = ?, capital_yen = ?, prefecture = ? WHERE id = ?`,
			p.Kind, p.Name, p.Kana, p.TradeName, none(p.CorporateNumber),
			p.Industry, p.Trade, p.Employees, p.CapitalYen, p.Prefecture, id)
		if err != nil || n == 0 {
			return orMissing(err)
		}
		if rm.Edited != nil {
			if err := rm.Edited(ctx, id, was.Profile, p); err != nil {
				return err
			}
		}
		return rm.note(ctx, id, actor(ctx), "org.edited", string(id), words{Name: p.Name})
	})
}

// words is what the journal keeps as text of an entry; it can be erased.
type words struct {
	Name string `json:"name,omitempty"`
	Role string `json:"role,omitempty"`
	Was  string `json:"was,omitempty"`
}

func (rm *Room) note(ctx context.Context, id ID, by, verb, subject string, w words) error {
	return journal.Note(ctx, journal.Entry{Org: string(id), At: rm.now(), Actor: by, Verb: verb, Subject: subject}, w)
}

// noteRevoked is note for what must not come back with an older copy of the
// database; detail says what is left of it, where that is not nothing.
func (rm *Room) noteRevoked(ctx context.Context, id ID, verb, subject, detail string, w words) error {
	e := journal.Entry{Org: string(id), At: rm.now(), Actor: actor(ctx), Verb: verb, Subject: subject, Revokes: true, Detail: detail}
	return journal.Note(ctx, e, w)
}

// orMissing is the error of a change that met no row.
func orMissing(err error) error {
	if err == nil {
		return problem.NotFound()
	}
	return err
}

// Site is a place where an organisation works.
type Site struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Country    Country    `json:"country"`
	Prefecture Prefecture `json:"prefecture"` // in Japan only
}

func (s *Site) fields() []any { return []any{&s.ID, &s.Name, &s.Country, &s.Prefecture} }

// Sites returns the sites of an organisation, the oldest first.
func (rm *Room) Sites(ctx context.Context, id ID) ([]Site, error) {
	return db.Rows(ctx, (*Site).fields,
		"SELECT id, name, country, prefecture FROM org_site WHERE org_id = ? ORDER BY created, id LIMIT ?", id, listLimit)
}

// AddSite keeps a site.
func (rm *Room) AddSite(ctx context.Context, id ID, s Site) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := roomFor(ctx, "SELECT COUNT(*) FROM org_site WHERE org_id = ?", id); err != nil {
			return err
		}
		s.ID = db.NewID()
		_, err := db.Exec(ctx, "INSERT INTO org_site (id, org_id, name, country, prefecture, created) VALUES (?, ?, ?, ?, ?, ?)",
			s.ID, id, s.Name, s.Country, s.Prefecture, rm.now())
		if err != nil {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "org.site-added", s.ID, words{Name: s.Name})
	})
}

// roomFor refuses one more line in a list that is full.
func roomFor(ctx context.Context, count string, args ...any) error {
	n, err := db.Value[int](ctx, count, args...)
	if err == nil && n >= listLimit {
		return problem.New(422, "list-full", "n", listLimit)
	}
	return err
}

// RemoveSite forgets a site.
func (rm *Room) RemoveSite(ctx context.Context, id ID, site string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		name, err := db.Value[string](ctx, "DELETE FROM org_site WHERE org_id = ? AND id = ? RETURNING name", id, site)
		if err != nil {
			return orNotFound(err)
		}
		return rm.note(ctx, id, actor(ctx), "org.site-removed", site, words{Name: name})
	})
}

// RelationKind says how another company stands to an organisation.
type RelationKind string

// The kinds of relation.
const (
	RelationParent     RelationKind = "parent"
	RelationSubsidiary RelationKind = "subsidiary"
	RelationAffiliate  RelationKind = "affiliate"
)

// RelationKinds are the kinds in the order in which a form offers them.
// keys: org.relation.kind.*
var RelationKinds = []RelationKind{RelationParent, RelationSubsidiary, RelationAffiliate}

// Relation is what an organisation says of its parent or group. The other
// company has not confirmed it, and is not told.
type Relation struct {
	ID              string          `json:"id"`
	Kind            RelationKind    `json:"kind"`
	Name            string          `json:"name"`
	CorporateNumber CorporateNumber `json:"corporate_number"`
}

func (r *Relation) fields() []any {
	return []any{&r.ID, &r.Kind, &r.Name, db.Maybe(&r.CorporateNumber)}
}

// Relations returns the relations of an organisation, the oldest first.
func (rm *Room) Relations(ctx context.Context, id ID) ([]Relation, error) {
	return db.Rows(ctx, (*Relation).fields,
		"SELECT id, kind, name, corporate_number FROM org_relation WHERE org_id = ? ORDER BY created, id LIMIT ?", id, listLimit)
}

// AddRelation keeps a relation.
func (rm *Room) AddRelation(ctx context.Context, id ID, r Relation) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := roomFor(ctx, "SELECT COUNT(*) FROM org_relation WHERE org_id = ?", id); err != nil {
			return err
		}
		r.ID = db.NewID()
		_, err := db.Exec(ctx, "INSERT INTO org_relation (id, org_id, kind, name, corporate_number, created) VALUES (?, ?, ?, ?, ?, ?)",
			r.ID, id, r.Kind, r.Name, none(r.CorporateNumber), rm.now())
		if err != nil {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "org.relation-added", r.ID, words{Name: r.Name})
	})
}

// RemoveRelation forgets a relation.
func (rm *Room) RemoveRelation(ctx context.Context, id ID, relation string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		name, err := db.Value[string](ctx, "DELETE FROM org_relation WHERE org_id = ? AND id = ? RETURNING name", id, relation)
		if err != nil {
			return orNotFound(err)
		}
		return rm.note(ctx, id, actor(ctx), "org.relation-removed", relation, words{Name: name})
	})
}

// maxCreated is how many organisations one account may register within a day:
// enough for a bookkeeper on his first day, and an end for a script.
const maxCreated = 20

func (rm *Room) mayCreate(ctx context.Context, account string) error {
	n, err := db.Value[int](ctx, `
		SELECT COUNT(*) FROM org_member m JOIN org_organisation o ON o.id = m.org_id
		WHERE m.account_id = ? AND m.role = 'owner' AND o.created > ?`, account, rm.now().Add(-24*time.Hour))
	if err == nil && n >= maxCreated {
		return problem.New(429, "organisations-too-many", "n", maxCreated)
	}
	return err
}
