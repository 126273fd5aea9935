package assess

import (
	"context"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// Colleague is somebody of the company who can be asked.
type Colleague struct{ Account, Name string }

// CommentView is what somebody said about an item.
type CommentView struct {
	ID    string    `json:"id"`
	Words string    `json:"words"`
	At    time.Time `json:"said_at"`
	By    string    `json:"said_by"` // a name, "" when the person has left
	To    []string  `json:"to"`      // who was asked, by name
}

// CommentsView is what was said about an item, oldest first.
type CommentsView struct {
	Pack     string        `json:"pack"`
	Item     string        `json:"item"`
	Comments []CommentView `json:"comments"`

	org       string
	s         *sheet
	i         int
	people    []Colleague
	mayAnswer bool
	typed     *commentIn
	bad       *problem.Problem
}

// maxComments is how many the page of an item shows, the newest of them; the
// journal and the export hold all.
const maxComments = 100

type commentRow struct {
	id, words, by string
	at            time.Time
}

func (rm *Room) comments(ctx context.Context, in itemIn) (CommentsView, error) {
	s, i, err := rm.position(in.Pack, in.Item)
	if err != nil {
		return CommentsView{}, err
	}
	v := CommentsView{Pack: in.Pack, Item: in.Item, Comments: []CommentView{}, org: in.Org, s: s, i: i, mayAnswer: mayAnswer(ctx)}
	rows, err := db.Rows(ctx, func(r *commentRow) []any { return []any{&r.id, &r.words, &r.by, db.At(&r.at)} }, `
		SELECT id, words, said_by, said_at FROM (SELECT id, words, said_by, said_at FROM assess_comment
			WHERE org_id = ? AND pack = ? AND item = ? ORDER BY said_at DESC, id LIMIT ?) latest ORDER BY said_at, id`,
		in.Org, in.Pack, in.Item, maxComments)
	if err != nil {
		return v, err
	}
	asked, err := mentionsAt(ctx, in)
	if err != nil {
		return v, err
	}
	if v.people, err = rm.colleagues(ctx, in.Org); err != nil {
		return v, err
	}
	names := map[string]string{}
	for _, c := range v.people {
		names[c.Account] = c.Name
	}
	for _, r := range rows {
		c := CommentView{ID: r.id, Words: r.words, At: r.at, By: names[r.by], To: []string{}}
		for _, a := range asked[r.id] {
			if names[a] != "" {
				c.To = append(c.To, names[a])
			}
		}
		v.Comments = append(v.Comments, c)
	}
	return v, nil
}

func (rm *Room) colleagues(ctx context.Context, org string) ([]Colleague, error) {
	if rm.Colleagues == nil {
		return nil, nil
	}
	return rm.Colleagues(ctx, org)
}

// mentionsAt returns who was asked, by comment.
func mentionsAt(ctx context.Context, in itemIn) (map[string][]string, error) {
	type row struct{ comment, account string }
	all := map[string][]string{}
	err := db.Each(ctx, func(r *row) []any { return []any{&r.comment, &r.account} }, func(r row) error {
		all[r.comment] = append(all[r.comment], r.account)
		return nil
	}, `SELECT m.comment_id, m.account FROM assess_mention m JOIN assess_comment c ON c.id = m.comment_id
		WHERE c.org_id = ? AND c.pack = ? AND c.item = ? ORDER BY m.account`, in.Org, in.Pack, in.Item)
	return all, err
}

type commentIn struct {
	Org   string   `path:"org" json:"-"`
	Pack  string   `path:"pack" json:"-"`
	Item  string   `path:"item" json:"-"`
	Words string   `json:"words"`
	To    []string `json:"to"` // accounts to ask
}

// comment keeps what somebody said and whom it asks. Only people of the company can
// be asked.
func (rm *Room) comment(ctx context.Context, in commentIn) (onward, error) {
	if _, _, err := rm.position(in.Pack, in.Item); err != nil {
		return onward{}, err
	}
	in.Words = Tidy(in.Words)
	var v problem.Invalid
	v.Check(in.Words != "", "words", "assess-comment-none")
	v.Check(utf8.RuneCountInString(in.Words) <= MaxMemo, "words", "assess-memo-long", "n", MaxMemo)
	v.Check(!strings.ContainsFunc(in.Words, Unseen), "words", "assess-memo-signs")
	if err := v.Or(); err != nil {
		return onward{}, err
	}
	return onward{itemURL(in.Org, in.Pack, in.Item) + "/comments"}, rm.DB.Write(ctx, func(ctx context.Context) error {
		return rm.putComment(ctx, in)
	})
}

func (rm *Room) putComment(ctx context.Context, in commentIn) error {
	id, now, actor := db.NewID(), rm.Now(), web.CallerFrom(ctx).Account
	people, err := rm.colleagues(ctx, in.Org)
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, "INSERT INTO assess_comment (id, org_id, pack, item, words, said_at, said_by) VALUES (?, ?, ?, ?, ?, ?, ?)",
		id, in.Org, in.Pack, in.Item, in.Words, db.Text(now), actor); err != nil {
		return err
	}
	for _, to := range in.To {
		if !slices.ContainsFunc(people, func(c Colleague) bool { return c.Account == to }) {
			return problem.NotFound()
		}
		if _, err := db.Exec(ctx, "INSERT INTO assess_mention (org_id, comment_id, account) VALUES (?, ?, ?) ON CONFLICT (comment_id, account) DO NOTHING",
			in.Org, id, to); err != nil {
			return err
		}
	}
	return journal.Note(ctx, journal.Entry{Org: in.Org, At: now, Actor: actor, Verb: "assess.commented", Subject: in.Pack + "/" + in.Item},
		struct {
			Words string `json:"words"`
		}{in.Words})
}

