package emergency

import (
	"context"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Limits of what is typed, in characters.
const (
	maxPhone = 40
	maxNote  = 100
)

// Number is whom a company calls.
type Number struct {
	Place string    `json:"place"`
	Name  string    `json:"name"`
	Phone string    `json:"phone"`
	Note  string    `json:"note"` // contract number, hours
	At    time.Time `json:"changed_at"`
}

func (n Number) empty() bool { return n.Name == "" && n.Phone == "" && n.Note == "" }

// numbers returns all places of a company in their order, empty where nothing
// was filled in.
func numbers(ctx context.Context, id string) ([]Number, error) {
	rows, err := db.Rows(ctx, func(n *Number) []any { return []any{&n.Place, &n.Name, &n.Phone, &n.Note, db.At(&n.At)} },
		"SELECT place, name, phone, note, changed_at FROM emergency_number WHERE org_id = ?", id)
	if err != nil {
		return nil, err
	}
	all := make([]Number, 0, len(Places))
	for _, place := range Places {
		n := Number{Place: place}
		for _, r := range rows {
			if r.Place == place {
				n = r
			}
		}
		all = append(all, n)
	}
	return all, nil
}

// Save keeps the numbers of a company, one for each place.
func (rm *Room) Save(ctx context.Context, id string, all []Number) error {
	var v problem.Invalid
	for i := range all {
		all[i].check(&v)
	}
	if err := v.Or(); err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		before, err := numbers(ctx, id)
		if err != nil {
			return err
		}
		changed := 0
		for i, n := range all {
			if n.Name == before[i].Name && n.Phone == before[i].Phone && n.Note == before[i].Note {
				continue
			}
			changed++
			if err := rm.keep(ctx, id, n); err != nil {
				return err
			}
		}
		if changed == 0 {
			return nil
		}
		return journal.Note(ctx, journal.Entry{
			Org: id, At: rm.Now(), Actor: web.CallerFrom(ctx).Account, Verb: "emergency.numbers-changed", Subject: id,
		}, map[string]any{"places": changed})
	})
}

func (rm *Room) keep(ctx context.Context, id string, n Number) error {
	if n.empty() {
		_, err := db.Exec(ctx, "DELETE FROM emergency_number WHERE org_id = ? AND place = ?", id, n.Place)
		return err
	}
	_, err := db.Exec(ctx, `
		INSERT INTO emergency_number (org_id, place, name, phone, note, changed_at, changed_by) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (org_id, place) DO UPDATE SET name = excluded.name, phone = excluded.phone, note = excluded.note,
			changed_at = excluded.changed_at, changed_by = excluded.changed_by`,
		id, n.Place, n.Name, n.Phone, n.Note, rm.Now(), web.CallerFrom(ctx).Account)
	return err
}

// check screens what was typed. Fields are named by their place: phone-lawyer.
// keys: field.emergency-phone, field.emergency-note
func (n *Number) check(v *problem.Invalid) {
	for _, f := range []struct {
		name string
		text *string
	}{{"name-" + n.Place, &n.Name}, {"note-" + n.Place, &n.Note}} {
		if strings.TrimSpace(*f.text) == "" {
			*f.text = ""
			continue
		}
		clean, flaw := org.Screen(*f.text)
		if flaw != nil {
			v.Add(f.name, flaw.Code, flaw.Args...)
		}
		*f.text = clean
	}
	v.Check(utf8.RuneCountInString(n.Note) <= maxNote, "note-"+n.Place, "emergency-note", "n", maxNote)
	phone, ok := cleanPhone(n.Phone)
	v.Check(ok, "phone-"+n.Place, "emergency-phone")
	n.Phone = phone
}

// cleanPhone takes a number as people type it, full-width digits included.
func cleanPhone(s string) (string, bool) {
	s = strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == 'ー' || r == '－' || r == '‐' || r == '–' || r == '−':
			return '-'
		case r == '（':
			return '('
		case r == '）':
			return ')'
		case r == '＋':
			return '+'
		case r == '＃':
			return '#'
		case r == '　':
			return ' '
		}
		return r
	}, s))
	return s, len(s) <= maxPhone && strings.Trim(s, "0123456789-()+#* ") == "" && (s == "" || strings.ContainsAny(s, "0123456789"))
}

// Close forgets the numbers of a company.
func (rm *Room) Close(ctx context.Context, id string) error {
	_, err := db.Exec(ctx, "DELETE FROM emergency_number WHERE org_id = ?", id)
	return err
}

// Export returns the numbers of a company, for its own copy of everything.
func (rm *Room) Export(ctx context.Context, id string) ([]Number, error) { return numbers(ctx, id) }
