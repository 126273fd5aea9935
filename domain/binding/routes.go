package binding

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

// Routes is the room's whole surface.
func (rm *Room) Routes() []web.Route {
	return slices.Concat(rm.companyRoutes(), rm.bodyRoutes(), rm.operatorRoutes())
}

func (rm *Room) companyRoutes() []web.Route {
	return []web.Route{
		web.Get("/orgs/{org}/binding", web.Viewer, "Show how it is known that this organisation is whom it says.", rm.showBinding, bindingPage),
		web.Post("/orgs/{org}/binding/domains", web.Manager, "Ask for a DNS record to be looked for.", rm.askDomain, nil, web.Again(rm.askDomainAgain)),
		web.Post("/orgs/{org}/binding/domains/{proof}/check", web.Manager, "Look for the DNS record now.", rm.checkAgain, nil),
		web.Get("/orgs/{org}/binding/{proof}/end", web.Owner, "Ask before a proof ends.", rm.askEnd, confirmPage, web.PageOnly, web.StepUp),
		web.Post("/orgs/{org}/binding/{proof}/end", web.Owner, "End a proof of the organisation.", rm.endProof, nil, web.StepUp),
		web.Post("/orgs/{org}/binding/voucher-code", web.Manager, "Make a code for a body that is to vouch.", rm.makeVoucherCode, nil),
		web.Post("/orgs/{org}/binding/case", web.Manager, "State one's case in a dispute, with a paper.", rm.stateCase, nil, web.PageOnly, web.Limit(web.UploadLimit), web.Again(rm.stateCaseAgain)),
		web.Get("/orgs/{org}/binding/withdraw", web.Owner, "Ask before the organisation withdraws from a dispute.", rm.askWithdraw, confirmPage, web.PageOnly, web.StepUp),
		web.Post("/orgs/{org}/binding/withdraw", web.Owner, "Withdraw from a dispute; the proofs for the number end.", rm.withdraw, nil, web.StepUp),
	}
}

// Moved is the answer of a change after which the browser goes on.
type Moved struct {
	To string `json:"next"`
}

// Next is the local path to go to.
func (m Moved) Next() string { return m.To }

// OrgIn names the organisation of a route.
type OrgIn struct {
	Org string `path:"org" json:"-"`
}

func bindingPath(id string) string { return "/orgs/" + id + "/binding" }

// ProofRow is a proof as its company sees it.
type ProofRow struct {
	Proof
	State      string `json:"state"` // asked, shown or lost
	BodyName   string `json:"body,omitempty"`
	RecordName string `json:"record_name,omitempty"`
	Record     string `json:"record,omitempty"`
}

// DisputeView is a dispute as one side sees it: nothing of the other.
type DisputeView struct {
	Joined  time.Time `json:"joined"`
	Frozen  bool      `json:"frozen"`
	Words   string    `json:"words"`
	WordsAt time.Time `json:"words_at"`
	Papers  int       `json:"papers"`
}

// View is how it is known that the organisation is whom it says.
type View struct {
	Bound   bool         `json:"bound"`
	Proofs  []ProofRow   `json:"proofs"`
	Dispute *DisputeView `json:"dispute,omitempty"`
	Code    *Code        `json:"voucher_code,omitempty"` // for managers

	org     string
	number  org.CorporateNumber
	role    web.Role
	now     time.Time
	typed   DomainIn
	words   *string // typed and refused
	problem *problem.Problem
}

func (rm *Room) showBinding(ctx context.Context, in OrgIn) (v View, err error) {
	v = View{org: in.Org, role: web.RoleFrom(ctx), now: rm.Now(), Proofs: []ProofRow{}}
	o, err := rm.Organisation(ctx, in.Org)
	if err != nil {
		return v, err
	}
	v.number = o.CorporateNumber
	if v.Bound, err = rm.Bound(ctx, in.Org); err != nil {
		return v, err
	}
	if v.Proofs, err = rm.proofRows(ctx, in.Org, v.role); err != nil {
		return v, err
	}
	if v.Dispute, err = rm.disputeView(ctx, in.Org); err != nil {
		return v, err
	}
	if v.role >= web.Manager {
		v.Code, err = rm.openCode(ctx, in.Org, forVoucher)
	}
	return v, err
}

func (rm *Room) proofRows(ctx context.Context, id string, role web.Role) ([]ProofRow, error) {
	proofs, err := rm.proofsOf(ctx, id)
	if err != nil {
		return nil, err
	}
	names, err := rm.namesOf(ctx, proofs, func(p Proof) string { return p.Body })
	rows := make([]ProofRow, len(proofs))
	for i, p := range proofs {
		rows[i] = ProofRow{Proof: p, State: p.state(), BodyName: names[p.Body].OpenName()}
		if p.Kind == Domain && role >= web.Manager {
			rows[i].RecordName, rows[i].Record = recordName(p.Domain), rm.record(p.ID)
		}
	}
	return rows, err
}

