package star

import (
	"errors"
	"fmt"
	"io"
	"io/fs"

	"github.com/goccy/go-yaml"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
)

// Fact is something about a scheme that may change, with where and when it was seen.
type Fact struct {
	ID       string      `yaml:"id" json:"id"`
	Text     i18n.Text   `yaml:"text" json:"text"`
	Source   string      `yaml:"source" json:"source"`
	Seen     assess.Date `yaml:"seen" json:"seen"`
	Verified bool        `yaml:"verified" json:"verified"` // in the scheme's own document
}

// Facts are the facts by their names.
type Facts map[string]Fact

// The facts that pages speak of.
const (
	factModel   = "which-star-model"
	factStart   = "star3-start"
	factAll     = "star3-all-criteria"
	factTerm    = "star3-term"
	factIDs     = "declaration-ids"
	factLogin   = "declaration-login"
	factRenewal = "declaration-renewal"
	factStar4   = "star4-evaluation"
)

var factsNeeded = []string{factModel, factStart, factAll, factTerm, factIDs, factLogin, factRenewal, factStar4}

// LoadFacts reads facts.yaml. The error names the fact that is wrong or missing.
func LoadFacts(fsys fs.FS) (Facts, error) {
	f, err := fsys.Open("facts.yaml")
	if err != nil {
		return nil, err
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, 1<<20))
	if err != nil {
		return nil, err
	}
	var file struct {
		Facts []Fact `yaml:"facts"`
	}
	if err := yaml.UnmarshalWithOptions(raw, &file, yaml.Strict()); err != nil {
		return nil, errors.New(yaml.FormatError(err, false, false))
	}
	all := Facts{}
	for _, x := range file.Facts {
		if err := x.check(); err != nil {
			return nil, fmt.Errorf("fact %q: %w", x.ID, err)
		}
		all[x.ID] = x
	}
	for _, id := range factsNeeded {
		if _, ok := all[id]; !ok {
			return nil, fmt.Errorf("fact %q is missing", id)
		}
	}
	return all, nil
}

func (x Fact) check() error {
	switch {
	case x.Text.JA == "" || x.Text.Easy == "" || x.Text.EN == "":
		return errors.New("its text lacks a register")
	case x.Source == "":
		return errors.New("it has no source")
	case x.Seen.Time().IsZero():
		return errors.New("it does not say when it was seen")
	}
	return nil
}
