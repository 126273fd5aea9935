package desk

import (
	"context"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// PaperConfig is what sheets, entry on behalf and imports stand on.
type PaperConfig struct {
	Assess *assess.Room
	Jobs   *job.Queue
}

func (rm *Room) entryRoutes() []web.Route {
	const desk = "/orgs/{org}/circles/{circle}/desk"
	const one = desk + "/cases/{case}"
	return []web.Route{
		web.Get(desk+"/sheet", web.Member, "Find the company of a filled sheet by the code printed on it.", rm.findSheet, findSheetPage),
		web.GetFile(one+"/sheet.pdf", web.Member, "Fetch the questions as a sheet of paper for one company.", rm.sheetFile),
		web.Get(one+"/entry", web.Member, "Show the questions in the order of the sheet, to enter answers for the company.", rm.showEntry, entryPage, web.Noted(rm.notedEntry)),
		web.Post(one+"/entry", web.Member, "Enter a sheet for the company: whole or not at all, with whose words, how and when.", rm.enter, nil, web.Again(rm.enterAgain)),
	}
}

// entryAsk names the case, and the framework when it is not today's self-assessment.
type entryAsk struct {
	Org    org.ID `path:"org" json:"-"`
	Circle string `path:"circle" json:"-"`
	Case   string `path:"case" json:"-"`
	Pack   string `query:"framework" json:"-"`
	Saved  bool   `query:"saved" json:"-"`
}

func (in entryAsk) at() CaseIn { return CaseIn{in.Org, in.Circle, in.Case} }

// pack is the framework that is entered: today's self-assessment unless another is
// named. Nobody pledges for another.
func (rm *Room) pack(id string) (*assess.Pack, error) {
	p := rm.Paper.Assess.Diagnosis()
	if id != "" {
		p = rm.Paper.Assess.Packs.ByID(id)
	}
	switch {
	case p == nil:
		return nil, problem.NotFound()
	case p.Kind == assess.Pledge:
		return nil, problem.New(http.StatusConflict, "assess-behalf-pledge")
	}
	return p, nil
}

// notedEntry shows a claimed company that staff looked how far it is.
func (rm *Room) notedEntry(ctx context.Context, in entryAsk) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := rm.caseOf(ctx, in.Org, in.Circle, in.Case)
		if err != nil || c.Company == "" || c.Unclaimed() {
			return err
		}
		return rm.look(ctx, c.Circle, lookCase, []org.ID{c.Company})
	})
}

// EntryChoice is a possible answer; Key is what enters it.
type EntryChoice struct {
	Key  int    `json:"key"`
	Code string `json:"code"`
	Word string `json:"word"`

	label i18n.Text
}

// EntryRow is one question of the sheet. Answer is what staff entered before for a
// company that nobody has claimed; of a claimed one nothing is shown.
type EntryRow struct {
	Item     string `json:"item"`
	Number   int    `json:"number"`
	Question string `json:"question"`
	Answer   string `json:"answer,omitempty"`

	question i18n.Text
	part     i18n.Text
	own      *ownAnswer
}

// ownAnswer is an answer of the company's own that the sheet would replace. Staff
// are told that it is there and never what it is: whoever sends a sheet full of
// guesses must not learn what a company answered.
type ownAnswer struct {
	at       time.Time
	revision int
}

// EntryView is the sheet on the screen.
type EntryView struct {
	Company   string        `json:"company"`
	Framework string        `json:"framework"`
	Title     string        `json:"title"`
	Answered  int           `json:"answered"`
	Total     int           `json:"total"`
	Choices   []EntryChoice `json:"choices"`
	Rows      []EntryRow    `json:"items"`

	c     Case
	pack  *assess.Pack
	now   time.Time
	saved bool
	typed enterIn // what stands in the form
	bad   *problem.Problem
}

func (rm *Room) showEntry(ctx context.Context, in entryAsk) (EntryView, error) {
	v, _, err := rm.entryView(ctx, in.at(), in.Pack)
	v.saved = in.Saved
	v.typed = enterIn{Words: v.c.Person, Channel: assess.Paper, Told: i18n.ISO(v.now)}
	return v, err
}

