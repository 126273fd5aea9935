package mapping

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
)

// Relation says what an item is to those of another pack, in the words of OSCAL.
type Relation string

// The relations. A superset asks for all that the other asks, and more.
const (
	EqualTo        Relation = "equal-to"
	EquivalentTo   Relation = "equivalent-to"
	SupersetOf     Relation = "superset-of"
	SubsetOf       Relation = "subset-of"
	IntersectsWith Relation = "intersects-with"
	NoRelationship Relation = "no-relationship"
)

// both says that a relation serves back from the target too.
func (r Relation) both() bool { return r == EqualTo || r == EquivalentTo }

// whole says that a met source makes the target met.
func (r Relation) whole() bool { return r.both() || r == SupersetOf }

// How far a map has been read by others than its author.
const (
	Draft    = "draft"
	Reviewed = "reviewed"
	Official = "official"
)

// machineSuggested is the kind of a method that never raises anything.
const machineSuggested = "machine-suggested"

// End is one side of a map.
type End struct {
	Pack string `yaml:"pack"`
}

// Method is how the rows of a map came about.
type Method struct {
	Kind   string `yaml:"kind"` // human, rule, machine-suggested
	Author string `yaml:"author"`
	Basis  string `yaml:"basis"`
}

// Row is one relation. It is to all of To together: one of several equals is
// itself only a part.
type Row struct {
	From       string    `yaml:"from"`
	To         []string  `yaml:"to"`
	Relation   Relation  `yaml:"relation"`
	Strength   int       `yaml:"strength"` // 1 to 10
	Confidence string    `yaml:"confidence"`
	Rationale  i18n.Text `yaml:"rationale"` // empty in some
}

// Map is a mapping between two packs. It is read-only once loaded.
type Map struct {
	ID       string    `yaml:"id"`
	Version  string    `yaml:"version"`
	Status   string    `yaml:"status"`
	Source   End       `yaml:"source"`
	Target   End       `yaml:"target"`
	Method   Method    `yaml:"method"`
	Verified bool      `yaml:"verified"`
	Note     i18n.Text `yaml:"note"`
	Rows     []Row     `yaml:"rows"`
}

// Name is the id with the version, as an applied value keeps it.
func (m *Map) Name() string { return m.ID + " " + m.Version }

// hint says that the map raises nothing.
func (m *Map) hint() bool { return m.Method.Kind == machineSuggested }

// check looks at what a schema cannot say: that packs and items exist, and that no
// pair stands twice.
func (m *Map) check(lib *assess.Library) error {
	source, target := lib.ByID(m.Source.Pack), lib.ByID(m.Target.Pack)
	switch {
	case source == nil:
		return fmt.Errorf("source.pack: there is no pack %q", m.Source.Pack)
	case target == nil:
		return fmt.Errorf("target.pack: there is no pack %q", m.Target.Pack)
	case source == target:
		return fmt.Errorf("target.pack: %q is the source too", m.Target.Pack)
	case m.hint() && (m.Verified || m.Status != Draft):
		return fmt.Errorf("status: what a machine suggested is an unverified draft until a person has made it theirs")
	}
	seen := map[[2]string]bool{}
	for i, r := range m.Rows {
		if source.Item(r.From) == nil {
			return fmt.Errorf("rows[%d].from: %s has no item %q", i, source.ID, r.From)
		}
		for k, to := range r.To {
			if target.Item(to) == nil {
				return fmt.Errorf("rows[%d].to[%d]: %s has no item %q", i, k, target.ID, to)
			}
			if pair := [2]string{r.From, to}; seen[pair] {
				return fmt.Errorf("rows[%d].to[%d]: %q to %q stands twice", i, k, r.From, to)
			} else {
				seen[pair] = true
			}
		}
	}
	return m.checkTexts()
}

func (m *Map) checkTexts() error {
	for _, l := range i18n.Langs {
		if _, err := i18n.Parse(m.Note.Register(l)); err != nil {
			return fmt.Errorf("note: %w", err)
		}
		for i, r := range m.Rows {
			if _, err := i18n.Parse(r.Rationale.Register(l)); err != nil {
				return fmt.Errorf("rows[%d].rationale: %w", i, err)
			}
		}
	}
	return nil
}

// Load reads every *.yaml file of the folder against its schema.json and the packs.
// The error names the file and the place of the first thing that is wrong.
func Load(fsys fs.FS, lib *assess.Library) (*Atlas, error) {
	schema, err := loadSchema(fsys)
	if err != nil {
		return nil, fmt.Errorf("schema.json: %w", err)
	}
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	var maps []*Map
	for _, name := range names {
		m, err := loadMap(fsys, name, schema)
		if err == nil {
			err = m.check(lib)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		maps = append(maps, m)
	}
	return NewAtlas(lib, maps), nil
}

func byID(a, b *Map) int { return strings.Compare(a.ID, b.ID) }

// Maps lists all maps, by id.
func (a *Atlas) Maps() []*Map { return slices.Clone(a.maps) }

// Touching lists the maps from a pack and to it, by id.
func (a *Atlas) Touching(pack string) (all []*Map) {
	for _, m := range a.maps {
		if m.Source.Pack == pack || m.Target.Pack == pack {
			all = append(all, m)
		}
	}
	return all
}
