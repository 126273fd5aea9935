package desk

import (
	"context"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) importRoutes() []web.Route {
	const all = "/orgs/{org}/circles/{circle}/desk/import"
	const one = all + "/{import}"
	return []web.Route{
		web.Get(all, web.Member, "Show the form for a list of members, and the imports so far.", rm.showImports, importsPage),
		web.Post(all, web.Member, "Upload a list of members (.xlsx, or CSV) to look at what would become of each row.", rm.upload, nil,
			web.Limit(web.UploadLimit), web.Again(rm.uploadAgain)),
		web.Get(one, web.Member, "Show what an import would do with each row, how far it is, or what it did.", rm.showImport, importPage),
		web.Post(one+"/columns", web.Member, "Say which column of an uploaded list holds what.", rm.setColumns, nil, web.Again(rm.columnsAgain)),
		web.Post(one+"/confirm", web.Member, "Have an uploaded list taken.", rm.confirmImport, nil),
		web.Post(one+"/stop", web.Member, "Throw an uploaded list away, or stop a running import.", rm.stopImport, nil),
	}
}

// ImportIn names an import of a circle.
type ImportIn struct {
	DeskIn
	Import string `path:"import" json:"-"`
}

func (in ImportIn) path(rest string) string { return in.DeskIn.path("/import/" + in.Import + rest) }

type uploadIn struct {
	DeskIn
	File web.Upload `json:"file"`
}

func (rm *Room) upload(ctx context.Context, in uploadIn) (Moved, error) {
	id, err := rm.TakeList(ctx, in.DeskIn, in.File)
	return Moved{ImportIn{in.DeskIn, id}.path("")}, err
}

func (rm *Room) uploadAgain(ctx context.Context, in uploadIn, p *problem.Problem) (templ.Component, error) {
	if in.Org == "" {
		return nil, p
	}
	v, err := rm.showImports(ctx, in.DeskIn)
	v.bad = p
	return importsPage(v), err
}

// ImportLine is one import in the list of a circle.
type ImportLine struct {
	ID      string    `json:"id"`
	At      time.Time `json:"created"`
	State   string    `json:"state"`
	Added   int       `json:"added"`
	Changed int       `json:"changed"`
	Missing int       `json:"missing"`
}

// ImportsView is the imports of a circle, newest first.
type ImportsView struct {
	Imports []ImportLine `json:"imports"`

	at  DeskIn
	bad *problem.Problem
}

const maxImports = 20

func (rm *Room) showImports(ctx context.Context, in DeskIn) (ImportsView, error) {
	v := ImportsView{at: in}
	if _, err := rm.circle(ctx, in.Org, in.Circle); err != nil {
		return v, err
	}
	rows, err := db.Rows(ctx, func(l *ImportLine) []any {
		return []any{&l.ID, db.At(&l.At), &l.State, &l.Added, &l.Changed, &l.Missing}
	}, "SELECT id, created, state, added, changed, missing FROM desk_import WHERE org_id = ? AND circle_id = ? ORDER BY created DESC LIMIT ?", in.Org, in.Circle, maxImports)
	v.Imports = append([]ImportLine{}, rows...)
	return v, err
}

type importAsk struct {
	ImportIn
	Show RowState `query:"show" json:"-"`
}

// ListColumn is a column of an uploaded list as the form shows it.
type ListColumn struct {
	Index   int    `json:"index"`
	Heading string `json:"heading"`
	Example string `json:"example"`
}

// ImportView is an import: a preview while it waits, then how far it is, then what
// it did.
type ImportView struct {
	State    string            `json:"state"` // waiting, running, done, stopped
	File     string            `json:"file,omitempty"`
	Header   int               `json:"header_row"`
	Fields   map[listField]int `json:"columns"`
	Columns  []ListColumn      `json:"file_columns,omitempty"`
	Counts   map[RowState]int  `json:"counts,omitempty"`
	Rows     []ListRow         `json:"rows"` // of a preview; of a finished import those not taken
	More     int               `json:"more_rows"`
	Missing  []string          `json:"missing,omitempty"` // in the circle's list and not in the file
	NMissing int               `json:"missing_count"`
	Total    int               `json:"total"`
	Done     int               `json:"done"`
	Added    int               `json:"added"`
	Changed  int               `json:"changed"`
	Failed   bool              `json:"failed"`

	in    ImportIn
	show  RowState
	until time.Time
	bad   *problem.Problem
	typed map[string]string
}

