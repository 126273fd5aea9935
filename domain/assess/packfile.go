package assess

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
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
	maxLines     = 10_000 // the parser's time grows with the square of a map
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
	raw, err := readPack(f)
	if err != nil {
		return nil, err
	}
	p, err := parsePack(raw, schema)
	if err != nil {
		return nil, err
	}
	return p, first(p.checkName(name))
}

// readPack reads one byte more than a pack may have, which checkShape refuses.
func readPack(r io.Reader) ([]byte, error) { return io.ReadAll(io.LimitReader(r, maxPackBytes+1)) }

func (p *Pack) checkName(name string) []Fault {
	if want := strings.TrimSuffix(path.Base(name), ".yaml"); p.ID != want {
		return []Fault{{At: "id", Why: fmt.Sprintf("is %q, but the file is named %q", p.ID, want)}}
	}
	return nil
}

func parsePack(raw []byte, schema *jsonschema.Schema) (*Pack, error) {
	body, err := parseBody(raw)
	if err != nil {
		return nil, err
	}
	if err := first(checkSchema(body, schema)); err != nil {
		return nil, err
	}
	p := &Pack{}
	if err := yaml.NodeToValue(body, p, yaml.Strict()); err != nil {
		return nil, notYAML(err)
	}
	return p, first(append(p.checkTexts(), p.check()...))
}

// parseBody returns the one document of a file, or a Fault.
func parseBody(raw []byte) (ast.Node, error) {
	if err := checkShape(raw); err != nil {
		return nil, err
	}
	tokens := lexer.Tokenize(string(raw))
	for _, t := range tokens {
		if t.Type == token.AnchorType || t.Type == token.AliasType {
			return nil, Fault{Line: t.Position.Line, Why: "anchors and aliases are not allowed"}
		}
	}
	file, err := parser.Parse(tokens, 0)
	if err != nil {
		return nil, notYAML(err)
	}
	if len(file.Docs) != 1 || file.Docs[0].Body == nil {
		return nil, Fault{Why: fmt.Sprintf("holds %d documents, want 1 that is not empty", len(file.Docs))}
	}
	return file.Docs[0].Body, nil
}

// notYAML takes line and reason out of an error of the parser.
func notYAML(err error) Fault {
	var found yaml.Error
	if errors.As(err, &found) && found.GetToken() != nil {
		return Fault{Line: found.GetToken().Position.Line, Why: found.GetMessage()}
	}
	return Fault{Why: err.Error()}
}

// checkShape bounds size and nesting before the parser, which is recursive,
// sees the bytes. Nesting needs brackets, or one more column for each level.
func checkShape(raw []byte) error {
	if len(raw) > maxPackBytes {
		return Fault{Why: fmt.Sprintf("is larger than %d bytes", maxPackBytes)}
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
			return Fault{Line: line, Why: fmt.Sprintf("is nested deeper than %d levels", maxDepth)}
		}
		if line > maxLines {
			return Fault{Why: fmt.Sprintf("has more than %d lines", maxLines)}
		}
		if column > maxLineBytes {
			return Fault{Line: line, Why: fmt.Sprintf("is longer than %d bytes", maxLineBytes)}
		}
	}
	return nil
}

func checkSchema(body ast.Node, schema *jsonschema.Schema) []Fault {
	var doc any
	if err := yaml.NodeToValue(body, &doc); err != nil {
		return []Fault{notYAML(err)}
	}
	var invalid *jsonschema.ValidationError
	if err := schema.Validate(doc); errors.As(err, &invalid) {
		return leaves(invalid, message.NewPrinter(language.English))
	} else if err != nil {
		return []Fault{{Why: err.Error()}}
	}
	return nil
}

