package ui

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLabelLinesBreakWhereJapaneseMay(t *testing.T) {
	for name, want := range map[string][]string{
		"端末とソフト":              {"端末とソフト"},
		"パスワードと権限":            {"パスワードと", "権限"},
		"書類・部屋・持ち出し":          {"書類・部屋・", "持ち出し"},
		"People and training": {"People and", "training"},
		"":                    {""},
	} {
		if d := cmp.Diff(want, labelLines(name, 6.6)); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}

func TestBandsHoldTheirScoreOnce(t *testing.T) {
	v := sampleScore()
	for _, score := range []int{-25, 49, 50, 69, 70, 100} {
		v.Score = score
		n := 0
		for _, b := range v.Bands {
			if v.holds(b) {
				n++
			}
		}
		if n != 1 {
			t.Errorf("score %d lies in %d bands", score, n)
		}
	}
}

func TestShareStaysInsideTheBar(t *testing.T) {
	for _, c := range []struct {
		done, of int
		want     string
	}{{0, 25, "0"}, {10, 25, "40.0"}, {30, 25, "100.0"}, {1, 0, "0"}, {-3, 5, "0"}} {
		if got := share(c.done, c.of); got != c.want {
			t.Errorf("%d of %d: got %s, want %s", c.done, c.of, got, c.want)
		}
	}
}

func TestAgeWarnsBeforeAndAfterTheEnd(t *testing.T) {
	at := sampleNow.AddDate(0, 0, -210)
	for _, c := range []struct {
		name string
		view AgeView
		key  string
		days int
	}{
		{"no end", AgeView{Act: Checked, At: at, Now: sampleNow}, "ui.age.checked", 210},
		{"far end", AgeView{Act: Declared, At: at, Expires: sampleNow.AddDate(0, 0, 61), Now: sampleNow}, "ui.age.declared", 210},
		{"near end", AgeView{Act: Checked, At: at, Expires: sampleNow.AddDate(0, 0, 59), Now: sampleNow}, "ui.age.left", 59},
		{"after it", AgeView{Act: Checked, At: at, Expires: sampleNow.AddDate(0, 0, -12), Now: sampleNow}, "ui.age.expired", 12},
	} {
		if key, days, _ := c.view.age(); key != c.key || days != c.days {
			t.Errorf("%s: got %s %d", c.name, key, days)
		}
	}
}
