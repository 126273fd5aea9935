package star

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Scheme is whose number it is.
type Scheme string

// The schemes.
const (
	SecurityAction Scheme = "security-action"
	SCS            Scheme = "scs"
)

// How a declaration ended here. Corrected was typed wrongly; followed gave way to
// another one, as one star to two; stopped is 停止 (SECURITY ACTION) or the end of a
// registration.
const (
	Corrected = "corrected"
	Followed  = "followed"
	Stopped   = "stopped"
)

// Declaration is a number that a scheme gave back, as the company entered it.
type Declaration struct {
	ID         string      `json:"id"`
	Scheme     Scheme      `json:"scheme"`
	Stars      int         `json:"stars"`
	Number     string      `json:"number"`
	On         assess.Date `json:"on"`                    // declared or registered
	ValidUntil assess.Date `json:"valid_until,omitempty"` // last day; "" where the scheme says none
	EnteredBy  string      `json:"-"`                     // account
	EnteredAt  time.Time   `json:"entered_at"`
	SeenOn     assess.Date `json:"seen_on,omitempty"` // the last day on which somebody saw it in the official list
	SeenBy     string      `json:"-"`                 // account
	Ended      string      `json:"ended,omitempty"`
	EndedOn    assess.Date `json:"ended_on,omitempty"`
	EndedBy    string      `json:"-"`
}

const declarationColumns = `d.id, d.scheme, d.stars, d.number, d.given_on, d.valid_until, d.entered_by, d.entered_at,
	s.seen_on, s.seen_by, d.ended, d.ended_on, d.ended_by`

// lastSeen joins the newest look at the official list.
const lastSeen = ` FROM star_declaration d LEFT JOIN star_seen s ON s.org_id = d.org_id AND s.id = (
	SELECT x.id FROM star_seen x WHERE x.org_id = d.org_id AND x.declaration_id = d.id ORDER BY x.seen_on DESC, x.noted_at DESC, x.id DESC LIMIT 1)`

func (d *Declaration) fields() []any {
	return []any{&d.ID, (*string)(&d.Scheme), &d.Stars, &d.Number, (*string)(&d.On), (*string)(&d.ValidUntil), &d.EnteredBy, db.At(&d.EnteredAt),
		db.Maybe((*string)(&d.SeenOn)), db.Maybe(&d.SeenBy), &d.Ended, (*string)(&d.EndedOn), &d.EndedBy}
}

// Declarations lists what the schemes gave a company, the newest first, ended ones
// among them.
func (rm *Room) Declarations(ctx context.Context, org string) ([]Declaration, error) {
	return db.Rows(ctx, (*Declaration).fields, "SELECT "+declarationColumns+lastSeen+
		" WHERE d.org_id = ? ORDER BY d.entered_at DESC, d.id DESC", org)
}

// standing is the declaration of a scheme that stands, or nil.
func standing(all []Declaration, scheme Scheme) *Declaration {
	for i := range all {
		if all[i].Scheme == scheme && all[i].Ended == "" {
			return &all[i]
		}
	}
	return nil
}

// DeclareInput is a number as entered. Replaces is the declaration that stood when
// the form was drawn, and Why how that one ends: Corrected or Followed.
type DeclareInput struct {
	Org        string
	Scheme     Scheme
	Stars      int
	Number     string
	On         assess.Date
	ValidUntil assess.Date
	Replaces   string
	Why        string
}

// firstDay is when SECURITY ACTION began; nothing was declared before.
const firstDay = assess.Date("2017-02-01")

// maxNumber is how long a registration number may be: its form is not known yet.
const maxNumber = 40

// check puts right what can be and finds what is wrong.
// keys: field.star-id-*, field.star-number
func (in *DeclareInput) check(today assess.Date) error {
	var v problem.Invalid
	if in.Scheme == SecurityAction {
		in.Number = tidyNumber(in.Number)
		if code, args := idFault(in.Number); code != "" {
			v.Add("number", code, args...)
		}
		v.Check(in.Stars == 1 || in.Stars == 2, "stars", "choice")
		in.ValidUntil = ""
	} else {
		in.Number, in.Stars = strings.TrimSpace(in.Number), 3
		v.Check(in.Number != "" && utf8.RuneCountInString(in.Number) <= maxNumber && !strings.ContainsFunc(in.Number, unprintable), "number", "star-number", "n", maxNumber)
		v.Check(!in.ValidUntil.Time().IsZero() && in.ValidUntil >= in.On, "valid_until", "star-until")
	}
	v.Check(pastDay(in.On, today), "on", "star-day")
	v.Check(in.Replaces == "" || in.Why == Corrected || in.Why == Followed, "why", "choice")
	return v.Or()
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) || unicode.Is(unicode.Cf, r) }

