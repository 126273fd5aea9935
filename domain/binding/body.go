package binding

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// CodeFor is how long a code can be used.
const CodeFor = 7 * 24 * time.Hour

// What a code is for: it shows that the company wants it.
const (
	forVoucher = "voucher" // given to a body that is to vouch
	forBody    = "body"    // given to the operator, to become a body
)

// Code is a code that a company shows to somebody.
type Code struct {
	ID      string    `json:"-"`
	Code    string    `json:"code"`
	Expires time.Time `json:"expires"`
}

func (c *Code) fields() []any { return []any{&c.ID, db.At(&c.Expires)} }

// code is the text of a code: 80 bits in groups of four.
func (rm *Room) code(id string) string {
	sum := sha256.Sum256([]byte(rm.Derive("binding.code", id)))
	s := base32.StdEncoding.EncodeToString(sum[:10])
	return s[:4] + "-" + s[4:8] + "-" + s[8:12] + "-" + s[12:]
}

// codeHash is what the database keeps. Case, spaces and hyphens do not matter,
// full-width letters neither, and digits are read as the letters they look like.
func codeHash(code string) []byte {
	plain := strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' {
			r -= '！' - '!'
		}
		switch {
		case r == '0':
			return 'O'
		case r == '1':
			return 'I'
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		case r >= 'A' && r <= 'Z', r >= '2' && r <= '7':
			return r
		}
		return -1
	}, code)
	sum := sha256.Sum256([]byte(plain))
	return sum[:]
}

// MakeCode makes a code of a kind; the one before it ends.
func (rm *Room) MakeCode(ctx context.Context, id, kind string) (Code, error) {
	c := Code{ID: db.NewID(), Expires: rm.Now().Add(CodeFor)}
	c.Code = rm.code(c.ID)
	return c, rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.endCodes(ctx, id, kind); err != nil {
			return err
		}
		_, err := db.Exec(ctx, "INSERT INTO binding_code (id, org_id, kind, hash, made_by, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?)",
			c.ID, id, kind, codeHash(c.Code), actor(ctx), rm.Now(), c.Expires)
		if err != nil {
			return err
		}
		return rm.note(ctx, id, actor(ctx), "binding.code-made", c.ID, false, nil)
	})
}

func (rm *Room) endCodes(ctx context.Context, id, kind string) error {
	old, err := db.Rows(ctx, (*Code).fields, "UPDATE binding_code SET used_at = ? WHERE org_id = ? AND kind = ? AND used_at IS NULL RETURNING id, expires", rm.Now(), id, kind)
	for _, c := range old {
		if err == nil {
			err = rm.note(ctx, id, actor(ctx), "binding.code-ended", c.ID, true, nil)
		}
	}
	return err
}

// Void ends every open code, as a restore of an older copy must: it cannot tell
// which were used since.
func (rm *Room) Void(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE binding_code SET used_at = ? WHERE used_at IS NULL", rm.Now())
		return err
	})
}

// openCode returns the code of a kind that can be used, if there is one.
func (rm *Room) openCode(ctx context.Context, id, kind string) (*Code, error) {
	all, err := db.Rows(ctx, (*Code).fields, "SELECT id, expires FROM binding_code WHERE org_id = ? AND kind = ? AND used_at IS NULL AND expires > ?", id, kind, rm.Now())
	if err != nil || len(all) == 0 {
		return nil, err
	}
	all[0].Code = rm.code(all[0].ID)
	return &all[0], nil
}

// codeOwner returns whose code it is. Unknown, used and old are one answer.
func (rm *Room) codeOwner(ctx context.Context, code, kind string) (string, error) {
	all, err := db.Rows(ctx, func(s *string) []any { return []any{s} },
		"SELECT org_id FROM binding_code WHERE hash = ? AND kind = ? AND used_at IS NULL AND expires > ?", codeHash(code), kind, rm.Now())
	if err != nil {
		return "", err
	}
	var v problem.Invalid
	v.Check(len(all) == 1, "code", "binding-code")
	if err := v.Or(); err != nil {
		return "", err
	}
	return all[0], nil
}

// Body is an organisation that may send letters and vouch.
type Body struct {
	ID     string    `json:"id"`
	Name   string    `json:"name"`
	Number string    `json:"number"`
	Since  time.Time `json:"since"`
	org    string
}

func (b *Body) fields() []any { return []any{&b.ID, &b.org, db.At(&b.Since)} }

// Bodies lists the named bodies, the first to come first.
func (rm *Room) Bodies(ctx context.Context) ([]Body, error) {
	return db.Rows(ctx, (*Body).fields, "SELECT id, org_id, since FROM binding_body WHERE ended_at IS NULL ORDER BY since, id LIMIT 200")
}

func (rm *Room) isBody(ctx context.Context, id string) (bool, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM binding_body WHERE org_id = ? AND ended_at IS NULL", id)
	return n > 0, err
}

