package org

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// CircleCodeFor is how long a code lets somebody in.
const CircleCodeFor = 7 * 24 * time.Hour

const circlePurpose = "org circle code"

// maxOpenCodes bounds the codes of a circle that wait to be used.
const maxOpenCodes = 50

// CircleKind is what holds a circle together.
type CircleKind string

// The kinds of circle.
const (
	CircleRegion   CircleKind = "region"
	CircleIndustry CircleKind = "industry"
	CircleChain    CircleKind = "chain"
)

// CircleKinds are the kinds in the order in which a form offers them.
// keys: org.circle.kind.*
var CircleKinds = []CircleKind{CircleRegion, CircleIndustry, CircleChain}

// Circle is several organisations (グループ); Operator is the one that lets in.
type Circle struct {
	ID       string     `json:"id"`
	Operator ID         `json:"-"`
	Kind     CircleKind `json:"kind"`
	Name     string     `json:"name"`
	Members  int        `json:"members"`
}

const circleColumns = `c.id, c.org_id, c.kind, c.name,
	(SELECT COUNT(*) FROM org_circle_member n WHERE n.circle_id = c.id AND n.left_at IS NULL)`

func (c *Circle) fields() []any { return []any{&c.ID, &c.Operator, &c.Kind, &c.Name, &c.Members} }

// Circles returns the circles to which an organisation belongs, by name.
func (rm *Room) Circles(ctx context.Context, id ID) ([]Circle, error) {
	return db.Rows(ctx, (*Circle).fields, "SELECT "+circleColumns+`
		FROM org_circle_member m JOIN org_circle c ON c.id = m.circle_id
		WHERE m.org_id = ? AND m.left_at IS NULL ORDER BY c.name, c.id LIMIT ?`, id, listLimit)
}

// circleOf returns a circle to one of its members.
func (rm *Room) circleOf(ctx context.Context, id ID, circle string) (Circle, error) {
	c, err := db.One(ctx, (*Circle).fields, "SELECT "+circleColumns+`
		FROM org_circle_member m JOIN org_circle c ON c.id = m.circle_id
		WHERE m.org_id = ? AND c.id = ? AND m.left_at IS NULL`, id, circle)
	return c, orNotFound(err)
}

// CreateCircle makes a circle with an organisation as operator and first member.
func (rm *Room) CreateCircle(ctx context.Context, id ID, kind CircleKind, name string) (Circle, error) {
	c := Circle{ID: db.NewID(), Operator: id, Kind: kind, Name: name, Members: 1}
	return c, rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := roomFor(ctx, "SELECT COUNT(*) FROM org_circle_member WHERE org_id = ? AND left_at IS NULL", id); err != nil {
			return err
		}
		_, err := db.Exec(ctx, "INSERT INTO org_circle (id, org_id, kind, name, created) VALUES (?, ?, ?, ?, ?)",
			c.ID, id, kind, name, rm.now())
		if err != nil {
			return err
		}
		if err := rm.enterCircle(ctx, c.ID, id); err != nil {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "org.circle-created", c.ID, words{Name: name})
	})
}

// AddToCircle takes an organisation into a circle without a code: for the
// demonstration and for an operator at the command line.
func (rm *Room) AddToCircle(ctx context.Context, circle string, id ID) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.enterCircle(ctx, circle, id); err != nil {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "org.circle-joined", circle, words{})
	})
}

func (rm *Room) enterCircle(ctx context.Context, circle string, id ID) error {
	n, err := db.Exec(ctx, `
		INSERT INTO org_circle_member (circle_id, org_id, joined) VALUES (?, ?, ?)
		ON CONFLICT (circle_id, org_id) DO UPDATE SET joined = excluded.joined, left_at = NULL
		WHERE org_circle_member.left_at IS NOT NULL`, circle, id, rm.now())
	if err == nil && n == 0 {
		return problem.New(http.StatusConflict, "already-in-circle")
	}
	return err
}

// CircleCode lets one organisation into a circle, once.
type CircleCode struct {
	ID      string    `json:"id"`
	Code    string    `json:"code"`
	Expires time.Time `json:"expires"`
}

