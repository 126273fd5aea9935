package policy

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
)

func ours(t *testing.T) map[string]*Template {
	t.Helper()
	all, err := LoadTemplates(content.Policies())
	if err != nil {
		t.Fatal(err)
	}
	byID := map[string]*Template{}
	for _, x := range all {
		byID[x.ID] = x
	}
	return byID
}

// TestTemplatesFitTheirPacks: every place that a template names exists, and every
// criterion of ★3 that asks for a rule has a chapter.
func TestTemplatesFitTheirPacks(t *testing.T) {
	lib, err := assess.LoadPacks(content.Frameworks())
	if err != nil {
		t.Fatal(err)
	}
	covered := map[string]bool{}
	for _, x := range ours(t) {
		places := slices.Concat(x.Proves, x.Public)
		for _, s := range x.Sections {
			for _, p := range s.Proves {
				places = append(places, p.Place)
				covered[p.Place] = true
			}
			for _, l := range s.Lines {
				places = append(places, l.When...)
			}
		}
		for _, place := range places {
			pack, item, _ := strings.Cut(place, "/")
			if p := lib.ByID(pack); p == nil || p.Item(item) == nil {
				t.Errorf("%s: no pack has %s", x.ID, place)
			}
		}
	}
	rules := 0
	for _, item := range lib.ByID("scs-star3-2026").Items {
		for _, need := range item.Needs {
			if need != assess.FormRule {
				continue
			}
			rules++
			if !covered["scs-star3-2026/"+item.ID] {
				t.Errorf("no chapter for %s %s", item.ID, item.Title.JA)
			}
		}
	}
	if rules < 25 {
		t.Errorf("only %d criteria ask for a rule", rules)
	}
}

// TestDefaultsAreStrongEnough: a company that changes nothing has rules that count.
func TestDefaultsAreStrongEnough(t *testing.T) {
	book := ours(t)["rulebook"]
	v := book.defaults(Company{Name: "株式会社みほん"}, golden)
	if all := weak(v); len(all) > 0 {
		t.Errorf("the defaults are weak: %v", all)
	}
	if f := book.missing(v); len(f) > 0 {
		t.Errorf("an approval would wait for %v", f)
	}
}

const small = `
id: mihon
edition: "1"
kind: policy
source: own
title: {ja: 方針, en: Policy}
about: {ja: 約束です。, easy: "{約束|やくそく}です。", en: A promise.}
settings:
  - {id: pin, kind: number, default: "6", min: 1, max: 64, label: {ja: 数, easy: かず, en: Number}}
sections:
  - id: one
    title: {ja: 章, en: Chapter}
    about: {ja: 章です。, easy: しょうです。, en: A chapter.}
    lines: [{text: {ja: "{pin}文字です。", en: "{pin} characters."}}]
`

func TestBadTemplatesAreRefused(t *testing.T) {
	load := func(text string) string {
		_, err := LoadTemplates(fstest.MapFS{"mihon.yaml": {Data: []byte(text)}})
		if err == nil {
			return ""
		}
		return err.Error()
	}
	if got := load(small); got != "" {
		t.Fatal(got)
	}
	for _, c := range []struct{ old, new, want string }{
		{"id: mihon", "id: other", "mihon.yaml: id: must be the name of the file"},
		{"kind: policy", "kind: poem", "kind: must be policy or rules"},
		{"{pin} characters.", "Some characters.", "sections[0] (one).lines[0].text: the settings in ja [pin] and in en [] differ"},
		{"{pin}文字", "{pan}文字", `no setting "pan"`},
		{`default: "6"`, `default: "600"`, `settings[0] (pin): the default "600" is none of its values`},
		{"edition:", "editon:", "editon"},
		{"{約束|やくそく}", "{約束|}", "about: easy"},
		{"ja: 章,", "ja: ' 章',", "title: ja is missing or has spaces"},
		{"    lines:", "    proves: [{place: nowhere}]\n    lines:", `"nowhere" is not pack/item`},
		{"characters.", strings.Repeat("x", 500), "en is longer than 400 characters"},
		{"id: mihon", "id: mihon\n" + strings.Repeat("# x\n", 70_000), "is larger than 256 KiB"},
	} {
		if got := load(strings.Replace(small, c.old, c.new, 1)); !strings.Contains(got, c.want) {
			t.Errorf("%s → %s: %q, want %q", c.old, c.new, got, c.want)
		}
	}
}

