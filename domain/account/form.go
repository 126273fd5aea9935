package account

import (
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/ui"
)

// firstSteps is the way of the first operator through the program.
func firstSteps() []ui.StepView {
	return []ui.StepView{
		{Label: ui.T("account.step.you"), Note: ui.T("account.step.you.time"), State: ui.StepNow},
		{Label: ui.T("account.step.company"), Note: ui.T("account.step.company.time")},
		{Label: ui.T("account.step.questions"), Note: ui.T("account.step.questions.time")},
	}
}

// languageOptions offers each register by its own name for itself, which is
// never translated.
func languageOptions(chosen string) []ui.Option {
	names := map[i18n.Lang]string{i18n.JA: "日本語", i18n.Easy: "やさしい日本語", i18n.EN: "English"}
	all := make([]ui.Option, len(i18n.Langs))
	for i, l := range i18n.Langs {
		all[i] = ui.Option{Value: string(l), Text: names[l], Chosen: string(l) == chosen}
	}
	return all
}

// grouped writes a secret in groups of four, as people read it aloud.
func grouped(s string) string {
	var b strings.Builder
	for i, r := range s {
		if i > 0 && i%4 == 0 {
			b.WriteByte(' ')
		}
		b.WriteRune(r)
	}
	return b.String()
}
