package star

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
)

// What is said in each state of the glossary's table "Scheme by scheme: what may be
// said", and what is never said there.
func TestWordsPerState(t *testing.T) {
	ctx := i18n.Into(context.Background(), texts(t).In(i18n.JA))
	day := func(s string) assess.Date { return assess.Date(s) }
	id := &Declaration{Scheme: SecurityAction, Stars: 2, Number: "50000000017", On: "2026-12-01", EnteredAt: day("2026-12-02").Time()}
	one := &Declaration{Scheme: SecurityAction, Stars: 1, Number: "41234567890", On: "2025-12-01"}
	seen := &Declaration{Scheme: SecurityAction, Stars: 2, Number: "50000000017", SeenOn: "2027-01-10"}
	registered := &Declaration{Scheme: SCS, Stars: 3, Number: "SCS-3-0001", ValidUntil: "2028-03-31"}
	ready := TwoStarState{Articles: 6, ArticlesOf: 6, Diagnosis: 25, DiagnosisOf: 25, Approved: true, Published: true}
	tally := assess.Tally{Shown: 40, Word: 20, Expired: 2, Partly: 5, NotMet: 6, Unknown: 4, Open: 4}
	for name, c := range map[string]struct {
		say   Say
		want  string
		never []string
	}{
		"no ID yet, two":                 {sayAction(2, ready, nil), "二つ星を宣言する準備ができました", []string{"宣言しました", "宣言しています", "★★です"}},
		"no ID yet, one":                 {sayAction(1, ready, nil), "一つ星を宣言する準備ができました", []string{"宣言しました", "宣言しています", "★です"}},
		"nothing yet":                    {sayAction(2, TwoStarState{}, nil), "二つ星の準備中です", []string{"宣言", "できました"}},
		"ID entered by the company":      {sayAction(2, ready, id), "二つ星を宣言しています（自己宣言ID 50000000017、会社の申告）", []string{"認定", "取得", "お墨付き"}},
		"ID of two stars, asked for one": {sayAction(1, ready, id), "二つ星を宣言しています（自己宣言ID 50000000017、会社の申告）", []string{"認定", "取得"}},
		"ID of one star":                 {sayAction(1, TwoStarState{}, one), "一つ星を宣言しています（自己宣言ID 41234567890、会社の申告）", []string{"認定", "取得"}},
		"ID of one star, asked for two":  {sayAction(2, ready, one), "二つ星を宣言する準備ができました", []string{"宣言しています", "4123"}},
		"ID seen in IPA's list":          {saySeen(ctx, seen), "2027年1月10日に公式の一覧で確認しました", []string{"いまも", "有効"}},
		"★3, preparing":                  {sayStar3(ctx, tally, nil, "2027-01-20"), "★3の準備中です（81のうち62を満たし、うち40に裏付けあり）", []string{"相当", "レベル", "準拠", "点", "%", "％"}},
		"★3, not begun":                  {sayStar3(ctx, assess.Tally{Open: 81}, nil, "2027-01-20"), "★3の準備は、これからです", []string{"★3です", "満たし"}},
		"★3, all there, not registered":  {sayStar3(ctx, assess.Tally{Shown: 81}, nil, "2027-01-20"), "★3の準備中です（81のうち81を満たし、うち81に裏付けあり）", []string{"登録", "合格", "★3です"}},
		"★3, confirmed by a specialist":  {sayConfirmed(ctx, Confirmation{"確定版 第3号", day("2027-01-15").Time()}, true), "専門家が確定版（確定版 第3号・2027年1月15日）を確認しました", []string{"保証", "審査", "合格"}},
		"★3, registered":                 {sayStar3(ctx, tally, registered, "2027-04-01"), "★3に登録されています（登録番号 SCS-3-0001、期限 2028年3月31日）", []string{"認証", "認定"}},
		"★3, its last day":               {sayStar3(ctx, tally, registered, "2028-03-31"), "★3に登録されています（登録番号 SCS-3-0001、期限 2028年3月31日）", []string{"過ぎました"}},
		"★3, over":                       {sayStar3(ctx, tally, registered, "2028-04-01"), "★3の登録は期限が過ぎました（登録番号 SCS-3-0001、期限 2028年3月31日）", []string{"登録されています"}},
		"recorded only with us":          {sayOwn(ctx, id), "会社がこう述べています（2026年12月2日に記録）", []string{"国の制度", "認められ"}},
	} {
		got := c.say.In(ctx)
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
		for _, word := range c.never {
			if strings.Contains(got, word) {
				t.Errorf("%s says %q: %s", name, word, got)
			}
		}
	}
	if !saySeen(ctx, id).empty() || !sayConfirmed(ctx, Confirmation{}, false).empty() {
		t.Error("something is said of what nobody saw")
	}
}

// Two stars need the diagnosis and a public policy; the articles are a promise for one
// star, and an answer of any kind is a look.
func TestReadyForStars(t *testing.T) {
	full := TwoStarState{Articles: 6, ArticlesOf: 6, Diagnosis: 25, DiagnosisOf: 25, Approved: true, Published: true}
	for name, c := range map[string]struct {
		change   func(*TwoStarState)
		one, two bool
	}{
		"all":                   {func(*TwoStarState) {}, true, true},
		"no articles":           {func(s *TwoStarState) { s.Articles = 0 }, false, true},
		"an article is missing": {func(s *TwoStarState) { s.Articles = 5 }, false, true},
		"diagnosis half":        {func(s *TwoStarState) { s.Diagnosis = 24 }, true, false},
		"approved, not public":  {func(s *TwoStarState) { s.Published = false }, true, false},
		"no packs at all":       {func(s *TwoStarState) { *s = TwoStarState{Published: true} }, false, false},
	} {
		s := full
		c.change(&s)
		if s.OneReady() != c.one || s.TwoReady() != c.two {
			t.Errorf("%s: ready for one %v, two %v", name, s.OneReady(), s.TwoReady())
		}
	}
}

// Nothing this room can say makes more of a star than it is.
func TestNoTextMakesMoreOfAStar(t *testing.T) {
	cat := texts(t)
	japanese := regexp.MustCompile(`★3相当|★3レベル|★3準拠|★3認証|認定|取得|合格|お墨付き|保証|適合しています|点です|[0-9]点|％|%`)
	english := regexp.MustCompile(`(?i)certif|complian|secure\b|pass(ed)?\b|award|equivalent|per ?cent|%`)
	for _, k := range cat.Keys() {
		if !strings.HasPrefix(k, "star.") && !strings.Contains(k, ".star") {
			continue
		}
		for _, l := range []i18n.Lang{i18n.JA, i18n.Easy} {
			if text := cat.In(l).T(k); japanese.MatchString(text) {
				t.Errorf("%s (%s): %s", k, l, text)
			}
		}
		if text := cat.In(i18n.EN).T(k); english.MatchString(text) {
			t.Errorf("%s (en): %s", k, text)
		}
	}
}

// A sentence of pace is no promise and names no day.
func TestPaceNamesNoDay(t *testing.T) {
	for _, l := range i18n.Langs {
		ctx := i18n.Into(context.Background(), texts(t).In(l))
		for _, k := range []PaceKind{PaceNone, PaceShort, PaceStill, PaceMonths, PaceLong, PaceDone} {
			v := Star3View{Pace: Pace{Kind: k, Months: 4, Gained: 12, Days: 90}}
			if text := v.paceWords().In(ctx); strings.Contains(text, "20") || text == "" {
				t.Errorf("%s (%s): %s", k, l, text)
			}
		}
	}
}
