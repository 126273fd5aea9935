package plan

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Person is somebody of a company.
type Person struct {
	Account, Name string
	Owner         bool
}

// Duty is something that comes round every year and is kept by another room.
type Duty struct {
	ID    string
	Title string
	Due   assess.Date
	Done  bool
}

// Config is what a Room stands on. The functions run in the transaction of their
// context.
type Config struct {
	DB     *db.DB
	Now    func() time.Time
	Assess *assess.Room
	Base   string        // of the addresses of this installation, without a slash at the end
	Secret func() string // a new one that nobody can guess: 26 letters of db.NewID

	// People lists those of a company, at most as many as fit a form.
	People func(ctx context.Context, org string) ([]Person, error)
	// Member is the role of an account now.
	Member func(ctx context.Context, account, org string) (web.Role, error)
	// Paused says that nothing of a company goes out of it.
	Paused func(ctx context.Context, org string) (bool, error)
	// Duties lists what comes round in a company. It may be nil.
	Duties func(ctx context.Context, org string) ([]Duty, error)
	// VendorText is where the text for the IT vendor about an item is, or "". It may
	// be nil.
	VendorText func(org, pack, item string) string
}

// Room is the verbs of this room.
type Room struct{ Config }

// New builds the room.
func New(cfg Config) *Room { return &Room{cfg} }

// What bounds a plan: a page shows all that matters, and a file is small.
const (
	MaxSteps   = 200
	maxWhat    = 300
	maxName    = 80
	shownSteps = 50
)

// Step is what a company does next about an item.
type Step struct {
	ID       string      `json:"id"`
	Pack     string      `json:"pack"`
	Item     string      `json:"item"`
	What     string      `json:"what"`
	Account  string      `json:"account,omitempty"` // who does it, of the company
	Name     string      `json:"name,omitempty"`    // or who else, as typed
	Due      assess.Date `json:"due,omitempty"`
	State    State       `json:"state"`
	Said     time.Time   `json:"said"` // when somebody said that it is done
	Made     time.Time   `json:"made"`
	Revision int         `json:"revision"`

	saidBy, madeBy, began string
	at                    assess.ItemStand
	in                    *assess.Pack // nil when this installation knows it no more
}

// Waiting says that a person said it is done and nothing shows it yet.
func (s Step) Waiting() bool { return !s.Said.IsZero() && s.State != Done }

// nobody says that no name stands beside it.
func (s Step) nobody() bool { return s.Account == "" && s.Name == "" }

// Input is a step as typed.
type Input struct {
	Pack, Item string
	What       string
	Account    string // a member, or ""
	Name       string // somebody else, or ""
	Due        assess.Date
	Revision   int // the one that was seen, for a change
}

// check finds what is wrong with a step as typed.
// keys: field.plan-what, field.plan-name, field.plan-two, field.plan-due, field.plan-person
func (rm *Room) check(ctx context.Context, org string, in *Input) error {
	in.What, in.Name = strings.TrimSpace(in.What), strings.TrimSpace(in.Name)
	var v problem.Invalid
	v.Check(in.What != "" && utf8.RuneCountInString(in.What) <= maxWhat && !strings.ContainsFunc(in.What, unseen), "what", "plan-what", "n", maxWhat)
	v.Check(utf8.RuneCountInString(in.Name) <= maxName && !strings.ContainsFunc(in.Name, unseen), "name", "plan-name", "n", maxName)
	v.Check(in.Name == "" || in.Account == "", "name", "plan-two")
	v.Check(in.Due == "" || dayThatCanBe(in.Due), "due", "plan-due")
	if in.Account != "" {
		people, err := rm.People(ctx, org)
		if err != nil {
			return err
		}
		_, ok := personIn(people, in.Account)
		v.Check(ok, "account", "plan-person")
	}
	return v.Or()
}

func dayThatCanBe(d assess.Date) bool {
	t := d.Time()
	return !t.IsZero() && t.Year() >= 2000 && t.Year() < 2100
}

// unseen says that a character of a line changes how others are read without being
// seen, or begins another line.
func unseen(r rune) bool { return r == '\n' || r == '\t' || assess.Unseen(r) }

