package journal

import (
	"bytes"
	"context"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

// ByActor returns up to limit entries of an organisation that somebody made, the
// newest first.
func ByActor(ctx context.Context, org, actor string, limit int) ([]Entry, error) {
	entries, err := db.Rows(ctx, (*Entry).fields,
		"SELECT "+columns+" FROM journal_entry WHERE org_id = ? AND actor = ? ORDER BY seq DESC LIMIT ?", org, actor, limit)
	return marked(entries), err
}

// Concerned lists the organisations whose entries an account made or is the
// subject of, "" among them for what concerns no organisation.
func Concerned(ctx context.Context, account string) ([]string, error) {
	return db.Rows(ctx, func(s *string) []any { return []any{s} },
		"SELECT DISTINCT org_id FROM journal_entry WHERE actor = ? OR subject = ? ORDER BY org_id", account, account)
}

// Place names an entry.
type Place struct {
	Org     string
	Seq     int64
	Subject string
}

// Mentions finds the entries whose words hold a text, as it stands in JSON. It
// reads the whole journal: for the erasure of a person, which is rare.
func Mentions(ctx context.Context, text string) (found []Place, err error) {
	if text == "" {
		return nil, nil
	}
	type row struct {
		Place
		body []byte
	}
	err = db.Each(ctx, func(r *row) []any { return []any{&r.Org, &r.Seq, &r.Subject, &r.body} }, func(r row) error {
		if bytes.Contains(r.body, []byte(text)) {
			found = append(found, r.Place)
		}
		return nil
	}, "SELECT org_id, seq, subject, body FROM journal_entry WHERE body IS NOT NULL")
	return found, err
}

// Forget erases the words of one entry and notes it, as Erase does for a person.
func Forget(ctx context.Context, p Place, actor, reason string, at time.Time) error {
	n, err := db.Exec(ctx, "UPDATE journal_entry SET salt = NULL, body = NULL WHERE org_id = ? AND seq = ? AND salt IS NOT NULL", p.Org, p.Seq)
	if err != nil || n == 0 {
		return err
	}
	return Note(ctx, Entry{Org: p.Org, At: at, Actor: actor, Verb: erased, Subject: p.Subject, Revokes: true}, map[string]any{"reason": reason, "entries": n})
}

// EraseAll forgets all words of an organisation that is closed. What remains is
// ids, times and verbs, and the chain stays whole.
func EraseAll(ctx context.Context, org, reason string, at time.Time) error {
	_, err := Erase(ctx, org, org, "system", reason, at)
	return err
}
