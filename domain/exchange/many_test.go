package exchange_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/exchange"
)

var when = time.Date(2026, 10, 14, 0, 0, 0, 0, time.UTC)

// Everything of a company becomes one Excel in the background.
func TestTakeout(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say(company, star3, "member", "1-2-1-1", assess.Met, "=1+1")
		s.say(company, pack25, "member", "1", assess.Done, "")
		s.say(other, pack25, "foreign", "2", assess.Done, "よその会社")
		at := s.post(here+"/takeouts", "member").to()
		s.get(at, "member").want(http.StatusOK, "まとめています")
		s.get(at+"/all.xlsx", "member").want(http.StatusNotFound)
		must(t, s.jobs.Start(context.Background()))
		defer func() { must(t, s.jobs.Stop(context.Background())) }()
		for n := 0; !strings.Contains(s.get(at, "member").Body.String(), "できました"); n++ {
			if n > 500 {
				t.Fatal("the file was never made")
			}
			time.Sleep(20 * time.Millisecond)
		}
		data := s.get(at+"/all.xlsx", "member").want(http.StatusOK).Body.Bytes()
		f := opened(t, data)
		var got []string
		for _, name := range f.GetSheetList()[1:] {
			got = append(got, name[2:])
			v, err := f.GetCellValue(name, "E2")
			must(t, err)
			formula, err := f.GetCellFormula(name, "E2")
			must(t, err)
			if strings.HasSuffix(name, star3) && (v != "=1+1" || formula != "") {
				t.Errorf("a text became %q, formula %q", v, formula)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff([]string{star3, pack25}, got); diff != "" {
			t.Error(diff)
		}
		s.get(at+"/all.xlsx", "foreign").want(http.StatusNotFound)
		s.get(strings.Replace(at, company, other, 1)+"/all.xlsx", "foreign").want(http.StatusNotFound)
		s.now = s.now.Add(25 * time.Hour)
		s.get(at, "member").want(http.StatusNotFound)
		must(t, s.Tidy(context.Background()))
		if n := s.count("exchange_takeout") + s.count("blob_file"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
	})
}

// One's own companies come as one table, and no other's.
func TestCompanies(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say(company, star3, "member", "1-2-1-2", assess.Partly, "")
		s.say(other, star3, "foreign", "1-2-1-2", assess.Met, "")
		f := opened(t, s.get("/exchange/companies.xlsx?framework="+star3, "member").want(http.StatusOK).Body.Bytes())
		rows, err := f.GetRows("Sheet1")
		must(t, err)
		if diff := cmp.Diff([]string{"会社", "法人番号", "1-2-1-1", "1-2-1-2"}, rows[0][:4]); diff != "" {
			t.Error(diff)
		}
		if diff := cmp.Diff([][]string{{"株式会社" + company, "4999900001234", "", "一部満たしている"}}, rows[2:]); diff != "" {
			t.Error(diff)
		}
		f = opened(t, s.get("/exchange/companies.xlsx?framework="+star3, "stranger").want(http.StatusOK).Body.Bytes())
		if rows, _ := f.GetRows("Sheet1"); len(rows) != 2 {
			t.Errorf("a stranger gets %d rows", len(rows))
		}
		s.get("/exchange/companies.xlsx?framework=none", "member").want(http.StatusNotFound)
	})
}

// A company that is closed leaves nothing behind.
func TestClose(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.upload(here+"/intakes", "member", "file", "a.csv", []byte("番号,回答\n1-2-1-1,○\n"), "framework", star3).to()
		s.upload(here+"/layouts", "member", "sheet", "b.xlsx", customerSheet(t), "layout_framework", star3, "customer", "架空商事").to()
		s.post(here+"/takeouts", "member").to()
		var names []string
		s.in(func(ctx context.Context) {
			must(t, s.Export(ctx, company, func(name string, write func(io.Writer) error) error {
				names = append(names, name)
				var b bytes.Buffer
				err := write(&b)
				if name == "layouts.json" && !strings.Contains(b.String(), "架空商事") {
					t.Error(b.String())
				}
				return err
			}))
		})
		if diff := cmp.Diff([]string{"layouts.json", "brought-in.json"}, names); diff != "" {
			t.Error(diff)
		}
		must(t, s.Close(context.Background(), company))
		for _, table := range []string{"exchange_intake", "exchange_layout", "exchange_takeout"} {
			if n := s.count(table); n != 0 {
				t.Errorf("%s keeps %d rows", table, n)
			}
		}
	})
}

func star(t testing.TB) *assess.Pack {
	t.Helper()
	packs, err := assess.LoadPacks(content.Frameworks())
	must(t, err)
	return packs.ByID(star3)
}

// companies yields n companies that answered everything.
func companies(p *assess.Pack, n int) iter.Seq2[exchange.CompanyAnswers, error] {
	return func(yield func(exchange.CompanyAnswers, error) bool) {
		for i := range n {
			row := exchange.CompanyAnswers{Company: exchange.Company{Name: fmt.Sprintf("架空 %05d", i), Number: "4999900001234"}, Choices: map[string]string{}}
			for k, x := range p.Items {
				row.Choices[x.ID] = p.Choices[(i+k)%len(p.Choices)].Code
			}
			if !yield(row, nil) {
				return
			}
		}
	}
}

func TestWriteManyEndsWithAnError(t *testing.T) {
	bad := errors.New("away")
	rows := func(yield func(exchange.CompanyAnswers, error) bool) { yield(exchange.CompanyAnswers{}, bad) }
	if err := exchange.WriteMany(context.Background(), io.Discard, star(t), rows); !errors.Is(err, bad) {
		t.Errorf("WriteMany = %v", err)
	}
}

// Memory does not grow with the number of companies: of ten times as many it takes no
// more than half as much again.
func TestWriteManyKeepsLittle(t *testing.T) {
	p := star(t)
	peak := func(n int) uint64 {
		runtime.GC()
		var start, m runtime.MemStats
		runtime.ReadMemStats(&start)
		most := uint64(0)
		rows := func(yield func(exchange.CompanyAnswers, error) bool) {
			i := 0
			for r, err := range companies(p, n) {
				if i++; i%(n/20) == 0 {
					runtime.GC()
					runtime.ReadMemStats(&m)
					most = max(most, m.HeapAlloc-min(m.HeapAlloc, start.HeapAlloc))
				}
				if !yield(r, err) {
					return
				}
			}
		}
		must(t, exchange.WriteMany(context.Background(), io.Discard, p, rows))
		return most
	}
	few, many := peak(2_000), peak(10_000)
	t.Logf("2,000 companies: %d MiB, 10,000: %d MiB", few>>20, many>>20)
	if many > 64<<20 || many > few+few/2+(8<<20) {
		t.Errorf("memory grows: %d and %d MiB", few>>20, many>>20)
	}
}

// 81 criteria and 300 suppliers: at most two seconds (issue 4).
func BenchmarkWriteMany300(b *testing.B) {
	p := star(b)
	for b.Loop() {
		if err := exchange.WriteMany(context.Background(), io.Discard, p, companies(p, 300)); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkWriteMany10000(b *testing.B) {
	p := star(b)
	for b.Loop() {
		if err := exchange.WriteMany(context.Background(), io.Discard, p, companies(p, 10_000)); err != nil {
			b.Fatal(err)
		}
	}
}
