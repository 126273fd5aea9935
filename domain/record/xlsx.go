package record

import (
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/format/sheet"
)

// head is the heading of a column of a sheet.
type head struct {
	title   string
	width   float64 // in characters
	choices []string
	grey    bool // not for typing
}

// writeCSV writes a table that Excel reads as it is.
func writeCSV(w io.Writer, heads []head, rows [][]string) error {
	titles := make([]string, len(heads))
	for i, h := range heads {
		titles[i] = h.title
	}
	if _, err := io.WriteString(w, sheet.BOM+sheet.Line(titles...)); err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := io.WriteString(w, sheet.Line(row...)); err != nil {
			return err
		}
	}
	return nil
}

// writeXLSX writes a spreadsheet of one sheet. Every cell is a string.
func writeXLSX(w io.Writer, name string, heads []head, rows [][]string) error {
	f := excelize.NewFile()
	defer f.Close()
	name = sheetName(name)
	if err := f.SetSheetName("Sheet1", name); err != nil {
		return err
	}
	if err := dressSheet(f, name, heads, len(rows)); err != nil {
		return err
	}
	for y, row := range rows {
		for x, text := range row {
			if text == "" {
				continue
			}
			at, err := excelize.CoordinatesToCellName(x+1, y+2)
			if err != nil {
				return err
			}
			if err := f.SetCellStr(name, at, literal(text)); err != nil {
				return err
			}
		}
	}
	return f.Write(w)
}

// literal writes a text that looks like a character in hex (_x0041_) so that a
// spreadsheet shows it as it stands: ECMA-376 gives that spelling a meaning.
func literal(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var b strings.Builder
	for i := range len(s) {
		if hexSpelling(s[i:]) {
			b.WriteString("_x005F")
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

func hexSpelling(s string) bool {
	return len(s) >= 7 && s[:2] == "_x" && s[6] == '_' && strings.Trim(s[2:6], "0123456789abcdefABCDEF") == ""
}

// moreRows is how many rows below the table offer the choices too.
const moreRows = 200

// dressSheet writes the headings and makes the columns text, so that 0012 stays 0012.
func dressSheet(f *excelize.File, name string, heads []head, rows int) error {
	style, err := newStyles(f)
	if err != nil {
		return err
	}
	for i, h := range heads {
		col, err := excelize.ColumnNumberToName(i + 1)
		if err != nil {
			return err
		}
		body := style.text
		if h.grey {
			body = style.grey
		}
		for _, do := range []func() error{
			func() error { return f.SetColStyle(name, col, body) },
			func() error { return f.SetColWidth(name, col, col, h.width) },
			func() error { return f.SetCellStr(name, col+"1", h.title) },
			func() error { return f.SetCellStyle(name, col+"1", col+"1", style.head) },
			func() error { return offer(f, name, col, h.choices, rows) },
		} {
			if err := do(); err != nil {
				return err
			}
		}
	}
	return f.SetPanes(name, &excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"})
}

type styles struct{ head, text, grey int }

// asText is the number format of cells that take everything as text.
const asText = 49

func newStyles(f *excelize.File) (s styles, err error) {
	top := &excelize.Alignment{WrapText: true, Vertical: "top"}
	line := []excelize.Border{{Type: "bottom", Style: 1, Color: "1A1A1A"}}
	if s.head, err = f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}, NumFmt: asText, Border: line, Alignment: top}); err != nil {
		return s, err
	}
	if s.text, err = f.NewStyle(&excelize.Style{NumFmt: asText, Alignment: top}); err != nil {
		return s, err
	}
	s.grey, err = f.NewStyle(&excelize.Style{NumFmt: asText, Font: &excelize.Font{Color: "999999"}})
	return s, err
}

// maxOffer is what a list to choose from may hold in the file format, in characters.
const maxOffer = 255

// offer has a spreadsheet suggest the choices of a column; anything else can be typed.
func offer(f *excelize.File, name, col string, choices []string, rows int) error {
	list := strings.Join(choices, ",")
	if len(choices) == 0 || utf8.RuneCountInString(list) > maxOffer || strings.Count(list, ",") != len(choices)-1 {
		return nil
	}
	v := excelize.NewDataValidation(true)
	v.SetSqref(col + "2:" + col + strconv.Itoa(rows+1+moreRows))
	v.ShowErrorMessage = false
	if err := v.SetDropList(choices); err != nil {
		return err
	}
	return f.AddDataValidation(name, v)
}

// sheetName leaves out what a sheet may not be called.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`:\/?*[]'`, r) {
			return -1
		}
		return r
	}, s)
	return string([]rune(s)[:min(len([]rune(s)), 31)])
}
