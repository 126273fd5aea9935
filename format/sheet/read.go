package sheet

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"
)

// Limits of what is read.
const (
	MaxFile     = 10 << 20 // bytes as they come
	MaxUnpacked = 64 << 20 // bytes of all parts of a spreadsheet together
	MaxRows     = 20_000   // of one sheet
	MaxColumns  = 200      // what stands further right is not read
	MaxText     = 16 << 20 // bytes of all cells of a file together
	MaxSheets   = 50

	maxParts     = 2_000
	maxElements  = 2_000_000
	maxBuilt     = 600_000 // elements of a file that is built in memory to be changed
	maxDepth     = 100
	maxInMemory  = 1 << 20 // a larger part of a spreadsheet waits on disk
	readingTakes = 20 * time.Second
)

// Table is the cells of one sheet. Row and column numbers begin at 0 and are those of
// the file.
type Table struct {
	Name     string
	Rows     [][]string
	Formulas map[At]bool // cells that hold a formula
	Text     bool        // it came as a table of text
}

// At is the place of a cell.
type At struct{ Row, Column int }

// Cell returns the text of a cell, "" beyond the edge.
func (t *Table) Cell(row, column int) string {
	if row < 0 || row >= len(t.Rows) || column < 0 || column >= len(t.Rows[row]) {
		return ""
	}
	return t.Rows[row][column]
}

// Read reads every sheet of a file that shows something.
func Read(ctx context.Context, data []byte) ([]Table, error) {
	ctx, cancel := context.WithTimeout(ctx, readingTakes)
	defer cancel()
	switch {
	case len(data) > MaxFile:
		return nil, Large
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readSpreadsheet(ctx, data)
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}): // .xls, or .xlsx with a password
		return nil, Old
	case bytes.HasPrefix(data, []byte("%PDF")), len(bytes.TrimSpace(data)) == 0:
		return nil, Kind
	}
	t, err := readText(ctx, data)
	return []Table{t}, err
}

// readText reads a table of text.
func readText(ctx context.Context, data []byte) (Table, error) {
	text, err := decode(data)
	if err != nil {
		return Table{}, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = separator(text), -1, true, true
	g := gatherer{ctx: ctx, left: MaxText}
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return Table{Rows: g.rows, Text: true}, nil
		case err != nil:
			return Table{}, Broken
		}
		for i := range row {
			row[i] = Unmark(row[i])
		}
		if err := g.add(row); err != nil {
			return Table{}, err
		}
	}
}

// decode finds out how a text is written: Excel in Japan saves Shift_JIS unless told
// otherwise.
func decode(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
		return sound(b, err)
	case utf8.Valid(data):
		return sound(bytes.TrimPrefix(data, []byte(BOM)), nil)
	}
	b, err := japanese.ShiftJIS.NewDecoder().Bytes(data)
	if bytes.ContainsRune(b, utf8.RuneError) {
		return "", Encoding
	}
	return sound(b, err)
}

func sound(b []byte, err error) (string, error) {
	if err != nil || bytes.IndexByte(b, 0) >= 0 {
		return "", Encoding
	}
	return string(b), nil
}

// separator is what the first line has most between its cells.
func separator(text string) rune {
	n := map[rune]int{}
	quoted := false
	for _, c := range text {
		if c == '\n' && !quoted {
			break
		}
		if c == '"' {
			quoted = !quoted
		}
		if !quoted {
			n[c]++
		}
	}
	best := ','
	for _, c := range "\t;" {
		if n[c] > n[best] {
			best = c
		}
	}
	return best
}

// gatherer takes rows until a limit is met.
type gatherer struct {
	ctx  context.Context
	rows [][]string
	left int // bytes of text that may still come
}

// add keeps a row. Blank rows are kept as such, so that numbers of rows stay those
// that the reader sees in his file.
func (g *gatherer) add(cells []string) error {
	if g.ctx.Err() != nil {
		return Slow
	}
	cells = cells[:min(len(cells), MaxColumns)]
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	row := make([]string, len(cells))
	for i, c := range cells {
		if !utf8.ValidString(c) {
			c = strings.ToValidUTF8(c, "\ufffd")
		}
		row[i] = strings.Clone(c)
		g.left -= len(c) + 16 // what an empty cell costs
	}
	if g.rows = append(g.rows, row); len(g.rows) > MaxRows || g.left < 0 {
		return Rows
	}
	return nil
}
