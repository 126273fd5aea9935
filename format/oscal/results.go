package oscal

import "time"

// AssessmentResults is what was seen about the controls of a catalog.
type AssessmentResults struct {
	UUID       string     `json:"uuid"`
	Metadata   Metadata   `json:"metadata"`
	ImportAP   ImportAP   `json:"import-ap"`
	Results    []Result   `json:"results"`
	BackMatter BackMatter `json:"back-matter,omitzero"`
}

// ImportAP names the plan that was followed; OSCAL asks for one.
type ImportAP struct {
	Href    string `json:"href"`
	Remarks string `json:"remarks,omitempty"`
}

// Result is one look at the controls.
type Result struct {
	UUID             string           `json:"uuid"`
	Title            string           `json:"title"`
	Description      string           `json:"description"`
	Start            time.Time        `json:"start"`
	End              *time.Time       `json:"end,omitempty"`
	Props            []Prop           `json:"props,omitempty"`
	ReviewedControls ReviewedControls `json:"reviewed-controls"`
	Observations     []Observation    `json:"observations,omitempty"`
	Findings         []Finding        `json:"findings,omitempty"`
	Remarks          string           `json:"remarks,omitempty"`
}

// ReviewedControls says which controls were looked at.
type ReviewedControls struct {
	Description       string      `json:"description,omitempty"`
	ControlSelections []Selection `json:"control-selections"`
}

// Selection is all controls or some.
type Selection struct {
	IncludeAll      *All         `json:"include-all,omitempty"`
	IncludeControls []ControlRef `json:"include-controls,omitempty"`
}

// ControlRef names a control.
type ControlRef struct {
	ControlID string `json:"control-id"`
}

// Observation is what was seen or said about a control.
type Observation struct {
	UUID        string     `json:"uuid"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description"`
	Props       []Prop     `json:"props,omitempty"`
	Links       []Link     `json:"links,omitempty"`
	Methods     []string   `json:"methods"` // EXAMINE, INTERVIEW, TEST, UNKNOWN
	Types       []string   `json:"types,omitempty"`
	Evidence    []Evidence `json:"relevant-evidence,omitempty"`
	Collected   time.Time  `json:"collected"`
	Expires     *time.Time `json:"expires,omitempty"`
	Remarks     string     `json:"remarks,omitempty"`
}

// Evidence is what an observation rests on. Href leads to a resource of the back
// matter as #uuid.
type Evidence struct {
	Href        string `json:"href,omitempty"`
	Description string `json:"description"`
	Props       []Prop `json:"props,omitempty"`
	Remarks     string `json:"remarks,omitempty"`
}

// Finding is what observations come to for one control.
type Finding struct {
	UUID                string               `json:"uuid"`
	Title               string               `json:"title"`
	Description         string               `json:"description"`
	Props               []Prop               `json:"props,omitempty"`
	Target              Target               `json:"target"`
	RelatedObservations []RelatedObservation `json:"related-observations,omitempty"`
	Remarks             string               `json:"remarks,omitempty"`
}

// The two states that OSCAL knows. There is none for "unknown": where nothing is
// known there is no finding.
const (
	Satisfied    = "satisfied"
	NotSatisfied = "not-satisfied"
)

// Target is what a finding speaks of.
type Target struct {
	Type     string `json:"type"` // statement-id, objective-id
	TargetID string `json:"target-id"`
	Status   Status `json:"status"`
}

// Status is the state of a target and why.
type Status struct {
	State   string `json:"state"`
	Reason  string `json:"reason,omitempty"`
	Remarks string `json:"remarks,omitempty"`
}

// RelatedObservation names an observation.
type RelatedObservation struct {
	ObservationUUID string `json:"observation-uuid"`
}
