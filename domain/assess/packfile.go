package assess

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Limits of a pack file. A pack may come from outside this project one day, so
// the parser is never handed anything that could exhaust its stack or memory.
const (
	maxPackBytes = 1 << 20
	maxLines     = 40_000 // the parser's time grows with the square of a map
	maxLineBytes = 4096
	maxDepth     = 32
)

func loadSchema(fsys fs.FS) (*jsonschema.Schema, error) {
	f, err := fsys.Open("schema.json")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(io.LimitReader(f, maxPackBytes))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

func loadPack(fsys fs.FS, name string, schema *jsonschema.Schema) (*Pack, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxPackBytes+1))
	if err != nil {
		return nil, err
	}
	p, err := parsePack(raw, schema)
	if err != nil {
		return nil, err
	}
	if want := strings.TrimSuffix(path.Base(name), ".yaml"); p.ID != want {
		return nil, fmt.Errorf("id: is %q, but the file is named %q", p.ID, want)
	}
	return p, nil
}

func parsePack(raw []byte, schema *jsonschema.Schema) (*Pack, error) {
	if err := checkShape(raw); err != nil {
		return nil, err
	}
	tokens := lexer.Tokenize(string(raw))
	for _, t := range tokens {
		if t.Type == token.AnchorType || t.Type == token.AliasType {
			return nil, fmt.Errorf("line %d: anchors and aliases are not allowed", t.Position.Line)
		}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, fmt.Errorf("holds %d documents, want 1 that is not empty", len(file.Docs))
	}
	body := file.Docs[0].Body
	if err := checkSchema(body, schema); err != nil {
		return nil, err
	}
	p := &Pack{}
	if err := yaml.NodeToValue(body, p, yaml.Strict()); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	return p, p.check()
}

// checkShape bounds size and nesting before the parser, which is recursive,
// sees the bytes. Nesting needs brackets, or one more column for each level.
func checkShape(raw []byte) error {
	if len(raw) > maxPackBytes {
		return fmt.Errorf("is larger than %d bytes", maxPackBytes)
	}
	depth, line, column, indent := 0, 1, 0, true
	for _, b := range raw {
		column++
		indent = indent && strings.IndexByte(" -?:\t", b) >= 0
		switch b {
		case '\n':
			line, column, indent = line+1, 0, true
		case '{', '[':
			depth++
		case '}', ']':
			depth = max(0, depth-1)
		}
		if depth > maxDepth || indent && column > 2*maxDepth {
			return fmt.Errorf("line %d: is nested deeper than %d levels", line, maxDepth)
		}
		if line > maxLines {
			return fmt.Errorf("has more than %d lines", maxLines)
		}
		if column > maxLineBytes {
			return fmt.Errorf("line %d: is longer than %d bytes", line, maxLineBytes)
		}
	}
	return nil
}

