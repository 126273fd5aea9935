package helper

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Kinds of page that count as looks.
// keys: helper.page.overview, helper.page.answers, helper.page.item, helper.page.file
const (
	pageOverview = "overview"
	pageAnswers  = "answers"
	pageItem     = "item"
	pageFile     = "file"
)

// journalEvery keeps a morning's work from filling the journal.
const journalEvery = time.Hour

// allows says that a page may be shown under the parts.
func (p Parts) allows(page string) bool {
	switch page {
	case pageOverview:
		return true
	case pageAnswers, pageItem:
		return p.Answers
	case pageFile:
		return p.Answers && p.Files
	}
	return false
}

// seen returns the grant under which a page may be shown.
func (rm *Room) seen(ctx context.Context, by web.Caller, id string, kind Kind, page string) (Grant, error) {
	g, err := rm.open(ctx, by, id, kind)
	if err == nil && !g.Parts.allows(page) {
		err = problem.NotFound()
	}
	return g, err
}

// look records that a page is about to be shown. It asks for the grant once more,
// in the transaction that counts: what was revoked since the page was made is not
// sent.
func (rm *Room) look(ctx context.Context, id string, kind Kind, page string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		g, err := rm.seen(ctx, web.CallerFrom(ctx), id, kind, page)
		if err != nil {
			return err
		}
		now, account := rm.Now(), actor(ctx)
		var journalled time.Time
		_, err = db.One(ctx, func(*struct{}) []any { return []any{db.At(&journalled)} },
			"SELECT MAX(journalled_at) FROM helper_look WHERE grant_id = ? AND account_id = ? AND page = ?", id, account, page)
		if err != nil {
			return err
		}
		due := kind == Support || now.Sub(journalled) >= journalEvery || now.Before(journalled)
		if due {
			journalled = now
		}
		_, err = db.Exec(ctx, `
			INSERT INTO helper_look (grant_id, org_id, account_id, page, day, looks, last_at, journalled_at)
			VALUES (?, ?, ?, ?, ?, 1, ?, ?)
			ON CONFLICT (grant_id, account_id, page, day) DO UPDATE
			SET looks = helper_look.looks + 1, last_at = excluded.last_at, journalled_at = excluded.journalled_at`,
			id, g.Org, account, page, i18n.ISO(now), now, journalled)
		if err != nil || !due {
			return err
		}
		return rm.note(ctx, string(g.Org), lookedVerbs[kind], id, words{Name: g.Name, Page: page})
	})
}

var lookedVerbs = map[Kind]string{Helper: "helper.looked", Support: "helper.support-looked"}

// Look is how often somebody looked at a kind of page on a day.
type Look struct {
	Grant   string    `json:"-"`
	Account string    `json:"-"`
	Page    string    `json:"page"`
	Day     string    `json:"day"`
	Looks   int       `json:"looks"`
	Last    time.Time `json:"last"`
}

func (l *Look) fields() []any {
	return []any{&l.Grant, &l.Account, &l.Page, &l.Day, &l.Looks, db.At(&l.Last)}
}

// maxLooks is how many lines of looks a page shows: the newest. The journal has
// the rest.
const maxLooks = 200

func looksUnder(ctx context.Context, company, grant string) ([]Look, error) {
	return db.Rows(ctx, (*Look).fields, `SELECT grant_id, account_id, page, day, looks, last_at FROM helper_look
		WHERE org_id = ? AND grant_id = ? ORDER BY day DESC, last_at DESC, page LIMIT ?`, company, grant, maxLooks)
}

// looksOf returns, for each grant of a company, all its looks and the last one.
func looksOf(ctx context.Context, company string) (map[string]Look, error) {
	all := map[string]Look{}
	err := db.Each(ctx, func(l *Look) []any { return []any{&l.Grant, &l.Looks, db.At(&l.Last)} }, func(l Look) error {
		all[l.Grant] = l
		return nil
	}, "SELECT grant_id, CAST(SUM(looks) AS BIGINT), MAX(last_at) FROM helper_look WHERE org_id = ? GROUP BY grant_id", company)
	return all, err
}