// seen says that the caller has read what he was asked here.
func (rm *Room) seen(ctx context.Context, in itemIn) (onward, error) {
	err := rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, `UPDATE assess_mention SET seen_at = ? WHERE org_id = ? AND account = ? AND seen_at IS NULL
			AND comment_id IN (SELECT id FROM assess_comment WHERE org_id = ? AND pack = ? AND item = ?)`,
			db.Text(rm.Now()), in.Org, web.CallerFrom(ctx).Account, in.Org, in.Pack, in.Item)
		return err
	})
	return onward{itemURL(in.Org, in.Pack, in.Item)}, err
}

func (rm *Room) commentAgain(ctx context.Context, in commentIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.comments(ctx, itemIn{in.Org, in.Pack, in.Item})
	if err != nil {
		return nil, err
	}
	v.typed, v.bad = &in, p
	return commentsPage(v), nil
}

// AskedView is an item at which somebody asks the reader.
type AskedView struct {
	Pack  string `json:"pack"`
	Item  string `json:"item"`
	Title string `json:"title"`

	title *words
}

// askedOf returns where an account is asked and has not said that it read it.
func (rm *Room) askedOf(ctx context.Context, org, account string) ([]AskedView, error) {
	places, err := db.Rows(ctx, func(p *Place) []any { return []any{&p.Pack, &p.Item} }, `
		SELECT DISTINCT c.pack, c.item FROM assess_mention m JOIN assess_comment c ON c.id = m.comment_id
		WHERE m.org_id = ? AND m.account = ? AND m.seen_at IS NULL ORDER BY 1, 2 LIMIT 10`, org, account)
	var all []AskedView
	for _, p := range places {
		if s, i, err := rm.position(p.Pack, p.Item); err == nil {
			all = append(all, AskedView{p.Pack, p.Item, s.items[i].title.In(ctx), s.items[i].title})
		}
	}
	return all, err
}

func (v CommentsView) url() string { return itemURL(v.org, v.Pack, v.Item) }

// field is the box for words, with what was typed and what is wrong with it.
// keys: field.assess-comment-none
func (v CommentsView) field() ui.FieldView {
	f := ui.FieldView{Kind: ui.FieldTextarea, Name: "words", Rows: 3, Label: ui.T("assess.comment.words"), MaxLength: MaxMemo}
	if v.typed != nil {
		f.Value = v.typed.Words
		if code := v.bad.FieldCode("words"); code != "" {
			f.Error = ui.T("field."+code, "n", MaxMemo)
		}
	}
	return f
}

func (v CommentsView) options() []ui.Option {
	var all []ui.Option
	for _, c := range v.people {
		all = append(all, ui.Option{Value: c.Account, Label: ui.Plain(c.Name), Chosen: v.typed != nil && slices.Contains(v.typed.To, c.Account)})
	}
	return all
}
