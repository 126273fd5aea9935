package desk

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// pageSize is how many cases a page shows.
const pageSize = 50

// StuckAfter is how long a company that began and has not ended may be quiet
// before staff should call.
const StuckAfter = 14 * 24 * time.Hour

// Stage is where a company stands, as far as the staff may know.
type Stage string

// The stages, in the order of the way.
// keys: desk.stage.*
const (
	StageNoLetter  Stage = "no-letter"
	StageLetter    Stage = "letter"
	StageBehalf    Stage = "behalf"    // opened by staff, not claimed
	StageUnshared  Stage = "unshared"  // claimed; it shares nothing
	StageUnstarted Stage = "unstarted" // claimed, no answer yet
	StageUnderway  Stage = "underway"
	StageStuck     Stage = "stuck"
	StageDone      Stage = "done"
)

// Line is a case in the list.
type Line struct {
	Case
	Stage   Stage `json:"stage"`
	Asks    bool  `json:"asks"`     // the company wants to be called
	CallNow bool  `json:"call_now"` // the day of the next call has come
	Sight   Sight `json:"-"`

	letterOpen bool
	letterAt   time.Time
}

func (l *Line) fields() []any { return append(l.Case.fields(), db.At(&l.letterAt)) }

// Show is which cases a list holds.
type Show string

// The filters, in the order in which a form offers them.
// keys: desk.show.*
const (
	ShowAll       Show = ""
	ShowCall      Show = "call"
	ShowAsked     Show = "asked"
	ShowUnstarted Show = "unstarted"
	ShowStuck     Show = "stuck"
	ShowDone      Show = "done"
)

var shows = []Show{ShowAll, ShowCall, ShowAsked, ShowUnstarted, ShowStuck, ShowDone}

func (l Line) in(s Show) bool {
	switch s {
	case ShowCall:
		return l.CallNow || l.Asks
	case ShowAsked:
		return l.Asks
	case ShowUnstarted:
		return l.Stage == StageNoLetter || l.Stage == StageLetter || l.Stage == StageUnstarted
	case ShowStuck:
		return l.Stage == StageStuck
	case ShowDone:
		return l.Stage == StageDone
	}
	return true
}

// lines returns all cases of a circle with where they stand, in a handful of
// queries however many they are: a filter by stage cannot be left to the database,
// because the answers are another room's.
func (rm *Room) lines(ctx context.Context, in DeskIn) ([]Line, error) {
	if _, err := rm.circle(ctx, in.Org, in.Circle); err != nil {
		return nil, err
	}
	all, err := db.Rows(ctx, (*Line).fields, "SELECT "+caseColumns+`,
		(SELECT MAX(l.expires) FROM desk_letter l WHERE l.case_id = c.id AND l.used_at IS NULL AND l.revoked_at IS NULL AND l.tries < ?)
		FROM desk_case c WHERE c.org_id = ? AND c.circle_id = ? ORDER BY c.kana, c.id LIMIT ?`, maxTries, in.Org, in.Circle, maxCases)
	if err != nil {
		return nil, err
	}
	cases := make([]Case, len(all))
	for i := range all {
		cases[i] = all[i].Case
	}
	seen, err := rm.sights(ctx, in.Circle, cases)
	if err != nil {
		return nil, err
	}
	for i := range all {
		rm.place(&all[i], seen[all[i].ID])
	}
	return all, nil
}

func (rm *Room) place(l *Line, s Sight) {
	now := rm.Now()
	l.Sight, l.letterOpen = s, l.letterAt.After(now)
	l.Asks = !l.Asked.IsZero()
	l.CallNow = l.NextDate != "" && l.NextDate <= i18n.ISO(now)
	l.Stage = stageOf(l.Case, s, l.letterOpen, now)
}

func stageOf(c Case, s Sight, letter bool, now time.Time) Stage {
	p := s.Progress
	switch {
	case c.Unclaimed():
		return StageBehalf
	case c.Claimed.IsZero() && letter:
		return StageLetter
	case c.Claimed.IsZero():
		return StageNoLetter
	case p == nil:
		return StageUnshared
	case p.Complete():
		return StageDone
	case !p.Started:
		return StageUnstarted
	case now.Sub(p.Last) > StuckAfter:
		return StageStuck
	}
	return StageUnderway
}