// leaves are the causes that have no cause themselves.
func leaves(invalid *jsonschema.ValidationError, english *message.Printer) (all []Fault) {
	for _, cause := range invalid.Causes {
		all = append(all, leaves(cause, english)...)
	}
	if len(invalid.Causes) == 0 {
		all = append(all, Fault{At: place(invalid.InstanceLocation), Why: invalid.ErrorKind.LocalizedString(english)})
	}
	return all
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

// checkTexts finds braces that are not closed.
func (p *Pack) checkTexts() (all []Fault) {
	for at, t := range p.Texts() {
		for _, l := range i18n.Langs {
			if _, err := i18n.Parse(t.Register(l)); err != nil {
				all = append(all, Fault{At: at, Why: err.Error()})
			}
		}
	}
	return all
}

// check looks at what a schema cannot say: order, uniqueness and references.
func (p *Pack) check() []Fault {
	parts, all := ids("parts", p.Parts, func(x Part) string { return x.ID })
	areas, twice := ids("areas", p.Areas, func(x Area) string { return x.ID })
	all = append(all, twice...)
	_, twice = ids("choices", p.Choices, func(x Choice) string { return x.Code })
	all = append(all, twice...)
	_, twice = ids("items", p.Items, func(x Item) string { return x.ID })
	all = append(all, twice...)
	_, twice = ids("requirements", p.Requirements, func(x Requirement) string { return x.ID })
	all = append(all, twice...)
	return slices.Concat(all, p.checkItems(parts, areas), p.checkRequirements(parts), p.checkBands(), p.checkDays())
}

func ids[T any](list string, all []T, id func(T) string) (seen map[string]bool, twice []Fault) {
	seen = map[string]bool{}
	for i, x := range all {
		if seen[id(x)] {
			twice = append(twice, Fault{At: fmt.Sprintf("%s[%d]", list, i), Why: fmt.Sprintf("%q stands twice", id(x))})
		}
		seen[id(x)] = true
	}
	return seen, twice
}

func (p *Pack) checkItems(parts, areas map[string]bool) (all []Fault) {
	for i, x := range p.Items {
		at := fmt.Sprintf("items[%d].", i)
		if x.Number != i+1 {
			all = append(all, Fault{At: at + "number", Why: fmt.Sprintf("is %d, want %d", x.Number, i+1)})
		}
		if x.Part != "" && !parts[x.Part] {
			all = append(all, Fault{At: at + "part", Why: fmt.Sprintf("%q is not a part", x.Part)})
		}
		if x.Area != "" && !areas[x.Area] {
			all = append(all, Fault{At: at + "area", Why: fmt.Sprintf("%q is not an area", x.Area)})
		}
	}
	return all
}

// checkRequirements keeps the two levels of numbers together: a requirement has
// criteria, and all of them stand in its part.
func (p *Pack) checkRequirements(parts map[string]bool) (all []Fault) {
	part := map[string]string{}
	for i, x := range p.Requirements {
		if !parts[x.Part] {
			all = append(all, Fault{At: fmt.Sprintf("requirements[%d].part", i), Why: fmt.Sprintf("%q is not a part", x.Part)})
		}
		part[x.ID] = x.Part
	}
	used := map[string]bool{}
	for i, x := range p.Items {
		if len(p.Requirements) == 0 && x.Requirement == "" {
			continue
		}
		if of, ok := part[x.Requirement]; !ok || of != x.Part {
			why := fmt.Sprintf("%q is not a requirement of part %q", x.Requirement, x.Part)
			all = append(all, Fault{At: fmt.Sprintf("items[%d].requirement", i), Why: why})
		}
		used[x.Requirement] = true
	}
	for i, x := range p.Requirements {
		if !used[x.ID] && !p.Preview {
			all = append(all, Fault{At: fmt.Sprintf("requirements[%d]", i), Why: fmt.Sprintf("%q has no item", x.ID)})
		}
	}
	return all
}

// checkBands refuses gaps: every possible score belongs to exactly one band.
func (p *Pack) checkBands() (all []Fault) {
	if p.Kind != Diagnosis || len(p.Choices) == 0 {
		return nil
	}
	lowest, highest := p.limits()
	for i, b := range p.Bands {
		if b.Max != highest || b.Min > b.Max {
			all = append(all, Fault{At: fmt.Sprintf("bands[%d]", i), Why: fmt.Sprintf("runs from %d to %d, want an end at %d", b.Min, b.Max, highest)})
		}
		highest = b.Min - 1
	}
	if highest != lowest-1 {
		all = append(all, Fault{At: "bands", Why: fmt.Sprintf("the last begins at %d, want %d", highest+1, lowest)})
	}
	return all
}

// limits returns the lowest and the highest score of a complete pack.
func (p *Pack) limits() (lowest, highest int) {
	least, most := p.Choices[0].Points, p.Choices[0].Points
	for _, c := range p.Choices {
		least, most = min(least, c.Points), max(most, c.Points)
	}
	return least * len(p.Items), most * len(p.Items)
}

func (p *Pack) checkDays() (all []Fault) {
	check := func(at string, d Date) {
		if d != "" && d.Time().IsZero() {
			all = append(all, Fault{At: at, Why: fmt.Sprintf("%q is not a day of the calendar", d)})
		}
	}
	check("valid_from", p.ValidFrom)
	check("valid_until", p.ValidUntil)
	check("source.seen.on", p.Source.Seen.On)
	if p.Successor != nil {
		check("successor.from", p.Successor.From)
	}
	if p.ValidUntil != "" && p.ValidUntil < p.ValidFrom {
		all = append(all, Fault{At: "valid_until", Why: "is before valid_from"})
	}
	return all
}
