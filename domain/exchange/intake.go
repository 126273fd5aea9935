package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/blob"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// keepIntake is how long a file that was read waits for a yes or a no.
const keepIntake = 24 * time.Hour

// keepReport is how long it is kept what became of one.
const keepReport = 90 * 24 * time.Hour

// The states of an intake.
const (
	waiting   = "waiting"
	applied   = "applied"
	discarded = "discarded"
)

// Intake is a file of answers that somebody brought, and what became of it.
type Intake struct {
	ID        string    `json:"id"`
	Pack      string    `json:"framework"`
	File      string    `json:"file"`
	MadeBy    string    `json:"made_by"`
	Created   time.Time `json:"created"`
	State     string    `json:"state"`
	DecidedBy string    `json:"decided_by,omitempty"`
	DecidedAt time.Time `json:"decided_at,omitzero"`

	lines  []line
	report report
}

// report is what became of an intake; it holds no texts.
type report struct {
	Applied   int      `json:"applied"`
	Same      int      `json:"same"`
	Conflicts []string `json:"conflicts,omitempty"` // items that somebody answered meanwhile
	Refused   []string `json:"refused,omitempty"`   // items that assess did not take
	Skipped   int      `json:"skipped"`             // rows that could not be read
}

const intakeColumns = "id, pack, file, made_by, created, state, decided_by, decided_at, lines, report"

// intakeOf returns an intake of a company, or "not found". One that waited too long is
// gone.
func (rm *Room) intakeOf(ctx context.Context, org, id string) (in Intake, err error) {
	var lines, said string
	in, err = db.One(ctx, func(in *Intake) []any {
		return []any{&in.ID, &in.Pack, &in.File, &in.MadeBy, db.At(&in.Created), &in.State, &in.DecidedBy, db.At(&in.DecidedAt), &lines, &said}
	}, "SELECT "+intakeColumns+" FROM exchange_intake WHERE id = ? AND org_id = ?", id, org)
	if errors.Is(err, db.ErrNone) || err == nil && in.State == waiting && rm.Now().Sub(in.Created) > keepIntake {
		return in, problem.NotFound()
	}
	if err != nil {
		return in, err
	}
	return in, errors.Join(parsed(lines, &in.lines), parsed(said, &in.report))
}

func parsed(text string, into any) error {
	if text == "" {
		return nil
	}
	return json.Unmarshal([]byte(text), into)
}

// stored is a value as text.
func stored(v any) string {
	b, err := json.Marshal(v)
	if err != nil { // texts and numbers only
		return ""
	}
	return string(b)
}

// intakes lists the last ones of a company, newest first.
func (rm *Room) intakes(ctx context.Context, org string) ([]Intake, error) {
	all, err := db.Rows(ctx, func(in *Intake) []any {
		return []any{&in.ID, &in.Pack, &in.File, &in.MadeBy, db.At(&in.Created), &in.State}
	}, `SELECT id, pack, file, made_by, created, state FROM exchange_intake
		WHERE org_id = ? AND (state <> 'waiting' OR created > ?) ORDER BY created DESC, id DESC LIMIT 10`, org, db.Text(rm.Now().Add(-keepIntake)))
	return all, err
}

// Take reads a file of answers and keeps what it says for a day. No answer changes
// before somebody applies it.
// keys: problem.exchange-many.title, problem.exchange-many.hint
func (rm *Room) Take(ctx context.Context, org, pack string, u web.Upload) (string, error) {
	if _, err := rm.pack(pack); err != nil {
		return "", err
	}
	data, err := received(u, "file")
	if err != nil {
		return "", err
	}
	// Before Write: a slow file must not hold the one writer.
	r, err := rm.readFile(ctx, org, pack, data)
	if err != nil {
		return "", err
	}
	id := db.NewID()
	err = rm.DB.Write(ctx, func(ctx context.Context) error {
		answers, err := rm.Assess.Answers(ctx, org, pack)
		if err != nil {
			return err
		}
		r.since(answers)
		n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM exchange_intake WHERE org_id = ? AND state = 'waiting' AND created > ?", org, db.Text(rm.Now().Add(-keepIntake)))
		if err != nil {
			return err
		}
		if n >= maxWaiting {
			return problem.New(http.StatusTooManyRequests, "exchange-many", "n", maxWaiting)
		}
		name := blob.ScreenName(u.Name)
		if _, err := db.Exec(ctx, `
			INSERT INTO exchange_intake (id, org_id, pack, file, made_by, created, state, lines, report, decided_by)
			VALUES (?, ?, ?, ?, ?, ?, 'waiting', ?, '', '')`,
			id, org, pack, name, actor(ctx), db.Text(rm.Now()), stored(r.lines)); err != nil {
			return err
		}
		return rm.note(ctx, org, "file-read", id, words{Pack: pack, Name: name, N: len(r.lines)})
	})
	return id, err
}

