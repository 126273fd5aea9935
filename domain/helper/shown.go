package helper

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// What pages say of the views.

func lines(s string) []string { return strings.Split(s, "\n") }

// dayShown is a stored day in words.
func dayShown(ctx context.Context, day string) string {
	t, err := time.ParseInLocation(time.DateOnly, day, i18n.Tokyo)
	if err != nil {
		return day
	}
	return i18n.Deadline(ctx, t)
}

func moment(ctx context.Context, t time.Time) string {
	return i18n.Date(ctx, t) + " " + i18n.Clock(ctx, t)
}

// trail leads back to the list of grants.
func (k Kind) trail(more *ui.Link) []ui.Link {
	all := []ui.Link{{Label: ui.T("helper.helping.page"), URL: "/helping"}}
	if k == Support {
		all = []ui.Link{{Label: ui.T("helper.operator.page"), URL: "/operator"}, {Label: ui.T("helper.support.page"), URL: "/operator/support"}}
	}
	if more != nil {
		all = append(all, *more)
	}
	return all
}

func (k Kind) kicker() ui.Words {
	if k == Support {
		return ui.T("helper.view.support")
	}
	return ui.T("helper.view.helper")
}

func (v OverviewView) about(ctx context.Context) []ui.Pair {
	return []ui.Pair{
		{Key: ui.T("org.number"), Value: ui.Plain(v.Company.Number)},
		{Key: ui.T("helper.asked"), Value: nameOr(v.AskedBy)},
		{Key: ui.T("helper.parts"), Value: partsList(v.Parts)},
	}
}

func (v OverviewView) frameworks() ui.TableView {
	t := ui.TableView{
		Caption: ui.T("helper.part.answers"), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "helper.framework"}, {Key: "helper.answered", Number: true}, {Key: "helper.stand"}},
	}
	for _, f := range v.Frameworks {
		t.Rows = append(t.Rows, []ui.Words{
			link(v.kind.path(v.Grant)+"/frameworks/"+f.Pack, f.shared.TitleWords()),
			ui.Plain(strconv.Itoa(f.Answered) + " / " + strconv.Itoa(f.Items)), f.stand(),
		})
	}
	return t
}

// stand says how far the answers have come, and what they come to.
func (f FrameworkView) stand() ui.Words {
	switch {
	case f.Answered == 0:
		return ui.T("helper.stand.none")
	case !f.Complete || f.Max == 0:
		return ui.T("helper.stand.answered", "n", f.Answered, "total", f.Items)
	}
	return ui.T("helper.stand.points", "points", f.Points, "max", f.Max)
}

func (v PackView) table(ctx context.Context) ui.TableView {
	t := ui.TableView{
		Caption: v.shared.TitleWords(), HideCaption: true, Stack: true,
		Columns: []ui.Column{{Key: "helper.item"}, {Key: "helper.answer"}, {Key: "helper.answered-when"}},
	}
	for _, r := range v.shared.Rows {
		answer, when := ui.T("helper.answer.none"), ui.Plain("–")
		if sign := r.Sign(); sign != nil {
			answer, when = sign, ui.Age(ui.AgeView{Act: ui.Answered, At: r.At, Now: v.now})
		}
		if r.OnBehalf != "" {
			answer = ui.Join(answer, ui.Plain("　"+r.OnBehalf))
		}
		title := ui.Join(ui.Plain(strconv.Itoa(r.Number)+" "), link(v.kind.itemPath(ItemIn{v.Grant, v.Pack, r.Item}), r.TitleWords()))
		t.Rows = append(t.Rows, []ui.Words{title, answer, when})
	}
	return t
}

func (v ItemView) url() string { return v.kind.itemPath(ItemIn{v.Grant, v.Pack, v.Item}) }

func (v ItemView) trail() []ui.Link {
	return append(v.kind.trail(&ui.Link{Label: ui.Plain(v.Company.Name), URL: v.kind.path(v.Grant)}),
		ui.Link{Label: v.shared.PackWords(), URL: v.kind.path(v.Grant) + "/frameworks/" + v.Pack})
}

func nameOr(name string) ui.Words {
	if name == "" {
		return ui.T("org.journal.gone")
	}
	return ui.Plain(name)
}

func partOptions(names []string, chosen []string) []ui.Option {
	var all []ui.Option
	for _, p := range names {
		o := ui.Option{Value: p, Label: ui.T("helper.part." + p), Hint: ui.T("helper.part." + p + ".hint")}
		for _, c := range chosen {
			o.Chosen = o.Chosen || c == p
		}
		all = append(all, o)
	}
	return all
}

func (g GrantRow) who() templ.Component {
	switch {
	case g.Kind == Support:
		return ui.T("helper.support.who")
	case g.Name != "":
		return ui.Plain(g.Name)
	case g.Email != "":
		return ui.Plain(g.Email)
	}
	return ui.T("helper.invited.who")
}
