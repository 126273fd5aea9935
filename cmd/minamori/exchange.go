package main

import (
	"bytes"
	"context"
	"io"
	"strconv"
	"time"

	"github.com/xuri/excelize/v2"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/web"
)

// openExchange builds the room and says what makes its large files.
func (h *House) openExchange() *exchange.Room {
	rm := exchange.New(exchange.Config{
		DB: h.DB, Now: h.now, Assess: h.Assess, Texts: h.texts, Files: h.Files, Jobs: h.Jobs, People: h.names,
		Company: h.exchangeCompany, Mine: h.exchangeCompanies,
	})
	// Two handlers of one kind are a fault of this program, seen at every start.
	if err := job.Handle(h.Jobs, job.Spec{Timeout: 10 * time.Minute, Attempts: 3}, rm.MakeTakeout); err != nil {
		panic(err)
	}
	if err := job.Handle(h.Jobs, job.Spec{Timeout: time.Minute, Attempts: 3}, func(ctx context.Context, _ job.Task[exchangeTidy]) error { return rm.Tidy(ctx) }); err != nil {
		panic(err)
	}
	h.Jobs.Every("exchange.tidy", time.Hour, exchangeTidy{})
	return rm
}

// exchangeTidy is the job that removes files that waited too long.
type exchangeTidy struct{}

// Kind names the job.
func (exchangeTidy) Kind() string { return "exchange.tidy" }

func (h *House) exchangeCompany(ctx context.Context, id string) (exchange.Company, error) {
	o, err := h.Org.ByID(ctx, org.ID(id))
	return exchange.Company{ID: id, Name: o.Name, Number: o.Number()}, err
}

// exchangeCompanies are those in which an account is at least a member.
func (h *House) exchangeCompanies(ctx context.Context, account string) (all []exchange.Company, err error) {
	const some = 200
	for after := org.ID(""); ; {
		page, err := h.Org.OrganisationsOf(ctx, account, after, some)
		if err != nil {
			return nil, err
		}
		for _, m := range page {
			if after = m.ID; m.Role >= web.Member {
				all = append(all, exchange.Company{ID: string(m.ID), Name: m.Name, Number: m.Number()})
			}
		}
		if len(page) < some {
			return all, nil
		}
	}
}

// exchanges gives the demo something to see: the sheet of a customer that does not
// exist, and a file that waits.
func (r *region) exchanges() error {
	pack := r.Assess.Packs.Current("self-diagnosis-25", r.today)
	id := string(r.orgs[0])
	sheet, err := demoSheet(pack)
	if err != nil {
		return err
	}
	if _, err := r.Exchange.AddLayout(r.ctx, id, pack.ID, "みほん商事（架空）", demoUpload("みほん商事_チェックシート.xlsx", sheet)); err != nil {
		return err
	}
	list := "番号,回答\r\n1,実施している\r\n2,○\r\n3,たぶん\r\n99,×\r\n"
	_, err = r.Exchange.Take(r.ctx, id, pack.ID, demoUpload("回答の直し.csv", []byte(list)))
	return err
}

func demoUpload(name string, data []byte) web.Upload {
	return web.Upload{Name: name, Size: int64(len(data)), Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// demoSheet is a sheet as customers send it; its sentences are made up.
func demoSheet(pack *assess.Pack) ([]byte, error) {
	f := excelize.NewFile()
	defer f.Close()
	for c, heading := range []string{"No.", "確認内容", "回答", "備考"} {
		at, _ := excelize.CoordinatesToCellName(c+1, 3)
		if err := f.SetCellStr("Sheet1", at, heading); err != nil {
			return nil, err
		}
	}
	for i, x := range pack.Items {
		row := strconv.Itoa(4 + i)
		if err := f.SetCellStr("Sheet1", "A"+row, x.Sign()); err != nil {
			return nil, err
		}
		if err := f.SetCellStr("Sheet1", "B"+row, "（架空の質問）"+x.Title.In("ja")+"について、お答えください。"); err != nil {
			return nil, err
		}
	}
	last := strconv.Itoa(4 + len(pack.Items))
	if err := f.SetCellStr("Sheet1", "A"+last, "独自1"); err != nil {
		return nil, err
	}
	if err := f.SetCellStr("Sheet1", "B"+last, "（架空の質問）紙の書類は、どこにしまいますか。"); err != nil {
		return nil, err
	}
	v := excelize.NewDataValidation(true)
	v.Sqref = "C4:C" + last
	if err := v.SetDropList([]string{"はい", "一部", "いいえ"}); err != nil {
		return nil, err
	}
	if err := f.AddDataValidation("Sheet1", v); err != nil {
		return nil, err
	}
	b, err := f.WriteToBuffer()
	return b.Bytes(), err
}
