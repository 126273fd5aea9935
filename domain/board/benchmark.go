package board

import (
	"math"
	"strconv"
	"strings"
)

// Profile is what puts a company into a risk group: classes from 1 (little) to 5
// (much); 0 is not told.
type Profile struct {
	Staff       int `json:"staff"`
	Sales       int `json:"sales"`
	Information int `json:"information"` // how much that would hurt others
	Dependence  int `json:"dependence"`  // how soon work stops without computers
}

// Group is a risk group of the benchmark.
type Group string

// The groups; NoGroup is a profile that was not told.
const (
	GroupI   Group = "I"   // a high level is asked for
	GroupII  Group = "II"  // a fitting level
	GroupIII Group = "III" // less pressing
	NoGroup  Group = ""
)

// Told says that the profile is whole.
func (p Profile) Told() bool {
	return sound(p.Staff) && sound(p.Sales) && sound(p.Information) && sound(p.Dependence)
}

func sound(class int) bool { return class >= 1 && class <= 5 }

// Index is the risk index, 4 to 20: the four classes added up. What a company holds and
// how much it hangs on computers weigh as much as its size.
func (p Profile) Index() int { return p.Staff + p.Sales + p.Information + p.Dependence }

// Group is where the profile belongs. The limits split the range of the index in
// thirds.
func (p Profile) Group() Group {
	switch i := p.Index(); {
	case !p.Told():
		return NoGroup
	case i >= 15:
		return GroupI
	case i >= 9:
		return GroupII
	}
	return GroupIII
}

// Wanted is the level that a group is proposed as a goal, until its owner sets one.
func (g Group) Wanted() int {
	switch g {
	case GroupI:
		return 4
	case GroupIII:
		return 2
	}
	return 3
}

// Levels are the maturities of all items in their order; 0 is not assessed.
type Levels []int

// Known is how many items have a level.
func (l Levels) Known() (n int) {
	for _, v := range l {
		if v > 0 {
			n++
		}
	}
	return n
}

// Complete says that every item has a level.
func (l Levels) Complete() bool { return len(l) > 0 && l.Known() == len(l) }

// Score is the sum of the levels.
func (l Levels) Score() (sum int) {
	for _, v := range l {
		sum += v
	}
	return sum
}

// Average is the mean of what is known, with one decimal, and whether anything is.
func (l Levels) Average() (float64, bool) {
	n := l.Known()
	if n == 0 {
		return 0, false
	}
	return math.Round(float64(l.Score())*10/float64(n)) / 10, true
}

// String is how levels are stored.
func (l Levels) String() string {
	all := make([]string, len(l))
	for i, v := range l {
		all[i] = strconv.Itoa(v)
	}
	return strings.Join(all, ",")
}

// readLevels reads what String wrote; what is not a level counts as not assessed.
func readLevels(s string) Levels {
	parts := strings.Split(s, ",")
	l := make(Levels, len(parts))
	for i, p := range parts {
		if v, err := strconv.Atoi(p); err == nil && sound(v) {
			l[i] = v
		}
	}
	return l
}

// Deviation is the deviation value (偏差値) of a score: 50 is the mean, 10 a standard
// deviation. Where all are alike there is none.
func Deviation(score, mean, spread float64) (float64, bool) {
	if spread <= 0 || math.IsNaN(spread) {
		return 0, false
	}
	return (score-mean)/spread*10 + 50, true
}

// Spread is the standard deviation of all of a group, not of a sample.
func Spread(values []float64) (mean, spread float64) {
	if len(values) == 0 {
		return 0, 0
	}
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	for _, v := range values {
		spread += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(spread / float64(len(values)))
}