// maxWaiting is how many files of a company may wait at once.
const maxWaiting = 20

// since gives rows without a revision that of now: a file that does not say from when
// it is was made from what is there. So does a file that knows of more revisions than
// there are: revisions never go, so it was made elsewhere and its numbers say nothing.
func (r *read) since(answers map[string]assess.Answer) {
	elsewhere := slices.ContainsFunc(r.lines, func(l line) bool { return l.Revision != nil && *l.Revision > answers[l.Item].Revision })
	for i := range r.lines {
		if l := &r.lines[i]; l.Revision == nil || elsewhere {
			n := answers[l.Item].Revision
			l.Revision = &n
		}
	}
}

// Apply takes the rows of a waiting intake that still stand on the answer they were
// made from. Rows that somebody answered meanwhile are listed and left.
// keys: problem.exchange-decided.title, problem.exchange-decided.hint
func (rm *Room) Apply(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		in, err := rm.undecided(ctx, org, id)
		if err != nil {
			return err
		}
		p, err := rm.pack(in.Pack)
		if err != nil {
			return err
		}
		answers, err := rm.Assess.Answers(ctx, org, in.Pack)
		if err != nil {
			return err
		}
		var rep report
		for _, l := range in.lines {
			if err := rm.applyLine(ctx, org, p, in, l, answers[l.Item], &rep); err != nil {
				return err
			}
		}
		if err := rm.decide(ctx, org, id, applied, rep); err != nil {
			return err
		}
		return rm.note(ctx, org, "file-applied", id, words{Pack: in.Pack, N: rep.Applied})
	})
}

func (rm *Room) applyLine(ctx context.Context, org string, p *assess.Pack, in Intake, l line, now assess.Answer, rep *report) error {
	c := l.compare(p, now)
	switch c.State {
	case Same, Blank:
		rep.Same++
		return nil
	case Unread, Strange:
		rep.Skipped++
		return nil
	case Conflict:
		rep.Conflicts = append(rep.Conflicts, l.Item)
		return nil
	}
	_, err := rm.Assess.Answer(ctx, assess.AnswerInput{
		Org: org, Pack: in.Pack, Item: l.Item, Choice: c.next.Choice, Memo: c.next.Memo, Detail: c.next.Detail,
		Revision: now.Revision, Actor: actor(ctx), Source: assess.SourceImported, SourceNote: in.ID,
	})
	var p422 *problem.Problem
	if errors.As(err, &p422) && p422.Status < http.StatusInternalServerError {
		rep.Refused = append(rep.Refused, l.Item) // before anything was written
		return nil
	}
	rep.Applied++
	return err
}

// Discard throws a waiting intake away.
func (rm *Room) Discard(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := rm.undecided(ctx, org, id); err != nil {
			return err
		}
		if err := rm.decide(ctx, org, id, discarded, report{}); err != nil {
			return err
		}
		return rm.note(ctx, org, "file-discarded", id, words{})
	})
}

func (rm *Room) undecided(ctx context.Context, org, id string) (Intake, error) {
	in, err := rm.intakeOf(ctx, org, id)
	if err == nil && in.State != waiting {
		err = problem.New(http.StatusConflict, "exchange-decided")
	}
	return in, err
}

func (rm *Room) decide(ctx context.Context, org, id, state string, rep report) error {
	_, err := db.Exec(ctx, "UPDATE exchange_intake SET state = ?, lines = '', report = ?, decided_by = ?, decided_at = ? WHERE id = ? AND org_id = ?",
		state, stored(rep), actor(ctx), db.Text(rm.Now()), id, org)
	return err
}
