package assess

import (
	"cmp"
	"context"
	"embed"
	"slices"
	"time"

	"github.com/minamori-project/minamori/internal/db"
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
	Detail
	// Source says where the value came from: "" the company itself, or one of the
	// Source constants; SourceNote says more, in words or ids of that source.
	Source     string
	SourceNote string
}

// Detail is what a careful reader wants to know beside a choice.
type Detail struct {
	Reason    string // why it does not apply; needed with NotApplicable
	Scope     string // what the answer covers
	Exception string // what it leaves out
}

// Where an answer came from when not from the company itself.
const (
	SourceMapped   = "mapped"   // from the answer to another framework
	SourceHelper   = "helper"   // proposed by a helper, accepted by the company
	SourceImported = "imported" // from a file
	SourceCheck    = "check"
)

func (a *Answer) fields() []any {
	return []any{&a.Item, &a.Choice, &a.Memo, db.At(&a.At), &a.By, &a.Revision, &a.Behalf.Words, &a.Behalf.Channel, db.At(&a.Behalf.Told),
		&a.Reason, &a.Scope, &a.Exception, &a.Source, &a.SourceNote}
}

const answerColumns = `item, choice, memo, answered_at, answered_by, revision, behalf_words, behalf_channel, behalf_told_at,
	reason, scope, exception, source, source_note`

// values are the columns of an answer, in the order of answerColumns.
func (a *Answer) values() []any {
	return []any{a.Item, a.Choice, a.Memo, db.Text(a.At), a.By, a.Revision, a.Behalf.Words, a.Behalf.Channel, a.Behalf.Told,
		a.Reason, a.Scope, a.Exception, a.Source, a.SourceNote}
}

// answersOf returns the present answers to a pack, by item.
func answersOf(ctx context.Context, org, pack string) (map[string]Answer, error) {
	all := map[string]Answer{}
	err := db.Each(ctx, (*Answer).fields, func(a Answer) error {
		all[a.Item] = a
		return nil
	}, "SELECT "+answerColumns+" FROM assess_answer WHERE org_id = ? AND pack = ?", org, pack)
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
		INSERT INTO assess_answer (org_id, pack, `+answerColumns+`)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (org_id, pack, item) DO UPDATE SET choice = excluded.choice, memo = excluded.memo,
			answered_at = excluded.answered_at, answered_by = excluded.answered_by, revision = excluded.revision,
			behalf_words = excluded.behalf_words, behalf_channel = excluded.behalf_channel, behalf_told_at = excluded.behalf_told_at,
			reason = excluded.reason, scope = excluded.scope, exception = excluded.exception,
			source = excluded.source, source_note = excluded.source_note`,
		append([]any{org, pack}, a.values()...)...)
}

func keepPast(ctx context.Context, org, pack string, a Answer) error {
	return db.Later(ctx, nil, "INSERT INTO assess_answer_past (org_id, pack, "+answerColumns+
		") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", append([]any{org, pack}, a.values()...)...)
}

// DayResult is where a company stood at the end of a day. In a pack of criteria
// Points is how many of them evidence shows.
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

// Trend is where a company stood at the end of the days on which that changed,
// oldest first: points of a diagnosis, and of criteria how many evidence shows.
func (rm *Room) Trend(ctx context.Context, org, pack string) ([]DayResult, error) {
	if _, err := rm.sheet(pack); err != nil {
		return nil, err
	}
	return trendOf(ctx, org, pack)
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
// An answer takes the columns as they are called, evidence takes them in its own
// meaning (see the second SELECT).
func storyOf(ctx context.Context, org, pack, item string) (story itemStory, err error) {
	type row struct {
		Answer
		kind    int
		until   time.Time
		against bool
	}
	fields := func(r *row) []any { return append([]any{&r.kind, db.At(&r.until), &r.against}, r.Answer.fields()...) }
	err = db.Each(ctx, fields, func(r row) error {
		a := r.Answer
		switch r.kind {
		case 0:
			a.Item = item
			story.past = append(story.past, a)
		case 1:
			story.evidence = append(story.evidence, Evidence{
				ID: a.Item, Name: a.Choice, Note: a.Memo, At: a.At, By: a.By, Blob: a.Behalf.Words, Kind: a.Behalf.Channel,
				Form: a.Reason, URL: a.Scope, Sensitivity: a.Exception, Source: a.Source, Ref: a.SourceNote, ValidUntil: r.until, Against: r.against, Item: item,
			})
		case 2:
			story.present = a
		}
		return nil
	}, `SELECT 0, NULL, FALSE, `+answerColumns+` FROM (
			SELECT `+answerColumns+` FROM assess_answer_past
			WHERE org_id = ? AND pack = ? AND item = ? ORDER BY revision DESC LIMIT ?) latest
		UNION ALL
		SELECT 1, e.valid_until, e.against, e.id, e.name, e.note, e.collected_at, e.collected_by, 0, e.blob_id, e.kind, NULL,
			e.form, e.url, e.sensitivity, e.source, e.ref
			FROM assess_proof p JOIN assess_evidence e ON e.id = p.evidence_id
			WHERE p.org_id = ? AND p.pack = ? AND p.item = ?
		UNION ALL
		SELECT 2, NULL, FALSE, `+answerColumns+` FROM assess_answer
			WHERE org_id = ? AND pack = ? AND item = ?`, org, pack, item, maxPast, org, pack, item, org, pack, item)
	// Few rows each: sorting them here spares the database a table of its own.
	slices.SortFunc(story.past, func(a, b Answer) int { return cmp.Compare(b.Revision, a.Revision) })
	slices.SortStableFunc(story.evidence, func(a, b Evidence) int { return b.At.Compare(a.At) })
	return story, err
}
