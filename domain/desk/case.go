package desk

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// maxCases bounds the list of a circle: it is worked through as a whole.
const maxCases = 5000

// CaseData is what staff write down about a company.
type CaseData struct {
	MemberNumber    string              `json:"member_number"`
	Kind            org.Kind            `json:"kind"`
	Name            string              `json:"name"`
	Kana            string              `json:"kana"`
	CorporateNumber org.CorporateNumber `json:"corporate_number"`
	Person          string              `json:"person"`
	Address         string              `json:"address"`
	Phone           string              `json:"phone"`
	Email           string              `json:"email"`
	Note            string              `json:"note"`
}

// Case is one company in a circle's own list.
type Case struct {
	ID     string `json:"id"`
	Org    org.ID `json:"-"` // the operating organisation
	Circle string `json:"-"`
	CaseData
	Company  org.ID    `json:"-"` // "" until opened or claimed
	Created  time.Time `json:"created"`
	Opened   time.Time `json:"opened_at"`
	Claimed  time.Time `json:"claimed_at"`
	Signed   time.Time `json:"signed_at"`
	Asked    time.Time `json:"asked_at"`
	Last     time.Time `json:"last_contact"`
	NextDate string    `json:"next_date"`
	NextNote string    `json:"next_note"`
	Reminded time.Time `json:"reminded_at"`
	Stopped  time.Time `json:"stopped_at"`
}

const caseColumns = `c.id, c.org_id, c.circle_id, c.member_number, c.kind, c.name, c.kana, c.corporate_number, c.person, c.address,
	c.phone, c.email, c.note, c.company_id, c.created, c.opened_at, c.claimed_at, c.signed_at, c.asked_at, c.last_contact,
	c.next_date, c.next_note, c.reminded_at, c.stopped_at`

func (c *Case) fields() []any {
	return []any{
		&c.ID, &c.Org, &c.Circle, db.Maybe(&c.MemberNumber), &c.Kind, &c.Name, &c.Kana, db.Maybe(&c.CorporateNumber), &c.Person, &c.Address,
		&c.Phone, &c.Email, &c.Note, db.Maybe(&c.Company), db.At(&c.Created), db.At(&c.Opened), db.At(&c.Claimed), db.At(&c.Signed),
		db.At(&c.Asked), db.At(&c.Last), &c.NextDate, &c.NextNote, db.At(&c.Reminded), db.At(&c.Stopped),
	}
}

// Unclaimed says that staff opened the company and nobody has taken it over.
func (c Case) Unclaimed() bool { return c.Company != "" && c.Claimed.IsZero() }

func (c Case) in() CaseIn { return CaseIn{c.Org, c.Circle, c.ID} }

// circle returns a circle to the organisation that operates it; to everybody else
// it is unknown.
func (rm *Room) circle(ctx context.Context, id org.ID, circle string) (org.Circle, error) {
	return rm.Org.Operated(ctx, id, circle)
}

// caseOf returns a case of a circle to the organisation that operates it.
func (rm *Room) caseOf(ctx context.Context, id org.ID, circle, key string) (Case, error) {
	if _, err := rm.circle(ctx, id, circle); err != nil {
		return Case{}, err
	}
	c, err := db.One(ctx, (*Case).fields, "SELECT "+caseColumns+" FROM desk_case c WHERE c.org_id = ? AND c.circle_id = ? AND c.id = ?", id, circle, key)
	return c, orNotFound(err)
}

// entryFor returns a case for which staff may enter answers now: one that they
// opened and nobody claimed, or one whose owner lets them.
// keys: problem.desk-entry.title, problem.desk-entry.hint
func (rm *Room) entryFor(ctx context.Context, id org.ID, circle, key string) (Case, error) {
	c, err := rm.caseOf(ctx, id, circle, key)
	if err != nil || c.Unclaimed() {
		return c, err
	}
	s, err := rm.sightOf(ctx, c)
	if err == nil && !s.Behalf {
		err = problem.New(http.StatusConflict, "desk-entry")
	}
	return c, err
}

