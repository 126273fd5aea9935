package record

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// State is how a request stands.
type State string

// The states. Done means that what was approved was carried out, Ended that it was taken
// back: an ID removed, a right withdrawn.
const (
	Asked     State = "asked"
	Approved  State = "approved"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Done      State = "done"
	Ended     State = "ended"
)

// Request is a form filled in.
type Request struct {
	ID    string `json:"id"`
	Form  string `json:"form"`
	Cells Cells  `json:"cells"`
	State State  `json:"state"`

	AskedBy   string    `json:"-"` // account; of a paper, whoever entered it
	AskedAt   time.Time `json:"asked"`
	Asker     string    `json:"asker,omitempty"` // as on the paper
	DecidedBy string    `json:"-"`               // account
	DecidedAt time.Time `json:"decided"`
	Decider   string    `json:"decider,omitempty"` // as on the paper
	Reason    string    `json:"reason,omitempty"`
	Alone     bool      `json:"alone"` // decided by who asked: the company has one person
	DoneBy    string    `json:"-"`     // account
	DoneAt    time.Time `json:"done"`
	EndedBy   string    `json:"-"` // account
	EndedAt   time.Time `json:"ended"`
	EndedWhy  string    `json:"ended_because,omitempty"`
	OnPaper   bool      `json:"on_paper"`
	EnteredAt time.Time `json:"entered"`

	blob string
}

const requestColumns = `id, form, cells, state, asked_by, asked_at, asker, decided_by, decided_at, decider, reason, alone,
	done_by, done_at, ended_by, ended_at, ended_why, on_paper, entered_at, blob`

func (r *Request) fields() []any {
	return []any{&r.ID, &r.Form, storedCells{&r.Cells}, &r.State, &r.AskedBy, db.At(&r.AskedAt), &r.Asker, &r.DecidedBy, db.At(&r.DecidedAt), &r.Decider, &r.Reason, &r.Alone,
		&r.DoneBy, db.At(&r.DoneAt), &r.EndedBy, db.At(&r.EndedAt), &r.EndedWhy, &r.OnPaper, db.At(&r.EnteredAt), &r.blob}
}

// Short is a number to write on paper: enough to find the request in a list.
func (r Request) Short() string { return strings.ToUpper(r.ID[:min(8, len(r.ID))]) }

// maxOpen bounds the requests of a company that wait, mostRequests all of them.
const (
	maxOpen      = 200
	mostRequests = 20_000
)

func (rm *Room) formOf(id string) (*Form, error) {
	if f := rm.Book.form(id); f != nil {
		return f, nil
	}
	return nil, problem.NotFound()
}

func (rm *Room) request(ctx context.Context, org, id string) (Request, error) {
	r, err := db.One(ctx, (*Request).fields, "SELECT "+requestColumns+" FROM record_request WHERE org_id = ? AND id = ?", org, id)
	if errors.Is(err, db.ErrNone) {
		return r, problem.NotFound()
	}
	return r, err
}

// Requests lists up to limit requests that do not wait any more, the newest first, older
// than the one named; "" begins at the newest.
func (rm *Room) Requests(ctx context.Context, org, before string, limit int) ([]Request, error) {
	query, args := "SELECT "+requestColumns+" FROM record_request WHERE org_id = ? AND state <> 'asked'", []any{org}
	if before != "" {
		last, err := rm.request(ctx, org, before)
		if err != nil {
			return nil, err
		}
		query += " AND (asked_at, id) < (?, ?)"
		args = append(args, last.AskedAt, last.ID)
	}
	return db.Rows(ctx, (*Request).fields, query+" ORDER BY asked_at DESC, id DESC LIMIT ?", append(args, limit)...)
}

// waiting lists the requests that somebody has to decide, the oldest first.
func (rm *Room) waiting(ctx context.Context, org string) ([]Request, error) {
	return db.Rows(ctx, (*Request).fields, "SELECT "+requestColumns+" FROM record_request WHERE org_id = ? AND state = 'asked' ORDER BY asked_at, id LIMIT ?", org, maxOpen)
}

// Ask fills in a form.
func (rm *Room) Ask(ctx context.Context, org, form string, typed map[string]string) (string, error) {
	f, err := rm.formOf(form)
	if err != nil {
		return "", err
	}
	var v problem.Invalid
	cells := read(f.Columns, typed, &v)
	if err := v.Or(); err != nil {
		return "", err
	}
	r := Request{ID: db.NewID(), Form: form, Cells: cells, State: Asked, AskedBy: actor(ctx), AskedAt: rm.Now()}
	return r.ID, rm.DB.Write(ctx, func(ctx context.Context) error {
		open, err := rm.waiting(ctx, org)
		if err != nil {
			return err
		}
		if len(open) >= maxOpen {
			return problem.New(http.StatusConflict, "record-open", "n", maxOpen)
		}
		if err := insertRequest(ctx, org, r); err != nil {
			return err
		}
		return rm.note(ctx, org, "asked", form+"/"+r.ID, nil)
	})
}

