package assess

import (
	"context"
	"strings"
	"time"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// ListView is all items of a pack with what is answered.
type ListView struct {
	Pack     string    `json:"pack"`
	Title    string    `json:"title"`
	Kind     Kind      `json:"kind"`
	Edition  string    `json:"edition"`
	Verified bool      `json:"verified"`
	Items    int       `json:"items"`
	Answered int       `json:"answered"`
	Rows     []RowView `json:"answers"`
	Tally    *Tally    `json:"tally,omitempty"` // of criteria

	depth     int // what is shown at first
	stand     *Standing
	org       string
	s         *sheet
	now       time.Time
	later     *sheet
	mayAnswer bool
}

func (rm *Room) list(ctx context.Context, in listIn) (ListView, error) {
	s, err := rm.sheet(in.Pack)
	if err != nil {
		return ListView{}, err
	}
	if s.Kind == Criteria {
		return rm.criteriaList(ctx, s, in)
	}
	answers, err := answersOf(ctx, in.Org, s.ID)
	if err != nil {
		return ListView{}, err
	}
	shown, err := shownOf(ctx, in.Org, s.ID, rm.Now())
	if err != nil {
		return ListView{}, err
	}
	// The rows are made the way a result makes them.
	r := ResultView{s: s}
	if err := rm.addRows(ctx, &r, answers, shown[s.ID].Items); err != nil {
		return ListView{}, err
	}
	return ListView{
		Pack: s.ID, Title: s.title.In(ctx), Kind: s.Kind, Edition: s.Edition, Verified: s.Verified, Items: len(s.Items), Answered: s.answered(answers),
		Rows: r.Rows, org: in.Org, s: s, now: rm.Now(), later: rm.laterEdition(s), mayAnswer: mayAnswer(ctx),
	}, nil
}

type listIn struct {
	Org   string `path:"org" json:"-"`
	Pack  string `path:"pack" json:"-"`
	Depth int    `query:"depth"` // 1 to 3: how much of a pack of criteria is shown
}

func (v ListView) url() string  { return packURL(v.org, v.Pack) }
func (v ListView) open() int    { return v.Items - v.Answered }
func (v ListView) pledge() bool { return v.Kind == Pledge }

// title says how far the answers have come.
func (v ListView) title() ui.Words {
	switch {
	case v.Answered == 0 && v.pledge():
		return ui.T("assess.pledge.start", "n", v.Items)
	case v.Answered == 0:
		return ui.T("assess.list.start", "n", v.Items)
	case v.open() > 0 && v.pledge():
		return ui.T("assess.pledge.open", "n", v.open())
	case v.open() > 0:
		return ui.T("assess.list.open", "n", v.open())
	case v.pledge():
		return ui.T("assess.pledge.ready")
	}
	return ui.T("assess.list.done", "n", v.Items)
}

func (v ListView) page() ui.Page {
	return ui.Page{OwnWord: true, Title: v.Title, Room: ui.Mamoru, Notice: oldEdition(v.org, v.s, v.later), Trail: []ui.Link{
		{Label: ui.T("ui.room.mamoru"), URL: homeURL(v.org)},
		{Label: v.s.title},
	}}
}

// chapter is the items of one part; a pledge has a single one without a title.
type chapter struct {
	title *words // nil in a pledge
	id    string
	from  int // place of its first item
	rows  []RowView
}

func (v ListView) chapters() []chapter {
	var all []chapter
	for i, row := range v.Rows {
		part := v.s.Items[i].Part
		if len(all) == 0 || all[len(all)-1].id != "part-"+part {
			all = append(all, chapter{title: v.s.parts[part], id: "part-" + part, from: i})
		}
		c := &all[len(all)-1]
		c.rows = append(c.rows, row)
	}
	return all
}

func joinNames(ctx context.Context, names []string) string {
	if i18n.From(ctx).Lang == i18n.EN {
		return strings.Join(names, ", ")
	}
	return strings.Join(names, "、")
}