// circleCode writes the code of an id in groups of four letters and digits, 80
// bits in all: people read it to each other.
func (rm *Room) circleCode(id string) string {
	sum := sha256.Sum256([]byte(rm.Derive(circlePurpose, id)))
	s := base32.StdEncoding.EncodeToString(sum[:10])
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

// codeHash is what the database keeps of a code. Case, spaces and hyphens do not
// matter, and the digits that base32 has not are read as the letters they look like.
func codeHash(code string) []byte {
	plain := strings.Map(func(r rune) rune {
		switch {
		case r >= 'ａ' && r <= 'ｚ':
			r += 'A' - 'ａ'
		case r >= 'Ａ' && r <= 'Ｚ':
			r += 'A' - 'Ａ'
		case r >= '０' && r <= '９':
			r += '0' - '０'
		}
		switch r {
		case '0':
			return 'O'
		case '1':
			return 'I'
		}
		if r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, code)
	sum := sha256.Sum256([]byte(strings.ToUpper(plain)))
	return sum[:]
}

// operates refuses whoever is not the operator of a circle.
func (rm *Room) operates(ctx context.Context, id ID, circle string) (Circle, error) {
	c, err := rm.circleOf(ctx, id, circle)
	if err == nil && c.Operator != id {
		return c, problem.Forbidden()
	}
	return c, err
}

// MakeCircleCode makes a code for the next member.
func (rm *Room) MakeCircleCode(ctx context.Context, id ID, circle string) (CircleCode, error) {
	code := CircleCode{ID: db.NewID(), Expires: rm.now().Add(CircleCodeFor)}
	code.Code = rm.circleCode(code.ID)
	return code, rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := rm.operates(ctx, id, circle); err != nil {
			return err
		}
		open, err := rm.openCodes(ctx, circle)
		if err != nil {
			return err
		}
		if len(open) >= maxOpenCodes {
			return problem.New(http.StatusUnprocessableEntity, "circle-codes-too-many", "n", maxOpenCodes)
		}
		_, err = db.Exec(ctx, "INSERT INTO org_circle_code (id, circle_id, org_id, hash, created, expires, made_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
			code.ID, circle, id, codeHash(code.Code), rm.now(), code.Expires, actor(ctx))
		if err != nil {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "org.circle-code-made", circle, words{})
	})
}

func (c *CircleCode) fields() []any { return []any{&c.ID, db.At(&c.Expires)} }

// openCodes lists the codes of a circle that still let in, for its operator.
func (rm *Room) openCodes(ctx context.Context, circle string) ([]CircleCode, error) {
	all, err := db.Rows(ctx, (*CircleCode).fields, `
		SELECT id, expires FROM org_circle_code
		WHERE circle_id = ? AND used_at IS NULL AND expires > ? ORDER BY created, id LIMIT ?`, circle, rm.now(), maxOpenCodes)
	for i := range all {
		all[i].Code = rm.circleCode(all[i].ID)
	}
	return all, err
}

type usedCode struct {
	circle   string
	operator ID
}

func (u *usedCode) fields() []any { return []any{&u.circle, &u.operator} }

// JoinCircle takes an organisation into the circle of a code. A code that is
// unknown, used or too old gets the same answer.
func (rm *Room) JoinCircle(ctx context.Context, id ID, code string) (circle string, err error) {
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		used, err := db.Rows(ctx, (*usedCode).fields, `
			UPDATE org_circle_code SET used_at = ?, used_by = ?
			WHERE hash = ? AND used_at IS NULL AND expires > ? RETURNING circle_id, org_id`, rm.now(), id, codeHash(code), rm.now())
		if err != nil {
			return err
		}
		var v problem.Invalid
		v.Check(len(used) == 1, "code", "circle-code")
		if err := v.Or(); err != nil {
			return err
		}
		circle = used[0].circle
		if err := rm.enterCircle(ctx, circle, id); err != nil {
			return err
		}
		// Who of the other company entered the code is not the operator's to know.
		if err := rm.note(ctx, used[0].operator, "system", "org.circle-member-joined", circle, words{}); err != nil {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "org.circle-joined", circle, words{})
	})
	return circle, err
}

// LeaveCircle ends the membership of an organisation. The operator stays as long
// as there are others, since nobody else could let anybody in.
func (rm *Room) LeaveCircle(ctx context.Context, id ID, circle string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.circleOf(ctx, id, circle)
		if err != nil {
			return err
		}
		if c.Operator == id && c.Members > 1 {
			return problem.New(http.StatusConflict, "circle-operator")
		}
		_, err = db.Exec(ctx, "UPDATE org_circle_member SET left_at = ? WHERE circle_id = ? AND org_id = ?", rm.now(), circle, id)
		if err != nil {
			return err
		}
		return rm.noteRevoked(ctx, id, circleLeft, circle, "", words{Name: c.Name})
	})
}

// circleMembers returns up to limit members of a circle to one of them, the first
// to come first, after the one with the internal number after: an id is not for
// the eyes of others. Who has paused is shown to nobody but himself, since nothing
// of him goes to others.
func (rm *Room) circleMembers(ctx context.Context, id ID, circle, after string, limit int) ([]Organisation, error) {
	query := "SELECT " + organisationColumns + ` FROM org_circle_member m JOIN org_organisation o ON o.id = m.org_id
		WHERE m.circle_id = ? AND m.left_at IS NULL
		AND (m.org_id = ? OR NOT EXISTS (SELECT 1 FROM org_pause p WHERE p.org_id = m.org_id))`
	args := []any{circle, id}
	if after != "" {
		query += ` AND (m.joined, m.org_id) > (SELECT x.joined, x.org_id
			FROM org_circle_member x JOIN org_organisation p ON p.id = x.org_id
			WHERE x.circle_id = ? AND p.internal_number = ?)`
		args = append(args, circle, after)
	}
	return db.Rows(ctx, (*Organisation).fields, query+" ORDER BY m.joined, m.org_id LIMIT ?", append(args, limit)...)
}
