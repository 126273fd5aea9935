package record

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/minamori-project/minamori/format/sheet"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// keepList is how long an uploaded list waits for somebody to confirm it; maxLists is
// how many of a ledger wait.
const (
	keepList = 24 * time.Hour
	maxLists = 5
)

// listRow is a row of an uploaded list, as typed.
type listRow struct {
	Row   int               `json:"row"`          // as the file counts, from 1
	ID    string            `json:"id,omitempty"` // the row that it speaks of; "" for a new one
	Cells map[string]string `json:"cells"`
}

// list is an uploaded list that waits.
type list struct {
	ID      string
	Ledger  string
	File    string
	Created time.Time
	rows    []listRow
}

// idKey heads the column that says which row is meant.
const idKey = "record.list.id"

// listProblem is what a person can do about a file that is not read.
// keys: problem.record-list-large.title, problem.record-list-large.hint, problem.record-list-old.title, problem.record-list-old.hint
// keys: problem.record-list-kind.title, problem.record-list-kind.hint, problem.record-list-broken.title, problem.record-list-broken.hint
// keys: problem.record-list-rows.title, problem.record-list-rows.hint, problem.record-list-encoding.title, problem.record-list-encoding.hint
// keys: problem.record-list-slow.title, problem.record-list-slow.hint
func listProblem(fault sheet.Fault) error {
	code := string(fault)
	if fault == sheet.Macros {
		code = string(sheet.Broken)
	}
	code = "record-list-" + code
	return problem.New(http.StatusUnprocessableEntity, code, "n", MaxRows, "mb", sheet.MaxFile>>20)
}

// TakeList reads an uploaded table and keeps its cells for a day. The ledger does not
// change before Apply.
func (rm *Room) TakeList(ctx context.Context, org, ledger string, u web.Upload) (string, error) {
	l, err := rm.ledgerOf(ledger)
	if err != nil {
		return "", err
	}
	var v problem.Invalid
	v.Check(u.Present(), "file", "record-file")
	if err := v.Or(); err != nil {
		return "", err
	}
	data, err := readAll(u)
	if err != nil {
		return "", err
	}
	rows, err := l.readList(ctx, data)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(rows)
	if err != nil {
		return "", err
	}
	id := db.NewID()
	return id, rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.sweepLists(ctx, org, ledger); err != nil {
			return err
		}
		_, err := db.Exec(ctx, "INSERT INTO record_list (id, org_id, ledger, made_by, created, file, table_text) VALUES (?, ?, ?, ?, ?, ?, ?)",
			id, org, ledger, actor(ctx), rm.Now(), tidy(cut(u.Name, 200)), string(text))
		if err != nil {
			return err
		}
		return rm.note(ctx, org, "list-uploaded", ledger+"/"+id, map[string]any{"rows": len(rows)})
	})
}

func cut(s string, n int) string {
	r := []rune(s)
	return string(r[:min(len(r), n)])
}

func readAll(u web.Upload) ([]byte, error) {
	r, err := u.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, sheet.MaxFile+1))
}

// sweepLists forgets lists that waited too long, and the oldest when there are many.
func (rm *Room) sweepLists(ctx context.Context, org, ledger string) error {
	if _, err := db.Exec(ctx, "DELETE FROM record_list WHERE org_id = ? AND created < ?", org, rm.Now().Add(-keepList)); err != nil {
		return err
	}
	_, err := db.Exec(ctx, `DELETE FROM record_list WHERE org_id = ? AND ledger = ? AND id NOT IN (
		SELECT id FROM record_list WHERE org_id = ? AND ledger = ? ORDER BY created DESC LIMIT ?)`, org, ledger, org, ledger, maxLists-1)
	return err
}

