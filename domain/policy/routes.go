package policy

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the table of this room.
func (rm *Room) Routes() []web.Route {
	const list, one = "/orgs/{org}/policies", "/orgs/{org}/policies/{policy}"
	return []web.Route{
		web.Get(list, web.Viewer, "List the policies and rule books of the organisation.", rm.list, listPage),
		web.Post(list, web.Member, "Begin a policy or a rule book, written from the answers.", rm.start, nil),
		web.Get(one, web.Viewer, "Show a policy with its draft, what it is evidence for, and its versions.", rm.show, documentPage),
		web.Post(one+"/next", web.Member, "Begin the next version.", rm.next, nil),
		web.Post(one+"/rewrite", web.Member, "Write the draft anew from settings and answers.", rm.rewrite, nil),
		web.Get(one+"/settings", web.Member, "Show the settings of the draft.", rm.showSettings, settingsPage),
		web.Post(one+"/settings", web.Member, "Change settings of the draft.", rm.set, nil, web.Again(rm.setAgain)),
		web.Get(one+"/sections/{chapter}", web.Member, "Show a section of the draft for editing.", rm.showSection, sectionPage),
		web.Post(one+"/sections/{chapter}", web.Member, "Change a section of the draft.", rm.edit, nil, web.Again(rm.editAgain)),
		web.Get(one+"/approve", web.Owner, "Ask before the draft is approved.", rm.askApprove, approvePage, web.PageOnly, web.StepUp),
		web.Post(one+"/approve", web.Owner, "Approve the draft.", rm.approve, nil, web.StepUp, web.Again(rm.approveAgain)),
		web.Get(one+"/publish", web.Owner, "Ask before the policy is published.", rm.askPublish, confirmPage, web.PageOnly, web.StepUp),
		web.Post(one+"/publish", web.Owner, "Let everybody read the approved policy.", rm.publish, nil, web.StepUp),
		web.Get(one+"/unpublish", web.Owner, "Ask before the policy is hidden again.", rm.askUnpublish, confirmPage, web.PageOnly, web.StepUp),
		web.Post(one+"/unpublish", web.Owner, "Hide the policy from the public again.", rm.unpublish, nil, web.StepUp),
		web.Get(one+"/withdraw", web.Owner, "Ask before the approved version is withdrawn.", rm.askWithdraw, confirmPage, web.PageOnly, web.StepUp),
		web.Post(one+"/withdraw", web.Owner, "Withdraw the approved version.", rm.withdraw, nil, web.StepUp),
		web.Get(one+"/versions/{issue}", web.Viewer, "Show a version.", rm.showVersion, versionPage),
		web.Get(one+"/versions/{issue}/changes", web.Viewer, "Show what a version changed, section by section.", rm.showChanges, changesPage),
		web.Get(one+"/versions/{issue}/poster", web.Viewer, "Show a version as a poster for the wall.", rm.showVersion, posterPage, web.PageOnly),
		web.GetFile(one+"/versions/{issue}/policy.pdf", web.Viewer, "Download a version as PDF.", rm.pdfFile),
		web.GetFile(one+"/versions/{issue}/policy.docx", web.Viewer, "Download a version for a word processor.", rm.docxFile),
		web.Get("/policies/{public}", web.Public, "Show a published policy to everybody.", rm.showPublic, publicPage),
	}
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// OrgIn names the organisation of a route.
type OrgIn struct {
	Org string `path:"org" json:"-"`
}

// DocumentIn names a document.
type DocumentIn struct {
	Org    string `path:"org" json:"-"`
	Policy string `path:"policy" json:"-"`
}

// VersionIn names a version.
type VersionIn struct {
	Org    string `path:"org" json:"-"`
	Policy string `path:"policy" json:"-"`
	Issue  string `path:"issue" json:"-"`
}

// Row is a kind of document and how the company's own one stands.
type Row struct {
	Template string     `json:"template"`
	Title    string     `json:"title"`
	ID       string     `json:"id,omitempty"`
	State    string     `json:"state"` // none, draft, approved, withdrawn
	Draft    int        `json:"draft_version,omitempty"`
	Approved *time.Time `json:"approved_at,omitempty"`
	Until    *time.Time `json:"evidence_until,omitempty"`
	Public   string     `json:"public_url,omitempty"`

	about i18n.Text
}

// ListView is the documents of a company.
type ListView struct {
	Documents []Row `json:"documents"`

	org  string
	role web.Role
	now  time.Time
}

func (rm *Room) list(ctx context.Context, in OrgIn) (ListView, error) {
	v := ListView{Documents: []Row{}, org: in.Org, role: web.RoleFrom(ctx), now: rm.Now()}
	documents, err := db.Rows(ctx, (*Document).fields, "SELECT "+documentColumns+" FROM policy_document d WHERE d.org_id = ?", in.Org)
	if err != nil {
		return v, err
	}
	for _, t := range rm.Templates {
		row := Row{Template: t.ID, Title: t.Title.in(i18n.From(ctx).Lang), State: "none", about: t.About}
		i := slices.IndexFunc(documents, func(d Document) bool { return d.Template == t.ID })
		if i >= 0 {
			if err := rm.fillRow(ctx, &row, documents[i]); err != nil {
				return v, err
			}
		}
		v.Documents = append(v.Documents, row)
	}
	return v, nil
}

func (rm *Room) fillRow(ctx context.Context, row *Row, d Document) error {
	versions, err := versionsOf(ctx, d.Org, d.ID)
	if err != nil || len(versions) == 0 {
		return err
	}
	row.ID, row.State = d.ID, versions[0].State
	for _, v := range versions {
		switch v.State {
		case Draft:
			row.Draft = v.Number
		case Approved:
			until := v.until()
			row.State, row.Approved, row.Until = Approved, &v.Approved, &until
		}
	}
	if d.Published > 0 {
		row.Public = rm.Base + publicPath(d.public)
	}
	return nil
}

func (v Version) until() time.Time { return v.Approved.AddDate(ValidFor, 0, 0) }

// StartIn chooses a template.
type StartIn struct {
	Org      string `path:"org" json:"-"`
	Template string `json:"template"`
}

func (rm *Room) start(ctx context.Context, in StartIn) (Moved, error) {
	id, err := rm.Start(ctx, in.Org, in.Template)
	return Moved{documentPath(in.Org, id)}, err
}

// VersionRow is a version in a list.
type VersionRow struct {
	Version
	ApprovedBy string    `json:"approved_by,omitempty"` // a name
	OnPaper    bool      `json:"approved_on_paper"`
	Paper      org.Paper `json:"-"`
}

// View is a document: its draft if it has one, else what is in force.
type View struct {
	Document
	Title     string       `json:"title"`
	Shown     VersionRow   `json:"version"`
	Sections  []Chapter    `json:"sections"`
	Judgement *Judgement   `json:"judgement,omitempty"`
	Versions  []VersionRow `json:"versions"`
	Public    string       `json:"public_url,omitempty"`
	Hidden    string       `json:"not_public_because,omitempty"` // the code of a problem

	template *Template
	packs    map[string]criterion // by place
	partly   map[string]bool      // places that ask for something else than a rule
	role     web.Role
	now      time.Time
	problem  *problem.Problem
}

func (rm *Room) show(ctx context.Context, in DocumentIn) (v View, err error) {
	if v, err = rm.view(ctx, in.Org, in.Policy, 0); err != nil {
		return v, err
	}
	v.Hidden, err = rm.hidden(ctx, in.Org)
	return v, err
}

// view reads a document with one version, the newest for 0.
func (rm *Room) view(ctx context.Context, org, id string, number int) (v View, err error) {
	v = View{role: web.RoleFrom(ctx), now: rm.Now()}
	if v.Document, err = documentOf(ctx, org, id); err != nil {
		return v, err
	}
	if v.template, err = rm.template(v.Template); err != nil {
		return v, err
	}
	v.Title = v.template.Title.in(i18n.From(ctx).Lang)
	if v.Versions, err = rm.versionRows(ctx, org, id); err != nil {
		return v, err
	}
	at := slices.IndexFunc(v.Versions, func(r VersionRow) bool { return number == 0 || r.Number == number })
	if at < 0 {
		return v, problem.NotFound()
	}
	v.Shown = v.Versions[at]
	if v.Sections, err = chaptersOf(ctx, org, v.Shown.ID); err != nil {
		return v, err
	}
	if v.Shown.Digest == "" {
		v.Shown.Digest = digest(v.template, v.Sections)
	}
	if v.Published > 0 {
		v.Public = rm.Base + publicPath(v.public)
	}
	if v.Shown.State == Draft || v.Shown.State == Approved {
		given, err := rm.answersFor(ctx, org, v.template)
		if err != nil {
			return v, err
		}
		j := judge(v.template, v.Shown.Settings, v.Sections, given)
		v.Judgement = &j
	}
	v.packs, v.partly = rm.titles(v.template)
	return v, nil
}

func (rm *Room) versionRows(ctx context.Context, id, document string) ([]VersionRow, error) {
	versions, err := versionsOf(ctx, id, document)
	if err != nil {
		return nil, err
	}
	var people, subjects []string
	for _, v := range versions {
		people, subjects = append(people, v.approvedBy), append(subjects, v.ID)
	}
	names, err := rm.People(ctx, people)
	if err != nil {
		return nil, err
	}
	papers, err := rm.OnPaper(ctx, id, subjects)
	rows := make([]VersionRow, len(versions))
	for i, v := range versions {
		rows[i] = VersionRow{Version: v, ApprovedBy: names[v.approvedBy]}
		rows[i].Paper, rows[i].OnPaper = papers[v.ID]
	}
	return rows, err
}

// criterion is an item of a pack, as readers know it.
type criterion struct {
	item  string
	title i18n.Text
}

// titles are what the places of a template are called, and which of them a rule
// supports but does not meet: they ask for a setting, a record, a ledger.
func (rm *Room) titles(t *Template) (all map[string]criterion, partly map[string]bool) {
	all, partly = map[string]criterion{}, map[string]bool{}
	for _, s := range t.Sections {
		for _, p := range s.Proves {
			pack, item, _ := strings.Cut(p.Place, "/")
			all[p.Place] = criterion{item: item}
			if k := rm.Assess.Packs.ByID(pack); k != nil && k.Item(item) != nil {
				x := k.Item(item)
				all[p.Place] = criterion{item, x.Title}
				partly[p.Place] = len(x.Needs) > 0 && !slices.Contains(x.Needs, assess.FormRule)
			}
		}
	}
	return all, partly
}

func (rm *Room) next(ctx context.Context, in DocumentIn) (Moved, error) {
	return Moved{documentPath(in.Org, in.Policy)}, rm.Next(ctx, in.Org, in.Policy)
}

// RewriteIn says whether what was edited by hand goes too.
type RewriteIn struct {
	Org    string `path:"org" json:"-"`
	Policy string `path:"policy" json:"-"`
	All    bool   `json:"all"`
}

func (rm *Room) rewrite(ctx context.Context, in RewriteIn) (Moved, error) {
	return Moved{documentPath(in.Org, in.Policy)}, rm.Rewrite(ctx, in.Org, in.Policy, in.All)
}

// issue reads the number of a version out of an address.
func issue(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, problem.NotFound()
	}
	return n, nil
}

