package exchange

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/format/sheet"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// line is one row of an uploaded file. What a file does not say at all stays as it is:
// that is nil.
type line struct {
	Row       int     `json:"row"` // as the reader sees it in the file, from 1
	Item      string  `json:"item"`
	Unknown   string  `json:"unknown,omitempty"` // what stands where an item should be
	Choice    string  `json:"choice,omitempty"`  // "" leaves the answer alone
	Memo      *string `json:"memo,omitempty"`
	Reason    *string `json:"reason,omitempty"`
	Scope     *string `json:"scope,omitempty"`
	Exception *string `json:"exception,omitempty"`
	Revision  *int    `json:"revision,omitempty"` // of the answer that the file was made from
	Faults    []fault `json:"faults,omitempty"`   // cells that could not be read
}

// fault is a cell that could not be read and why.
type fault struct {
	Column column `json:"column"`
	Why    string `json:"why"`
	Said   string `json:"said,omitempty"`
}

// read is an uploaded file as far as it was understood.
type read struct {
	pack    string // "" when the file does not say
	foreign bool   // made for another company: its revisions say nothing here
	lines   []line
}

// maxLines is how many rows one intake keeps; the largest framework has some two
// hundred items.
const maxLines = 2_000

// badFile says why a file was not read.
// keys: problem.exchange-file-large.title, problem.exchange-file-large.hint, problem.exchange-file-old.title, problem.exchange-file-old.hint
// keys: problem.exchange-file-kind.title, problem.exchange-file-kind.hint, problem.exchange-file-broken.title, problem.exchange-file-broken.hint
// keys: problem.exchange-file-rows.title, problem.exchange-file-rows.hint, problem.exchange-file-encoding.title, problem.exchange-file-encoding.hint
// keys: problem.exchange-file-slow.title, problem.exchange-file-slow.hint, problem.exchange-file-macros.title, problem.exchange-file-macros.hint
// keys: problem.exchange-file-json.title, problem.exchange-file-json.hint, problem.exchange-file-columns.title, problem.exchange-file-columns.hint
// keys: problem.exchange-file-pack.title, problem.exchange-file-pack.hint
func badFile(code string) error {
	code = "exchange-file-" + code
	return problem.New(http.StatusUnprocessableEntity, code, "n", sheet.MaxRows)
}

func orBadFile(err error) error {
	if f := sheet.FaultOf(err); f != "" {
		return badFile(string(f))
	}
	return err
}

// received reads an upload whole; its size is bounded.
// keys: field.exchange-file
func received(u web.Upload, name string) ([]byte, error) {
	if !u.Present() {
		var v problem.Invalid
		v.Add(name, "exchange-file")
		return nil, v.Or()
	}
	r, err := u.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	data, err := io.ReadAll(io.LimitReader(r, sheet.MaxFile+1))
	if err == nil && len(data) > sheet.MaxFile {
		err = badFile(string(sheet.Large))
	}
	return data, err
}

// reading admits one file at a time: unpacking one takes tens of megabytes for a
// moment, and the server as a whole may use little.
var reading = make(chan struct{}, 1)

// patience is how long somebody waits for the file of another to be read: who waits in
// a GET holds a snapshot of the database.
const patience = 8 * time.Second

// alone runs f when nobody else reads a file.
// keys: problem.exchange-busy.title, problem.exchange-busy.hint
func alone(ctx context.Context, f func() error) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case reading <- struct{}{}:
		defer func() { <-reading }()
		return f()
	case <-late.C:
		return problem.New(http.StatusServiceUnavailable, "exchange-busy")
	case <-ctx.Done():
		return ctx.Err()
	}
}

// readFile understands an uploaded file. chosen is the pack that somebody named; a
// file that names one itself must name the same.
func (rm *Room) readFile(ctx context.Context, org, chosen string, data []byte) (r read, err error) {
	if bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(data, []byte(sheet.BOM)), " \t\r\n"), []byte("{")) {
		if speaksOSCAL(data) {
			r, err = rm.readOSCAL(org, data)
		} else {
			r, err = rm.readJSON(org, data)
		}
	} else {
		err = alone(ctx, func() error {
			tables, err := sheet.Read(ctx, data)
			if err == nil {
				r, err = rm.readTables(org, chosen, tables)
			}
			return orBadFile(err)
		})
	}
	if err != nil {
		return r, err
	}
	if r.pack != chosen {
		return r, badFile("pack")
	}
	if len(r.lines) > maxLines {
		return r, badFile(string(sheet.Rows))
	}
	p := rm.Assess.Packs.ByID(chosen)
	for i := range r.lines {
		if r.foreign {
			r.lines[i].Revision = nil
		}
		r.lines[i].judge(p)
	}
	r.once()
	return r, nil
}

func (rm *Room) readJSON(org string, data []byte) (read, error) {
	var file answersFile
	dec := json.NewDecoder(bytes.NewReader(bytes.TrimPrefix(data, []byte(sheet.BOM))))
	if err := dec.Decode(&file); err != nil || file.Format != answersFormat || file.Version != 1 || !utf8.Valid(data) {
		return read{}, badFile("json")
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return read{}, badFile("json")
	}
	r := read{pack: file.Pack, foreign: file.Organisation != org}
	p := rm.Assess.Packs.ByID(file.Pack)
	if p == nil {
		return r, badFile("pack")
	}
	for i, a := range file.Answers {
		l := line{Row: i + 1, Choice: a.Choice, Memo: a.Memo, Reason: a.Reason, Scope: a.Scope, Exception: a.Exception, Revision: a.Revision}
		if p.Item(a.Item) != nil {
			l.Item = a.Item
		} else {
			l.Unknown = short(a.Item)
		}
		if p.Choice(a.Choice) == nil && a.Choice != "" {
			l.Choice = ""
			l.fault(colChoice, "word", a.Choice)
		}
		r.lines = append(r.lines, l)
	}
	return r, nil
}

