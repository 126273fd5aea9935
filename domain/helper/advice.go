package helper

import (
	"context"
	"net/http"
	"time"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// maxAdvice bounds what stands under one grant, and the page that lists it.
const maxAdvice = 200

// Advice is what a helper wrote about one item.
type Advice struct {
	ID    string
	Grant string
	Pack  string
	Item  string
	Words string
	At    time.Time
	Name  string // of the helper, as he says
	Done  time.Time
}

const adviceColumns = "a.id, a.grant_id, a.pack, a.item, a.words, a.written_at, g.helper_name, a.done_at"

func (a *Advice) fields() []any {
	return []any{&a.ID, &a.Grant, &a.Pack, &a.Item, &a.Words, db.At(&a.At), &a.Name, db.At(&a.Done)}
}

// Advise leaves advice on an item that the helper may see.
// keys: problem.helper-advice-full.title, problem.helper-advice-full.hint
func (rm *Room) Advise(ctx context.Context, by web.Caller, grant, pack, item, said string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		g, err := rm.seen(ctx, by, grant, Helper, pageItem)
		if err != nil {
			return err
		}
		if !rm.Answers.Knows(pack, item) {
			return problem.NotFound()
		}
		var v problem.Invalid
		said := text(&v, "advice", said, false)
		if err := v.Or(); err != nil {
			return err
		}
		n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM helper_advice WHERE grant_id = ?", grant)
		if err != nil {
			return err
		}
		if n >= maxAdvice {
			return problem.New(http.StatusConflict, "helper-advice-full", "n", maxAdvice)
		}
		id := db.NewID()
		_, err = db.Exec(ctx, `INSERT INTO helper_advice (id, grant_id, org_id, pack, item, words, written_at, written_by, done_at, done_by)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL, '')`, id, grant, g.Org, pack, item, said, rm.Now(), by.Account)
		if err != nil {
			return err
		}
		return rm.note(ctx, string(g.Org), "helper.advised", id, words{Name: g.Name, Text: said})
	})
}

// MarkDone says that a company has done what was advised.
func (rm *Room) MarkDone(ctx context.Context, company org.ID, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		a, err := adviceNamed(ctx, company, id)
		if err != nil || !a.Done.IsZero() {
			return err
		}
		if _, err := db.Exec(ctx, "UPDATE helper_advice SET done_at = ?, done_by = ? WHERE id = ?", rm.Now(), actor(ctx), id); err != nil {
			return err
		}
		return rm.note(ctx, string(company), "helper.advice-done", id, words{})
	})
}

// DropAdvice deletes advice; the journal keeps that there was some.
func (rm *Room) DropAdvice(ctx context.Context, company org.ID, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := adviceNamed(ctx, company, id); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "DELETE FROM helper_advice WHERE id = ?", id); err != nil {
			return err
		}
		return rm.noteRevoked(ctx, string(company), "helper.advice-deleted", id, words{})
	})
}

func adviceNamed(ctx context.Context, company org.ID, id string) (Advice, error) {
	a, err := db.One(ctx, (*Advice).fields, "SELECT "+adviceColumns+` FROM helper_advice a JOIN helper_grant g ON g.id = a.grant_id
		WHERE a.org_id = ? AND a.id = ?`, company, id)
	return a, orNotFound(err)
}

// adviceTo returns a company's advice: what is to do first, then the newest.
func adviceTo(ctx context.Context, company org.ID) ([]Advice, error) {
	return db.Rows(ctx, (*Advice).fields, "SELECT "+adviceColumns+` FROM helper_advice a JOIN helper_grant g ON g.id = a.grant_id
		WHERE a.org_id = ? ORDER BY CASE WHEN a.done_at IS NULL THEN 0 ELSE 1 END, a.written_at DESC, a.id LIMIT ?`, company, maxAdvice)
}

// adviceUnder returns what was advised under a grant, about one item or ("") all.
func adviceUnder(ctx context.Context, grant, pack, item string) ([]Advice, error) {
	return db.Rows(ctx, (*Advice).fields, "SELECT "+adviceColumns+` FROM helper_advice a JOIN helper_grant g ON g.id = a.grant_id
		WHERE a.grant_id = ? AND (? = '' OR a.pack = ? AND a.item = ?) ORDER BY a.written_at DESC, a.id LIMIT ?`,
		grant, item, pack, item, maxAdvice)
}