func (rm *Room) showVersion(ctx context.Context, in VersionIn) (View, error) {
	n, err := issue(in.Issue)
	if err != nil {
		return View{}, err
	}
	return rm.view(ctx, in.Org, in.Policy, n)
}

// SettingsView is the settings of a draft.
type SettingsView struct {
	Settings Settings `json:"settings"`

	org, document string
	title         string
	template      *Template
	problem       *problem.Problem
}

func (rm *Room) showSettings(ctx context.Context, in DocumentIn) (SettingsView, error) {
	t, d, v, err := rm.draft(ctx, in.Org, in.Policy)
	if err != nil {
		return SettingsView{}, err
	}
	return SettingsView{Settings: v.Settings, org: in.Org, document: d.ID, title: t.Title.in(i18n.From(ctx).Lang), template: t}, nil
}

// SettingsIn is what a form holds; a choice of several comes as setting.option.
type SettingsIn struct {
	Org    string            `path:"org" json:"-"`
	Policy string            `path:"policy" json:"-"`
	Values map[string]string `json:"values"`
}

func (rm *Room) set(ctx context.Context, in SettingsIn) (Moved, error) {
	return Moved{documentPath(in.Org, in.Policy)}, rm.Set(ctx, in.Org, in.Policy, in.Values)
}

