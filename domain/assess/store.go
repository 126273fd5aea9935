package assess

import (
	"cmp"
	"context"
	"embed"
	"errors"
	"slices"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

//go:embed schema/*.sql
var schemaFiles embed.FS

// Schema is the tables of this room.
func Schema() db.Schema { return db.Embedded("assess", schemaFiles) }

// Answer is what a company answers to one item.
type Answer struct {
	Item     string
	Choice   string
	Memo     string
	At       time.Time
	By       string // account
	Revision int    // from 1; each change counts one up
	Behalf   Behalf // how it came when staff entered it
}

func (a *Answer) fields() []any {
	return []any{&a.Item, &a.Choice, &a.Memo, db.At(&a.At), &a.By, &a.Revision, &a.Behalf.Words, &a.Behalf.Channel, db.At(&a.Behalf.Told)}
}

// answersOf returns the present answers to a pack, by item.
func answersOf(ctx context.Context, org, pack string) (map[string]Answer, error) {
	all := map[string]Answer{}
	err := db.Each(ctx, (*Answer).fields, func(a Answer) error {
		all[a.Item] = a
		return nil
	}, `SELECT item, choice, memo, answered_at, answered_by, revision, behalf_words, behalf_channel, behalf_told_at
		FROM assess_answer WHERE org_id = ? AND pack = ?`, org, pack)
	return all, err
}

// choicesAt is choicesOf answersOf without reading what the score does not need:
// texts and times are most of it.
func choicesAt(ctx context.Context, org, pack string) (map[string]string, error) {
	type row struct{ item, choice string }
	all := map[string]string{}
	err := db.Each(ctx, func(r *row) []any { return []any{&r.item, &r.choice} }, func(r row) error {
		all[r.item] = r.choice
		return nil
	}, "SELECT item, choice FROM assess_answer WHERE org_id = ? AND pack = ?", org, pack)
	return all, err
}

// choicesOf is a set of answers as Score reads it.
func choicesOf(answers map[string]Answer) map[string]string {
	all := make(map[string]string, len(answers))
	for id, a := range answers {
		all[id] = a.Choice
	}
	return all
}

// answersEverywhere returns all answers of a company, by pack and item, without
// their memos.
func answersEverywhere(ctx context.Context, org string) (map[string]map[string]Answer, error) {
	type row struct {
		pack string
		Answer
	}
	fields := func(r *row) []any { return []any{&r.pack, &r.Item, &r.Choice, db.At(&r.At), &r.By} }
	all := map[string]map[string]Answer{}
	err := db.Each(ctx, fields, func(r row) error {
		if all[r.pack] == nil {
			all[r.pack] = map[string]Answer{}
		}
		all[r.pack][r.Item] = r.Answer
		return nil
	}, `SELECT pack, item, choice, answered_at, answered_by FROM assess_answer WHERE org_id = ?`, org)
	return all, err
}

func putAnswer(ctx context.Context, org, pack string, a Answer) error {
	return db.Later(ctx, nil, `
		INSERT INTO assess_answer (org_id, pack, item, choice, memo, answered_at, answered_by, revision,
			behalf_words, behalf_channel, behalf_told_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (org_id, pack, item) DO UPDATE SET choice = excluded.choice, memo = excluded.memo,
			answered_at = excluded.answered_at, answered_by = excluded.answered_by, revision = excluded.revision,
			behalf_words = excluded.behalf_words, behalf_channel = excluded.behalf_channel, behalf_told_at = excluded.behalf_told_at`,
		org, pack, a.Item, a.Choice, a.Memo, db.Text(a.At), a.By, a.Revision, a.Behalf.Words, a.Behalf.Channel, a.Behalf.Told)
}

func keepPast(ctx context.Context, org, pack string, a Answer) error {
	return db.Later(ctx, nil, `
		INSERT INTO assess_answer_past (org_id, pack, item, choice, memo, answered_at, answered_by, revision,
			behalf_words, behalf_channel, behalf_told_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		org, pack, a.Item, a.Choice, a.Memo, db.Text(a.At), a.By, a.Revision, a.Behalf.Words, a.Behalf.Channel, a.Behalf.Told)
}

// DayResult is where a company stood at the end of a day.
type DayResult struct {
	Day      Date `json:"day"`
	Points   int  `json:"points"`
	Answered int  `json:"answered"`
}

func putResult(ctx context.Context, org, pack string, r DayResult) error {
	return db.Later(ctx, nil, `
		INSERT INTO assess_result (org_id, pack, day, points, answered) VALUES (?, ?, ?, ?, ?)
		ON CONFLICT (org_id, pack, day) DO UPDATE SET points = excluded.points, answered = excluded.answered`,
		org, pack, string(r.Day), r.Points, r.Answered)
}

// maxTrend bounds what a page draws: two years of a result every week.
const maxTrend = 104

// trendOf returns the results of a company, oldest first.
func trendOf(ctx context.Context, org, pack string) ([]DayResult, error) {
	fields := func(r *DayResult) []any { return []any{(*string)(&r.Day), &r.Points, &r.Answered} }
	return db.Rows(ctx, fields, `
		SELECT day, points, answered FROM (
			SELECT day, points, answered FROM assess_result
			WHERE org_id = ? AND pack = ? ORDER BY day DESC LIMIT ?) latest
		ORDER BY day`, org, pack, maxTrend)
}

// Evidence is a file that shows that an answer is so.
type Evidence struct {
	ID   string
	Item string
	Blob string
	Name string
	Note string
	At   time.Time
	By   string // account
}

func putEvidence(ctx context.Context, org, pack string, e Evidence) error {
	_, err := db.Exec(ctx, `
		INSERT INTO assess_evidence (id, org_id, pack, item, blob_id, name, note, collected_at, collected_by)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		e.ID, org, pack, e.Item, e.Blob, e.Name, e.Note, db.Text(e.At), e.By)
	return err
}

// evidenceNamed returns a file of an item of a company, or a problem.
func evidenceNamed(ctx context.Context, org, pack, item, id string) (Evidence, error) {
	fields := func(e *Evidence) []any { return []any{&e.ID, &e.Item, &e.Blob, &e.Name} }
	e, err := db.One(ctx, fields, `SELECT id, item, blob_id, name FROM assess_evidence
		WHERE id = ? AND org_id = ? AND pack = ? AND item = ?`, id, org, pack, item)
	if errors.Is(err, db.ErrNone) {
		err = problem.NotFound()
	}
	return e, err
}

// Shown is how much of a pack has evidence.
type Shown struct {
	Items  map[string]bool // items with evidence
	Oldest time.Time       // among the newest of each item
}

// shownOf returns which items have evidence, by pack; pack "" means all packs.
func shownOf(ctx context.Context, org, pack string) (map[string]Shown, error) {
	type row struct {
		pack, item string
		at         time.Time
	}
	fields := func(r *row) []any { return []any{&r.pack, &r.item, db.At(&r.at)} }
	all := map[string]Shown{}
	err := db.Each(ctx, fields, func(r row) error {
		s := all[r.pack]
		if s.Items == nil {
			s.Items = map[string]bool{}
		}
		s.Items[r.item] = true
		if s.Oldest.IsZero() || r.at.Before(s.Oldest) {
			s.Oldest = r.at
		}
		all[r.pack] = s
		return nil
	}, `SELECT pack, item, MAX(collected_at) FROM assess_evidence
		WHERE org_id = ? AND (pack = ? OR ? = '') GROUP BY pack, item`, org, pack, pack)
	return all, err
}

// answeredItems returns which items of a pack have an answer: a question page
// needs no more of the others, and the index alone tells it.
func answeredItems(ctx context.Context, org, pack string) (map[string]Answer, error) {
	all := map[string]Answer{}
	err := db.Each(ctx, func(a *Answer) []any { return []any{&a.Item} }, func(a Answer) error {
		all[a.Item] = a
		return nil
	}, "SELECT item FROM assess_answer WHERE org_id = ? AND pack = ?", org, pack)
	return all, err
}

// itemStory is what is known of one item of a company.
type itemStory struct {
	present  Answer   // revision 0 when there is none
	past     []Answer // newest first
	evidence []Evidence
}

// maxPast bounds the earlier answers that a page draws: somebody who goes on
// changing his mind must not make a page of any size. The journal keeps them all.
const maxPast = 50

// storyOf reads an item in one query: the question page is asked for most of all.
func storyOf(ctx context.Context, org, pack, item string) (story itemStory, err error) {
	type row struct {
		kind, revision int
		a, b, c, by    string
		at             time.Time
		behalf         Behalf
	}
	fields := func(r *row) []any {
		return []any{&r.kind, &r.revision, &r.a, &r.b, &r.c, db.At(&r.at), &r.by, &r.behalf.Words, &r.behalf.Channel, db.At(&r.behalf.Told)}
	}
	err = db.Each(ctx, fields, func(r row) error {
		switch answer := (Answer{Item: item, Choice: r.a, Memo: r.b, At: r.at, By: r.by, Revision: r.revision, Behalf: r.behalf}); r.kind {
		case 0:
			story.past = append(story.past, answer)
		case 1:
			story.evidence = append(story.evidence, Evidence{ID: r.a, Item: item, Name: r.b, Note: r.c, At: r.at, By: r.by})
		case 2:
			story.present = answer
		}
		return nil
	}, `SELECT 0, revision, choice, memo, '', answered_at, answered_by, behalf_words, behalf_channel, behalf_told_at FROM (
			SELECT revision, choice, memo, answered_at, answered_by, behalf_words, behalf_channel, behalf_told_at FROM assess_answer_past
			WHERE org_id = ? AND pack = ? AND item = ? ORDER BY revision DESC LIMIT ?) latest
		UNION ALL
		SELECT 1, 0, id, name, note, collected_at, collected_by, '', '', NULL FROM assess_evidence
			WHERE org_id = ? AND pack = ? AND item = ?
		UNION ALL
		SELECT 2, revision, choice, memo, '', answered_at, answered_by, behalf_words, behalf_channel, behalf_told_at FROM assess_answer
			WHERE org_id = ? AND pack = ? AND item = ?`, org, pack, item, maxPast, org, pack, item, org, pack, item)
	// Few rows each: sorting them here spares the database a table of its own.
	slices.SortFunc(story.past, func(a, b Answer) int { return cmp.Compare(b.Revision, a.Revision) })
	slices.SortStableFunc(story.evidence, func(a, b Evidence) int { return b.At.Compare(a.At) })
	return story, err
}