// readList finds the headings of a file and reads what stands below them.
func (l *Ledger) readList(ctx context.Context, data []byte) ([]listRow, error) {
	tables, err := sheet.Read(ctx, data)
	if err != nil {
		if f := sheet.FaultOf(err); f != "" {
			return nil, listProblem(f)
		}
		return nil, err
	}
	for _, t := range tables {
		top, at := l.heading(t)
		if at == nil {
			continue
		}
		rows := l.below(t, top, at)
		if len(rows) > MaxRows {
			return nil, listProblem(sheet.Rows)
		}
		return rows, nil
	}
	var names []string
	for _, c := range l.Columns {
		if c.Required {
			names = append(names, c.Title.In(i18n.From(ctx).Lang))
		}
	}
	return nil, problem.New(http.StatusUnprocessableEntity, "record-list-columns", "columns", strings.Join(names, " / "))
}

// searchRows is how far down the headings are looked for: a title may stand above.
const searchRows = 20

// heading finds the row of headings and where each column stands: "" is the number of
// the row. Every column that has to be filled in must be there.
func (l *Ledger) heading(t sheet.Table) (row int, at map[string]int) {
	for y := range min(len(t.Rows), searchRows) {
		at := map[string]int{}
		for x, text := range t.Rows[y] {
			if id, ok := l.headed(text); ok {
				if _, twice := at[id]; !twice {
					at[id] = x
				}
			}
		}
		if !slices.ContainsFunc(l.Columns, func(c Column) bool { _, ok := at[c.ID]; return c.Required && !ok }) {
			return y, at
		}
	}
	return 0, nil
}

// headed returns the id of the column with a heading in any register.
func (l *Ledger) headed(text string) (string, bool) {
	folded := fold(text)
	if folded == "" {
		return "", false
	}
	for _, name := range idNames {
		if fold(name) == folded {
			return "", true
		}
	}
	for _, c := range l.Columns {
		for _, name := range []string{c.Title.JA, i18n.Plain(c.Title.Easy), c.Title.EN, c.ID} {
			if fold(name) == folded {
				return c.ID, true
			}
		}
	}
	return "", false
}

// idNames are the texts of idKey. They stand here too, since a file is read without
// knowing in which language it was written.
var idNames = []string{"行の番号（変えないでください）", "ばんごう（かえないで ください）", "Row id (please leave as it is)"}

func fold(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
}

// below reads the rows under the headings; blank ones are left out.
func (l *Ledger) below(t sheet.Table, top int, at map[string]int) (rows []listRow) {
	for y := top + 1; y < len(t.Rows); y++ {
		r := listRow{Row: y + 1, Cells: map[string]string{}}
		for _, c := range l.Columns {
			x, ok := at[c.ID]
			if !ok {
				continue
			}
			if s := tidy(t.Cell(y, x)); s != "" {
				r.Cells[c.ID] = cut(c.fromSheet(s, t.Text), 2*maxCell)
			}
		}
		if x, ok := at[""]; ok {
			r.ID = cut(tidy(t.Cell(y, x)), 40)
		}
		if len(r.Cells) > 0 {
			rows = append(rows, r)
		}
	}
	return rows
}

// fromSheet reads how a spreadsheet shows a day that has no format of its own.
func (c Column) fromSheet(s string, text bool) string {
	if c.Kind == Date && !text {
		if t, err := time.Parse("01-02-06", s); err == nil {
			return t.Format(time.DateOnly)
		}
	}
	return s
}

func (rm *Room) listOf(ctx context.Context, org, ledger, id string) (list, error) {
	var text string
	l, err := db.One(ctx, func(l *list) []any { return []any{&l.ID, &l.Ledger, &l.File, db.At(&l.Created), &text} },
		"SELECT id, ledger, file, created, table_text FROM record_list WHERE org_id = ? AND ledger = ? AND id = ?", org, ledger, id)
	if errors.Is(err, db.ErrNone) || err == nil && rm.Now().Sub(l.Created) > keepList {
		return l, problem.NotFound()
	}
	if err != nil {
		return l, err
	}
	return l, json.Unmarshal([]byte(text), &l.rows)
}

// What would become of a row.
// keys: record.list.state.*
const (
	rowNew     = "new"
	rowChanged = "changed"
	rowSame    = "same"
	rowRefused = "refused"
	rowMissing = "missing" // in the ledger, not in the list
)