func (rm *Room) setAgain(ctx context.Context, in SettingsIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showSettings(ctx, DocumentIn{in.Org, in.Policy})
	if err != nil {
		return nil, err
	}
	v.problem = p
	for i := range v.template.Settings {
		s := &v.template.Settings[i]
		if typed, named := in.Values[s.ID]; named && s.Kind != "many" {
			v.Settings[s.ID] = typed
		} else if named {
			v.Settings[s.ID] = s.ticked(in.Values)
		}
		if typed, named := in.Values[s.english()]; named {
			v.Settings[s.english()] = typed
		}
	}
	return settingsPage(v), nil
}

// SectionView is a section of a draft as it is edited.
type SectionView struct {
	Chapter
	Revision int `json:"revision"`

	org, document string
	template      *Template
	section       *Section
	problem       *problem.Problem
}

// SectionIn names a section.
type SectionIn struct {
	Org     string `path:"org" json:"-"`
	Policy  string `path:"policy" json:"-"`
	Chapter string `path:"chapter" json:"-"`
}

func (rm *Room) showSection(ctx context.Context, in SectionIn) (SectionView, error) {
	t, d, v, err := rm.draft(ctx, in.Org, in.Policy)
	if err != nil {
		return SectionView{}, err
	}
	c, err := chapterOf(ctx, in.Org, v.ID, in.Chapter)
	return SectionView{Chapter: c, Revision: v.Revision, org: in.Org, document: d.ID, template: t, section: t.section(in.Chapter)}, err
}

// EditIn is a section as somebody wrote it. Do is "anew" to have it written from
// the template again.
type EditIn struct {
	Org      string `path:"org" json:"-"`
	Policy   string `path:"policy" json:"-"`
	Chapter  string `path:"chapter" json:"-"`
	Revision int    `json:"revision"`
	JA       string `json:"ja"`
	EN       string `json:"en"`
	Do       string `json:"do"`
}

func (rm *Room) edit(ctx context.Context, in EditIn) (Moved, error) {
	words := Words{Revision: in.Revision, JA: in.JA, EN: in.EN, Anew: in.Do == "anew"}
	return Moved{documentPath(in.Org, in.Policy) + "#s-" + in.Chapter}, rm.Edit(ctx, in.Org, in.Policy, in.Chapter, words)
}

func (rm *Room) editAgain(ctx context.Context, in EditIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showSection(ctx, SectionIn{in.Org, in.Policy, in.Chapter})
	v.problem, v.JA, v.EN = p, in.JA, in.EN
	return sectionPage(v), err
}
