package record

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// MaxRows bounds a ledger.
const MaxRows = 5_000

// pageRows is how many rows a page shows.
const pageRows = 50

// Row is one thing in a ledger.
type Row struct {
	ID        string    `json:"id"`
	Ledger    string    `json:"-"`
	Cells     Cells     `json:"cells"`
	MadeBy    string    `json:"-"` // account
	Created   time.Time `json:"created"`
	ChangedBy string    `json:"-"` // account
	Changed   time.Time `json:"changed"`
}

const rowColumns = "id, ledger, cells, made_by, created, changed_by, changed"

func (r *Row) fields() []any {
	return []any{&r.ID, &r.Ledger, storedCells{&r.Cells}, &r.MadeBy, db.At(&r.Created), &r.ChangedBy, db.At(&r.Changed)}
}

// Rows returns up to limit rows of a ledger, the first written first, after the row
// named; "" begins at the first. A row that is gone begins at the first too.
func (rm *Room) Rows(ctx context.Context, org, ledger, after string, limit int) ([]Row, error) {
	query, args := "SELECT "+rowColumns+" FROM record_row WHERE org_id = ? AND ledger = ?", []any{org, ledger}
	if after != "" {
		last, err := rm.row(ctx, org, ledger, after)
		if err != nil {
			return nil, err
		}
		query += " AND (created, id) > (?, ?)"
		args = append(args, last.Created, last.ID)
	}
	return db.Rows(ctx, (*Row).fields, query+" ORDER BY created, id LIMIT ?", append(args, limit)...)
}

func (rm *Room) row(ctx context.Context, org, ledger, id string) (Row, error) {
	r, err := db.One(ctx, (*Row).fields, "SELECT "+rowColumns+" FROM record_row WHERE org_id = ? AND ledger = ? AND id = ?", org, ledger, id)
	if errors.Is(err, db.ErrNone) {
		return r, problem.NotFound()
	}
	return r, err
}

func (rm *Room) ledgerOf(id string) (*Ledger, error) {
	if l := rm.Book.ledger(id); l != nil {
		return l, nil
	}
	return nil, problem.NotFound()
}

func countRows(ctx context.Context, org, ledger string) (int, error) {
	return db.Value[int](ctx, "SELECT COUNT(*) FROM record_row WHERE org_id = ? AND ledger = ?", org, ledger)
}

// AddRow writes something into a ledger.
func (rm *Room) AddRow(ctx context.Context, org, ledger string, typed map[string]string) (string, error) {
	l, err := rm.ledgerOf(ledger)
	if err != nil {
		return "", err
	}
	var v problem.Invalid
	cells := read(l.Columns, typed, &v)
	if err := v.Or(); err != nil {
		return "", err
	}
	id := db.NewID()
	return id, rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := countRows(ctx, org, ledger)
		if err != nil {
			return err
		}
		if n >= MaxRows {
			return problem.New(http.StatusConflict, "record-full", "n", MaxRows)
		}
		if err := rm.insertRow(ctx, org, ledger, id, cells, rm.Now()); err != nil {
			return err
		}
		return rm.note(ctx, org, "row-added", ledger+"/"+id, map[string]any{"name": l.called(cells)})
	})
}

