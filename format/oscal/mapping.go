package oscal

import "encoding/json"

// MappingCollection is a set of mappings between catalogs.
type MappingCollection struct {
	UUID       string     `json:"uuid"`
	Metadata   Metadata   `json:"metadata"`
	Provenance Provenance `json:"provenance"`
	Mappings   Mappings   `json:"mappings"`
	BackMatter BackMatter `json:"back-matter,omitzero"`
}

// Mappings is a list; OSCAL lets one alone stand without brackets.
type Mappings []Mapping

// UnmarshalJSON takes a list, or one.
func (m *Mappings) UnmarshalJSON(b []byte) error {
	if len(b) > 0 && b[0] == '{' {
		*m = make(Mappings, 1)
		return json.Unmarshal(b, &(*m)[0])
	}
	return json.Unmarshal(b, (*[]Mapping)(m))
}

// Provenance says how mappings were made.
type Provenance struct {
	Method             string             `json:"method"`             // human, automation, hybrid
	MatchingRationale  string             `json:"matching-rationale"` // syntactic, semantic, functional
	Status             string             `json:"status"`             // complete, not-complete, draft, deprecated, superseded
	Confidence         *Confidence        `json:"confidence-score,omitempty"`
	MappingDescription string             `json:"mapping-description"`
	ResponsibleParties []ResponsibleParty `json:"responsible-parties,omitempty"`
	Props              []Prop             `json:"props,omitempty"`
	Remarks            string             `json:"remarks,omitempty"`
}

// ResponsibleParty ties parties to a role.
type ResponsibleParty struct {
	RoleID     string   `json:"role-id"`
	PartyUUIDs []string `json:"party-uuids"`
}

// Confidence is how sure somebody is, as a word.
type Confidence struct {
	Category string `json:"category,omitempty"`
}

// Mapping ties the controls of one catalog to those of another.
type Mapping struct {
	UUID              string     `json:"uuid"`
	Method            string     `json:"method,omitempty"`
	MatchingRationale string     `json:"matching-rationale,omitempty"`
	Status            string     `json:"status,omitempty"`
	Source            CatalogRef `json:"source-resource"`
	Target            CatalogRef `json:"target-resource"`
	Maps              []Map      `json:"maps"`
	Props             []Prop     `json:"props,omitempty"`
	Remarks           string     `json:"remarks,omitempty"`
	SourceGap         *Gap       `json:"source-gap-summary,omitempty"`
}

// Gap names the controls that nothing on the other side answers to.
type Gap struct {
	UUID             string   `json:"uuid"`
	UnmappedControls []Select `json:"unmapped-controls"`
}

// CatalogRef names a catalog or a profile.
type CatalogRef struct {
	Type  string `json:"type"`
	Href  string `json:"href"`
	Props []Prop `json:"props,omitempty"`
}

// Map is one row: sources, targets and how they relate.
type Map struct {
	UUID         string      `json:"uuid"`
	NS           string      `json:"ns,omitempty"`
	Relationship string      `json:"relationship"` // equal-to, equivalent-to, subset-of, superset-of, intersects-with, no-relationship
	Sources      []MapItem   `json:"sources"`
	Targets      []MapItem   `json:"targets"`
	Confidence   *Confidence `json:"confidence-score,omitempty"`
	Props        []Prop      `json:"props,omitempty"`
	Remarks      string      `json:"remarks,omitempty"`
}

// MapItem is an end of a row.
type MapItem struct {
	Type  string `json:"type"` // control, statement
	IDRef string `json:"id-ref"`
}