// Change is what would become of one row.
type Change struct {
	Row   int      `json:"row,omitempty"` // of the file
	ID    string   `json:"id,omitempty"`
	State string   `json:"state"`
	Name  string   `json:"name"`
	What  []string `json:"columns,omitempty"` // that change, or cannot be read
	Why   []string `json:"why,omitempty"`     // for each of them, the code of what is wrong
	after Cells
}

// Changes is what a list would do.
type Changes struct {
	Rows []Change       `json:"rows"`
	N    map[string]int `json:"counts"`
	Seen string         `json:"seen"` // names what was looked at: apply refuses anything else
}

// compare says what a list would do to the rows of a ledger.
func (l *Ledger) compare(now []Row, rows []listRow) Changes {
	byID, byText := map[string]Row{}, map[string][]string{}
	for _, r := range now {
		byID[r.ID] = r
		byText[r.Cells.text()] = append(byText[r.Cells.text()], r.ID)
	}
	c := Changes{N: map[string]int{}, Rows: []Change{}}
	met := map[string]bool{}
	for _, r := range rows {
		x := l.judge(r, byID, byText, met)
		c.Rows = append(c.Rows, x)
	}
	for _, r := range now {
		if !met[r.ID] {
			c.Rows = append(c.Rows, Change{ID: r.ID, State: rowMissing, Name: l.called(r.Cells)})
		}
	}
	for _, x := range c.Rows {
		c.N[x.State]++
	}
	c.Seen = seen(now, rows)
	return c
}

// judge says what becomes of one row. A row without a number that stands in the ledger
// word for word is that row.
func (l *Ledger) judge(r listRow, byID map[string]Row, byText map[string][]string, met map[string]bool) Change {
	var v problem.Invalid
	x := Change{Row: r.Row, Name: cut(r.Cells[l.Columns[0].ID], 60)}
	x.after = read(l.Columns, r.Cells, &v)
	old, known := byID[r.ID]
	if p := problem.As(v.Or()); p != nil {
		if x.State = rowRefused; known {
			met[r.ID] = true // what cannot be read is not missing
		}
		for _, f := range p.Fields {
			x.What, x.Why = append(x.What, strings.TrimPrefix(f.Name, "cells.")), append(x.Why, f.Code)
		}
		return x
	}
	if !known || met[r.ID] {
		known = false
		for _, id := range byText[x.after.text()] {
			if !met[id] && !known {
				old, known = byID[id], true
			}
		}
	}
	if !known {
		x.State = rowNew
		return x
	}
	met[old.ID], x.ID = true, old.ID
	if x.State = rowSame; !maps.Equal(old.Cells, x.after) {
		x.State = rowChanged
		for _, c := range l.Columns {
			if old.Cells[c.ID] != x.after[c.ID] {
				x.What = append(x.What, c.ID)
			}
		}
	}
	return x
}

// seen names a ledger and a list as they are, so that what is applied is what was
// looked at.
func seen(now []Row, rows []listRow) string {
	h := sha256.New()
	for _, r := range now {
		fmt.Fprintf(h, "%s %s\n", r.ID, r.Cells.text())
	}
	for _, r := range rows {
		fmt.Fprintf(h, "%d %s %s\n", r.Row, r.ID, Cells(r.Cells).text())
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Preview says what an uploaded list would do.
func (rm *Room) Preview(ctx context.Context, org, ledger, id string) (Changes, error) {
	l, err := rm.ledgerOf(ledger)
	if err != nil {
		return Changes{}, err
	}
	waiting, err := rm.listOf(ctx, org, ledger, id)
	if err != nil {
		return Changes{}, err
	}
	now, err := rm.Rows(ctx, org, ledger, "", MaxRows)
	if err != nil {
		return Changes{}, err
	}
	return l.compare(now, waiting.rows), nil
}

// Apply does what was previewed and forgets the list. what is the name of what was
// seen; missing also takes out the rows that the list lacks. Rows that cannot be read
// are left out.
func (rm *Room) Apply(ctx context.Context, org, ledger, id, what string, missing bool) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.Preview(ctx, org, ledger, id)
		if err != nil {
			return err
		}
		if c.Seen != what {
			return problem.New(http.StatusConflict, "record-list-moved")
		}
		total := c.N[rowNew] + c.N[rowChanged] + c.N[rowSame] + c.N[rowRefused]
		if !missing {
			total += c.N[rowMissing]
		}
		if total > MaxRows {
			return problem.New(http.StatusConflict, "record-full", "n", MaxRows)
		}
		if err := rm.applyAll(ctx, org, ledger, c, missing); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "DELETE FROM record_list WHERE org_id = ? AND id = ?", org, id); err != nil {
			return err
		}
		words := map[string]any{"added": c.N[rowNew], "changed": c.N[rowChanged]}
		if missing {
			words["removed"] = c.N[rowMissing]
		}
		if err := rm.note(ctx, org, "list-applied", ledger+"/"+id, words); err != nil {
			return err
		}
		return rm.proveIfEmpty(ctx, org, rm.Book.ledger(ledger))
	})
}

