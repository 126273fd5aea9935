package ui

import (
	"time"

	"github.com/a-h/templ"

	"github.com/minamori-project/minamori/internal/i18n"
)

// Sample is one part with sample data. Every company, person and number in it
// is fictional.
type Sample struct {
	Name      string
	Component templ.Component
}

// Samples lists every part for the gallery and the tests, in reading order.
func Samples() []Sample {
	return []Sample{
		{"page", samplePage()},
		{"status", sampleStatus()},
		{"age", sampleAges()},
		{"notice", sampleNotices()},
		{"buttons", sampleButtons()},
		{"field", sampleForm(sampleFieldViews())},
		{"error-summary", ErrorSummary([]FieldError{{ID: "f-number", Text: Rich(textDigits)}})},
		{"question", sampleQuestionPage()},
		{"next", NextThings(sampleNext())},
		{"claims", Claims(sampleClaims())},
		{"on-paper", inStack(OnPaper("みほん 花子（架空）", sampleNow), OnPaper("", sampleNow))},
		{"dates", Dates([]DateItem{{sampleNow.AddDate(0, 0, 7), sampleNow, Rich(textRouter)}, {sampleNow.AddDate(0, 0, 30), sampleNow, Rich(textRestore)}})},
		{"score", Score(sampleScore())},
		{"areas", sampleAreasPage(sampleAreas())},
		{"trend", Trend(sampleTrend())},
		{"dots", Dots(DotsView{Proof: 39, ByWord: 26, ToDo: 15, NotApplicable: 1, Label: "39 / 26 / 15 / 1"})},
		{"peers", inStack(Peers(PeersView{Count: 41, Minimum: 5, Rank: 16, Median: 58, Deviation: 53, Whom: Rich(textWhom)}), Peers(PeersView{Count: 3, Minimum: 5}))},
		{"table", Table(sampleTable())},
		{"empty", EmptyState(EmptyView{Title: Rich(textNoAlerts), Why: Rich(textRegister), First: &Link{Label: Rich(textRegisterDo), URL: "#first"}})},
		{"steps", Steps("1–3", []StepView{{Label: Rich(textYou), State: StepDone}, {Label: Rich(textCompany), Note: Rich(textMinutes), State: StepNow}, {Label: Rich(textFirst), Note: Rich(textMinutes)}})},
		{"tabs", Tabs("Tabs", []Link{{Label: Rich(textCompany), URL: "#a", Current: true}, {Label: Rich(textYou), URL: "#b"}})},
		{"key-values", KeyValues([]Pair{{Key: Rich(textCompany), Value: Plain("株式会社みほん精機"), Change: &Link{Label: Rich(textChange), URL: "#c"}}, {Key: Rich(textNumber), Value: Plain("4 9999 0000 1234")}})},
		{"facts", Facts([]Fact{{Rich(textCompany), Plain("128"), Rich(textWhom)}, {Rich(textYou), Plain("12"), nil}})},
		{"articles", Articles([]Article{{Rich(textUpdate), Rich(textRouterWhy)}, {Rich(textRestore), Rich(textRestoreWhy)}})},
		{"progress", Progress(ProgressView{Done: 10, Of: 25, Text: Plain("10 / 25"), Label: "10 / 25"})},
		{"problem", Problem(ProblemView{Title: Rich(textGone), Hint: Rich(textGoneHint), RequestID: "7K2-R9F", Back: &Link{Label: Rich(textBack), URL: "/"}})},
		{"confirm", Confirm(sampleConfirm())},
		{"sheet", sampleSheet()},
	}
}

// sampleNow is a day in the fictional company's life.
var sampleNow = time.Date(2026, 10, 14, 11, 42, 0, 0, i18n.Tokyo)

