package desk

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"

	"github.com/minamori-project/minamori/domain/org"
)

// RowState is what an import would do with a row.
type RowState string

// The states of a row.
const (
	RowNew      RowState = "new"
	RowChanged  RowState = "changed"
	RowSame     RowState = "same"
	RowDoubtful RowState = "doubtful" // taken only when asked for
	RowRefused  RowState = "refused"
)

// RowStates lists them in the order of a report: what has to be looked at first.
func RowStates() []RowState {
	return []RowState{RowRefused, RowDoubtful, RowChanged, RowNew, RowSame}
}

// ListRow is one row of an uploaded list and what becomes of it. Why is a code
// whose text says what is the matter and what to do.
type ListRow struct {
	Row    int      `json:"row"` // as the spreadsheet counts, from 1
	State  RowState `json:"state"`
	Why    string   `json:"why,omitempty"`
	Hint   string   `json:"hint,omitempty"` // a row, a name or a value that Why speaks of
	Number string   `json:"member_number"`
	Name   string   `json:"name"`

	data CaseData
}

// known is what a circle has already.
type known struct {
	byNumber map[string]Case
	byName   map[string]string // member number, or "－", by folded name
}

func knownCases(cases []Case) known {
	k := known{map[string]Case{}, map[string]string{}}
	for _, c := range cases {
		if c.MemberNumber != "" {
			k.byNumber[c.MemberNumber] = c
		}
		k.byName[foldName(c.Name)] = c.MemberNumber
	}
	return k
}

// judged is a list with what would become of each row.
type judged struct {
	rows    []ListRow
	missing []Case // in the circle's list, not in this one; never deleted
}

func (j judged) count(s RowState) (n int) {
	for _, r := range j.rows {
		if r.State == s {
			n++
		}
	}
	return n
}

// judge looks at every row below the headings.
func judge(l memberList, g listGuess, k known) judged {
	j := judged{rows: []ListRow{}}
	seen := map[string]int{}
	usual := usualLength(l, g)
	for i := g.Header + 1; i < len(l); i++ {
		r, ok := readRow(l[i], g.Cols)
		if !ok {
			continue
		}
		r.Row = i + 1
		r.judge(k, seen, usual)
		j.rows = append(j.rows, r)
	}
	for number, c := range k.byNumber {
		if seen[number] == 0 {
			j.missing = append(j.missing, c)
		}
	}
	slices.SortFunc(j.missing, func(a, b Case) int { return strings.Compare(a.MemberNumber, b.MemberNumber) })
	return j
}

// readRow takes the fields out of a row; a row without any of them is blank.
func readRow(cells []string, cols listColumns) (ListRow, bool) {
	at := func(f listField) string {
		if i, ok := cols[f]; ok && i < len(cells) {
			return cells[i]
		}
		return ""
	}
	r := ListRow{data: CaseData{
		MemberNumber: tidyKey(at(fieldKey)), Name: tidyName(at(fieldName)), Kana: at(fieldKana), CorporateNumber: org.CorporateNumber(at(fieldNumber)),
		Person: at(fieldPerson), Address: at(fieldPlace), Phone: tidyPhone(at(fieldPhone)), Email: norm.NFKC.String(at(fieldEmail)),
	}}
	r.Number, r.Name = r.data.MemberNumber, r.data.Name
	return r, r.data != CaseData{}
}

func (r *ListRow) is(s RowState, why, hint string) { r.State, r.Why, r.Hint = s, why, hint }

