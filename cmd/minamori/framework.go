package main

import (
	"cmp"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/wording"
)

type frameworkCmd struct {
	List frameworkListCmd `cmd:"" help:"List the frameworks of this program."`
	Show frameworkShowCmd `cmd:"" help:"Show one framework: numbers, titles, and what of it was verified."`
	Lint frameworkLintCmd `cmd:"" help:"Check framework packs: form, references and the words that people read."`

	Export frameworkExportCmd `cmd:"" help:"Write a framework, or its mappings, as OSCAL 1.2."`
	Import frameworkImportCmd `cmd:"" help:"Draft a pack from an OSCAL catalog, or a mapping from a mapping collection."`
}

// Register is the language flag of commands that print texts of the product.
type Register struct {
	Lang string `enum:"ja,ja-x-easy,en," default:"" help:"Language of titles: ja, ja-x-easy or en. Default: that of the terminal."`
}

func (r Register) of() i18n.Lang { return i18n.Lang(firstOf(r.Lang, string(terminalLanguage()))) }

// frameworkLine is one framework as scripts read it.
type frameworkLine struct {
	ID           string `json:"id"`
	Edition      string `json:"edition"`
	Title        string `json:"title"`
	Requirements int    `json:"requirements"`
	Criteria     int    `json:"criteria"`
	Verified     bool   `json:"verified"`
	Source       string `json:"source"`
}

func lineOf(p *assess.Pack, l i18n.Lang) frameworkLine {
	return frameworkLine{
		ID: p.ID, Edition: p.Edition, Title: p.Title.In(l), Verified: p.Verified, Source: p.Source.Title,
		Requirements: max(len(p.Requirements), p.Announced.Requirements),
		Criteria:     max(len(p.Items), p.Announced.Criteria),
	}
}

type frameworkListCmd struct {
	Output
	Register
}

func (f frameworkListCmd) Run(c *console) error {
	lib, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		return err
	}
	var all []frameworkLine
	for _, p := range lib.Packs() {
		all = append(all, lineOf(p, f.of()))
	}
	return f.print(c, all, func(w io.Writer) {
		for _, x := range all {
			fmt.Fprintf(w, "%s\n  %s, edition %s, %s\n", x.ID, x.Title, x.Edition, x.size())
		}
	})
}

// size says how much there is to look at, and whether it was verified.
func (x frameworkLine) size() string {
	size := fmt.Sprintf("%d criteria", x.Criteria)
	if x.Requirements > 0 {
		size = fmt.Sprintf("%d requirements, %s", x.Requirements, size)
	}
	if x.Verified {
		return size + ", verified"
	}
	return size + ", not verified"
}

type frameworkShowCmd struct {
	Output
	Register
	ID string `arg:"" help:"Id of the framework, as the list shows it."`
}

// frameworkShown is one framework whole, without what is explained about it.
type frameworkShown struct {
	ID           string           `json:"id"`
	Family       string           `json:"family"`
	Kind         assess.Kind      `json:"kind"`
	Title        string           `json:"title"`
	Edition      string           `json:"edition"`
	ValidFrom    assess.Date      `json:"valid_from"`
	ValidUntil   assess.Date      `json:"valid_until,omitempty"`
	Verified     bool             `json:"verified"`
	VerifiedNote string           `json:"verified_note"`
	Preview      bool             `json:"preview"`
	Source       frameworkSource  `json:"source"`
	Parts        []frameworkGroup `json:"parts"`
	Requirements []frameworkGroup `json:"requirements"`
	Items        []frameworkItem  `json:"items"`
}

type frameworkSource struct {
	Title   string      `json:"title"`
	Edition string      `json:"edition"`
	URL     string      `json:"url,omitempty"`
	SeenOn  assess.Date `json:"seen_on"`
	SeenIn  string      `json:"seen_in"`
}

// frameworkGroup is a part, or a requirement in a part. Sign is the official
// number as it is printed.
type frameworkGroup struct {
	ID    string `json:"id"`
	Sign  string `json:"sign"`
	Part  string `json:"part,omitempty"`
	Title string `json:"title"`
}

type frameworkItem struct {
	frameworkGroup
	Requirement string   `json:"requirement,omitempty"`
	Depth       int      `json:"depth"`
	Needs       []string `json:"needs"`
}

func (f frameworkShowCmd) Run(c *console) error {
	lib, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		return err
	}
	p := lib.ByID(f.ID)
	if p == nil {
		return problem.New(http.StatusNotFound, "no-framework", "id", f.ID)
	}
	return f.print(c, shownOf(p, f.of()), func(w io.Writer) { printFramework(w, shownOf(p, f.of()), lineOf(p, f.of())) })
}

