package desk

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// field is what a column of a list may hold.
type listField string

// The fields that an import reads. Everything else in a list is left alone.
const (
	fieldKey    listField = "key" // 会員番号 or 取引先コード: tells members apart
	fieldName   listField = "name"
	fieldKana   listField = "kana"
	fieldNumber listField = "number" // 法人番号
	fieldPerson listField = "person"
	fieldPhone  listField = "phone"
	fieldEmail  listField = "email"
	fieldPlace  listField = "place" // an address, or a prefecture alone
)

// listFields lists them in the order of a form.
func listFields() []listField {
	return []listField{fieldKey, fieldName, fieldKana, fieldNumber, fieldPerson, fieldPhone, fieldEmail, fieldPlace}
}

// headings are what people write above a column, squeezed. Those that stand first
// are surer: 番号 alone may be a running number.
var headings = map[listField][]string{
	fieldKey: {"会員番号", "取引先コード", "会員no", "会員コード", "会員id", "取引先番号", "取引先no", "仕入先コード", "得意先コード",
		"業者コード", "顧客コード", "顧客番号", "協力会社コード", "組合員番号", "membershipnumber", "memberno", "suppliercode", "コード", "管理番号", "番号", "no"},
	fieldName: {"会社名", "事業所名", "会員名", "企業名", "法人名", "取引先名", "商号", "商号又は名称", "商号または名称", "事業者名", "屋号", "名称",
		"会社名称", "事業所名称", "取引先名称", "仕入先名", "業者名", "組合員名", "companyname", "company"},
	fieldKana:   {"フリガナ", "ふりがな", "会社名フリガナ", "会社名カナ", "事業所名フリガナ", "事業所名カナ", "商号カナ", "カナ", "読み"},
	fieldNumber: {"法人番号", "法人no", "国税庁法人番号", "corporatenumber"},
	fieldPerson: {"代表者", "代表者名", "代表者氏名", "担当者", "担当者名", "担当者氏名", "窓口担当者", "氏名", "contact"},
	fieldPhone:  {"電話番号", "電話", "tel", "連絡先電話番号", "代表電話", "電話no", "phone"},
	fieldEmail:  {"メールアドレス", "メール", "eメール", "email", "mail", "電子メール"},
	fieldPlace:  {"住所", "所在地", "本社所在地", "事業所住所", "住所1", "都道府県", "address"},
}

// elsewhere are signs that a heading is about something that is not read.
var elsewhere = []string{"fax", "ファックス", "郵便", "役職"}

// squeeze makes a heading comparable: one width, small letters, without spaces,
// line breaks, marks and what stands in brackets.
func squeeze(s string) string {
	s = strings.ToLower(norm.NFKC.String(s))
	if short := bare(s, true); short != "" {
		return short
	}
	return bare(s, false) // 【会社名】: everything stands in brackets
}

func bare(s string, brackets bool) string {
	var b strings.Builder
	depth := 0
	for _, r := range s {
		switch {
		case r == '(' || r == '[' || r == '【' || r == '<':
			depth++
		case r == ')' || r == ']' || r == '】' || r == '>':
			depth = max(depth-1, 0)
		case brackets && depth > 0, unicode.IsSpace(r), unicode.IsPunct(r) && r != '-', unicode.IsSymbol(r), r == '-':
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// columns says in which column a field stands, from 0; a field that was not found
// is not in it.
type listColumns map[listField]int

// guess is what was found out about a list.
type listGuess struct {
	Sheet  int         `json:"sheet"`
	Header int         `json:"header"` // row of the headings, from 0; -1 when there is none
	Cols   listColumns `json:"columns"`
	Taken  int         `json:"taken"` // row up to which a running import has come, from 1
}

// headerRows is how far down the row of headings is looked for.
const headerRows = 40

// guessColumns finds the row of headings: the one that names most fields. Titles
// above it name none, members below it hold values.
func guessColumns(sheets []memberList) (listGuess, bool) {
	best, most := listGuess{Header: -1}, 0
	for i, l := range sheets {
		for row := range min(len(l), headerRows) {
			cols, sure := guessRow(l[row])
			_, key := cols[fieldKey]
			_, name := cols[fieldName]
			if key && name && sure > most {
				best, most = listGuess{i, row, cols, 0}, sure
			}
		}
	}
	return best, most > 0
}

// guessRow tells what a row names and how sure that is.
func guessRow(row []string) (listColumns, int) {
	cols, score := listColumns{}, map[listField]int{}
	for i, cell := range row {
		f, n := guessField(cell)
		if n > score[f] {
			cols[f], score[f] = i, n
		}
	}
	total := 0
	for _, n := range score {
		total += n
	}
	return cols, total
}

// guessField tells which field a heading names, and how surely: 0 is none.
func guessField(heading string) (best listField, most int) {
	h := squeeze(heading)
	if h == "" || len([]rune(h)) > 20 {
		return "", 0
	}
	for _, no := range elsewhere {
		if strings.Contains(h, no) {
			return "", 0
		}
	}
	kana := strings.Contains(h, "カナ") || strings.Contains(h, "ガナ") || strings.Contains(h, "ふりがな")
	for _, f := range listFields() {
		if kana && (f != fieldKana || strings.Contains(h, "者") || strings.Contains(h, "氏名")) {
			continue // how a name is read, or how a person's is
		}
		for i, known := range headings[f] {
			n := 0
			switch {
			case h == known:
				n = 200 - i
			case len([]rune(known)) >= 3 && strings.Contains(h, known):
				n = 100 - i
			}
			if n > most {
				best, most = f, n
			}
		}
	}
	return best, most
}
