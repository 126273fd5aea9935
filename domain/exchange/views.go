package exchange

import (
	"context"
	"strconv"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// HomeView is what can be taken out and brought in.
type HomeView struct {
	Packs   []PackLine `json:"frameworks"`
	Intakes []Intake   `json:"intakes"`
	Layouts []Layout   `json:"layouts"`

	in           OrgIn
	titles       map[string]i18n.Text
	now          time.Time
	bad          *problem.Problem
	chosen       string
	customer     string
	layoutChosen string
}

// PackLine is a framework that can be taken out.
type PackLine struct {
	ID       string `json:"id"`
	Answered int    `json:"answered"`
	Items    int    `json:"items"`
	Official bool   `json:"official_workbook"` // the operator loaded it

	title i18n.Text
}

func (rm *Room) home(ctx context.Context, in OrgIn) (v HomeView, err error) {
	v = HomeView{in: in, Packs: []PackLine{}, Intakes: []Intake{}, Layouts: []Layout{}, now: rm.Now(), titles: rm.titles()}
	err = rm.DB.Read(ctx, func(ctx context.Context) error { // a form that is shown again has no snapshot
		kept, err := official(ctx)
		if err != nil {
			return err
		}
		begun, err := rm.Assess.SharedOverview(ctx, in.Org) // all frameworks in one question
		if err != nil {
			return err
		}
		answered := map[string]int{}
		for _, p := range begun {
			answered[p.Pack] = p.Answered
		}
		for _, p := range rm.Assess.Packs.Packs() {
			if rm.Assess.Packs.Current(p.Family, v.now) == p || answered[p.ID] > 0 {
				v.Packs = append(v.Packs, PackLine{p.ID, answered[p.ID], len(p.Items), kept[p.ID], p.Title})
			}
		}
		found, err := rm.intakes(ctx, in.Org)
		if err != nil {
			return err
		}
		v.Intakes = append(v.Intakes, found...)
		kinds, err := layouts(ctx, in.Org)
		v.Layouts = append(v.Layouts, kinds...)
		return err
	})
	return v, err
}

func (rm *Room) titles() map[string]i18n.Text {
	all := map[string]i18n.Text{}
	for _, p := range rm.Assess.Packs.Packs() {
		all[p.ID] = p.Title
	}
	return all
}

func (rm *Room) packOptions(ctx context.Context) (all []ui.Option) {
	for _, p := range rm.Assess.Packs.Packs() {
		all = append(all, ui.Option{Value: p.ID, Text: ui.Say(ctx, p.Title) + " " + p.Edition})
	}
	return all
}

// IntakeView is a file that was brought: a preview while it waits, then what it did.
type IntakeView struct {
	Intake
	Counts    map[ChangeState]int `json:"counts,omitempty"`
	Changes   []Change            `json:"changes,omitempty"`
	More      int                 `json:"more_changes"`
	Report    *report             `json:"report,omitempty"`
	Unmatched bool                `json:"-"`

	in    IntakeIn
	pack  *assess.Pack
	until time.Time
	role  web.Role
}

// maxShown bounds what a page shows of a file.
const maxShown = 400

func (rm *Room) showIntake(ctx context.Context, in IntakeIn) (v IntakeView, err error) {
	v.in, v.role = in, web.RoleFrom(ctx)
	if v.Intake, err = rm.intakeOf(ctx, in.Org, in.Intake); err != nil {
		return v, err
	}
	v.until = v.Created.Add(keepIntake)
	if v.pack, err = rm.pack(v.Pack); err != nil {
		return v, err
	}
	if v.State != waiting {
		v.Report = &v.report
		return v, nil
	}
	answers, err := rm.Assess.Answers(ctx, in.Org, v.Pack)
	if err != nil {
		return v, err
	}
	byState := map[ChangeState][]Change{}
	who := map[string]bool{}
	for _, l := range v.lines {
		c := l.compare(v.pack, answers[l.Item])
		byState[c.State] = append(byState[c.State], c)
		if c.State == Conflict {
			who[c.now.By] = true
		}
	}
	v.Counts = map[ChangeState]int{}
	for _, s := range ChangeStates() {
		v.Counts[s] = len(byState[s])
		if s != Same && s != Blank {
			v.Changes = append(v.Changes, byState[s]...)
		}
	}
	if len(v.Changes) > maxShown {
		v.More, v.Changes = len(v.Changes)-maxShown, v.Changes[:maxShown]
	}
	return v, rm.nameThem(ctx, v.Changes, who)
}

// nameThem says of conflicts who answered since.
func (rm *Room) nameThem(ctx context.Context, all []Change, who map[string]bool) error {
	if len(who) == 0 {
		return nil
	}
	ids := make([]string, 0, len(who))
	for id := range who {
		ids = append(ids, id)
	}
	names, err := rm.People(ctx, ids)
	for i := range all {
		if all[i].State == Conflict {
			all[i].Who = names[all[i].now.By]
		}
	}
	return err
}

// shapeView is how a sheet was understood, for layouts and official workbooks alike.
type shapeView struct {
	shape    *shape
	pack     *assess.Pack
	at       string // the address of the form
	official bool
	bad      *problem.Problem
	typed    *Reshape
}

func viewOf(s *shape, p *assess.Pack, at string) shapeView {
	return shapeView{shape: s, pack: p, at: at}
}

// LayoutView is a customer's sheet.
type LayoutView struct {
	Layout
	Known   int    `json:"known_rows"`
	Rows    int    `json:"rows"`
	Ready   bool   `json:"ready"`
	Filling Filled `json:"filling"` // what a copy would hold; formulas are seen when it is made

	shapeView
	in LayoutIn
}

func (rm *Room) showLayout(ctx context.Context, in LayoutIn) (v LayoutView, err error) {
	v.in = in
	err = rm.DB.Read(ctx, func(ctx context.Context) error { // a form that is shown again has no snapshot
		if v.Layout, err = layoutOf(ctx, in.Org, in.Layout); err != nil {
			return err
		}
		answers, err := rm.Assess.Answers(ctx, in.Org, v.Pack)
		for _, l := range v.Layout.shape.Lines {
			v.Layout.shape.count(l, answers, &v.Filling)
		}
		return err
	})
	if err != nil {
		return v, err
	}
	p, err := rm.pack(v.Pack)
	v.shapeView = viewOf(&v.Layout.shape, p, in.page())
	v.Known, v.Rows, v.Ready = v.Layout.shape.known(), len(v.Layout.shape.Lines), v.Layout.shape.enough()
	return v, err
}

// RemovalView asks before a customer's sheet is taken away.
type RemovalView struct {
	in       LayoutIn
	customer string
}

func (rm *Room) askRemoveLayout(ctx context.Context, in LayoutIn) (RemovalView, error) {
	l, err := layoutOf(ctx, in.Org, in.Layout)
	return RemovalView{in, l.Customer}, err
}

// TakeoutView is how far an Excel of everything is.
type TakeoutView struct {
	Takeout
	Done   int  `json:"done"`
	Total  int  `json:"total"`
	Failed bool `json:"failed"`

	in TakeoutIn
}

func (rm *Room) showTakeout(ctx context.Context, in TakeoutIn) (v TakeoutView, err error) {
	v.in = in
	if v.Takeout, err = rm.takeoutOf(ctx, in.Org, in.Takeout); err != nil || v.Ready {
		return v, err
	}
	s, err := rm.Jobs.State(ctx, in.Org, v.job)
	if err != nil || s.Phase == job.Failed || s.Phase == job.Cancelled {
		v.Failed = true
		return v, nil
	}
	v.Done, v.Total = s.Done, max(s.Total, 1)
	return v, nil
}

// optionsOf are the columns of a sheet as a form offers them.
func (v shapeView) optionsOf(ctx context.Context, without bool) (all []ui.Option) {
	if without {
		all = append(all, ui.Option{Value: "", Text: i18n.T(ctx, "exchange.column.none")})
	}
	for _, h := range v.shape.Heads {
		text := h.letter() + " " + h.Heading
		if h.Heading == "" {
			text = h.letter() + " " + h.Example
		}
		all = append(all, ui.Option{Value: strconv.Itoa(h.Index), Text: text})
	}
	return all
}

// columnField is the select with which somebody says where something stands.
// keys: exchange.column.key, exchange.column.answer, exchange.column.memo, exchange.column.text
func (v shapeView) columnField(ctx context.Context, name string, column int) ui.FieldView {
	optional := name == "memo" || name == "text"
	x := ui.FieldView{
		Kind: ui.FieldSelect, Name: "columns." + name, Label: ui.T("exchange.column." + name), Optional: optional,
		Options: v.optionsOf(ctx, optional || column == none), Error: v.wrong("columns." + name),
	}
	if column != none {
		x.Value = strconv.Itoa(column)
	}
	if v.typed != nil {
		x.Value = v.typed.Columns[name]
	}
	return x
}

// wrong is what is to be mended in a field, nil when nothing is.
func (v shapeView) wrong(name string) ui.Words { return wrongIn(v.bad, name) }

func wrongIn(p *problem.Problem, name string) ui.Words {
	if p == nil {
		return nil
	}
	for _, f := range p.Fields {
		if f.Name == name {
			return ui.T("field."+f.Code, f.Args...)
		}
	}
	return nil
}

func (v shapeView) sheetOptions() (all []ui.Option) {
	for _, s := range v.shape.Sheets {
		all = append(all, ui.Option{Value: s, Text: s})
	}
	return all
}

func (v shapeView) sheetName() string {
	if v.typed != nil {
		return v.typed.Sheet
	}
	return v.shape.Sheet
}

func (v shapeView) firstRow() string {
	if v.typed != nil {
		return strconv.Itoa(v.typed.First)
	}
	return strconv.Itoa(v.shape.First + 1)
}

func (v shapeView) word(code string) string {
	if v.typed != nil {
		return v.typed.Words[code]
	}
	return v.shape.Words[code]
}

// maxRows bounds the rows of a sheet that a page shows.
const maxRows = 300

func (v shapeView) rows() []place { return v.shape.Lines[:min(len(v.shape.Lines), maxRows)] }

// unknown are the rows of which nobody said what they ask.
func (v shapeView) unknown() (all []place) {
	for _, l := range v.rows() {
		_, own := v.shape.Own[folded(l.Sign)]
		if l.Item == "" || own {
			all = append(all, l)
		}
	}
	return all
}
