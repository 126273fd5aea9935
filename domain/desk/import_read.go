package desk

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/unicode"

	"github.com/minamori-project/minamori/internal/problem"
)

// Limits of an uploaded list. A list of 5,000 members with 20 columns stays far
// below them; what is built to fill the memory does not.
const (
	maxListFile  = 4 << 20  // bytes as they come
	maxUnpacked  = 32 << 20 // bytes of all parts of a spreadsheet together
	maxParts     = 500      // files in the archive
	maxElements  = 1_000_000
	maxDepth     = 100
	maxInMemory  = 1 << 20 // a larger part of a spreadsheet waits on disk
	maxListRows  = 5_000
	maxListCols  = 60
	maxCell      = 300     // characters; what is longer is cut
	maxListText  = 4 << 20 // bytes of all cells together
	maxSheets    = 10
	readingTakes = 20 * time.Second
)

// memberList is the cells of an uploaded file. A formula counts as what the file says it
// came to; nothing is worked out here.
type memberList [][]string

func badList(code string, args ...any) error {
	// keys: problem.desk-list-large.title, problem.desk-list-large.hint, problem.desk-list-kind.title, problem.desk-list-kind.hint
	// keys: problem.desk-list-old.title, problem.desk-list-old.hint, problem.desk-list-broken.title, problem.desk-list-broken.hint
	// keys: problem.desk-list-rows.title, problem.desk-list-rows.hint, problem.desk-list-encoding.title, problem.desk-list-encoding.hint
	// keys: problem.desk-list-slow.title, problem.desk-list-slow.hint, field.desk-list-file
	code = "desk-list-" + code
	return problem.New(http.StatusUnprocessableEntity, code, args...)
}

// readList reads a spreadsheet (.xlsx) or a table of text (CSV in UTF-8, UTF-16 or
// Shift_JIS; commas, tabs or semicolons). It looks at what the file is and not at
// its name. Every sheet with cells is returned.
func readList(ctx context.Context, data []byte) ([]memberList, error) {
	ctx, cancel := context.WithTimeout(ctx, readingTakes)
	defer cancel()
	switch {
	case len(data) > maxListFile:
		return nil, badList("large", "n", maxListFile>>20)
	case bytes.HasPrefix(data, []byte("PK\x03\x04")):
		return readSpreadsheet(ctx, data)
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}): // .xls, or .xlsx with a password
		return nil, badList("old")
	case bytes.HasPrefix(data, []byte("%PDF")), len(bytes.TrimSpace(data)) == 0:
		return nil, badList("kind")
	}
	l, err := readText(ctx, data)
	return []memberList{l}, err
}

// readText reads a table of text.
func readText(ctx context.Context, data []byte) (memberList, error) {
	text, err := decodeText(data)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(strings.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = separator(text), -1, true, true
	g := gatherer{ctx: ctx}
	for {
		row, err := r.Read()
		switch {
		case errors.Is(err, io.EOF):
			return g.rows, nil
		case err != nil:
			return nil, badList("broken")
		}
		if err := g.add(row); err != nil {
			return nil, err
		}
	}
}

// decodeText finds out how a text is written: Excel in Japan saves Shift_JIS
// unless told otherwise.
func decodeText(data []byte) (string, error) {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		b, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(data)
		return sound(b, err)
	case utf8.Valid(data):
		return sound(bytes.TrimPrefix(data, []byte("\ufeff")), nil)
	}
	b, err := japanese.ShiftJIS.NewDecoder().Bytes(data)
	return sound(b, err)
}

func sound(b []byte, err error) (string, error) {
	if err != nil || bytes.IndexByte(b, 0) >= 0 || bytes.ContainsRune(b, utf8.RuneError) {
		return "", badList("encoding")
	}
	return string(b), nil
}

// separator is what stands between cells: the one that the first lines hold most.
func separator(text string) rune {
	head := text[:min(len(text), 4096)]
	best, most := ',', strings.Count(head, ",")
	for _, c := range "\t;" {
		if n := strings.Count(head, string(c)); n > most {
			best, most = c, n
		}
	}
	return best
}

// gatherer takes rows until a limit is met.
type gatherer struct {
	ctx  context.Context
	rows memberList
	text int
	full int // rows that hold something
}

// add keeps a row. Blank rows are kept as such, so that numbers of rows stay those
// that the reader sees in his file.
func (g *gatherer) add(cells []string) error {
	if g.ctx.Err() != nil {
		return badList("slow")
	}
	if len(cells) > maxListCols {
		cells = cells[:maxListCols]
	}
	row := make([]string, 0, len(cells))
	for _, c := range cells {
		c = tidyCell(c)
		g.text += len(c)
		row = append(row, c)
	}
	for len(row) > 0 && row[len(row)-1] == "" {
		row = row[:len(row)-1]
	}
	if len(row) > 0 {
		g.full++
	}
	// Titles and totals stand around the members: a few rows more are no harm.
	if g.rows = append(g.rows, row); g.full > maxListRows+50 || len(g.rows) > 4*maxListRows || g.text > maxListText {
		return badList("rows", "n", maxListRows)
	}
	return nil
}