// maxPreview and maxMissing bound what a page shows of a long list.
const (
	maxPreview = 400
	maxMissing = 100
)

func (rm *Room) showImport(ctx context.Context, in importAsk) (ImportView, error) {
	m, err := rm.importOf(ctx, in.ImportIn)
	if err != nil {
		return ImportView{}, err
	}
	v := ImportView{State: m.State, File: m.File, Rows: []ListRow{}, NMissing: m.Missing, Total: m.Total, Done: m.Done, Added: m.Added, Changed: m.Changed,
		in: in.ImportIn, show: in.Show, until: m.Created.Add(keepList)}
	switch m.State {
	case importWaiting:
		return v, rm.preview(ctx, &v, m)
	case importRunning:
		s, err := rm.Paper.Jobs.State(ctx, string(in.Org), m.Job)
		v.Failed = err != nil || s.Phase == job.Failed || s.Phase == job.Cancelled
		return v, nil
	}
	v.take(m.Report)
	return v, nil
}

// preview fills in what would become of each row.
func (rm *Room) preview(ctx context.Context, v *ImportView, m memberImport) error {
	v.Header, v.Fields, v.Columns = m.Guess.Header+1, m.Guess.Cols, m.columns()
	if !m.Guess.enough() {
		return nil
	}
	j, err := rm.judgedNow(ctx, v.in.Org, v.in.Circle, m)
	if err != nil {
		return err
	}
	v.Counts = map[RowState]int{}
	var shown []ListRow
	for _, s := range RowStates() {
		v.Counts[s] = j.count(s)
		for _, r := range j.rows {
			if r.State == s && (v.show == s || v.show == "" && s != RowSame) {
				shown = append(shown, r)
			}
		}
	}
	v.take(shown)
	v.NMissing = len(j.missing)
	for _, c := range j.missing[:min(len(j.missing), maxMissing)] {
		v.Missing = append(v.Missing, c.MemberNumber+" "+c.Name)
	}
	return nil
}

func (v *ImportView) take(rows []ListRow) {
	v.More = max(0, len(rows)-maxPreview)
	v.Rows = append(v.Rows, rows[:min(len(rows), maxPreview)]...)
}

// enough says that a list can be judged: its numbers and names are found.
func (g listGuess) enough() bool {
	_, key := g.Cols[fieldKey]
	_, name := g.Cols[fieldName]
	return key && name
}

// columns lists the columns of a list with a heading and a value each.
func (m memberImport) columns() []ListColumn {
	width := 0
	for _, row := range m.Cells {
		width = max(width, len(row))
	}
	var all []ListColumn
	for i := range width {
		c := ListColumn{Index: i}
		if h := m.Guess.Header; h >= 0 && h < len(m.Cells) && i < len(m.Cells[h]) {
			c.Heading = m.Cells[h][i]
		}
		for _, row := range m.Cells[min(m.Guess.Header+1, len(m.Cells)):] {
			if i < len(row) && row[i] != "" {
				c.Example = row[i]
				break
			}
		}
		if c.Heading != "" || c.Example != "" {
			all = append(all, c)
		}
	}
	return all
}

// letter names a column as a spreadsheet does.
func (c ListColumn) letter() string {
	s := ""
	for i := c.Index + 1; i > 0; i = (i - 1) / 26 {
		s = string(rune('A'+(i-1)%26)) + s
	}
	return s
}

type columnsIn struct {
	ImportIn
	Row     int               `json:"row"`
	Columns map[string]string `json:"columns"`
}

func (rm *Room) setColumns(ctx context.Context, in columnsIn) (Moved, error) {
	return Moved{in.path("")}, rm.SetColumns(ctx, in.ImportIn, in.Row, in.Columns)
}

