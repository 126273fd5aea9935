package assess

import (
	"context"
	"net/url"
	"strconv"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

type itemIn struct {
	Org  string `path:"org" json:"-"`
	Pack string `path:"pack" json:"-"`
	Item string `path:"item" json:"-"`
}

type answerIn struct {
	Org       string     `path:"org" json:"-"`
	Pack      string     `path:"pack" json:"-"`
	Item      string     `path:"item" json:"-"`
	Answer    string     `json:"answer"`
	Memo      string     `json:"memo"`
	Revision  int        `json:"revision"`
	Reason    string     `json:"reason"`    // why it does not apply
	Scope     string     `json:"scope"`     // what the answer covers
	Exception string     `json:"exception"` // what it leaves out
	Form      string     `json:"form"`      // what the evidence shows
	Evidence  web.Upload `json:"evidence"`
}

// AnswerView is an answer as readers see it.
type AnswerView struct {
	Choice     string    `json:"choice"`
	Word       string    `json:"word"`
	Memo       string    `json:"memo,omitempty"`
	At         time.Time `json:"answered_at"`
	By         string    `json:"answered_by"` // a name, "" when the person has left
	Revision   int       `json:"revision"`
	Reason     string    `json:"reason,omitempty"`
	Scope      string    `json:"scope,omitempty"`
	Exception  string    `json:"exception,omitempty"`
	Source     string    `json:"source,omitempty"` // "" the company itself; mapped, helper, imported, check
	SourceNote string    `json:"source_note,omitempty"`
	// Behalf says how the answer came when staff entered it for the company.
	Behalf *BehalfView `json:"on_behalf,omitempty"`
}

// ChoiceView is a possible answer.
type ChoiceView struct {
	Code string `json:"code"`
	Word string `json:"word"`
}

// EvidenceView is a file that shows that an answer is so.
type EvidenceView struct {
	ID         string    `json:"id"`
	Kind       string    `json:"kind"`
	Form       string    `json:"form,omitempty"` // what it shows
	Name       string    `json:"name"`           // "" when the reader may not see it
	Note       string    `json:"note,omitempty"`
	URL        string    `json:"url,omitempty"`
	At         time.Time `json:"collected_at"`
	ValidUntil time.Time `json:"valid_until,omitzero"`
	By         string    `json:"collected_by"`
	Secret     bool      `json:"secret,omitempty"`
	Source     string    `json:"source,omitempty"` // the room that keeps it
	Against    bool      `json:"against,omitempty"`

	e Evidence
}

// ItemView is one question with what was answered to it.
type ItemView struct {
	Pack     string         `json:"pack"`
	Item     string         `json:"item"`
	Number   int            `json:"number"`
	Total    int            `json:"total"`
	Answered int            `json:"answered"`
	Question string         `json:"question"`
	Choices  []ChoiceView   `json:"choices"`
	Answer   *AnswerView    `json:"answer,omitempty"`
	History  []AnswerView   `json:"history"`
	Evidence []EvidenceView `json:"evidence"`
	Official string         `json:"official_wording,omitempty"` // where the operator has loaded it

	org       string
	s         *sheet
	i         int
	now       time.Time
	mayAnswer bool
	later     string
	typed     *answerIn        // after a problem: what stands in the form
	bad       *problem.Problem // what is wrong with it
}

// packURL is the address of a pack of a company.
func packURL(org, pack string) string {
	return "/orgs/" + url.PathEscape(org) + "/frameworks/" + pack
}

func itemURL(org, pack, item string) string { return packURL(org, pack) + "/items/" + item }

func (rm *Room) showItem(ctx context.Context, in itemIn) (ItemView, error) {
	s, i, err := rm.position(in.Pack, in.Item)
	if err != nil {
		return ItemView{}, err
	}
	answers, err := answeredItems(ctx, in.Org, in.Pack)
	if err != nil {
		return ItemView{}, err
	}
	story, err := storyOf(ctx, in.Org, in.Pack, in.Item)
	if err != nil {
		return ItemView{}, err
	}
	v := ItemView{
		Pack: s.ID, Item: in.Item, Number: i + 1, Total: len(s.Items), Answered: s.answered(answers),
		Question: s.items[i].question.In(ctx), History: []AnswerView{}, Evidence: []EvidenceView{},
		org: in.Org, s: s, i: i, now: rm.Now(), mayAnswer: web.RoleFrom(ctx) >= web.Member,
	}
	if _, answered := answers[in.Item]; !answered {
		depth, err := rm.depthFor(ctx, s, in.Org)
		if err != nil {
			return ItemView{}, err
		}
		v.later = nextURL(in.Org, s, answers, i, depth)
	}
	for _, c := range s.Choices {
		v.Choices = append(v.Choices, ChoiceView{c.Code, s.choices[c.Code].label.In(ctx)})
	}
	if s.Kind == Criteria && rm.Wording != nil {
		if v.Official, err = rm.Wording(ctx, s.ID, in.Item); err != nil {
			return ItemView{}, err
		}
	}
	return v, rm.addPeople(ctx, &v, story)
}

// addPeople fills in what was said and by whom.
func (rm *Room) addPeople(ctx context.Context, v *ItemView, story itemStory) error {
	ids := map[string]bool{}
	answered := story.present.Revision > 0
	if answered {
		ids[story.present.By] = true
	}
	for _, a := range story.past {
		ids[a.By] = true
	}
	for _, e := range story.evidence {
		ids[e.By] = true
	}
	names, err := rm.names(ctx, ids)
	if err != nil {
		return err
	}
	if answered {
		a := v.s.answerView(ctx, story.present, names)
		v.Answer = &a
	}
	for _, a := range story.past {
		v.History = append(v.History, v.s.answerView(ctx, a, names))
	}
	for _, e := range story.evidence {
		v.Evidence = append(v.Evidence, evidenceView(ctx, e, names[e.By]))
	}
	return nil
}

// evidenceView is evidence as the reader may see it: of what is secret, all but
// managers and owners learn only that it is there.
func evidenceView(ctx context.Context, e Evidence, by string) EvidenceView {
	v := EvidenceView{ID: e.ID, Kind: e.Kind, Form: e.Form, At: e.At, ValidUntil: e.ValidUntil, Secret: e.Sensitivity == Secret, Source: e.Source, Against: e.Against, e: e}
	if !v.Secret || web.RoleFrom(ctx) >= web.Manager {
		v.Name, v.Note, v.URL, v.By = e.Name, e.Note, e.URL, by
	}
	return v
}

func (s *sheet) answerView(ctx context.Context, a Answer, names map[string]string) AnswerView {
	v := AnswerView{
		Choice: a.Choice, Memo: a.Memo, At: a.At, By: names[a.By], Revision: a.Revision, Behalf: a.behalf(),
		Reason: a.Reason, Scope: a.Scope, Exception: a.Exception, Source: a.Source, SourceNote: a.SourceNote,
	}
	if c, ok := s.choices[a.Choice]; ok {
		v.Word = c.label.In(ctx)
	}
	return v
}

// answered counts the items with an answer that the pack knows.
func (s *sheet) answered(answers map[string]Answer) int {
	n := 0
	for id := range answers {
		if _, ok := s.index[id]; ok {
			n++
		}
	}
	return n
}

// firstOpen is the place of the first item without an answer after i, going
// round, or -1. What a company of its size is asked first comes before the rest.
func (s *sheet) firstOpen(answers map[string]Answer, i, depth int) int {
	deeper := -1
	for k := 1; k <= len(s.Items); k++ {
		next := (i + k) % len(s.Items)
		if _, ok := answers[s.Items[next].ID]; ok {
			continue
		}
		if s.Items[next].Depth <= depth {
			return next
		}
		if deeper < 0 {
			deeper = next
		}
	}
	return deeper
}

// nextURL is where to go on after item i: the next one without an answer, the
// result when there is none, the list when i itself is the last one open.
func nextURL(org string, s *sheet, answers map[string]Answer, i, depth int) string {
	switch next := s.firstOpen(answers, i, depth); {
	case next == -1 && s.scored():
		return packURL(org, s.ID) + "/result"
	case next == -1, next == i:
		return packURL(org, s.ID)
	default:
		return itemURL(org, s.ID, s.Items[next].ID)
	}
}

// scored says that the answers come to a result of their own. Criteria and
// maturity are read side by side, on the list.
func (s *sheet) scored() bool { return s.Kind == Diagnosis || s.Kind == Pledge }

// onward leads to another page.
type onward struct {
	Page string `json:"next_page"`
}

// Next leads the browser on.
func (v onward) Next() string { return v.Page }

// start leads to the first question without an answer, on any device.
func (rm *Room) start(ctx context.Context, in packIn) (onward, error) {
	s, err := rm.sheet(in.Pack)
	if err != nil {
		return onward{}, err
	}
	answers, err := answersOf(ctx, in.Org, in.Pack)
	if err != nil {
		return onward{}, err
	}
	depth, err := rm.depthFor(ctx, s, in.Org)
	return onward{nextURL(in.Org, s, answers, len(s.Items)-1, depth)}, err
}

// savedView is what was saved, and where to go on.
type savedView struct {
	Answer   AnswerView `json:"answer"`
	Answered int        `json:"answered"`
	Total    int        `json:"total"`
	Page     string     `json:"next_page"`
}

// Next leads the browser on.
func (v savedView) Next() string { return v.Page }

func (rm *Room) saveAnswer(ctx context.Context, in answerIn) (savedView, error) {
	actor := web.CallerFrom(ctx).Account
	answers, err := rm.Answer(ctx, AnswerInput{
		Org: in.Org, Pack: in.Pack, Item: in.Item, Choice: in.Answer, Memo: in.Memo, Revision: in.Revision, Actor: actor,
		Detail: Detail{in.Reason, in.Scope, in.Exception},
	})
	if err != nil {
		return savedView{}, err
	}
	if in.Evidence.Present() {
		if _, err := rm.AddEvidence(ctx, EvidenceInput{Org: in.Org, Actor: actor, At: Place{in.Pack, in.Item}, Form: in.Form, File: in.Evidence}); err != nil {
			return savedView{}, err
		}
	}
	return rm.saved(ctx, in.Org, in.Pack, in.Item, answers)
}

func (rm *Room) saved(ctx context.Context, org, pack, item string, answers map[string]Answer) (savedView, error) {
	s, i, err := rm.position(pack, item)
	if err != nil {
		return savedView{}, err
	}
	var depth int
	err = rm.DB.Read(ctx, func(ctx context.Context) (err error) {
		depth, err = rm.depthFor(ctx, s, org)
		return err
	})
	return savedView{
		Answer: s.answerView(ctx, answers[item], nil), Answered: s.answered(answers), Total: len(s.Items),
		Page: nextURL(org, s, answers, i, depth),
	}, err
}

// choiceIn is what the browser sends at once when a choice is made. The memo is
// not among it: half a sentence is not to be saved.
type choiceIn struct {
	Org      string `path:"org" json:"-"`
	Pack     string `path:"pack" json:"-"`
	Item     string `path:"item" json:"-"`
	Answer   string `json:"answer"`
	Revision int    `json:"revision"`
}

type choiceSaved struct {
	at    time.Time
	waits bool // for a reason, without which "not applicable" is no answer
}

func (rm *Room) saveChoice(ctx context.Context, in choiceIn) (choiceSaved, error) {
	answers, err := rm.Answer(ctx, AnswerInput{
		Org: in.Org, Pack: in.Pack, Item: in.Item, Choice: in.Answer, KeepMemo: true, Revision: in.Revision,
		Actor: web.CallerFrom(ctx).Account,
	})
	if in.Answer == NotApplicable && problem.As(err).FieldCode("reason") == "assess-reason" {
		return choiceSaved{waits: true}, nil
	}
	return choiceSaved{at: answers[in.Item].At}, err
}

func choiceSavedPage(v choiceSaved) templ.Component {
	if v.waits {
		return ui.T("assess.reason.first")
	}
	return ui.Saved(v.at)
}

// answerAgain shows the question with what was typed and what is wrong with it.
func (rm *Room) answerAgain(ctx context.Context, in answerIn, p *problem.Problem) (templ.Component, error) {
	if in.Org == "" {
		return nil, p // the form could not be read at all
	}
	v, err := rm.showItem(ctx, itemIn{in.Org, in.Pack, in.Item})
	if err != nil {
		return nil, err
	}
	v.typed, v.bad = &in, p
	return itemPage(v), nil
}

func (v ItemView) conflict() bool { return v.bad != nil && v.bad.Code == "assess-conflict" }

// fieldError is the text for a field that has to be mended, or nil.
// keys: field.assess-choice, field.assess-memo-long, field.assess-memo-signs, field.assess-evidence-none, field.assess-evidence-many
// keys: field.assess-reason, field.assess-link, field.assess-valid-until, field.choice
func (v ItemView) fieldError(name string) ui.Words {
	if v.bad == nil {
		return nil
	}
	for _, f := range v.bad.Fields {
		if f.Name == name {
			return ui.T("field."+f.Code, f.Args...)
		}
	}
	return nil
}

// errors lead from the head of the page to each field that has to be mended.
func (v ItemView) errors() []ui.FieldError {
	var all []ui.FieldError
	for _, name := range [...]string{"answer", "evidence", "memo", "reason", "scope", "exception"} {
		if text := v.fieldError(name); text != nil {
			all = append(all, ui.FieldError{ID: "f-" + name, Text: text})
		}
	}
	return all
}

// chosen and memo are what stands in the form: what was typed before what is saved.
func (v ItemView) chosen() string {
	switch {
	case v.typed != nil:
		return v.typed.Answer
	case v.Answer != nil:
		return v.Answer.Choice
	}
	return ""
}

func (v ItemView) memo() string {
	switch {
	case v.typed != nil:
		return v.typed.Memo
	case v.Answer != nil:
		return v.Answer.Memo
	}
	return ""
}

func (v ItemView) revision() int {
	if v.Answer != nil {
		return v.Answer.Revision
	}
	return 0
}

func (v ItemView) url() string { return itemURL(v.org, v.Pack, v.Item) }

// card is the question as the shell draws it.
func (v ItemView) card(ctx context.Context) ui.QuestionView {
	w := &v.s.items[v.i]
	q := ui.QuestionView{
		Number: v.Number, Total: v.Total, Answered: v.Answered, Ask: w.question, Lead: w.explain.orNone(),
		Error: v.fieldError("answer"), Action: v.url(), SaveURL: v.url() + "/choice",
		Hidden: []ui.Hidden{{Name: "revision", Value: strconv.Itoa(v.revision())}},
		Memo: &ui.FieldView{Kind: ui.FieldTextarea, Name: "memo", Rows: 2, Label: ui.T("assess.memo"), Hint: ui.T("assess.memo.hint"),
			Optional: true, Value: v.memo(), MaxLength: MaxMemo, Error: v.fieldError("memo")},
		EvidenceField: &ui.FieldView{Kind: ui.FieldFile, Name: "evidence", Label: ui.T("assess.evidence"), Hint: ui.T("assess.evidence.hint"),
			Optional: true, Accept: "image/*,.pdf", Error: v.fieldError("evidence")},
		Evidence: v.evidence(ctx), Later: v.later,
	}
	if part := v.s.part(v.i); part != nil {
		q.Part = part
	}
	if v.s.Kind == Criteria {
		v.addDetail(ctx, &q)
	}
	if v.i > 0 {
		q.Previous = itemURL(v.org, v.Pack, v.s.Items[v.i-1].ID)
	}
	chosen := v.chosen()
	for _, c := range v.s.Choices {
		x := v.s.choices[c.Code]
		choice := ui.Choice{Value: c.Code, Status: x.status, Label: x.label, Chosen: c.Code == chosen}
		if c.Code == Unknown {
			choice.Hint = ui.T("assess.unknown.on")
		}
		q.Choices = append(q.Choices, choice)
	}
	return q
}

func (v ItemView) aside(ctx context.Context) ui.QuestionAsideView {
	w := &v.s.items[v.i]
	a := ui.QuestionAsideView{GoodExample: w.met.orNone(), WeakExample: w.notMet.orNone()}
	if v.Answer != nil {
		x := v.s.choices[v.Answer.Choice]
		a.Earlier = &ui.EarlierAnswer{Status: x.status, Word: ui.Plain("?"), At: v.Answer.At, By: v.Answer.author(ctx)}
		if x.label != nil { // else the pack no longer has the choice
			a.Earlier.Word = x.label
		}
	}
	return a
}

// sign is an answer with its shape. A choice that the pack no longer has shows as
// unknown: never as met.
func (s *sheet) sign(choice string, evidence bool) ui.Words {
	c, ok := s.choices[choice]
	switch {
	case !ok:
		return ui.Status(ui.Unknown)
	case evidence:
		return c.proven
	}
	return c.sign
}

func (v ItemView) page(ctx context.Context) ui.Page {
	p := ui.Page{OwnWord: true, Title: v.Question, Room: ui.Mamoru, Trail: []ui.Link{
		{Label: ui.T("ui.room.mamoru"), URL: "/orgs/" + url.PathEscape(v.org)},
		{Label: v.s.title, URL: packURL(v.org, v.Pack)},
		{Label: v.place()},
	}}
	switch {
	case v.bad == nil || len(v.bad.Fields) > 0:
	case !v.conflict() || v.Answer == nil:
		p.Notice = &ui.NoticeView{Kind: ui.NoticeWarn, Title: ui.T("problem."+v.bad.Code+".title", v.bad.Args...), Text: ui.T("problem."+v.bad.Code+".hint", v.bad.Args...)}
	default:
		p.Notice = &ui.NoticeView{Kind: ui.NoticeWarn, Title: ui.T("problem.assess-conflict.title"),
			Text: ui.T("assess.conflict.now", "word", v.Answer.Word, "by", v.Answer.author(ctx), "day", i18n.Date(ctx, v.Answer.At))}
	}
	return p
}
