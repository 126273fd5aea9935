package policy

import (
	"context"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/problem"
)

// The pages of what an owner decides.

func (rm *Room) askApprove(ctx context.Context, in DocumentIn) (View, error) {
	v, err := rm.view(ctx, in.Org, in.Policy, 0)
	if err == nil && v.Shown.State != Draft {
		err = problem.NotFound()
	}
	return v, err
}

// ApproveIn names the draft as it was seen.
type ApproveIn struct {
	Org      string `path:"org" json:"-"`
	Policy   string `path:"policy" json:"-"`
	Revision int    `json:"revision"`
}

func (rm *Room) approve(ctx context.Context, in ApproveIn) (Moved, error) {
	_, err := rm.Approve(ctx, in.Org, in.Policy, in.Revision)
	return Moved{documentPath(in.Org, in.Policy)}, err
}

func (rm *Room) approveAgain(ctx context.Context, in ApproveIn, p *problem.Problem) (templ.Component, error) {
	v, err := rm.askApprove(ctx, DocumentIn{in.Org, in.Policy})
	v.problem = p
	return approvePage(v), err
}

// ConfirmView asks before something. key begins its texts.
type ConfirmView struct {
	key, action, back string
	blocked           string // the code of what stands in the way, or ""
	danger            bool
	org               string
}

func (rm *Room) confirm(ctx context.Context, in DocumentIn, key string, need func(Document) bool) (ConfirmView, error) {
	d, err := documentOf(ctx, in.Org, in.Policy)
	if err == nil && !need(d) {
		err = problem.NotFound()
	}
	at := documentPath(in.Org, in.Policy)
	return ConfirmView{key: "policy." + key, action: at + "/" + key, back: at, danger: key != "publish", org: in.Org}, err
}

func (rm *Room) askPublish(ctx context.Context, in DocumentIn) (ConfirmView, error) {
	v, err := rm.confirm(ctx, in, "publish", func(d Document) bool {
		t, err := rm.template(d.Template)
		return err == nil && t.Kind == "policy"
	})
	if err != nil {
		return v, err
	}
	if v.blocked, err = rm.hidden(ctx, in.Org); err != nil || v.blocked != "" {
		return v, err
	}
	if _, err = versionIn(ctx, in.Org, in.Policy, Approved); problem.Is(err, "not-found") {
		v.blocked, err = "policy-draft", nil
	}
	return v, err
}

func (rm *Room) askUnpublish(ctx context.Context, in DocumentIn) (ConfirmView, error) {
	return rm.confirm(ctx, in, "unpublish", func(d Document) bool { return d.Published > 0 })
}

func (rm *Room) askWithdraw(ctx context.Context, in DocumentIn) (ConfirmView, error) {
	if _, err := versionIn(ctx, in.Org, in.Policy, Approved); err != nil {
		return ConfirmView{}, err
	}
	return rm.confirm(ctx, in, "withdraw", func(Document) bool { return true })
}

func (rm *Room) publish(ctx context.Context, in DocumentIn) (Moved, error) {
	return Moved{documentPath(in.Org, in.Policy)}, rm.Publish(ctx, in.Org, in.Policy)
}

func (rm *Room) unpublish(ctx context.Context, in DocumentIn) (Moved, error) {
	return Moved{documentPath(in.Org, in.Policy)}, rm.Unpublish(ctx, in.Org, in.Policy)
}

func (rm *Room) withdraw(ctx context.Context, in DocumentIn) (Moved, error) {
	return Moved{documentPath(in.Org, in.Policy)}, rm.Withdraw(ctx, in.Org, in.Policy)
}

// PublicIn names a published policy.
type PublicIn struct {
	Public string `path:"public" json:"-"`
}

// PublicView is what everybody reads: nothing of who wrote or approved it.
type PublicView struct {
	Title    string          `json:"title"`
	Company  string          `json:"company"`
	Approved string          `json:"approved_on"`
	Version  int             `json:"version"`
	Sections []PublicSection `json:"sections"`

	template *Template
	chapters []Chapter
	version  Version
}

// PublicSection is a section as everybody reads it.
type PublicSection struct {
	TitleJA string `json:"title_ja"`
	TitleEN string `json:"title_en"`
	JA      string `json:"ja"`
	EN      string `json:"en"`
}
