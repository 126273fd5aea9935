package exchange

import (
	"context"
	"io"
	"iter"

	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/i18n"
)

// CompanyAnswers is a row of a table of many companies: who, and the codes of the
// choices by item.
type CompanyAnswers struct {
	Company Company
	Choices map[string]string
}

// WriteMany writes one table of many companies as Excel: a row for each company, a
// column for each item. Rows are taken one at a time and wait on disk, so that memory
// does not grow with their number. The first error of rows ends it.
func WriteMany(ctx context.Context, w io.Writer, p *assess.Pack, rows iter.Seq2[CompanyAnswers, error]) error {
	f := excelize.NewFile()
	defer f.Close()
	look, err := newLooks(f)
	if err != nil {
		return err
	}
	out, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return err
	}
	if err := manyHead(ctx, out, p, look); err != nil {
		return err
	}
	lang, labels := i18n.From(ctx).Lang, map[string]excelize.Cell{}
	for _, c := range p.Choices {
		labels[c.Code] = excelize.Cell{StyleID: look.text, Value: c.Label.In(lang)}
	}
	n, cells := 2, make([]any, 2+len(p.Items))
	for row, err := range rows {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		n++
		cells[0] = excelize.Cell{StyleID: look.text, Value: row.Company.Name}
		cells[1] = excelize.Cell{StyleID: look.text, Value: row.Company.Number}
		for i := range p.Items {
			cells[2+i] = nil
			if c, ok := labels[row.Choices[p.Items[i].ID]]; ok {
				cells[2+i] = c
			}
		}
		at, _ := excelize.CoordinatesToCellName(1, n)
		if err := out.SetRow(at, cells); err != nil {
			return err
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return f.Write(w)
}

// manyHead writes two rows: the numbers of the items and their titles.
func manyHead(ctx context.Context, out *excelize.StreamWriter, p *assess.Pack, look looks) error {
	lang := i18n.From(ctx).Lang
	signs := []any{excelize.Cell{StyleID: look.head, Value: i18n.T(ctx, "exchange.many.company")}, excelize.Cell{StyleID: look.head, Value: i18n.T(ctx, "exchange.many.number")}}
	titles := []any{excelize.Cell{StyleID: look.head, Value: p.Title.In(lang)}, excelize.Cell{StyleID: look.head, Value: p.Edition}}
	for i := range p.Items {
		signs = append(signs, excelize.Cell{StyleID: look.head, Value: p.Items[i].Sign()})
		titles = append(titles, excelize.Cell{StyleID: look.head, Value: p.Items[i].Title.In(lang)})
	}
	if err := out.SetColWidth(1, 1, 30); err != nil {
		return err
	}
	if err := out.SetColWidth(2, 2+len(p.Items), 15); err != nil {
		return err
	}
	if err := out.SetPanes(&excelize.Panes{Freeze: true, XSplit: 1, YSplit: 2, TopLeftCell: "B3", ActivePane: "bottomRight"}); err != nil {
		return err
	}
	if err := out.SetRow("A1", signs); err != nil {
		return err
	}
	return out.SetRow("A2", titles)
}

// mine yields the companies of an account with their answers, one after the other.
func (rm *Room) mine(ctx context.Context, account, pack string) iter.Seq2[CompanyAnswers, error] {
	return func(yield func(CompanyAnswers, error) bool) {
		all, err := rm.Mine(ctx, account)
		if err != nil {
			yield(CompanyAnswers{}, err)
			return
		}
		for _, c := range all {
			answers, err := rm.Assess.Answers(ctx, c.ID, pack)
			row := CompanyAnswers{Company: c, Choices: map[string]string{}}
			for item, a := range answers {
				row.Choices[item] = a.Choice
			}
			if !yield(row, err) || err != nil {
				return
			}
		}
	}
}
