package main

import (
	"context"

	"github.com/minamori-project/minamori/domain/approval"
	"github.com/minamori-project/minamori/domain/desk"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/ui"
)

// resultOnPaper lets the owner of a company that staff opened sign what they
// entered for him. The sheet is the desk's: the company has nobody yet who could
// upload it. Until then nothing of the company leaves the desk.
func (h *House) resultOnPaper() approval.Act {
	return approval.Act{
		Code: "desk.result", Fields: []approval.Field{{Name: "company", Kind: ui.FieldRadio, Options: h.unsignedOptions}},
		Sentences: func(ctx context.Context, id string, in []string) ([]string, error) {
			c, err := h.unsigned(ctx, id, in[0])
			if err != nil {
				return nil, err
			}
			progress, err := h.Assess.Progress(ctx, in)
			p := progress[in[0]]
			return []string{
				h.sentence("approval.says.result", "company", c.Name, "answered", p.Answered, "total", p.Total),
				h.sentence("approval.says.result-used"),
			}, err
		},
		Do: func(ctx context.Context, id string, in []string) (string, error) {
			if _, err := h.unsigned(ctx, id, in[0]); err != nil {
				return "", err
			}
			return in[0], h.Desk.SignedOnPaper(ctx, in[0])
		},
	}
}

// unsigned is the case of a company that this desk opened and nobody signed for.
func (h *House) unsigned(ctx context.Context, id, company string) (desk.Case, error) {
	all, err := h.Desk.Unsigned(ctx, org.ID(id))
	for _, c := range all {
		if string(c.Company) == company {
			return c, nil
		}
	}
	if err == nil {
		err = problem.NotFound()
	}
	return desk.Case{}, err
}

func (h *House) unsignedOptions(ctx context.Context, id string) (options []ui.Option, err error) {
	all, err := h.Desk.Unsigned(ctx, org.ID(id))
	for _, c := range all {
		options = append(options, ui.Option{Value: string(c.Company), Label: ui.Plain(c.Name)})
	}
	return options, err
}
