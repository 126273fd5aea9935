package assess

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

// Channels by which somebody's words reached the staff who entered them.
const (
	Paper = "paper"
	Phone = "phone"
	Visit = "visit"
)

// Channels lists them in the order of a form.
func Channels() []string { return []string{Paper, Phone, Visit} }

// Behalf says how an answer came that staff entered for a company (代理入力). The
// zero value means that somebody of the company answered.
type Behalf struct {
	Words   string // whose words: a name, "" once it was erased
	Channel string // Paper, Phone or Visit
	Told    time.Time
}

func (b Behalf) none() bool { return b.Channel == "" }

// MaxWords is how many characters the name of a teller may have.
const MaxWords = 60

// check finds what is wrong with how an answer came.
func (b *Behalf) check(v *problem.Invalid, now time.Time) {
	b.Words = strings.TrimSpace(b.Words)
	n := utf8.RuneCountInString(b.Words)
	v.Check(n > 0, "words", "assess-behalf-words")
	v.Check(n <= MaxWords, "words", "assess-memo-long", "n", MaxWords)
	v.Check(!strings.ContainsFunc(b.Words, func(r rune) bool { return Unseen(r) || r == '\n' || r == '\t' }), "words", "assess-memo-signs")
	v.Check(slices.Contains(Channels(), b.Channel), "channel", "assess-behalf-channel")
	v.Check(!b.Told.IsZero() && dateOf(b.Told) <= dateOf(now) && b.Told.After(now.AddDate(-1, 0, -1)), "told", "assess-behalf-told")
}

// notPledged refuses a promise from somebody else's hand.
func (s *sheet) notPledged() error {
	if s.Kind == Pledge {
		return problem.New(http.StatusConflict, "assess-behalf-pledge")
	}
	return nil
}

// SheetAnswer is one line of a sheet that is entered as a whole.
type SheetAnswer struct {
	Item, Choice string
	Revision     int // the one that was seen, 0 when there was none
}

// AnswerAll enters a sheet for a company: all of it or nothing, each answer noted
// in the journal. Memos stay as they are. It returns how many answers changed.
// The problem is "assess-conflict" when an answer was given since its revision was
// seen, "assess-behalf-pledge" for a pledge: nobody promises for another.
func (rm *Room) AnswerAll(ctx context.Context, org, pack, actor string, how Behalf, all []SheetAnswer) (changed int, err error) {
	s, err := rm.sheet(pack)
	if err != nil {
		return 0, err
	}
	if err := rm.sheetSound(s, &how, all); err != nil {
		return 0, err
	}
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		changed = 0
		answers, err := answersOf(ctx, org, pack)
		if err != nil {
			return err
		}
		for _, x := range all {
			before := answers[x.Item].Revision
			err := rm.answer(ctx, s, AnswerInput{
				Org: org, Pack: pack, Item: x.Item, Choice: x.Choice, KeepMemo: true, Revision: x.Revision, Actor: actor, Behalf: &how,
			}, answers)
			if err != nil {
				return err
			}
			if answers[x.Item].Revision != before {
				changed++
			}
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return changed, nil
}

func (rm *Room) sheetSound(s *sheet, how *Behalf, all []SheetAnswer) error {
	if err := s.notPledged(); err != nil {
		return err
	}
	var v problem.Invalid
	how.check(&v, rm.Now())
	seen := map[string]bool{}
	for _, x := range all {
		if _, ok := s.index[x.Item]; !ok || seen[x.Item] {
			return problem.NotFound()
		}
		seen[x.Item] = true
		_, known := s.choices[x.Choice]
		v.Check(known, "answers."+x.Item, "assess-choice")
	}
	return v.Or()
}

// BehalfView says how an answer came that staff entered.
type BehalfView struct {
	Words   string    `json:"words"` // whose words; "" once the name was erased
	Channel string    `json:"channel"`
	Told    time.Time `json:"told_at"`
}

// behalf is how the answer came, or nil.
func (a Answer) behalf() *BehalfView {
	if a.Behalf.none() {
		return nil
	}
	return &BehalfView{a.Behalf.Words, a.Behalf.Channel, a.Behalf.Told}
}

// author says who answered: a name, or whose words staff entered, how and when.
func (v AnswerView) author(ctx context.Context) string {
	b := v.Behalf
	if b == nil {
		return v.By
	}
	staff, teller := i18n.T(ctx, "assess.behalf.staff"), i18n.T(ctx, "assess.behalf.somebody")
	if v.By != "" {
		staff = i18n.T(ctx, "assess.behalf.person", "name", v.By)
	}
	if b.Words != "" {
		teller = i18n.T(ctx, "assess.behalf.person", "name", b.Words)
	}
	// keys: assess.behalf.paper, assess.behalf.phone, assess.behalf.visit
	return i18n.T(ctx, "assess.behalf."+b.Channel, "staff", staff, "teller", teller, "day", i18n.Date(ctx, b.Told))
}

// EraseWords forgets the names of those whose words staff entered for a company;
// the answers stay. The journal never held the names.
func (rm *Room) EraseWords(ctx context.Context, org, actor string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		now := rm.Now()
		if err := forgetWords(ctx, org, now); err != nil {
			return err
		}
		return journal.Note(ctx, journal.Entry{Org: org, At: now, Actor: actor, Verb: wordsErased, Subject: org, Revokes: true}, nil)
	})
}

const wordsErased = "assess.words_erased"

// Replay does again, after a restore, what an entry of this room took away.
func (rm *Room) Replay(ctx context.Context, e journal.Entry) error {
	if e.Verb == statisticsLeft {
		return rm.DB.Write(ctx, func(ctx context.Context) error {
			_, err := leaveStatistics(ctx, e.Org, e.At)
			return err
		})
	}
	if e.Verb != wordsErased {
		return nil
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error { return forgetWords(ctx, e.Org, e.At) })
}

func forgetWords(ctx context.Context, org string, until time.Time) error {
	for _, table := range [...]string{"assess_answer", "assess_answer_past"} {
		_, err := db.Exec(ctx, "UPDATE "+table+" SET behalf_words = '' WHERE org_id = ? AND behalf_words <> '' AND answered_at <= ?", org, until)
		if err != nil {
			return err
		}
	}
	return nil
}
