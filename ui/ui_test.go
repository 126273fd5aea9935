package ui

import (
	"context"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
)

// catalogue loads only the files whose keys this package uses.
func catalogue(t testing.TB) *i18n.Catalogue {
	t.Helper()
	files := fstest.MapFS{}
	for _, name := range []string{"ui.yaml", "age.yaml"} {
		body, err := os.ReadFile("../content/i18n/" + name)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: body}
	}
	c, err := i18n.Load(files)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func draw(t testing.TB, ctx context.Context, c templ.Component) string {
	t.Helper()
	var b strings.Builder
	if err := c.Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestWordsCarryReadingsOnlyInEasyJapanese(t *testing.T) {
	cat := catalogue(t)
	text := i18n.Text{JA: "会社<1>", Easy: "{会社|かいしゃ}<1>", EN: "company<1>"}
	ruby := "<ruby>会社<rp>(</rp><rt>かいしゃ</rt><rp>)</rp></ruby>&lt;1&gt;"
	for lang, want := range map[i18n.Lang]string{i18n.JA: "会社&lt;1&gt;", i18n.Easy: ruby, i18n.EN: "company&lt;1&gt;"} {
		ctx := i18n.Into(context.Background(), cat.In(lang))
		if got := draw(t, ctx, Rich(text)); got != want {
			t.Errorf("%s: got %s, want %s", lang, got, want)
		}
	}
	easy := i18n.Into(context.Background(), cat.In(i18n.Easy))
	if got := draw(t, easy, T("ui.saved", "at", "<9>")); !strings.Contains(got, "&lt;9&gt;に <ruby>保存") {
		t.Errorf("placeholder or reading is missing: %s", got)
	}
}

// Paper that shows answers says whose word they are; other paper does not.
func TestOnlyPagesOfAnswersPrintWhoseWordTheyAre(t *testing.T) {
	ctx := i18n.Into(context.Background(), catalogue(t).In(i18n.JA))
	for own, want := range map[bool]int{true: 1, false: 0} {
		var b strings.Builder
		if err := Shell(Page{Title: "見本", OwnWord: own}).Render(ctx, &b); err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(b.String(), "own-word"); n != want {
			t.Errorf("own word %v: printed %d times, want %d", own, n, want)
		}
	}
}

// A symbol is drawn, not told: its markup must never reach a reader as text.
func TestMarkIsDrawn(t *testing.T) {
	var b strings.Builder
	if err := Icon("clock").Render(context.Background(), &b); err != nil {
		t.Fatal(err)
	}
	if want := `<svg class="i" aria-hidden="true"><use href="` + iconHref("clock") + `"></use></svg>`; b.String() != want {
		t.Errorf("got %s, want %s", b.String(), want)
	}
}
