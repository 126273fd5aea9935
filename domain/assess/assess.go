package assess

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// Profile is what this room needs to know of an organisation.
type Profile struct {
	Name       string
	Number     string // 法人番号, or "" for those without one
	Industry   string // division of the JSIC, a letter from A to T; "" when unknown
	SizeClass  string // "" when unknown
	Depth      int    // how deep it is asked at first: 1 small, 2 medium, 3 large; 0 is 1
	Prefecture string
}

// Config is what a Room stands on. The functions run in the transaction of their
// context, except KeepFile and DropFile, which bring their own.
type Config struct {
	DB    *db.DB
	Now   func() time.Time
	Packs *Library

	Organisation func(ctx context.Context, org string) (Profile, error)
	// People returns the names to show for accounts; who is not in it has left.
	People func(ctx context.Context, accounts []string) (map[string]string, error)

	// Colleagues are the people of a company who can be asked; it may be nil.
	Colleagues func(ctx context.Context, org string) ([]Colleague, error)

	// KeepFile keeps a file and returns its id and its SHA-256 in hex.
	KeepFile func(ctx context.Context, org string, u web.Upload) (blob, digest string, err error)
	OpenFile func(ctx context.Context, org, blob string) (web.File, error)
	// DropFile deletes a file that nothing shows any more, after the commit. It
	// may be nil; the file is then out of reach but still kept.
	DropFile func(ctx context.Context, org, blob string) error

	// Count makes and reads the releases of numbers about companies; MayCount says
	// which companies may be in them besides consenting: those of which it is known
	// who speaks for them, and whose sharing is not paused.
	Count    *count.Counter
	MayCount func(ctx context.Context, orgs []string) (map[string]bool, error)

	// Notices are what the home of a company has to say before anything else: that
	// sharing is paused, say. It may be nil.
	Notices func(ctx context.Context, org string) ([]ui.NoticeView, error)
	// Wording is the official text of an item where the operator has loaded the
	// official workbook, else "". It stays in this installation. It may be nil.
	Wording func(ctx context.Context, pack, item string) (string, error)
	// Doors are the pages of other rooms that the home leads to. It may be nil.
	Doors func(org string) []ui.Link
}

// Room is the verbs of this room.
type Room struct {
	Config
	sheets map[string]*sheet
}

// New makes the texts of all packs ready.
func New(cfg Config) *Room {
	rm := &Room{Config: cfg, sheets: map[string]*sheet{}}
	for _, p := range cfg.Packs.Packs() {
		rm.sheets[p.ID] = newSheet(p)
	}
	return rm
}

// sheet returns a pack by its id, or a problem.
func (rm *Room) sheet(pack string) (*sheet, error) {
	if s := rm.sheets[pack]; s != nil {
		return s, nil
	}
	return nil, problem.NotFound()
}

// position returns a pack and the place of an item in it, or a problem.
func (rm *Room) position(pack, item string) (*sheet, int, error) {
	s, err := rm.sheet(pack)
	if err != nil {
		return nil, 0, err
	}
	i, ok := s.index[item]
	if !ok {
		return nil, 0, problem.NotFound()
	}
	return s, i, nil
}

// AnswerInput is an answer somebody gives.
type AnswerInput struct {
	Org, Pack, Item string
	Choice, Memo    string
	KeepMemo        bool // leave memo and detail as they are; Memo and Detail are not looked at
	Detail
	Source, SourceNote string // "" when it is the company's own word
	Revision           int    // the one that was seen, 0 when there was none
	Actor              string
	Behalf             *Behalf // how it came, when staff enter it for the company
}

// MaxMemo is how many characters a memo may have.
const MaxMemo = 2000

// Answer saves an answer and returns all answers to the pack. An answer that
// changes nothing is not counted again. When somebody else has answered since
// Revision, nothing is saved and the problem is "assess-conflict".
func (rm *Room) Answer(ctx context.Context, in AnswerInput) (map[string]Answer, error) {
	s, _, err := rm.position(in.Pack, in.Item)
	if err != nil {
		return nil, err
	}
	in.Memo = Tidy(in.Memo)
	var v problem.Invalid
	_, known := s.choices[in.Choice]
	v.Check(known, "answer", "assess-choice")
	v.Check(utf8.RuneCountInString(in.Memo) <= MaxMemo, "memo", "assess-memo-long", "n", MaxMemo)
	v.Check(!strings.ContainsFunc(in.Memo, Unseen), "memo", "assess-memo-signs")
	in.Detail.check(&v)
	if in.Behalf != nil {
		if err := s.notPledged(); err != nil {
			return nil, err
		}
		how := *in.Behalf
		how.check(&v, rm.Now())
		in.Behalf = &how
	}
	if err := v.Or(); err != nil {
		return nil, err
	}
	var answers map[string]Answer
	err = rm.DB.Write(ctx, func(ctx context.Context) (err error) {
		if answers, err = answersOf(ctx, in.Org, in.Pack); err != nil {
			return err
		}
		return rm.answer(ctx, s, in, answers)
	})
	return answers, err
}