// judge says what becomes of a row, given those above it.
// keys: desk.import.why.total, desk.import.why.no-name, desk.import.why.no-key, desk.import.why.twice, desk.import.why.name, desk.import.why.long
func (r *ListRow) judge(k known, seen map[string]int, usual int) {
	d := &r.data
	switch {
	case isTotal(d.Name) || d.Name == "" && isTotal(d.MemberNumber):
		r.is(RowRefused, "total", "")
		return
	case d.MemberNumber == "":
		r.is(RowRefused, "no-key", "")
		return
	case seen[d.MemberNumber] > 0:
		r.is(RowRefused, "twice", strconv.Itoa(seen[d.MemberNumber]))
		return
	}
	seen[d.MemberNumber] = r.Row
	if d.Name == "" {
		r.is(RowRefused, "no-name", "")
		return
	}
	if _, flaw := org.Screen(d.Name); flaw != nil {
		r.is(RowRefused, "name", "")
		return
	}
	if len([]rune(d.MemberNumber)) > 40 {
		r.is(RowRefused, "long", "")
		return
	}
	old, again := k.byNumber[d.MemberNumber]
	if r.doubt(k, old, usual); r.State == RowDoubtful {
		return
	}
	switch {
	case !again:
		r.State = RowNew
		k.byName[foldName(d.Name)] = d.MemberNumber // a twin further down is in doubt
	case merged(old.CaseData, *d) == old.CaseData:
		r.State = RowSame
	default:
		r.is(RowChanged, "", strings.Join(changes(old.CaseData, merged(old.CaseData, *d)), " "))
	}
}

// doubt finds what is probably not meant, and leaves out what cannot be right.
// keys: desk.import.why.date, desk.import.why.zeros, desk.import.why.other-name, desk.import.why.same-name, desk.import.why.sign, desk.import.why.number, desk.import.why.email, desk.import.why.unseen
func (r *ListRow) doubt(k known, old Case, usual int) {
	d := &r.data
	if other, ok := k.byName[foldName(d.Name)]; ok && old.ID == "" {
		r.is(RowDoubtful, "same-name", other)
	}
	if old.ID != "" && !alike(old.Name, d.Name) {
		r.is(RowDoubtful, "other-name", old.Name)
	}
	if usual > 0 && digitsOnly(d.MemberNumber) && len(d.MemberNumber) < usual && old.ID == "" {
		r.is(RowDoubtful, "zeros", strconv.Itoa(usual))
	}
	if looksLikeDate.MatchString(d.MemberNumber) {
		r.is(RowDoubtful, "date", d.MemberNumber)
	}
	if strings.ContainsRune("=+-@＝＋－＠", []rune(d.Name)[0]) {
		r.is(RowDoubtful, "sign", "")
	}
	if number, flaw := org.ParseNumber(string(d.CorporateNumber)); flaw != nil {
		r.is(RowDoubtful, "number", string(d.CorporateNumber))
		d.CorporateNumber = ""
	} else {
		d.CorporateNumber = number
	}
	if d.Email != "" && org.CheckAddress(d.Email) != nil {
		r.is(RowDoubtful, "email", d.Email)
		d.Email = ""
	}
	for _, s := range []*string{&d.Person, &d.Address, &d.Phone, &d.Kana} {
		if _, flaw := org.Screen(*s); flaw != nil && flaw.Code != "name-empty" {
			r.is(RowDoubtful, "unseen", "")
			*s = ""
		}
	}
	if d.Kind == "" && old.ID == "" {
		d.Kind = guessKind(*d)
	}
}

// merged is what is known after an import: what a list leaves empty stays.
func merged(old, d CaseData) CaseData {
	take := func(to *string, from string) {
		if from != "" {
			*to = from
		}
	}
	take(&old.Name, d.Name)
	take(&old.Kana, d.Kana)
	take(&old.Person, d.Person)
	take(&old.Address, d.Address)
	take(&old.Phone, d.Phone)
	take(&old.Email, d.Email)
	if d.CorporateNumber != "" {
		old.CorporateNumber = d.CorporateNumber
	}
	return old
}

// changes names the fields in which two differ.
func changes(a, b CaseData) (all []string) {
	for _, f := range []struct {
		field listField
		same  bool
	}{
		{fieldName, a.Name == b.Name}, {fieldKana, a.Kana == b.Kana}, {fieldNumber, a.CorporateNumber == b.CorporateNumber},
		{fieldPerson, a.Person == b.Person}, {fieldPhone, a.Phone == b.Phone}, {fieldEmail, a.Email == b.Email}, {fieldPlace, a.Address == b.Address},
	} {
		if !f.same {
			all = append(all, string(f.field))
		}
	}
	return all
}

// tidyKey makes one number of all ways to write it: widths, hyphens, spaces, and
// the ".0" of numbers that went through a calculation.
func tidyKey(s string) string {
	s = strings.ToUpper(norm.NFKC.String(s))
	s = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("‐‑‒–—―−ー－", r):
			return '-'
		case r == ' ' || r == '\u00a0':
			return -1
		}
		return r
	}, s)
	if whole, ok := strings.CutSuffix(s, ".0"); ok && digitsOnly(whole) {
		s = whole
	}
	return strings.TrimPrefix(s, "'") // what spreadsheets put before a number kept as text
}

