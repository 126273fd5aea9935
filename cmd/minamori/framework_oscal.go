package main

import (
	"bytes"
	"net/http"
	"os"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/domain/mapping"
	"github.com/minamori-project/minamori/format/oscal"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

type frameworkExportCmd struct {
	Register
	ID     string `arg:"" help:"Id of the framework, as the list shows it."`
	As     string `required:"" enum:"oscal-catalog,oscal-profile,oscal-mapping" help:"What to write: oscal-catalog, oscal-profile or oscal-mapping (every mapping from and to it)."`
	Output string `placeholder:"FILE" help:"File to write. Default: standard output."`
}

// Run writes nothing before the document is whole.
func (f frameworkExportCmd) Run(c *console) error {
	lib, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		return err
	}
	p := lib.ByID(f.ID)
	if p == nil {
		return problem.New(http.StatusNotFound, "no-framework", "id", f.ID)
	}
	d, err := f.document(c, lib, p)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := d.Write(&b); err != nil {
		return err
	}
	return f.put(c, b.Bytes())
}

func (f frameworkExportCmd) document(c *console, lib *assess.Library, p *assess.Pack) (d oscal.Document, err error) {
	switch f.As {
	case "oscal-catalog":
		return exchange.Catalog(p, f.of()), nil
	case "oscal-profile":
		return exchange.Profile(p, f.of()), nil
	}
	atlas, err := mapping.Load(content.Mappings(), lib)
	if err != nil {
		return d, err
	}
	maps := atlas.Touching(p.ID)
	if len(maps) == 0 {
		return d, problem.New(http.StatusNotFound, "no-mappings", "id", f.ID)
	}
	return collectionOf(p, maps, f.of(), c.now()), nil
}

func (f frameworkExportCmd) put(c *console, data []byte) error {
	if f.Output == "" {
		_, err := c.out.Write(data)
		return err
	}
	return os.WriteFile(f.Output, data, 0o644)
}

type frameworkImportCmd struct {
	File    string `arg:"" help:"OSCAL file (JSON): a catalog, or a mapping collection."`
	Mapping string `placeholder:"ID" help:"Which mapping of a collection that holds several."`
}

// Run prints a draft, which the lint refuses until people have written what a file
// of somebody else cannot give.
func (f frameworkImportCmd) Run(c *console) error {
	text, err := f.draft(c)
	if err != nil {
		return err
	}
	_, err = c.out.Write(text)
	return err
}

func (f frameworkImportCmd) draft(c *console) ([]byte, error) {
	file, err := os.Open(f.File)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	lib, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		return nil, err
	}
	// Read with the digest, which tells later readers which file it was.
	from, d, err := readForeign(f.File, file)
	if err != nil {
		return nil, f.fault(err)
	}
	from.on = assess.Date(i18n.ISO(c.now()))
	var text []byte
	switch {
	case d.Catalog != nil:
		text, err = draftPack(d.Catalog, from, lib)
	case d.MappingCollection != nil:
		text, err = draftMapping(d.MappingCollection, from, lib, f.Mapping)
	default:
		err = errForeignKind
	}
	if err != nil {
		return nil, f.fault(err)
	}
	return text, nil
}

func (f frameworkImportCmd) fault(err error) error {
	if problem.As(err) != nil {
		return err
	}
	return problem.New(http.StatusBadRequest, "oscal-file", "path", visible(f.File), "why", visible(err.Error()))
}
