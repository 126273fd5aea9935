package i18n_test

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/i18n"
)

func load(t *testing.T, files map[string]string) (*i18n.Catalogue, error) {
	t.Helper()
	dir := fstest.MapFS{}
	for name, text := range files {
		dir[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return i18n.Load(dir)
}

const sample = `
hello: {ja: "こんにちは、{name}さん。", easy: "{今日|こんにち}は、{name}さん。", en: "Hello, {name}."}
left: {ja: "あと{n}日", easy: "あと {n}{日|にち}", en: {one: "{n} day left", other: "{n} days left"}}
`

func TestRegisters(t *testing.T) {
	c, err := load(t, map[string]string{"a.yaml": sample})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, l := range i18n.Langs {
		got[string(l)] = c.In(l).T("hello", "name", "花子") + c.In(l).T("left", "n", 1) + c.In(l).T("left", "n", 2)
	}
	want := map[string]string{
		"ja":        "こんにちは、花子さん。あと1日あと2日",
		"ja-x-easy": "今日は、花子さん。あと 1日あと 2日",
		"en":        "Hello, 花子.1 day left2 days left",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestRunsKeepReadings(t *testing.T) {
	c, err := load(t, map[string]string{"a.yaml": sample})
	if err != nil {
		t.Fatal(err)
	}
	want := []i18n.Segment{{Base: "今日", Reading: "こんにち"}, {Base: "は、"}, {Base: "花子"}, {Base: "さん。"}}
	if d := cmp.Diff(want, c.In(i18n.Easy).Runs("hello", "name", "花子")); d != "" {
		t.Error(d)
	}
}

// 分 is read ふん or ぷん by the number before it.
func TestCounterIsReadByItsNumber(t *testing.T) {
	c, err := load(t, map[string]string{"a.yaml": `k: {ja: "{n}分", easy: "{n}{分|ふん/ぷん}", en: "{n} min"}`})
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{5: "ふん", 45: "ふん", 10: "ぷん", 30: "ぷん", 1: "ぷん", 12: "ふん"} {
		if got := c.In(i18n.Easy).Runs("k", "n", n)[1].Reading; got != want {
			t.Errorf("%d分 is read %s, want %s", n, got, want)
		}
	}
}

// A name that looks like our notation must come out as it was typed.
func TestArgumentsAreNotParsed(t *testing.T) {
	c, _ := load(t, map[string]string{"a.yaml": sample})
	if got := c.In(i18n.EN).T("hello", "name", "{x|y} {n}"); got != "Hello, {x|y} {n}." {
		t.Errorf("got %q", got)
	}
}

func TestMistakesInFilesAreFound(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"a register is missing":    {"a.yaml": `k: {ja: あ, en: a}`},
		"a brace is open":          {"a.yaml": `k: {ja: "{あ", easy: あ, en: a}`},
		"a reading is empty":       {"a.yaml": `k: {ja: あ, easy: "{会社|}", en: a}`},
		"a key stands in two":      {"a.yaml": `k: {ja: あ, easy: あ, en: a}`, "b.yaml": `k: {ja: い, easy: い, en: b}`},
		"an unknown register":      {"a.yaml": `k: {ja: あ, easy: あ, en: a, fr: a}`},
		"the file is not YAML":     {"a.yaml": "\t{"},
		"the plural has a new arm": {"a.yaml": `k: {ja: あ, easy: あ, en: {one: a, few: b}}`},
	} {
		if _, err := load(t, files); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}

func TestUnknownKeyShows(t *testing.T) {
	c, _ := load(t, map[string]string{"a.yaml": sample})
	if got := c.In(i18n.JA).T("nowhere"); got != "⟦nowhere⟧" {
		t.Errorf("got %q", got)
	}
	if got := i18n.T(context.Background(), "hello"); got != "⟦hello⟧" {
		t.Errorf("outside a request: %q", got)
	}
}

func TestDatesAndNumbers(t *testing.T) {
	c, err := load(t, map[string]string{"a.yaml": `
age.now: {ja: たったいま, easy: いま, en: just now}
age.hours: {ja: "{n}時間前", easy: "{n}じかん まえ", en: {one: "{n} hour ago", other: "{n} hours ago"}}
age.days: {ja: "{n}日前", easy: "{n}にち まえ", en: {one: "{n} day ago", other: "{n} days ago"}}
`})
	if err != nil {
		t.Fatal(err)
	}
	at := time.Date(2026, 10, 14, 0, 12, 0, 0, time.UTC) // 9:12 in Tokyo
	ja, en := i18n.Into(context.Background(), c.In(i18n.JA)), i18n.Into(context.Background(), c.In(i18n.EN))
	got := []string{
		i18n.Date(ja, at), i18n.Deadline(ja, at), i18n.Clock(ja, at), i18n.Date(en, at), i18n.Deadline(en, at), i18n.Clock(en, at),
		i18n.ISO(at.Add(16 * time.Hour)), // after midnight in Japan
		i18n.Age(ja, at, at.Add(59*time.Minute)), i18n.Age(ja, at, at.Add(3*time.Hour)), i18n.Age(en, at, at.Add(24*time.Hour)),
		i18n.Number(i18n.Days(at, at.AddDate(0, 0, 210))), i18n.Number(i18n.Days(at, at.Add(-time.Hour))), i18n.Number(i18n.Days(at, at.Add(15*time.Hour))),
		i18n.Number(0), i18n.Number(999), i18n.Number(1234), i18n.Number(-1234567),
	}
	want := []string{
		"2026年10月14日", "2026年10月14日（水）", "9時12分", "14 October 2026", "Wednesday 14 October 2026", "09:12",
		"2026-10-15", "たったいま", "3時間前", "1 day ago", "210", "0", "1",
		"0", "999", "1,234", "-1,234,567",
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func FuzzParse(f *testing.F) {
	f.Add("{会社|かいしゃ}を{name}")
	f.Fuzz(func(t *testing.T, s string) {
		segs, err := i18n.Parse(s)
		if err != nil {
			return
		}
		var b strings.Builder
		for _, g := range segs {
			switch {
			case g.Name != "":
				b.WriteString("{" + g.Name + "}")
			case g.Reading != "":
				b.WriteString("{" + g.Base + "|" + g.Reading + "}")
			default:
				b.WriteString(g.Base)
			}
		}
		if b.String() != s {
			t.Errorf("%q came back as %q", s, b.String())
		}
	})
}
