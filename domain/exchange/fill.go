package exchange

import (
	"bytes"
	"context"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/format/sheet"
)

// Filled says what became of the rows of a sheet.
type Filled struct {
	Written    int `json:"written"`
	Unanswered int `json:"unanswered"` // nothing is answered yet; the cell stays as it was
	Wordless   int `json:"wordless"`   // the sheet has no word for the answer
	Formulas   int `json:"formulas"`   // the cell works its value out by itself; it stays
	Unknown    int `json:"unknown"`    // nobody said what the row asks
}

// fill writes answers into a copy of a workbook. Only cells of the columns for answers
// and remarks change.
func fill(ctx context.Context, data []byte, s *shape, answers map[string]assess.Answer, w io.Writer) (n Filled, err error) {
	err = alone(ctx, func() error {
		f, err := sheet.Open(ctx, data)
		if err != nil {
			return orBadFile(err)
		}
		defer f.Close()
		if n, err = s.write(f, answers); err != nil {
			return badFile("broken")
		}
		// What the sheet works out of the answers is out of date now: whoever opens the
		// copy has it worked out anew. The values of our own library are never put there.
		calc, err := f.GetCalcProps()
		if err != nil {
			return badFile("broken")
		}
		again := true
		calc.FullCalcOnLoad = &again
		if err := f.SetCalcProps(&calc); err != nil {
			return badFile("broken")
		}
		return f.Write(w)
	})
	return n, err
}

func (s *shape) write(f *excelize.File, answers map[string]assess.Answer) (n Filled, err error) {
	within, err := covered(f, s.Sheet)
	if err != nil {
		return n, err
	}
	for _, l := range s.Lines {
		if within[sheet.At{Row: l.Row, Column: s.Key}] {
			continue // a number that stands over several rows is one question
		}
		word := s.count(l, answers, &n)
		if word == "" {
			continue
		}
		written, err := put(f, s.Sheet, l.Row, s.Answer, word)
		if err != nil {
			return n, err
		}
		if !written {
			n.Written--
			n.Formulas++
			continue
		}
		a := answers[l.Item]
		if remark := remarks(a); s.Memo != none && remark != "" {
			if _, err := put(f, s.Sheet, l.Row, s.Memo, remark); err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// count says what becomes of a row: the word that is written, or "".
func (s *shape) count(l place, answers map[string]assess.Answer, n *Filled) (word string) {
	a, ok := answers[l.Item]
	switch word = s.Words[a.Choice]; {
	case l.Item == "":
		n.Unknown++
		return ""
	case !ok || a.Choice == "":
		n.Unanswered++
		return ""
	case word == "":
		n.Wordless++
	default:
		n.Written++
	}
	return word
}

// remarks are the words beside an answer, one after the other.
func remarks(a assess.Answer) string {
	var all []string
	for _, s := range []string{a.Reason, a.Scope, a.Exception, a.Memo} {
		if s != "" {
			all = append(all, s)
		}
	}
	return strings.Join(all, "\n")
}

// put writes a text as a text, whatever it begins with. A formula is left alone.
func put(f *excelize.File, name string, row, column int, text string) (bool, error) {
	at, err := excelize.CoordinatesToCellName(column+1, row+1)
	if err != nil {
		return false, err
	}
	formula, err := f.GetCellFormula(name, at)
	if err != nil || formula != "" {
		return false, err
	}
	return true, f.SetCellStr(name, at, text)
}

// covered are the cells that a merged one hides: all of it but the first.
func covered(f *excelize.File, name string) (map[sheet.At]bool, error) {
	merged, err := f.GetMergeCells(name, true)
	if err != nil {
		return nil, err
	}
	all := map[sheet.At]bool{}
	for _, m := range merged {
		c1, r1, err := excelize.CellNameToCoordinates(m.GetStartAxis())
		c2, r2, err2 := excelize.CellNameToCoordinates(m.GetEndAxis())
		if err != nil || err2 != nil || (r2-r1+1)*(c2-c1+1) > sheet.MaxRows {
			continue
		}
		for r := r1; r <= r2; r++ {
			for c := c1; c <= c2; c++ {
				if r != r1 || c != c1 {
					all[sheet.At{Row: r - 1, Column: c - 1}] = true
				}
			}
		}
	}
	return all, nil
}

// filled fills a copy in memory.
func filled(ctx context.Context, data []byte, s *shape, answers map[string]assess.Answer) ([]byte, Filled, error) {
	var b bytes.Buffer
	n, err := fill(ctx, data, s, answers, &b)
	return b.Bytes(), n, err
}
