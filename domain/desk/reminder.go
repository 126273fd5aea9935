package desk

import (
	"context"
	"crypto/subtle"
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"time"

	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// RemindEvery is the least time between two reminders to one company.
const RemindEvery = 14 * 24 * time.Hour

const stopPurpose = "desk reminder stop"

func (rm *Room) reminderRoutes() []web.Route {
	const desk = "/orgs/{org}/circles/{circle}/desk"
	return []web.Route{
		web.Post(desk+"/reminders", web.Member, "Send a reminder to every company of the circle that may get one.", rm.remindAll, nil),
		web.Post(desk+"/cases/{case}/reminder", web.Member, "Send a reminder to one company.", rm.remindOne, nil),
		web.Get("/reminders/{case}", web.Public, "Show the page that stops reminders.", rm.showStop, stopPage, web.PageOnly),
		web.Post("/reminders/{case}", web.Public, "Stop the reminders to a company.", rm.stop, stoppedPage, web.PageOnly),
	}
}

// mayRemind says that a company may get a mail: it consents, is not at the end,
// has an address, did not refuse, and got none of late.
func (rm *Room) mayRemind(l Line) bool {
	p := l.Sight.Progress
	return !l.Claimed.IsZero() && p != nil && !p.Complete() && l.Email != "" && l.Stopped.IsZero() &&
		(l.Reminded.IsZero() || rm.Now().Sub(l.Reminded) >= RemindEvery)
}

// RemindView says how many mails go out.
type RemindView struct {
	N  int `json:"queued"`
	to string
}

// Next is the list, or the case.
func (v RemindView) Next() string { return v.to }

func (rm *Room) remindAll(ctx context.Context, in DeskIn) (RemindView, error) {
	n, err := rm.Remind(ctx, in, "")
	return RemindView{n, in.path("")}, err
}

// keys: problem.desk-no-mail.title, problem.desk-no-mail.hint
func (rm *Room) remindOne(ctx context.Context, in CaseIn) (RemindView, error) {
	n, err := rm.Remind(ctx, in.desk(), in.Case)
	if err == nil && n == 0 {
		err = problem.New(http.StatusConflict, "desk-no-mail")
	}
	return RemindView{n, in.path("")}, err
}

// Remind queues a mail to each company of a circle that may get one, or to the
// one of a case alone, and returns how many there are.
func (rm *Room) Remind(ctx context.Context, in DeskIn, only string) (n int, err error) {
	return n, rm.DB.Write(ctx, func(ctx context.Context) error {
		n = 0
		if only != "" {
			if _, err := rm.caseOf(ctx, in.Org, in.Circle, only); err != nil {
				return err
			}
		}
		all, err := rm.lines(ctx, in)
		if err != nil {
			return err
		}
		for _, l := range all {
			if only != "" && l.ID != only || !rm.mayRemind(l) {
				continue
			}
			if _, err := db.Exec(ctx, "UPDATE desk_case SET reminded_at = ? WHERE id = ?", rm.Now(), l.ID); err != nil {
				return err
			}
			if err := rm.QueueReminder(ctx, l.ID); err != nil {
				return err
			}
			n++
		}
		if n == 0 {
			return nil
		}
		return rm.note(ctx, in.Org, "desk.reminded", in.Circle, words{N: n})
	})
}

// Reminder is what the mail of a reminder needs. It says that there is something,
// never what.
type Reminder struct {
	To      string
	Company string
	Desk    string
	Person  string
	Stop    string // path that stops them, with its secret
}

// ReminderMail returns the mail of a case, or the zero Reminder when it may no
// longer be sent. Secrets are derived here, at sending.
func (rm *Room) ReminderMail(ctx context.Context, id string) (r Reminder, err error) {
	return r, rm.DB.Read(ctx, func(ctx context.Context) error {
		c, err := db.One(ctx, (*Case).fields, "SELECT "+caseColumns+" FROM desk_case c WHERE c.id = ?", id)
		if err != nil {
			return orNotFound(err)
		}
		s, err := rm.sightOf(ctx, c)
		if err != nil || s.Progress == nil || c.Claimed.IsZero() || c.Email == "" || !c.Stopped.IsZero() {
			return err
		}
		r = Reminder{To: c.Email, Company: c.Name, Person: c.Person, Stop: rm.stopPath(id)}
		r.Desk, err = rm.Org.NameOf(ctx, c.Org)
		return err
	})
}

func (rm *Room) stopPath(id string) string {
	return "/reminders/" + url.PathEscape(id) + "?" + url.Values{"code": {rm.Derive(stopPurpose, id)}}.Encode()
}

// StopLinkIn is the link at the end of a reminder.
type StopLinkIn struct {
	Case string `path:"case"`
	Code string `query:"code"`
}

// StopIn stops reminders.
type StopIn struct {
	Case string `path:"case"`
	Code string `json:"code"`
}

// StopView is the page that stops reminders.
type StopView struct{ id, code, company string }

func (rm *Room) stopping(ctx context.Context, id, code string) (Case, error) {
	if subtle.ConstantTimeCompare([]byte(code), []byte(rm.Derive(stopPurpose, id))) != 1 {
		return Case{}, problem.NotFound()
	}
	c, err := db.One(ctx, (*Case).fields, "SELECT "+caseColumns+" FROM desk_case c WHERE c.id = ?", id)
	return c, orNotFound(err)
}

func (rm *Room) showStop(ctx context.Context, in StopLinkIn) (StopView, error) {
	c, err := rm.stopping(ctx, in.Case, in.Code)
	return StopView{in.Case, in.Code, c.Name}, err
}

func (rm *Room) stop(ctx context.Context, in StopIn) (v StopView, err error) {
	return v, rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.stopping(ctx, in.Case, in.Code)
		if err != nil {
			return err
		}
		v.company = c.Name
		n, err := db.Exec(ctx, "UPDATE desk_case SET stopped_at = ? WHERE id = ? AND stopped_at IS NULL", rm.Now(), c.ID)
		if err != nil || n == 0 {
			return err
		}
		return rm.noteRevoked(ctx, c.Org, mailStopped, c.ID, words{})
	})
}