// applyAll writes the rows. New ones keep the order of the file.
func (rm *Room) applyAll(ctx context.Context, org, ledger string, c Changes, missing bool) error {
	for i, x := range c.Rows {
		var err error
		switch x.State {
		case rowNew:
			err = rm.insertRow(ctx, org, ledger, db.NewID(), x.after, rm.Now().Add(time.Duration(i)*time.Microsecond))
		case rowChanged:
			err = rm.updateRow(ctx, org, x.ID, x.after)
		case rowMissing:
			if missing {
				err = db.Later(ctx, nil, "DELETE FROM record_row WHERE org_id = ? AND id = ?", org, x.ID)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// DropList throws an uploaded list away.
func (rm *Room) DropList(ctx context.Context, org, ledger, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := db.Exec(ctx, "DELETE FROM record_list WHERE org_id = ? AND ledger = ? AND id = ?", org, ledger, id)
		if err != nil {
			return err
		}
		if n == 0 {
			return problem.NotFound()
		}
		return rm.note(ctx, org, "list-dropped", ledger+"/"+id, nil)
	})
}

// sheetOf is a ledger as headings and rows, in the language of the reader. The last
// column says which row is which, so that an edited file can be read back.
func (l *Ledger) sheetOf(ctx context.Context, rows []Row) (heads []head, lines [][]string) {
	lang := i18n.From(ctx).Lang
	for _, c := range l.Columns {
		h := head{title: c.Title.In(lang), width: 18}
		for _, o := range c.Options {
			h.choices = append(h.choices, o.Title.In(lang))
		}
		heads = append(heads, h)
	}
	heads = append(heads, head{title: i18n.T(ctx, idKey), width: 12, grey: true})
	for _, r := range rows {
		line := make([]string, len(heads))
		for i, c := range l.Columns {
			line[i] = c.plain(ctx, r.Cells[c.ID])
		}
		line[len(heads)-1] = r.ID
		lines = append(lines, line)
	}
	return heads, lines
}

// Sheet is a ledger as a file: "xlsx" or "csv".
func (rm *Room) Sheet(ctx context.Context, org, ledger, kind string) (web.File, error) {
	l, err := rm.ledgerOf(ledger)
	if err != nil {
		return web.File{}, err
	}
	rows, err := rm.Rows(ctx, org, ledger, "", MaxRows)
	if err != nil {
		return web.File{}, err
	}
	title := l.Title.In(i18n.From(ctx).Lang)
	heads, lines := l.sheetOf(ctx, rows)
	var b bytes.Buffer
	f := web.File{Name: title + ".xlsx", Type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
	if kind == "csv" {
		f.Name, f.Type = title+".csv", "text/csv; charset=utf-8"
		err = writeCSV(&b, heads, lines)
	} else {
		err = writeXLSX(&b, title, heads, lines)
	}
	f.Write = func(w io.Writer) error { _, err := w.Write(b.Bytes()); return err }
	return f, err
}
