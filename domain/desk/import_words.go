package desk

import (
	"context"
	"strconv"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// willTake is how many rows an import would take without those in doubt.
func (v ImportView) willTake() int { return v.Counts[RowNew] + v.Counts[RowChanged] }

// title says how many rows an import would take.
func (v ImportView) title() ui.Words {
	if v.willTake() == 0 {
		return ui.T("desk.import.preview.none")
	}
	return ui.T("desk.import.preview", "n", v.willTake())
}

// acts take a list, where there is something to take, or throw it away.
func (v ImportView) acts() []ui.ButtonView {
	discard := ui.ButtonView{Kind: ui.ButtonPlain, Label: ui.T("desk.import.discard"), FormAction: v.in.path("/stop")}
	if v.willTake()+v.Counts[RowDoubtful] == 0 {
		return []ui.ButtonView{discard}
	}
	return []ui.ButtonView{{Label: ui.T("desk.import.confirm")}, discard}
}

// facts are the numbers of a preview.
// keys: desk.import.state.new, desk.import.state.changed, desk.import.state.same, desk.import.state.doubtful, desk.import.state.refused
func (v ImportView) facts() (all []ui.Fact) {
	for _, s := range [...]RowState{RowNew, RowChanged, RowSame, RowDoubtful, RowRefused} {
		all = append(all, ui.Fact{Name: ui.T("desk.import.state." + string(s)), Number: ui.Plain(strconv.Itoa(v.Counts[s]))})
	}
	return all
}

func (v ImportView) tabs() []ui.Link {
	all := []ui.Link{{Label: ui.T("desk.import.show.most"), URL: v.in.path("") + "#rows", Current: v.show == ""}}
	for _, s := range RowStates() {
		if v.Counts[s] > 0 {
			all = append(all, ui.Link{Label: ui.T("desk.import.state." + string(s)), URL: v.in.path("?show="+string(s)) + "#rows", Current: v.show == s})
		}
	}
	return all
}

func (v ImportView) rowTable() ui.TableView {
	t := ui.TableView{
		Caption: ui.T("desk.import.rows"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "desk.import.row", Number: true}, {Key: "desk.import.field.key"}, {Key: "desk.import.field.name"}, {Key: "desk.import.what"}, {Key: "desk.import.why"}},
		Empty:   &ui.EmptyView{Title: ui.T("desk.import.no-rows")},
	}
	for _, r := range v.Rows {
		t.Rows = append(t.Rows, []ui.Words{
			ui.Plain(strconv.Itoa(r.Row)), ui.Plain(r.Number), ui.Plain(r.Name), ui.T("desk.import.state." + string(r.State)), r.reason(),
		})
	}
	return t
}

// leftTable shows the rows that were not taken. What stood in them is gone with the
// file; its owner finds them by their number.
func (v ImportView) leftTable() ui.TableView {
	t := ui.TableView{
		Caption: ui.T("desk.import.not-taken"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "desk.import.row", Number: true}, {Key: "desk.import.what"}, {Key: "desk.import.why"}},
	}
	for _, r := range v.Rows {
		t.Rows = append(t.Rows, []ui.Words{ui.Plain(strconv.Itoa(r.Row)), ui.T("desk.import.state." + string(r.State)), r.reason()})
	}
	return t
}

// reason says why a row is what it is; of a changed one, what changes.
func (r ListRow) reason() ui.Words {
	if r.State != RowChanged {
		return r.why()
	}
	return ui.Join(changedFields(r.Hint)...)
}

func (v ImportsView) fileError() ui.Words {
	if v.bad == nil {
		return nil
	}
	for _, f := range v.bad.Fields {
		if f.Name == "file" {
			return ui.T("field."+f.Code, f.Args...)
		}
	}
	return nil
}

// table lists earlier imports.
// keys: desk.import.was.waiting, desk.import.was.running, desk.import.was.done, desk.import.was.stopped
func (v ImportsView) table(ctx context.Context) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("desk.import.earlier"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "desk.import.when"}, {Key: "desk.import.what"}, {Key: "desk.import.state.new", Number: true}, {Key: "desk.import.state.changed", Number: true}},
	}
	for _, i := range v.Imports {
		t.Rows = append(t.Rows, []ui.Words{
			importLink(i18n.Date(ctx, i.At)+" "+i18n.Clock(ctx, i.At), ImportIn{v.at, i.ID}.path("")),
			ui.T("desk.import.was." + i.State), ui.Plain(strconv.Itoa(i.Added)), ui.Plain(strconv.Itoa(i.Changed)),
		})
	}
	return t
}

// changedFields names the fields of a changed row.
func changedFields(names string) (all []ui.Words) {
	for i, f := range strings.Fields(names) {
		if i > 0 {
			all = append(all, ui.T("desk.import.and"))
		}
		all = append(all, ui.T("desk.import.field."+f))
	}
	return all
}