func (p Proof) state() string {
	switch {
	case p.Since.IsZero():
		return "asked"
	case !p.Lost.IsZero():
		return "lost"
	}
	return "shown"
}

// namesOf asks for each organisation once.
func (rm *Room) namesOf(ctx context.Context, proofs []Proof, which func(Proof) string) (map[string]org.Organisation, error) {
	all := map[string]org.Organisation{}
	for _, p := range proofs {
		id := which(p)
		if _, ok := all[id]; ok || id == "" {
			continue
		}
		o, err := rm.Organisation(ctx, id)
		if err != nil && !problem.Is(err, "not-found") {
			return nil, err
		}
		all[id] = o
	}
	return all, nil
}

func (rm *Room) disputeView(ctx context.Context, id string) (*DisputeView, error) {
	s, err := sideOf(ctx, id)
	if err != nil || s == nil {
		return nil, err
	}
	papers, err := papersOf(ctx, []Side{*s})
	return &DisputeView{s.Joined, s.Frozen, s.Words, s.WordsAt, len(papers)}, err
}

// DomainIn is a domain as typed.
type DomainIn struct {
	Org    string `path:"org" json:"-"`
	Domain string `json:"domain"`
}

func (rm *Room) askDomain(ctx context.Context, in DomainIn) (Moved, error) {
	_, err := rm.AskDomain(ctx, in.Org, in.Domain)
	return Moved{bindingPath(in.Org)}, err
}

func (rm *Room) askDomainAgain(ctx context.Context, in DomainIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showBinding(ctx, OrgIn{in.Org})
	v.typed, v.problem = in, p
	return bindingPage(v), err
}

// ProofIn names a proof.
type ProofIn struct {
	Org   string `path:"org" json:"-"`
	Proof string `path:"proof" json:"-"`
}

func (rm *Room) checkAgain(ctx context.Context, in ProofIn) (Moved, error) {
	return Moved{bindingPath(in.Org)}, rm.CheckAgain(ctx, in.Org, in.Proof)
}

// ConfirmView asks before something ends. key begins its texts.
type ConfirmView struct{ key, action, back string }

func (rm *Room) askEnd(ctx context.Context, in ProofIn) (ConfirmView, error) {
	n, err := db.Value[int](ctx, "SELECT COUNT(*) FROM binding_proof WHERE id = ? AND org_id = ? AND ended_at IS NULL", in.Proof, in.Org)
	if err == nil && n == 0 {
		err = problem.NotFound()
	}
	return ConfirmView{"binding.end", bindingPath(in.Org) + "/" + in.Proof + "/end", bindingPath(in.Org)}, err
}

func (rm *Room) askWithdraw(_ context.Context, in OrgIn) (ConfirmView, error) {
	return ConfirmView{"binding.withdraw", bindingPath(in.Org) + "/withdraw", bindingPath(in.Org)}, nil
}

func (rm *Room) endProof(ctx context.Context, in ProofIn) (Moved, error) {
	return Moved{bindingPath(in.Org)}, rm.End(ctx, in.Org, in.Proof)
}

// CodeView is a new code, and where the page shows it.
type CodeView struct {
	Code
	at string
}

// Next is the page that shows the code.
func (v CodeView) Next() string { return v.at }

func (rm *Room) makeVoucherCode(ctx context.Context, in OrgIn) (CodeView, error) {
	c, err := rm.MakeCode(ctx, in.Org, forVoucher)
	return CodeView{c, bindingPath(in.Org) + "#voucher"}, err
}

// CaseIn is what a side has to say.
type CaseIn struct {
	Org   string     `path:"org" json:"-"`
	Words string     `json:"words"`
	Paper web.Upload `json:"paper"`
}

func (rm *Room) stateCase(ctx context.Context, in CaseIn) (Moved, error) {
	return Moved{bindingPath(in.Org)}, rm.State(ctx, in.Org, in.Words, in.Paper)
}

func (rm *Room) stateCaseAgain(ctx context.Context, in CaseIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.showBinding(ctx, OrgIn{in.Org})
	v.words, v.problem = &in.Words, p
	return bindingPage(v), err
}

func (rm *Room) withdraw(ctx context.Context, in OrgIn) (Moved, error) {
	return Moved{bindingPath(in.Org)}, rm.Withdraw(ctx, in.Org)
}
