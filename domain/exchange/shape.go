package exchange

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/format/sheet"
)

// shape is how the sheet of somebody else is laid out: where the numbers of the
// questions stand, where the answers go, and in which words.
type shape struct {
	Sheet  string            `json:"sheet"`
	First  int               `json:"first"`  // first row with a question, from 0
	Key    int               `json:"key"`    // columns, from 0; none is -1
	Answer int               `json:"answer"` //
	Memo   int               `json:"memo"`
	Text   int               `json:"text"`
	Words  map[string]string `json:"words"` // by code of a choice
	Own    map[string]string `json:"own"`   // items by the signs of the sheet, where its numbers are its own

	Sheets []string `json:"sheets"`
	Heads  []headed `json:"heads"`
	Lines  []place  `json:"lines"`
}

// none is a column that a sheet does not have.
const none = -1

// headed is a column as a form offers it.
type headed struct {
	Index   int    `json:"index"`
	Heading string `json:"heading"`
	Example string `json:"example"`
}

// letter names the column as a spreadsheet does.
func (h headed) letter() string {
	s, _ := excelize.ColumnNumberToName(h.Index + 1)
	return s
}

// place is a row with a question.
type place struct {
	Row  int    `json:"row"` // from 0
	Sign string `json:"sign"`
	Text string `json:"text"`
	Item string `json:"item"` // "" where it is not known which item it asks
}

// enough says that answers can be written.
func (s *shape) enough() bool {
	return s.Key != none && s.Answer != none && slices.ContainsFunc(s.Lines, func(p place) bool { return p.Item != "" })
}

// known counts the rows of which it is known what they ask.
func (s *shape) known() (n int) {
	for _, l := range s.Lines {
		if l.Item != "" {
			n++
		}
	}
	return n
}

// book is an unpacked workbook with its cells.
type book struct {
	*excelize.File
	tables []sheet.Table
}

// openBook unpacks a workbook that will be filled. The caller holds the lock of alone.
func openBook(ctx context.Context, data []byte) (*book, error) {
	tables, err := sheet.Read(ctx, data)
	if err != nil {
		return nil, orBadFile(err)
	}
	if len(tables) > 0 && tables[0].Text {
		return nil, badFile("kind")
	}
	f, err := sheet.Open(ctx, data)
	if err != nil {
		return nil, orBadFile(err)
	}
	return &book{f, tables}, nil
}

func (b *book) table(name string) *sheet.Table {
	for i := range b.tables {
		if b.tables[i].Name == name {
			return &b.tables[i]
		}
	}
	return nil
}

// guess looks for the sheet and the column in which most items of the pack stand.
func (b *book) guess(p *assess.Pack) shape {
	best, most := shape{Key: none, Answer: none, Memo: none, Text: none, Own: map[string]string{}}, 0
	known := items(p)
	for i := range b.tables {
		t := &b.tables[i]
		best.Sheets = append(best.Sheets, t.Name)
		for c := range width(t) {
			found := map[string]bool{}
			first := none
			for r := range t.Rows {
				if id := known[folded(t.Cell(r, c))]; id != "" && !found[id] {
					if found[id] = true; first == none {
						first = r
					}
				}
			}
			if len(found) > most {
				most, best.Sheet, best.Key, best.First = len(found), t.Name, c, first
			}
		}
	}
	if best.Sheet == "" && len(b.tables) > 0 {
		best.Sheet = b.tables[0].Name
	}
	b.columns(p, &best)
	b.read(p, &best)
	best.Words = b.words(p, &best)
	return best
}

func width(t *sheet.Table) int {
	n := 0
	for _, row := range t.Rows {
		n = max(n, len(row))
	}
	return n
}

// Headings by which columns are known.
var (
	answerHeads = []string{"回答", "自己評価", "評価結果", "判定", "結果", "評価", "選択", "チェック", "対応状況", "実施状況", "answer", "response", "status", "result"}
	memoHeads   = []string{"備考", "補足", "コメント", "特記", "根拠", "理由", "説明", "自由記述", "memo", "comment", "remark", "note"}
	textHeads   = []string{"評価基準", "質問", "設問", "内容", "項目", "要求事項", "question", "criterion", "criteria", "requirement"}
)

// columns finds the columns beside that of the numbers.
func (b *book) columns(p *assess.Pack, s *shape) {
	t := b.table(s.Sheet)
	if t == nil || s.Key == none {
		return
	}
	says := spoken(p)
	lists := b.lists(s.Sheet)
	var answer, memo, text score
	for c := range width(t) {
		if c == s.Key {
			continue
		}
		heading := folded(b.heading(t, s.First, c))
		letters, said := 0, 0
		for r := s.First; r < len(t.Rows); r++ {
			cell := t.Cell(r, c)
			letters += utf8.RuneCountInString(cell)
			if meaning(says, cell) != "" {
				said++
			}
		}
		// Room for an answer is empty or holds answers; what is long is the question.
		if rank := rankOf(heading, answerHeads); rank > 0 || said > 2 || lists[c] != "" {
			answer.offer(c, rank+2*min(said, 10)+30*sign(lists[c] != "")-letters/max(len(t.Rows), 1))
		}
		if rank := rankOf(heading, memoHeads); rank > 0 {
			memo.offer(c, rank)
		}
		text.offer(c, letters+100*rankOf(heading, textHeads))
	}
	s.Answer, s.Text = answer.column(), text.column()
	if s.Text == s.Answer {
		s.Text = none
	}
	if s.Memo = memo.column(); s.Memo == s.Answer || s.Memo == s.Text {
		s.Memo = none
	}
}

func sign(b bool) int {
	if b {
		return 1
	}
	return 0
}

// score keeps the best of several columns.
type score struct {
	best, points int
	any          bool
}