// check cleans what was typed.
func (d *CaseData) check() error {
	var v problem.Invalid
	if d.Kind == "" {
		d.Kind = org.KindCompany
	}
	v.Check(d.Kind == org.KindCompany || d.Kind == org.KindSoleProprietor || d.Kind == org.KindOther, "kind", "choice")
	line(&v, "name", &d.Name, false)
	for _, f := range []struct {
		name string
		text *string
	}{{"kana", &d.Kana}, {"person", &d.Person}, {"address", &d.Address}, {"phone", &d.Phone}, {"member_number", &d.MemberNumber}} {
		line(&v, f.name, f.text, true)
	}
	v.Check(utf8.RuneCountInString(d.MemberNumber) <= 40, "member_number", "desk-number-long", "n", 40)
	number, flaw := org.ParseNumber(string(d.CorporateNumber))
	if flaw != nil {
		v.Add("corporate_number", flaw.Code, flaw.Args...)
	}
	d.CorporateNumber = number
	if d.Email = strings.TrimSpace(d.Email); d.Email != "" {
		v.Check(org.CheckAddress(d.Email) == nil, "email", "desk-email")
	}
	d.Note = paragraph(&v, "note", d.Note)
	return v.Or()
}

// line cleans one line as a name is cleaned.
func line(v *problem.Invalid, field string, s *string, mayBeEmpty bool) {
	clean, flaw := org.Screen(*s)
	if flaw != nil && !(mayBeEmpty && flaw.Code == "name-empty") {
		v.Add(field, flaw.Code, flaw.Args...)
		return
	}
	*s = clean
}

const maxNote = 1000

// paragraph cleans a text of several lines; empty lines go.
// keys: field.desk-text-long
func paragraph(v *problem.Invalid, field, s string) string {
	var lines []string
	for part := range strings.Lines(s) {
		clean, flaw := org.Screen(strings.TrimRight(part, "\r\n"))
		switch {
		case flaw != nil && flaw.Code == "name-empty":
		case flaw != nil:
			v.Add(field, flaw.Code, flaw.Args...)
			return s
		default:
			lines = append(lines, clean)
		}
	}
	clean := strings.Join(lines, "\n")
	if utf8.RuneCountInString(clean) > maxNote {
		v.Add(field, "desk-text-long", "n", maxNote)
	}
	return clean
}

// AddCase keeps one case.
func (rm *Room) AddCase(ctx context.Context, id org.ID, circle string, d CaseData) (Case, error) {
	all, err := rm.AddCases(ctx, id, circle, []CaseData{d})
	if err != nil {
		return Case{}, err
	}
	return all[0], nil
}

// AddCases keeps cases, all or none. The problem names the first row that is at
// fault; a member number that the circle has already is "desk-number-taken".
// keys: field.desk-number-taken, problem.desk-full.title, problem.desk-full.hint
func (rm *Room) AddCases(ctx context.Context, id org.ID, circle string, rows []CaseData) ([]Case, error) {
	var all []Case
	err := rm.DB.Write(ctx, func(ctx context.Context) error {
		all = make([]Case, 0, len(rows))
		if _, err := rm.circle(ctx, id, circle); err != nil {
			return err
		}
		if err := roomFor(ctx, id, circle, len(rows)); err != nil {
			return err
		}
		for _, d := range rows {
			c, err := rm.keep(ctx, id, circle, d)
			if err != nil {
				return err
			}
			all = append(all, c)
		}
		if len(all) == 1 {
			return rm.note(ctx, id, "desk.case-added", all[0].ID, words{Name: all[0].Name})
		}
		return rm.note(ctx, id, "desk.cases-added", circle, words{N: len(all)})
	})
	return all, err
}

func roomFor(ctx context.Context, id org.ID, circle string, more int) error {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM desk_case WHERE org_id = ? AND circle_id = ?", id, circle)
	if err == nil && n+more > maxCases {
		return problem.New(http.StatusConflict, "desk-full", "n", maxCases)
	}
	return err
}

func (rm *Room) keep(ctx context.Context, id org.ID, circle string, d CaseData) (Case, error) {
	if err := d.check(); err != nil {
		return Case{}, err
	}
	c := Case{ID: db.NewID(), Org: id, Circle: circle, CaseData: d, Created: rm.Now()}
	n, err := db.Exec(ctx, `
		INSERT INTO desk_case (id, org_id, circle_id, member_number, kind, name, kana, corporate_number, person, address, phone, email, note,
			created, next_date, next_note)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '', '') ON CONFLICT DO NOTHING`,
		c.ID, id, circle, none(d.MemberNumber), d.Kind, d.Name, d.Kana, none(d.CorporateNumber), d.Person, d.Address, d.Phone, d.Email, d.Note, c.Created)
	if err == nil && n == 0 {
		return c, numberTaken()
	}
	return c, err
}

