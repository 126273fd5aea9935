package sheet

import (
	"bytes"
	"context"
	"strings"

	"github.com/xuri/excelize/v2"
)

// Open unpacks a spreadsheet for reading and writing, once its parts are known to be
// harmless. The caller closes it. It holds no macros: a file that carries a program
// is refused, since its copy would too.
func Open(ctx context.Context, data []byte) (*excelize.File, error) {
	if len(data) > MaxFile {
		return nil, Large
	}
	ctx, cancel := context.WithTimeout(ctx, readingTakes)
	defer cancel()
	parts, err := look(ctx, data)
	if err != nil {
		return nil, err
	}
	switch {
	case parts.macros:
		return nil, Macros
	case parts.elements > maxBuilt:
		return nil, Rows
	}
	return open(data)
}

func open(data []byte) (*excelize.File, error) {
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: MaxUnpacked, UnzipXMLSizeLimit: maxInMemory})
	if err != nil {
		return nil, Broken
	}
	return f, nil
}

func readSpreadsheet(ctx context.Context, data []byte) ([]Table, error) {
	parts, err := look(ctx, data)
	if err != nil {
		return nil, err
	}
	f, err := open(data)
	if err != nil {
		return nil, err
	}
	defer f.Close() // takes away what waited on disk
	var all []Table
	left := MaxText
	for i, name := range f.GetSheetList() {
		if visible, _ := f.GetSheetVisible(name); i >= MaxSheets || !visible && !strings.HasPrefix(name, "_") {
			continue
		}
		t, err := readSheet(ctx, f, name, &left)
		if err != nil {
			return nil, err
		}
		if t.Formulas, err = parts.formulas(ctx, name); err != nil {
			return nil, err
		}
		if len(t.Rows) > 0 {
			all = append(all, t)
		}
	}
	if len(all) == 0 {
		return nil, Kind
	}
	return all, nil
}

// readSheet walks the rows twice side by side: as shown, which keeps the zeros of
// 0012, and as stored, which keeps the digits of 13 that are shown as 5E+12.
func readSheet(ctx context.Context, f *excelize.File, name string, left *int) (Table, error) {
	none := Table{}
	shown, err := f.Rows(name)
	if err != nil {
		return none, Broken
	}
	defer shown.Close()
	stored, err := f.Rows(name)
	if err != nil {
		return none, Broken
	}
	defer stored.Close()
	g := gatherer{ctx: ctx, left: *left}
	for shown.Next() && stored.Next() {
		a, err := shown.Columns()
		if err != nil {
			return none, Broken
		}
		b, err := stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return none, Broken
		}
		for i := range a {
			if i < len(b) && strings.ContainsAny(a[i], "E+") && digitsOnly(b[i]) {
				a[i] = b[i]
			}
		}
		// Formatted rows without end hold nothing.
		if len(g.rows) >= MaxRows && strings.Join(a, "") == "" {
			break
		}
		if err := g.add(a); err != nil {
			return none, err
		}
	}
	if shown.Error() != nil {
		return none, Broken
	}
	for len(g.rows) > 0 && len(g.rows[len(g.rows)-1]) == 0 {
		g.rows = g.rows[:len(g.rows)-1]
	}
	*left = g.left
	return Table{Name: name, Rows: g.rows}, nil
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }
