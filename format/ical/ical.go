package ical

import (
	"bufio"
	"io"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Calendar is one file. Stamp is when it was made and stands in every entry.
type Calendar struct {
	Product string // names the program, such as Minamori
	Name    string // shown by many programs; may be empty
	Stamp   time.Time
	Events  []Event
	ToDos   []ToDo
}

// Day is a day of the calendar, without a time zone.
type Day struct {
	Year  int
	Month time.Month
	Day   int
}

// DayOf is the day of a time in its own zone.
func DayOf(t time.Time) Day {
	y, m, d := t.Date()
	return Day{y, m, d}
}

func (d Day) time() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC) }
func (d Day) text() string    { return d.time().Format("20060102") }

// none says that a day is not known.
func (d Day) none() bool { return d == Day{} }

// Entry is what events and to-dos have in common.
type Entry struct {
	UID         string // for good, and unlike any other: id@host
	Summary     string
	Description string
	URL         string // https or http; any other is left out
	Categories  []string
	Sequence    int // grows when the entry changes
}

// Event is an entry of all of a day.
type Event struct {
	Entry
	On       Day
	DaysLong int // 1 when zero
}

// ToDo is something to do by the end of a day.
type ToDo struct {
	Entry
	Due      Day // may be zero: some time
	Done     bool
	DoneAt   time.Time // may be zero
	Priority int       // 1 first, 9 last, 0 none
}

// Type is the media type of a written calendar.
const Type = "text/calendar; charset=utf-8"

// Write writes the calendar.
func (c Calendar) Write(w io.Writer) error {
	out := &lines{w: bufio.NewWriter(w)}
	out.put("BEGIN", "VCALENDAR")
	out.put("VERSION", "2.0")
	out.put("PRODID", escape("-//"+c.Product+"//JA"))
	out.put("CALSCALE", "GREGORIAN")
	if c.Name != "" {
		out.put("X-WR-CALNAME", escape(c.Name))
	}
	for _, e := range c.Events {
		out.event(e, c.Stamp)
	}
	for _, t := range c.ToDos {
		out.todo(t, c.Stamp)
	}
	out.put("END", "VCALENDAR")
	return out.w.Flush()
}

// lines writes content lines; an error stays in w until it is flushed.
type lines struct{ w *bufio.Writer }

func (l *lines) event(e Event, stamp time.Time) {
	l.put("BEGIN", "VEVENT")
	l.entry(e.Entry, stamp)
	l.put("DTSTART;VALUE=DATE", e.On.text())
	// The end of an all-day event is the day behind it (RFC 5545 §3.6.1).
	l.put("DTEND;VALUE=DATE", DayOf(e.On.time().AddDate(0, 0, max(e.DaysLong, 1))).text())
	l.put("TRANSP", "TRANSPARENT")
	l.put("END", "VEVENT")
}

func (l *lines) todo(t ToDo, stamp time.Time) {
	l.put("BEGIN", "VTODO")
	l.entry(t.Entry, stamp)
	if !t.Due.none() {
		l.put("DUE;VALUE=DATE", t.Due.text())
	}
	if t.Priority > 0 {
		l.put("PRIORITY", strconv.Itoa(min(t.Priority, 9)))
	}
	if t.Done {
		l.put("STATUS", "COMPLETED")
		if !t.DoneAt.IsZero() {
			l.put("COMPLETED", moment(t.DoneAt))
		}
	} else {
		l.put("STATUS", "NEEDS-ACTION")
	}
	l.put("END", "VTODO")
}

func (l *lines) entry(e Entry, stamp time.Time) {
	l.put("UID", escape(e.UID))
	l.put("DTSTAMP", moment(stamp))
	l.put("SEQUENCE", strconv.Itoa(max(e.Sequence, 0)))
	l.put("SUMMARY", escape(e.Summary))
	if e.Description != "" {
		l.put("DESCRIPTION", escape(e.Description))
	}
	// A URL is no text: it is not escaped, so it must be one.
	if u, err := url.Parse(e.URL); err == nil && (u.Scheme == "https" || u.Scheme == "http") {
		l.put("URL", u.String())
	}
	var all []string
	for _, c := range e.Categories {
		all = append(all, escape(c))
	}
	if len(all) > 0 {
		l.put("CATEGORIES", strings.Join(all, ","))
	}
}

func moment(t time.Time) string { return t.UTC().Format("20060102T150405Z") }

// width is how many octets a line may have without its end (RFC 5545 §3.1).
const width = 75

// put writes a line, folded.
func (l *lines) put(name, value string) {
	room := width
	for s := name + ":" + value; ; {
		n := cut(s, room)
		_, _ = l.w.WriteString(s[:n])
		_, _ = l.w.WriteString("\r\n")
		if s = s[n:]; s == "" {
			return
		}
		_ = l.w.WriteByte(' ')
		room = width - 1
	}
}

// cut is the longest beginning of s that fits and ends with a whole character.
func cut(s string, room int) int {
	if len(s) <= room {
		return len(s)
	}
	for room > 0 && !utf8.RuneStart(s[room]) {
		room--
	}
	return room
}

var escaping = strings.NewReplacer(`\`, `\\`, ";", `\;`, ",", `\,`, "\r\n", `\n`, "\n", `\n`, "\r", `\n`)

// escape writes a text as a value of type TEXT (RFC 5545 §3.3.11).
func escape(s string) string {
	s = strings.ToValidUTF8(s, "�")
	s = escaping.Replace(s)
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' || r == 0x7f {
			return -1
		}
		return r
	}, s)
}
