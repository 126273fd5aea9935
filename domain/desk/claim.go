package desk

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// How often one network may try codes: it keeps a stranger from walking through
// letter numbers, beside the count of each letter. An office behind one address
// that opens its letters in one afternoon stays below it.
const (
	claimEvery = 20 * time.Second
	claimBurst = 40
)

// Claim is what somebody with a letter decides.
type Claim struct {
	Number, Code string
	// Share joins the circle and lets its staff see how far the company is.
	Share bool
	// Behalf lets them enter answers from now on.
	Behalf bool
	// Empty forgets what staff entered before.
	Empty bool
}

// keys: field.desk-code
func wrongCode() error {
	var v problem.Invalid
	v.Add("code", "desk-code")
	return v.Or()
}

// find returns the letter of a number and a code. A wrong code and an unknown
// number get one answer, also when the letter is locked: nobody learns which
// numbers there are.
func (rm *Room) find(ctx context.Context, number, code string) (Letter, error) {
	l, err := db.One(ctx, (*Letter).fields, "SELECT "+letterColumns+" FROM desk_letter l WHERE l.number = ?", plainCode(number))
	hash := rm.codeHash(code) // the same work whether there is a letter or not
	switch {
	case errors.Is(err, db.ErrNone), err == nil && !l.opensWith(hash):
		return l, wrongCode()
	case err != nil:
		return l, err
	}
	return l, l.over(rm.Now())
}

// count counts a wrong try at a letter, in a transaction of its own: the answer
// that refuses must not undo it.
func (rm *Room) count(ctx context.Context, number string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		type row struct {
			id    string
			desk  org.ID
			tries int
		}
		rows, err := db.Rows(ctx, func(r *row) []any { return []any{&r.id, &r.desk, &r.tries} }, `
			UPDATE desk_letter SET tries = tries + 1
			WHERE number = ? AND used_at IS NULL AND revoked_at IS NULL AND tries < ? RETURNING id, org_id, tries`, plainCode(number), maxTries)
		if err != nil || len(rows) == 0 || rows[0].tries < maxTries {
			return err
		}
		return rm.noteRevoked(ctx, rows[0].desk, letterLocked, rows[0].id, words{})
	})
}

// tooOften refuses a network that tries too many codes.
func (rm *Room) tooOften(ctx context.Context) error {
	if !rm.strangers.Allow(web.Client(ctx), rm.Now()) {
		return problem.New(http.StatusTooManyRequests, "too-many")
	}
	return nil
}

// Take consumes a letter for the caller: he becomes the owner of the company.
func (rm *Room) Take(ctx context.Context, in Claim) (company org.ID, err error) {
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		l, err := rm.find(ctx, in.Number, in.Code)
		if err != nil {
			return err
		}
		account := web.CallerFrom(ctx).Account
		n, err := db.Exec(ctx, "UPDATE desk_letter SET used_at = ?, used_by = ? WHERE id = ? AND used_at IS NULL AND revoked_at IS NULL",
			rm.Now(), account, l.ID)
		if err == nil && n == 0 {
			l.Used = rm.Now()
			return l.over(rm.Now())
		}
		if err != nil {
			return err
		}
		company, err = rm.takeOver(ctx, l, account, in)
		return err
	})
	return company, errors.Join(rm.countWrong(ctx, in.Number, err), err)
}

// countWrong counts a try when its error says that the code was wrong.
func (rm *Room) countWrong(ctx context.Context, number string, err error) error {
	if problem.As(err).FieldCode("code") != "desk-code" {
		return nil
	}
	return rm.count(ctx, number)
}

func (rm *Room) takeOver(ctx context.Context, l Letter, account string, in Claim) (org.ID, error) {
	c, err := db.One(ctx, (*Case).fields, "SELECT "+caseColumns+" FROM desk_case c WHERE c.id = ?", l.Case)
	if err != nil {
		return "", orNotFound(err)
	}
	company, err := rm.ownerOf(ctx, c, account, in.Empty)
	if err != nil {
		return "", err
	}
	_, err = db.Exec(ctx, "UPDATE desk_case SET company_id = ?, claimed_at = ? WHERE id = ?", company, rm.Now(), c.ID)
	if err != nil {
		return "", err
	}
	if in.Share {
		if err := rm.Org.AddToCircle(ctx, c.Circle, company); err != nil {
			return "", err
		}
		if err := rm.consent(ctx, company, c.Circle, c.Org, in.Behalf); err != nil {
			return "", err
		}
	}
	if rm.ByLetter != nil {
		if err := rm.ByLetter(ctx, string(company), string(c.Org), rm.Now()); err != nil {
			return "", err
		}
	}
	if err := rm.note(ctx, company, "desk.claimed", string(company), words{Name: c.Name}); err != nil {
		return "", err
	}
	// Who of the company used the letter is not the desk's to know.
	return company, rm.noteAs(ctx, c.Org, "system", "desk.case-claimed", c.ID, words{Name: c.Name})
}

// ownerOf makes the account the owner of the company of a case, which is made
// now unless staff opened it before.
func (rm *Room) ownerOf(ctx context.Context, c Case, account string, empty bool) (org.ID, error) {
	if c.Company == "" {
		o, err := rm.Org.Create(ctx, account, c.profile())
		return o.ID, err
	}
	if empty {
		if err := rm.StartEmpty(ctx, string(c.Company)); err != nil {
			return "", err
		}
	}
	return c.Company, rm.Org.TakeOver(ctx, c.Company, account)
}
