package oscal

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"
)

// Limits of what is read. The largest catalog of NIST has 10 MB.
const (
	MaxSize   = 16 << 20  // bytes
	MaxDepth  = 64        // objects and lists inside each other
	MaxValues = 1_000_000 // names and values together
)

// The errors of Read besides those of JSON itself.
var (
	ErrLarge = errors.New("oscal: larger than may be read")
	ErrDeep  = errors.New("oscal: nested deeper than may be read")
	ErrTwice = errors.New("oscal: a name stands twice in one object")
	ErrKind  = errors.New("oscal: not exactly one catalog, profile, assessment-results or mapping-collection")
)

// Read reads one document. What is missing that OSCAL demands is an error that names
// it.
func Read(r io.Reader) (Document, error) {
	var d Document
	data, err := io.ReadAll(io.LimitReader(r, MaxSize+1))
	if err != nil {
		return d, err
	}
	if len(data) > MaxSize {
		return d, ErrLarge
	}
	if !utf8.Valid(data) {
		return d, errors.New("oscal: not UTF-8")
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if err := measure(data); err != nil {
		return d, err
	}
	if err := json.Unmarshal(data, &d); err != nil {
		return Document{}, fmt.Errorf("oscal: %w", err)
	}
	if err := d.check(); err != nil {
		return Document{}, err
	}
	return d, nil
}

// measure walks a document without building it.
func measure(data []byte) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	var open []*level
	for n := 0; ; n++ {
		t, err := dec.Token()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("oscal: %w", err)
		case n > MaxValues:
			return ErrLarge
		}
		if open, err = step(open, t); err != nil {
			return err
		}
	}
}

// level is an object or a list that has begun.
type level struct {
	names map[string]bool // nil in a list
	value bool            // the next token is a value
}

func step(open []*level, t json.Token) ([]*level, error) {
	if d, ok := t.(json.Delim); ok && (d == '}' || d == ']') {
		return open[:len(open)-1], nil
	}
	if len(open) > 0 {
		if top := open[len(open)-1]; top.names != nil {
			if !top.value {
				top.value = true
				return open, top.add(t)
			}
			top.value = false
		}
	}
	switch t {
	case json.Delim('{'):
		open = append(open, &level{names: map[string]bool{}})
	case json.Delim('['):
		open = append(open, &level{})
	}
	if len(open) > MaxDepth {
		return nil, ErrDeep
	}
	return open, nil
}

// add notes a name. The reader behind takes names without their case.
func (l *level) add(t json.Token) error {
	name, ok := t.(string)
	if !ok {
		return errors.New("oscal: a name is not a string")
	}
	folded := strings.ToLower(name)
	if l.names[folded] {
		return ErrTwice
	}
	l.names[folded] = true
	return nil
}

// Write writes the document, indented, with a line end behind it.
func (d Document) Write(w io.Writer) error {
	if err := d.check(); err != nil {
		return err
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(d)
}

// Moment is a time as OSCAL writes it: with seconds and in UTC, so that equal times
// have equal bytes.
func Moment(t time.Time) time.Time { return t.UTC().Truncate(time.Second) }
