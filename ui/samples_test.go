package ui

import (
	"context"
	"io"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
)

var (
	idAttribute   = regexp.MustCompile(` id="([^"]*)"`)
	useHref       = regexp.MustCompile(`<use href="([^"]*)"`)
	labelFor      = regexp.MustCompile(` (?:for|aria-describedby|aria-labelledby)="([^"]*)"`)
	scriptElement = regexp.MustCompile(`(?s)<script[^>]*>(.*?)</script>`)
	symbolID      = regexp.MustCompile(`<symbol id="([^"]*)"`)
)

func sampleFrame() Frame {
	return Frame{
		Path: "/home?tab=1&x=2", SignedIn: true, OrgName: "株式会社みほん精機", OrgURL: "/org", Demo: true,
		MamoruURL: "/home", TsunagaruURL: "/partners", TayoruURL: "/help",
		OrgMenu:   []Link{{Label: Rich(textCompany), URL: "/org/people"}, {Label: Rich(textBack), URL: "/leave", Post: true}},
		FootLinks: []Link{{Label: Rich(textSee), URL: "/about"}},
	}
}

// samplePageOf puts a sample into the shell, as a reader would meet it.
func samplePageOf(s Sample) templ.Component {
	heading := Head(HeadView{Title: Plain(s.Name)})
	content := s.Component
	switch s.Name {
	case "page", "question", "problem", "confirm", "sheet": // bring their own h1
	case "empty", "next":
		content = Section(SectionView{ID: "sample", Title: Plain(s.Name)})
		content = Join(heading, withChildren(content, s.Component))
	default:
		content = Join(heading, s.Component)
	}
	shell := Shell(Page{Title: s.Name, Room: Mamoru, Trail: []Link{{Label: Rich(textCompany), URL: "/home"}, {Label: Plain(s.Name)}}})
	return withChildren(shell, content)
}

func withChildren(c, children templ.Component) templ.Component {
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		return c.Render(templ.WithChildren(ctx, children), w)
	})
}

func TestSamplesKeepTheRulesOfEveryPage(t *testing.T) {
	cat, icons := catalogue(t), symbols(t)
	for _, lang := range i18n.Langs {
		ctx := WithFrame(i18n.Into(context.Background(), cat.In(lang)), sampleFrame())
		for _, s := range Samples() {
			t.Run(string(lang)+"/"+s.Name, func(t *testing.T) {
				page := draw(t, ctx, samplePageOf(s))
				refuse(t, page, ` style=`, "⟦", "javascript:", "hx-on", "/assets/missing/", "{n}", "about:invalid")
				for _, m := range scriptElement.FindAllStringSubmatch(page, -1) {
					if strings.TrimSpace(m[1]) != "" {
						t.Errorf("inline script: %s", m[1])
					}
				}
				checkIDs(t, page)
				checkIcons(t, page, icons)
			})
		}
	}
}

func refuse(t *testing.T, page string, all ...string) {
	t.Helper()
	for _, bad := range all {
		if i := strings.Index(page, bad); i >= 0 {
			t.Errorf("page holds %q: …%s", bad, page[i:min(len(page), i+80)])
		}
	}
}

func checkIDs(t *testing.T, page string) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range idAttribute.FindAllStringSubmatch(page, -1) {
		if seen[m[1]] {
			t.Errorf("id %q stands twice", m[1])
		}
		seen[m[1]] = true
	}
	for _, m := range labelFor.FindAllStringSubmatch(page, -1) {
		for _, id := range strings.Fields(m[1]) {
			if !seen[id] {
				t.Errorf("nothing has the id %q that is referred to", id)
			}
		}
	}
}

func checkIcons(t *testing.T, page string, icons map[string]bool) {
	t.Helper()
	for _, m := range useHref.FindAllStringSubmatch(page, -1) {
		file, name, _ := strings.Cut(m[1], "#")
		if file != Asset("icons.svg") || !icons[name] {
			t.Errorf("no icon %s", m[1])
		}
	}
}

func symbols(t *testing.T) map[string]bool {
	t.Helper()
	body, err := os.ReadFile("assets/icons.svg")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, m := range symbolID.FindAllStringSubmatch(string(body), -1) {
		all[m[1]] = true
	}
	return all
}

func TestSamplesShowEveryState(t *testing.T) {
	ctx := i18n.Into(context.Background(), catalogue(t).In(i18n.JA))
	page := draw(t, ctx, sampleStatus())
	for _, k := range StatusKinds {
		if want := i18n.T(ctx, k.look().key); !strings.Contains(page, want) {
			t.Errorf("%s: %q is missing", k, want)
		}
	}
}

func TestUnknownStateIsNeverShownAsMet(t *testing.T) {
	if got := StatusKind("made up").look(); got != Unknown.look() {
		t.Errorf("got %+v", got)
	}
}

func TestShellLeadsBackAfterChangeOfLanguage(t *testing.T) {
	ctx := WithFrame(i18n.Into(context.Background(), catalogue(t).In(i18n.Easy)), sampleFrame())
	page := draw(t, ctx, Shell(Page{Title: "x"}))
	for _, want := range []string{
		`<html lang="ja" class="easy">`, "<title>x｜皆守</title>",
		`href="/language?to=en&amp;back=%2Fhome%3Ftab%3D1%26x%3D2"`, `<form method="post" action="/leave">`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("page lacks %s", want)
		}
	}
}

func BenchmarkQuestionPage(b *testing.B) {
	ctx := WithFrame(i18n.Into(context.Background(), catalogue(b).In(i18n.JA)), sampleFrame())
	page := samplePageOf(Sample{"question", sampleQuestionPage()})
	b.ReportAllocs()
	for b.Loop() {
		draw(b, ctx, page)
	}
}
