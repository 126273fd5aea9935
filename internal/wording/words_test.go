package wording

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/internal/i18n"
)

func rules(t testing.TB) *Rules {
	t.Helper()
	r, err := Load(content.Wording())
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestText: what is refused, and right beside it what is not.
func TestText(t *testing.T) {
	const (
		sa, star3, star4 = "security-action-articles", "scs-star3", "scs-star4"
		iso, diagnosis   = "iso-27001-2022-annex-a", "self-diagnosis-25"
	)
	long := func(n int) string { return strings.Repeat("あ", n) + "。" }
	tests := []struct {
		name   string
		lang   i18n.Lang
		family string
		text   string
		want   string // a part of the fault, or nothing
	}{
		{"empty", i18n.EN, Own, " ", "is empty"},
		{"open brace", i18n.JA, Own, "会社{", "brace"},
		{"60 signs", i18n.JA, Own, long(60), ""},
		{"61 signs", i18n.JA, Own, long(61), "61 characters, at most 60"},
		{"two sentences", i18n.JA, Own, long(50) + long(50), ""},
		{"two lines", i18n.JA, Own, strings.Repeat("あ", 50) + "\n" + strings.Repeat("あ", 50), ""},
		{"40 easy signs and gaps", i18n.Easy, Own, strings.Repeat("ああ ", 20) + "。", ""},
		{"41 easy signs", i18n.Easy, Own, long(41), "41 characters, at most 40"},
		{"an address is one sign", i18n.Easy, Own, "https://minamori.example.jp/a/long/path/to/some/page を みて ください。", ""},
		{"a flag is one sign", i18n.Easy, Own, "--dkim-domain、--dkim-selector、--dkim-key を みて ください。", ""},
		{"200 letters", i18n.EN, Own, strings.Repeat("word ", 39) + "word.", ""},
		{"201 letters", i18n.EN, Own, strings.Repeat("word ", 40) + "x.", "at most 200"},

		{"reading", i18n.Easy, Own, "{会社|かいしゃ}です。", ""},
		{"no reading", i18n.Easy, Own, "会社です。", "kanji without a reading: 会社です。"},
		{"kanji in the reading", i18n.Easy, Own, "{会社|会しゃ}です。", "does not fit"},
		{"too short a reading", i18n.Easy, Own, "{会社員|かい}です。", "does not fit"},
		{"kana inside a word", i18n.Easy, Own, "{取り消|とりけ}し。", ""},
		{"kana lost from the reading", i18n.Easy, Own, "{取り消|とけ}し。", "does not fit"},
		{"a long wrong reading ends", i18n.Easy, Own, "{" + strings.Repeat("漢", 300) + "き|" + strings.Repeat("か", 900) + "}", "does not fit"},
		{"reading over kana", i18n.Easy, Own, "{ため|ため}し。", "where there is no kanji"},
		{"reading of a number", i18n.Easy, Own, "{1|ひと}つ。", ""},
		{"reading in plain Japanese", i18n.JA, Own, "{会社|かいしゃ}です。", "readings belong to the easy text"},
		{"counter with two readings", i18n.Easy, Own, "{n}{分|ふん/ぷん}。", ""},
		{"じゅうよっか", i18n.Easy, Own, "14{日|にち}まで。", "14日 にち"},
		{"ひとつき", i18n.Easy, Own, "30{日|にち}まで。", ""},
		{"ふたり", i18n.Easy, Own, "2{人|にん}です。", "2人 にん"},
		{"さんにん", i18n.Easy, Own, "3{人|にん}です。", ""},
		{"じゅっぷん", i18n.Easy, Own, "10{分|ふん}です。", "10分 ふん"},

		{"passive", i18n.Easy, Own, "{選|えら}ばれた {人|ひと}です。", "passive"},
		{"passive of する", i18n.Easy, Own, "{登録|とうろく}されました。", "passive"},
		{"broken is no passive", i18n.Easy, Own, "{壊|こわ}れました。", ""},
		{"can see is no passive", i18n.Easy, Own, "だれでも {見|み}られます。", ""},
		{"passive in plain Japanese", i18n.JA, Own, "登録されました。", ""},
		{"no twice", i18n.Easy, Own, "{見|み}なければ なりません。", "says no twice"},
		{"no once", i18n.Easy, Own, "{見|み}ないで ください。", ""},
		{"等", i18n.Easy, Own, "{紙|かみ}{等|など}です。", "refused word 等"},

		{"認定 of our own", i18n.JA, Own, "認定されました。", "refused word 認定 (say 宣言、登録)"},
		{"認定 of a star", i18n.JA, star3, "★3に認定されました。", "refused word 認定"},
		{"認定 with readings", i18n.Easy, sa, "{認定|にんてい}です。", "refused word 認定"},
		{"認定 elsewhere", i18n.JA, iso, "ISMSの認定機関です。", ""},
		{"DX認定", i18n.JA, sa, "DX認定の前に見ます。", ""},
		{"the bodies for subsidies", i18n.JA, Own, "認定経営革新等支援機関に相談します。", ""},
		{"認定 beside DX認定", i18n.JA, sa, "DX認定と同じ認定です。", "refused word 認定"},
		{"認証 of a star", i18n.JA, star4, "★4認証を目指します。", "refused word 認証"},
		{"多要素認証", i18n.JA, star3, "多要素認証と認証アプリを使います。", ""},
		{"ISMS認証", i18n.JA, Own, "ISMS認証とは別のものです。", ""},
		{"認証 elsewhere", i18n.JA, iso, "利用者の認証を行います。", ""},

		{"取得 of a star", i18n.JA, Own, "二つ星を取得しました。", "refused word 取得"},
		{"取得 of a declaration", i18n.JA, diagnosis, "自己宣言を取得できます。", "refused word 取得"},
		{"取得 of data", i18n.JA, Own, "★3では、データの取得を記録します。", ""},
		{"取得 of a backup", i18n.JA, star3, "★3では、バックアップを取得します。", ""},
		{"取得 of anything else", i18n.JA, Own, "ログを取得します。", ""},
		{"取得 in the next sentence", i18n.JA, Own, "二つ星を宣言します。ログを取得します。", ""},

		{"★3相当", i18n.JA, iso, "★3相当です。", "refused word ★3相当"},
		{"★3レベル", i18n.JA, Own, "★3レベルです。", "refused word ★3レベル"},
		{"合格", i18n.JA, Own, "合格です。", "refused word 合格"},
		{"an examination", i18n.JA, Own, "試験に合格した人です。", ""},
		{"保証", i18n.JA, iso, "安全を保証します。", "refused word 保証"},
		{"下請", i18n.JA, Own, "下請け業者です。", "refused word 下請"},
		{"下請 in the name of a law", i18n.JA, Own, "もとの下請法です。", ""},
		{"違反", i18n.JA, star3, "違反があります。", "refused word 違反"},
		{"脆弱 alone", i18n.JA, Own, "脆弱です。", "refused word 脆弱"},
		{"脆弱性", i18n.JA, Own, "弱点（脆弱性）です。", ""},

		{"certified", i18n.EN, Own, "You are Certified.", "refused word Certified"},
		{"of a standard", i18n.EN, Own, "This is no ISO/IEC 27001 certification.", ""},
		{"secure", i18n.EN, star3, "Your company is secure.", "refused word secure"},
		{"secure configuration", i18n.EN, "cis-controls-8-1-ig1", "Keep a secure configuration.", ""},
		{"a part of a word", i18n.EN, Own, "Securely kept, never uncertified.", ""},
		{"failed", i18n.EN, diagnosis, "You failed.", "refused word failed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(rules(t).Text(tt.lang, tt.text, tt.family), "\n")
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// The table of the glossary stays in the list, whoever edits it.
func TestTheListHoldsTheGlossary(t *testing.T) {
	for _, word := range []string{
		"認定", "認証", "合格", "お墨付き", "保証", "安全です", "完全に防ぐ", "★3相当", "★3レベル", "★3準拠",
		"下請け", "下請業者", "エビデンス", "ポスチャー", "スコープ", "ギャップ", "アセスメント", "違反", "不備", "怠る",
	} {
		for _, l := range []i18n.Lang{i18n.JA, i18n.Easy} {
			if faults := strings.Join(rules(t).Text(l, word, Own), "\n"); !strings.Contains(faults, "refused word") {
				t.Errorf("%s is not refused in %s", word, l)
			}
		}
	}
	for _, word := range []string{"certified", "certification", "compliant"} {
		if len(rules(t).Text(i18n.EN, word, "scs-star3")) == 0 {
			t.Errorf("%s is not refused", word)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	tests := []struct{ name, raw, want string }{
		{"no words", "refused: [{of: [ja], say: x}]", "refused[0]: words, of or say is empty"},
		{"an empty word hits everything", "refused: [{words: [''], of: [ja], say: x}]", "is empty"},
		{"unknown scheme", "refused: [{words: [x], of: [ja], in: [moon], say: x}]", `refused[0].in: "moon" is not a scheme`},
		{"unknown register", "refused: [{words: [x], of: [fr], say: x}]", `refused[0].of: "fr" is not a register`},
		{"unknown member", "refuse: []", "refuse"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := Parse([]byte(tt.raw)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestFile(t *testing.T) {
	const raw = `# a comment
title: {ja: 会社, easy: "{会社|かいしゃ}", en: Company}
items:
  - ask: {ja: 会社, en: Company}
  - ask:
      ja: 認定
      easy: "会社"
      en: {one: A tenant, other: "{n} tenants"}
about: 合格
lone: {en: Text}
`
	tests := []struct {
		name  string
		shelf Shelf
		want  []string
	}{
		{"strict", Shelf{Family: Own}, []string{
			"4 items[0].ask (easy): is missing",
			"6 items[1].ask (ja): refused word 認定 (say 宣言、登録): 認定",
			"7 items[1].ask (easy): kanji without a reading: 会社",
			"8 items[1].ask (en): refused word tenant (say organisation, specialist): A tenant",
			"8 items[1].ask (en): refused word tenants (say organisation, specialist): … tenants",
			"8 items[1].ask (en): {n} is never filled in here",
			"10 lone (ja): is missing",
			"10 lone (easy): is missing",
		}},
		{"what is usual elsewhere", Shelf{Family: "other", Placeholders: true, NoEasy: true}, []string{
			"7 items[1].ask (easy): kanji without a reading: 会社",
			"8 items[1].ask (en): refused word tenant (say organisation, specialist): A tenant",
			"8 items[1].ask (en): refused word tenants (say organisation, specialist): … tenants",
			"10 lone (ja): is missing",
		}},
		{"a paper", Shelf{Family: "other", Placeholders: true, NoEasy: true, Paper: true}, []string{
			"7 items[1].ask (easy): kanji without a reading: 会社",
			"8 items[1].ask (en): refused word tenant (say organisation, specialist): A tenant",
			"8 items[1].ask (en): refused word tenants (say organisation, specialist): … tenants",
			"9 about (ja): refused word 合格 (say 満たしている、確かめた): 合格",
			"10 lone (ja): is missing",
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			faults, err := rules(t).File([]byte(raw), tt.shelf)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range faults {
				got = append(got, fmt.Sprintf("%d %s", f.Line, f))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	if _, err := rules(t).File([]byte("a: [b"), Shelf{}); err == nil {
		t.Error("what is not YAML must be refused")
	}
}