// matches finds a case by what staff have at hand: a name, a number, a telephone.
func (l Line) matches(q string) bool {
	if q == "" {
		return true
	}
	q = fold(q)
	return slices.ContainsFunc([]string{l.Name, l.Kana, l.MemberNumber, string(l.CorporateNumber), l.Person, l.Phone}, func(s string) bool {
		return strings.Contains(fold(s), q)
	})
}

// fold makes full and half width, large and small, hyphens and spaces alike.
func fold(s string) string {
	return strings.ToLower(strings.Map(func(r rune) rune {
		switch r {
		case '-', ' ', '‐', '－', 'ー', '　':
			return -1
		}
		return r
	}, norm.NFKC.String(s)))
}

// callOrder puts who asked first, then the oldest day.
func callOrder(a, b Line) int {
	if a.Asks != b.Asks {
		if a.Asks {
			return -1
		}
		return 1
	}
	return cmp.Or(cmp.Compare(a.NextDate, b.NextDate), cmp.Compare(a.Kana, b.Kana), cmp.Compare(a.ID, b.ID))
}

// ContactKind is how staff met a company.
type ContactKind string

// The kinds.
// keys: desk.contact.kind.*
const (
	ByPhone ContactKind = "phone"
	ByVisit ContactKind = "visit"
	ByMail  ContactKind = "mail"
	ByFax   ContactKind = "fax"
	ANote   ContactKind = "note"
)

var contactKinds = []ContactKind{ByPhone, ByVisit, ByMail, ByFax, ANote}

// Contact is one line of a case's history.
type Contact struct {
	ID    string      `json:"id"`
	Kind  ContactKind `json:"kind"`
	Words string      `json:"words"`
	By    string      `json:"-"` // account
	At    time.Time   `json:"at"`
}

func (k *Contact) fields() []any { return []any{&k.ID, &k.Kind, &k.Words, &k.By, db.At(&k.At)} }

// maxContacts is how many lines of history a page shows, the newest first.
const maxContacts = 200

func contactsOf(ctx context.Context, c Case) ([]Contact, error) {
	return db.Rows(ctx, (*Contact).fields, "SELECT id, kind, words, made_by, at FROM desk_contact WHERE case_id = ? ORDER BY at DESC, id LIMIT ?", c.ID, maxContacts)
}

// Met is a contact as it is written down, with what comes next.
type Met struct {
	Kind     ContactKind `json:"kind"`
	Words    string      `json:"words"`
	NextDate string      `json:"next_date"`
	NextNote string      `json:"next_note"`
}

// check cleans what was typed.
// keys: field.desk-words
func (m *Met) check() error {
	var v problem.Invalid
	v.Check(slices.Contains(contactKinds, m.Kind), "kind", "choice")
	m.Words = paragraph(&v, "words", m.Words)
	v.Check(m.Words != "", "words", "desk-words")
	if m.NextDate != "" {
		_, err := time.Parse(time.DateOnly, m.NextDate)
		v.Check(err == nil, "next_date", "desk-day")
	}
	line(&v, "next_note", &m.NextNote, true)
	return v.Or()
}

// AddContact writes down a call, a visit, a mail or a note, and when to call next.
// Whoever asked to be called has been, unless it is a note.
func (rm *Room) AddContact(ctx context.Context, in CaseIn, m Met) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
		if err != nil {
			return err
		}
		if err := m.check(); err != nil {
			return err
		}
		now := rm.Now()
		_, err = db.Exec(ctx, "INSERT INTO desk_contact (id, org_id, circle_id, case_id, kind, words, made_by, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
			db.NewID(), in.Org, in.Circle, c.ID, m.Kind, m.Words, actor(ctx), now)
		if err != nil {
			return err
		}
		query, args := "UPDATE desk_case SET next_date = ?, next_note = ?", []any{m.NextDate, m.NextNote}
		if m.Kind != ANote {
			query, args = query+", last_contact = ?, asked_at = NULL", append(args, now)
		}
		if _, err := db.Exec(ctx, query+" WHERE id = ?", append(args, c.ID)...); err != nil {
			return err
		}
		return rm.note(ctx, in.Org, "desk.contact", c.ID, words{Name: c.Name, Kind: string(m.Kind)})
	})
}

// sharedOf lists the companies of lines of which staff see something that was
// consented to.
func sharedOf(lines []Line) (all []org.ID) {
	for _, l := range lines {
		if l.Sight.Progress != nil && !l.Claimed.IsZero() {
			all = append(all, l.Company)
		}
	}
	return all
}