func insertRequest(ctx context.Context, org string, r Request) error {
	if err := room(ctx, mostRequests, "SELECT COUNT(*) FROM record_request WHERE org_id = ?", org); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `INSERT INTO record_request (org_id, `+requestColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		org, r.ID, r.Form, r.Cells.text(), string(r.State), r.AskedBy, r.AskedAt, r.Asker, r.DecidedBy, r.DecidedAt, r.Decider, r.Reason, r.Alone,
		r.DoneBy, r.DoneAt, r.EndedBy, r.EndedAt, r.EndedWhy, r.OnPaper, r.EnteredAt, r.blob)
	return err
}

func over(r Request) error {
	return problem.New(http.StatusConflict, "record-state", "state", string(r.State))
}

// move brings a request on, unless another node has done so meanwhile.
func move(ctx context.Context, r Request, set string, args ...any) error {
	n, err := db.Exec(ctx, "UPDATE record_request "+set+" AND id = ? AND state = ?", append(args, r.ID, string(r.State))...)
	if err == nil && n == 0 {
		err = over(r)
	}
	return err
}

// mayDecide refuses who asked, unless nobody else is there.
func (rm *Room) mayDecide(ctx context.Context, org string, r Request) (alone bool, err error) {
	if r.State != Asked {
		return false, over(r)
	}
	if r.AskedBy != actor(ctx) {
		return false, nil
	}
	alone, err = rm.Alone(ctx, org)
	if err == nil && !alone {
		err = problem.New(http.StatusConflict, "record-own")
	}
	return alone, err
}

// Approve says yes to a request of somebody else. Where a company has one person
// only, the record says that he approved what he asked for.
func (rm *Room) Approve(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		r, err := rm.request(ctx, org, id)
		if err != nil {
			return err
		}
		alone, err := rm.mayDecide(ctx, org, r)
		if err != nil {
			return err
		}
		err = move(ctx, r, "SET state = 'approved', decided_by = ?, decided_at = ?, alone = ? WHERE org_id = ?", actor(ctx), rm.Now(), alone, org)
		if err != nil {
			return err
		}
		if err := rm.note(ctx, org, "approved", r.Form+"/"+id, map[string]any{"alone": alone}); err != nil {
			return err
		}
		return rm.proveForm(ctx, org, r.Form)
	})
}

// readReason reads why something is refused or ended.
func readReason(s string) (string, error) {
	s = readNote(s)
	var v problem.Invalid
	v.Check(s != "", "reason", "record-empty")
	v.Check(utf8.RuneCountInString(s) <= maxNote, "reason", "record-note", "n", maxNote)
	return s, v.Or()
}

// Refuse says no, and why.
func (rm *Room) Refuse(ctx context.Context, org, id, reason string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		r, err := rm.request(ctx, org, id)
		if err != nil {
			return err
		}
		if reason, err = readReason(reason); err != nil {
			return err
		}
		alone, err := rm.mayDecide(ctx, org, r)
		if err != nil {
			return err
		}
		err = move(ctx, r, "SET state = 'refused', decided_by = ?, decided_at = ?, alone = ?, reason = ? WHERE org_id = ?", actor(ctx), rm.Now(), alone, reason, org)
		if err != nil {
			return err
		}
		return rm.note(ctx, org, "refused", r.Form+"/"+id, map[string]any{"reason": reason})
	})
}

// Withdraw takes back what one asked for oneself and nobody has decided.
func (rm *Room) Withdraw(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		r, err := rm.request(ctx, org, id)
		if err != nil {
			return err
		}
		if r.State != Asked {
			return over(r)
		}
		if r.AskedBy != actor(ctx) {
			return problem.Forbidden()
		}
		if err := move(ctx, r, "SET state = 'withdrawn' WHERE org_id = ?", org); err != nil {
			return err
		}
		return rm.note(ctx, org, "withdrawn", r.Form+"/"+id, nil)
	})
}

// Carry notes that what was approved was carried out.
func (rm *Room) Carry(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		r, err := rm.request(ctx, org, id)
		if err != nil {
			return err
		}
		if r.State != Approved {
			return over(r)
		}
		if err := move(ctx, r, "SET state = 'done', done_by = ?, done_at = ? WHERE org_id = ?", actor(ctx), rm.Now(), org); err != nil {
			return err
		}
		return rm.note(ctx, org, "carried-out", r.Form+"/"+id, nil)
	})
}

// End notes that what was given was taken back, and why.
func (rm *Room) End(ctx context.Context, org, id, reason string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		r, err := rm.request(ctx, org, id)
		if err != nil {
			return err
		}
		if reason, err = readReason(reason); err != nil {
			return err
		}
		f, err := rm.formOf(r.Form)
		if err != nil {
			return err
		}
		if !f.Ends || r.State != Approved && r.State != Done {
			return over(r)
		}
		err = move(ctx, r, "SET state = 'ended', ended_by = ?, ended_at = ?, ended_why = ? WHERE org_id = ?", actor(ctx), rm.Now(), reason, org)
		if err != nil {
			return err
		}
		return rm.note(ctx, org, "ended", r.Form+"/"+id, map[string]any{"reason": reason})
	})
}

