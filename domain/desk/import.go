package desk

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// keepList is how long the cells of a list wait for somebody to confirm them.
const keepList = 24 * time.Hour

// The states of an import.
const (
	importWaiting = "waiting"
	importRunning = "running"
	importDone    = "done"
	importStopped = "stopped"
)

// memberImport is an uploaded list and what became of it.
type memberImport struct {
	ID       string
	MadeBy   string
	Created  time.Time
	File     string
	Guess    listGuess
	Cells    memberList
	State    string
	Doubtful bool
	Job      int64
	Total    int
	Done     int
	Added    int
	Changed  int
	Missing  int
	Report   []ListRow
}

const importColumns = "i.id, i.made_by, i.created, i.file, i.guess, i.cells, i.state, i.doubtful, i.job_id, i.total, i.done, i.added, i.changed, i.missing, i.report"

// importOf returns an import of a circle to the organisation that operates it. One
// that waited too long is gone.
func (rm *Room) importOf(ctx context.Context, in ImportIn) (m memberImport, err error) {
	if _, err := rm.circle(ctx, in.Org, in.Circle); err != nil {
		return m, err
	}
	var guess, cells, report string
	m, err = db.One(ctx, func(m *memberImport) []any {
		return []any{&m.ID, &m.MadeBy, db.At(&m.Created), &m.File, &guess, &cells, &m.State, &m.Doubtful, &m.Job, &m.Total, &m.Done, &m.Added, &m.Changed, &m.Missing, &report}
	}, "SELECT "+importColumns+" FROM desk_import i WHERE i.id = ? AND i.org_id = ? AND i.circle_id = ?", in.Import, in.Org, in.Circle)
	if err != nil {
		return m, orNotFound(err)
	}
	if m.State == importWaiting && rm.Now().Sub(m.Created) > keepList {
		return m, problem.NotFound()
	}
	for _, part := range []struct {
		text string
		into any
	}{{guess, &m.Guess}, {cells, &m.Cells}, {report, &m.Report}} {
		if part.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(part.text), part.into); err != nil {
			return m, err
		}
	}
	return m, nil
}

// stored is a part of an import as text.
func stored(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // texts and numbers only
		return ""
	}
	return string(b)
}

// TakeList reads an uploaded list and keeps its cells for a day. Nothing enters
// the circle's list before it is confirmed.
// keys: problem.desk-list-none.title, problem.desk-list-none.hint
func (rm *Room) TakeList(ctx context.Context, at DeskIn, u web.Upload) (string, error) {
	if err := rm.DB.Read(ctx, func(ctx context.Context) error {
		_, err := rm.circle(ctx, at.Org, at.Circle)
		return err
	}); err != nil {
		return "", err
	}
	data, err := readUpload(u)
	if err != nil {
		return "", err
	}
	// Before Write: a slow file must not hold the one writer.
	sheets, err := readListAlone(ctx, data)
	if err != nil {
		return "", err
	}
	g, found := guessColumns(sheets)
	if !found {
		g.Cols = listColumns{}
	}
	id := db.NewID()
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := rm.circle(ctx, at.Org, at.Circle); err != nil {
			return err
		}
		_, err := db.Exec(ctx, `
			INSERT INTO desk_import (id, org_id, circle_id, made_by, created, file, guess, cells, state, doubtful, job_id, total, done, added, changed, missing, report)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'waiting', FALSE, 0, 0, 0, 0, 0, 0, '')`,
			id, at.Org, at.Circle, actor(ctx), rm.Now(), tidyCell(u.Name), stored(g), stored(sheets[g.Sheet]))
		if err != nil {
			return err
		}
		return rm.note(ctx, at.Org, "desk.list-uploaded", id, words{})
	})
	return id, err
}

func readUpload(u web.Upload) ([]byte, error) {
	if !u.Present() {
		var v problem.Invalid
		v.Add("file", "desk-list-file")
		return nil, v.Or()
	}
	r, err := u.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, maxListFile+1))
}

// reading admits one list at a time: unpacking one takes tens of megabytes for a
// moment, and the server as a whole may use little.
var reading = make(chan struct{}, 1)