// tidyCell makes one line of a cell and cuts it.
func tidyCell(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "?")
	}
	s = strings.Join(strings.Fields(s), " ")
	if utf8.RuneCountInString(s) > maxCell {
		s = string([]rune(s)[:maxCell])
	}
	return s
}

// readSpreadsheet reads the sheets of an .xlsx file once its parts are known to be
// harmless.
func readSpreadsheet(ctx context.Context, data []byte) ([]memberList, error) {
	if err := harmless(ctx, data); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxInMemory,
	})
	if err != nil {
		return nil, badList("broken")
	}
	defer f.Close() // takes away what waited on disk
	var all []memberList
	for i, name := range f.GetSheetList() {
		if visible, _ := f.GetSheetVisible(name); !visible || i >= maxSheets {
			continue
		}
		l, err := readSheet(ctx, f, name)
		if err != nil {
			return nil, err
		}
		if len(l) > 0 {
			all = append(all, l)
		}
	}
	if len(all) == 0 {
		return nil, badList("kind")
	}
	return all, nil
}

// readSheet walks the rows twice side by side: as shown, which keeps the zeros of
// 0012, and as stored, which keeps the digits of 13 that are shown as 5E+12.
func readSheet(ctx context.Context, f *excelize.File, name string) (memberList, error) {
	shown, err := f.Rows(name)
	if err != nil {
		return nil, badList("broken")
	}
	defer shown.Close()
	stored, err := f.Rows(name)
	if err != nil {
		return nil, badList("broken")
	}
	defer stored.Close()
	g := gatherer{ctx: ctx}
	blank := 0
	for shown.Next() && stored.Next() {
		a, err := shown.Columns()
		if err != nil {
			return nil, badList("broken")
		}
		b, err := stored.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, badList("broken")
		}
		for i := range a {
			if i < len(b) && strings.ContainsAny(a[i], "E+") && digitsOnly(b[i]) {
				a[i] = b[i]
			}
		}
		if blank++; strings.Join(a, "") != "" {
			blank = 0
		}
		if blank > maxListRows { // formatted rows without end
			break
		}
		if blank > 0 {
			a = nil
		}
		if err := g.add(a); err != nil {
			return nil, err
		}
	}
	if shown.Error() != nil {
		return nil, badList("broken")
	}
	for len(g.rows) > 0 && len(g.rows[len(g.rows)-1]) == 0 {
		g.rows = g.rows[:len(g.rows)-1]
	}
	return g.rows, nil
}

func digitsOnly(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

// harmless unpacks an archive without keeping it and refuses what the library
// would choke on: sizes are counted and not believed, and XML must be flat.
func harmless(ctx context.Context, data []byte) error {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return badList("broken")
	}
	if len(z.File) > maxParts {
		return badList("rows", "n", maxListRows)
	}
	left, elements := int64(maxUnpacked), 0
	for _, part := range z.File {
		r, err := part.Open()
		if err != nil {
			return badList("broken")
		}
		x := depthMeter{elements: &elements}
		n, err := io.Copy(&x, io.LimitReader(&stoppable{ctx, r}, left+1))
		_ = r.Close()
		left -= n
		switch {
		case ctx.Err() != nil:
			return badList("slow")
		case left < 0 || errors.Is(err, errTooMany):
			return badList("rows", "n", maxListRows)
		case err != nil:
			return badList("broken")
		}
	}
	return nil
}

// stoppable is a reader that ends with its context.
type stoppable struct {
	ctx context.Context
	io.Reader
}

func (s *stoppable) Read(b []byte) (int, error) {
	if err := s.ctx.Err(); err != nil {
		return 0, err
	}
	return s.Reader.Read(b)
}

var (
	errTooMany = errors.New("desk: too many elements")
	errDeep    = errors.New("desk: too deep, or with a document type")
)

// depthMeter counts the elements of a stream of XML and how deep they stand,
// roughly: enough to tell a sheet from a bomb. Pictures, which are no XML, pass.
type depthMeter struct {
	elements *int
	depth    int
	began    bool
	last     byte // the one before
	opening  bool // inside <name …
	marked   bool // just behind <!
}

func (x *depthMeter) Write(b []byte) (int, error) {
	if !x.began {
		x.began = true
		if t := bytes.TrimLeft(bytes.TrimPrefix(b, []byte("\ufeff")), " \t\r\n"); len(t) == 0 || t[0] != '<' {
			x.elements = nil
		}
	}
	if x.elements == nil {
		return len(b), nil
	}
	for _, c := range b {
		if err := x.take(c); err != nil {
			return 0, err
		}
	}
	return len(b), nil
}

func (x *depthMeter) take(c byte) error {
	before := x.last
	x.last = c
	switch {
	case before == '<' && c == '/':
		x.depth--
	case x.marked && (c == 'D' || c == 'E'): // <!DOCTYPE, <!ENTITY: no spreadsheet has one
		return errDeep
	case before == '<' && c == '!':
		x.marked = true
		return nil
	case before == '<' && c != '?':
		x.opening = true
		*x.elements++
		if x.depth++; x.depth > maxDepth {
			return errDeep
		}
		if *x.elements > maxElements {
			return errTooMany
		}
	case c == '>' && x.opening:
		if before == '/' {
			x.depth--
		}
		x.opening = false
	}
	x.marked = false
	return nil
}
