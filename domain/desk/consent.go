package desk

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// The verbs of what is taken away; Replay knows each of them.
const (
	letterRevoked  = "desk.letter-revoked"
	letterLocked   = "desk.letter-locked"
	consentRevoked = "desk.consent-revoked"
	behalfRevoked  = "desk.behalf-revoked"
	mailStopped    = "desk.reminders-stopped"
	caseRemoved    = "desk.case-removed"
)

// Consent is what a company lets the staff of a circle see and do.
type Consent struct {
	Company  org.ID    `json:"-"`
	Circle   string    `json:"-"`
	Desk     org.ID    `json:"-"`
	Progress time.Time `json:"progress_since"` // zero: they see nothing
	Behalf   time.Time `json:"behalf_since"`   // zero: they enter nothing
	Revoked  time.Time `json:"revoked_at"`
}

// holds says that the company lets the staff see something, and has not left the
// circle since it said so.
func (k Consent) holds(joined time.Time) bool {
	return !k.Progress.IsZero() && !joined.IsZero() && !k.Progress.Before(joined)
}

const consentColumns = "k.org_id, k.circle_id, k.desk_id, k.progress_at, k.behalf_at, k.revoked_at"

func (k *Consent) fields() []any {
	return []any{&k.Company, &k.Circle, &k.Desk, db.At(&k.Progress), db.At(&k.Behalf), db.At(&k.Revoked)}
}

func consentsOf(ctx context.Context, company org.ID) ([]Consent, error) {
	return db.Rows(ctx, (*Consent).fields, "SELECT "+consentColumns+" FROM desk_consent k WHERE k.org_id = ? ORDER BY k.circle_id", company)
}

// consent records what the company lets the staff of a circle see.
func (rm *Room) consent(ctx context.Context, company org.ID, circle string, desk org.ID, behalf bool) error {
	var entry any
	if behalf {
		entry = rm.Now()
	}
	_, err := db.Exec(ctx, `
		INSERT INTO desk_consent (org_id, circle_id, desk_id, progress_at, behalf_at) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (org_id, circle_id) DO UPDATE SET desk_id = excluded.desk_id, progress_at = excluded.progress_at,
			behalf_at = excluded.behalf_at, revoked_at = NULL`, company, circle, desk, rm.Now(), entry)
	if err != nil {
		return err
	}
	kind := "progress"
	if behalf {
		kind = "progress-behalf"
	}
	return rm.note(ctx, company, "desk.consented", circle, words{Kind: kind})
}

// Consent lets the staff of a circle that has a case of the company see how far it
// is. It joins the circle where it is not in it.
func (rm *Room) Consent(ctx context.Context, company org.ID, circle string, behalf bool) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		desk, err := db.Value[org.ID](ctx, "SELECT org_id FROM desk_case WHERE company_id = ? AND circle_id = ? AND claimed_at IS NOT NULL", company, circle)
		if err != nil {
			return orNotFound(err)
		}
		joined, err := rm.Org.Joined(ctx, circle, company)
		if err != nil {
			return err
		}
		if joined.IsZero() {
			if err := rm.Org.AddToCircle(ctx, circle, company); err != nil {
				return err
			}
		}
		return rm.consent(ctx, company, circle, desk, behalf)
	})
}

// Revoke withdraws the consent of a company towards a circle; with behalfOnly the
// staff still see how far it is.
func (rm *Room) Revoke(ctx context.Context, company org.ID, circle string, behalfOnly bool) error {
	verb := consentRevoked
	if behalfOnly {
		verb = behalfRevoked
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := rm.revoke(ctx, company, circle, verb, rm.Now())
		if err == nil && n == 0 {
			err = problem.NotFound()
		}
		if err != nil {
			return err
		}
		return rm.noteRevoked(ctx, company, verb, circle, words{})
	})
}