func readListAlone(ctx context.Context, data []byte) ([]memberList, error) {
	select {
	case reading <- struct{}{}:
		defer func() { <-reading }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return readList(ctx, data)
}

// judgedNow holds a list against what the circle has now.
func (rm *Room) judgedNow(ctx context.Context, id org.ID, circle string, m memberImport) (judged, error) {
	cases, err := db.Rows(ctx, (*Case).fields, "SELECT "+caseColumns+" FROM desk_case c WHERE c.org_id = ? AND c.circle_id = ?", id, circle)
	if err != nil {
		return judged{}, err
	}
	return judge(m.Cells, m.Guess, knownCases(cases)), nil
}

// SetColumns says which column of a waiting list holds what; row is that of the
// headings, from 1, or 0 when there is none.
// keys: field.desk-list-column, field.desk-list-header
func (rm *Room) SetColumns(ctx context.Context, in ImportIn, row int, chosen map[string]string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		m, err := rm.waiting(ctx, in)
		if err != nil {
			return err
		}
		var v problem.Invalid
		v.Check(row >= 0 && row <= len(m.Cells), "row", "desk-list-header", "n", len(m.Cells))
		cols := listColumns{}
		for _, f := range listFields() {
			if chosen[string(f)] == "" {
				continue
			}
			i, err := strconv.Atoi(chosen[string(f)])
			v.Check(err == nil && i >= 0 && i < maxListCols, string(f), "desk-list-column")
			cols[f] = i
		}
		for _, f := range []listField{fieldKey, fieldName} {
			_, ok := cols[f]
			v.Check(ok, string(f), "desk-list-column")
		}
		if err := v.Or(); err != nil {
			return err
		}
		m.Guess.Header, m.Guess.Cols = row-1, cols
		_, err = db.Exec(ctx, "UPDATE desk_import SET guess = ? WHERE id = ?", stored(m.Guess), m.ID)
		return err
	})
}

// waiting returns an import that nobody has confirmed or thrown away.
// keys: problem.desk-list-gone.title, problem.desk-list-gone.hint
func (rm *Room) waiting(ctx context.Context, in ImportIn) (memberImport, error) {
	m, err := rm.importOf(ctx, in)
	if err == nil && m.State != importWaiting {
		err = problem.New(http.StatusConflict, "desk-list-gone")
	}
	return m, err
}

// Confirm has a waiting list taken: the job begins after the commit.
// keys: problem.desk-list-empty.title, problem.desk-list-empty.hint
func (rm *Room) Confirm(ctx context.Context, in ImportIn, doubtful bool) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		m, err := rm.waiting(ctx, in)
		if err != nil {
			return err
		}
		j, err := rm.judgedNow(ctx, in.Org, in.Circle, m)
		if err != nil {
			return err
		}
		m.Doubtful = doubtful
		take, report := m.shared(j)
		if len(take) == 0 {
			return problem.New(http.StatusConflict, "desk-list-empty")
		}
		if err := roomFor(ctx, in.Org, in.Circle, j.count(RowNew)); err != nil {
			return err
		}
		id, err := rm.queueImport(ctx, in)
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, `UPDATE desk_import SET state = 'running', doubtful = ?, job_id = ?, total = ?, missing = ?, report = ? WHERE id = ?`,
			doubtful, id, len(take), len(j.missing), stored(report), m.ID)
		if err != nil {
			return err
		}
		return rm.note(ctx, in.Org, "desk.import-confirmed", m.ID, words{N: len(take)})
	})
}

// shared splits a list into the rows to take and those that are only reported. The
// report names no one: it is kept.
func (m memberImport) shared(j judged) (take, report []ListRow) {
	for _, r := range j.rows {
		switch {
		case r.State == RowNew || r.State == RowChanged || r.State == RowDoubtful && m.Doubtful:
			take = append(take, r)
		case r.State != RowSame:
			report = append(report, ListRow{Row: r.Row, State: r.State, Why: r.Why})
		}
	}
	return take, report
}

// Stop ends an import: a waiting list is thrown away, a running one takes no
// further rows. What was taken stays, and the same file goes on from there.
func (rm *Room) Stop(ctx context.Context, in ImportIn) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		m, err := rm.importOf(ctx, in)
		if err != nil || m.State == importDone || m.State == importStopped {
			return err
		}
		if m.State == importRunning {
			if err := rm.Paper.Jobs.Cancel(ctx, string(in.Org), m.Job); err != nil {
				return err
			}
		}
		if _, err := db.Exec(ctx, "UPDATE desk_import SET state = 'stopped', cells = '', file = '' WHERE id = ?", m.ID); err != nil {
			return err
		}
		return rm.note(ctx, in.Org, "desk.import-stopped", m.ID, words{N: m.Done})
	})
}

// SweepImports forgets the cells of lists that nobody confirmed within a day.
func (rm *Room) SweepImports(ctx context.Context) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, "UPDATE desk_import SET cells = '', file = '', state = 'stopped' WHERE cells <> '' AND created < ? AND state <> 'running'", rm.Now().Add(-keepList))
		return err
	})
}
