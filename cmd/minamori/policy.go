package main

import (
	"context"
	"errors"
	"strconv"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/approval"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/domain/policy"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/ui"
)

// openPolicy builds the room. The templates come with the program: one that is wrong
// is a mistake of ours, which the tests find.
func (h *House) openPolicy() *policy.Room {
	templates, err := policy.LoadTemplates(content.Policies())
	if err != nil {
		panic(err)
	}
	return policy.New(policy.Config{
		DB: h.DB, Now: h.now, Assess: h.Assess, Templates: templates, Derive: h.Accounts.Derive, Base: h.base,
		Company: func(ctx context.Context, id string) (policy.Company, error) {
			o, err := h.Org.ByID(ctx, org.ID(id))
			return policy.Company{Name: o.OpenName(), Employees: o.Employees}, err
		},
		Bound:  h.Binding.Bound,
		Paused: func(ctx context.Context, id string) (bool, error) { return h.Org.Paused(ctx, org.ID(id)) },
		People: h.names, OnPaper: h.onPaper,
	})
}

// approvePolicyOnPaper lets an owner who has no login here put a policy or a rule
// book in force. The sheet names the text by its digest; a text that was changed
// after printing is another one.
// keys: approval.act.policy.approve, approval.field.policy
func (h *House) approvePolicyOnPaper() approval.Act {
	return approval.Act{
		Code: "policy.approve", Fields: []approval.Field{{Name: "policy", Kind: ui.FieldRadio, Options: h.policyOptions}},
		Sentences: func(ctx context.Context, id string, in []string) ([]string, error) {
			s, err := h.policySheet(ctx, id, in[0])
			return []string{
				h.sentence("approval.says.policy", "title", s.Title, "n", s.Number),
				h.sentence("approval.says.policy-text", "digest", s.Digest),
				h.sentence("approval.says.policy-kept"),
			}, err
		},
		Do: func(ctx context.Context, id string, in []string) (string, error) {
			s, err := h.policySheet(ctx, id, in[0])
			if err != nil {
				return "", err
			}
			return h.Policy.Approve(ctx, id, s.Document, s.Revision)
		},
	}
}

// policySheet is a draft as it was when the sheet was made.
func (h *House) policySheet(ctx context.Context, id, chosen string) (policy.Sheet, error) {
	all, err := h.Policy.Sheets(ctx, id)
	for _, s := range all {
		if sheetValue(s) == chosen {
			return s, nil
		}
	}
	if err == nil {
		err = problem.NotFound()
	}
	return policy.Sheet{}, err
}

func sheetValue(s policy.Sheet) string { return s.Document + "." + strconv.Itoa(s.Revision) }

func (h *House) policyOptions(ctx context.Context, id string) (options []ui.Option, err error) {
	all, err := h.Policy.Sheets(ctx, id)
	for _, s := range all {
		if s.Ready {
			label := h.sentence("approval.policy", "title", s.Title, "n", s.Number)
			options = append(options, ui.Option{Value: sheetValue(s), Label: ui.Plain(label)})
		}
	}
	return options, err
}

// policies gives the first company of the demo a published policy and a rule book
// that is being written.
func (r *region) policies() error {
	const days = 40
	if len(r.orgs) == 0 {
		return nil
	}
	id := string(r.orgs[0])
	r.at(days)
	defer r.at(0)
	basic, err := r.Policy.Start(r.ctx, id, "basic-policy")
	if err != nil {
		return err
	}
	words := map[string]string{"representative": "見本 太郎（架空）", "representative_title": "代表取締役", "company.en": "Mihon Seiki (fictional)", "representative.en": "Taro Mihon (fictional)", "representative_title.en": "President"}
	if err := r.Policy.Set(r.ctx, id, basic, words); err != nil {
		return err
	}
	var sheets []policy.Sheet
	err = r.DB.Read(r.ctx, func(ctx context.Context) (err error) {
		sheets, err = r.Policy.Sheets(ctx, id)
		return err
	})
	if err != nil || len(sheets) == 0 {
		return err
	}
	if _, err := r.Policy.Approve(r.ctx, id, basic, sheets[0].Revision); err != nil {
		return err
	}
	r.at(days - 1)
	bound, err := r.boundNow(id)
	if bound { // in the smallest regions nobody vouches for anybody
		err = r.Policy.Publish(r.ctx, id, basic)
	}
	r.at(2)
	_, err2 := r.Policy.Start(r.ctx, id, "rulebook")
	return errors.Join(err, err2)
}

func (r *region) boundNow(id string) (bound bool, err error) {
	err = r.DB.Read(r.ctx, func(ctx context.Context) (err error) {
		bound, err = r.Binding.Bound(ctx, id)
		return err
	})
	return bound, err
}
