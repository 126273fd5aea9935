package star

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/assess"
)

func TestPace(t *testing.T) {
	now := time.Date(2027, 1, 20, 3, 0, 0, 0, time.UTC)
	at := func(days, shown int) assess.DayResult {
		return assess.DayResult{Day: dateOf(now.AddDate(0, 0, -days)), Points: shown}
	}
	for name, c := range map[string]struct {
		days            []assess.DayResult
		shown, blocking int
		want            Pace
	}{
		"no days":                          {nil, 0, 81, Pace{Kind: PaceNone}},
		"all there":                        {[]assess.DayResult{at(60, 0)}, 81, 0, Pace{Kind: PaceDone}},
		"begun last week":                  {[]assess.DayResult{at(7, 0), at(3, 5)}, 9, 72, Pace{Kind: PaceShort, Gained: 9, Days: 7}},
		"thirteen days are no pace":        {[]assess.DayResult{at(13, 0)}, 9, 72, Pace{Kind: PaceShort, Gained: 9, Days: 13}},
		"fourteen days are":                {[]assess.DayResult{at(14, 0)}, 14, 60, Pace{Kind: PaceMonths, Months: 2, Gained: 14, Days: 14}},
		"as in the picture":                {[]assess.DayResult{at(90, 10), at(40, 20), at(2, 39)}, 39, 41, Pace{Kind: PaceMonths, Months: 5, Gained: 29, Days: 90}},
		"rounded up, never down":           {[]assess.DayResult{at(90, 0)}, 30, 31, Pace{Kind: PaceMonths, Months: 4, Gained: 30, Days: 90}},
		"exactly":                          {[]assess.DayResult{at(90, 0)}, 30, 30, Pace{Kind: PaceMonths, Months: 3, Gained: 30, Days: 90}},
		"the window begins where it stood": {[]assess.DayResult{at(300, 2), at(120, 9), at(80, 12), at(5, 27)}, 27, 54, Pace{Kind: PaceMonths, Months: 9, Gained: 18, Days: 90}},
		"nothing for months":               {[]assess.DayResult{at(200, 30)}, 30, 51, Pace{Kind: PaceStill, Days: 90}},
		"evidence ended meanwhile":         {[]assess.DayResult{at(80, 30)}, 25, 56, Pace{Kind: PaceStill, Gained: -5, Days: 80}},
		"too slow for a number":            {[]assess.DayResult{at(90, 0)}, 2, 79, Pace{Kind: PaceLong, Gained: 2, Days: 90}},
		"two years still have one":         {[]assess.DayResult{at(90, 0)}, 10, 80, Pace{Kind: PaceMonths, Months: 24, Gained: 10, Days: 90}},
	} {
		if d := cmp.Diff(c.want, PaceOf(c.days, c.shown, c.blocking, now)); d != "" {
			t.Errorf("%s (-want +got):\n%s", name, d)
		}
	}
}
