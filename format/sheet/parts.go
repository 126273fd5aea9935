package sheet

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"io"
	"path"
	"strings"

	"github.com/xuri/excelize/v2"
)

// parts is an archive that was looked through.
type parts struct {
	zip      *zip.Reader
	macros   bool
	elements int // of XML, in all parts together
}

// look unpacks an archive without keeping it and refuses what a library would choke
// on: sizes are counted and not believed, and XML must be flat.
func look(ctx context.Context, data []byte) (*parts, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, Broken
	}
	if len(z.File) > maxParts {
		return nil, Rows
	}
	p := &parts{zip: z}
	left := int64(MaxUnpacked)
	for _, part := range z.File {
		name := strings.ToLower(part.Name)
		p.macros = p.macros || strings.HasSuffix(name, "vbaproject.bin") || strings.Contains(name, "macrosheets/")
		if err := unpack(ctx, part, &left, &p.elements); err != nil {
			return nil, err
		}
	}
	return p, nil
}

func unpack(ctx context.Context, part *zip.File, left *int64, elements *int) error {
	r, err := part.Open()
	if err != nil {
		return Broken
	}
	defer r.Close()
	n, err := io.Copy(&depthMeter{elements: elements}, io.LimitReader(&stoppable{ctx, r}, *left+1))
	*left -= n
	switch {
	case ctx.Err() != nil:
		return Slow
	case *left < 0:
		return Large
	case errors.Is(err, errTooMany):
		return Rows
	case err != nil:
		return Broken
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
	errTooMany = errors.New("sheet: too many elements")
	errDeep    = errors.New("sheet: too deep, or with a document type")
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
		if t := bytes.TrimLeft(bytes.TrimPrefix(b, []byte(BOM)), " \t\r\n"); len(t) == 0 || t[0] != '<' {
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

// formulas finds the cells of a sheet that hold one, without building the sheet.
func (p *parts) formulas(ctx context.Context, name string) (map[At]bool, error) {
	found, at := map[At]bool{}, At{-1, -1}
	err := p.each(ctx, p.pathOf(ctx, name), func(t tag) {
		switch t.name {
		case "c":
			column, row, err := excelize.CellNameToCoordinates(t.attribute("r"))
			if at = (At{row - 1, column - 1}); err != nil {
				at = At{-1, -1}
			}
		case "f":
			found[at] = true
		}
	})
	if ctx.Err() != nil {
		return nil, Slow
	}
	return found, err
}

// pathOf follows the two lists that lead from the name of a sheet to its part.
func (p *parts) pathOf(ctx context.Context, sheet string) (file string) {
	id := ""
	_ = p.each(ctx, "xl/workbook.xml", func(t tag) {
		if t.name == "sheet" && t.attribute("name") == sheet {
			id = t.attribute("id") // in the namespace of either of the two dialects
		}
	})
	_ = p.each(ctx, "xl/_rels/workbook.xml.rels", func(t tag) {
		if t.name != "Relationship" || id == "" || t.attribute("Id") != id {
			return
		}
		if file = strings.TrimPrefix(t.attribute("Target"), "/"); file == t.attribute("Target") {
			file = path.Join("xl", file)
		}
	})
	return file
}

// each hands out the opening tags of a part, one after the other. What is not there has
// none.
func (p *parts) each(ctx context.Context, name string, f func(tag)) error {
	for _, part := range p.zip.File {
		if name == "" || !strings.EqualFold(strings.TrimPrefix(strings.ReplaceAll(part.Name, `\`, "/"), "/"), name) {
			continue
		}
		r, err := part.Open()
		if err != nil {
			return Broken
		}
		defer r.Close()
		return tags(&stoppable{ctx, r}, f)
	}
	return nil
}
