package policy

import (
	"context"
	"slices"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// Piece is a paragraph of a comparison.
type Piece struct {
	Mark string `json:"mark"` // "", added or removed
	Text string `json:"text"`
}

// Change is what happened to a section.
type Change struct {
	Section string  `json:"section"`
	Title   string  `json:"title"`
	State   string  `json:"state"` // same, changed, added, removed
	Pieces  []Piece `json:"paragraphs"`
}

// ChangesView compares a version with the one before it.
type ChangesView struct {
	From    int      `json:"from"` // 0 when it is the first
	To      int      `json:"to"`
	Changes []Change `json:"sections"`

	org, document, title string
}

func (rm *Room) showChanges(ctx context.Context, in VersionIn) (ChangesView, error) {
	n, err := issue(in.Issue)
	if err != nil {
		return ChangesView{}, err
	}
	d, err := documentOf(ctx, in.Org, in.Policy)
	if err != nil {
		return ChangesView{}, err
	}
	t, err := rm.template(d.Template)
	if err != nil {
		return ChangesView{}, err
	}
	now, err := versionOf(ctx, in.Org, d.ID, n)
	if err != nil {
		return ChangesView{}, err
	}
	lang := i18n.From(ctx).Lang
	v := ChangesView{To: n, org: in.Org, document: d.ID, title: t.Title.in(lang)}
	after, err := chaptersOf(ctx, in.Org, now.ID)
	if err != nil {
		return v, err
	}
	var before []Chapter
	was, err := versionOf(ctx, in.Org, d.ID, n-1)
	switch {
	case err == nil:
		v.From = was.Number
		before, err = chaptersOf(ctx, in.Org, was.ID)
	case problem.Is(err, "not-found"):
		err = nil
	}
	v.Changes = compare(before, after, lang)
	return v, err
}

// compare holds two texts against each other, section by section.
func compare(before, after []Chapter, lang i18n.Lang) []Change {
	all := []Change{}
	find := func(in []Chapter, id string) *Chapter {
		if i := slices.IndexFunc(in, func(c Chapter) bool { return c.ID == id }); i >= 0 {
			return &in[i]
		}
		return nil
	}
	for i := range after {
		b, a := find(before, after[i].ID), &after[i]
		c := Change{Section: a.ID, Title: a.title(lang), State: "same", Pieces: []Piece{}}
		old := ""
		if b != nil {
			old = b.body(lang)
		}
		switch now := a.body(lang); {
		case old == now:
		case old == "":
			c.State, c.Pieces = "added", paragraphs(nil, lines(now))
		case now == "":
			c.State, c.Pieces = "removed", paragraphs(lines(old), nil)
		default:
			c.State, c.Pieces = "changed", paragraphs(lines(old), lines(now))
		}
		all = append(all, c)
	}
	for i := range before {
		if find(after, before[i].ID) == nil {
			all = append(all, Change{before[i].ID, before[i].title(lang), "removed", paragraphs(lines(before[i].body(lang)), nil)})
		}
	}
	return all
}

// paragraphs compares two texts by their longest common run of paragraphs.
func paragraphs(old, now []string) []Piece {
	common := make([][]int, len(old)+1)
	for i := range common {
		common[i] = make([]int, len(now)+1)
	}
	for i := len(old) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if old[i] == now[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	all := []Piece{}
	i, j := 0, 0
	for i < len(old) || j < len(now) {
		switch {
		case i < len(old) && j < len(now) && old[i] == now[j]:
			all = append(all, Piece{"", old[i]})
			i, j = i+1, j+1
		case i < len(old) && (j == len(now) || common[i+1][j] >= common[i][j+1]):
			all = append(all, Piece{"removed", old[i]})
			i++
		default:
			all = append(all, Piece{"added", now[j]})
			j++
		}
	}
	return all
}

// title is the heading in a language.
func (c Chapter) title(lang i18n.Lang) string {
	if lang == i18n.EN && c.TitleEN != "" {
		return c.TitleEN
	}
	return c.TitleJA
}

// body is the text in a language; what nobody translated stands in Japanese.
func (c Chapter) body(lang i18n.Lang) string {
	if lang == i18n.EN && c.EN != "" {
		return c.EN
	}
	return c.JA
}

func lines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, "\n")
}