// IsBody says whether an organisation may send letters and vouch.
func (rm *Room) IsBody(ctx context.Context, id string) (bool, error) { return rm.isBody(ctx, id) }

// orNoBody is the error of somebody who is not a named body.
func orNoBody(err error) error {
	if err == nil {
		return problem.New(http.StatusForbidden, "binding-no-body")
	}
	return err
}

// AllowBody makes the organisation of a code a named body, by an operator.
func (rm *Room) AllowBody(ctx context.Context, code string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		id, err := rm.codeOwner(ctx, code, forBody)
		if err != nil {
			return err
		}
		return rm.allow(ctx, id)
	})
}

// Allow makes an organisation a named body without a code: for the command line
// and the demonstration.
func (rm *Room) Allow(ctx context.Context, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error { return rm.allow(ctx, id) })
}

func (rm *Room) allow(ctx context.Context, id string) error {
	if err := rm.endCodes(ctx, id, forBody); err != nil {
		return err
	}
	body := db.NewID()
	n, err := db.Exec(ctx, "INSERT INTO binding_body (id, org_id, since, allowed_by, ended_by) VALUES (?, ?, ?, ?, '') ON CONFLICT DO NOTHING", body, id, rm.Now(), actor(ctx))
	if err != nil || n == 0 {
		return err
	}
	return rm.note(ctx, id, actor(ctx), "binding.body-allowed", body, false, nil)
}

// EndBody takes the right back. With also, everything that the body showed ends
// too.
func (rm *Room) EndBody(ctx context.Context, body string, also bool) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		id, err := db.Value[string](ctx, "UPDATE binding_body SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL RETURNING org_id", rm.Now(), actor(ctx), body)
		if err != nil {
			return orNotFound(err)
		}
		if err := rm.note(ctx, id, actor(ctx), "binding.body-ended", body, true, nil); err != nil || !also {
			return err
		}
		all, err := rm.givenBy(ctx, id, 100_000)
		for _, p := range all {
			if err == nil {
				err = rm.endGiven(ctx, p, actor(ctx))
			}
		}
		return err
	})
}

// givenBy lists what a body showed and what still stands, the newest first.
func (rm *Room) givenBy(ctx context.Context, body string, limit int) ([]Proof, error) {
	return db.Rows(ctx, (*Proof).fields, "SELECT "+proofColumns+`
		FROM binding_proof p WHERE p.body_id = ? AND p.ended_at IS NULL ORDER BY p.asked_at DESC, p.id LIMIT ?`, body, limit)
}

// endGiven ends a proof by its body and tells the company.
func (rm *Room) endGiven(ctx context.Context, p Proof, by string) error {
	if err := rm.end(ctx, p, by, WhyBody); err != nil {
		return err
	}
	return rm.Notify(ctx, p.Org)
}

// Vouched returns the company of a voucher code, for the body that holds it.
func (rm *Room) Vouched(ctx context.Context, body, code string) (org.Organisation, error) {
	if ok, err := rm.isBody(ctx, body); err != nil || !ok {
		return org.Organisation{}, orNoBody(err)
	}
	id, err := rm.codeOwner(ctx, code, forVoucher)
	if err != nil {
		return org.Organisation{}, err
	}
	return rm.Organisation(ctx, id)
}

const reasonRunes = 500

// Vouch binds the company of a code, by a body that knows it and says how.
func (rm *Room) Vouch(ctx context.Context, body, code, reason string) error {
	reason = cleanReason(reason)
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		o, err := rm.Vouched(ctx, body, code)
		if err != nil {
			return err
		}
		var v problem.Invalid
		n := utf8.RuneCountInString(reason)
		v.Check(n > 0 && n <= reasonRunes, "reason", "binding-reason", "n", reasonRunes)
		v.Check(string(o.ID) != body, "code", "binding-self")
		if err := v.Or(); err != nil {
			return err
		}
		if err := rm.endCodes(ctx, string(o.ID), forVoucher); err != nil {
			return err
		}
		if err := rm.show(ctx, Proof{Org: string(o.ID), Kind: Voucher, Body: body, Reason: reason, Since: rm.Now(), MadeBy: actor(ctx)}); err != nil {
			return err
		}
		return rm.note(ctx, body, actor(ctx), "binding.vouched", string(o.ID), false, proofWords{Reason: reason})
	})
}

// TakeBack ends a proof that a body gave.
func (rm *Room) TakeBack(ctx context.Context, body, proof string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		p, err := db.One(ctx, (*Proof).fields, "SELECT "+proofColumns+" FROM binding_proof p WHERE p.id = ? AND p.body_id = ? AND p.ended_at IS NULL", proof, body)
		if err != nil {
			return orNotFound(err)
		}
		return rm.endGiven(ctx, p, actor(ctx))
	})
}
