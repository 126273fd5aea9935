package assess

import (
	"context"
	"io"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// What the page of a criterion says more than that of a question: its number and
// requirement, what would show it, and what a careful answer carries.

// addDetail puts the further fields of an answer behind a fold, open when one of
// them is needed or filled.
func (v ItemView) addDetail(ctx context.Context, q *ui.QuestionView) {
	reason, scope, exception := v.detail()
	field := func(name, value string) ui.FieldView {
		// keys: assess.reason, assess.reason.hint, assess.scope, assess.scope.hint, assess.exception, assess.exception.hint
		return ui.FieldView{
			Kind: ui.FieldTextarea, Name: name, Rows: 2, Label: ui.T("assess." + name), Hint: ui.T("assess." + name + ".hint"),
			Optional: true, Value: value, MaxLength: MaxDetail, Error: v.fieldError(name),
		}
	}
	q.MoreTitle = ui.T("assess.detail")
	q.More = []ui.FieldView{field("reason", reason), field("scope", scope), field("exception", exception)}
	q.MoreOpen = reason+scope+exception != "" || v.fieldError("reason") != nil || v.chosen() == NotApplicable
	form := v.formField(ctx, "f-form")
	q.EvidenceForm = &form
}

// detail is what stands in the form: what was typed before what is saved.
func (v ItemView) detail() (reason, scope, exception string) {
	switch {
	case v.typed != nil:
		return v.typed.Reason, v.typed.Scope, v.typed.Exception
	case v.Answer != nil:
		return v.Answer.Reason, v.Answer.Scope, v.Answer.Exception
	}
	return "", "", ""
}

// formOptions are what a piece of evidence can show; those that the item asks for
// come first and the first of them is chosen.
// keys: assess.form.rule, assess.form.ledger, assess.form.agreement, assess.form.record, assess.form.approval, assess.form.duty, assess.form.setting
func formOptions(ctx context.Context, x *Item) []ui.Option {
	var fits, others []ui.Option
	for _, f := range Forms() {
		o := ui.Option{Value: f, Text: i18n.T(ctx, "assess.form."+f)}
		if len(x.Needs) > 0 && x.shownBy(f) {
			fits = append(fits, o)
		} else {
			others = append(others, o)
		}
	}
	if len(fits) > 0 {
		fits[0].Chosen = true
	}
	return append(fits, others...)
}

// formField asks what a piece of evidence shows.
func (v ItemView) formField(ctx context.Context, id string) ui.FieldView {
	return ui.FieldView{
		Kind: ui.FieldSelect, Name: "form", ID: id, Label: ui.T("assess.form"), Hint: ui.T("assess.form.hint"),
		Options: formOptions(ctx, &v.s.Items[v.i]),
	}
}

// secretField lets evidence be kept for managers and owners.
func secretField() ui.FieldView {
	return ui.FieldView{Kind: ui.FieldCheckbox, Name: "sensitivity", Value: Secret, Label: ui.T("assess.secret"), Hint: ui.T("assess.secret.hint"), Optional: true}
}

func (v ItemView) evidence(ctx context.Context) []ui.EvidenceView {
	var all []ui.EvidenceView
	for _, e := range v.Evidence {
		x := ui.EvidenceView{Name: e.Name, Age: ui.AgeView{Act: ui.Checked, At: e.At, Expires: e.ValidUntil, Now: v.now}}
		at := v.url() + "/evidence/" + e.ID
		switch {
		case e.Name == "" && e.Secret:
			x.Name = i18n.T(ctx, "assess.secret.there")
		case e.Kind == KindFile:
			x.URL = at
		default:
			x.URL = e.URL
		}
		if v.mayAnswer && e.Source == "" && e.Name != "" {
			x.Remove = at + "/remove"
		}
		x.Note = v.evidenceNote(e)
		all = append(all, x)
	}
	return all
}

// evidenceNote says what evidence is for and who brought it.
func (v ItemView) evidenceNote(e EvidenceView) ui.Words {
	var all []ui.Words
	if e.Form != "" {
		all = append(all, ui.T("assess.form."+e.Form))
	}
	if e.Form != "" && !v.s.Items[v.i].shownBy(e.Form) {
		all = append(all, ui.T("assess.form.supports"))
	}
	if e.Against {
		all = append(all, ui.T("assess.evidence.against"))
	}
	if e.By != "" {
		all = append(all, ui.Plain(e.By))
	}
	return joined(all)
}

// needs says which forms of evidence show the item.
func (v ItemView) needs(ctx context.Context) string {
	var names []string
	for _, f := range v.s.Items[v.i].Needs {
		names = append(names, i18n.T(ctx, "assess.form."+f))
	}
	return joinNames(ctx, names)
}

// place is where the question stands: its official number where the scheme has
// one, else its place in the row.
func (v ItemView) place() ui.Words {
	if v.s.Kind == Criteria {
		return ui.Plain(v.s.Items[v.i].Sign())
	}
	return ui.T("assess.question.at", "number", v.Number)
}

// criterion says that the reader may want more than a question: what would show
// it, what belongs to it.
func (v ItemView) criterion() bool { return v.s.Kind == Criteria }

// requirement is what the criterion belongs to, or nil.
func (v ItemView) requirement() ui.Words {
	return v.s.requirements[v.s.Items[v.i].Requirement].orNone()
}

// joined writes texts one after the other with a middle dot between.
func joined(all []ui.Words) ui.Words {
	if len(all) == 0 {
		return nil
	}
	return templ.ComponentFunc(func(ctx context.Context, w io.Writer) error {
		for i, x := range all {
			if i > 0 {
				if _, err := io.WriteString(w, " · "); err != nil {
					return err
				}
			}
			if err := x.Render(ctx, w); err != nil {
				return err
			}
		}
		return nil
	})
}

// detailLine is one of the further fields of an answer.
type detailLine struct {
	label ui.Words
	text  string
}

// detailLines are those that are filled, and where the answer came from when not
// from the company itself.
func detailLines(a AnswerView) []detailLine {
	var all []detailLine
	for _, d := range []struct{ key, text string }{{"assess.reason", a.Reason}, {"assess.scope", a.Scope}, {"assess.exception", a.Exception}} {
		if d.text != "" {
			all = append(all, detailLine{ui.T(d.key), d.text})
		}
	}
	if a.Source != "" {
		// keys: assess.source.mapped, assess.source.helper, assess.source.imported, assess.source.check
		all = append(all, detailLine{ui.T("assess.source." + a.Source), a.SourceNote})
	}
	return all
}