func TestWritesFromAnswers(t *testing.T) {
	basic := ours(t)["basic-policy"]
	v := basic.defaults(Company{Name: "株式会社みほん"}, golden)
	s := basic.section("organisation")
	for _, c := range []struct {
		name  string
		given answers
		want  string
	}{
		{"nothing is answered", nil, "当社は、情報セキュリティ責任者を置き、情報セキュリティの仕事と権限を決めます。\n対策を社内の規程にまとめ、働くすべての人に示します。"},
		{"not done is never stated", answers{"scs-star3-2026/1-2-1-1": "not_met", "self-diagnosis-25/25": "not_done"}, "当社は、情報セキュリティ責任者を置き、情報セキュリティの仕事と権限を決めます。\n対策を社内の規程にまとめ、働くすべての人に示します。"},
		{"what is so is stated", answers{"scs-star3-2026/1-2-1-1": "met", "self-diagnosis-25/25": "partly"}, "当社は、情報セキュリティ責任者を置き、情報セキュリティの仕事と権限を決めています。\n対策を社内の規程にまとめ、働くすべての人に示します。"},
		{"what does not apply is left out", answers{"scs-star3-2026/1-2-1-1": "not_applicable", "self-diagnosis-25/25": "done"}, "対策を社内の規程にまとめ、働くすべての人に示しています。"},
	} {
		if ja, _ := basic.write(s, v, c.given); ja != c.want {
			t.Errorf("%s: %s", c.name, cmp.Diff(c.want, ja))
		}
	}
	mixed := Line{When: []string{"a/1", "b/1"}, Text: Both{"した", "did"}}
	if got := mixed.say(answers{"a/1": "met", "b/1": "unknown"}); !got.empty() {
		t.Errorf("met in one framework and unknown in another is stated: %v", got)
	}
}

func TestSmallCompaniesAndEmptySettings(t *testing.T) {
	basic := ours(t)["basic-policy"]
	three := int64(3)
	v := basic.defaults(Company{Name: "みほん商店", Employees: &three}, golden)
	ja, en := basic.write(basic.section("organisation"), v, nil)
	if !strings.Contains(ja, "当社は、代表者を置き") || !strings.Contains(en, "name our representative") {
		t.Errorf("%s\n%s", ja, en)
	}
	ja, en = basic.write(basic.section("enactment"), v, nil)
	if d := cmp.Diff("制定日：2026年11月24日\nみほん商店\n代表者　＿＿＿＿", ja); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff("Enacted on 24 November 2026\nみほん商店\nRepresentative: ＿＿＿＿", en); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff([]string{"representative"}, basic.missing(v)); d != "" {
		t.Error(d)
	}
}

func TestTypedSettings(t *testing.T) {
	book := ours(t)["rulebook"]
	v := book.defaults(Company{Name: "株式会社みほん"}, golden)
	next, err := book.typed(v, map[string]string{"pin": "８", "kinds": "x", "kinds.upper": "x", "kinds.sign": "x", "officer": " 社長 ", "officer.en": "President"})
	if err != nil {
		t.Fatal(err)
	}
	if next["pin"] != "8" || next["kinds"] != "upper sign" || next["officer"] != "社長" || next.of(book.setting("officer"), i18n.EN) != "President" || v["pin"] != "6" {
		t.Errorf("%v", next)
	}
	for id, bad := range map[string]string{"pin": "0", "officer": strings.Repeat("長", 81), "desk": "a{b}", "enacted": "きのう", "update_from": "never", "inbound": "a\u202eb"} {
		if _, err := book.typed(v, map[string]string{id: bad}); err == nil {
			t.Errorf("%s: %q is taken", id, bad)
		}
	}
}
