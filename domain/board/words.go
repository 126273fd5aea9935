package board

import (
	"context"
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
	space := ""
	if i18n.From(ctx).Lang != i18n.JA {
		space = " "
	}
	return i18n.T(ctx, head, headArgs...) + space + i18n.T(ctx, lead, leadArgs...)
}

func (v BoardView) headWords() ui.Words {
	key, args := v.head()
	return ui.T(key, args...)
}

func (v BoardView) leadWords() ui.Words {
	key, args := v.lead()
	return ui.T(key, args...)
}

// claims are the three lines that are never blended.
func (v BoardView) claims(ctx context.Context) ui.ClaimsView {
	var c ui.ClaimsView
	s := v.Star3
	if s != nil && s.Tally.Answered() > 0 {
		c.Declared = &ui.Claim{What: ui.T("board.claim.said", "n", s.Tally.Met(), "of", s.Tally.Items())}
	}
	if len(v.declared) > 0 {
		if c.Declared == nil {
			c.Declared = &ui.Claim{What: ui.Plain(v.declared[0].What)}
		}
		c.Declared.Note = ui.Plain(declaredText(ctx, v.declared))
		c.Declared.Age = ui.AgeView{Act: "declared", At: v.declared[0].Since, Now: v.now}
	}
	if s != nil && s.Tally.Shown > 0 {
		c.Shown = &ui.Claim{What: ui.T("board.claim.shown", "n", s.Tally.Shown, "of", s.Tally.Items()), Age: ui.AgeView{Act: "checked", At: s.Oldest, Now: v.now}}
	}
	if s != nil && s.Examined > 0 {
		c.Examined = &ui.Claim{What: ui.T("board.claim.examined", "n", s.Examined, "of", s.Tally.Items()), Age: ui.AgeView{Act: "checked", At: s.examinedAt, Now: v.now}}
	}
	return c
}

// declaredText lists declarations, each as the company's own word.
func declaredText(ctx context.Context, all []Declared) string {
	parts := make([]string, len(all))
	for i, d := range all {
		parts[i] = i18n.T(ctx, "board.declared", "what", d.What, "number", d.Number)
	}
	return strings.Join(parts, i18n.T(ctx, "board.comma"))
}

// meta is what a decision takes, and until when it is wanted.
func (x Decision) meta(ctx context.Context) string {
	var parts []string
	if x.Note != "" {
		parts = append(parts, x.Note)
	}
	if x.Due != "" {
		parts = append(parts, i18n.T(ctx, "board.due", "date", i18n.Date(ctx, x.Due.Time())))
	}
	return strings.Join(parts, "　")
}

// remarks are what became better, what worries and what is not known.
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
	return all
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