func (rm *Room) insertRow(ctx context.Context, org, ledger, id string, cells Cells, now time.Time) error {
	by := actor(ctx)
	return db.Later(ctx, nil, `INSERT INTO record_row (id, org_id, ledger, cells, made_by, created, changed_by, changed) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
		id, org, ledger, cells.text(), by, now, by, now)
}

// called is what a row is known by: its first cell.
func (l *Ledger) called(c Cells) string { return c[l.Columns[0].ID] }

// EditRow writes a row anew.
func (rm *Room) EditRow(ctx context.Context, org, ledger, id string, typed map[string]string) error {
	l, err := rm.ledgerOf(ledger)
	if err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := rm.row(ctx, org, ledger, id); err != nil {
			return err
		}
		var v problem.Invalid
		cells := read(l.Columns, typed, &v)
		if err := v.Or(); err != nil {
			return err
		}
		if err := rm.updateRow(ctx, org, id, cells); err != nil {
			return err
		}
		return rm.note(ctx, org, "row-edited", ledger+"/"+id, map[string]any{"name": l.called(cells)})
	})
}

func (rm *Room) updateRow(ctx context.Context, org, id string, cells Cells) error {
	return db.Later(ctx, nil, "UPDATE record_row SET cells = ?, changed_by = ?, changed = ? WHERE org_id = ? AND id = ?", cells.text(), actor(ctx), rm.Now(), org, id)
}

// RemoveRow takes a row out. A ledger without rows shows nothing any more.
func (rm *Room) RemoveRow(ctx context.Context, org, ledger, id string) error {
	l, err := rm.ledgerOf(ledger)
	if err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		r, err := rm.row(ctx, org, ledger, id)
		if err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "DELETE FROM record_row WHERE org_id = ? AND id = ?", org, id); err != nil {
			return err
		}
		if err := rm.note(ctx, org, "row-removed", ledger+"/"+id, map[string]any{"name": l.called(r.Cells)}); err != nil {
			return err
		}
		return rm.proveIfEmpty(ctx, org, l)
	})
}

// proveIfEmpty withdraws what a ledger showed when it has no rows left.
func (rm *Room) proveIfEmpty(ctx context.Context, org string, l *Ledger) error {
	n, err := countRows(ctx, org, l.ID)
	if err != nil || n > 0 {
		return err
	}
	return rm.proveLedger(ctx, org, l, time.Time{})
}

// Look is one time that a ledger was looked through.
type Look struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	By   string    `json:"-"` // account
	Rows int       `json:"rows"`
	Note string    `json:"note,omitempty"`
}

func (k *Look) fields() []any { return []any{&k.ID, db.At(&k.At), &k.By, &k.Rows, &k.Note} }

const lookColumns = "id, at, by_account, row_count, note"

// maxLooks is how many a page lists, mostLooks how many are kept of a ledger.
const (
	maxLooks  = 20
	mostLooks = 1_000
)

// Looks lists when a ledger was looked through, the last time first.
func (rm *Room) Looks(ctx context.Context, org, ledger string) ([]Look, error) {
	return db.Rows(ctx, (*Look).fields, "SELECT "+lookColumns+" FROM record_look WHERE org_id = ? AND ledger = ? ORDER BY at DESC, id DESC LIMIT ?", org, ledger, maxLooks)
}

// maxNote is the longest remark, in characters.
const maxNote = 1_000

func readNote(s string) string { return strings.TrimSpace(strings.ToValidUTF8(s, "")) }

// LookThrough notes that somebody looked a ledger through today and found it right, or
// made it so. A ledger with rows shows its criteria from then on.
func (rm *Room) LookThrough(ctx context.Context, org, ledger, remark string) error {
	l, err := rm.ledgerOf(ledger)
	if err != nil {
		return err
	}
	remark = readNote(remark)
	var v problem.Invalid
	v.Check(utf8.RuneCountInString(remark) <= maxNote, "note", "record-note", "n", maxNote)
	if err := v.Or(); err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := countRows(ctx, org, ledger)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.New(http.StatusConflict, "record-nothing")
		}
		if err := room(ctx, mostLooks, "SELECT COUNT(*) FROM record_look WHERE org_id = ? AND ledger = ?", org, ledger); err != nil {
			return err
		}
		id, now := db.NewID(), rm.Now()
		_, err = db.Exec(ctx, "INSERT INTO record_look (id, org_id, ledger, at, by_account, row_count, note) VALUES (?, ?, ?, ?, ?, ?, ?)",
			id, org, ledger, now, actor(ctx), n, remark)
		if err != nil {
			return err
		}
		if err := rm.note(ctx, org, "looked-through", ledger+"/"+id, map[string]any{"rows": n, "note": remark}); err != nil {
			return err
		}
		return rm.proveLedger(ctx, org, l, now)
	})
}

// proveLedger tells what a ledger shows since it was looked through; nothing when at
// is zero.
func (rm *Room) proveLedger(ctx context.Context, org string, l *Ledger, at time.Time) error {
	return rm.prove(ctx, shown{
		org: org, ref: "ledger:" + l.ID, kind: "statement", form: "ledger", name: l.Title.JA, path: "/ledgers/" + l.ID,
		at: at, until: l.Every.Until(at), proves: l.Proves,
	})
}
