package mapping

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
)

// Limits of a map file, as those of a pack: it may come from outside one day, and
// the parser is recursive.
const (
	maxBytes     = 1 << 20
	maxLines     = 40_000
	maxLineBytes = 4096
	maxDepth     = 32
)

func loadSchema(fsys fs.FS) (*jsonschema.Schema, error) {
	f, err := fsys.Open("schema.json")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(io.LimitReader(f, maxBytes))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		return nil, err
	}
	return c.Compile("schema.json")
}

func loadMap(fsys fs.FS, name string, schema *jsonschema.Schema) (*Map, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, maxBytes+1))
	if err != nil {
		return nil, err
	}
	m, err := parseMap(raw, schema)
	if err != nil {
		return nil, err
	}
	if want := strings.TrimSuffix(path.Base(name), ".yaml"); m.ID != want {
		return nil, fmt.Errorf("id: is %q, but the file is named %q", m.ID, want)
	}
	return m, nil
}

func parseMap(raw []byte, schema *jsonschema.Schema) (*Map, error) {
	if err := checkShape(raw); err != nil {
		return nil, err
	}
	for _, t := range lexer.Tokenize(string(raw)) {
		if t.Type == token.AnchorType || t.Type == token.AliasType {
			return nil, fmt.Errorf("line %d: anchors and aliases are not allowed", t.Position.Line)
		}
	}
	file, err := parser.ParseBytes(raw, 0)
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
	m := &Map{}
	if err := yaml.NodeToValue(body, m, yaml.Strict()); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	return m, nil
}

// checkShape bounds size and nesting before the parser sees the bytes. Nesting
// needs brackets, or one more column for each level.
func checkShape(raw []byte) error {
	if len(raw) > maxBytes {
		return fmt.Errorf("is larger than %d bytes", maxBytes)
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

// place writes a location: rows[3].to[0].
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
