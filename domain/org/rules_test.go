package org

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParseNumber(t *testing.T) {
	for _, c := range []struct {
		typed string
		want  CorporateNumber
		flaw  *Flaw
	}{
		{"5010005007126", "5010005007126", nil}, // IPA
		{"7000012050002", "7000012050002", nil}, // National Tax Agency
		{"７００００１２０５０００２", "7000012050002", nil},
		{" 5-0100-0500-7126 ", "5010005007126", nil},
		{"5　0100－0500ー7126", "5010005007126", nil},
		{"", "", nil},
		{" 　", "", nil},
		{"501000500712", "", &Flaw{"corporate-number-digits", []any{"n", 12}}},
		{"50100050071266", "", &Flaw{"corporate-number-digits", []any{"n", 14}}},
		{"4010005007126", "", &Flaw{"corporate-number-check", []any{"want", "5", "have", "4"}}},
		{"5010005007162", "", &Flaw{"corporate-number-check", []any{"want", "1", "have", "5"}}},
		{"T5010005007126", "", &Flaw{"corporate-number-letter", []any{"char", "T"}}},
		{"501000500712\u202e6", "", &Flaw{"corporate-number-letter", []any{"char", "U+202E"}}},
		{"\xff", "", &Flaw{"corporate-number-letter", []any{"char", "?"}}},
	} {
		got, flaw := ParseNumber(c.typed)
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
		if d := cmp.Diff(c.flaw, flaw); d != "" {
			t.Errorf("%q: %s", c.typed, d)
		}
	}
}

func TestFictionalNumbersPassAndCannotExist(t *testing.T) {
	seen := map[CorporateNumber]bool{}
	for _, serial := range []int{0, 1, 299, 999_999, -1} {
		n := Fictional(serial)
		if got, flaw := ParseNumber(string(n)); got != n || flaw != nil {
			t.Errorf("%d: %s does not pass: %v", serial, n, flaw)
		}
		if n[1:5] != fictionalOffice {
			t.Errorf("%s has a registry code that may exist", n)
		}
		seen[n] = true
	}
	if len(seen) != 4 { // -1 comes round to 999999
		t.Errorf("%d different numbers, want 4", len(seen))
	}
	if _, err := MakeNumber("12345"); err == nil {
		t.Error("a short base was taken")
	}
	if n, err := MakeNumber("010005007126"); err != nil || n != "5010005007126" {
		t.Errorf("%s, %v", n, err)
	}
}

func FuzzParseNumber(f *testing.F) {
	for _, s := range []string{"5010005007126", "５０１０００５００７１２６", "5-0100", "x", "\xff\xfe", ""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, flaw := ParseNumber(s)
		if flaw != nil {
			if n != "" {
				t.Fatalf("%q: both a number and a flaw", s)
			}
			return
		}
		if n == "" {
			return
		}
		if again, flaw := ParseNumber(string(n)); again != n || flaw != nil || len(n) != numberDigits {
			t.Fatalf("%q became %q, which does not read again", s, n)
		}
		made, err := MakeNumber(string(n[1:]))
		if err != nil || made != n {
			t.Fatalf("%q: made %q, %v", n, made, err)
		}
	})
}