func (rm *Room) entryView(ctx context.Context, at CaseIn, framework string) (EntryView, map[string]assess.Answer, error) {
	c, err := rm.entryFor(ctx, at.Org, at.Circle, at.Case)
	if err != nil {
		return EntryView{}, nil, err
	}
	p, err := rm.pack(framework)
	if err != nil {
		return EntryView{}, nil, err
	}
	answers, err := rm.Paper.Assess.Answers(ctx, string(c.Company), p.ID)
	if err != nil {
		return EntryView{}, nil, err
	}
	lang := i18n.From(ctx).Lang
	v := EntryView{Company: c.Name, Framework: p.ID, Title: p.Title.In(lang), Answered: len(answers), Total: len(p.Items), c: c, pack: p, now: rm.Now()}
	for i, x := range p.Choices {
		v.Choices = append(v.Choices, EntryChoice{i + 1, x.Code, x.Label.In(lang), x.Label})
	}
	for i, x := range sheetItems(p) {
		row := EntryRow{Item: x.ID, Number: x.Number, Question: x.Question.In(lang), question: x.Question, part: x.Part}
		if a, ok := answers[p.Items[i].ID]; ok && c.Unclaimed() {
			row.Answer = a.Choice
		}
		v.Rows = append(v.Rows, row)
	}
	return v, answers, nil
}

// enterIn is a filled sheet.
type enterIn struct {
	Org     org.ID            `path:"org" json:"-"`
	Circle  string            `path:"circle" json:"-"`
	Case    string            `path:"case" json:"-"`
	Pack    string            `json:"framework"`
	Words   string            `json:"words"`   // whose words
	Channel string            `json:"channel"` // paper, phone, visit
	Told    string            `json:"told"`    // day, as 2026-11-24
	Answers map[string]string `json:"answers"` // choice by item; "" is not answered
	// Replace says that these answers of the company's own, which were named, are to
	// be replaced: the revision that was seen by item.
	Replace map[string]string `json:"replace"`
}

func (in enterIn) at() CaseIn { return CaseIn{in.Org, in.Circle, in.Case} }

func (in enterIn) how() assess.Behalf {
	told, _ := time.ParseInLocation(time.DateOnly, in.Told, i18n.Tokyo) // zero is refused by assess
	return assess.Behalf{Words: in.Words, Channel: in.Channel, Told: told}
}

// Entered is what became of a sheet.
type Entered struct {
	Changed  int    `json:"changed"`
	Answered int    `json:"answered"`
	Page     string `json:"next_page"`
}

// Next leads the browser on.
func (v Entered) Next() string { return v.Page }

func (rm *Room) enter(ctx context.Context, in enterIn) (Entered, error) {
	return rm.Enter(ctx, in.at(), in)
}

// Enter keeps a filled sheet for the company of a case, whole or not at all. An
// answer of the company's own is replaced only when it was named and confirmed:
// otherwise the problem is "desk-entry-own".
// keys: problem.desk-entry-own.title, problem.desk-entry-own.hint, field.desk-entry-empty
func (rm *Room) Enter(ctx context.Context, at CaseIn, in enterIn) (done Entered, err error) {
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		// Here and not before: a consent withdrawn meanwhile holds (threats T21).
		v, answers, err := rm.entryView(ctx, at, in.Pack)
		if err != nil {
			return err
		}
		sheet, own, err := v.filled(in, answers)
		if err != nil {
			return err
		}
		if len(own) > 0 {
			return problem.New(http.StatusConflict, "desk-entry-own", "n", len(own))
		}
		done.Answered, done.Page = len(sheet), at.path("/entry?saved=yes")
		if v.pack != rm.Paper.Assess.Diagnosis() {
			done.Page += "&framework=" + v.pack.ID
		}
		done.Changed, err = rm.Paper.Assess.AnswerAll(ctx, string(v.c.Company), v.pack.ID, actor(ctx), in.how(), sheet)
		if err != nil {
			return err
		}
		return rm.noteEntry(ctx, v.c, in.Channel, done.Changed)
	})
	return done, err
}

