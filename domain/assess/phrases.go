package assess

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

func mayAnswer(ctx context.Context) bool { return web.RoleFrom(ctx) >= web.Member }

// dated is a text about a number since a day.
func dated(key string, day Date, n int) ui.Words {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return ui.T(key, "day", i18n.Date(ctx, day.Time()), "n", n).Render(ctx, w)
	})
}

// sentences writes texts one after the other, with the space that a register
// puts between sentences.
func sentences(all []ui.Words) ui.Words {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for i, s := range all {
			if i > 0 && i18n.From(ctx).Lang != i18n.JA {
				if _, err := io.WriteString(w, " "); err != nil {
					return err
				}
			}
			if err := s.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// effort says how long something takes, and how often.
// keys: assess.minutes.once, assess.minutes.week, assess.minutes.month, assess.minutes.year
func effort(n NextView) ui.Words { return ui.T("assess.minutes."+n.Every, "n", n.Minutes) }

// helper says who can do it.
// keys: assess.helper.self, assess.helper.owner, assess.helper.it_vendor, assess.helper.helper, assess.helper.specialist
func helper(n NextView) ui.Words { return ui.T("assess.helper." + n.Helper) }

// meta is the line of short facts below a next thing.
func (s *sheet) meta(n NextView) []ui.MetaItem {
	cost := ui.T("assess.cost.none")
	if w := s.items[n.i].cost; w != nil {
		cost = w
	}
	all := []ui.MetaItem{{Icon: "clock", Text: effort(n)}, {Icon: "yen", Text: cost}, {Icon: "help", Text: helper(n)}}
	if n.Gain > 0 {
		all = append(all, ui.MetaItem{Icon: "star", Text: ui.T("assess.gain", "n", n.Gain)})
	}
	return all
}
