package assess

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/minamori-project/minamori/internal/wording"
)

// Fault is one thing that is wrong with a pack file.
type Fault struct {
	File string `json:"file"`           // as it was named
	Line int    `json:"line,omitempty"` // from 1; 0 where it is about the whole file
	At   string `json:"at,omitempty"`   // items[3].title (easy)
	Why  string `json:"why"`
}

// Error writes place and reason without the file, which the caller names.
func (f Fault) Error() string {
	switch {
	case f.At != "":
		return f.At + ": " + f.Why
	case f.Line > 0:
		return fmt.Sprintf("line %d: %s", f.Line, f.Why)
	}
	return f.Why
}

// String writes a fault the way editors jump to: small.yaml:12: items[0].part: …
func (f Fault) String() string {
	at := f.File
	if f.Line > 0 {
		at += ":" + strconv.Itoa(f.Line)
	}
	if f.At != "" {
		at += ": " + f.At
	}
	return at + ": " + f.Why
}

func first(all []Fault) error {
	if len(all) == 0 {
		return nil
	}
	return all[0]
}

// Linter finds everything that is wrong with packs, where LoadPacks stops at the
// first fault: form, references, and the words that people read.
type Linter struct {
	schema *jsonschema.Schema
	rules  *wording.Rules
	sound  Library
	files  map[*Pack]string
}

// NewLinter takes the folder that holds schema.json.
func NewLinter(frameworks fs.FS, rules *wording.Rules) (*Linter, error) {
	schema, err := loadSchema(frameworks)
	if err != nil {
		return nil, fmt.Errorf("schema.json: %w", err)
	}
	return &Linter{schema: schema, rules: rules, files: map[*Pack]string{}}, nil
}

// Lint reads one file and returns its faults by line. The error is that of the
// reader; whatever the file holds is a fault.
func (l *Linter) Lint(name string, r io.Reader) ([]Fault, error) {
	raw, err := readPack(r)
	if err != nil {
		return nil, err
	}
	body, err := parseBody(raw)
	var fault Fault
	if errors.As(err, &fault) {
		fault.File = name
		return []Fault{fault}, nil
	}
	p := &Pack{}
	all := checkSchema(body, l.schema)
	if err := yaml.NodeToValue(body, p); err == nil {
		all = slices.Concat(all, p.checkName(name), p.check())
	} else if len(all) == 0 {
		all = append(all, notYAML(err))
	}
	all = append(locate(all, body), l.wording(body, p.Family)...)
	if len(all) == 0 {
		l.files[p] = name
		l.sound.packs = append(l.sound.packs, p)
	}
	for i := range all {
		all[i].File = name
	}
	slices.SortStableFunc(all, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return slices.Compact(all), nil
}

func (l *Linter) wording(body ast.Node, family string) (all []Fault) {
	for _, f := range l.rules.Node(body, wording.Shelf{Family: family}) {
		if !f.Gone { // the schema has said so
			all = append(all, Fault{Line: f.Line, At: f.Place(), Why: f.Why})
		}
	}
	return all
}

// Editions looks at the sound packs together: two editions of a family never
// hold on the same day.
func (l *Linter) Editions() (all []Fault) {
	slices.SortFunc(l.sound.packs, byFamilyAndDay)
	for old, next := range l.sound.overlaps() {
		all = append(all, Fault{File: l.files[old], At: "valid_until", Why: overlap(next)})
	}
	return all
}

// locate adds the lines. A place that is not there belongs to what is above it.
func locate(all []Fault, body ast.Node) []Fault {
	lines := map[string]int{}
	noteLines(body, nil, lines)
	for i, f := range all {
		at := f.At
		for at != "" && lines[at] == 0 {
			at = at[:max(0, strings.LastIndexAny(at, ".["))]
		}
		if f.Line == 0 && f.At != "" {
			all[i].Line = max(1, lines[at])
		}
	}
	return all
}

// noteLines notes the line on which each place begins.
func noteLines(n ast.Node, at []string, lines map[string]int) {
	if len(at) > 0 && n.GetToken() != nil {
		if key := place(at); lines[key] == 0 {
			lines[key] = n.GetToken().Position.Line
		}
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		for _, v := range n.Values {
			noteLines(v, at, lines)
		}
	case *ast.MappingValueNode:
		below := append(slices.Clone(at), strings.Trim(n.Key.String(), `"'`))
		lines[place(below)] = n.Key.GetToken().Position.Line
		noteLines(n.Value, below, lines)
	case *ast.SequenceNode:
		for i, v := range n.Values {
			noteLines(v, append(slices.Clone(at), strconv.Itoa(i)), lines)
		}
	}
}
