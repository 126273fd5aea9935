package exchange_test

import (
	"testing"

	"github.com/xuri/excelize/v2"
)

// customerSheet is a made-up sheet of a customer: two rows of headings, merged cells, a
// drop-down list, numbers of its own beside those of the scheme.
func customerSheet(t testing.TB) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer f.Close()
	const name = "チェックシート"
	must(t, f.SetSheetName("Sheet1", name))
	for at, v := range map[string]string{
		"A1": "架空商事 取引先チェックシート", "A3": "No.", "B3": "確認内容", "C3": "貴社記入欄", "C4": "回答", "D4": "備考", "E4": "点",
		"A5": "1-2-1-1", "B5": "責任者を決めていますか", "A6": "1-2-1-2", "B6": "係を決めていますか", "A7": "1-2-1-3", "B7": "役割を見直していますか",
		"A8": "Q-独自", "B8": "情報を守る約束がありますか", "A9": "1-2-3-1", "B9": "秘密の約束がありますか", "B10": "（続き）",
	} {
		must(t, f.SetCellStr(name, at, v))
	}
	must(t, f.MergeCell(name, "A1", "E1"))
	must(t, f.MergeCell(name, "C3", "D3"))
	must(t, f.MergeCell(name, "A3", "A4"))
	must(t, f.MergeCell(name, "A9", "A10"))
	must(t, f.MergeCell(name, "C9", "C10"))
	must(t, f.SetCellFormula(name, "E5", `IF(C5="はい",1,0)`))
	must(t, f.SetCellFormula(name, "C7", `"いいえ"`))
	v := excelize.NewDataValidation(true)
	v.Sqref = "C5:C10"
	must(t, v.SetDropList([]string{"はい", "一部", "いいえ", "対象外"}))
	must(t, f.AddDataValidation(name, v))
	style, err := f.NewStyle(&excelize.Style{Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFFF00"}}})
	must(t, err)
	must(t, f.SetCellStyle(name, "C5", "C10", style))
	must(t, f.SetColWidth(name, "B", "B", 44))
	_, err = f.NewSheet("説明")
	must(t, err)
	must(t, f.SetCellStr("説明", "A1", "1. この表は架空のものです"))
	b, err := f.WriteToBuffer()
	must(t, err)
	return b.Bytes()
}
