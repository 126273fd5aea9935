package review

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
)

// What a named body sees and does: it looks a qualification up in the register of
// its holders and says so.

// CheckRow is a qualification that a body looked up.
type CheckRow struct {
	ID            string    `json:"id"`
	Name          string    `json:"name"`
	Qualification string    `json:"qualification"`
	Number        string    `json:"number"`
	At            time.Time `json:"checked_at"`
	How           string    `json:"how"`
}

// ChecksView lists them, the newest first.
type ChecksView struct {
	Body   bool       `json:"named_body"` // whether it may look anything up
	Checks []CheckRow `json:"checks"`

	org     string
	typed   string
	problem *problem.Problem
	rm      *Room
}

func (rm *Room) showChecks(ctx context.Context, in OrgIn) (ChecksView, error) {
	v := ChecksView{Checks: []CheckRow{}, org: in.Org, rm: rm}
	switch err := rm.mayCheck(ctx, in.Org); {
	case problem.Is(err, "not-found"):
		return v, nil
	case err != nil:
		return v, err
	}
	v.Body = true
	all, err := db.Rows(ctx, (*Said).fields, "SELECT "+saidColumns+" FROM review_qualification WHERE checked_org = ? ORDER BY checked_at DESC, id LIMIT 200", in.Org)
	for _, s := range all {
		v.Checks = append(v.Checks, CheckRow{s.ID, s.Name, s.Code, s.Number, s.Checked, s.How})
	}
	return v, err
}

// CodeIn is a code that a specialist gave to a body.
type CodeIn struct {
	Org  string `path:"org" json:"-"`
	Code string `json:"code"`
}

type heldView struct {
	org     string
	said    Said
	typed   CheckedIn
	problem *problem.Problem
	rm      *Room
}

func (rm *Room) lookHeld(ctx context.Context, in CodeIn) (v heldView, err error) {
	v = heldView{org: in.Org, typed: CheckedIn{Org: in.Org, Code: in.Code}, rm: rm}
	err = rm.DB.Read(ctx, func(ctx context.Context) error {
		v.said, err = rm.Held(ctx, in.Org, in.Code)
		return err
	})
	return v, err
}

func (rm *Room) heldAgain(ctx context.Context, in CodeIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showChecks(ctx, OrgIn{in.Org})
	v.typed, v.problem = in.Code, p
	return checksPage(v), err
}

// CheckedIn says that a qualification was looked up, and how.
type CheckedIn struct {
	Org  string `path:"org" json:"-"`
	Code string `json:"code"`
	How  string `json:"how"`
}

func (rm *Room) postChecked(ctx context.Context, in CheckedIn) (Moved, error) {
	return Moved{To: checksPath(in.Org)}, rm.Checked(ctx, in.Org, in.Code, in.How)
}

func (rm *Room) checkedAgain(ctx context.Context, in CheckedIn, p *problem.Problem) (templ.Component, error) {
	said, err := rm.Held(ctx, in.Org, in.Code)
	if problem.As(err) != nil {
		return rm.heldAgain(ctx, CodeIn{in.Org, in.Code}, problem.As(err))
	}
	return heldPage(heldView{org: in.Org, said: said, typed: in, problem: p, rm: rm}), err
}

// QualificationIn names a qualification that a body looked up.
type QualificationIn struct {
	Org           string `path:"org" json:"-"`
	Qualification string `path:"qualification" json:"-"`
}

func (rm *Room) postTakeBack(ctx context.Context, in QualificationIn) (Moved, error) {
	return Moved{To: checksPath(in.Org)}, rm.TakeBackCheck(ctx, in.Org, in.Qualification)
}

func checksPath(org string) string { return "/orgs/" + org + "/qualification-checks" }

