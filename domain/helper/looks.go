package helper

import (
	"context"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// table lists the looks, the newest day first.
// keys: helper.page.overview, helper.page.answers, helper.page.item, helper.page.file
func (v GivenView) table(ctx context.Context) ui.TableView {
	t := ui.TableView{
		Caption: ui.T("helper.looked"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "helper.looked.day"}, {Key: "helper.looked.who"}, {Key: "helper.looked.what"}, {Key: "helper.looked.n", Number: true}, {Key: "helper.looked.last"}},
		Empty:   &ui.EmptyView{Title: ui.T("helper.looks.none")},
	}
	for _, l := range v.Looked {
		t.Rows = append(t.Rows, []ui.Words{
			ui.Plain(dayShown(ctx, l.Day)), nameOr(l.Who), ui.T("helper.page." + l.Page), ui.Plain(i18n.Number(l.Looks)), ui.Plain(i18n.Clock(ctx, l.Last)),
		})
	}
	return t
}