func shownOf(p *assess.Pack, l i18n.Lang) frameworkShown {
	s := frameworkShown{
		ID: p.ID, Family: p.Family, Kind: p.Kind, Title: p.Title.In(l), Edition: p.Edition,
		ValidFrom: p.ValidFrom, ValidUntil: p.ValidUntil,
		Verified: p.Verified, VerifiedNote: p.VerifiedNote.In(l), Preview: p.Preview,
		Source: frameworkSource{p.Source.Title, p.Source.Edition, p.Source.URL, p.Source.Seen.On, p.Source.Seen.In},
		Parts:  []frameworkGroup{}, Requirements: []frameworkGroup{}, // a script must not meet null
	}
	for _, x := range p.Parts {
		s.Parts = append(s.Parts, frameworkGroup{x.ID, cmp.Or(x.Code, x.ID), "", x.Title.In(l)})
	}
	for _, x := range p.Requirements {
		s.Requirements = append(s.Requirements, frameworkGroup{x.ID, cmp.Or(x.Code, x.ID), x.Part, x.Title.In(l)})
	}
	for i := range p.Items {
		x := &p.Items[i]
		s.Items = append(s.Items, frameworkItem{
			frameworkGroup{x.ID, x.Sign(), x.Part, x.Title.In(l)}, x.Requirement, max(1, x.Depth), append([]string{}, x.Needs...),
		})
	}
	return s
}

func printFramework(w io.Writer, s frameworkShown, line frameworkLine) {
	fmt.Fprintf(w, "%s\n%s\nedition %s, from %s", s.Title, s.ID, s.Edition, s.ValidFrom)
	if s.ValidUntil != "" {
		fmt.Fprintf(w, " to %s", s.ValidUntil)
	}
	fmt.Fprintf(w, "\nsource: %s, %s\nseen: %s, %s\n%s: %s\n", s.Source.Title, s.Source.Edition, s.Source.SeenOn, s.Source.SeenIn, line.size(), s.VerifiedNote)
	parts, requirements := byID(s.Parts), byID(s.Requirements)
	part, requirement := "", ""
	for _, x := range s.Items {
		if x.Part != part {
			part = x.Part
			fmt.Fprintf(w, "\n%s %s\n", parts[part].Sign, parts[part].Title)
		}
		if x.Requirement != requirement {
			requirement = x.Requirement
			fmt.Fprintf(w, "  %s %s\n", requirements[requirement].Sign, requirements[requirement].Title)
		}
		fmt.Fprintf(w, "    %s %s\n", x.Sign, x.Title)
	}
}

func byID(groups []frameworkGroup) map[string]frameworkGroup {
	all := map[string]frameworkGroup{}
	for _, g := range groups {
		all[g.ID] = g
	}
	return all
}

type frameworkLintCmd struct {
	Output
	Paths []string `arg:"" name:"path" help:"Pack files, or folders of them."`
}

// linted is what a lint found.
type linted struct {
	Files  int            `json:"files"`
	Faults []assess.Fault `json:"faults"`
}

// Run exits 1 when a pack has a fault, and names all of them.
func (f frameworkLintCmd) Run(c *console) error {
	found, err := f.lint()
	if err != nil {
		return err
	}
	err = f.print(c, found, func(w io.Writer) {
		for _, fault := range found.Faults {
			fmt.Fprintln(w, visible(fault.String()))
		}
		fmt.Fprintf(w, "packs: %d, faults: %d\n", found.Files, len(found.Faults))
	})
	if err == nil && len(found.Faults) > 0 {
		return errNo
	}
	return err
}

func (f frameworkLintCmd) lint() (linted, error) {
	found := linted{Faults: []assess.Fault{}}
	rules, err := wording.Load(content.Wording())
	if err != nil {
		return found, err
	}
	linter, err := assess.NewLinter(content.Frameworks(), rules)
	if err != nil {
		return found, err
	}
	for _, path := range f.Paths {
		names, err := packsBelow(path)
		if err != nil {
			return found, err
		}
		for _, name := range names {
			faults, err := lintFile(linter, name)
			if err != nil {
				return found, err
			}
			found.Files++
			found.Faults = append(found.Faults, faults...)
		}
	}
	found.Faults = append(found.Faults, linter.Editions()...)
	return found, nil
}

func lintFile(linter *assess.Linter, name string) ([]assess.Fault, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return linter.Lint(name, f)
}

// packsBelow is the file itself, or every YAML file in a folder. What is no plain
// file, as a pipe that never ends, is not read.
func packsBelow(path string) (names []string, err error) {
	err = filepath.WalkDir(path, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && entry.Type().IsRegular() && (name == path || filepath.Ext(name) == ".yaml") {
			names = append(names, name)
		}
		return err
	})
	if err == nil && len(names) == 0 {
		err = problem.New(http.StatusNotFound, "no-packs", "path", path)
	}
	return names, err
}

// visible takes the terminal's own signs out of what a file says.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return '·'
		}
		return r
	}, s)
}
