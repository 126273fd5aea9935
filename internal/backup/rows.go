package backup

import (
	"bufio"
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/db"
)

// kept says whether a table is part of a backup. The queue and what it stands on
// are not, and neither are the version tables, whose content is in the manifest.
func kept(table string) bool {
	for _, prefix := range []string{"goose_", "river_", "job_"} {
		if strings.HasPrefix(table, prefix) {
			return false
		}
	}
	return true
}

// dump writes every table: a line that describes it, a line per row, and a line
// with their number. It reads in the snapshot of ctx.
func dump(ctx context.Context, w io.Writer, tick func(rows int64)) (counts []Count, err error) {
	tables, err := db.Tables(ctx)
	if err != nil {
		return nil, err
	}
	out := bufio.NewWriterSize(w, 64<<10)
	for _, t := range tables {
		if !kept(t.Name) {
			continue
		}
		n, err := dumpTable(ctx, out, t, tick)
		if err != nil {
			return nil, fmt.Errorf("table %s: %w", t.Name, err)
		}
		counts = append(counts, Count{t.Name, n})
	}
	return counts, out.Flush()
}

func dumpTable(ctx context.Context, out *bufio.Writer, t db.Table, tick func(int64)) (n int64, err error) {
	head, err := json.Marshal(t)
	if err != nil {
		return 0, err
	}
	if _, err := out.Write(append(head, '\n')); err != nil {
		return 0, err
	}
	values, places := make([]any, len(t.Columns)), make([]any, len(t.Columns))
	for i := range values {
		places[i] = &values[i]
	}
	var line []byte
	err = db.Walk(ctx, places, func() error {
		line = append(line[:0], '[')
		for i, v := range values {
			if i > 0 {
				line = append(line, ',')
			}
			if line, err = appendValue(line, t.Columns[i].Kind.As(v)); err != nil {
				return err
			}
		}
		n++
		tick(1)
		_, err := out.Write(append(line, ']', '\n'))
		return err
	}, t.Query())
	if err != nil {
		return n, err
	}
	_, err = fmt.Fprintf(out, "{\"rows\":%d}\n", n)
	return n, err
}

// appendValue writes a value as JSON. Bytes, and texts that are not UTF-8, are
// objects with base64.
func appendValue(line []byte, v any) ([]byte, error) {
	switch x := v.(type) {
	case nil:
		return append(line, "null"...), nil
	case bool:
		return strconv.AppendBool(line, x), nil
	case int64:
		return strconv.AppendInt(line, x, 10), nil
	case float64:
		b, err := json.Marshal(x)
		if err == nil && !bytes.ContainsAny(b, ".e") {
			b = append(b, ".0"...) // or it would come back as a whole number
		}
		return append(line, b...), err
	case string:
		if utf8.ValidString(x) {
			return appendString(line, x)
		}
		return append(base64.StdEncoding.AppendEncode(append(line, `{"text":"`...), []byte(x)), `"}`...), nil
	case []byte:
		return append(base64.StdEncoding.AppendEncode(append(line, `{"bytes":"`...), x), `"}`...), nil
	}
	return nil, fmt.Errorf("backup: a value of type %T", v)
}

func appendString(line []byte, s string) ([]byte, error) {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c == '"' || c == '\\' {
			b, err := json.Marshal(s)
			return append(line, b...), err
		}
	}
	line = append(line, '"')
	line = append(line, s...)
	return append(line, '"'), nil
}

// load puts every table of a dump into a database that has these tables.
func load(ctx context.Context, d *db.DB, r io.Reader, tick func(rows int64)) ([]Count, error) {
	known, err := columns(ctx, d)
	if err != nil {
		return nil, err
	}
	l, err := d.NewLoader(ctx)
	if err != nil {
		return nil, err
	}
	in := &rowReader{in: bufio.NewReaderSize(r, 256<<10), tick: tick}
	var counts []Count
	for {
		var c Count
		c, err = in.table(ctx, l, known)
		if err != nil {
			break
		}
		counts = append(counts, c)
	}
	if err != io.EOF {
		_ = l.Close(context.WithoutCancel(ctx))
		return nil, err
	}
	return counts, l.Close(ctx)
}

// columns are the columns of each table that stands there, and their kinds.
func columns(ctx context.Context, d *db.DB) (map[string]map[string]db.Kind, error) {
	all := map[string]map[string]db.Kind{}
	err := d.Read(ctx, func(ctx context.Context) error {
		tables, err := db.Tables(ctx)
		for _, t := range tables {
			all[t.Name] = map[string]db.Kind{}
			for _, c := range t.Columns {
				all[t.Name][c.Name] = c.Kind
			}
		}
		return err
	})
	return all, err
}

type rowReader struct {
	in   *bufio.Reader
	line []byte // without its end
	row  []any
	tick func(int64)
}

