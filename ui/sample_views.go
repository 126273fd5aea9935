package ui

import "time"

func sampleNext() []NextItem {
	minutes, free := MetaItem{"clock", Rich(textMinutes)}, MetaItem{"yen", Rich(textFree)}
	return []NextItem{
		{Tag: Rich(textUrgent), TagKind: TagNow, Title: Rich(textRouter), URL: "#1", Why: Rich(textRouterWhy), Meta: []MetaItem{minutes, free, {"help", Rich(textAsk)}}, Act: &Link{Label: Rich(textStart), URL: "#1"}},
		{Title: Rich(textRestore), URL: "#2", Why: Rich(textRestoreWhy), Meta: []MetaItem{minutes, free}},
		{Title: Rich(textContacts), URL: "#3", Why: Rich(textContactsWhy), Meta: []MetaItem{minutes, free, {"star", Rich(textPointsUp)}}},
	}
}

func sampleScore() ScoreView {
	return ScoreView{Min: -25, Max: 100, Score: 63, Peer: 58, Bands: []Band{{-25, 50}, {50, 70}, {70, 100}}, Label: "63 (-25–100)"}
}

func sampleAreas() AreasView {
	return AreasView{PeerCount: 41, Points: 63, OutOf: 100, Areas: []Area{
		{Name: "端末とソフト", Own: 100, Peer: 82, Points: 8, OutOf: 8},
		{Name: "パスワードと権限", Own: 50, Peer: 58, Points: 4, OutOf: 8},
		{Name: "メール", Own: 67, Peer: 70, Points: 8, OutOf: 12},
		{Name: "ネットとバックアップ", Own: 67, Peer: 61, Points: 8, OutOf: 12},
		{Name: "書類・部屋・持ち出し", Own: 86, Peer: 74, Points: 24, OutOf: 28},
		{Name: "人と教育", Own: 31, Peer: 52, Points: 5, OutOf: 16, Weak: true},
		{Name: "取引先とクラウド", Own: 75, Peer: 55, Points: 6, OutOf: 8},
		{Name: "緊急時とルール", Own: NoValue, Peer: 38, Points: 0, OutOf: 8, Weak: true},
	}}
}

func sampleTrend() TrendView {
	on := func(y int, m time.Month, d, value int) TrendPoint {
		return TrendPoint{time.Date(y, m, d, 9, 0, 0, 0, time.UTC), value}
	}
	return TrendView{
		Points: []TrendPoint{on(2025, 11, 10, 38), on(2026, 2, 9, 47), on(2026, 5, 12, 51), on(2026, 6, 1, 53), on(2026, 10, 14, 63)},
		Max:    100, Guides: []int{50, 70, 100}, Label: "38, 47, 51, 53, 63",
	}
}

func sampleTable() TableView {
	row := func(name string, k StatusKind, days int) []Words {
		return []Words{Plain(name), Status(k), Due(sampleNow.AddDate(0, 0, days)), Plain("3")}
	}
	return TableView{
		Caption: Rich(textNoAlerts), HideCaption: true, Stack: true, NextURL: "?after=MTI", FirstURL: "?",
		Columns: []Column{{Key: "ui.areas.area"}, {Key: "ui.question.earlier"}, {Name: "いつまで"}, {Key: "ui.areas.points", Number: true}},
		Rows:    [][]Words{row("ミナトネット VR-500", Exploited, 7), row("ひらめき会計 24", Partly, 16), row("かくう印刷機 S1", Unknown, 40)},
	}
}

func sampleConfirm() ConfirmView {
	return ConfirmView{
		Title: Rich(textWithdrawAsk), Consequences: []Words{Rich(textWithdrawThen), Rich(textKept)}, Action: "#withdraw",
		Hidden: []Hidden{{"version", "3"}}, Yes: Rich(textWithdraw), Danger: true, No: Link{Label: Rich(textBack), URL: "#back"},
		Field: &FieldView{Kind: FieldTextarea, Name: "reason", Label: Rich(textMemo), Optional: true},
	}
}

func sampleQuestion() QuestionView {
	checked := AgeView{Act: Checked, At: sampleNow.AddDate(0, 0, -12), Now: sampleNow}
	return QuestionView{
		Part: Rich(textPart), Number: 11, Total: 25, Answered: 10, Ask: Rich(textAskBackup), Lead: Rich(textBackup),
		Action: "#answer", SaveURL: "/sample/save", Previous: "#10", Later: "#later", Hidden: []Hidden{{"question", "11"}},
		Choices: []Choice{
			{Value: "4", Status: Met, Label: Rich(textDo)},
			{Value: "2", Status: Partly, Label: Rich(textDoPartly), Chosen: true},
			{Value: "0", Status: NotMet, Label: Rich(textDoNot)},
			{Value: "-1", Status: Unknown, Label: Rich(textDontKnow), Hint: Rich(textDontKnowHint)},
		},
		Evidence:      []EvidenceView{{Name: "控えの設定.png", Note: Plain("120 KB"), URL: "#file", Age: checked, Remove: "#remove"}, {Name: "毎晩の控え", Imported: true, Age: checked}},
		EvidenceField: &FieldView{Kind: FieldFile, Name: "evidence", Label: Rich(textEvidence), Hint: Rich(textEvidenceHint), Optional: true, Accept: "image/*,.pdf"},
		Memo:          &FieldView{Kind: FieldTextarea, Name: "memo", Rows: 2, Label: Rich(textMemo), Optional: true, Value: "図面は毎晩、外付けの機械へ。会計のデータはまだです。"},
	}
}

func sampleAside() QuestionAsideView {
	return QuestionAsideView{
		GoodExample: Rich(textGood), WeakExample: Rich(textWeak), AlsoUsed: Rich(textAlsoUsed),
		Help:    []Link{{Label: Rich(textAsk), URL: "#ask"}, {Label: Rich(textAskInside), URL: "#inside", Icon: "mail"}},
		Earlier: &EarlierAnswer{Status: NotMet, Word: Rich(textDoNot), At: sampleNow.AddDate(0, -5, -2), By: "担当者"},
	}
}
