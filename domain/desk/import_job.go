package desk

import (
	"context"
	"errors"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/problem"
)

// Importing is the job that takes a confirmed list. It holds ids alone.
type Importing struct {
	Org    org.ID `json:"org"`
	Circle string `json:"circle"`
	Import string `json:"import"`
}

// Kind names the job.
func (Importing) Kind() string { return "desk.import" }

// queueImport queues the job in the transaction of its cause.
func (rm *Room) queueImport(ctx context.Context, in ImportIn) (int64, error) {
	return rm.Paper.Jobs.Add(ctx, Importing{in.Org, in.Circle, in.Import}, job.For(string(in.Org)))
}

// rowsAtOnce is how many rows one transaction takes: enough to be quick, few
// enough that answers of others need not wait and a stop is felt at once.
const rowsAtOnce = 25

// Import takes a confirmed list, some rows at a time. It bears being done twice:
// every row is held against what is there, so what was taken is then the same.
func (rm *Room) Import(ctx context.Context, t job.Task[Importing]) error {
	in := ImportIn{DeskIn{t.Args.Org, t.Args.Circle}, t.Args.Import}
	for {
		var m memberImport
		err := rm.DB.Write(ctx, func(ctx context.Context) (err error) {
			m, err = rm.takeSome(ctx, in)
			return err
		})
		var p *problem.Problem
		switch {
		case errors.As(err, &p) && p.Status < 500:
			return job.Never(err) // the circle or the import is no longer there
		case err != nil:
			return err
		case m.State != importRunning:
			return t.Progress(ctx, m.Total, m.Total)
		}
		if err := t.Progress(ctx, m.Done, m.Total); err != nil {
			return err
		}
	}
}

// takeSome takes the next rows and says how far the import then is.
func (rm *Room) takeSome(ctx context.Context, in ImportIn) (memberImport, error) {
	m, err := rm.importOf(ctx, in)
	if err != nil || m.State != importRunning {
		return m, err
	}
	j, err := rm.judgedNow(ctx, in.Org, in.Circle, m)
	if err != nil {
		return m, err
	}
	take, _ := m.shared(j)
	// What remains in doubt after it was taken would be taken for ever.
	rest := take[:0]
	for _, r := range take {
		if r.Row > m.Guess.Taken {
			rest = append(rest, r)
		}
	}
	some := rest[:min(len(rest), rowsAtOnce)]
	for _, r := range some {
		if err := rm.takeRow(ctx, in, r, &m); err != nil {
			return m, err
		}
		m.Guess.Taken = r.Row
	}
	m.Done += len(some)
	if len(rest) == len(some) {
		m.State, m.Cells, m.File, m.Done = importDone, nil, "", m.Total
	}
	return m, rm.keepProgress(ctx, in, m, len(some))
}

func (rm *Room) keepProgress(ctx context.Context, in ImportIn, m memberImport, taken int) error {
	query, args := "UPDATE desk_import SET done = ?, added = ?, changed = ?, guess = ? WHERE id = ?", []any{m.Done, m.Added, m.Changed, stored(m.Guess), m.ID}
	if m.State == importDone {
		query, args = "UPDATE desk_import SET done = ?, added = ?, changed = ?, guess = '', cells = '', file = '', state = 'done' WHERE id = ?",
			[]any{m.Done, m.Added, m.Changed, m.ID}
	}
	if _, err := db.Exec(ctx, query, args...); err != nil || taken == 0 {
		return err
	}
	return rm.noteAs(ctx, in.Org, m.MadeBy, "desk.cases-imported", in.Import, words{N: taken})
}

// takeRow adds a case or brings it up to date by its number. Nothing is deleted.
func (rm *Room) takeRow(ctx context.Context, in ImportIn, r ListRow, m *memberImport) error {
	old, err := db.One(ctx, (*Case).fields, "SELECT "+caseColumns+" FROM desk_case c WHERE c.org_id = ? AND c.circle_id = ? AND c.member_number = ?",
		in.Org, in.Circle, r.data.MemberNumber)
	switch {
	case errors.Is(err, db.ErrNone):
		if err := roomFor(ctx, in.Org, in.Circle, 1); err != nil {
			return err
		}
		if _, err := rm.keep(ctx, in.Org, in.Circle, r.data); err != nil {
			return err
		}
		m.Added++
		return nil
	case err != nil:
		return err
	}
	d := merged(old.CaseData, r.data)
	if d == old.CaseData {
		return nil
	}
	if err := d.check(); err != nil {
		return err
	}
	m.Changed++
	_, err = db.Exec(ctx, "UPDATE desk_case SET name = ?, kana = ?, corporate_number = ?, person = ?, address = ?, phone = ?, email = ? WHERE id = ?",
		d.Name, d.Kana, none(d.CorporateNumber), d.Person, d.Address, d.Phone, d.Email, old.ID)
	return err
}
