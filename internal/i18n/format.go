package i18n

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Tokyo is the zone in which dates are shown: every scheme counts its days in
// Japan Standard Time, which has had no daylight saving since 1952.
var Tokyo = time.FixedZone("JST", 9*60*60)

var weekdaysJA = [...]string{"日", "月", "火", "水", "木", "金", "土"}

// Date writes a day: 2026年10月14日, or 14 October 2026.
func Date(ctx context.Context, t time.Time) string {
	y, m, d := t.In(Tokyo).Date()
	if From(ctx).Lang == EN {
		return strconv.Itoa(d) + " " + m.String() + " " + strconv.Itoa(y)
	}
	return strconv.Itoa(y) + "年" + strconv.Itoa(int(m)) + "月" + strconv.Itoa(d) + "日"
}

// Deadline writes a day with its weekday: 2026年10月14日（水）. Easy Japanese
// leaves the weekday out (glossary, register ja-x-easy).
func Deadline(ctx context.Context, t time.Time) string {
	t = t.In(Tokyo)
	switch From(ctx).Lang {
	case EN:
		return t.Format("Monday 2 January 2006")
	case Easy:
		return t.Format("2006年1月2日")
	}
	return t.Format("2006年1月2日") + "（" + weekdaysJA[t.Weekday()] + "）"
}

// Clock writes a time of day: 9時12分, or 09:12.
func Clock(ctx context.Context, t time.Time) string {
	t = t.In(Tokyo)
	if From(ctx).Lang == EN {
		return t.Format("15:04")
	}
	return fmt.Sprintf("%d時%d分", t.Hour(), t.Minute())
}

// ISO writes a day for the datetime attribute of a time element.
func ISO(t time.Time) string {
	b := make([]byte, 0, len(time.DateOnly))
	return string(t.In(Tokyo).AppendFormat(b, time.DateOnly))
}

// Age says in words how long ago t was, as seen from now: 「210日前」; under a
// day in hours, under an hour 「たったいま」. A time to come counts as now.
func Age(ctx context.Context, t, now time.Time) string {
	gone := now.Sub(t)
	switch {
	case gone < time.Hour:
		return T(ctx, "age.now")
	case gone < 24*time.Hour:
		return T(ctx, "age.hours", "n", int(gone/time.Hour))
	}
	return T(ctx, "age.days", "n", Days(t, now))
}

// Days counts the midnights in Japan between two times, as the schemes count
// their days; 0 when the second is not later.
func Days(from, to time.Time) int { return max(0, dayNumber(to)-dayNumber(from)) }

// dayNumber counts days in Japan from an arbitrary one. Tokyo never shifts its
// clock, so whole days are whole multiples of seconds.
func dayNumber(t time.Time) int {
	const day = 24 * 60 * 60
	seconds := t.Unix() + 9*60*60
	if seconds < 0 {
		seconds -= day - 1 // round towards the past
	}
	return int(seconds / day)
}

// Number groups thousands: 1,234.
func Number(n int) string {
	s := strconv.Itoa(n)
	sign := ""
	if s[0] == '-' {
		sign, s = "-", s[1:]
	}
	var parts []string
	for len(s) > 3 {
		parts = append([]string{s[len(s)-3:]}, parts...)
		s = s[:len(s)-3]
	}
	return sign + strings.Join(append([]string{s}, parts...), ",")
}
