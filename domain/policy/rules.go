package policy

import (
	"slices"
	"time"

	"github.com/minamori-project/minamori/internal/i18n"
)

// The rules of the SCS scheme that name a number (★3, edition of 27 March 2026),
// as pure functions over what a rule book says.

const scs3 = "scs-star3-2026/"

// Weakness is one way in which a rule asks for less than a criterion. Its text is
// policy.weak.<Code>.
type Weakness struct {
	Place string `json:"criterion"`
	Code  string `json:"code"`
	Is    int    `json:"is"`
	Asked int    `json:"asked"`
}

// least finds a number below what is asked for.
func least(place, code string, is, asked int) []Weakness {
	if is >= asked {
		return nil
	}
	return []Weakness{{scs3 + place, code, is, asked}}
}

// lacking finds choices that have to be there and are not.
func lacking(place, code string, chosen, asked []string) []Weakness {
	n := 0
	for _, a := range asked {
		if slices.Contains(chosen, a) {
			n++
		}
	}
	return least(place, code, n, len(asked))
}

// maxFailures is after how many failures a lock must come to count (4-1-4-1, 4-1-5-3).
const maxFailures = 10

func locks(failures int) bool { return failures >= 1 && failures <= maxFailures }

// PasswordRule is what a rule book asks of passwords (4-1-5-3).
type PasswordRule struct {
	Guarded  int      // characters where a second factor or a lock guards it
	Failures int      // after how many the lock comes
	Alone    int      // characters where nothing else does
	Kinds    []string // kinds of characters then: upper, lower, digit, sign
}

// Weak holds the rule against 4-1-5-3.
func (r PasswordRule) Weak() []Weakness {
	const place = "4-1-5-3"
	all := least(place, "guarded", r.Guarded, 8)
	if !locks(r.Failures) {
		all = append(all, Weakness{scs3 + place, "failures", r.Failures, maxFailures})
	}
	all = append(all, least(place, "alone", r.Alone, 10)...)
	return append(all, lacking(place, "kinds", r.Kinds, []string{"upper", "lower", "digit"})...)
}

// FactorRule is what it asks of a password that is one of several factors (4-1-3-4).
type FactorRule struct{ Characters int }

// Weak holds the rule against 4-1-3-4.
func (r FactorRule) Weak() []Weakness { return least("4-1-3-4", "factor", r.Characters, 8) }

// DeviceRule is how PCs, tablets and phones are locked (4-1-4).
type DeviceRule struct {
	Way        string // delay, lock or strong
	Failures   int    // of lock
	Strong     int    // characters, of strong
	Characters int    // of a password or PIN, else
}

// Weak holds the rule against 4-1-4-1 and 4-1-4-2. What makes up for a missing
// lock is not in the criterion: we ask for what 4-1-5-3 asks of a password that
// stands alone.
func (r DeviceRule) Weak() []Weakness {
	var all []Weakness
	switch r.Way {
	case "delay":
	case "lock":
		if !locks(r.Failures) {
			all = append(all, Weakness{scs3 + "4-1-4-1", "device-failures", r.Failures, maxFailures})
		}
	case "strong":
		all = least("4-1-4-1", "device-strong", r.Strong, 10)
	default:
		all = append(all, Weakness{Place: scs3 + "4-1-4-1", Code: "device-way"})
	}
	return append(all, least("4-1-4-2", "pin", r.Characters, 6)...)
}

// The four groups that updates are for, the findings that make one urgent, and
// what may be done until it is in place (4-4-4-2).
var (
	UpdateTargets  = []string{"pc", "server", "mobile", "boundary"}
	UpdateUrgent   = []string{"grave", "score", "unrated"}
	UpdateMeasures = []string{"disable", "workaround", "isolate", "watch"}
)

// UpdateRule is how soon updates are put in place (4-4-4-2).
type UpdateRule struct {
	Days    int      // from From
	From    string   // release, notice
	Targets []string // of UpdateTargets
	Urgent  []string // of UpdateUrgent
	Tenths  int      // CVSS base score from which one counts, in tenths: 70 is 7.0
}

// updateDays is how long the scheme gives.
const updateDays = 14

// Weak holds the rule against 4-4-4-2. Days are looked at first: a short time from
// a late day may be longer than it looks.
func (r UpdateRule) Weak() []Weakness {
	const place = "4-4-4-2"
	var all []Weakness
	if r.Days < 0 || r.Days > updateDays {
		all = append(all, Weakness{scs3 + place, "days", r.Days, updateDays})
	}
	if r.From != "release" {
		all = append(all, Weakness{Place: scs3 + place, Code: "from"})
	}
	all = append(all, lacking(place, "targets", r.Targets, UpdateTargets)...)
	all = append(all, lacking(place, "urgent", r.Urgent, UpdateUrgent)...)
	if r.Tenths > 70 {
		all = append(all, Weakness{scs3 + place, "score", r.Tenths, 70})
	}
	return all
}

// Update is an update as its maker published it.
type Update struct {
	Target   string  // of UpdateTargets, or something else
	Severity string  // as the maker rates it: critical, high, medium, low; "" for none given
	Score    float64 // CVSS base score; 0 for none given
	InUse    bool    // the feature that it mends is in use
	Released time.Time
}

// Urgent says whether 4-4-4-2 is about an update: in one of the four groups, for a
// feature in use, rated critical or high, scored 7.0 or more, or not rated at all.
func (u Update) Urgent() bool {
	if !slices.Contains(UpdateTargets, u.Target) || !u.InUse {
		return false
	}
	unrated := u.Severity == "" && u.Score == 0
	return unrated || u.Severity == "critical" || u.Severity == "high" || u.Score >= 7
}

// Due is the last day for an update, as it is in Japan: 14 days from its release.
func (u Update) Due() time.Time {
	y, m, d := u.Released.In(i18n.Tokyo).Date()
	return time.Date(y, m, d+updateDays, 0, 0, 0, 0, i18n.Tokyo)
}

// Kept says whether 4-4-4-2 is kept at a time: the update is in place by its last
// day, or one of the four measures stands in until it is. installed is zero for
// not yet.
func (u Update) Kept(installed, now time.Time, measures ...string) bool {
	late := u.Due().AddDate(0, 0, 1)
	if !u.Urgent() || now.Before(late) || !installed.IsZero() && installed.Before(late) {
		return true
	}
	return slices.ContainsFunc(measures, func(m string) bool { return slices.Contains(UpdateMeasures, m) })
}

// weak holds the settings of a document against every rule that names a number.
func weak(v Settings) []Weakness {
	return slices.Concat(
		PasswordRule{Guarded: v.Number("guarded"), Failures: v.Number("failures"), Alone: v.Number("alone"), Kinds: v.Chosen("kinds")}.Weak(),
		FactorRule{v.Number("factor")}.Weak(),
		DeviceRule{Way: v["device_lock"], Failures: v.Number("device_failures"), Strong: v.Number("device_strong"), Characters: v.Number("pin")}.Weak(),
		UpdateRule{
			Days: v.Number("update_days"), From: v["update_from"], Targets: v.Chosen("update_targets"),
			Urgent: v.Chosen("update_urgent"), Tenths: v.Number("update_score"),
		}.Weak(),
	)
}