func TestScreen(t *testing.T) {
	refused := func(code string) *Flaw { return &Flaw{"name-character", []any{"code", code}} }
	for _, c := range []struct {
		typed, want string
		flaw        *Flaw
	}{
		{"株式会社みほん精機", "株式会社みほん精機", nil},
		{"　有限会社 𠮷野家　", "有限会社 𠮷野家", nil},
		{"髙﨑商店", "髙﨑商店", nil},
		{"葛\U000E0100城工業", "葛\U000E0100城工業", nil},
		{"神\uFE00社", "神\uFE00社", nil},
		{"\uFA19戸", "\uFA19戸", nil}, // a compatibility ideograph is not replaced
		{"か\u3099", "が", nil},
		{"Café & Co. (Japan)", "Café & Co. (Japan)", nil},
		{"Ａ＆Ｂ（株）", "Ａ＆Ｂ（株）", nil},
		{"", "", &Flaw{Code: "name-empty"}},
		{" 　\n", "", &Flaw{Code: "name-empty"}},
		{"みほん\u202e精機", "", refused("U+202E")},
		{"みほん\u2067精機", "", refused("U+2067")},
		{"み\u200dほん", "", refused("U+200D")},
		{"み\u200bほん", "", refused("U+200B")},
		{"み\ufeffほん", "", refused("U+FEFF")},
		{"み\nほん", "", refused("U+000A")},
		{"み\u00a0ほん", "", refused("U+00A0")},
		{"み\u3164ほん", "", refused("U+3164")},
		{"み\u2800ほん", "", refused("U+2800")},
		{"み\U000E0100", "", refused("U+E0100")}, // a selector without a kanji
		{"葛\U000E0100\U000E0101", "", refused("U+E0101")},
		{"❤\uFE0F", "", refused("U+FE0F")},
		{"外字\uE000", "", refused("U+E000")},
		{"\U0003FFFD社", "", refused("U+3FFFD")},
		{"Za\u0316\u0317\u0318lgo", "", refused("U+0318")},
		{"\xff\xfe", "", &Flaw{Code: "name-encoding"}},
		{strings.Repeat("あ", 201), "", &Flaw{"name-long", []any{"n", 201, "max", 200}}},
		{strings.Repeat("𠮷", 200), strings.Repeat("𠮷", 200), nil},
	} {
		got, flaw := Screen(c.typed)
		if got != c.want {
			t.Errorf("%q: %q, want %q", c.typed, got, c.want)
		}
		if d := cmp.Diff(c.flaw, flaw); d != "" {
			t.Errorf("%q: %s", c.typed, d)
		}
	}
}

func FuzzScreen(f *testing.F) {
	for _, s := range []string{"みほん", "葛\U000E0100", "か\u3099", "\u202e", "a\u0301", "\uFA19", " x "} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, flaw := Screen(s)
		if flaw != nil {
			return
		}
		if !utf8.ValidString(clean) || utf8.RuneCountInString(clean) > NameLimit || clean == "" {
			t.Fatalf("%q became %q", s, clean)
		}
		if again, flaw := Screen(clean); again != clean || flaw != nil {
			t.Fatalf("%q became %q, which becomes %q (%v)", s, clean, again, flaw)
		}
		for _, r := range clean {
			if r < ' ' || r >= 0x2066 && r <= 0x2069 || r >= 0x202A && r <= 0x202E || r == 0x200B || r == 0x200D {
				t.Fatalf("%q carries %U", clean, r)
			}
		}
	})
}

func TestSizeOf(t *testing.T) {
	n := func(v int64) *int64 { return &v }
	for _, c := range []struct {
		name           string
		kind           Kind
		industry       Industry
		trade          Trade
		staff, capital *int64
		size           Size
		why            Why
	}{
		{"small maker", KindCompany, "E", "", n(20), n(900_000_000), SizeSmall, WhyStaff},
		{"maker over 20", KindCompany, "E", "", n(21), nil, SizeSME, WhyStaff},
		{"maker at the limit of people", KindCompany, "E", "", n(300), n(300_000_001), SizeSME, WhyStaff},
		{"maker at the limit of capital", KindCompany, "E", "", n(301), n(300_000_000), SizeSME, WhyCapital},
		{"large maker", KindCompany, "E", "", n(301), n(300_000_001), SizeLarge, WhyBoth},
		{"wholesale", KindCompany, "I", TradeWholesale, n(101), n(100_000_001), SizeLarge, WhyBoth},
		{"wholesale by capital", KindCompany, "I", TradeWholesale, n(101), n(100_000_000), SizeSME, WhyCapital},
		{"retail", KindCompany, "I", TradeRetail, n(51), n(50_000_001), SizeLarge, WhyBoth},
		{"retail by people", KindCompany, "I", TradeRetail, n(50), n(50_000_001), SizeSME, WhyStaff},
		{"small retail", KindCompany, "I", TradeRetail, n(5), nil, SizeSmall, WhyStaff},
		{"trade has yet to be chosen", KindCompany, "I", "", n(5), nil, SizeUnknown, WhyTradeMissing},
		{"a trade that the division has not", KindCompany, "I", TradeServices, n(5), nil, SizeUnknown, WhyTradeMissing},
		{"services", KindCompany, "L", "", n(100), nil, SizeSME, WhyStaff},
		{"a choice where there is none does not count", KindCompany, "L", TradeOther, n(101), n(50_000_001), SizeLarge, WhyBoth},
		{"inn", KindCompany, "M", TradeServices, n(100), nil, SizeSME, WhyStaff},
		{"people not told, capital low", KindCompany, "E", "", nil, n(1), SizeSME, WhyCapital},
		{"people not told, capital high", KindCompany, "E", "", nil, n(400_000_000), SizeUnknown, WhyStaffMissing},
		{"capital not told", KindCompany, "E", "", n(301), nil, SizeUnknown, WhyCapitalMissing},
		{"nothing told", KindCompany, "E", "", nil, nil, SizeUnknown, WhyStaffMissing},
		{"sole proprietor alone", KindSoleProprietor, "D", "", n(0), nil, SizeSmall, WhyStaff},
		{"sole proprietor has no capital", KindSoleProprietor, "D", "", n(301), n(1), SizeLarge, WhyBoth},
		{"association", KindOther, "P", "", n(3), nil, SizeUnknown, WhyOutside},
		{"public service", KindCompany, "S", "", n(3), nil, SizeUnknown, WhyOutside},
		{"no division", KindCompany, "", "", n(3), nil, SizeUnknown, WhyTradeMissing},
	} {
		size, why := SizeOf(c.kind, c.industry, c.trade, c.staff, c.capital)
		if size != c.size || why != c.why {
			t.Errorf("%s: %s because of %s, want %s because of %s", c.name, size, why, c.size, c.why)
		}
	}
}

