package star

import (
	"context"
	"io"
	"strings"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// line is a sentence from the catalogue, or from a pack.
type line struct {
	say  Say
	text i18n.Text
}

func said(key string, args ...any) line { return line{say: say(key, args...)} }
func packed(t i18n.Text) line           { return line{text: t} }

func (l line) words() ui.Words {
	if l.say.empty() {
		return ui.Rich(l.text)
	}
	return l.say.Words()
}

func (l line) in(ctx context.Context) string {
	if l.say.empty() {
		return ui.Say(ctx, l.text)
	}
	return l.say.In(ctx)
}

// lines are several sentences, one after the other. Japanese has no space between
// them.
type lines []line

func (ls lines) words() ui.Words {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		all := make([]ui.Words, 0, 2*len(ls))
		for i, l := range ls {
			if i > 0 {
				all = append(all, ui.Plain(between(ctx)))
			}
			all = append(all, l.words())
		}
		return ui.Join(all...).Render(ctx, w)
	})
}

func (ls lines) in(ctx context.Context) string {
	all := make([]string, len(ls))
	for i, l := range ls {
		all[i] = l.in(ctx)
	}
	return strings.Join(all, between(ctx))
}

func between(ctx context.Context) string {
	if i18n.From(ctx).Lang == i18n.JA {
		return ""
	}
	return " "
}