func checkSchema(body ast.Node, schema *jsonschema.Schema) error {
	var doc any
	if err := yaml.NodeToValue(body, &doc); err != nil {
		return errors.New(yaml.FormatError(err, false, false))
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(doc); errors.As(err, &invalid) {
		for len(invalid.Causes) > 0 {
			invalid = invalid.Causes[0]
		}
		why := invalid.ErrorKind.LocalizedString(message.NewPrinter(language.English))
		return fmt.Errorf("%s: %s", place(invalid.InstanceLocation), why)
	} else if err != nil {
		return err
	}
	return nil
}

// place writes a location the way Texts does: items[3].action.why.
func place(location []string) string {
	var b strings.Builder
	for _, step := range location {
		switch {
		case step != "" && strings.Trim(step, "0123456789") == "":
			b.WriteString("[" + step + "]")
		case b.Len() > 0:
			b.WriteString("." + step)
		default:
			b.WriteString(step)
		}
	}
	if b.Len() == 0 {
		return "top level"
	}
	return b.String()
}

// check looks at what a schema cannot say: order, uniqueness and references.
func (p *Pack) check() error {
	for at, t := range p.Texts() {
		for _, l := range i18n.Langs {
			if _, err := i18n.Parse(t.Register(l)); err != nil {
				return fmt.Errorf("%s: %w", at, err)
			}
		}
	}
	parts, err := ids("parts", p.Parts, func(x Part) string { return x.ID })
	if err != nil {
		return err
	}
	areas, err := ids("areas", p.Areas, func(x Area) string { return x.ID })
	if err != nil {
		return err
	}
	if _, err := ids("choices", p.Choices, func(x Choice) string { return x.Code }); err != nil {
		return err
	}
	if _, err := ids("items", p.Items, func(x Item) string { return x.ID }); err != nil {
		return err
	}
	return errors.Join(p.checkItems(parts, areas), p.checkRequirements(parts), p.checkBands(), p.checkDays())
}

func ids[T any](list string, all []T, id func(T) string) (map[string]bool, error) {
	seen := map[string]bool{}
	for i, x := range all {
		if seen[id(x)] {
			return nil, fmt.Errorf("%s[%d]: %q stands twice", list, i, id(x))
		}
		seen[id(x)] = true
	}
	return seen, nil
}

func (p *Pack) checkItems(parts, areas map[string]bool) error {
	for i, x := range p.Items {
		switch {
		case x.Number != i+1:
			return fmt.Errorf("items[%d].number: is %d, want %d", i, x.Number, i+1)
		case x.Part != "" && !parts[x.Part]:
			return fmt.Errorf("items[%d].part: %q is not a part", i, x.Part)
		case x.Area != "" && !areas[x.Area]:
			return fmt.Errorf("items[%d].area: %q is not an area", i, x.Area)
		}
	}
	return nil
}

// checkRequirements keeps the two levels of numbers together: a requirement has
// criteria, and all of them stand in its part.
func (p *Pack) checkRequirements(parts map[string]bool) error {
	if _, err := ids("requirements", p.Requirements, func(x Requirement) string { return x.ID }); err != nil {
		return err
	}
	part := map[string]string{}
	for i, x := range p.Requirements {
		if !parts[x.Part] {
			return fmt.Errorf("requirements[%d].part: %q is not a part", i, x.Part)
		}
		part[x.ID] = x.Part
	}
	used := map[string]bool{}
	for i, x := range p.Items {
		if len(p.Requirements) == 0 && x.Requirement == "" {
			continue
		}
		if of, ok := part[x.Requirement]; !ok || of != x.Part {
			return fmt.Errorf("items[%d].requirement: %q is not a requirement of part %q", i, x.Requirement, x.Part)
		}
		used[x.Requirement] = true
	}
	for i, x := range p.Requirements {
		if !used[x.ID] && !p.Preview {
			return fmt.Errorf("requirements[%d]: %q has no item", i, x.ID)
		}
	}
	return nil
}

// checkBands refuses gaps: every possible score belongs to exactly one band.
func (p *Pack) checkBands() error {
	if p.Kind != Diagnosis {
		return nil
	}
	lowest, highest := p.limits()
	for i, b := range p.Bands {
		if b.Max != highest || b.Min > b.Max {
			return fmt.Errorf("bands[%d]: runs from %d to %d, want an end at %d", i, b.Min, b.Max, highest)
		}
		highest = b.Min - 1
	}
	if highest != lowest-1 {
		return fmt.Errorf("bands: the last begins at %d, want %d", highest+1, lowest)
	}
	return nil
}

// limits returns the lowest and the highest score of a complete pack.
func (p *Pack) limits() (lowest, highest int) {
	least, most := p.Choices[0].Points, p.Choices[0].Points
	for _, c := range p.Choices {
		least, most = min(least, c.Points), max(most, c.Points)
	}
	return least * len(p.Items), most * len(p.Items)
}

func (p *Pack) checkDays() error {
	for _, d := range []Date{p.ValidFrom, p.ValidUntil, p.Source.Seen.On} {
		if d != "" && d.Time().IsZero() {
			return fmt.Errorf("%q is not a day of the calendar", d)
		}
	}
	if p.ValidUntil != "" && p.ValidUntil < p.ValidFrom {
		return fmt.Errorf("valid_until: is before valid_from")
	}
	return nil
}
