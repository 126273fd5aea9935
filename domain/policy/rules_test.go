package policy

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/i18n"
)

var golden = time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC)

func codes(all []Weakness) []string {
	var out []string
	for _, w := range all {
		out = append(out, w.Place[len(scs3):]+" "+w.Code)
	}
	return out
}

func TestPasswordRule(t *testing.T) {
	three := []string{"upper", "lower", "digit"}
	for _, c := range []struct {
		name string
		rule PasswordRule
		want []string
	}{
		{"as asked", PasswordRule{8, 10, 10, three}, nil},
		{"stronger", PasswordRule{12, 5, 14, append([]string{"sign"}, three...)}, nil},
		{"7 behind a lock", PasswordRule{7, 10, 10, three}, []string{"4-1-5-3 guarded"}},
		{"lock after 11", PasswordRule{8, 11, 10, three}, []string{"4-1-5-3 failures"}},
		{"no lock", PasswordRule{8, 0, 10, three}, []string{"4-1-5-3 failures"}},
		{"9 alone", PasswordRule{8, 10, 9, three}, []string{"4-1-5-3 alone"}},
		{"no digits", PasswordRule{8, 10, 10, []string{"upper", "lower", "sign"}}, []string{"4-1-5-3 kinds"}},
		{"nothing", PasswordRule{}, []string{"4-1-5-3 guarded", "4-1-5-3 failures", "4-1-5-3 alone", "4-1-5-3 kinds"}},
	} {
		if d := cmp.Diff(c.want, codes(c.rule.Weak())); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestFactorRule(t *testing.T) {
	for n, want := range map[int]int{7: 1, 8: 0, 20: 0} {
		if got := len(FactorRule{n}.Weak()); got != want {
			t.Errorf("%d characters: %d weaknesses", n, got)
		}
	}
}

func TestDeviceRule(t *testing.T) {
	for _, c := range []struct {
		name string
		rule DeviceRule
		want []string
	}{
		{"growing delay", DeviceRule{Way: "delay", Characters: 6}, nil},
		{"lock after 10", DeviceRule{Way: "lock", Failures: 10, Characters: 6}, nil},
		{"lock after 11", DeviceRule{Way: "lock", Failures: 11, Characters: 6}, []string{"4-1-4-1 device-failures"}},
		{"lock never", DeviceRule{Way: "lock", Characters: 6}, []string{"4-1-4-1 device-failures"}},
		{"long password instead", DeviceRule{Way: "strong", Strong: 10, Characters: 6}, nil},
		{"short password instead", DeviceRule{Way: "strong", Strong: 9, Characters: 6}, []string{"4-1-4-1 device-strong"}},
		{"nothing said", DeviceRule{Characters: 6}, []string{"4-1-4-1 device-way"}},
		{"PIN of 4", DeviceRule{Way: "delay", Characters: 4}, []string{"4-1-4-2 pin"}},
	} {
		if d := cmp.Diff(c.want, codes(c.rule.Weak())); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestUpdateRule(t *testing.T) {
	asked := UpdateRule{Days: 14, From: "release", Targets: UpdateTargets, Urgent: UpdateUrgent, Tenths: 70}
	with := func(change func(*UpdateRule)) UpdateRule { r := asked; change(&r); return r }
	for _, c := range []struct {
		name string
		rule UpdateRule
		want []string
	}{
		{"as asked", asked, nil},
		{"7 days, from 4.0", with(func(r *UpdateRule) { r.Days, r.Tenths = 7, 40 }), nil},
		{"15 days", with(func(r *UpdateRule) { r.Days = 15 }), []string{"4-4-4-2 days"}},
		{"from the day it was noticed", with(func(r *UpdateRule) { r.From = "notice" }), []string{"4-4-4-2 from"}},
		{"not phones", with(func(r *UpdateRule) { r.Targets = []string{"pc", "server", "boundary"} }), []string{"4-4-4-2 targets"}},
		{"not the unrated", with(func(r *UpdateRule) { r.Urgent = []string{"grave", "score"} }), []string{"4-4-4-2 urgent"}},
		{"from 9.0", with(func(r *UpdateRule) { r.Tenths = 90 }), []string{"4-4-4-2 score"}},
	} {
		if d := cmp.Diff(c.want, codes(c.rule.Weak())); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestWhichUpdatesAreUrgent(t *testing.T) {
	for _, c := range []struct {
		name string
		u    Update
		want bool
	}{
		{"critical", Update{Target: "pc", Severity: "critical", InUse: true}, true},
		{"high", Update{Target: "server", Severity: "high", InUse: true}, true},
		{"medium at 7.0", Update{Target: "mobile", Severity: "medium", Score: 7, InUse: true}, true},
		{"medium at 6.9", Update{Target: "mobile", Severity: "medium", Score: 6.9, InUse: true}, false},
		{"scored 6.9 and not rated", Update{Target: "pc", Score: 6.9, InUse: true}, false},
		{"no severity given", Update{Target: "boundary", InUse: true}, true},
		{"low", Update{Target: "pc", Severity: "low", InUse: true}, false},
		{"a printer", Update{Target: "printer", Severity: "critical", InUse: true}, false},
		{"not in use", Update{Target: "pc", Severity: "critical"}, false},
	} {
		if got := c.u.Urgent(); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

func TestFourteenDaysFromTheRelease(t *testing.T) {
	day := func(s string) time.Time {
		at, err := time.ParseInLocation("2006-01-02 15:04", s, i18n.Tokyo)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	u := Update{Target: "pc", Severity: "critical", InUse: true, Released: time.Date(2026, 11, 30, 16, 0, 0, 0, time.UTC)} // 1 December in Japan
	if got := i18n.ISO(u.Due()); got != "2026-12-15" {
		t.Errorf("due %s", got)
	}
	for _, c := range []struct {
		name           string
		installed, now string
		measures       []string
		want           bool
	}{
		{"not yet due", "", "2026-12-15 23:59", nil, true},
		{"late", "", "2026-12-16 00:00", nil, false},
		{"on the last day", "2026-12-15 23:59", "2027-01-10 00:00", nil, true},
		{"a day late", "2026-12-16 00:00", "2027-01-10 00:00", nil, false},
		{"late, taken off the network", "", "2026-12-20 00:00", []string{"isolate"}, true},
		{"late, with something else", "", "2026-12-20 00:00", []string{"hope"}, false},
	} {
		var installed time.Time
		if c.installed != "" {
			installed = day(c.installed)
		}
		if got := u.Kept(installed, day(c.now), c.measures...); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
	for _, m := range UpdateMeasures {
		if !u.Kept(time.Time{}, day("2027-01-10 00:00"), m) {
			t.Errorf("%s does not stand in", m)
		}
	}
}

// TestWeakRulesProveNothing: a rule book whose numbers ask for less than the
// criterion, or whose text lost them, is no evidence for it.
func TestWeakRulesProveNothing(t *testing.T) {
	book := ours(t)["rulebook"]
	v := book.defaults(Company{Name: "株式会社みほん"}, golden)
	chapters := func(v Settings) (all []Chapter) {
		for i := range book.Sections {
			s := &book.Sections[i]
			ja, en := book.write(s, v, nil)
			all = append(all, Chapter{ID: s.ID, JA: ja, EN: en})
		}
		return all
	}
	has := func(j Judgement, section, item string) bool { return slices.Contains(j.Proves[section], scs3+item) }
	j := judge(book, v, chapters(v), nil)
	for section, items := range map[string][]string{
		"passwords": {"4-1-5-1", "4-1-5-2", "4-1-5-3", "4-1-5-4"}, "authentication": {"4-1-3-4", "4-1-4-1", "4-1-4-2"}, "updates": {"4-4-4-2"}, "incidents": {"6-1-1-1", "6-1-1-3"},
	} {
		for _, item := range items {
			if !has(j, section, item) {
				t.Errorf("%s does not prove %s: %v", section, item, j.Gone)
			}
		}
	}
	if has(j, "recovery", "7-1-1-1") || has(j, "backup", "4-3-4-3") || has(j, "boundary", "4-5-1-5") {
		t.Error("what the company has not filled in proves something")
	}
	v["guarded"], v["update_days"], v["pin"] = "6", "30", "4"
	j = judge(book, v, chapters(v), nil)
	if has(j, "passwords", "4-1-5-3") || has(j, "updates", "4-4-4-2") || has(j, "authentication", "4-1-4-2") || !has(j, "passwords", "4-1-5-4") {
		t.Errorf("weak rules: %v", j.Proves)
	}
	if d := cmp.Diff([]string{"4-1-4-2 pin", "4-1-5-3 guarded", "4-4-4-2 days"}, codes(j.Weak)); d != "" {
		t.Error(d)
	}
	v = book.defaults(Company{Name: "株式会社みほん"}, golden)
	all := chapters(v)
	i := slices.IndexFunc(all, func(c Chapter) bool { return c.ID == "passwords" })
	all[i].JA, all[i].Edited = "パスワードは長くします。", true
	j = judge(book, v, all, nil)
	if has(j, "passwords", "4-1-5-3") || len(j.Gone) == 0 {
		t.Error("a text without the numbers proves the rule on numbers")
	}
	whole, _ := book.write(book.section("passwords"), v, nil)
	for _, edit := range [][2]string{{"10文字以上", "4文字以上"}, {"8文字以上", "18文字以上"}, {"10回までの失敗", "何回かの失敗"}, {"英字の小文字", "小文字"}} {
		all[i].JA = strings.Replace(whole, edit[0], edit[1], 1)
		if j = judge(book, v, all, nil); has(j, "passwords", "4-1-5-3") || !has(j, "passwords", "4-1-5-4") {
			t.Errorf("%s edited to %s: %v", edit[0], edit[1], j.Proves["passwords"])
		}
	}
	all[i].JA = strings.NewReplacer("8", "８", "10", "１０").Replace(whole) + "\n追記です。"
	if j = judge(book, v, all, nil); !has(j, "passwords", "4-1-5-3") {
		t.Errorf("full-width digits are not read: %v", j.Gone)
	}
	all[i].JA = ""
	if j = judge(book, v, all, nil); len(j.Proves["passwords"]) > 0 {
		t.Error("a section that is left out proves something")
	}
}

func TestUntrueStatementsAreFound(t *testing.T) {
	basic := ours(t)["basic-policy"]
	v := basic.defaults(Company{Name: "株式会社みほん"}, golden)
	s := basic.section("employees")
	met := answers{"self-diagnosis-25/20": "done"}
	ja, en := basic.write(s, v, met)
	c := []Chapter{{ID: s.ID, JA: ja + "\n追記です。", EN: en, Edited: true}}
	if j := judge(basic, v, c, met); len(j.Untrue) > 0 {
		t.Errorf("true is taken for untrue: %v", j.Untrue)
	}
	if j := judge(basic, v, c, answers{"self-diagnosis-25/20": "not_done"}); !cmp.Equal(j.Untrue, []string{"employees"}) || j.Ready() {
		t.Errorf("%v", j.Untrue)
	}
}