func TestDivisionsAndPlaces(t *testing.T) {
	if len(Industries) != len(tradesOf) {
		t.Errorf("%d divisions in order, %d with trades", len(Industries), len(tradesOf))
	}
	for _, i := range Industries {
		if !i.Known() {
			t.Errorf("division %s has no trades", i)
		}
		for _, trade := range i.Trades() {
			if _, ok := limitsOf[trade]; !ok {
				t.Errorf("division %s: no limits for %s", i, trade)
			}
		}
	}
	if all := Prefectures(); len(all) != 47 || all[0] != "01" || all[46] != "47" || !all[12].Known() {
		t.Errorf("prefectures: %v", all)
	}
	for _, p := range []Prefecture{"", "0", "00", "48", "1a", "4a", "013"} {
		if p.Known() {
			t.Errorf("%q is taken for a prefecture", p)
		}
	}
	for code, want := range map[Country]bool{"JP": true, "VN": true, "US": true, "TW": true, "GB": true, "jp": false, "UK": false, "EU": false, "ZZ": false, "": false, "JPN": false, "QO": false, "SU": false} {
		if code.Known() != want {
			t.Errorf("%q: known %v, want %v", code, !want, want)
		}
	}
	if n := len(Countries()); n < 240 || n > 260 {
		t.Errorf("%d countries", n)
	}
}

func TestOthersDoNotSeeASoleProprietorsName(t *testing.T) {
	o := Organisation{InternalNumber: "M-1", Profile: Profile{Kind: KindSoleProprietor, Name: "山田花子", TradeName: "花屋はな"}}
	if o.OpenName() != "花屋はな" {
		t.Errorf("others see %q", o.OpenName())
	}
	o.TradeName = ""
	if o.OpenName() != "" || o.Number() != "M-1" {
		t.Errorf("others see %q and %q", o.OpenName(), o.Number())
	}
	o.Kind, o.CorporateNumber = KindCompany, Fictional(7)
	if o.OpenName() != o.Name || o.Number() != string(Fictional(7)) {
		t.Errorf("a company shows %q and %q", o.OpenName(), o.Number())
	}
}

func TestAmount(t *testing.T) {
	for typed, want := range map[Amount]int64{"0": 0, "12": 12, "１２": 12, "10,000,000": 10_000_000, " 1 000 ": 1000, "１，０００": 1000} {
		if n, flaw := typed.number(); flaw != nil || n == nil || *n != want {
			t.Errorf("%q: %v, %v", typed, n, flaw)
		}
	}
	for _, empty := range []Amount{"", " ", "　"} {
		if n, flaw := empty.number(); n != nil || flaw != nil {
			t.Errorf("%q: %v, %v", empty, n, flaw)
		}
	}
	for _, bad := range []Amount{"-1", "－1", "1-2", "1.5", "十", "1e3", ",", "-", "99999999999999999999", "1000000000000001", "12人"} {
		if n, flaw := bad.number(); flaw == nil || flaw.Code != "amount" || n != nil {
			t.Errorf("%q: %v, %v", bad, n, flaw)
		}
	}
}
