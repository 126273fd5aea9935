package ui

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
)

// T writes the text of a key in the register of the reader; in easy Japanese
// words carry their reading as ruby. args are name, value pairs.
func T(key string, args ...any) Words {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		l := i18n.From(ctx)
		if l.Lang != i18n.Easy {
			return write(w, l.T(key, args...))
		}
		return writeRuns(w, l.Runs(key, args...))
	})
}

// Rich writes a text of the content files, readings as ruby. A text that does
// not parse is written as it stands: content is checked when it is loaded.
func Rich(t i18n.Text) Words {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		raw := t.Register(i18n.From(ctx).Lang)
		runs, err := i18n.Parse(raw)
		if err != nil {
			return write(w, raw)
		}
		return writeRuns(w, runs)
	})
}

// Plain writes what people typed: names, memos, numbers.
func Plain(s string) Words {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error { return write(w, s) })
}

// Join writes several texts one after the other, with nothing between.
func Join(parts ...Words) Words {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for _, p := range parts {
			if err := p.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// Say returns a text of the content files without readings, for titles, labels
// of drawings and options, which cannot carry ruby.
func Say(ctx context.Context, t i18n.Text) string { return t.In(i18n.From(ctx).Lang) }

func write(w io.Writer, s string) error {
	_, err := io.WriteString(w, templ.EscapeString(s))
	return err
}

// writeRuns puts brackets around readings for browsers that do not draw ruby.
func writeRuns(w io.Writer, runs []i18n.Segment) error {
	for _, r := range runs {
		text := templ.EscapeString(r.Base)
		switch {
		case r.Reading != "":
			text = "<ruby>" + text + "<rp>(</rp><rt>" + templ.EscapeString(r.Reading) + "</rt><rp>)</rp></ruby>"
		case r.Name != "":
			text = "{" + templ.EscapeString(r.Name) + "}"
		}
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}
