package binding

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

func (rm *Room) operatorRoutes() []web.Route {
	return []web.Route{
		web.Get("/operator/bodies", web.Operator, "List the organisations that may vouch.", rm.showBodies, bodiesPage, web.StepUp),
		web.Post("/operator/bodies", web.Operator, "Let the organisation of a code vouch.", rm.allowBody, nil, web.StepUp, web.Again(rm.allowBodyAgain)),
		web.Post("/operator/bodies/{body}/end", web.Operator, "End an organisation's right to vouch.", rm.endBody, nil, web.StepUp),
		web.Get("/operator/disputes", web.Operator, "List the open disputes over a number.", rm.showDisputes, disputesPage),
		web.Get("/operator/disputes/{dispute}", web.Operator, "Show what the sides of a dispute stated to the operators.", rm.showDispute, disputePage, web.StepUp, web.Noted(rm.noteLook)),
		web.GetFile("/operator/disputes/{dispute}/papers/{paper}", web.Operator, "Fetch a paper that a side uploaded.", rm.openPaper, web.StepUp, web.Noted(rm.notePaper)),
		web.Post("/operator/disputes/{dispute}/choose", web.Operator, "Choose a side; a second operator's same choice decides.", rm.choose, nil, web.StepUp),
	}
}

// BodiesView lists the named bodies.
type BodiesView struct {
	Bodies  []Body `json:"bodies"`
	typed   string
	problem *problem.Problem
}

func (rm *Room) showBodies(ctx context.Context, _ struct{}) (v BodiesView, err error) {
	v.Bodies, err = rm.Bodies(ctx)
	if v.Bodies == nil {
		v.Bodies = []Body{}
	}
	for i := range v.Bodies {
		if err != nil {
			break
		}
		o, e := rm.Organisation(ctx, v.Bodies[i].org)
		v.Bodies[i].Name, v.Bodies[i].Number, err = o.OpenName(), o.Number(), e
	}
	return v, err
}

// AllowIn is a body's code as typed.
type AllowIn struct {
	Code string `json:"code"`
}

func (rm *Room) allowBody(ctx context.Context, in AllowIn) (Moved, error) {
	return Moved{"/operator/bodies"}, rm.AllowBody(ctx, in.Code)
}

func (rm *Room) allowBodyAgain(ctx context.Context, in AllowIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showBodies(ctx, struct{}{})
	v.typed, v.problem = in.Code, p
	return bodiesPage(v), err
}

// EndBodyIn names a body.
type EndBodyIn struct {
	Body string `path:"body" json:"-"`
	Also bool   `json:"also"` // end what it showed, too
}

func (rm *Room) endBody(ctx context.Context, in EndBodyIn) (Moved, error) {
	return Moved{"/operator/bodies"}, rm.EndBody(ctx, in.Body, in.Also)
}

// DisputesView lists open disputes.
type DisputesView struct {
	Disputes []Dispute `json:"disputes"`
	now      time.Time
}

func (rm *Room) showDisputes(ctx context.Context, _ struct{}) (DisputesView, error) {
	all, err := rm.OpenDisputes(ctx)
	if all == nil {
		all = []Dispute{}
	}
	return DisputesView{all, rm.Now()}, err
}

// Paper is a file that a side uploaded for the operators.
type Paper struct {
	ID   string    `json:"id"`
	At   time.Time `json:"at"`
	side string
	org  string
	blob string
}

func (p *Paper) fields() []any { return []any{&p.ID, db.At(&p.At), &p.side, &p.org, &p.blob} }

func papersOf(ctx context.Context, sides []Side) ([]Paper, error) {
	if len(sides) == 0 {
		return nil, nil
	}
	args := make([]any, len(sides))
	for i, s := range sides {
		args[i] = s.ID
	}
	return db.Rows(ctx, (*Paper).fields, "SELECT id, uploaded_at, side_id, org_id, blob_id FROM binding_paper WHERE side_id IN (?"+
		strings.Repeat(", ?", len(sides)-1)+") ORDER BY uploaded_at, id", args...)
}

