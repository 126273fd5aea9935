package ui

import (
	"context"
	"io"
	"sync"

	"github.com/a-h/templ"
)

// sprite is one file for all icons: pages stay small and the file is cached.
var sprite = Asset("icons.svg")

func iconHref(name string) string { return sprite + "#" + name }

// marks holds every symbol as it is written: a list of answers draws dozens, and
// putting each together anew was a twentieth of its page.
var marks sync.Map

type markKey struct{ class, name string }

// mark draws a symbol. Class and name are words of the program, never of people.
func mark(class, name string) templ.Component {
	key := markKey{class, name}
	svg, ok := marks.Load(key)
	if !ok {
		svg, _ = marks.LoadOrStore(key, markup(key))
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, svg.(string)) // markup of our own, made below
		return err
	})
}

func markup(k markKey) string {
	class := ""
	if k.class != "" {
		class = `class="` + templ.EscapeString(k.class) + `" `
	}
	return `<svg ` + class + `aria-hidden="true"><use href="` + templ.EscapeString(iconHref(k.name)) + `"></use></svg>`
}
