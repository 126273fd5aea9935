package oscal

import (
	"fmt"
	"regexp"
)

var (
	uuidForm  = regexp.MustCompile(`^[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[45][0-9A-Fa-f]{3}-[89ABab][0-9A-Fa-f]{3}-[0-9A-Fa-f]{12}$`)
	tokenForm = regexp.MustCompile(`^(\p{L}|_)(\p{L}|\p{N}|[.\-_])*$`)
)

// checker keeps the first thing that is missing.
type checker struct{ err error }

func (c *checker) must(ok bool, format string, args ...any) {
	if c.err == nil && !ok {
		c.err = fmt.Errorf("oscal: "+format, args...)
	}
}

func (c *checker) uuid(where, id string) {
	c.must(uuidForm.MatchString(id), "%s: uuid %.60q", where, id)
}
func (c *checker) token(where, id string) {
	c.must(tokenForm.MatchString(id), "%s: id %.60q", where, id)
}

// check holds a document against what OSCAL demands of the parts used here.
func (d Document) check() error {
	n := 0
	for _, set := range []bool{d.Catalog != nil, d.Profile != nil, d.AssessmentResults != nil, d.MappingCollection != nil} {
		if set {
			n++
		}
	}
	if n != 1 {
		return ErrKind
	}
	var c checker
	switch {
	case d.Catalog != nil:
		c.catalog(d.Catalog)
	case d.Profile != nil:
		c.profile(d.Profile)
	case d.AssessmentResults != nil:
		c.results(d.AssessmentResults)
	default:
		c.mappings(d.MappingCollection)
	}
	return c.err
}

func (c *checker) head(where, id string, m Metadata) {
	c.uuid(where, id)
	c.must(m.Title != "" && m.Version != "" && m.OSCALVersion != "" && !m.LastModified.IsZero(), "%s: metadata", where)
}

func (c *checker) catalog(x *Catalog) {
	c.head("catalog", x.UUID, x.Metadata)
	seen := map[string]bool{}
	c.controls(x.Controls, seen)
	c.groups(x.Groups, seen)
}

func (c *checker) groups(all []Group, seen map[string]bool) {
	for _, g := range all {
		c.must(g.Title != "", "group %.60q: title", g.ID)
		if g.ID != "" {
			c.once(g.ID, seen)
		}
		c.groups(g.Groups, seen)
		c.controls(g.Controls, seen)
	}
}

func (c *checker) controls(all []Control, seen map[string]bool) {
	for _, x := range all {
		c.once(x.ID, seen)
		c.must(x.Title != "", "control %.60q: title", x.ID)
		c.controls(x.Controls, seen)
	}
}

func (c *checker) once(id string, seen map[string]bool) {
	c.token("catalog", id)
	c.must(!seen[id], "catalog: id %.60q twice", id)
	seen[id] = true
}

func (c *checker) profile(x *Profile) {
	c.head("profile", x.UUID, x.Metadata)
	c.must(len(x.Imports) > 0, "profile: imports")
	for _, i := range x.Imports {
		c.must(i.Href != "", "profile: import without href")
		c.must(i.IncludeAll == nil || i.IncludeControls == nil, "profile: include-all beside include-controls")
	}
}

func (c *checker) results(x *AssessmentResults) {
	c.head("assessment-results", x.UUID, x.Metadata)
	c.must(len(x.Results) > 0, "assessment-results: results")
	for _, r := range x.Results {
		c.uuid("result", r.UUID)
		c.must(r.Title != "" && !r.Start.IsZero(), "result: title and start")
		c.must(len(r.ReviewedControls.ControlSelections) > 0, "result: reviewed-controls")
		for _, o := range r.Observations {
			c.uuid("observation", o.UUID)
			c.must(len(o.Methods) > 0 && !o.Collected.IsZero(), "observation %s: methods and collected", o.UUID)
		}
		for _, f := range r.Findings {
			c.uuid("finding", f.UUID)
			c.token("finding", f.Target.TargetID)
			c.must(f.Target.Status.State == Satisfied || f.Target.Status.State == NotSatisfied, "finding %s: state", f.UUID)
		}
	}
}

func (c *checker) mappings(x *MappingCollection) {
	c.head("mapping-collection", x.UUID, x.Metadata)
	c.must(len(x.Mappings) > 0, "mapping-collection: mappings")
	for _, m := range x.Mappings {
		c.uuid("mapping", m.UUID)
		c.must(len(m.Maps) > 0, "mapping %s: maps", m.UUID)
		if m.SourceGap != nil {
			c.uuid("gap", m.SourceGap.UUID)
			c.must(len(m.SourceGap.UnmappedControls) > 0, "mapping %s: unmapped-controls", m.UUID)
		}
		for _, row := range m.Maps {
			c.uuid("map", row.UUID)
			c.token("map", row.Relationship)
			c.must(len(row.Sources) > 0 && len(row.Targets) > 0, "map %s: sources and targets", row.UUID)
		}
	}
}