func (rm *Room) revoke(ctx context.Context, company org.ID, circle, verb string, at time.Time) (int64, error) {
	query := "UPDATE desk_consent SET progress_at = NULL, behalf_at = NULL, revoked_at = ? WHERE org_id = ? AND circle_id = ? AND progress_at IS NOT NULL"
	if verb == behalfRevoked {
		query = "UPDATE desk_consent SET behalf_at = NULL, revoked_at = ? WHERE org_id = ? AND circle_id = ? AND behalf_at IS NOT NULL"
	}
	return db.Exec(ctx, query, at, company, circle)
}

// Replay does again, after a restore of an older copy, what an entry took away.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	return rm.DB.Write(ctx, func(ctx context.Context) (err error) {
		switch e.Verb {
		case letterRevoked:
			_, err = db.Exec(ctx, "UPDATE desk_letter SET revoked_at = ? WHERE org_id = ? AND id = ? AND used_at IS NULL AND revoked_at IS NULL", e.At, e.Org, e.Subject)
		case letterLocked:
			_, err = db.Exec(ctx, "UPDATE desk_letter SET tries = ? WHERE org_id = ? AND id = ?", maxTries, e.Org, e.Subject)
		case consentRevoked, behalfRevoked:
			_, err = rm.revoke(ctx, org.ID(e.Org), e.Subject, e.Verb, e.At)
		case mailStopped:
			_, err = db.Exec(ctx, "UPDATE desk_case SET stopped_at = ? WHERE org_id = ? AND id = ? AND stopped_at IS NULL", e.At, e.Org, e.Subject)
		case caseRemoved:
			err = removeCase(ctx, org.ID(e.Org), e.Subject)
		default:
			err = fmt.Errorf("desk: %q is not replayed", e.Verb)
		}
		return err
	})
}

// Void ends every open letter: a copy of the database may have been read by
// others, and codes may have been withdrawn since it was made.
func (rm *Room) Void(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE desk_letter SET revoked_at = ? WHERE used_at IS NULL AND revoked_at IS NULL", rm.Now())
		return err
	})
}

// Sight is what staff may see of a company now.
type Sight struct {
	Progress *assess.Progress // nil: nothing
	Behalf   bool             // they may enter answers
}

