package ical_test

import (
	"bytes"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/format/ical"
)

var stamp = time.Date(2026, 11, 24, 9, 0, 0, 0, time.FixedZone("JST", 9*3600))

func written(t interface{ Fatal(...any) }, c ical.Calendar) string {
	var b bytes.Buffer
	if err := c.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestVector(t *testing.T) {
	c := ical.Calendar{
		Product: "Minamori", Name: "皆守", Stamp: stamp,
		Events: []ical.Event{{Entry: ical.Entry{UID: "a1@example.jp", Summary: "年に一度の見直し; 台帳, 規程", URL: "https://example.jp/p?a=1,2"}, On: ical.Day{Year: 2026, Month: 12, Day: 31}}},
		ToDos: []ical.ToDo{
			{Entry: ical.Entry{UID: "t1@example.jp", Summary: `A\B`, Description: "一行目\n二行目", Categories: []string{"計画", "a,b"}, Sequence: 2}, Due: ical.Day{Year: 2027, Month: 1, Day: 5}, Priority: 1},
			{Entry: ical.Entry{UID: "t2@example.jp", Summary: "done", URL: "javascript"}, Done: true, DoneAt: stamp},
		},
	}
	want := strings.ReplaceAll(`BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Minamori//JA
CALSCALE:GREGORIAN
X-WR-CALNAME:皆守
BEGIN:VEVENT
UID:a1@example.jp
DTSTAMP:20261124T000000Z
SEQUENCE:0
SUMMARY:年に一度の見直し\; 台帳\, 規程
URL:https://example.jp/p?a=1,2
DTSTART;VALUE=DATE:20261231
DTEND;VALUE=DATE:20270101
TRANSP:TRANSPARENT
END:VEVENT
BEGIN:VTODO
UID:t1@example.jp
DTSTAMP:20261124T000000Z
SEQUENCE:2
SUMMARY:A\\B
DESCRIPTION:一行目\n二行目
CATEGORIES:計画,a\,b
DUE;VALUE=DATE:20270105
PRIORITY:1
STATUS:NEEDS-ACTION
END:VTODO
BEGIN:VTODO
UID:t2@example.jp
DTSTAMP:20261124T000000Z
SEQUENCE:0
SUMMARY:done
STATUS:COMPLETED
COMPLETED:20261124T000000Z
END:VTODO
END:VCALENDAR
`, "\n", "\r\n")
	if diff := cmp.Diff(want, written(t, c)); diff != "" {
		t.Error(diff)
	}
}

// read takes a calendar apart as RFC 5545 says: unfold, then split at the first
// colon. It knows only what Write uses.
func read(s string) (all [][2]string) {
	s = strings.ReplaceAll(s, "\r\n ", "")
	for line := range strings.SplitSeq(strings.TrimSuffix(s, "\r\n"), "\r\n") {
		name, value, _ := strings.Cut(line, ":")
		all = append(all, [2]string{name, value})
	}
	return all
}

func plain(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' {
			b.WriteByte(s[i])
			continue
		}
		if i++; s[i] == 'n' {
			b.WriteByte('\n')
		} else {
			b.WriteByte(s[i])
		}
	}
	return b.String()
}

// What a text becomes is read back; lines keep the width and their characters.
func TestRoundTrip(t *testing.T) {
	ugly := rapid.Map(rapid.StringOf(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("\\;,:\nn漢🙂\"")))), func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' && r != '\n' && r != '\t' || r == 0x7f {
				return -1
			}
			return r
		}, s)
	})
	rapid.Check(t, func(t *rapid.T) {
		summary, text := ugly.Draw(t, "summary"), ugly.Draw(t, "text")
		out := written(t, ical.Calendar{Product: "M", Stamp: stamp, ToDos: []ical.ToDo{{Entry: ical.Entry{UID: "u", Summary: summary, Description: text}}}})
		for line := range strings.SplitSeq(out, "\r\n") {
			if len(line) > 75 || !utf8.ValidString(line) {
				t.Fatalf("line %q", line)
			}
		}
		if strings.Count(out, "\r\n") != strings.Count(out, "\n") {
			t.Fatal("a line ends without CR LF")
		}
		got := map[string]string{}
		for _, l := range read(out) {
			got[l[0]] = plain(l[1])
		}
		if got["SUMMARY"] != summary || got["DESCRIPTION"] != text {
			t.Fatalf("%q %q became %q", summary, text, got)
		}
	})
}

// Nobody's text begins a line of its own.
func TestNoInjection(t *testing.T) {
	out := written(t, ical.Calendar{Product: "M", Stamp: stamp, Events: []ical.Event{{Entry: ical.Entry{
		UID: "u", Summary: "x\r\nEND:VEVENT\rATTACH:http://bad\x00\x1b", URL: "https://a.jp/\r\nATTACH:x"}, On: ical.DayOf(stamp)}}})
	for _, l := range read(out) {
		if l[0] == "ATTACH" {
			t.Fatal(out)
		}
	}
	if strings.ContainsAny(out, "\x00\x1b") || strings.Count(out, "END:VEVENT\r\n") != 1 {
		t.Fatal(out)
	}
}

func TestDay(t *testing.T) {
	if got := ical.DayOf(stamp); got != (ical.Day{Year: 2026, Month: 11, Day: 24}) {
		t.Errorf("DayOf = %v", got)
	}
}