func sampleAges() templ.Component {
	at := sampleNow.AddDate(0, 0, -210)
	return inRow(
		Age(AgeView{Act: Checked, At: at, Now: sampleNow}),
		Age(AgeView{Act: Declared, At: at, Now: sampleNow}),
		Age(AgeView{Act: Answered, At: at, Now: sampleNow}),
		Age(AgeView{Act: Checked, At: at, Expires: sampleNow.AddDate(0, 0, 30), Now: sampleNow}),
		Age(AgeView{Act: Checked, At: at, Expires: sampleNow.AddDate(0, 0, -12), Now: sampleNow}),
		Tag(TagNow, Rich(textUrgent)), Tag(TagDue, Due(sampleNow.AddDate(0, 0, 3))), Tag(TagCalm, Rich(textDraft)),
	)
}

func sampleNotices() templ.Component {
	return inStack(
		Notice(NoticeView{Title: Rich(textNewEdition), Text: Rich(textNewEditionDo), Link: &Link{Label: Rich(textSee), URL: "#see"}}),
		Notice(NoticeView{Kind: NoticeOK, Title: Rich(textPublished)}),
		Notice(NoticeView{Kind: NoticeWarn, Title: Rich(textOld), Text: Rich(textOldDo)}),
		Notice(NoticeView{Kind: NoticeNow, Title: Rich(textUnsaved), Text: Rich(textUnsavedDo), RequestID: "7K2-R9F"}),
	)
}

func sampleButtons() templ.Component {
	return inStack(Acts(
		ButtonView{Label: Rich(textSign)},
		ButtonView{Kind: ButtonSecond, Label: Rich(textDraft), Icon: "down", URL: "#draft"},
		ButtonView{Kind: ButtonPlain, Label: Rich(textBack), URL: "#back"},
		ButtonView{Kind: ButtonDanger, Label: Rich(textWithdraw), Name: "do", Value: "withdraw"},
		ButtonView{Label: Rich(textSaving), Disabled: true},
	), PrintButton())
}

// sampleFieldViews shows every kind of input once.
func sampleFieldViews() []FieldView {
	roles := []Option{{Value: "owner", Label: Rich(textOwner), Hint: Rich(textOwnerHint)}, {Value: "manager", Label: Rich(textManager), Hint: Rich(textManagerHint)}}
	return []FieldView{
		{Name: "name", Label: Rich(textName), Value: "担当者", Autocomplete: "name"},
		{Kind: FieldEmail, Name: "mail", Label: Rich(textMail), Hint: Rich(textMailHint), Optional: true, Autocomplete: "email"},
		{Name: "number", Label: Rich(textNumber), Hint: Rich(textNumberHint), Error: Rich(textDigits), Value: "499990000123", Size: SizeDigits, InputMode: "numeric", MaxLength: 13, HintLink: &Link{Label: Rich(textFind), URL: "#find"}},
		{Kind: FieldPassword, Name: "password", Label: Rich(textPassword), Autocomplete: "current-password"},
		{Kind: FieldSelect, Name: "trade", Label: Rich(textTrade), Value: "metal", Options: []Option{{Value: "metal", Text: "金属製品の製造"}, {Value: "retail", Text: "小売"}}},
		{Kind: FieldRadio, Name: "role", Label: Rich(textRole), Value: "manager", Options: roles},
		{Kind: FieldCheckbox, Name: "tell", Label: Rich(textTell), Hint: Rich(textTellHint), Chosen: true},
		{Kind: FieldCheckbox, Name: "roles", Label: Rich(textRole), Options: roles},
		{Kind: FieldDate, Name: "day", Label: Rich(textDay), Size: SizeMedium, Value: "2026-10-21"},
		{Kind: FieldFile, Name: "file", Label: Rich(textEvidence), Hint: Rich(textEvidenceHint), Optional: true},
		{Kind: FieldTextarea, Name: "remark", Label: Rich(textMemo), Optional: true},
	}
}

func sampleClaims() ClaimsView {
	age := AgeView{Act: Declared, At: sampleNow.AddDate(0, 0, -210), Now: sampleNow}
	return ClaimsView{
		Declared: &Claim{What: Rich(textTwoStars), Note: Rich(textTwoStarsID), Age: age},
		Shown:    &Claim{What: Rich(textShown), Age: AgeView{Act: Checked, At: age.At, Now: sampleNow}},
	}
}
