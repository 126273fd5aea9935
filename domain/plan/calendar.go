package plan

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

const (
	maxAddresses = 20 // of a company
	addressLife  = 365 * 24 * time.Hour
	secretLength = 26
)

// Address is a secret web address that a calendar program reads.
type Address struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Made    time.Time `json:"made"`
	Expires time.Time `json:"expires"`

	org, madeBy string
}

const addressColumns = `id, org_id, name, made_at, made_by, expires`

func (a *Address) fields() []any {
	return []any{&a.ID, &a.org, &a.Name, db.At(&a.Made), &a.madeBy, db.At(&a.Expires)}
}

// Addresses lists those of a company that have not ended, or those of one account.
func (rm *Room) Addresses(ctx context.Context, org, account string) ([]Address, error) {
	query := "SELECT " + addressColumns + " FROM plan_calendar WHERE org_id = ? AND ended_at IS NULL AND expires > ?"
	args := []any{org, rm.Now()}
	if account != "" {
		query += " AND made_by = ?"
		args = append(args, account)
	}
	return db.Rows(ctx, (*Address).fields, query+" ORDER BY made_at, id LIMIT ?", append(args, maxAddresses)...)
}

// hashOf is what is kept of a secret. It has 130 random bits: nobody tries them.
func hashOf(secret string) []byte {
	sum := sha256.Sum256([]byte("plan calendar\x00" + secret))
	return sum[:]
}

// MakeAddress makes an address and returns its secret, which is shown this once.
// keys: field.plan-address-name
func (rm *Room) MakeAddress(ctx context.Context, org, name string) (a Address, secret string, err error) {
	name = strings.TrimSpace(name)
	var v problem.Invalid
	v.Check(name != "" && utf8.RuneCountInString(name) <= maxName && !strings.ContainsFunc(name, unseen), "name", "plan-address-name", "n", maxName)
	if err := v.Or(); err != nil {
		return a, "", err
	}
	secret = rm.Secret()
	a = Address{ID: db.NewID(), Name: name, Made: rm.Now(), Expires: rm.Now().Add(addressLife), org: org, madeBy: actor(ctx)}
	return a, secret, rm.DB.Write(ctx, func(ctx context.Context) error {
		all, err := rm.Addresses(ctx, org, "")
		if err != nil {
			return err
		}
		if len(all) >= maxAddresses {
			return problem.New(http.StatusConflict, "plan-addresses", "n", maxAddresses)
		}
		_, err = db.Exec(ctx, "INSERT INTO plan_calendar (id, org_id, name, secret_hash, made_at, made_by, expires, ended_by) VALUES (?, ?, ?, ?, ?, ?, ?, '')",
			a.ID, org, a.Name, hashOf(secret), a.Made, a.madeBy, a.Expires)
		if err != nil {
			return err
		}
		return rm.note(ctx, org, "plan.calendar-made", a.ID, false, map[string]string{"name": a.Name})
	})
}

// EndAddress ends an address: one's own, or as a manager any of the company.
func (rm *Room) EndAddress(ctx context.Context, org, id, account string, role web.Role) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		a, err := db.One(ctx, (*Address).fields, "SELECT "+addressColumns+" FROM plan_calendar WHERE org_id = ? AND id = ? AND ended_at IS NULL", org, id)
		if errors.Is(err, db.ErrNone) || err == nil && a.madeBy != account && role < web.Manager {
			return problem.NotFound()
		}
		if err != nil {
			return err
		}
		return rm.end(ctx, a)
	})
}

func (rm *Room) end(ctx context.Context, a Address) error {
	if err := endAddress(ctx, a.ID, actor(ctx), rm.Now()); err != nil {
		return err
	}
	return rm.note(ctx, a.org, "plan.calendar-ended", a.ID, true, nil)
}

func endAddress(ctx context.Context, id, by string, at time.Time) error {
	_, err := db.Exec(ctx, "UPDATE plan_calendar SET ended_at = ?, ended_by = ? WHERE id = ? AND ended_at IS NULL", at, by, id)
	return err
}

// Left ends the addresses of an account that has left a company, and takes it off
// the steps it had (threats T21).
func (rm *Room) Left(ctx context.Context, org, account string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		all, err := rm.Addresses(ctx, org, account)
		if err != nil {
			return err
		}
		for _, a := range all {
			if err := rm.end(ctx, a); err != nil {
				return err
			}
		}
		_, err = db.Exec(ctx, "UPDATE plan_step SET account = '', revision = revision + 1 WHERE org_id = ? AND account = ?", org, account)
		return err
	})
}

// Replay ends an address again after an older copy of the database was restored.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	if e.Verb != "plan.calendar-ended" {
		return nil
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error { return endAddress(ctx, e.Subject, e.Actor, e.At) })
}

// Void ends every address: a copy that was restored may have come from anywhere.
func (rm *Room) Void(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE plan_calendar SET ended_at = ?, ended_by = 'system' WHERE ended_at IS NULL", rm.Now())
		return err
	})
}

// Tidy forgets addresses that have been over for a month. A job calls it.
func (rm *Room) Tidy(ctx context.Context) error {
	old := rm.Now().AddDate(0, -1, 0)
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "DELETE FROM plan_calendar WHERE ended_at < ? OR expires < ?", old, old)
		return err
	})
}

// opened is the company whose plan an address shows, or problem.NotFound for one
// that is unknown, over, or whose maker may no more.
func (rm *Room) opened(ctx context.Context, secret string) (string, error) {
	if len(secret) != secretLength {
		return "", problem.NotFound()
	}
	a, err := db.One(ctx, (*Address).fields, "SELECT "+addressColumns+" FROM plan_calendar WHERE secret_hash = ? AND ended_at IS NULL AND expires > ?", hashOf(secret), rm.Now())
	if errors.Is(err, db.ErrNone) {
		return "", problem.NotFound()
	}
	if err != nil {
		return "", err
	}
	role, err := rm.Member(ctx, a.madeBy, a.org)
	if err != nil {
		return "", err
	}
	paused, err := rm.Paused(ctx, a.org)
	if err != nil || paused || role < web.Member {
		return "", errors.Join(err, problem.NotFound())
	}
	return a.org, nil
}
