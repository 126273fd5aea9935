package star

import (
	"time"

	"github.com/minamori-project/minamori/domain/assess"
)

// PaceKind is what can be said of a pace.
type PaceKind string

// The kinds. Only PaceMonths has a number.
const (
	PaceNone   PaceKind = "none"   // no days to go by
	PaceShort  PaceKind = "short"  // the days are too few to speak of a pace
	PaceStill  PaceKind = "still"  // nothing was added
	PaceMonths PaceKind = "months" // about so many months
	PaceLong   PaceKind = "long"   // more than maxMonths: no number would mean anything
	PaceDone   PaceKind = "done"   // nothing blocks
)

// Pace is how long the rest takes at the speed of the last 90 days. It is no promise.
type Pace struct {
	Kind   PaceKind `json:"kind"`
	Months int      `json:"months,omitempty"`
	Gained int      `json:"gained"` // criteria that evidence shows now and did not at the start
	Days   int      `json:"days"`   // how long that took
}

const (
	paceWindow = 90
	paceLeast  = 14 // days; less is a mood and no pace
	maxMonths  = 24
)

// PaceOf works out a pace from where the days ended (oldest first; Points are the
// criteria that evidence shows), how many are shown now and how many block.
func PaceOf(days []assess.DayResult, shown, blocking int, now time.Time) Pace {
	if blocking == 0 {
		return Pace{Kind: PaceDone}
	}
	first := baseline(days, now)
	if first == nil {
		return Pace{Kind: PaceNone}
	}
	p := Pace{Gained: shown - first.Points, Days: daysBetween(first.Day, now)}
	if p.Days > paceWindow {
		p.Days = paceWindow // it stood so at the start of the window
	}
	switch {
	case p.Days < paceLeast:
		p.Kind = PaceShort
	case p.Gained <= 0:
		p.Kind = PaceStill
	default:
		// Up to the next month: a pace that is rounded down promises.
		months := (blocking*p.Days + 30*p.Gained - 1) / (30 * p.Gained)
		p.Kind, p.Months = PaceMonths, months
		if months > maxMonths {
			p.Kind, p.Months = PaceLong, 0
		}
	}
	return p
}

// baseline is the last day before the window, which says where it began, or else the
// first day in it.
func baseline(days []assess.DayResult, now time.Time) *assess.DayResult {
	var first *assess.DayResult
	for i := range days {
		if daysBetween(days[i].Day, now) < paceWindow {
			if first == nil {
				first = &days[i]
			}
			break
		}
		first = &days[i]
	}
	return first
}

func daysBetween(d assess.Date, now time.Time) int {
	return int(dateOf(now).Time().Sub(d.Time()).Hours() / 24)
}
