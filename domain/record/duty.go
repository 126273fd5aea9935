package record

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Once is one time that a duty was done.
type Once struct {
	ID        string    `json:"id"`
	Duty      string    `json:"duty"`
	On        string    `json:"done_on"` // day
	Who       string    `json:"who"`     // names, as typed
	Cells     Cells     `json:"cells"`
	Found     string    `json:"found"`
	Attendees []string  `json:"attendees,omitempty"` // names
	NotedBy   string    `json:"-"`                   // account
	NotedAt   time.Time `json:"noted"`

	blob string
}

const onceColumns = "id, duty, done_on, who, cells, found, attendees, blob, noted_by, noted_at"

func (o *Once) fields() []any {
	return []any{&o.ID, &o.Duty, &o.On, &o.Who, storedCells{&o.Cells}, &o.Found, (*nameList)(&o.Attendees), &o.blob, &o.NotedBy, db.At(&o.NotedAt)}
}

// nameList is names, a line each.
type nameList []string

// Scan reads them.
func (l *nameList) Scan(src any) error {
	var s string
	if err := db.Maybe(&s).Scan(src); err != nil {
		return err
	}
	if *l = nil; s != "" {
		*l = strings.Split(s, "\n")
	}
	return nil
}

// Limits of what is written down about a duty.
const (
	maxFound     = 4_000 // characters
	maxAttendees = 2_000 // names
	maxOnces     = 50    // times that a page lists
	mostOnces    = 1_000 // times that are kept of a duty
)

func (rm *Room) dutyOf(id string) (*DutySheet, error) {
	if d := rm.Book.duty(id); d != nil {
		return d, nil
	}
	return nil, problem.NotFound()
}

func (rm *Room) once(ctx context.Context, org, duty, id string) (Once, error) {
	o, err := db.One(ctx, (*Once).fields, "SELECT "+onceColumns+" FROM record_done WHERE org_id = ? AND duty = ? AND id = ?", org, duty, id)
	if errors.Is(err, db.ErrNone) {
		return o, problem.NotFound()
	}
	return o, err
}

// Onces lists when a duty was done, the last time first.
func (rm *Room) Onces(ctx context.Context, org, duty string) ([]Once, error) {
	return db.Rows(ctx, (*Once).fields, "SELECT "+onceColumns+" FROM record_done WHERE org_id = ? AND duty = ? ORDER BY done_on DESC, noted_at DESC, id LIMIT ?", org, duty, maxOnces)
}

// Duty is how something that comes round again stands.
type Duty struct {
	ID    string
	Title i18n.Text
	Due   time.Time // the day in Japan; zero when it was never done and no day was set
	Done  time.Time // the last day; zero when never
}

// Duties lists every duty with its next day, in the order of the book. The plan makes
// calendars of it.
func (rm *Room) Duties(ctx context.Context, org string) ([]Duty, error) {
	last, err := days(ctx, "SELECT duty, MAX(done_on) FROM record_done WHERE org_id = ? GROUP BY duty", org)
	if err != nil {
		return nil, err
	}
	planned, err := days(ctx, "SELECT duty, due FROM record_plan WHERE org_id = ?", org)
	if err != nil {
		return nil, err
	}
	all := make([]Duty, len(rm.Book.Duties))
	for i, d := range rm.Book.Duties {
		all[i] = Duty{ID: d.ID, Title: d.Title, Done: last[d.ID], Due: planned[d.ID]}
		if all[i].Due.IsZero() && !all[i].Done.IsZero() {
			all[i].Due = d.Every.After(all[i].Done)
		}
	}
	return all, nil
}

func days(ctx context.Context, query string, args ...any) (map[string]time.Time, error) {
	type line struct{ duty, on string }
	rows, err := db.Rows(ctx, func(l *line) []any { return []any{&l.duty, &l.on} }, query, args...)
	all := make(map[string]time.Time, len(rows))
	for _, l := range rows {
		all[l.duty] = day(l.on)
	}
	return all, err
}

// Doing is what somebody writes about a duty that was done.
type Doing struct {
	On, Who, Found string
	Cells          map[string]string
	Attendees      string // names, a line each
	File           web.Upload
}

