package assess

import (
	"context"
	"time"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// What somebody outside sees of a company's answers when the company has granted
// it to him. Whether it has is not asked here: the caller checks the grant in the
// same transaction. Nobody of the company is named, no earlier answer is shown,
// and files are told by SharedFiles alone, since they are granted apart.

// SharedPack is where a company stands in a pack, with each answer.
type SharedPack struct {
	Pack     string
	Title    string
	Kind     Kind
	Edition  string
	Items    int
	Answered int
	Unknown  int
	Points   int
	Max      int
	Complete bool
	Band     *BandView
	At       time.Time // of the newest answer; zero when there is none
	Next     []NextView
	Rows     []SharedRow

	s *sheet
}

// SharedRow is one line of all answers; Choice is "" without one.
type SharedRow struct {
	Item   string
	Number int
	Title  string
	Choice string
	Word   string
	At     time.Time
	// OnBehalf says how the answer came when staff entered it, without a name; ""
	// when the company answered itself.
	OnBehalf string

	s *sheet
	i int
}

// SharedItem is one question with its present answer.
type SharedItem struct {
	SharedRow
	PackTitle string
	Total     int
	Question  string
	Memo      string
}

// SharedFile is a file that shows that an answer is so.
type SharedFile struct {
	ID   string
	Name string
	At   time.Time
}

// TitleWords is the name of the pack in the reader's register.
func (p SharedPack) TitleWords() ui.Words { return p.s.title }

// TitleWords is the name of the item in the reader's register.
func (r SharedRow) TitleWords() ui.Words { return r.s.items[r.i].title }

// Sign is the answer with its shape; nil without one.
func (r SharedRow) Sign() ui.Words {
	if r.Choice == "" {
		return nil
	}
	return r.s.sign(r.Choice, false)
}

// QuestionWords is the question in the reader's register, ExplainWords what it
// means.
func (x SharedItem) QuestionWords() ui.Words { return x.s.items[x.i].question }

// ExplainWords says what the question means.
func (x SharedItem) ExplainWords() ui.Words { return x.s.items[x.i].explain }

// PackWords is the name of the pack in the reader's register.
func (x SharedItem) PackWords() ui.Words { return x.s.title }

// SharedOverview returns where a company stands in every pack that holds today
// or was answered, without the single answers.
func (rm *Room) SharedOverview(ctx context.Context, org string) ([]SharedPack, error) {
	answers, err := answersEverywhere(ctx, org)
	if err != nil {
		return nil, err
	}
	var all []SharedPack
	for _, s := range rm.homeSheets(answers) {
		all = append(all, s.shared(ctx, answers[s.ID]))
	}
	return all, nil
}

// SharedAnswers returns a pack with the single answers, or problem.NotFound for
// an unknown pack.
func (rm *Room) SharedAnswers(ctx context.Context, org, pack string) (SharedPack, error) {
	s, err := rm.sheet(pack)
	if err != nil {
		return SharedPack{}, err
	}
	answers, err := answersOf(ctx, org, pack)
	if err != nil {
		return SharedPack{}, err
	}
	p := s.shared(ctx, answers)
	p.Next = s.nextViews(ctx, choicesOf(answers))
	for i := range s.Items {
		p.Rows = append(p.Rows, s.sharedRow(ctx, i, answers[s.Items[i].ID]))
	}
	return p, nil
}

func (s *sheet) shared(ctx context.Context, answers map[string]Answer) SharedPack {
	r := Score(s.Pack, choicesOf(answers))
	p := SharedPack{
		Pack: s.ID, Title: s.title.In(ctx), Kind: s.Kind, Edition: s.Edition, Items: r.Items, Answered: r.Answered,
		Unknown: r.Unknown, Points: r.Points, Max: r.Max, Complete: r.Complete, s: s,
	}
	if r.Band != nil {
		b := s.bands[r.Band.Code]
		p.Band = &BandView{r.Band.Code, b.label.In(ctx), b.advice.In(ctx)}
	}
	for _, a := range answers {
		if a.At.After(p.At) {
			p.At = a.At
		}
	}
	return p
}

func (s *sheet) sharedRow(ctx context.Context, i int, a Answer) SharedRow {
	r := SharedRow{Item: s.Items[i].ID, Number: s.Items[i].Number, Title: s.items[i].title.In(ctx), Choice: a.Choice, At: a.At, s: s, i: i}
	if c, ok := s.choices[a.Choice]; ok {
		r.Word = c.label.In(ctx)
	}
	if b := a.behalf(); b != nil {
		b.Words = ""
		r.OnBehalf = AnswerView{Behalf: b}.author(ctx)
	}
	return r
}

// SharedItem returns one question with its present answer, or problem.NotFound
// for an unknown one.
func (rm *Room) SharedItem(ctx context.Context, org, pack, item string) (SharedItem, error) {
	s, i, err := rm.position(pack, item)
	if err != nil {
		return SharedItem{}, err
	}
	answers, err := answersOf(ctx, org, pack)
	if err != nil {
		return SharedItem{}, err
	}
	a := answers[item]
	return SharedItem{
		SharedRow: s.sharedRow(ctx, i, a), PackTitle: s.title.In(ctx), Total: len(s.Items), Question: s.items[i].question.In(ctx), Memo: a.Memo,
	}, nil
}

// Knows says that a pack has the item: who writes about it must not invent one.
func (rm *Room) Knows(pack, item string) bool {
	_, _, err := rm.position(pack, item)
	return err == nil
}

// SharedFiles lists the files of an item, the newest first.
func (rm *Room) SharedFiles(ctx context.Context, org, pack, item string) ([]SharedFile, error) {
	fields := func(f *SharedFile) []any { return []any{&f.ID, &f.Name, db.At(&f.At)} }
	return db.Rows(ctx, fields, `SELECT e.id, e.name, e.collected_at FROM assess_proof p JOIN assess_evidence e ON e.id = p.evidence_id
		WHERE p.org_id = ? AND p.pack = ? AND p.item = ? AND e.kind = ? AND e.sensitivity <> ?
		ORDER BY e.collected_at DESC, e.id LIMIT ?`, org, pack, item, KindFile, Secret, MaxEvidence)
}

// SharedFile opens a file of an item, or problem.NotFound.
func (rm *Room) SharedFile(ctx context.Context, org, pack, item, id string) (web.File, error) {
	return rm.evidenceFile(ctx, evidenceFileIn{org, pack, item, id}, false)
}