// sights says what staff of a circle may see of the companies of cases, in three
// queries for each chunk. Membership, pause and consent are asked in the
// transaction that reads what they guard.
func (rm *Room) sights(ctx context.Context, circle string, cases []Case) (map[string]Sight, error) {
	all := make(map[string]Sight, len(cases))
	for some := range slices.Chunk(cases, chunk) {
		if err := rm.someSights(ctx, circle, some, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

func (rm *Room) someSights(ctx context.Context, circle string, cases []Case, all map[string]Sight) error {
	var ask []string
	var theirs []org.ID
	for _, c := range cases {
		switch {
		case c.Unclaimed():
			ask = append(ask, string(c.Company))
		case c.Company != "":
			theirs = append(theirs, c.Company)
		}
	}
	consents, err := consentsAmong(ctx, circle, theirs)
	if err != nil {
		return err
	}
	sharing, err := rm.Org.SharingAmong(ctx, circle, theirs)
	if err != nil {
		return err
	}
	for _, id := range theirs {
		if joined, ok := sharing[id]; ok && consents[id].holds(joined) {
			ask = append(ask, string(id))
		}
	}
	progress, err := rm.Progress(ctx, ask)
	if err != nil {
		return err
	}
	for _, c := range cases {
		if p, ok := progress[string(c.Company)]; ok {
			all[c.ID] = Sight{&p, c.Unclaimed() || !consents[c.Company].Behalf.IsZero()}
		}
	}
	return nil
}

// sightOf is sights for one case.
func (rm *Room) sightOf(ctx context.Context, c Case) (Sight, error) {
	all, err := rm.sights(ctx, c.Circle, []Case{c})
	return all[c.ID], err
}

// chunk is how many ids one statement takes.
const chunk = 500

func consentsAmong(ctx context.Context, circle string, companies []org.ID) (map[org.ID]Consent, error) {
	all := map[org.ID]Consent{}
	if len(companies) == 0 {
		return all, nil
	}
	args := []any{circle}
	for _, id := range companies {
		args = append(args, id)
	}
	err := db.Each(ctx, (*Consent).fields, func(k Consent) error {
		all[k.Company] = k
		return nil
	}, "SELECT "+consentColumns+" FROM desk_consent k WHERE k.circle_id = ? AND k.org_id IN (?"+strings.Repeat(", ?", len(companies)-1)+")", args...)
	return all, err
}

// Kinds of look that a company sees.
// keys: desk.look.list, desk.look.case, desk.look.entry
const (
	lookList  = "list"
	lookCase  = "case"
	lookEntry = "entry"
)

// look notes that staff saw or entered something of companies: in their journal
// once a day for each person and kind, and counted for their page.
func (rm *Room) look(ctx context.Context, circle, kind string, companies []org.ID) error {
	if len(companies) == 0 {
		return nil
	}
	now, account := rm.Now(), actor(ctx)
	day := i18n.ISO(now)
	var args []any
	for _, id := range companies {
		args = append(args, id, circle, account, kind, day, now)
	}
	type row struct {
		company org.ID
		looks   int
	}
	rows, err := db.Rows(ctx, func(r *row) []any { return []any{&r.company, &r.looks} }, `
		INSERT INTO desk_look (org_id, circle_id, account_id, kind, day, looks, last_at) VALUES (?, ?, ?, ?, ?, 1, ?)`+
		strings.Repeat(", (?, ?, ?, ?, ?, 1, ?)", len(companies)-1)+`
		ON CONFLICT (org_id, circle_id, account_id, kind, day) DO UPDATE SET looks = desk_look.looks + 1, last_at = excluded.last_at
		RETURNING org_id, looks`, args...)
	if err != nil {
		return err
	}
	for _, r := range rows {
		if r.looks > 1 {
			continue
		}
		if err := rm.note(ctx, r.company, "desk.looked", circle, words{Kind: kind}); err != nil {
			return err
		}
	}
	return nil
}

// Look is how often somebody of the staff looked on a day.
type Look struct {
	Circle  string    `json:"-"`
	Account string    `json:"-"`
	Name    string    `json:"name"`
	Kind    string    `json:"kind"`
	Day     string    `json:"day"`
	Looks   int       `json:"looks"`
	Last    time.Time `json:"last"`
}

func (l *Look) fields() []any {
	return []any{&l.Circle, &l.Account, &l.Kind, &l.Day, &l.Looks, db.At(&l.Last)}
}

// maxLooks is how many lines of looks a page shows, the newest first.
const maxLooks = 100

func looksAt(ctx context.Context, company org.ID) ([]Look, error) {
	return db.Rows(ctx, (*Look).fields, "SELECT circle_id, account_id, kind, day, looks, last_at FROM desk_look WHERE org_id = ? ORDER BY last_at DESC, account_id, kind LIMIT ?",
		company, maxLooks)
}

// AskForContact says to the staff of a circle that the company wants to be called.
// It needs no consent to be seen: it is a message to them.
// keys: problem.desk-no-desk.title, problem.desk-no-desk.hint
func (rm *Room) AskForContact(ctx context.Context, company org.ID, circle string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, "UPDATE desk_case SET asked_at = ? WHERE company_id = ? AND circle_id = ? AND claimed_at IS NOT NULL", rm.Now(), company, circle)
		if err == nil && n == 0 {
			err = problem.New(http.StatusNotFound, "desk-no-desk")
		}
		if err != nil {
			return err
		}
		return rm.note(ctx, company, "desk.asked", circle, words{})
	})
}

func (rm *Room) noteAs(ctx context.Context, id org.ID, by, verb, subject string, w words) error {
	return journal.Note(ctx, journal.Entry{Org: string(id), At: rm.Now(), Actor: by, Verb: verb, Subject: subject}, w)
}
