package review

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
)

// maxProposals bounds what waits under one grant, and the pages that list it.
const maxProposals = 200

// Proposal is an answer that a helper would give.
type Proposal struct {
	ID      string
	Org     string
	Grant   string
	Account string
	Helper  string // name, as he says; "" once erased
	Pack    string
	Item    string
	Choice  string
	Words   string
	At      time.Time
	State   string // open, accepted, refused, replaced
	Decided time.Time
	By      string // account
	Reason  string
}

const proposalColumns = "id, org_id, grant_id, account_id, helper, pack, item, choice, words, made_at, state, decided_at, decided_by, reason"

func (p *Proposal) fields() []any {
	return []any{&p.ID, &p.Org, &p.Grant, &p.Account, &p.Helper, &p.Pack, &p.Item, &p.Choice, &p.Words, db.At(&p.At), &p.State,
		db.At(&p.Decided), &p.By, &p.Reason}
}

// Propose keeps what a helper proposes. The caller has asked for his grant in the
// same transaction. A proposal for the same item under the same grant takes the
// place of the one before.
// keys: field.review-choice, problem.review-proposals.title, problem.review-proposals.hint, field.review-reason
func (rm *Room) Propose(ctx context.Context, p Proposal) (id string, err error) {
	pack := rm.Assess.Packs.ByID(p.Pack)
	if pack == nil || pack.Item(p.Item) == nil {
		return "", problem.NotFound()
	}
	var v problem.Invalid
	v.Check(pack.Choice(p.Choice) != nil, "choice", "review-choice")
	p.Words = text(&v, "words", p.Words, maxWords, true)
	v.Check(p.Choice != assess.NotApplicable || p.Words != "", "words", "review-reason")
	if err := v.Or(); err != nil {
		return "", err
	}
	p.ID = db.NewID()
	return p.ID, rm.DB.Write(ctx, func(ctx context.Context) error {
		n, err := db.Value[int](ctx, `SELECT COUNT(*) FROM review_proposal
			WHERE org_id = ? AND grant_id = ? AND state = 'open' AND NOT (pack = ? AND item = ?)`, p.Org, p.Grant, p.Pack, p.Item)
		if err != nil {
			return err
		}
		if n >= maxProposals {
			return problem.New(http.StatusConflict, "review-proposals", "n", maxProposals)
		}
		_, err = db.Exec(ctx, `UPDATE review_proposal SET state = 'replaced', decided_at = ?, decided_by = ?
			WHERE grant_id = ? AND pack = ? AND item = ? AND state = 'open'`, rm.Now(), p.Account, p.Grant, p.Pack, p.Item)
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, `INSERT INTO review_proposal (id, org_id, grant_id, account_id, helper, pack, item, choice, words, made_at, state, decided_at, decided_by, reason)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'open', NULL, '', '')`,
			p.ID, p.Org, p.Grant, p.Account, p.Helper, p.Pack, p.Item, p.Choice, p.Words, rm.Now())
		if err != nil {
			return err
		}
		return rm.note(ctx, p.Org, "review.proposed", p.ID, words{How: p.Pack + "/" + p.Item})
	})
}

// ProposedUnder returns what was proposed under a grant for an item, the newest
// first: for its helper.
func (rm *Room) ProposedUnder(ctx context.Context, grant, pack, item string) ([]Proposal, error) {
	return db.Rows(ctx, (*Proposal).fields, "SELECT "+proposalColumns+` FROM review_proposal
		WHERE grant_id = ? AND pack = ? AND item = ? AND state <> 'replaced' ORDER BY made_at DESC, id LIMIT 20`, grant, pack, item)
}