// Month is what a desk did in a month, and what came of it: its own bookkeeping.
type Month struct {
	Month    string
	Letters  int
	Claimed  int
	Contacts map[ContactKind]int
}

// Months counts the cases of a circle by month in Japan, the oldest first.
func (rm *Room) Months(ctx context.Context, in DeskIn) ([]Month, error) {
	if _, err := rm.circle(ctx, in.Org, in.Circle); err != nil {
		return nil, err
	}
	all := map[string]*Month{}
	month := func(t time.Time) *Month {
		key := t.In(i18n.Tokyo).Format("2006-01")
		if all[key] == nil {
			all[key] = &Month{Month: key, Contacts: map[ContactKind]int{}}
		}
		return all[key]
	}
	type row struct {
		kind string
		at   time.Time
	}
	err := db.Each(ctx, func(r *row) []any { return []any{&r.kind, db.At(&r.at)} }, func(r row) error {
		switch r.kind {
		case "letter":
			month(r.at).Letters++
		case "claimed":
			month(r.at).Claimed++
		default:
			month(r.at).Contacts[ContactKind(r.kind)]++
		}
		return nil
	}, `SELECT 'letter', created FROM desk_letter WHERE org_id = ? AND circle_id = ?
		UNION ALL SELECT 'claimed', claimed_at FROM desk_case WHERE org_id = ? AND circle_id = ? AND claimed_at IS NOT NULL
		UNION ALL SELECT kind, at FROM desk_contact WHERE org_id = ? AND circle_id = ?`, in.Org, in.Circle, in.Org, in.Circle, in.Org, in.Circle)
	list := make([]Month, 0, len(all))
	for _, m := range all {
		list = append(list, *m)
	}
	sort.Slice(list, func(i, j int) bool { return list[i].Month < list[j].Month })
	return list, err
}

// released writes a count over companies that goes into a report, by the rules of
// internal/count for lists whose keeper sees every line himself.
func released(n, of int) string {
	rounded, ok := count.Rounded(n, of)
	if !ok {
		return ""
	}
	return strconv.Itoa(rounded)
}

func (rm *Room) countsFile(ctx context.Context, in DeskIn) (web.File, error) {
	months, err := rm.Months(ctx, in)
	if err != nil {
		return web.File{}, err
	}
	lines, err := rm.lines(ctx, in)
	if err != nil {
		return web.File{}, err
	}
	t := func(key string) string { return i18n.T(ctx, key) }
	head := []string{t("desk.counts.month"), t("desk.counts.letters"), t("desk.counts.claimed")}
	for _, k := range contactKinds {
		head = append(head, t("desk.contact.kind."+string(k)))
	}
	rows := [][]string{head}
	for _, m := range months {
		row := []string{m.Month, strconv.Itoa(m.Letters), strconv.Itoa(m.Claimed)}
		for _, k := range contactKinds {
			row = append(row, strconv.Itoa(m.Contacts[k]))
		}
		rows = append(rows, row)
	}
	rows = append(rows, nil, []string{t("desk.counts.cases"), strconv.Itoa(len(lines))})
	rows = append(rows, sharedRows(t, lines)...)
	return web.File{Name: fmt.Sprintf("%s-%s.csv", t("desk.counts.file"), i18n.ISO(rm.Now())), Type: "text/csv; charset=utf-8", Write: func(w io.Writer) error {
		if _, err := io.WriteString(w, "\ufeff"); err != nil { // Excel reads UTF-8 only with the mark
			return err
		}
		return csv.NewWriter(w).WriteAll(rows)
	}}, nil
}

// sharedRows counts, over companies that share how far they are, who began and
// who came to the end.
func sharedRows(t func(string) string, lines []Line) [][]string {
	var shared, started, done int
	for _, l := range lines {
		p := l.Sight.Progress
		if p == nil || l.Claimed.IsZero() {
			continue
		}
		shared++
		if p.Started {
			started++
		}
		if p.Complete() {
			done++
		}
	}
	return [][]string{
		{t("desk.counts.shared"), released(shared, shared)},
		{t("desk.counts.started"), released(started, shared)},
		{t("desk.counts.done"), released(done, shared)},
		{t("desk.counts.rounded")},
	}
}
