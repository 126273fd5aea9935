package record

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) homeRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/records", web.Viewer, "Show what a company writes down: what is there, what gets old, what is missing.", rm.showHome, homePage),
	}
}

// LedgerLine is a ledger in the overview.
type LedgerLine struct {
	ID    string    `json:"id"`
	Title i18n.Text `json:"title"`
	Rows  int       `json:"rows"`
	Seen  time.Time `json:"looked_through"`
	Until time.Time `json:"valid_until"`
}

// HomeView is the overview.
type HomeView struct {
	Ledgers []LedgerLine `json:"ledgers"`
	Duties  []DutyLine   `json:"duties"`
	Waiting int          `json:"requests_waiting"`
	Forms   []FormLine   `json:"forms"`

	in  OrgIn
	now time.Time
}

// FormLine is a form in the overview.
type FormLine struct {
	ID    string    `json:"id"`
	Title i18n.Text `json:"title"`
	Last  time.Time `json:"last_approved"`
}

func (rm *Room) showHome(ctx context.Context, in OrgIn) (v HomeView, err error) {
	v = HomeView{in: in, now: rm.Now()}
	if v.Ledgers, err = rm.ledgerLines(ctx, in.Org); err != nil {
		return v, err
	}
	if v.Duties, err = rm.dutyLines(ctx, in.Org); err != nil {
		return v, err
	}
	if v.Forms, err = rm.formLines(ctx, in.Org); err != nil {
		return v, err
	}
	v.Waiting, err = db.Value[int](ctx, "SELECT COUNT(*) FROM record_request WHERE org_id = ? AND state = 'asked'", in.Org)
	return v, err
}

func (rm *Room) ledgerLines(ctx context.Context, org string) ([]LedgerLine, error) {
	type count struct {
		ledger string
		n      int
	}
	counts, err := db.Rows(ctx, func(c *count) []any { return []any{&c.ledger, &c.n} }, "SELECT ledger, COUNT(*) FROM record_row WHERE org_id = ? GROUP BY ledger", org)
	if err != nil {
		return nil, err
	}
	seen, err := moments(ctx, "SELECT ledger, MAX(at) FROM record_look WHERE org_id = ? GROUP BY ledger", org)
	lines := make([]LedgerLine, len(rm.Book.Ledgers))
	for i, l := range rm.Book.Ledgers {
		lines[i] = LedgerLine{ID: l.ID, Title: l.Title, Seen: seen[l.ID]}
		for _, c := range counts {
			if c.ledger == l.ID {
				lines[i].Rows = c.n
			}
		}
		if lines[i].Rows > 0 && !lines[i].Seen.IsZero() {
			lines[i].Until = l.Every.Until(lines[i].Seen)
		}
	}
	return lines, err
}

func (rm *Room) formLines(ctx context.Context, org string) ([]FormLine, error) {
	last, err := moments(ctx, "SELECT form, MAX(decided_at) FROM record_request WHERE org_id = ? AND state IN ('approved', 'done', 'ended') GROUP BY form", org)
	lines := make([]FormLine, len(rm.Book.Forms))
	for i, f := range rm.Book.Forms {
		lines[i] = FormLine{f.ID, f.Title, last[f.ID]}
	}
	return lines, err
}

// moments reads a time for each id.
func moments(ctx context.Context, query string, args ...any) (map[string]time.Time, error) {
	type line struct {
		id string
		at time.Time
	}
	rows, err := db.Rows(ctx, func(l *line) []any { return []any{&l.id, db.At(&l.at)} }, query, args...)
	all := make(map[string]time.Time, len(rows))
	for _, l := range rows {
		all[l.id] = l.at
	}
	return all, err
}

// stand is how something that shows a criterion until a day stands.
// keys: record.stand.*
func stand(there bool, until, now time.Time) (kind ui.StatusKind, key string) {
	switch {
	case until.IsZero() && there:
		return ui.Met, "record.stand.there"
	case until.IsZero():
		return ui.Unknown, "record.stand.missing"
	case now.After(until):
		return ui.Expired, "record.stand.old"
	}
	return ui.Proof, "record.stand.shown"
}

func (l LedgerLine) status(now time.Time) ui.Words {
	kind, key := stand(l.Rows > 0, l.Until, now)
	return ui.StatusAs(kind, ui.T(key))
}

func (v HomeView) ledgerTable() ui.TableView {
	t := ui.TableView{Caption: ui.T("record.ledgers"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "record.ledger"}, {Key: "record.look.rows", Number: true}, {Key: "record.home.until"}, {Key: "record.home.state"}}}
	for _, l := range v.Ledgers {
		t.Rows = append(t.Rows, []ui.Words{titleLink(ledgerPath(v.in.Org, l.ID), l.Title), ui.Plain(i18n.Number(l.Rows)), dayOr(l.Until, ui.Plain("－")), l.status(v.now)})
	}
	return t
}

func (v HomeView) formTable() ui.TableView {
	t := ui.TableView{Caption: ui.T("record.forms"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "record.request.form"}, {Key: "record.home.approved"}, {Key: "record.home.state"}}}
	for _, f := range v.Forms {
		until := time.Time{}
		if !f.Last.IsZero() {
			until = EveryYear.Until(f.Last)
		}
		kind, key := stand(false, until, v.now)
		t.Rows = append(t.Rows, []ui.Words{ui.Rich(f.Title), dayOr(f.Last, ui.Plain("－")), ui.StatusAs(kind, ui.T(key))})
	}
	return t
}

// maxNext is how many duties the overview names.
const maxNext = 5

// dutyTable names the duties that need somebody first: late, soon, never done.
func (v HomeView) dutyTable() ui.TableView {
	t := ui.TableView{Caption: ui.T("record.duties.page"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "record.duty"}, {Key: "record.duty.next"}, {Key: "record.duty.state"}}}
	for _, s := range []DutyState{Late, Soon, Never} {
		for _, d := range v.Duties {
			if d.State == s && len(t.Rows) < maxNext {
				t.Rows = append(t.Rows, []ui.Words{titleLink(dutiesPath(v.in.Org)+"/"+d.ID, d.Title), d.when(v.now), d.mark()})
			}
		}
	}
	return t
}

// title is the sentence above everything: how much of it shows something today.
func (v HomeView) title() ui.Words {
	shown, old := 0, 0
	for _, l := range v.Ledgers {
		if !l.Until.IsZero() {
			if v.now.After(l.Until) {
				old++
			} else {
				shown++
			}
		}
	}
	late := 0
	for _, d := range v.Duties {
		if d.State == Late {
			late++
		}
	}
	if old+late > 0 {
		return ui.T("record.home.old", "n", old+late)
	}
	return ui.T("record.home.title", "shown", shown, "all", len(v.Ledgers))
}