func (rm *Room) columnsAgain(ctx context.Context, in columnsIn, p *problem.Problem) (templ.Component, error) {
	if in.Org == "" {
		return nil, p
	}
	v, err := rm.showImport(ctx, importAsk{ImportIn: in.ImportIn})
	v.bad, v.typed = p, in.Columns
	return importPage(v), err
}

type confirmIn struct {
	ImportIn
	Doubtful bool `json:"doubtful"`
}

func (rm *Room) confirmImport(ctx context.Context, in confirmIn) (Moved, error) {
	return Moved{in.path("")}, rm.Confirm(ctx, in.ImportIn, in.Doubtful)
}

func (rm *Room) stopImport(ctx context.Context, in ImportIn) (Moved, error) {
	return Moved{in.path("")}, rm.Stop(ctx, in)
}

// columnField is the select with which somebody says where a field stands.
func (v ImportView) columnField(ctx context.Context, f listField) ui.FieldView {
	// keys: desk.import.field.key, desk.import.field.name, desk.import.field.kana, desk.import.field.number
	// keys: desk.import.field.person, desk.import.field.phone, desk.import.field.email, desk.import.field.place
	x := ui.FieldView{
		Kind: ui.FieldSelect, Name: "columns." + string(f), ID: "f-" + string(f), Label: ui.T("desk.import.field." + string(f)),
		Optional: f != fieldKey && f != fieldName,
		Options:  []ui.Option{{Value: "", Text: i18n.T(ctx, "desk.import.field.none")}},
	}
	if i, ok := v.Fields[f]; ok {
		x.Value = strconv.Itoa(i)
	}
	if v.typed != nil {
		x.Value = v.typed[string(f)]
	}
	for _, c := range v.Columns {
		text := c.letter() + " " + c.Heading
		if c.Heading == "" {
			text = c.letter() + " " + c.Example
		}
		x.Options = append(x.Options, ui.Option{Value: strconv.Itoa(c.Index), Text: text})
	}
	if v.bad != nil {
		for _, e := range v.bad.Fields {
			if e.Name == string(f) {
				x.Error = ui.T("field."+e.Code, e.Args...)
			}
		}
	}
	return x
}

// fieldErrors lead to what has to be mended.
func fieldErrors(p *problem.Problem) (all []ui.FieldError) {
	if p == nil {
		return nil
	}
	for _, f := range p.Fields {
		all = append(all, ui.FieldError{ID: "f-" + f.Name, Text: ui.T("field."+f.Code, f.Args...)})
	}
	return all
}

// said is a problem that belongs to no field, as a notice; nil when there is none.
func said(p *problem.Problem) *ui.NoticeView {
	if p == nil || len(p.Fields) > 0 {
		return nil
	}
	return &ui.NoticeView{Kind: ui.NoticeWarn, Title: ui.T("problem."+p.Code+".title", p.Args...), Text: ui.T("problem."+p.Code+".hint", p.Args...)}
}

// plainWhy are the reasons that speak of a word of the list. It is gone once the
// import is over, and a text without it stands in.
// keys: desk.import.why.twice.plain, desk.import.why.same-name.plain, desk.import.why.other-name.plain,
// keys: desk.import.why.zeros.plain, desk.import.why.date.plain, desk.import.why.number.plain, desk.import.why.email.plain
var plainWhy = map[string]string{"twice": ".plain", "same-name": ".plain", "other-name": ".plain", "zeros": ".plain", "date": ".plain", "number": ".plain", "email": ".plain"}

// why says what is the matter with a row and what to do.
func (r ListRow) why() ui.Words {
	if r.Why == "" {
		return ui.Plain("")
	}
	if r.Hint == "" {
		return ui.T("desk.import.why." + r.Why + plainWhy[r.Why])
	}
	return ui.T("desk.import.why."+r.Why, "hint", r.Hint)
}

func (v ImportView) trail(at DeskIn) []ui.Link {
	return []ui.Link{{Label: ui.T("desk.entry.desk"), URL: at.path("")}, {Label: ui.T("desk.import.short"), URL: at.path("/import")}, {Label: ui.T("desk.import.one")}}
}