// ProposalView is an answer that a helper would give, beside the one that stands.
type ProposalView struct {
	ID       string     `json:"id"`
	Helper   string     `json:"helper,omitempty"`
	Pack     string     `json:"framework"`
	Item     string     `json:"item"`
	Title    string     `json:"title"`
	Choice   string     `json:"answer"`
	Word     string     `json:"word"`
	Words    string     `json:"words,omitempty"`
	At       time.Time  `json:"proposed_at"`
	Now      string     `json:"present_answer,omitempty"`
	NowWord  string     `json:"present_word,omitempty"`
	NowMemo  string     `json:"present_memo,omitempty"`
	Revision int        `json:"revision"`
	State    string     `json:"state"`
	Decided  *time.Time `json:"decided_at,omitempty"`
	By       string     `json:"decided_by,omitempty"`
	Reason   string     `json:"reason,omitempty"`
}

// ProposalsView is what waits for a decision, and what was decided.
type ProposalsView struct {
	Open    []ProposalView `json:"open"`
	Decided []ProposalView `json:"decided"`

	org     string
	now     time.Time
	typed   DecideIn
	problem *problem.Problem
}

func proposalsPath(org string) string { return "/orgs/" + org + "/proposals" }

func proposalView(p Proposal) ProposalView {
	return ProposalView{
		ID: p.ID, Helper: p.Helper, Pack: p.Pack, Item: p.Item, Choice: p.Choice, Words: p.Words, At: p.At, State: p.State,
		Decided: maybe(p.Decided), Reason: p.Reason,
	}
}

func proposalViews(all []Proposal) []ProposalView {
	views := make([]ProposalView, 0, len(all))
	for _, p := range all {
		views = append(views, proposalView(p))
	}
	return views
}

func (rm *Room) showProposals(ctx context.Context, in OrgIn) (ProposalsView, error) {
	v := ProposalsView{org: in.Org, now: rm.Now()}
	open, err := rm.OpenProposals(ctx, in.Org)
	if err != nil {
		return v, err
	}
	past, err := decidedProposals(ctx, in.Org)
	if err != nil {
		return v, err
	}
	v.Open, v.Decided = proposalViews(open), proposalViews(past)
	accounts := []string{}
	for _, p := range past {
		accounts = append(accounts, p.By)
	}
	people, err := rm.Accounts(ctx, accounts)
	if err != nil {
		return v, err
	}
	for i := range v.Decided {
		rm.proposalTitle(ctx, &v.Decided[i])
		v.Decided[i].By = people[past[i].By].Name
	}
	for i := range v.Open {
		if err := rm.beside(ctx, in.Org, &v.Open[i]); err != nil {
			return v, err
		}
	}
	return v, nil
}

func (rm *Room) proposalTitle(ctx context.Context, p *ProposalView) {
	p.Title, p.Word = p.Item, say(ctx, rm.choiceWords(p.Pack, p.Choice))
	if pack := rm.Assess.Packs.ByID(p.Pack); pack != nil && pack.Item(p.Item) != nil {
		p.Title = say(ctx, pack.Item(p.Item).Title)
	}
}

// beside puts the answer that stands beside a proposal.
func (rm *Room) beside(ctx context.Context, company string, p *ProposalView) error {
	rm.proposalTitle(ctx, p)
	answers, err := rm.Assess.Answers(ctx, company, p.Pack)
	if a, ok := answers[p.Item]; ok {
		p.Now, p.NowWord, p.NowMemo, p.Revision = a.Choice, say(ctx, rm.choiceWords(p.Pack, a.Choice)), a.Memo, a.Revision
	}
	return err
}

// DecideIn is what a member decides on a proposal.
type DecideIn struct {
	Org      string `path:"org" json:"-"`
	Proposal string `path:"proposal" json:"-"`
	Words    string `json:"words"`
	Revision int    `json:"revision"`
	Reason   string `json:"reason"`
}

func (rm *Room) postAccept(ctx context.Context, in DecideIn) (Moved, error) {
	return Moved{To: proposalsPath(in.Org)}, rm.AcceptProposal(ctx, in.Org, in.Proposal, in.Words, in.Revision)
}

func (rm *Room) postRefuse(ctx context.Context, in DecideIn) (Moved, error) {
	return Moved{To: proposalsPath(in.Org)}, rm.RefuseProposal(ctx, in.Org, in.Proposal, in.Reason)
}

func (rm *Room) proposalAgain(ctx context.Context, in DecideIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showProposals(ctx, OrgIn{in.Org})
	v.typed, v.problem = in, p
	return proposalsPage(v), err
}