// Paper is a form that was filled in and signed on paper.
type Paper struct {
	Cells      map[string]string
	Asker      string
	AskedOn    string // days
	Decider    string
	ApprovedOn string
	File       web.Upload // may be absent
}

// EnterPaper writes down a request that was approved on paper: who asked and who
// approved, and when, as it stands there. Whoever enters it stands beside it.
func (rm *Room) EnterPaper(ctx context.Context, org, form string, p Paper) (string, error) {
	f, err := rm.formOf(form)
	if err != nil {
		return "", err
	}
	r, err := rm.readPaper(ctx, org, f, p)
	if err != nil {
		return "", err
	}
	if p.File.Present() {
		if r.blob, err = rm.KeepFile(ctx, org, p.File); err != nil {
			return "", err
		}
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := insertRequest(ctx, org, r); err != nil {
			return err
		}
		// Without the names that stand on it: they are erased with their persons, and
		// nobody could find them among somebody else's entries.
		if err := rm.note(ctx, org, "paper-entered", form+"/"+r.ID, nil); err != nil {
			return err
		}
		return rm.proveForm(ctx, org, form)
	})
	if err != nil && r.blob != "" {
		err = errors.Join(err, rm.DropFile(ctx, org, r.blob))
	}
	return r.ID, err
}

// readPaper holds what was typed against the rules of a paper: signed by two persons,
// in order, not in the future.
func (rm *Room) readPaper(ctx context.Context, org string, f *Form, p Paper) (Request, error) {
	var v problem.Invalid
	r := Request{ID: db.NewID(), Form: f.ID, State: Approved, AskedBy: actor(ctx), OnPaper: true, EnteredAt: rm.Now()}
	r.Cells = read(f.Columns, p.Cells, &v)
	r.Asker, r.Decider = tidy(p.Asker), tidy(p.Decider)
	checkName(r.Asker, "asker", &v)
	checkName(r.Decider, "decider", &v)
	r.AskedAt, r.DecidedAt = rm.pastDay(p.AskedOn, "asked_on", &v), rm.pastDay(p.ApprovedOn, "approved_on", &v)
	v.Check(r.AskedAt.IsZero() || r.DecidedAt.IsZero() || !r.DecidedAt.Before(r.AskedAt), "approved_on", "record-before")
	if r.Alone = r.Asker != "" && samePerson(r.Asker, r.Decider); r.Alone {
		var alone bool
		err := rm.DB.Read(ctx, func(ctx context.Context) (err error) {
			alone, err = rm.Alone(ctx, org)
			return err
		})
		if err != nil {
			return r, err
		}
		v.Check(alone, "decider", "record-own")
	}
	return r, v.Or()
}

// checkName wants a name of a usual length.
// keys: field.record-empty, field.record-long
func checkName(s, field string, v *problem.Invalid) {
	switch {
	case s == "":
		v.Add(field, "record-empty")
	case utf8.RuneCountInString(s) > maxCell:
		v.Add(field, "record-long", "n", maxCell)
	}
}

// samePerson compares names as they are written on paper.
func samePerson(a, b string) bool {
	bare := func(s string) string { return strings.ReplaceAll(norm.NFKC.String(s), " ", "") }
	return strings.EqualFold(bare(a), bare(b))
}

// pastDay reads a day that has come, at most ten years ago.
// keys: field.record-date, field.record-future
func (rm *Room) pastDay(s, field string, v *problem.Invalid) time.Time {
	text, code := readDate(tidy(s))
	if code != "" {
		v.Add(field, "record-date")
		return time.Time{}
	}
	t := day(text)
	v.Check(!t.After(rm.Now()), field, "record-future")
	v.Check(t.After(rm.Now().AddDate(-10, 0, 0)), field, "record-date")
	return t
}

// proveForm tells what the newest approved request of a form shows: for a year that
// requests are asked for and approved.
func (rm *Room) proveForm(ctx context.Context, org, form string) error {
	f, err := rm.formOf(form)
	if err != nil {
		return err
	}
	last, err := db.One(ctx, (*Request).fields, "SELECT "+requestColumns+` FROM record_request
		WHERE org_id = ? AND form = ? AND state IN ('approved', 'done', 'ended') ORDER BY decided_at DESC, id DESC LIMIT 1`, org, form)
	if err != nil && !errors.Is(err, db.ErrNone) {
		return err
	}
	kind := "statement"
	if last.OnPaper {
		kind = "paper"
	}
	return rm.prove(ctx, shown{
		org: org, ref: "form:" + form, kind: kind, form: "approval", name: f.Title.JA, path: "/requests/" + last.ID,
		at: last.DecidedAt, until: EveryYear.Until(last.DecidedAt), proves: f.Proves,
	})
}

// today is the day in Japan.
func (rm *Room) today() string { return i18n.ISO(rm.Now()) }