func personIn(people []Person, account string) (Person, bool) {
	for _, p := range people {
		if p.Account == account {
			return p, true
		}
	}
	return Person{}, false
}

// Add makes a step and returns its id.
func (rm *Room) Add(ctx context.Context, org string, in Input) (id string, err error) {
	if !rm.Assess.Knows(in.Pack, in.Item) {
		return "", problem.NotFound()
	}
	id = db.NewID()
	return id, rm.DB.Write(ctx, func(ctx context.Context) error {
		if err := rm.check(ctx, org, &in); err != nil {
			return err
		}
		n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM plan_step WHERE org_id = ?", org)
		if err != nil {
			return err
		}
		if n >= MaxSteps {
			return problem.New(http.StatusConflict, "plan-many", "n", MaxSteps)
		}
		answers, err := rm.Assess.Answers(ctx, org, in.Pack)
		if err != nil {
			return err
		}
		added, err := db.Exec(ctx, `
			INSERT INTO plan_step (id, org_id, pack, item, what, account, name, due, began, said_by, made_at, made_by, revision)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, 1) ON CONFLICT (org_id, pack, item) DO NOTHING`,
			id, org, in.Pack, in.Item, in.What, in.Account, in.Name, string(in.Due), answers[in.Item].Choice, rm.Now(), actor(ctx))
		if err != nil {
			return err
		}
		if added == 0 {
			return problem.New(http.StatusConflict, "plan-there")
		}
		return rm.note(ctx, org, "plan.added", id, false, wordsOf(in))
	})
}

// Edit writes a step anew. When somebody else has changed it since Revision the
// problem is "plan-changed".
func (rm *Room) Edit(ctx context.Context, org, id string, in Input) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := stepOf(ctx, org, id)
		if err != nil {
			return err
		}
		if err := rm.check(ctx, org, &in); err != nil {
			return err
		}
		if s.Revision != in.Revision {
			return problem.New(http.StatusConflict, "plan-changed")
		}
		_, err = db.Exec(ctx, "UPDATE plan_step SET what = ?, account = ?, name = ?, due = ?, revision = revision + 1 WHERE org_id = ? AND id = ?",
			in.What, in.Account, in.Name, string(in.Due), org, id)
		if err != nil {
			return err
		}
		return rm.note(ctx, org, "plan.changed", id, false, wordsOf(in))
	})
}

// Say notes that somebody says the step is done, or takes that back. It changes no
// state.
func (rm *Room) Say(ctx context.Context, org, id string, done bool) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		s, err := stepOf(ctx, org, id)
		if err != nil || s.Said.IsZero() == !done {
			return err
		}
		at, by, verb := time.Time{}, "", "plan.unsaid"
		if done {
			at, by, verb = rm.Now(), actor(ctx), "plan.said"
		}
		_, err = db.Exec(ctx, "UPDATE plan_step SET said_at = ?, said_by = ?, revision = revision + 1 WHERE org_id = ? AND id = ?", at, by, org, id)
		if err != nil {
			return err
		}
		return rm.note(ctx, org, verb, id, false, nil)
	})
}

// Remove takes a step out of the plan.
func (rm *Room) Remove(ctx context.Context, org, id string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := stepOf(ctx, org, id); err != nil {
			return err
		}
		if _, err := db.Exec(ctx, "DELETE FROM plan_step WHERE org_id = ? AND id = ?", org, id); err != nil {
			return err
		}
		return rm.note(ctx, org, "plan.removed", id, false, nil)
	})
}

// words are what the journal keeps and can forget.
type words struct {
	Item string `json:"item"`
	What string `json:"what"`
	Name string `json:"name,omitempty"`
	Due  string `json:"due,omitempty"`
}

func wordsOf(in Input) words { return words{in.Item, in.What, in.Name, string(in.Due)} }

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}

func (rm *Room) note(ctx context.Context, org, verb, subject string, revokes bool, words any) error {
	return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor(ctx), Verb: verb, Subject: subject, Revokes: revokes}, words)
}
