package recovery

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) caseRoutes() []web.Route {
	const one = "/recovery/cases/{recovery}"
	return []web.Route{
		web.Get(one, web.SignedIn, "Show a case to whoever asked, and to the people of the company.", rm.showCase, casePage),
		web.Post(one+"/prove", web.SignedIn, "Enter the code of the letter.", rm.prove, nil, web.PageOnly, web.Again(rm.proveAgain)),
		web.Post(one+"/stop", web.SignedIn, "Stop a case, as an owner of the company.", rm.stop, nil),
		web.Post(one+"/undo", web.SignedIn, "Undo a case, as somebody who was an owner when it began.", rm.undo, nil),
	}
}

// CaseIn names a case.
type CaseIn struct {
	Recovery string `path:"recovery" json:"-"`
}

// CaseView is a case as one of those sees it whom it concerns.
type CaseView struct {
	CaseRow
	Company   string    `json:"company"` // "" to whoever asks and is not in yet
	Mine      bool      `json:"mine"`    // the caller asked
	MayStop   bool      `json:"may_stop"`
	MayUndo   bool      `json:"may_undo"`
	Sent      time.Time `json:"letter_sent_at"`
	TriesLeft int       `json:"tries_left"`

	org     string
	owner   bool
	problem *problem.Problem
}

// showCase: to everybody else the case does not exist.
func (rm *Room) showCase(ctx context.Context, in CaseIn) (v CaseView, err error) {
	me := caller(ctx)
	if web.CallerFrom(ctx).Token != nil {
		return v, problem.NotFound() // a key speaks for one company, never for a person
	}
	c, err := caseWhere(ctx, "id = ?", in.Recovery)
	if err != nil {
		return v, err
	}
	v = CaseView{CaseRow: rm.rowOf(c), Mine: c.Account == me, org: string(c.Org)}
	role := web.Nobody
	if c.Org != "" && c.State != "asked" {
		if role, err = rm.Org.Member(ctx, me, string(c.Org)); err != nil {
			return v, err
		}
	}
	was, err := db.Value[int](ctx, "SELECT COUNT(*) FROM recovery_owner WHERE case_id = ? AND account = ?", c.ID, me)
	if err != nil {
		return v, err
	}
	if !v.Mine && role == web.Nobody && was == 0 {
		return v, problem.NotFound()
	}
	v.owner = role == web.Owner
	v.MayStop = v.owner && c.State == "notice"
	v.MayUndo = was > 0 && c.undoable(rm.Now()) > 0
	if v.Mine {
		v.Sent, v.TriesLeft = c.Sent, max(0, maxTries-c.Tries)
	} else {
		v.Number = ""
	}
	if role != web.Nobody || was > 0 {
		v.Company, err = rm.Org.NameOf(ctx, c.Org)
	}
	return v, err
}

// ProveIn is the code of a letter as typed.
type ProveIn struct {
	Recovery string `path:"recovery" json:"-"`
	Code     string `json:"code"`
}

func (rm *Room) prove(ctx context.Context, in ProveIn) (Moved, error) {
	return Moved{casePath(in.Recovery)}, rm.Prove(ctx, in.Recovery, caller(ctx), in.Code)
}

func (rm *Room) proveAgain(ctx context.Context, in ProveIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showCase(ctx, CaseIn{in.Recovery})
	v.problem = p
	return casePage(v), err
}

func (rm *Room) stop(ctx context.Context, in CaseIn) (Moved, error) {
	err := rm.DB.Write(ctx, func(ctx context.Context) error {
		c, err := caseWhere(ctx, "id = ? AND org_id <> ''", in.Recovery)
		if err != nil {
			return err
		}
		role, err := rm.Org.Member(ctx, caller(ctx), string(c.Org))
		if err == nil && role != web.Owner {
			err = problem.NotFound()
		}
		if err != nil {
			return err
		}
		return rm.Stop(ctx, c.Org, c.ID, caller(ctx))
	})
	return Moved{casePath(in.Recovery)}, err
}

func (rm *Room) undo(ctx context.Context, in CaseIn) (Moved, error) {
	return Moved{casePath(in.Recovery)}, rm.Undo(ctx, in.Recovery, caller(ctx))
}