// pastDay says that something can have happened on a day.
func pastDay(d, today assess.Date) bool {
	return !d.Time().IsZero() && d >= firstDay && d <= today
}

func (rm *Room) today() assess.Date { return dateOf(rm.Now()) }

func dateOf(t time.Time) assess.Date {
	return assess.Date(t.In(i18n.Tokyo).Format(time.DateOnly))
}

// Declare keeps a number that a scheme gave. What stood gives way to it; when another
// one stands than the form knew, the problem is "star-changed".
func (rm *Room) Declare(ctx context.Context, in DeclareInput) (id string, err error) {
	if err := in.check(rm.today()); err != nil {
		return "", err
	}
	d := Declaration{
		ID: db.NewID(), Scheme: in.Scheme, Stars: in.Stars, Number: in.Number, On: in.On, ValidUntil: in.ValidUntil,
		EnteredBy: web.CallerFrom(ctx).Account, EnteredAt: rm.Now(),
	}
	return d.ID, rm.DB.Write(ctx, func(ctx context.Context) error {
		all, err := rm.Declarations(ctx, in.Org)
		if err != nil {
			return err
		}
		old := standing(all, in.Scheme)
		if (old == nil) != (in.Replaces == "") || old != nil && old.ID != in.Replaces {
			return problem.New(http.StatusConflict, "star-changed")
		}
		if old != nil {
			if err := rm.end(ctx, in.Org, old.ID, in.Why, rm.today()); err != nil {
				return err
			}
		}
		if err := putDeclaration(ctx, in.Org, d); err != nil {
			return err
		}
		// keys: journal.verb.star.declared, journal.verb.star.registered
		verb := "star.declared"
		if in.Scheme == SCS {
			verb = "star.registered"
		}
		return rm.note(ctx, in.Org, verb, d.ID, false, declaredWords{d.Stars, d.Number, d.On})
	})
}

type declaredWords struct {
	Stars  int         `json:"stars"`
	Number string      `json:"number"`
	On     assess.Date `json:"on"`
}

// Stop ends what stands: the company stopped its declaration, or its registration
// ended.
func (rm *Room) Stop(ctx context.Context, org, id string, on assess.Date) error {
	var v problem.Invalid
	v.Check(pastDay(on, rm.today()), "on", "star-day")
	if err := v.Or(); err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := rm.stands(ctx, org, id); err != nil {
			return err
		}
		return rm.end(ctx, org, id, Stopped, on)
	})
}

// See notes that somebody saw the number in the official list.
func (rm *Room) See(ctx context.Context, org, id string, on assess.Date) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		d, err := rm.stands(ctx, org, id)
		if err != nil {
			return err
		}
		var v problem.Invalid
		v.Check(pastDay(on, rm.today()) && on >= d.On, "on", "star-seen-day")
		if err := v.Or(); err != nil {
			return err
		}
		_, err = db.Exec(ctx, "INSERT INTO star_seen (id, org_id, declaration_id, seen_on, seen_by, noted_at) VALUES (?, ?, ?, ?, ?, ?)",
			db.NewID(), org, id, string(on), web.CallerFrom(ctx).Account, rm.Now())
		if err != nil {
			return err
		}
		return rm.note(ctx, org, "star.seen", id, false, map[string]any{"on": on})
	})
}

// stands returns a declaration of a company that has not ended, or a problem.
func (rm *Room) stands(ctx context.Context, org, id string) (Declaration, error) {
	all, err := rm.Declarations(ctx, org)
	if err != nil {
		return Declaration{}, err
	}
	for _, d := range all {
		if d.ID != id {
			continue
		}
		if d.Ended != "" {
			return d, problem.New(http.StatusConflict, "star-changed")
		}
		return d, nil
	}
	return Declaration{}, problem.NotFound()
}

// end lets a declaration stand no more. It is taken away again after a restore: an
// older copy must not say of a stopped one that it stands.
// keys: journal.verb.star.corrected, journal.verb.star.followed, journal.verb.star.stopped
func (rm *Room) end(ctx context.Context, org, id, why string, on assess.Date) error {
	if err := endRow(ctx, org, id, why, on, actor(ctx), rm.Now()); err != nil {
		return err
	}
	return rm.note(ctx, org, "star."+why, id, true, nil)
}
