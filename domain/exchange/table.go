package exchange

import (
	"context"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/unicode/norm"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// column is what a column of an exported table holds.
type column string

// The columns, in the order in which they are written.
const (
	colItem      column = "item"
	colTitle     column = "title"
	colQuestion  column = "question"
	colWording   column = "wording"
	colChoice    column = "choice"
	colMemo      column = "memo"
	colReason    column = "reason"
	colScope     column = "scope"
	colException column = "exception"
	colDay       column = "day"
	colRevision  column = "revision"
)

// columns lists those of an export; the official wording has one only where it is
// known.
func columns(wording bool) []column {
	all := []column{colItem, colTitle, colQuestion, colWording, colChoice, colMemo, colReason, colScope, colException, colDay, colRevision}
	if !wording {
		all = slices.DeleteFunc(all, func(c column) bool { return c == colWording })
	}
	return all
}

// heading is the name of a column in a register.
// keys: exchange.col.item, exchange.col.title, exchange.col.question, exchange.col.wording, exchange.col.choice, exchange.col.memo
// keys: exchange.col.reason, exchange.col.scope, exchange.col.exception, exchange.col.day, exchange.col.revision
func (c column) heading(ctx context.Context) string { return i18n.T(ctx, "exchange.col."+string(c)) }

// record is one item with its answer, as a file holds it.
type record struct {
	Item    *assess.Item
	Wording string
	Answer  assess.Answer
}

// cell is the text of a column.
func (r record) cell(p *assess.Pack, c column, lang i18n.Lang) string {
	a := r.Answer
	switch c {
	case colItem:
		return r.Item.Sign()
	case colTitle:
		return r.Item.Title.In(lang)
	case colQuestion:
		return r.Item.Question.In(lang)
	case colWording:
		return r.Wording
	case colChoice:
		return label(p, a.Choice, lang)
	case colMemo:
		return a.Memo
	case colReason:
		return a.Reason
	case colScope:
		return a.Scope
	case colException:
		return a.Exception
	case colDay:
		return day(a.At)
	}
	return ""
}

func day(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return i18n.ISO(t)
}

// label is the word of a choice, "" when there is no answer.
func label(p *assess.Pack, code string, lang i18n.Lang) string {
	if c := p.Choice(code); c != nil {
		return c.Label.In(lang)
	}
	return ""
}

// taken is the answers of a company to a pack, as they leave.
type taken struct {
	pack    *assess.Pack
	company Company
	records []record
	wording bool
	at      time.Time
	lang    i18n.Lang
}

func (rm *Room) pack(id string) (*assess.Pack, error) {
	if p := rm.Assess.Packs.ByID(id); p != nil {
		return p, nil
	}
	return nil, problem.NotFound()
}

// take reads what a company has answered.
func (rm *Room) take(ctx context.Context, org, pack string) (*taken, error) {
	p, err := rm.pack(pack)
	if err != nil {
		return nil, err
	}
	answers, err := rm.Assess.Answers(ctx, org, pack)
	if err != nil {
		return nil, err
	}
	wording, err := rm.Wording(ctx, pack)
	if err != nil {
		return nil, err
	}
	t := &taken{pack: p, at: rm.Now(), lang: i18n.From(ctx).Lang, wording: len(wording) > 0}
	if t.company, err = rm.Company(ctx, org); err != nil {
		return nil, err
	}
	for i := range p.Items {
		x := &p.Items[i]
		t.records = append(t.records, record{Item: x, Wording: wording[x.ID], Answer: answers[x.ID]})
	}
	return t, nil
}

// fileName is ASCII, so that it survives every system it is sent through.
func (t *taken) fileName(ending string) string {
	return t.pack.ID + "-" + i18n.ISO(t.at) + "." + ending
}

// folded is a word as it is compared: width, case and spaces do not count.
func folded(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(s)), ""))
}

// marks are the signs that people write instead of words, by what they mean.
var marks = map[string]string{
	"○": "yes", "〇": "yes", "◯": "yes", "⭕": "yes", "◎": "yes", "●": "yes",
	"△": "half", "▲": "half", "×": "no", "✕": "no", "✖": "no", "❌": "no", "x": "no",
	"-": "none", "―": "none", "ー": "none", "—": "none", "–": "none",
}

// meanings are the codes of a mark by kind of pack. A mark that a kind does not know
// means nothing there.
var meanings = map[assess.Kind]map[string]string{
	assess.Criteria:  {"yes": assess.Met, "half": assess.Partly, "no": assess.NotMetChoice, "none": assess.NotApplicable},
	assess.Diagnosis: {"yes": assess.Done, "half": assess.Partly, "no": assess.NotDone},
	assess.Pledge:    {"yes": assess.Done, "half": assess.Partly, "no": assess.NotDone},
}

// vocabulary are the words that name the choices of a pack: labels in every register,
// codes, marks, and numbers of a maturity.
func vocabulary(p *assess.Pack) map[string]string {
	all := map[string]string{}
	for mark, meaning := range marks {
		if code := meanings[p.Kind][meaning]; code != "" && p.Choice(code) != nil {
			all[folded(mark)] = code
		}
	}
	for _, c := range p.Choices {
		all[folded(c.Code)] = c.Code
		if digit, ok := strings.CutPrefix(c.Code, "m"); ok && p.Kind == assess.Maturity {
			all[digit] = c.Code
		}
		for _, l := range i18n.Langs {
			all[folded(c.Label.In(l))] = c.Code
		}
	}
	return all
}

// items are the ways in which a file may name the items of a pack.
func items(p *assess.Pack) map[string]string {
	all := map[string]string{}
	for i := range p.Items {
		x := &p.Items[i]
		all[folded(x.ID)] = x.ID
		all[folded(x.Sign())] = x.ID
	}
	return all
}
