package wording

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Shelf says what is usual in a kind of content file.
type Shelf struct {
	Family       string // of the pack, or Own
	Placeholders bool   // {name} is filled in later
	NoEasy       bool   // a text that binds stands without its easy form
	Paper        bool   // no registers: every string with kana or kanji is plain Japanese
}

// Fault is one thing that is wrong, and where.
type Fault struct {
	Line int    // from 1; 0 where it is not known
	At   string // items[3].title
	Lang i18n.Lang
	Why  string
	Gone bool // there is no text to judge, which a schema may say as well
}

// Place is the text and its register: items[3].title (easy).
func (f Fault) Place() string { return f.At + " (" + registers[f.Lang] + ")" }

// String writes the place and what is wrong: items[3].title (easy): is empty.
func (f Fault) String() string { return f.Place() + ": " + f.Why }

// File checks every text of a content file. The caller bounds size and nesting
// of what comes from outside. It fails when the file is not YAML.
func (r *Rules) File(raw []byte, shelf Shelf) ([]Fault, error) {
	file, err := parser.ParseBytes(raw, 0)
	if err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	var all []Fault
	for _, doc := range file.Docs {
		if doc.Body != nil {
			all = append(all, r.Node(doc.Body, shelf)...)
		}
	}
	return all, nil
}

// Node checks every text below a node of a parsed file, in the order of lines.
func (r *Rules) Node(body ast.Node, shelf Shelf) []Fault {
	w := walker{rules: r, shelf: shelf}
	w.node(body, "")
	slices.SortStableFunc(w.faults, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return w.faults
}

type walker struct {
	rules  *Rules
	shelf  Shelf
	faults []Fault
}

func (w *walker) node(n ast.Node, at string) {
	switch n := n.(type) {
	case *ast.MappingNode:
		w.mapping(n.Values, at)
	case *ast.MappingValueNode:
		w.mapping([]*ast.MappingValueNode{n}, at)
	case *ast.SequenceNode:
		for i, v := range n.Values {
			w.node(v, at+"["+strconv.Itoa(i)+"]")
		}
	case *ast.StringNode, *ast.LiteralNode:
		if text := scalar(n); w.shelf.Paper && japanese(text) {
			w.text(i18n.JA, n, at, text)
		}
	}
}

// mapping is one text in its registers, or something that holds texts.
func (w *walker) mapping(values []*ast.MappingValueNode, at string) {
	members := map[string]ast.Node{}
	for _, v := range values {
		members[v.Key.String()] = v.Value
	}
	if members["ja"] != nil || members["easy"] != nil || members["en"] != nil {
		w.registers(values[0], members, at)
		return
	}
	for _, v := range values {
		name := v.Key.String()
		if s, ok := v.Key.(*ast.StringNode); ok {
			name = s.Value
		}
		w.node(v.Value, strings.TrimPrefix(at+"."+name, "."))
	}
}

func (w *walker) registers(first ast.Node, members map[string]ast.Node, at string) {
	for _, l := range i18n.Langs {
		n, there := members[registers[l]]
		switch n := n.(type) {
		case *ast.MappingNode: // English by number
			for _, v := range n.Values {
				w.text(l, v.Value, at, scalar(v.Value))
			}
		default:
			if there {
				w.text(l, n, at, scalar(n))
			} else if l != i18n.Easy || !w.shelf.NoEasy {
				w.add(l, first, at, "is missing", true)
			}
		}
	}
}

func (w *walker) text(l i18n.Lang, n ast.Node, at, raw string) {
	for _, why := range w.rules.Text(l, raw, w.shelf.Family) {
		w.add(l, n, at, why, strings.TrimSpace(raw) == "")
	}
	if segments, err := i18n.Parse(raw); err == nil && !w.shelf.Placeholders {
		for _, s := range segments {
			if s.Name != "" {
				w.add(l, n, at, fmt.Sprintf("{%s} is never filled in here", s.Name), false)
			}
		}
	}
}

func (w *walker) add(l i18n.Lang, n ast.Node, at, why string, gone bool) {
	line := 0
	if t := n.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	w.faults = append(w.faults, Fault{Line: line, At: at, Lang: l, Why: why, Gone: gone})
}

func scalar(n ast.Node) string {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value
	case *ast.LiteralNode:
		return n.Value.Value
	case *ast.NullNode, nil:
		return ""
	}
	return n.String()
}

func japanese(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return isKanji(r) || !notKana(r) })
}