func (s *score) offer(column, points int) {
	if !s.any || points > s.points {
		s.best, s.points, s.any = column, points, true
	}
}

func (s *score) column() int {
	if !s.any {
		return none
	}
	return s.best
}

// rankOf is higher the earlier a word stands in the list.
func rankOf(heading string, list []string) int {
	for i, w := range list {
		if strings.Contains(heading, folded(w)) {
			return len(list) - i
		}
	}
	return 0
}

// heading joins the cells above a column, through merged cells: sheets often have two
// rows of headings.
func (b *book) heading(t *sheet.Table, first, c int) string {
	var all []string
	for r := max(0, first-3); r < first; r++ {
		at, _ := excelize.CoordinatesToCellName(c+1, r+1)
		v, err := b.GetCellValue(t.Name, at)
		if err == nil && v != "" && !slices.Contains(all, v) {
			all = append(all, v)
		}
	}
	return strings.Join(all, " ")
}

// lists are the drop-down lists of a sheet, by column.
func (b *book) lists(name string) map[int]string {
	all := map[int]string{}
	found, err := b.GetDataValidations(name)
	if err != nil {
		return all
	}
	for _, v := range found {
		list, quoted := strings.CutPrefix(v.Formula1, `"`)
		if v.Type != "list" || !quoted {
			continue
		}
		for _, ref := range strings.Fields(v.Sqref) {
			from, to, _ := strings.Cut(ref, ":")
			first, _, err := excelize.CellNameToCoordinates(from)
			last, _, err2 := excelize.CellNameToCoordinates(to)
			if err2 != nil {
				last = first
			}
			for c := first; err == nil && c <= min(last, sheet.MaxColumns); c++ {
				all[c-1] = strings.TrimSuffix(list, `"`)
			}
		}
	}
	return all
}

// read fills in the rows with questions, and what a form offers.
func (b *book) read(p *assess.Pack, s *shape) {
	s.Lines, s.Heads = nil, nil
	t := b.table(s.Sheet)
	if t == nil {
		return
	}
	for c := range width(t) {
		h := headed{Index: c, Heading: short(b.heading(t, s.First, c))}
		for r := s.First; r < len(t.Rows) && h.Example == ""; r++ {
			h.Example = short(t.Cell(r, c))
		}
		s.Heads = append(s.Heads, h)
	}
	if s.Key == none {
		return
	}
	known := items(p)
	for r := s.First; r < len(t.Rows) && len(s.Lines) < maxLines; r++ {
		sign := short(t.Cell(r, s.Key))
		if sign == "" {
			continue
		}
		item := s.Own[folded(sign)]
		if item == "" {
			item = known[folded(sign)]
		}
		s.Lines = append(s.Lines, place{r, sign, strings.TrimSpace(t.Cell(r, s.Text)), item})
	}
}

// synonyms are words of sheets that are common in Japan, by what they mean.
var synonyms = map[string]string{
	"はい": "yes", "実施済": "yes", "実施済み": "yes", "実施している": "yes", "対応済": "yes", "対応済み": "yes", "できている": "yes", "満たしている": "yes", "適合": "yes", "達成": "yes", "済": "yes", "有": "yes", "yes": "yes", "y": "yes", "ok": "yes",
	"一部": "half", "一部実施": "half", "一部対応": "half", "一部実施している": "half", "一部満たしている": "half", "部分的": "half", "対応中": "half", "実施中": "half", "partial": "half", "partly": "half",
	"いいえ": "no", "未実施": "no", "未対応": "no", "実施していない": "no", "満たしていない": "no", "不適合": "no", "未達成": "no", "未": "no", "無": "no", "no": "no", "n": "no", "ng": "no",
	"対象外": "none", "該当なし": "none", "非該当": "none", "n/a": "none", "na": "none",
	"不明": "unknown", "わからない": "unknown", "未確認": "unknown", "unknown": "unknown",
}

// meaning is the code that a word of a sheet stands for, or "".
func meaning(says map[string]string, word string) string {
	return says[folded(word)]
}

// spoken is vocabulary with the words of other people's sheets.
func spoken(p *assess.Pack) map[string]string {
	all := map[string]string{}
	for word, m := range synonyms {
		code := meanings[p.Kind][m]
		if m == "unknown" {
			code = assess.Unknown
		}
		if p.Choice(code) != nil {
			all[folded(word)] = code
		}
	}
	for word, code := range vocabulary(p) {
		all[word] = code
	}
	return all
}

// words guesses in which words a sheet wants its answers: those of its drop-down list,
// else those that stand there, else marks, else ours.
func (b *book) words(p *assess.Pack, s *shape) map[string]string {
	says, all := spoken(p), map[string]string{}
	keep := func(word string) {
		word = strings.TrimSpace(word)
		if code := meaning(says, word); code != "" && all[code] == "" && utf8.RuneCountInString(word) <= maxWord {
			all[code] = word
		}
	}
	for word := range strings.SplitSeq(b.lists(s.Sheet)[s.Answer], ",") {
		keep(word)
	}
	if t := b.table(s.Sheet); t != nil && s.Answer != none && len(all) == 0 {
		for r := range t.Rows {
			keep(t.Cell(r, s.Answer))
		}
	}
	if len(all) > 0 {
		return all
	}
	for _, m := range []struct{ meaning, mark string }{{"yes", "○"}, {"half", "△"}, {"no", "×"}} {
		if code := meanings[p.Kind][m.meaning]; code != "" {
			all[code] = m.mark
		}
	}
	for _, c := range p.Choices {
		if all[c.Code] == "" {
			all[c.Code] = c.Label.In("ja")
		}
	}
	return all
}

// maxWord is how long a word of a sheet may be.
const maxWord = 60
