package review

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Kinds of page that count as looks.
// keys: review.page.snapshot, review.page.file
const (
	pageSnapshot = "snapshot"
	pageFile     = "file"
)

// journalEvery keeps a morning's work from filling the journal.
const journalEvery = time.Hour

// look records that a page is about to be shown. It asks for the seat once more,
// in the transaction that counts: what was ended since the page was made is not
// sent.
func (rm *Room) look(ctx context.Context, id, page string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := rm.open(ctx, web.CallerFrom(ctx), id)
		if err != nil {
			return err
		}
		if page == pageFile && !s.Files {
			return problem.NotFound()
		}
		now := rm.Now()
		var journalled time.Time
		_, err = db.One(ctx, func(*struct{}) []any { return []any{db.At(&journalled)} },
			"SELECT MAX(journalled_at) FROM review_look WHERE seat_id = ? AND page = ?", id, page)
		if err != nil {
			return err
		}
		due := now.Sub(journalled) >= journalEvery || now.Before(journalled)
		if due {
			journalled = now
		}
		_, err = db.Exec(ctx, `
			INSERT INTO review_look (seat_id, org_id, page, day, looks, last_at, journalled_at) VALUES (?, ?, ?, ?, 1, ?, ?)
			ON CONFLICT (seat_id, page, day) DO UPDATE
			SET looks = review_look.looks + 1, last_at = excluded.last_at, journalled_at = excluded.journalled_at`,
			id, s.Org, page, i18n.ISO(now), now, journalled)
		if err != nil || !due {
			return err
		}
		return rm.note(ctx, s.Org, "review.looked", id, words{Name: s.Name, Page: page})
	})
}

// Look is how often a specialist looked at a kind of page on a day.
type Look struct {
	Seat  string    `json:"seat"`
	Page  string    `json:"page"`
	Day   string    `json:"day"`
	Looks int       `json:"looks"`
	Last  time.Time `json:"last"`
}

func (l *Look) fields() []any { return []any{&l.Seat, &l.Page, &l.Day, &l.Looks, db.At(&l.Last)} }

const maxLooks = 200

func looksOn(ctx context.Context, company, snapshot string) ([]Look, error) {
	return db.Rows(ctx, (*Look).fields, `SELECT l.seat_id, l.page, l.day, l.looks, l.last_at
		FROM review_look l JOIN review_seat s ON s.id = l.seat_id
		WHERE l.org_id = ? AND s.snapshot_id = ? ORDER BY l.day DESC, l.last_at DESC, l.page LIMIT ?`, company, snapshot, maxLooks)
}

// calledName is the name under which a company asks somebody.
func calledName(o org.Organisation) string {
	if open := o.OpenName(); open != "" {
		return open
	}
	return o.Name
}
