package sheet

import "strings"

// running are the first signs of what a spreadsheet runs; the full-width ones too,
// since some Japanese input makes the others of them.
const running = "=+-@\t\r\n＝＋－＠"

// runs says whether a spreadsheet could run a text, or whether the text begins as a
// marked one does: it is then marked too, or the reader would take its own sign away.
func runs(s string) bool {
	s = strings.TrimLeft(s, "'")
	return s != "" && strings.ContainsRune(running, []rune(s)[0])
}

// Mark puts one mark before a text that a spreadsheet could run.
func Mark(s string) string {
	if runs(s) {
		return "'" + s
	}
	return s
}

// Unmark takes away what Mark added.
func Unmark(s string) string {
	if rest, ok := strings.CutPrefix(s, "'"); ok && runs(rest) {
		return rest
	}
	return s
}

// Line is a line of CSV: every cell marked where needed and between quotes. A cell
// without quotes could be cut at a semicolon or a tab by some programs, and a formula
// would begin behind it.
func Line(cells ...string) string {
	var b strings.Builder
	for i, c := range cells {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`"` + strings.ReplaceAll(Mark(c), `"`, `""`) + `"`)
	}
	return b.String() + "\r\n"
}

// BOM stands at the beginning of a CSV file: without it Excel reads Japanese as
// something else.
const BOM = "\ufeff"
