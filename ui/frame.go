package ui

import (
	"context"
	"net/url"

	"github.com/a-h/templ"
)

// Words is a text on a page: T, Rich, Plain, or any component that writes
// phrasing content.
type Words = templ.Component

// Room is one of the three homes in the main menu; "" is none of them.
type Room string

// The three homes: my company, partners and groups, public help.
const (
	Mamoru    Room = "mamoru"
	Tsunagaru Room = "tsunagaru"
	Tayoru    Room = "tayoru"
)

// Link is a place to go. With Post it is drawn as a button of a form, because
// what it does changes something (leaving, for example).
type Link struct {
	Label   Words
	URL     string
	Icon    string // name of an icon in assets/icons.svg, or ""
	Post    bool
	Current bool
}

// Frame is what the web layer knows about the request. Pages never fill it in.
type Frame struct {
	Path         string // path and query of this page, for the way back after a change of language
	SignedIn     bool
	SignInURL    string // shown to callers who are not signed in; "" hides it
	OrgName      string // as the organisation writes it
	OrgURL       string
	OrgMenu      []Link // people, company, sessions, leaving …
	MamoruURL    string // a home without a URL is left out of the menu
	TsunagaruURL string
	TayoruURL    string
	FootLinks    []Link
	Demo         bool // every company, person and number shown is fictional
}

// Page is what a page says about itself.
type Page struct {
	Title   string // without the product name, plain text
	Room    Room
	Trail   []Link // from the home to this page; the last one has no URL
	Narrow  bool   // one column of 36rem: sign-in, set-up, confirmation
	Wide    bool   // the page brings its own bands and columns
	Paper   bool   // a sheet made for printing
	OwnWord bool   // shows answers: on paper it says that the company has checked itself
	Notice  *NoticeView
	Scripts []string // further assets, by name
}

type frameKey struct{}

// WithFrame puts the frame of a request into its context.
func WithFrame(ctx context.Context, f Frame) context.Context {
	return context.WithValue(ctx, frameKey{}, f)
}

// FrameFrom returns the frame of the context, or an empty one.
func FrameFrom(ctx context.Context) Frame {
	f, _ := ctx.Value(frameKey{}).(Frame)
	return f
}

func (f Frame) languageURL(tag string) string {
	return "/language?to=" + tag + "&back=" + url.QueryEscape(f.Path)
}

type roomLink struct {
	room      Room
	url       string
	name, sub string // keys
}

func (f Frame) rooms() []roomLink {
	all := [...]roomLink{
		{Mamoru, f.MamoruURL, "ui.room.mamoru", "ui.room.mamoru.sub"},
		{Tsunagaru, f.TsunagaruURL, "ui.room.tsunagaru", "ui.room.tsunagaru.sub"},
		{Tayoru, f.TayoruURL, "ui.room.tayoru", "ui.room.tayoru.sub"},
	}
	shown := make([]roomLink, 0, len(all))
	for _, r := range all {
		if r.url != "" {
			shown = append(shown, r)
		}
	}
	return shown
}