func (rm *Room) answer(ctx context.Context, s *sheet, in AnswerInput, answers map[string]Answer) error {
	old, answered := answers[in.Item]
	if in.KeepMemo {
		in.Memo, in.Detail = old.Memo, old.Detail
	}
	if in.Choice == NotApplicable && in.Reason == "" {
		return noReason()
	}
	switch {
	case answered && old.Choice == in.Choice && old.Memo == in.Memo && old.Detail == in.Detail && old.Source == in.Source && (old.Behalf.none() || in.Behalf != nil):
		return nil // else: the company makes its own what staff had entered for it
	case answered && old.Revision != in.Revision && !in.mayReplaceUnseen(old):
		return problem.New(http.StatusConflict, "assess-conflict")
	}
	if answered {
		if err := keepPast(ctx, in.Org, in.Pack, old); err != nil {
			return err
		}
	}
	now := rm.Now()
	a := Answer{
		Item: in.Item, Choice: in.Choice, Memo: in.Memo, At: now, By: in.Actor, Revision: old.Revision + 1,
		Detail: in.Detail, Source: in.Source, SourceNote: in.SourceNote,
	}
	words := answeredWords{Choice: in.Choice, Memo: in.Memo, Reason: in.Reason, Scope: in.Scope, Exception: in.Exception, Source: in.Source}
	if in.Behalf != nil {
		a.Behalf, words.Channel = *in.Behalf, in.Behalf.Channel
	}
	if err := putAnswer(ctx, in.Org, in.Pack, a); err != nil {
		return err
	}
	answers[in.Item] = a
	if err := rm.putDay(ctx, s, in.Org, answers, now); err != nil {
		return err
	}
	return journal.Note(ctx, journal.Entry{
		Org: in.Org, At: now, Actor: in.Actor, Verb: "assess.answered", Subject: in.Pack + "/" + in.Item,
	}, words)
}

// MaxDetail is how many characters a reason, a scope or an exception may have.
const MaxDetail = 500

func (d *Detail) check(v *problem.Invalid) {
	for name, text := range map[string]*string{"reason": &d.Reason, "scope": &d.Scope, "exception": &d.Exception} {
		*text = Tidy(*text)
		long, signs := "assess-memo-long", "assess-memo-signs"
		v.Check(utf8.RuneCountInString(*text) <= MaxDetail, name, long, "n", MaxDetail)
		v.Check(!strings.ContainsFunc(*text, Unseen), name, signs)
	}
}

// noReason is for "not applicable" that does not say why: a reader must be able to
// judge it.
func noReason() error {
	var v problem.Invalid
	v.Check(false, "reason", "assess-reason")
	return v.Or()
}

// mayReplaceUnseen says that an answer is the actor's own: the same person on two
// pages. Staff replace unseen only what they entered themselves.
func (in AnswerInput) mayReplaceUnseen(old Answer) bool {
	return old.By == in.Actor && (in.Behalf == nil || !old.Behalf.none())
}

// putDay keeps where the day ends: the points of a complete diagnosis, and of
// criteria those that evidence shows.
func (rm *Room) putDay(ctx context.Context, s *sheet, org string, answers map[string]Answer, now time.Time) error {
	if s.Kind == Criteria {
		shown, err := evidenceOf(ctx, org, s.ID)
		if err != nil {
			return err
		}
		stand := Stand(s.Pack, answers, shown, now)
		return putResult(ctx, org, s.ID, DayResult{dateOf(now), stand.Tally.Shown, stand.Tally.Answered()})
	}
	if r := Score(s.Pack, choicesOf(answers)); r.Complete {
		return putResult(ctx, org, s.ID, DayResult{dateOf(now), r.Points, r.Answered})
	}
	return nil
}

type answeredWords struct {
	Choice    string `json:"choice"`
	Memo      string `json:"memo,omitempty"`
	Reason    string `json:"reason,omitempty"`
	Scope     string `json:"scope,omitempty"`
	Exception string `json:"exception,omitempty"`
	Source    string `json:"source,omitempty"`
	// Channel says that staff entered it. The name of the teller is not noted:
	// the tables alone hold it, and forget it.
	Channel string `json:"on_behalf,omitempty"`
}

// Tidy gives every line the same end: browsers send CR LF.
func Tidy(memo string) string {
	return strings.TrimSpace(strings.ReplaceAll(memo, "\r\n", "\n"))
}

// Unseen says that a character changes how others are read without being seen
// itself (threats: bidirectional and invisible characters). The joiner of emoji
// and the selectors of Japanese name forms are kept.
func Unseen(r rune) bool {
	switch {
	case r == '\n' || r == '\t' || r == '\u200d':
		return false
	case unicode.IsControl(r), r >= 0xE0000 && r <= 0xE007F:
		return true
	}
	return unicode.Is(unicode.Cf, r)
}

// Answers returns what a company has answered to a pack, by item.
func (rm *Room) Answers(ctx context.Context, org, pack string) (map[string]Answer, error) {
	if _, err := rm.sheet(pack); err != nil {
		return nil, err
	}
	return answersOf(ctx, org, pack)
}

// Posture returns where a company stands in a pack.
func (rm *Room) Posture(ctx context.Context, org, pack string) (Result, error) {
	s, err := rm.sheet(pack)
	if err != nil {
		return Result{}, err
	}
	choices, err := choicesAt(ctx, org, pack)
	return Score(s.Pack, choices), err
}

// History returns the earlier answers to an item, newest first.
func (rm *Room) History(ctx context.Context, org, pack, item string) ([]Answer, error) {
	if _, _, err := rm.position(pack, item); err != nil {
		return nil, err
	}
	story, err := storyOf(ctx, org, pack, item)
	return story.past, err
}

// fileName keeps what people see of a name: its last part, without signs that
// hide its ending, and at most 120 characters.
func fileName(name string) string {
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if Unseen(r) || r == '\n' || r == '\t' || r == utf8.RuneError {
			return -1
		}
		return r
	}, name)
	if runes := []rune(name); len(runes) > 120 {
		name = string(runes[:60]) + "…" + string(runes[len(runes)-59:])
	}
	return name
}

// names returns the names of those who answered or brought something.
func (rm *Room) names(ctx context.Context, ids map[string]bool) (map[string]string, error) {
	if len(ids) == 0 || rm.People == nil {
		return nil, nil
	}
	all := make([]string, 0, len(ids))
	for id := range ids {
		all = append(all, id)
	}
	return rm.People(ctx, all)
}