// readTables finds the sheet with the answers and reads it.
func (rm *Room) readTables(org, chosen string, tables []sheet.Table) (read, error) {
	r := read{pack: chosen}
	for i := range tables {
		if t := &tables[i]; t.Name == aboutSheet {
			about := map[string]string{}
			for _, row := range t.Rows[:min(len(t.Rows), 10)] {
				if len(row) > 1 {
					about[row[0]] = row[1]
				}
			}
			r.pack, r.foreign = about["pack"], about["organisation"] != org
		}
	}
	p := rm.Assess.Packs.ByID(r.pack)
	if p == nil {
		return r, badFile("pack")
	}
	for i := range tables {
		if t := &tables[i]; t.Name != aboutSheet {
			if head, found := rm.findHead(t); found {
				r.lines = readRows(p, t, head)
				return r, nil
			}
		}
	}
	return r, badFile("columns")
}

// head is the row of headings of a table.
type head struct {
	row  int
	cols map[column]int
}

// findHead looks for the headings of this program in any register. Those of the item
// and of the answer must be there.
func (rm *Room) findHead(t *sheet.Table) (head, bool) {
	names := map[string]column{}
	for _, l := range i18n.Langs {
		for _, c := range columns(true) {
			names[folded(rm.Texts.In(l).T("exchange.col."+string(c)))] = c
		}
	}
	for r, row := range t.Rows[:min(len(t.Rows), 20)] {
		h := head{r, map[column]int{}}
		for i, cell := range row {
			c, ok := names[folded(cell)]
			if _, twice := h.cols[c]; ok && !twice {
				h.cols[c] = i
			}
		}
		_, item := h.cols[colItem]
		_, choice := h.cols[colChoice]
		if item && choice {
			return h, true
		}
	}
	return head{}, false
}

func readRows(p *assess.Pack, t *sheet.Table, h head) (all []line) {
	known, says := items(p), vocabulary(p)
	for r := h.row + 1; r < len(t.Rows) && len(all) <= maxLines; r++ {
		if strings.Join(t.Rows[r], "") == "" {
			continue
		}
		l := line{Row: r + 1}
		sign := t.Cell(r, h.cols[colItem])
		if l.Item = known[folded(sign)]; l.Item == "" {
			l.Unknown = short(sign)
		}
		for c, i := range h.cols {
			if t.Formulas[sheet.At{Row: r, Column: i}] {
				l.fault(c, "formula", "")
				continue
			}
			l.take(c, t.Cell(r, i), says)
		}
		slices.SortFunc(l.Faults, func(a, b fault) int { return strings.Compare(string(a.Column), string(b.Column)) })
		all = append(all, l)
	}
	return all
}

// take keeps what a cell says.
func (l *line) take(c column, text string, says map[string]string) {
	switch c {
	case colChoice:
		if text = strings.TrimSpace(text); text == "" {
			return
		}
		if l.Choice = says[folded(text)]; l.Choice == "" {
			l.fault(c, "word", text)
		}
	case colMemo:
		l.Memo = &text
	case colReason:
		l.Reason = &text
	case colScope:
		l.Scope = &text
	case colException:
		l.Exception = &text
	case colRevision:
		if n, err := strconv.Atoi(strings.TrimSpace(text)); err == nil && n >= 0 {
			l.Revision = &n
		} else if strings.TrimSpace(text) != "" {
			l.fault(c, "number", text)
		}
	}
}

func (l *line) fault(c column, why, said string) {
	l.Faults = append(l.Faults, fault{c, why, short(said)})
}

// short keeps the beginning of what somebody wrote, on one line and without what
// nobody sees.
func short(s string) string {
	s = strings.Map(func(r rune) rune {
		if r != '\n' && assess.Unseen(r) {
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "\ufffd"))
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > 60 {
		return string(r[:59]) + "…"
	}
	return s
}

// judge tidies the texts of a line as assess does and finds those that it would not
// take, so that what is shown as to be applied can be applied.
func (l *line) judge(p *assess.Pack) {
	for _, x := range []struct {
		c    column
		text **string
		max  int
	}{{colMemo, &l.Memo, assess.MaxMemo}, {colReason, &l.Reason, assess.MaxDetail}, {colScope, &l.Scope, assess.MaxDetail}, {colException, &l.Exception, assess.MaxDetail}} {
		if *x.text == nil {
			continue
		}
		s := assess.Tidy(**x.text)
		switch {
		case utf8.RuneCountInString(s) > x.max:
			l.fault(x.c, "long", "")
			*x.text = nil
		case strings.ContainsFunc(s, assess.Unseen):
			l.fault(x.c, "signs", "")
			*x.text = nil
		default:
			*x.text = &s
		}
	}
}

// once lets an item stand in a file once: of two answers nobody knows which is meant.
func (r *read) once() {
	n := map[string]int{}
	for _, l := range r.lines {
		n[l.Item]++
	}
	for i := range r.lines {
		if l := &r.lines[i]; l.Item != "" && n[l.Item] > 1 {
			l.fault(colItem, "twice", l.Item)
		}
	}
}
