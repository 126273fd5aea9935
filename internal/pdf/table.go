package pdf

import (
	"fmt"
	"slices"
)

// Column is one column of a table.
type Column struct {
	Title      string
	Width      float64 // millimetres; 0 shares what the others leave
	AlignRight bool    // for numbers
}

var (
	cellStyle = style{size: 9, shade: ink, leading: 1.5}
	headStyle = style{size: 9, bold: true, shade: ink, leading: 1.5}
)

const cellPad = 1.5

// Table adds a table over the whole width. Its head is repeated on each page
// and no row is split, except one taller than a page. A row with more cells
// than there are columns is an error of Bytes and WriteTo; missing cells are
// empty.
func (d *Doc) Table(cols []Column, rows [][]string) {
	titles := make([]string, len(cols))
	for i, c := range cols {
		titles[i] = c.Title
	}
	texts := slices.Clone(titles)
	for i, row := range rows {
		if len(row) > len(cols) && d.err == nil {
			d.err = fmt.Errorf("pdf: row %d of the table has %d cells for %d columns", i+1, len(row), len(cols))
		}
		texts = append(texts, row...)
	}
	d.add(func(s *sheet) { s.table(tabulate(cols), titles, rows) }, texts...)
}

// tabulate gives every column its width; together they fill the page.
func tabulate(cols []Column) []Column {
	cols = slices.Clone(cols)
	given, open := 0.0, 0.0
	for i := range cols {
		cols[i].Width = max(finite(cols[i].Width), 0)
		given += cols[i].Width
		if cols[i].Width == 0 {
			open++
		}
	}
	const narrowest = 12.0
	share := max(textWidth-given, narrowest*open)
	for i := range cols {
		if cols[i].Width == 0 {
			cols[i].Width = share / open
		}
	}
	if total := given + share*min(open, 1); total > textWidth {
		for i := range cols {
			cols[i].Width *= textWidth / total
		}
	}
	return cols
}

func (s *sheet) table(cols []Column, titles []string, rows [][]string) {
	head := s.cells(cols, titles, headStyle)
	printHead := func() {
		s.row(cols, head, headStyle)
		s.line(left, s.y, left+textWidth, s.y, 0.3, ink)
	}
	first := 0.0
	if len(rows) > 0 {
		first = rowHeight(s.cells(cols, rows[0], cellStyle), cellStyle)
	}
	s.block(rowHeight(head, headStyle) + min(first, 60))
	printHead()
	full := int((bottom - top - rowHeight(head, headStyle) - 2*cellPad) / cellStyle.line())
	for _, row := range rows {
		cells := s.cells(cols, row, cellStyle)
		for _, part := range parts(cells, max(full, 1)) {
			if s.err != nil {
				return
			}
			if s.y+rowHeight(part, cellStyle) > bottom {
				s.newPage()
				printHead()
			}
			s.row(cols, part, cellStyle)
			s.line(left, s.y, left+textWidth, s.y, 0.1, rule)
		}
	}
	s.y += 3
}

// cells breaks the texts of a row into lines.
func (s *sheet) cells(cols []Column, texts []string, t style) [][]string {
	cells := make([][]string, len(cols))
	for i := range min(len(cols), len(texts)) {
		cells[i] = s.lines(texts[i], max(cols[i].Width-2*cellPad, 1), t)
	}
	return cells
}

func tallest(cells [][]string) int {
	n := 1
	for _, lines := range cells {
		n = max(n, len(lines))
	}
	return n
}

func rowHeight(cells [][]string, t style) float64 {
	return float64(tallest(cells))*t.line() + 2*cellPad
}

// parts cuts a row taller than a page; all others stay whole.
func parts(cells [][]string, full int) [][][]string {
	var out [][][]string
	for from, n := 0, tallest(cells); from < n; from += full {
		part := make([][]string, len(cells))
		for i, lines := range cells {
			part[i] = lines[min(from, len(lines)):min(from+full, len(lines))]
		}
		out = append(out, part)
	}
	return out
}

// row prints cells at the place reached and moves below them.
func (s *sheet) row(cols []Column, cells [][]string, t style) {
	x := left
	for i, lines := range cells {
		y := s.y + cellPad
		for _, line := range lines {
			if cols[i].AlignRight {
				s.right(x+cols[i].Width-cellPad, y, line, t)
			} else {
				s.print(x+cellPad, y, line, t)
			}
			y += t.line()
		}
		x += cols[i].Width
	}
	s.y += rowHeight(cells, t)
}