// filled takes the answers of a sheet in its order, and those of the company's own
// that stand in the way.
func (v EntryView) filled(in enterIn, answers map[string]assess.Answer) (sheet []assess.SheetAnswer, own []string, err error) {
	var bad problem.Invalid
	taken := 0
	for _, x := range v.pack.Items {
		choice, ok := in.Answers[x.ID]
		if ok {
			taken++
		}
		if choice == "" {
			continue
		}
		old := answers[x.ID]
		if ownWord(old) && in.Replace[x.ID] != revisionText(old.Revision) {
			own = append(own, x.ID)
		}
		sheet = append(sheet, assess.SheetAnswer{Item: x.ID, Choice: choice, Revision: old.Revision})
	}
	if taken < len(in.Answers) {
		return nil, nil, problem.NotFound() // an item that the sheet does not have
	}
	bad.Check(len(sheet) > 0, "answers", "desk-entry-empty")
	return sheet, own, bad.Or()
}

// ownWord says that somebody of the company gave the answer.
func ownWord(a assess.Answer) bool { return a.Revision > 0 && a.Behalf.Channel == "" }

// noteEntry lets both journals know; the company's holds each answer besides.
func (rm *Room) noteEntry(ctx context.Context, c Case, channel string, changed int) error {
	if err := rm.look(ctx, c.Circle, lookEntry, []org.ID{c.Company}); err != nil {
		return err
	}
	return rm.note(ctx, c.Org, "desk.sheet-entered", c.ID, words{Name: c.Name, Kind: channel, N: changed})
}

// enterAgain shows the sheet with what was typed, what is wrong with it, and the
// company's own answers that stand in the way.
func (rm *Room) enterAgain(ctx context.Context, in enterIn, p *problem.Problem) (templ.Component, error) {
	if in.Org == "" {
		return nil, p // the form could not be read at all
	}
	v, answers, err := rm.entryView(ctx, in.at(), in.Pack)
	if err != nil {
		return nil, err
	}
	v.typed, v.bad = in, p
	_, own, err := v.filled(in, answers)
	if err != nil && p.Code != "invalid" {
		return nil, err
	}
	for i := range v.Rows {
		row := &v.Rows[i]
		row.Answer = in.Answers[row.Item]
		for _, item := range own {
			if item == row.Item {
				row.own = &ownAnswer{at: answers[item].At, revision: answers[item].Revision}
			}
		}
	}
	return entryPage(v), nil
}

// findSheetIn is the code that stands on a sheet.
type findSheetIn struct {
	Org    org.ID `path:"org" json:"-"`
	Circle string `path:"circle" json:"-"`
	Code   string `query:"code" json:"-"`
}

type findSheetView struct {
	Page  string `json:"next_page"`
	at    DeskIn
	code  string
	found bool
}

// Next leads to the sheet that was found.
func (v findSheetView) Next() string { return v.Page }

// findSheet leads from the code of a sheet to its case, among those of this circle.
func (rm *Room) findSheet(ctx context.Context, in findSheetIn) (findSheetView, error) {
	v := findSheetView{at: DeskIn{in.Org, in.Circle}, code: in.Code}
	if _, err := rm.circle(ctx, in.Org, in.Circle); err != nil {
		return v, err
	}
	code := readCode(in.Code)
	if len(code) != codeSigns {
		return v, nil
	}
	// Ids are of letters and digits: what comes after the code and before "{" begins with it.
	id, err := db.Value[string](ctx, "SELECT COALESCE(MIN(id), '') FROM desk_case WHERE org_id = ? AND circle_id = ? AND id >= ? AND id < ?",
		in.Org, in.Circle, code, code+"{")
	if err == nil && id != "" {
		v.Page, v.found = CaseIn{in.Org, in.Circle, id}.path("/entry"), true
	}
	return v, err
}