// next reads a line of any length.
func (r *rowReader) next() error {
	r.line = r.line[:0]
	for {
		part, err := r.in.ReadSlice('\n')
		r.line = append(r.line, part...)
		switch {
		case err == nil:
			r.line = r.line[:len(r.line)-1]
			return nil
		case err == io.EOF && len(r.line) > 0:
			return fmt.Errorf("%w: rows end in the middle", ErrDamaged)
		case err != bufio.ErrBufferFull:
			return err
		}
	}
}

func (r *rowReader) table(ctx context.Context, l *db.Loader, known map[string]map[string]db.Kind) (Count, error) {
	if err := r.next(); err != nil {
		return Count{}, err
	}
	var t db.Table
	if err := json.Unmarshal(r.line, &t); err != nil || t.Name == "" {
		return Count{}, fmt.Errorf("%w: a table without a name", ErrDamaged)
	}
	for i, c := range t.Columns {
		kind, ok := known[t.Name][c.Name]
		if !ok {
			return Count{}, fmt.Errorf("%w: table %s, column %s", ErrNewer, t.Name, c.Name)
		}
		t.Columns[i].Kind = kind
	}
	n, err := l.Table(ctx, t, func() ([]any, error) { return r.values(ctx, t) })
	if err != nil {
		return Count{}, err
	}
	var end struct{ Rows *int64 }
	if err := json.Unmarshal(r.line, &end); err != nil || end.Rows == nil || *end.Rows != n {
		return Count{}, fmt.Errorf("%w: table %s has %d rows and should have others", ErrDamaged, t.Name, n)
	}
	return Count{t.Name, n}, nil
}

// values reads a row, or io.EOF after the last of a table.
func (r *rowReader) values(ctx context.Context, t db.Table) ([]any, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err := r.next()
	switch {
	case err == io.EOF:
		return nil, fmt.Errorf("%w: table %s has no end", ErrDamaged, t.Name)
	case err != nil:
		return nil, err
	case len(r.line) > 0 && r.line[0] == '{':
		return nil, io.EOF
	}
	r.tick(1)
	if r.row, err = parseRow(r.row[:0], r.line); err != nil || len(r.row) != len(t.Columns) {
		return nil, fmt.Errorf("%w: a row of table %s", ErrDamaged, t.Name)
	}
	for i, v := range r.row {
		r.row[i] = t.Columns[i].Kind.As(v)
	}
	return r.row, nil
}

// parseRow reads a JSON array of values as appendValue writes them. It is by hand
// because encoding/json would make a float of every number.
func parseRow(row []any, line []byte) ([]any, error) {
	if len(line) < 2 || line[0] != '[' || line[len(line)-1] != ']' {
		return nil, ErrDamaged
	}
	rest := line[1 : len(line)-1]
	for len(rest) > 0 {
		n := valueEnd(rest)
		v, err := parseValue(rest[:n])
		if err != nil {
			return nil, err
		}
		row = append(row, v)
		if n == len(rest) {
			return row, nil
		}
		rest = rest[n+1:]
		if len(rest) == 0 {
			return nil, ErrDamaged
		}
	}
	return row, nil
}

// valueEnd is where the value at the beginning ends: at a comma outside a string.
func valueEnd(b []byte) int {
	if b[0] != '"' && b[0] != '{' {
		if i := bytes.IndexByte(b, ','); i >= 0 {
			return i
		}
		return len(b)
	}
	inside := false
	for i := 0; i < len(b); i++ {
		switch {
		case b[i] == '\\' && inside:
			i++
		case b[i] == '"':
			inside = !inside
		case b[i] == ',' && !inside:
			return i
		}
	}
	return len(b)
}

func parseValue(b []byte) (any, error) {
	switch {
	case len(b) == 0:
		return nil, ErrDamaged
	case string(b) == "null":
		return nil, nil
	case string(b) == "true", string(b) == "false":
		return b[0] == 't', nil
	case b[0] == '"':
		return parseString(b)
	case b[0] == '{':
		return parseBase64(b)
	case bytes.ContainsAny(b, ".e"):
		return strconv.ParseFloat(string(b), 64)
	}
	return strconv.ParseInt(string(b), 10, 64)
}

func parseString(b []byte) (any, error) {
	if len(b) >= 2 && b[len(b)-1] == '"' && bytes.IndexByte(b, '\\') < 0 {
		return string(b[1 : len(b)-1]), nil
	}
	var s string
	err := json.Unmarshal(b, &s)
	return s, err
}

func parseBase64(b []byte) (any, error) {
	var v struct{ Bytes, Text *[]byte }
	if err := json.Unmarshal(b, &v); err != nil {
		return nil, err
	}
	switch {
	case v.Bytes != nil:
		return *v.Bytes, nil
	case v.Text != nil:
		return string(*v.Text), nil
	}
	return nil, ErrDamaged
}