// SideRow is a side as the operators see it: what it stated to them, and how it
// is shown to be whom it says.
type SideRow struct {
	Side
	Name   string     `json:"name"`
	Proofs []ProofRow `json:"proofs"`
	Papers []Paper    `json:"papers"`
}

// CaseView is a dispute for the operators.
type CaseView struct {
	Dispute
	Sides []SideRow `json:"sides"`
	Mine  bool      `json:"mine"` // the first choice is the caller's own
	now   time.Time
}

// DisputeIn names a dispute.
type DisputeIn struct {
	Dispute string `path:"dispute" json:"-"`
}

func (rm *Room) showDispute(ctx context.Context, in DisputeIn) (v CaseView, err error) {
	if v.Dispute, err = openDisputeByID(ctx, in.Dispute); err != nil {
		return v, err
	}
	v.now, v.Mine = rm.Now(), v.ChosenBy == actor(ctx)
	sides, err := rm.sides(ctx, in.Dispute)
	if err != nil {
		return v, err
	}
	papers, err := papersOf(ctx, sides)
	if err != nil {
		return v, err
	}
	for _, s := range sides {
		o, err := rm.Organisation(ctx, s.Org)
		if err != nil {
			return v, err
		}
		row := SideRow{Side: s, Name: o.Name}
		if row.Proofs, err = rm.proofRows(ctx, s.Org, web.Viewer); err != nil {
			return v, err
		}
		row.Papers = slices.DeleteFunc(slices.Clone(papers), func(p Paper) bool { return p.side != s.ID })
		v.Sides = append(v.Sides, row)
	}
	return v, nil
}

// noteLook tells every side that an operator looked.
func (rm *Room) noteLook(ctx context.Context, in DisputeIn) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		if _, err := openDisputeByID(ctx, in.Dispute); err != nil {
			return err
		}
		sides, err := rm.sides(ctx, in.Dispute)
		for _, s := range sides {
			err = errors.Join(err, rm.note(ctx, s.Org, actor(ctx), "binding.looked", in.Dispute, false, nil))
		}
		return err
	})
}

// PaperIn names a paper.
type PaperIn struct {
	Dispute string `path:"dispute" json:"-"`
	Paper   string `path:"paper" json:"-"`
}

func (rm *Room) paper(ctx context.Context, in PaperIn) (Paper, error) {
	p, err := db.One(ctx, (*Paper).fields, `
		SELECT p.id, p.uploaded_at, p.side_id, p.org_id, p.blob_id FROM binding_paper p
		JOIN binding_side s ON s.id = p.side_id JOIN binding_dispute d ON d.id = s.dispute_id
		WHERE p.id = ? AND d.id = ? AND d.decided_at IS NULL AND s.closed_at IS NULL`, in.Paper, in.Dispute)
	return p, orNotFound(err)
}

func (rm *Room) openPaper(ctx context.Context, in PaperIn) (web.File, error) {
	p, err := rm.paper(ctx, in)
	if err != nil {
		return web.File{}, err
	}
	return rm.OpenFile(ctx, p.org, p.blob)
}

func (rm *Room) notePaper(ctx context.Context, in PaperIn) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		p, err := rm.paper(ctx, in)
		if err != nil {
			return err
		}
		return rm.note(ctx, p.org, actor(ctx), "binding.paper-opened", p.ID, false, nil)
	})
}

// ChooseIn is an operator's choice: a side, or "nobody".
type ChooseIn struct {
	Dispute string `path:"dispute" json:"-"`
	Side    string `json:"side"`
}

// ChosenView says whether that decided it.
type ChosenView struct {
	Decided bool `json:"decided"`
	at      string
}

// Next is the list when it is decided, else the dispute.
func (v ChosenView) Next() string { return v.at }

func (rm *Room) choose(ctx context.Context, in ChooseIn) (ChosenView, error) {
	decided, err := rm.Choose(ctx, in.Dispute, in.Side)
	if decided {
		return ChosenView{true, "/operator/disputes"}, err
	}
	return ChosenView{false, "/operator/disputes/" + in.Dispute}, err
}
