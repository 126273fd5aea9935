package mapping

import (
	"context"
	"slices"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// OfferView is a framework with what answers elsewhere would bring it.
type OfferView struct {
	Pack    string `json:"pack"`
	Title   string `json:"title"`
	Items   int    `json:"items"`
	Whole   int    `json:"met"`       // without an answer, would be met
	Part    int    `json:"partly"`    // without an answer, would be partly met
	Differ  int    `json:"differ"`    // the own answer says less, or something else
	Support int    `json:"evidence"`  // evidence could be added
	Changed int    `json:"changed"`   // what an applied answer was made from has changed
	Hints   int    `json:"hints"`     // only a machine suggests it
	Kept    int    `json:"unchanged"` // the own answer says as much or more

	p *assess.Pack
}

// Any says that there is something to look at.
func (v *OfferView) Any() bool { return v.Whole+v.Part+v.Differ+v.Support+v.Changed+v.Hints > 0 }

// LaterView is an assessment that a newer edition waits for.
type LaterView struct {
	From string `json:"from"`
	To   string `json:"to"`

	from, to *assess.Pack
}

// OverviewView is which frameworks could be filled.
type OverviewView struct {
	Frameworks []OfferView `json:"frameworks"`
	Later      []LaterView `json:"newer_editions"`
	Maps       []MapView   `json:"mappings"`

	org      string
	answered bool // the company has answered anything
}

func (rm *Room) overview(ctx context.Context, in orgIn) (OverviewView, error) {
	v := OverviewView{org: in.Org, Frameworks: []OfferView{}, Later: []LaterView{}, Maps: []MapView{}}
	packs := rm.mapped()
	standings, err := rm.Assess.Standings(ctx, in.Org, packs)
	if err != nil {
		return v, err
	}
	applied, err := appliedOf(ctx, in.Org, "")
	if err != nil {
		return v, err
	}
	projected := rm.Atlas.Project(standings, rm.Now())
	for _, id := range packs {
		p, answered := rm.Assess.Packs.ByID(id), standings[id].Tally.Answered() > 0
		v.answered = v.answered || answered
		if rm.Assess.Packs.Current(p.Family, rm.Now()) != p && !answered {
			continue // an edition that is over, and that nobody began
		}
		if later := rm.Atlas.Later(p); answered && len(later) > 0 {
			v.Later = append(v.Later, LaterView{id, later[0].ID, p, later[0]})
		}
		if o := offer(ctx, rm.preview(p, standings, projected, applied, seesSecrets(ctx))); o.Any() || o.Kept > 0 {
			v.Frameworks = append(v.Frameworks, o)
		}
	}
	for _, m := range rm.Atlas.maps {
		v.Maps = append(v.Maps, rm.mapView(ctx, m))
	}
	return v, nil
}

// mapped lists the packs that a map names, and editions of their families, in the
// order of the library.
func (rm *Room) mapped() (ids []string) {
	named := map[string]bool{}
	for _, m := range rm.Atlas.maps {
		named[m.Source.Pack], named[m.Target.Pack] = true, true
	}
	for _, p := range rm.Assess.Packs.Packs() {
		if named[p.ID] || len(rm.Atlas.Later(p)) > 0 {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

func offer(ctx context.Context, p Preview) OfferView {
	o := OfferView{Pack: p.Pack.ID, Title: ui.Say(ctx, p.Pack.Title), Items: len(p.Pack.Items), Kept: p.Kept, p: p.Pack}
	for i := range p.Lines {
		switch l := &p.Lines[i]; l.Kind {
		case Fill:
			if l.Now.Level == Whole {
				o.Whole++
			} else {
				o.Part++
			}
		case Replace:
			o.Differ++
		case Support:
			o.Support++
		case Renew, Lost:
			o.Changed++
		case Hinted:
			o.Hints++
		case Standing:
			o.Kept++
		}
	}
	return o
}

// MapView is a map with who made it and how far it was read.
type MapView struct {
	ID       string `json:"id"`
	Version  string `json:"version"`
	Status   string `json:"status"`
	Verified bool   `json:"verified"`
	Method   string `json:"method"`
	Author   string `json:"author"`
	Basis    string `json:"basis"`
	Source   string `json:"source"`
	Target   string `json:"target"`
	Rows     int    `json:"rows"`
	Note     string `json:"note"`

	m              *Map
	source, target *assess.Pack
}

func (rm *Room) mapView(ctx context.Context, m *Map) MapView {
	return MapView{
		m.ID, m.Version, m.Status, m.Verified, m.Method.Kind, m.Method.Author, m.Method.Basis, m.Source.Pack, m.Target.Pack, len(m.Rows),
		ui.Say(ctx, m.Note), m, rm.Assess.Packs.ByID(m.Source.Pack), rm.Assess.Packs.ByID(m.Target.Pack),
	}
}

// StepView is one relation on the way from an origin.
type StepView struct {
	Map        string   `json:"map"`
	Version    string   `json:"version"`
	Status     string   `json:"status"`
	Method     string   `json:"method"`
	From       PlaceRef `json:"from"`
	To         PlaceRef `json:"to"`
	Relation   Relation `json:"relation"`
	Back       bool     `json:"read_from_target,omitempty"`
	Strength   int      `json:"strength"`
	Confidence string   `json:"confidence"`
	Rationale  string   `json:"rationale,omitempty"`

	step Step
}

// PlaceRef names an item of a pack.
type PlaceRef struct {
	Pack string `json:"pack"`
	Item string `json:"item"`

	p *assess.Pack
	x *assess.Item
}

// SourceView is an answer that speaks for an item.
type SourceView struct {
	PlaceRef
	State    assess.State `json:"state"`
	Choice   string       `json:"answer"`
	Level    string       `json:"level"`
	Strength int          `json:"strength"`
	Path     []StepView   `json:"path"`
}

// EvidenceRef names evidence that would serve an item too.
type EvidenceRef struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// LineView is one item of a preview.
type LineView struct {
	Key      string        `json:"key,omitempty"` // to apply it; "" when it cannot be
	Kind     string        `json:"kind"`
	Item     string        `json:"item"`
	State    assess.State  `json:"state"`
	Now      string        `json:"answer"`    // the present one, "" for none
	Level    string        `json:"level"`     // what is projected
	Choice   string        `json:"projected"` // the answer that it comes to, "" for none
	Strength int           `json:"strength"`
	Ticked   bool          `json:"chosen"`
	Sources  []SourceView  `json:"sources"`
	Evidence []EvidenceRef `json:"evidence"`
	MadeFrom []Origin      `json:"made_from,omitempty"`

	at   PlaceRef
	line *Line
	made []madeFrom
}

// madeFrom is an origin as it was, for a page.
type madeFrom struct {
	PlaceRef
	choice string
}

// PackView is what answers elsewhere would make of a framework.
type PackView struct {
	Pack  string     `json:"pack"`
	Title string     `json:"title"`
	Items int        `json:"items"`
	Kept  int        `json:"unchanged"`
	Lines []LineView `json:"rows"`
	Maps  []MapView  `json:"mappings"`

	org     string
	p       *assess.Pack
	later   []*assess.Pack
	may     bool
	problem *problem.Problem
	typed   []string // keys, after a problem
}

func (rm *Room) show(ctx context.Context, in packIn) (PackView, error) {
	p, err := rm.Preview(ctx, in.Org, in.Pack, seesSecrets(ctx))
	if err != nil {
		return PackView{}, err
	}
	v := PackView{
		Pack: in.Pack, Title: ui.Say(ctx, p.Pack.Title), Items: len(p.Pack.Items), Kept: p.Kept, Lines: []LineView{}, Maps: []MapView{},
		org: in.Org, p: p.Pack, later: rm.Atlas.Later(p.Pack), may: web.RoleFrom(ctx) >= web.Member,
	}
	for i := range p.Lines {
		v.Lines = append(v.Lines, rm.lineView(ctx, p.Pack, &p.Lines[i]))
	}
	for _, m := range rm.Atlas.Touching(in.Pack) {
		v.Maps = append(v.Maps, rm.mapView(ctx, m))
	}
	return v, nil
}

func (rm *Room) lineView(ctx context.Context, p *assess.Pack, l *Line) LineView {
	v := LineView{
		Kind: l.Kind, Item: l.Stand.Item.ID, State: l.Stand.State, Now: l.Stand.Answer.Choice, Level: l.Now.Level.String(), Choice: l.Choice,
		Strength: l.Now.Strength, Ticked: l.Ticked(), Sources: []SourceView{}, Evidence: []EvidenceRef{},
		at: PlaceRef{p.ID, l.Stand.Item.ID, p, l.Stand.Item}, line: l,
	}
	if l.Offered() {
		v.Key = l.Key()
	}
	for _, s := range l.Now.Sources {
		x := SourceView{PlaceRef: rm.ref(s.Origin), State: s.State, Choice: s.Choice, Level: s.Level.String(), Strength: s.Strength}
		for _, step := range s.Path {
			x.Path = append(x.Path, rm.stepView(ctx, step))
		}
		v.Sources = append(v.Sources, x)
	}
	for _, e := range l.Evidence {
		v.Evidence = append(v.Evidence, EvidenceRef{e.ID, e.Name})
	}
	if l.Applied != nil {
		v.MadeFrom = l.Applied.Sources
		for _, o := range l.Applied.Sources {
			v.made = append(v.made, madeFrom{rm.ref(assess.Place{Pack: o.Pack, Item: o.Item}), o.Choice})
		}
	}
	return v
}

// ref finds an item; of an edition that the program has no more it keeps the ids.
func (rm *Room) ref(at assess.Place) PlaceRef {
	r := PlaceRef{Pack: at.Pack, Item: at.Item, p: rm.Assess.Packs.ByID(at.Pack)}
	if r.p != nil {
		r.x = r.p.Item(at.Item)
	}
	return r
}

func (rm *Room) stepView(ctx context.Context, s Step) StepView {
	return StepView{
		s.Map.ID, s.Map.Version, s.Map.Status, s.Map.Method.Kind, rm.ref(s.From), rm.ref(s.To), s.Row.Relation, s.Back,
		s.Row.Strength, s.Row.Confidence, ui.Say(ctx, s.Row.Rationale), s,
	}
}

// String is the name of a level.
func (l Level) String() string {
	return [...]string{"none", "hint", "partly", "full"}[l]
}

// RelationsView is how an item relates to those of other frameworks.
type RelationsView struct {
	Pack  string     `json:"pack"`
	Item  string     `json:"item"`
	Steps []StepView `json:"relations"`

	org string
	at  PlaceRef
}

func (rm *Room) relations(ctx context.Context, in itemIn) (RelationsView, error) {
	at := assess.Place{Pack: in.Pack, Item: in.Item}
	if _, ok := rm.Atlas.number[at]; !ok {
		return RelationsView{}, problem.NotFound()
	}
	v := RelationsView{Pack: in.Pack, Item: in.Item, Steps: []StepView{}, org: in.Org, at: rm.ref(at)}
	for _, s := range rm.Atlas.Around(at) {
		v.Steps = append(v.Steps, rm.stepView(ctx, s))
	}
	return v, nil
}

// Around lists every row that names an item, also those that say that two have
// nothing in common; each leads from the item as its map is written.
func (a *Atlas) Around(at assess.Place) (all []Step) {
	for _, m := range a.maps {
		for i := range m.Rows {
			r := &m.Rows[i]
			for _, to := range r.To {
				s := Step{Map: m, Row: r, From: assess.Place{Pack: m.Source.Pack, Item: r.From}, To: assess.Place{Pack: m.Target.Pack, Item: to}}
				if s.From == at || s.To == at {
					all = append(all, s)
				}
			}
		}
	}
	return all
}

// MoveLineView is what becomes of an item in a later edition.
type MoveLineView struct {
	Key      string        `json:"key,omitempty"`
	Kind     string        `json:"kind"`
	Old      string        `json:"old,omitempty"`
	New      string        `json:"new,omitempty"`
	Was      string        `json:"answer_old,omitempty"`
	Now      string        `json:"answer_new,omitempty"`
	Choice   string        `json:"moves,omitempty"`
	Ticked   bool          `json:"chosen"`
	Evidence []EvidenceRef `json:"evidence"`

	line *MoveLine
}

// MoveView is what becomes of an assessment in a later edition.
type MoveView struct {
	From  string         `json:"from"`
	To    string         `json:"to"` // "" when there is no later edition
	Lines []MoveLineView `json:"rows"`

	org      string
	from, to *assess.Pack
	may      bool
	problem  *problem.Problem
	typed    []string
}

func (rm *Room) showMove(ctx context.Context, in showMoveIn) (MoveView, error) {
	m, err := rm.PreviewMove(ctx, in.Org, in.Pack, in.To, seesSecrets(ctx))
	if err != nil {
		return MoveView{}, err
	}
	v := MoveView{From: in.Pack, Lines: []MoveLineView{}, org: in.Org, from: m.From, to: m.To, may: web.RoleFrom(ctx) >= web.Member}
	if m.To == nil {
		return v, nil
	}
	v.To = m.To.ID
	for i := range m.Lines {
		l := &m.Lines[i]
		x := MoveLineView{
			Kind: l.Kind, Was: l.Was.Answer.Choice, Now: l.Now.Answer.Choice, Choice: l.Choice, Ticked: l.Ticked(), Evidence: []EvidenceRef{}, line: l,
		}
		if l.Old != nil {
			x.Old = l.Old.ID
		}
		if l.New != nil {
			x.New = l.New.ID
		}
		if l.Offered() {
			x.Key = l.Key()
		}
		for _, e := range l.Evidence {
			x.Evidence = append(x.Evidence, EvidenceRef{e.ID, e.Name})
		}
		v.Lines = append(v.Lines, x)
	}
	return v, nil
}

// of lists the lines of some kinds.
func (v *PackView) of(kinds ...string) (all []LineView) {
	for _, l := range v.Lines {
		if slices.Contains(kinds, l.Kind) {
			all = append(all, l)
		}
	}
	return all
}

// chosen says whether a line has its tick: as typed after a problem.
func chosenKey(typed []string, p *problem.Problem, key string, ticked bool) bool {
	if p != nil {
		return slices.Contains(typed, key)
	}
	return ticked
}