// OpenProposals returns what waits for a company's decision, the oldest first.
// What was proposed under a grant that has ended waits no more.
func (rm *Room) OpenProposals(ctx context.Context, company string) ([]Proposal, error) {
	if rm.HelperGrants == nil {
		return nil, nil
	}
	// Proposals first: most companies have none, and the home asks each time.
	all, err := db.Rows(ctx, (*Proposal).fields, "SELECT "+proposalColumns+` FROM review_proposal
		WHERE org_id = ? AND state = 'open' ORDER BY made_at, id`, company)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	open, err := rm.HelperGrants(ctx, company)
	return slices.DeleteFunc(all, func(p Proposal) bool { return !slices.Contains(open, p.Grant) }), err
}

// CountProposals is how many proposals wait for a company's decision.
func (rm *Room) CountProposals(ctx context.Context, company string) (int, error) {
	all, err := rm.OpenProposals(ctx, company)
	return len(all), err
}

// decided returns the last proposals that were decided.
func decidedProposals(ctx context.Context, company string) ([]Proposal, error) {
	return db.Rows(ctx, (*Proposal).fields, "SELECT "+proposalColumns+` FROM review_proposal
		WHERE org_id = ? AND state IN ('accepted', 'refused') ORDER BY decided_at DESC, id LIMIT 50`, company)
}

// waiting returns one proposal that waits for a decision.
func (rm *Room) waiting(ctx context.Context, company, id string) (Proposal, error) {
	all, err := rm.OpenProposals(ctx, company)
	if err != nil {
		return Proposal{}, err
	}
	if i := slices.IndexFunc(all, func(p Proposal) bool { return p.ID == id }); i >= 0 {
		return all[i], nil
	}
	return Proposal{}, problem.NotFound()
}

// AcceptProposal makes a proposal the company's answer, with the words that the
// member lets stand. revision is that of the answer that he saw; the problem is
// "assess-conflict" when somebody has answered since.
func (rm *Room) AcceptProposal(ctx context.Context, company, id, said string, revision int) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		p, err := rm.waiting(ctx, company, id)
		if err != nil {
			return err
		}
		answers, err := rm.Assess.Answers(ctx, company, p.Pack)
		if err != nil {
			return err
		}
		in := assess.AnswerInput{
			Org: company, Pack: p.Pack, Item: p.Item, Choice: p.Choice, Memo: said, Detail: answers[p.Item].Detail,
			Revision: revision, Actor: actor(ctx), Source: assess.SourceHelper, SourceNote: p.Helper,
		}
		if p.Choice == assess.NotApplicable {
			in.Reason, in.Memo = said, answers[p.Item].Memo
		}
		if _, err := rm.Assess.Answer(ctx, in); err != nil {
			return err
		}
		return rm.decide(ctx, p, "accepted", "")
	})
}

// RefuseProposal says no to a proposal, and why; the helper reads the reason.
func (rm *Room) RefuseProposal(ctx context.Context, company, id, reason string) error {
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		p, err := rm.waiting(ctx, company, id)
		if err != nil {
			return err
		}
		var v problem.Invalid
		reason := text(&v, "reason", reason, maxWords, false)
		if err := v.Or(); err != nil {
			return err
		}
		return rm.decide(ctx, p, "refused", reason)
	})
}

func (rm *Room) decide(ctx context.Context, p Proposal, state, reason string) error {
	n, err := db.Exec(ctx, "UPDATE review_proposal SET state = ?, decided_at = ?, decided_by = ?, reason = ? WHERE id = ? AND org_id = ? AND state = 'open'",
		state, rm.Now(), actor(ctx), reason, p.ID, p.Org)
	if err != nil {
		return err
	}
	if n == 0 {
		return problem.NotFound()
	}
	return rm.note(ctx, p.Org, "review.proposal-"+state, p.ID, words{How: p.Pack + "/" + p.Item, Text: reason})
}

// choiceWords is a choice in the words of its pack and the reader.
func (rm *Room) choiceWords(pack, choice string) i18n.Text {
	if p := rm.Assess.Packs.ByID(pack); p != nil {
		if c := p.Choice(choice); c != nil {
			return c.Label
		}
	}
	return i18n.Text{JA: choice, Easy: choice, EN: choice}
}