func numberTaken() error {
	var v problem.Invalid
	v.Add("member_number", "desk-number-taken")
	return v.Or()
}

// EditCase replaces what staff know of a company.
func (rm *Room) EditCase(ctx context.Context, in CaseIn, d CaseData) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
		if err != nil {
			return err
		}
		if err := d.check(); err != nil {
			return err
		}
		same, err := db.Value[int](ctx, "SELECT COUNT(*) FROM desk_case WHERE circle_id = ? AND member_number = ? AND id <> ?", in.Circle, none(d.MemberNumber), c.ID)
		if err != nil {
			return err
		}
		if same > 0 {
			return numberTaken()
		}
		_, err = db.Exec(ctx, `
			UPDATE desk_case SET member_number = ?, kind = ?, name = ?, kana = ?, corporate_number = ?, person = ?, address = ?, phone = ?, email = ?, note = ?
			WHERE id = ?`, none(d.MemberNumber), d.Kind, d.Name, d.Kana, none(d.CorporateNumber), d.Person, d.Address, d.Phone, d.Email, d.Note, c.ID)
		if err != nil {
			return err
		}
		return rm.note(ctx, in.Org, "desk.case-edited", c.ID, words{Name: d.Name})
	})
}

// OpenCompany opens the company of a case for its owner (代理入力). Nobody is a
// member of it, so that nobody but this desk meets it.
func (rm *Room) OpenCompany(ctx context.Context, in CaseIn) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
		if err != nil || c.Company != "" {
			return err
		}
		company, err := rm.Org.OpenOnBehalf(ctx, c.profile())
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE desk_case SET company_id = ?, opened_at = ? WHERE id = ?", company, rm.Now(), c.ID); err != nil {
			return err
		}
		return rm.note(ctx, in.Org, "desk.company-opened", c.ID, words{Name: c.Name})
	})
}

// RemoveCase takes a company off the circle's list, with its letters and history,
// and empties its contact data for good. One that was opened or claimed stays: the
// company goes on and must still find who looks after it.
// keys: problem.desk-opened.title, problem.desk-opened.hint
func (rm *Room) RemoveCase(ctx context.Context, in CaseIn) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
		if err != nil {
			return err
		}
		if c.Company != "" {
			return problem.New(http.StatusConflict, "desk-opened")
		}
		if err := removeCase(ctx, c.Org, c.ID); err != nil {
			return err
		}
		return rm.noteRevoked(ctx, c.Org, caseRemoved, c.ID, words{})
	})
}

func removeCase(ctx context.Context, id org.ID, key string) error {
	for _, query := range []string{
		"DELETE FROM desk_letter WHERE org_id = ? AND case_id = ?",
		"DELETE FROM desk_contact WHERE org_id = ? AND case_id = ?",
		"DELETE FROM desk_case WHERE org_id = ? AND id = ?",
	} {
		if _, err := db.Exec(ctx, query, id, key); err != nil {
			return err
		}
	}
	return nil
}

func (c Case) profile() org.Profile {
	return org.Profile{Kind: c.Kind, Name: c.Name, Kana: c.Kana, CorporateNumber: c.CorporateNumber}
}

// SignedOnPaper records that the owner of an unclaimed company signed its printed
// result: from then on it may leave the desk. Approval calls it.
func (rm *Room) SignedOnPaper(ctx context.Context, company string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		type row struct{ id, desk string }
		r, err := db.One(ctx, func(r *row) []any { return []any{&r.id, &r.desk} },
			"UPDATE desk_case SET signed_at = ? WHERE company_id = ? AND claimed_at IS NULL AND signed_at IS NULL RETURNING id, org_id", rm.Now(), company)
		if err != nil {
			return orNotFound(err)
		}
		if err := rm.note(ctx, org.ID(company), "desk.result-signed", company, words{}); err != nil {
			return err
		}
		return rm.note(ctx, org.ID(r.desk), "desk.result-signed", r.id, words{})
	})
}

// HeldBack says that nothing of a company may reach anybody but the desk that
// opened it: nobody claimed it, and nobody signed its printed result.
func (rm *Room) HeldBack(ctx context.Context, company string) (bool, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM desk_case WHERE company_id = ? AND claimed_at IS NULL AND signed_at IS NULL", company)
	return n > 0, err
}
