package board

import (
	"context"
	"strconv"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// head is the sentence that says what is so.
// keys: board.head.none, board.head.ready, board.head.left
func (v BoardView) head() (key string, args []any) {
	switch s := v.Star3; {
	case s == nil || s.Tally.Answered() == 0:
		return "board.head.none", nil
	case s.Tally.Blocking() == 0:
		return "board.head.ready", []any{"n", s.Tally.Items()}
	default:
		return "board.head.left", []any{"n", s.Tally.Blocking()}
	}
}

// lead is what follows from it: what the board is asked.
// keys: board.lead.none, board.lead.ask
func (v BoardView) lead() (key string, args []any) {
	if n := len(v.Decisions); n > 0 {
		return "board.lead.ask", []any{"n", n}
	}
	return "board.lead.none", nil
}

func (v BoardView) headline(ctx context.Context) string {
	head, headArgs := v.head()
	lead, leadArgs := v.lead()
	return i18n.T(ctx, head, headArgs...) + between(ctx) + i18n.T(ctx, lead, leadArgs...)
}

// between is what a register puts between two sentences.
func between(ctx context.Context) string {
	if i18n.From(ctx).Lang == i18n.JA {
		return ""
	}
	return " "
}

func (v BoardView) headWords() ui.Words {
	key, args := v.head()
	return ui.T(key, args...)
}

func (v BoardView) leadWords() ui.Words {
	key, args := v.lead()
	return ui.T(key, args...)
}

// shownDeclared is how many declarations a line holds; the star pages list all.
const shownDeclared = 2

// line is one of the three that are never blended; without what it is empty, and stays
// visible as that.
type line struct {
	class, icon string
	name, none  ui.Words
	what        ui.Words
	notes       []string
	age         ui.AgeView
}

// lines are what the company says, what evidence shows and what a third party examined,
// with at most so many declarations.
func (v BoardView) lines(ctx context.Context, declared int) []line {
	said := line{icon: "say", name: ui.T("board.said"), none: ui.T("board.said.none")}
	shown := line{class: "some", icon: "proof", name: ui.T("board.shown"), none: ui.T("ui.claim.shown.none")}
	examined := line{class: "exam", icon: "exam", name: ui.T("board.examined"), none: ui.T("ui.claim.examined.none")}
	if s := v.Star3; s != nil {
		of := s.Tally.Items()
		if s.Tally.Answered() > 0 {
			said.what = ui.T("board.claim.said", "n", s.Tally.Met(), "of", of)
		}
		if s.Tally.Shown > 0 {
			shown.what, shown.age = ui.T("board.claim.shown", "n", s.Tally.Shown, "of", of), ui.AgeView{Act: "checked", At: s.Oldest, Now: v.now}
		}
		if s.Examined > 0 {
			examined.what, examined.age = ui.T("board.claim.examined", "n", s.Examined, "of", of), ui.AgeView{Act: "checked", At: s.examinedAt, Now: v.now}
		}
	}
	for i, d := range v.declared[:min(declared, len(v.declared))] {
		if i == 0 {
			said.age = ui.AgeView{Act: "declared", At: d.Since, Now: v.now}
		}
		said.notes = append(said.notes, d.text(ctx))
	}
	if said.what == nil && len(said.notes) > 0 {
		said.what = ui.T("board.claim.declared")
	}
	return []line{said, shown, examined}
}

// text is a declaration as the company's own word.
// keys: board.declared.security-action.1, board.declared.security-action.2, board.declared.scs.3, board.declared.scs.4
func (d Declared) text(ctx context.Context) string {
	return i18n.T(ctx, "board.declared."+d.Scheme+"."+strconv.Itoa(d.Stars), "number", d.Number)
}

// How much of a decision fits the sheet with two more beside it.
const (
	shortWhat = 34 // wide letters: one line
	shortNote = 28
)

// what is to be decided; short, as much as fits the sheet.
func (x Decision) what(short bool) string {
	if short {
		return clip(x.What, shortWhat)
	}
	return x.What
}

// meta is what a decision takes, and until when it is wanted.
func (x Decision) meta(ctx context.Context, short bool) string {
	var parts []string
	switch {
	case x.Note == "":
	case short:
		parts = append(parts, clip(x.Note, shortNote))
	default:
		parts = append(parts, x.Note)
	}
	if x.Due != "" {
		parts = append(parts, i18n.T(ctx, "board.due", "date", i18n.Date(ctx, x.Due.Time())))
	}
	return strings.Join(parts, "　")
}

// mostRemarks is how many fit the sheet.
const mostRemarks = 3

// remarks are what became better, what worries, what is not known, and how evidence
// has grown.
func (v BoardView) remarks(ctx context.Context) (all []string) {
	if up := v.risen(); len(up) > 0 {
		all = append(all, i18n.T(ctx, "board.better", "items", names(ctx, up)))
	}
	if weak := weakest(v.Items); len(weak) > 0 {
		all = append(all, i18n.T(ctx, "board.weak", "items", names(ctx, weak)))
	}
	if n := v.unknown(); n > 0 {
		all = append(all, i18n.T(ctx, "board.unknown", "n", n))
	}
	if v.Deviation != nil {
		all = append(all, i18n.T(ctx, "board.deviation", "n", *v.Deviation, "count", v.Peers.Count))
	}
	if s := v.Star3; s != nil && len(s.days) > 1 && s.days[0].Points < s.Tally.Shown {
		all = append(all, i18n.T(ctx, "board.grown", "before", s.days[0].Points, "date", i18n.Date(ctx, s.days[0].Day.Time()), "n", s.Tally.Shown))
	}
	return all[:min(mostRemarks, len(all))]
}

// names lists at most three items.
func names(ctx context.Context, items []ItemView) string {
	var parts []string
	for _, it := range items[:min(3, len(items))] {
		parts = append(parts, it.short(ctx))
	}
	return strings.Join(parts, i18n.T(ctx, "board.comma"))
}

// compared says how the company stands among others, or why that is not said.
func (v BoardView) compared() ui.Words {
	switch {
	case v.levels.Known() == 0:
		return ui.T("board.compare.nothing")
	case !v.levels.Complete():
		return ui.T("board.compare.unknown", "n", v.unknown())
	case v.Peers == nil || v.Deviation == nil:
		return ui.T("board.compare.few")
	case v.Peers.SameGroup:
		return ui.T("board.compare.group", "n", *v.Deviation, "count", v.Peers.Count)
	}
	return ui.T("board.compare.all", "n", *v.Deviation, "count", v.Peers.Count)
}

// group says where the profile puts the company.
// keys: board.group.I, board.group.II, board.group.III, board.group.none
func (g Group) words() ui.Words {
	if g == NoGroup {
		return ui.T("board.group.none")
	}
	return ui.T("board.group." + string(g))
}

func (v BoardView) average() string {
	if v.Average == nil {
		return "?"
	}
	return decimal(*v.Average)
}

func (v BoardView) itemURL(item string) string {
	return "/orgs/" + v.org + "/frameworks/" + v.pack.ID + "/items/" + item
}