// Did notes that a duty was done. A day that was set for it is over with that.
func (rm *Room) Did(ctx context.Context, org, duty string, in Doing) (string, error) {
	d, err := rm.dutyOf(duty)
	if err != nil {
		return "", err
	}
	o, err := rm.readDoing(ctx, d, in)
	if err != nil {
		return "", err
	}
	if in.File.Present() {
		if o.blob, err = rm.KeepFile(ctx, org, in.File); err != nil {
			return "", err
		}
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := room(ctx, mostOnces, "SELECT COUNT(*) FROM record_done WHERE org_id = ? AND duty = ?", org, duty); err != nil {
			return err
		}
		_, err := db.Exec(ctx, `INSERT INTO record_done (org_id, `+onceColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			org, o.ID, duty, o.On, o.Who, o.Cells.text(), o.Found, strings.Join(o.Attendees, "\n"), o.blob, o.NotedBy, o.NotedAt)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "DELETE FROM record_plan WHERE org_id = ? AND duty = ?", org, duty); err != nil {
			return err
		}
		if err := rm.note(ctx, org, "duty-done", duty+"/"+o.ID, map[string]any{"who": o.Who, "on": o.On}); err != nil {
			return err
		}
		return rm.proveDuty(ctx, org, d)
	})
	if err != nil && o.blob != "" {
		err = errors.Join(err, rm.DropFile(ctx, org, o.blob))
	}
	return o.ID, err
}

func (rm *Room) readDoing(ctx context.Context, d *DutySheet, in Doing) (Once, error) {
	var v problem.Invalid
	o := Once{ID: db.NewID(), Duty: d.ID, NotedBy: actor(ctx), NotedAt: rm.Now(), Who: tidy(in.Who), Found: readNote(in.Found)}
	if t := rm.pastDay(in.On, "on", &v); !t.IsZero() {
		o.On = t.Format(time.DateOnly)
	}
	checkName(o.Who, "who", &v)
	o.Cells = read(d.Columns, in.Cells, &v)
	v.Check(o.Found != "", "found", "record-empty")
	v.Check(utf8.RuneCountInString(o.Found) <= maxFound, "found", "record-note", "n", maxFound)
	if d.Attendance {
		o.Attendees = readNames(in.Attendees)
		v.Check(len(o.Attendees) > 0, "attendees", "record-attendees")
		v.Check(len(o.Attendees) <= maxAttendees, "attendees", "record-many", "n", maxAttendees)
	}
	return o, v.Or()
}

// readNames takes a name from each line, or between commas.
func readNames(s string) (all []string) {
	for line := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == '\r' || r == '、' || r == ',' || r == '，' }) {
		if n := cut(tidy(line), 100); n != "" {
			all = append(all, n)
		}
	}
	return all
}

// Undo takes out a record that was written by mistake.
func (rm *Room) Undo(ctx context.Context, org, duty, id string) error {
	d, err := rm.dutyOf(duty)
	if err != nil {
		return err
	}
	var o Once
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		if o, err = rm.once(ctx, org, duty, id); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "DELETE FROM record_done WHERE org_id = ? AND id = ?", org, id); err != nil {
			return err
		}
		if err := rm.note(ctx, org, "duty-undone", duty+"/"+id, map[string]any{"on": o.On}); err != nil {
			return err
		}
		return rm.proveDuty(ctx, org, d)
	})
	if err != nil || o.blob == "" {
		return err
	}
	return rm.DropFile(ctx, org, o.blob)
}

// Set sets the day for which a duty is planned.
func (rm *Room) Set(ctx context.Context, org, duty, due string) error {
	if _, err := rm.dutyOf(duty); err != nil {
		return err
	}
	var v problem.Invalid
	text, code := readDate(tidy(due))
	v.Check(code == "", "due", "record-date")
	if code == "" {
		v.Check(text >= rm.today(), "due", "record-past")
		v.Check(text <= i18n.ISO(rm.Now().AddDate(3, 0, 0)), "due", "record-far")
	}
	if err := v.Or(); err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, `INSERT INTO record_plan (org_id, duty, due, set_by, set_at) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (org_id, duty) DO UPDATE SET due = excluded.due, set_by = excluded.set_by, set_at = excluded.set_at`, org, duty, text, actor(ctx), rm.Now())
		if err != nil {
			return err
		}
		return rm.note(ctx, org, "duty-planned", duty, map[string]any{"due": text})
	})
}

// proveDuty tells what the last time shows, until the duty comes round again. A record
// beyond the days that its scheme allows shows nothing.
func (rm *Room) proveDuty(ctx context.Context, org string, d *DutySheet) error {
	all, err := rm.Onces(ctx, org, d.ID)
	if err != nil {
		return err
	}
	s := shown{org: org, ref: "duty:" + d.ID, kind: "statement", form: "duty", name: d.Title.JA, proves: d.Proves}
	if len(all) > 0 && d.Within.kept(all[0].Cells) {
		s.path, s.at = "/duties/"+d.ID+"/done/"+all[0].ID, day(all[0].On)
		s.until = d.Every.Until(s.at)
	}
	return rm.prove(ctx, s)
}
