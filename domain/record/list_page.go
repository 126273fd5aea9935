package record

import (
	"context"
	"strconv"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func (rm *Room) listRoutes() []web.Route {
	const one = "/orgs/{org}/records/ledgers/{ledger}"
	return []web.Route{
		web.GetFile(one+"/table.xlsx", web.Viewer, "Hand over a ledger as a spreadsheet.", rm.xlsx),
		web.GetFile(one+"/table.csv", web.Viewer, "Hand over a ledger as CSV.", rm.csv),
		web.Post(one+"/lists", web.Member, "Upload a table (.xlsx or CSV) to look at what it would change.", rm.uploadList, nil, web.Limit(web.UploadLimit), web.Again(rm.uploadAgain)),
		web.Get(one+"/lists/{list}", web.Member, "Show what an uploaded table would change.", rm.previewList, listPage),
		web.Post(one+"/lists/{list}/apply", web.Member, "Change a ledger as previewed.", rm.applyList, nil, web.Again(rm.applyAgain)),
		web.Post(one+"/lists/{list}/drop", web.Member, "Throw an uploaded table away.", rm.dropList, nil),
	}
}

func (rm *Room) xlsx(ctx context.Context, in LedgerIn) (web.File, error) {
	return rm.Sheet(ctx, in.Org, in.Ledger, "xlsx")
}

func (rm *Room) csv(ctx context.Context, in LedgerIn) (web.File, error) {
	return rm.Sheet(ctx, in.Org, in.Ledger, "csv")
}

type uploadIn struct {
	LedgerIn
	File web.Upload `json:"file"`
}

// ListIn names an uploaded table.
type ListIn struct {
	LedgerIn
	List string `path:"list" json:"-"`
}

func (in ListIn) path() string { return in.LedgerIn.path() + "/lists/" + in.List }

func (rm *Room) uploadList(ctx context.Context, in uploadIn) (Moved, error) {
	id, err := rm.TakeList(ctx, in.Org, in.Ledger, in.File)
	return Moved{ListIn{in.LedgerIn, id}.path()}, err
}

// uploadAgain shows the form alone: the ledger has not changed.
func (rm *Room) uploadAgain(_ context.Context, in uploadIn, p *problem.Problem) (templ.Component, error) {
	l, err := rm.ledgerOf(in.Ledger)
	return uploadPage(UploadView{l, in.LedgerIn, p}), err
}

// UploadView is the form for a table.
type UploadView struct {
	sheet   *Ledger
	in      LedgerIn
	problem *problem.Problem
}

// ListView is what an uploaded table would change.
type ListView struct {
	Changes
	File string `json:"file"`

	in      ListIn
	sheet   *Ledger
	problem *problem.Problem
}

func (rm *Room) previewList(ctx context.Context, in ListIn) (v ListView, err error) {
	if v.Changes, err = rm.Preview(ctx, in.Org, in.Ledger, in.List); err != nil {
		return v, err
	}
	waiting, err := rm.listOf(ctx, in.Org, in.Ledger, in.List)
	v.File, v.in, v.sheet = waiting.File, in, rm.Book.ledger(in.Ledger)
	return v, err
}

type applyIn struct {
	ListIn
	Seen    string `json:"seen"`
	Missing bool   `json:"missing"`
}

func (rm *Room) applyList(ctx context.Context, in applyIn) (Moved, error) {
	return Moved{in.LedgerIn.path()}, rm.Apply(ctx, in.Org, in.Ledger, in.List, in.Seen, in.Missing)
}

func (rm *Room) applyAgain(ctx context.Context, in applyIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.previewList(ctx, in.ListIn)
	v.problem = p
	return listPage(v), err
}

func (rm *Room) dropList(ctx context.Context, in ListIn) (Moved, error) {
	return Moved{in.LedgerIn.path()}, rm.DropList(ctx, in.Org, in.Ledger, in.List)
}

// nothing says that applying would change nothing.
func (v ListView) nothing() bool { return v.N[rowNew]+v.N[rowChanged]+v.N[rowMissing] == 0 }

func (v ListView) facts() (all []ui.Fact) {
	for _, s := range []string{rowNew, rowChanged, rowSame, rowRefused, rowMissing} {
		if s == rowSame || v.N[s] > 0 {
			all = append(all, ui.Fact{Name: ui.T("record.list.state." + s), Number: ui.Plain(i18n.Number(v.N[s]))})
		}
	}
	return all
}

// maxPreview bounds what a page shows of a long list.
const maxPreview = 300

// table lists what needs a look first; what stays the same is left out.
func (v ListView) table(ctx context.Context) ui.TableView {
	t := ui.TableView{Caption: ui.T("record.list.rows"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "record.list.name"}, {Key: "record.list.row"}, {Key: "record.list.becomes"}, {Key: "record.list.what"}},
	}
	for _, s := range []string{rowRefused, rowMissing, rowChanged, rowNew} {
		for _, x := range v.Rows {
			if x.State == s && len(t.Rows) < maxPreview {
				t.Rows = append(t.Rows, []ui.Words{x.called(), x.number(), ui.T("record.list.state." + s), v.what(ctx, x)})
			}
		}
	}
	return t
}

func (x Change) called() ui.Words {
	if x.Name == "" {
		return ui.T("record.blank")
	}
	return ui.Plain(x.Name)
}

func (x Change) number() ui.Words {
	if x.Row == 0 {
		return ui.Plain("－")
	}
	return ui.Plain(strconv.Itoa(x.Row))
}

// what names the columns of a change, and why they are not read.
func (v ListView) what(ctx context.Context, x Change) ui.Words {
	var parts []ui.Words
	for i, id := range x.What {
		if i > 0 {
			parts = append(parts, ui.Plain("　"))
		}
		for _, c := range v.sheet.Columns {
			if c.ID == id {
				parts = append(parts, ui.Plain(ui.Say(ctx, c.Title)))
			}
		}
		if i < len(x.Why) {
			parts = append(parts, ui.Plain("："), ui.T("field."+x.Why[i], "n", maxCell))
		}
	}
	if len(parts) == 0 {
		return ui.Plain("－")
	}
	return ui.Join(parts...)
}

func (v ListView) more() int {
	return max(0, len(v.Rows)-v.N[rowSame]-maxPreview)
}
