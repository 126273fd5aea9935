package main

import (
	"github.com/minamori-project/minamori/domain/exchange"
	"github.com/minamori-project/minamori/internal/i18n"
)

// exchangeFixtures gives company a what the paths of this room name, and the
// installation a workbook that is kept.
func (s *stage) exchangeFixtures(_ string) map[string]string {
	s.t.Helper()
	ctx := s.t.Context()
	pack := s.Assess.Packs.Current("self-diagnosis-25", s.now())
	sheet, err := demoSheet(pack)
	if err != nil {
		s.t.Fatal(err)
	}
	ids := map[string]string{}
	keep := func(name string) func(string, error) {
		return func(id string, err error) {
			s.t.Helper()
			if err != nil {
				s.t.Fatalf("%s: %v", name, err)
			}
			ids[name] = id
		}
	}
	keep("layout")(s.Exchange.AddLayout(ctx, s.a, pack.ID, "みほん商事（架空）", demoUpload("a.xlsx", sheet)))
	keep("intake")(s.Exchange.Take(ctx, s.a, pack.ID, demoUpload("a.csv", []byte("番号,回答\n1,○\n"))))
	keep("takeout")(s.Exchange.AskTakeout(ctx, s.a))
	if err := s.Exchange.Make(ctx, exchange.TakingOut{Takeout: ids["takeout"], Lang: i18n.JA}, func(int, int) error { return nil }); err != nil {
		s.t.Fatal(err)
	}
	keep("workbook")(s.Exchange.LoadWorkbook(ctx, pack.ID, demoUpload("b.xlsx", sheet)))
	if err := s.Exchange.KeepWorkbook(ctx, ids["workbook"]); err != nil {
		s.t.Fatal(err)
	}
	return map[string]string{"{layout}": ids["layout"], "{intake}": ids["intake"], "{takeout}": ids["takeout"], "{workbook}": ids["workbook"]}
}
