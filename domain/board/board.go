package board

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/count"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// The families of packs that the page is about.
const (
	familyGuideline = "executive-guideline"
	familyStar3     = "scs-star3"
)

// Decision is something that the board is asked to decide.
type Decision struct {
	What string      `json:"what"`
	Due  assess.Date `json:"due,omitempty"`
	Note string      `json:"note,omitempty"` // what it takes
}

// Declared is a declaration with the number that came back, as the company entered it.
type Declared struct {
	Scheme string // security-action or scs
	Stars  int
	Number string
	Since  time.Time
}

// Mine is a company of somebody who looks after several.
type Mine struct {
	ID, Name string
	Role     web.Role
}

// Config is what a Room stands on. The functions run in the transaction of their
// context.
type Config struct {
	DB     *db.DB
	Now    func() time.Time
	Assess *assess.Room

	// Count makes and reads the releases of numbers about companies; MayCount says
	// which companies may be in them besides consenting.
	Count    *count.Counter
	MayCount func(ctx context.Context, orgs []string) (map[string]bool, error)

	// Name is the name of a company, for paper.
	Name func(ctx context.Context, org string) (string, error)
	// Mine lists the companies of an account by name, after the one named.
	Mine func(ctx context.Context, account, after string, limit int) ([]Mine, error)
	// Decisions lists what the executives have in the plan, the nearest first. It may
	// be nil.
	Decisions func(ctx context.Context, org string) ([]Decision, error)
	// Declared lists what the company has declared and entered. It may be nil.
	Declared func(ctx context.Context, org string) ([]Declared, error)
}

// Room is the verbs of this room.
type Room struct{ Config }

// New builds the room.
func New(cfg Config) *Room { return &Room{cfg} }

// guideline is the edition of the executive guideline that holds today, or nil.
func (rm *Room) guideline() *assess.Pack { return rm.Assess.Packs.Current(familyGuideline, rm.Now()) }

func (rm *Room) today() assess.Date { return assess.Date(i18n.ISO(rm.Now())) }

// levelsOf are the levels that answers name; "unknown" and no answer are none.
func levelsOf(p *assess.Pack, answers map[string]assess.Answer) Levels {
	l := make(Levels, len(p.Items))
	for i, x := range p.Items {
		if choice := answers[x.ID].Choice; len(choice) == 2 && choice[0] == 'm' {
			if v, err := strconv.Atoi(choice[1:]); err == nil && sound(v) {
				l[i] = v
			}
		}
	}
	return l
}

// levels reads those of a company.
func (rm *Room) levels(ctx context.Context, org string, p *assess.Pack) (Levels, error) {
	answers, err := rm.Assess.Answers(ctx, org, p.ID)
	return levelsOf(p, answers), err
}

// goals are the levels that the owner wants, by item; the group proposes the others.
func (rm *Room) goals(ctx context.Context, org string, p *assess.Pack, g Group) (Levels, error) {
	set, err := goalsOf(ctx, org)
	return goalLevels(p, set, g), err
}

func goalLevels(p *assess.Pack, set map[string]int, g Group) Levels {
	l := make(Levels, len(p.Items))
	for i, x := range p.Items {
		if l[i] = set[x.ID]; l[i] == 0 {
			l[i] = g.Wanted()
		}
	}
	return l
}

// SetGoals says which level is wanted, by item. It is an owner's act.
func (rm *Room) SetGoals(ctx context.Context, org string, goals map[string]int) error {
	p := rm.guideline()
	if p == nil {
		return problem.NotFound()
	}
	var v problem.Invalid
	for item, level := range goals {
		v.Check(p.Item(item) != nil && sound(level), "levels", "choice")
	}
	if err := v.Or(); err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		for _, x := range p.Items {
			level, ok := goals[x.ID]
			if !ok {
				continue
			}
			if err := putGoal(ctx, org, x.ID, level, rm.Now(), actor(ctx)); err != nil {
				return err
			}
		}
		return rm.note(ctx, org, "board.goals-set", org, false)
	})
}

// SetProfile says what puts the company into a group.
func (rm *Room) SetProfile(ctx context.Context, org string, p Profile) error {
	var v problem.Invalid
	for name, class := range map[string]int{"staff": p.Staff, "sales": p.Sales, "information": p.Information, "dependence": p.Dependence} {
		v.Check(sound(class), name, "choice")
	}
	if err := v.Or(); err != nil {
		return err
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		_, err := db.Exec(ctx, `
			INSERT INTO board_profile (org_id, staff, sales, information, dependence, set_at, set_by) VALUES (?, ?, ?, ?, ?, ?, ?)
			ON CONFLICT (org_id) DO UPDATE SET staff = excluded.staff, sales = excluded.sales, information = excluded.information,
				dependence = excluded.dependence, set_at = excluded.set_at, set_by = excluded.set_by`,
			org, p.Staff, p.Sales, p.Information, p.Dependence, rm.Now(), actor(ctx))
		if err != nil {
			return err
		}
		return rm.note(ctx, org, "board.profile-set", org, false)
	})
}

// kept is how many results of a company are kept: the latest and four before it.
const kept = 5

// Keep keeps the levels of today as a result; of the same day only the last.
func (rm *Room) Keep(ctx context.Context, org string) error {
	p := rm.guideline()
	if p == nil {
		return problem.NotFound()
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		l, err := rm.levels(ctx, org, p)
		if err != nil {
			return err
		}
		if l.Known() == 0 {
			return problem.New(http.StatusConflict, "board-nothing")
		}
		profile, err := profileOf(ctx, org)
		if err != nil {
			return err
		}
		r := Result{Day: rm.today(), Levels: l, group: profile.Group()}
		if l.Complete() {
			peers, err := rm.peers(ctx, p, r.group)
			if err != nil {
				return err
			}
			if d, ok := peers.Deviation(l.Score()); ok {
				r.Deviation = &d
			}
		}
		if err := putResult(ctx, org, p.ID, r, rm.Now(), actor(ctx)); err != nil {
			return err
		}
		return rm.note(ctx, org, "board.kept", string(r.Day), false)
	})
}

// actor is who stands behind a change.
func actor(ctx context.Context) string {
	if a := web.CallerFrom(ctx).Account; a != "" {
		return a
	}
	return "system"
}

func (rm *Room) note(ctx context.Context, org, verb, subject string, revokes bool) error {
	return journal.Note(ctx, journal.Entry{Org: org, At: rm.Now(), Actor: actor(ctx), Verb: verb, Subject: subject, Revokes: revokes}, nil)
}
