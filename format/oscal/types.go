package oscal

import "time"

// Version is the version of OSCAL that written documents name.
const Version = "1.2.3"

// Document is one OSCAL file: exactly one of its members is set.
type Document struct {
	Catalog           *Catalog           `json:"catalog,omitempty"`
	Profile           *Profile           `json:"profile,omitempty"`
	AssessmentResults *AssessmentResults `json:"assessment-results,omitempty"`
	MappingCollection *MappingCollection `json:"mapping-collection,omitempty"`
}

// Metadata is the head of every document.
type Metadata struct {
	Title        string    `json:"title"`
	LastModified time.Time `json:"last-modified"`
	Version      string    `json:"version"`
	OSCALVersion string    `json:"oscal-version"`
	Props        []Prop    `json:"props,omitempty"`
	Links        []Link    `json:"links,omitempty"`
	Roles        []Role    `json:"roles,omitempty"`
	Parties      []Party   `json:"parties,omitempty"`
	Remarks      string    `json:"remarks,omitempty"`
}

// Prop is a named value. NS tells whose name it is.
type Prop struct {
	Name    string `json:"name"`
	NS      string `json:"ns,omitempty"`
	Value   string `json:"value"`
	Class   string `json:"class,omitempty"`
	Remarks string `json:"remarks,omitempty"`
}

// Link leads to something else.
type Link struct {
	Href string `json:"href"`
	Rel  string `json:"rel,omitempty"`
	Text string `json:"text,omitempty"`
}

// Role is what a party does.
type Role struct {
	ID    string `json:"id"`
	Title string `json:"title"`
}

// Party is a person or an organisation.
type Party struct {
	UUID string `json:"uuid"`
	Type string `json:"type"` // person, organization
	Name string `json:"name,omitempty"`
}

// Part is a text of a control: its statement, its guidance.
type Part struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name"`
	NS    string `json:"ns,omitempty"`
	Title string `json:"title,omitempty"`
	Prose string `json:"prose,omitempty"`
	Props []Prop `json:"props,omitempty"`
	Links []Link `json:"links,omitempty"`
}

// Catalog is a list of controls.
type Catalog struct {
	UUID       string     `json:"uuid"`
	Metadata   Metadata   `json:"metadata"`
	Controls   []Control  `json:"controls,omitempty"`
	Groups     []Group    `json:"groups,omitempty"`
	BackMatter BackMatter `json:"back-matter,omitzero"`
}

// Group is a chapter of a catalog.
type Group struct {
	ID       string    `json:"id,omitempty"`
	Class    string    `json:"class,omitempty"`
	Title    string    `json:"title"`
	Props    []Prop    `json:"props,omitempty"`
	Parts    []Part    `json:"parts,omitempty"`
	Groups   []Group   `json:"groups,omitempty"`
	Controls []Control `json:"controls,omitempty"`
}

// Control is one thing that is asked for.
type Control struct {
	ID       string    `json:"id"`
	Class    string    `json:"class,omitempty"`
	Title    string    `json:"title"`
	Props    []Prop    `json:"props,omitempty"`
	Links    []Link    `json:"links,omitempty"`
	Parts    []Part    `json:"parts,omitempty"`
	Controls []Control `json:"controls,omitempty"`
}

// BackMatter lists what a document refers to.
type BackMatter struct {
	Resources []Resource `json:"resources,omitempty"`
}

// Resource is something a document refers to, with its digest where it is known.
type Resource struct {
	UUID        string  `json:"uuid"`
	Title       string  `json:"title,omitempty"`
	Description string  `json:"description,omitempty"`
	Props       []Prop  `json:"props,omitempty"`
	RLinks      []RLink `json:"rlinks,omitempty"`
	Remarks     string  `json:"remarks,omitempty"`
}

// RLink is where a resource stands.
type RLink struct {
	Href      string `json:"href"`
	MediaType string `json:"media-type,omitempty"`
	Hashes    []Hash `json:"hashes,omitempty"`
}

// Hash is a digest; Algorithm is written as SHA-256.
type Hash struct {
	Algorithm string `json:"algorithm"`
	Value     string `json:"value"`
}

// Profile is a selection from catalogs.
type Profile struct {
	UUID       string     `json:"uuid"`
	Metadata   Metadata   `json:"metadata"`
	Imports    []Import   `json:"imports"`
	Merge      *Merge     `json:"merge,omitempty"`
	BackMatter BackMatter `json:"back-matter,omitzero"`
}

// Import names a catalog and what is taken from it: all of it, or some.
type Import struct {
	Href            string   `json:"href"`
	IncludeAll      *All     `json:"include-all,omitempty"`
	IncludeControls []Select `json:"include-controls,omitempty"`
	ExcludeControls []Select `json:"exclude-controls,omitempty"`
}

// All is the empty object with which OSCAL says "everything".
type All struct{}

// Select names controls by their ids.
type Select struct {
	WithIDs []string `json:"with-ids,omitempty"`
}

// Merge says how a profile orders what it selects.
type Merge struct {
	AsIs bool `json:"as-is,omitempty"`
}