// legalForms writes out what is written in one sign or in brackets.
var legalForms = strings.NewReplacer("㈱", "株式会社", "(株)", "株式会社", "（株）", "株式会社", "㈲", "有限会社", "(有)", "有限会社", "（有）", "有限会社",
	"(同)", "合同会社", "（同）", "合同会社", "(名)", "合名会社", "（名）", "合名会社", "(資)", "合資会社", "（資）", "合資会社",
	"(一社)", "一般社団法人", "（一社）", "一般社団法人", "(医)", "医療法人", "（医）", "医療法人")

// tidyName writes legal forms out and makes wide letters narrow; kanji stay as
// they are.
func tidyName(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= '！' && r <= '～' && (r >= 'ａ' && r <= 'ｚ' || r >= 'Ａ' && r <= 'Ｚ' || r >= '０' && r <= '９') {
			return r - '！' + '!'
		}
		return r
	}, s)
	return strings.Join(strings.Fields(legalForms.Replace(s)), " ")
}

// foldName makes names comparable.
func foldName(s string) string {
	s = strings.ToLower(norm.NFKC.String(tidyName(s)))
	return strings.Join(strings.Fields(s), "")
}

var bareName = strings.NewReplacer("株式会社", "", "有限会社", "", "合同会社", "", "合名会社", "", "合資会社", "")

// alike says that two names may be of one company: one holds the other, or they
// share two signs at the start.
func alike(a, b string) bool {
	x, y := []rune(bareName.Replace(foldName(a))), []rune(bareName.Replace(foldName(b)))
	if strings.Contains(string(x), string(y)) || strings.Contains(string(y), string(x)) {
		return true
	}
	return len(x) > 1 && len(y) > 1 && x[0] == y[0] && x[1] == y[1]
}

var notInPhones = regexp.MustCompile(`[^0-9+\-() ]`)

// tidyPhone narrows a telephone number. A spreadsheet that took it for a number
// dropped the zero at its start.
func tidyPhone(s string) string {
	s = tidyKey(s)
	if s == "" || notInPhones.MatchString(s) {
		return s
	}
	if digitsOnly(s) && s[0] != '0' && (len(s) == 9 || len(s) == 10) {
		s = "0" + s
	}
	return s
}

// looksLikeDate finds numbers such as 1-2 that a spreadsheet made days of.
var looksLikeDate = regexp.MustCompile(`^\d{1,4}[/.]\d{1,2}[/.]\d{1,4}$|^\d{1,2}-\d{1,2}-\d{2}$|^\d{4}-\d{2}-\d{2}$|月`)

var totals = []string{"合計", "小計", "総計", "計", "total", "件数"}

func isTotal(s string) bool {
	return slices.Contains(totals, squeeze(s)) || strings.HasPrefix(squeeze(s), "以上")
}

// usualLength is how many digits the numbers of a list have when nine of ten have
// as many and some begin with a zero: a shorter one has then lost its zeros.
func usualLength(l memberList, g listGuess) int {
	lengths, all, zero := map[int]int{}, 0, false
	for i := g.Header + 1; i < len(l); i++ {
		r, ok := readRow(l[i], g.Cols)
		if !ok || !digitsOnly(r.Number) {
			continue
		}
		lengths[len(r.Number)]++
		all++
		zero = zero || r.Number[0] == '0'
	}
	for n, times := range lengths {
		if zero && times*10 >= all*9 && all >= 10 {
			return n
		}
	}
	return 0
}

// guessKind takes whoever has neither a corporate number nor a legal form for a
// sole proprietor: his name is then kept with the care that a person's needs.
func guessKind(d CaseData) org.Kind {
	switch {
	case d.CorporateNumber != "" || bareName.Replace(d.Name) != d.Name:
		return org.KindCompany
	case strings.Contains(d.Name, "法人") || strings.Contains(d.Name, "組合") || strings.Contains(d.Name, "協会"):
		return org.KindOther
	}
	return org.KindSoleProprietor
}
