package helper

import (
	"context"
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
	"github.com/minamori-project/minamori/ui"
)

// Proposed is an answer that a helper would give to an item.
type Proposed struct {
	Org     org.ID
	Grant   string
	Account string
	Name    string // of the helper, as he says
	Pack    string
	Item    string
	Choice  string
	Words   string
}

// ProposalView is what became of a proposal.
type ProposalView struct {
	Choice string    `json:"answer"`
	Words  string    `json:"words,omitempty"`
	At     time.Time `json:"proposed_at"`
	State  string    `json:"state"`            // open, accepted or refused
	Reason string    `json:"reason,omitempty"` // of a refusal

	label i18n.Text
}

// ProposeAnswer hands an answer for an item that the helper may see to the company.
func (rm *Room) ProposeAnswer(ctx context.Context, by web.Caller, grant, pack, item, choice, said string) error {
	if rm.Propose == nil {
		return problem.NotFound()
	}
	return rm.DB.Write(ctx, func(ctx context.Context) error {
		g, err := rm.seen(ctx, by, grant, Helper, pageItem)
		if err != nil {
			return err
		}
		if !rm.Answers.Knows(pack, item) {
			return problem.NotFound()
		}
		return rm.Propose(ctx, Proposed{g.Org, g.ID, by.Account, g.Name, pack, item, choice, said})
	})
}

// OpenGrants returns the ids of the grants of a company's helpers under which they
// may look now.
func (rm *Room) OpenGrants(ctx context.Context, company string) ([]string, error) {
	all, err := db.Rows(ctx, (*Grant).fields, "SELECT "+grantColumns+` FROM helper_grant
		WHERE org_id = ? AND kind = 'helper' AND accepted_at IS NOT NULL AND ended_at IS NULL AND expires > ? ORDER BY id`, company, rm.Now())
	open := []string{}
	for _, g := range all {
		shut, err := rm.shut(ctx, g.Org, g.Account)
		if err != nil {
			return nil, err
		}
		if !shut {
			open = append(open, g.ID)
		}
	}
	return open, err
}

// ProposeIn is a proposal as typed.
type ProposeIn struct {
	Grant  string `path:"grant" json:"-"`
	Pack   string `path:"pack" json:"-"`
	Item   string `path:"item" json:"-"`
	Choice string `json:"choice"`
	Words  string `json:"words"`
}

func (in ProposeIn) at() ItemIn { return ItemIn{in.Grant, in.Pack, in.Item} }

func (rm *Room) postPropose(ctx context.Context, in ProposeIn) (Moved, error) {
	err := rm.ProposeAnswer(ctx, web.CallerFrom(ctx), in.Grant, in.Pack, in.Item, in.Choice, in.Words)
	return Moved{Helper.itemPath(in.at())}, err
}

func (rm *Room) proposeAgain(ctx context.Context, in ProposeIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.itemOf(ctx, in.at(), Helper)
	v.proposed, v.problem = in, p
	return itemPage(v), err
}

// fillProposals adds what the helper proposed before, and what he can propose.
func (rm *Room) fillProposals(ctx context.Context, v *ItemView) (err error) {
	if rm.Propose == nil || v.kind != Helper {
		return nil
	}
	if v.Proposals, err = rm.Proposed(ctx, v.Grant, v.Pack, v.Item); err != nil {
		return err
	}
	v.choices = rm.Choices(v.Pack)
	for i := range v.Proposals {
		for _, c := range v.choices {
			if c.Code == v.Proposals[i].Choice {
				v.Proposals[i].label = c.Label
			}
		}
	}
	return nil
}

func (v ItemView) proposable() (all []ui.Option) {
	for _, c := range v.choices {
		all = append(all, ui.Option{Value: c.Code, Label: ui.Rich(c.Label), Chosen: c.Code == v.proposed.Choice})
	}
	return all
}
