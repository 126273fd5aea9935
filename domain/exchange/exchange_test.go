package exchange_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/i18n"
)

// An edited Excel comes back: first what would change is shown, then it changes, and
// what somebody answered meanwhile stays.
func TestEditedExcelComesBack(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say(company, star3, "member", "1-2-1-1", assess.Met, "役割表があります")
		s.say(company, star3, "member", "1-2-1-2", assess.NotMetChoice, "")
		s.say(company, star3, "member", "1-2-1-3", assess.Partly, "")
		data := s.get(here+"/packs/"+star3+"/answers.xlsx", "member").want(http.StatusOK).Body.Bytes()
		data = edit(t, data, func(f *excelize.File) {
			must(t, f.SetCellStr("回答", "D2", "一部満たしている")) // changed
			must(t, f.SetCellStr("回答", "D3", " ○ "))      // changed, as a mark
			must(t, f.SetCellStr("回答", "D4", "満たしている"))   // somebody will have answered
			must(t, f.SetCellStr("回答", "D5", "たぶん"))      // no word of ours
			must(t, f.SetCellStr("回答", "A6", "9-9-9-9"))
			must(t, f.SetCellFormula("回答", "E7", "E8"))
			must(t, f.SetCellFormula("回答", "E8", "E7"))
			must(t, f.SetCellStr("回答", "D9", "該当なし"))
		})
		s.say(company, star3, "manager", "1-2-1-3", assess.Unknown, "聞いてみます")
		before := s.answers(company, star3)
		page := s.upload(here+"/intakes", "member", "file", "回答.xlsx", data, "framework", star3).to()
		s.get(page, "member").want(http.StatusOK, "2項目が変わります", "人:managerさんが", "「たぶん」がどの回答か", "9-9-9-9", "は式です", "該当しない理由を書いてください", "担当者か経営者")
		if diff := cmp.Diff(before, s.answers(company, star3)); diff != "" {
			t.Fatalf("a preview changed something: %s", diff)
		}
		s.post(page+"/apply", "member").want(http.StatusForbidden)
		s.get(s.post(page+"/apply", "manager").to(), "manager").want(http.StatusOK, "2項目を取り込みました", "1-2-1-3", "読めなかった行")
		after := s.answers(company, star3)
		if a := after["1-2-1-1"]; a.Choice != assess.Partly || a.Memo != "役割表があります" || a.Revision != 2 || a.Source != assess.SourceImported || a.By != "manager" {
			t.Errorf("%+v", a)
		}
		if a := after["1-2-1-2"]; a.Choice != assess.Met {
			t.Errorf("%+v", a)
		}
		if diff := cmp.Diff(before["1-2-1-3"], after["1-2-1-3"]); diff != "" {
			t.Errorf("what was answered meanwhile changed: %s", diff)
		}
		if len(after) != 3 {
			t.Errorf("%d answers, want 3", len(after))
		}
		s.post(page+"/apply", "manager").want(http.StatusConflict)
		if v := s.verbs(company); !strings.Contains(v, "exchange.file-read assess.answered assess.answered exchange.file-applied") {
			t.Error(v)
		}
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// An own answer that was changed on the page after the file was made is not replaced
// by the file either.
func TestOwnLaterAnswerStays(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say(company, star3, "manager", "1-2-1-1", assess.NotMetChoice, "")
		data := edit(t, s.get(here+"/packs/"+star3+"/answers.xlsx", "manager").Body.Bytes(), func(f *excelize.File) {
			must(t, f.SetCellStr("回答", "D2", "満たしている"))
		})
		s.say(company, star3, "manager", "1-2-1-1", assess.Partly, "")
		page := s.upload(here+"/intakes", "manager", "file", "a.xlsx", data, "framework", star3).to()
		s.post(page+"/apply", "manager").to()
		if a := s.answers(company, star3)["1-2-1-1"]; a.Choice != assess.Partly {
			t.Errorf("%+v", a)
		}
	})
}

func TestDiscardAndAge(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		data := []byte("番号,回答\n1-2-1-1,満たしている\n")
		page := s.upload(here+"/intakes", "member", "file", "a.csv", data, "framework", star3).to()
		s.get(page, "member").want(http.StatusOK, "1項目が変わります")
		s.post(page+"/discard", "member").to()
		s.get(page, "member").want(http.StatusOK, "取り込みをやめました")
		s.post(page+"/apply", "manager").want(http.StatusConflict)
		page = s.upload(here+"/intakes", "member", "file", "a.csv", data, "framework", star3).to()
		s.now = s.now.Add(25 * time.Hour)
		s.get(page, "member").want(http.StatusNotFound)
		s.post(page+"/apply", "manager").want(http.StatusNotFound)
		must(t, s.Tidy(context.Background()))
		if n := s.count("exchange_intake"); n != 1 {
			t.Errorf("%d intakes left, want the decided one", n)
		}
		if len(s.answers(company, star3)) != 0 {
			t.Error("something was answered")
		}
	})
}

func (s *stage) count(table string) (n int) {
	s.t.Helper()
	must(s.t, s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, "SELECT COUNT(*) FROM "+table)
		return err
	}))
	return n
}

// Files that are broken, of another kind, too large or of another framework say so and
// change nothing.
func TestBadFiles(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say(company, star3, "member", "1-2-1-1", assess.Met, "")
		good := s.get(here+"/packs/"+star3+"/answers.xlsx", "member").Body.Bytes()
		cases := map[string]struct {
			data []byte
			pack string
			say  string
		}{
			"cut":       {good[:len(good)/2], star3, "ファイルが壊れています"},
			"old":       {[]byte{0xD0, 0xCF, 0x11, 0xE0}, star3, "古い形か"},
			"columns":   {[]byte("a,b\n1,2\n"), star3, "列が見つかりません"},
			"framework": {good, pack25, "別の枠組み"},
			"json":      {[]byte(`{"format":"x"}`), star3, "回答のJSONではありません"},
			"rows":      {[]byte("番号,回答\n" + strings.Repeat("1,2\n", 20_001)), star3, "行が多すぎます"},
			"nothing":   {nil, star3, "ファイルを選んでください"},
		}
		for name, c := range cases {
			t.Run(name, func(t *testing.T) {
				s.upload(here+"/intakes", "member", "file", "a.xlsx", c.data, "framework", c.pack).want(http.StatusUnprocessableEntity, c.say)
			})
		}
		s.upload(here+"/intakes", "member", "file", "a.xlsx", good, "framework", "none").want(http.StatusNotFound)
		if n := s.count("exchange_intake"); n != 0 {
			t.Errorf("%d files were kept", n)
		}
	})
}

// Everybody below a member, and everybody of another company, gets nothing.
func TestRolesAndTenants(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.say(company, star3, "member", "1-2-1-1", assess.Met, "ひみつ")
		data := []byte("番号,回答\n1-2-1-1,満たしていない\n")
		intake := s.upload(here+"/intakes", "member", "file", "a.csv", data, "framework", star3).to()
		layout := s.upload(here+"/layouts", "member", "sheet", "b.xlsx", customerSheet(t), "layout_framework", star3, "customer", "架空商事").to()
		takeout := s.post(here+"/takeouts", "member").to()
		pack := here + "/packs/" + star3
		for _, p := range []string{here, pack + "/answers.xlsx", pack + "/answers.csv", pack + "/answers.json", pack + "/catalog.json", pack + "/profile.json", pack + "/results.json", intake, layout, layout + "/filled.xlsx", layout + "/remove", takeout} {
			s.get(p, "member").want(http.StatusOK)
			s.get(p, "viewer").want(http.StatusForbidden)
			s.get(p, "stranger").want(http.StatusNotFound)
			s.get(p, "foreign").want(http.StatusNotFound)
		}
		for _, p := range []string{intake + "/apply", intake + "/discard", layout, layout + "/remove", here + "/takeouts"} {
			s.post(p, "viewer").want(http.StatusForbidden)
			s.post(p, "foreign").want(http.StatusNotFound)
		}
		// The same ids under the company of the one who asks are not found either.
		for _, p := range []string{intake, layout, layout + "/filled.xlsx", takeout} {
			s.get(strings.Replace(p, company, other, 1), "foreign").want(http.StatusNotFound)
		}
		for _, p := range []string{intake + "/apply", intake + "/discard", layout + "/remove"} {
			s.post(strings.Replace(p, company, other, 1), "foreign").want(http.StatusNotFound)
		}
		s.get("/operator/workbooks", "owner").want(http.StatusNotFound)
		s.get("/exchange/companies.xlsx?framework="+star3, "").want(http.StatusSeeOther)
	})
}

// ugly draws texts as assess takes them, with all that files do to texts.
var ugly = rapid.Map(rapid.StringOfN(rapid.OneOf(rapid.Rune(), rapid.SampledFrom([]rune("'=+-@＝＋－＠\"\n,;\t _x000D_漢🙂<&>\\*"))), 0, 40, -1), func(s string) string {
	s = strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' || r == '\u200d' {
			return r
		}
		if unicode.In(r, unicode.Cc, unicode.Cf) || r >= 0xE0000 && r <= 0xE007F || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s)
})

func wild(t *rapid.T, p *assess.Pack) map[string]assess.Answer {
	all := map[string]assess.Answer{}
	for range rapid.IntRange(0, 8).Draw(t, "answers") {
		a := assess.Answer{Item: rapid.SampledFrom(p.Items).Draw(t, "item").ID, Choice: rapid.SampledFrom(p.Choices).Draw(t, "choice").Code, Memo: ugly.Draw(t, "memo")}
		a.Reason, a.Scope, a.Exception = ugly.Draw(t, "reason"), ugly.Draw(t, "scope"), ugly.Draw(t, "exception")
		if a.Choice == assess.NotApplicable && a.Reason == "" {
			a.Reason = "x"
		}
		all[a.Item] = a
	}
	return all
}

// What a company took out and another one brings in is the same, in every form and
// register, whatever stands in its texts.
func TestRoundTrip(t *testing.T) {
	d := dbtest.SQLite(t, schemas())
	s := newStage(t, d)
	p := s.assess.Packs.ByID(star3)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		from, to := "from-"+db.NewID(), "to-"+db.NewID()
		want := wild(t, p)
		for _, a := range want {
			in := assess.AnswerInput{Org: from, Pack: star3, Item: a.Item, Choice: a.Choice, Memo: a.Memo, Detail: a.Detail, Actor: "a"}
			if _, err := s.assess.Answer(context.Background(), in); err != nil {
				t.Fatalf("%+v: %v", a, err)
			}
		}
		lang := rapid.SampledFrom(i18n.Langs).Draw(t, "lang")
		form := rapid.SampledFrom([]string{"xlsx", "csv", "json", "oscal"}).Draw(t, "form")
		ctx := i18n.Into(context.Background(), s.texts.In(lang))
		data := s.takenOut(ctx, from, form)
		id, err := s.Take(ctx, to, star3, uploaded("a."+form, data))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Apply(ctx, to, id); err != nil {
			t.Fatal(err)
		}
		ignore := cmpopts.IgnoreFields(assess.Answer{}, "At", "By", "Revision", "Source", "SourceNote", "Behalf")
		if diff := cmp.Diff(want, s.answers(to, star3), ignore); diff != "" {
			t.Fatalf("%s in %s: %s", form, lang, diff)
		}
	})
}

func (s *stage) takenOut(ctx context.Context, org, form string) (data []byte) {
	s.t.Helper()
	must(s.t, s.d.Read(ctx, func(ctx context.Context) error {
		switch form {
		case "xlsx":
			data = s.file(s.Excel(ctx, org, star3))
		case "csv":
			data = s.file(s.CSV(ctx, org, star3))
		case "json":
			data = s.file(s.JSON(ctx, org, star3))
		default:
			data = s.file(s.OSCAL(ctx, org, star3, "assessment-results"))
		}
		return nil
	}))
	return data
}

// What a preview says would be applied is applied: assess refuses none of it.
func TestPreviewKeepsItsWord(t *testing.T) {
	d := dbtest.SQLite(t, schemas())
	s := newStage(t, d)
	p := s.assess.Packs.ByID(star3)
	text := rapid.OneOf(rapid.String(), rapid.StringN(1_990, 2_010, -1), rapid.StringN(490, 510, -1), rapid.SampledFrom([]string{"", " \r\n", "a\u202eb", "\u200b", "👩\u200d💻", "x\x07"}))
	rapid.Check(t, func(t *rapid.T) {
		org := db.NewID()
		ctx := i18n.Into(context.Background(), s.texts.In(i18n.JA))
		type row struct {
			Item      string `json:"item"`
			Choice    string `json:"choice"`
			Memo      string `json:"memo"`
			Reason    string `json:"reason"`
			Scope     string `json:"scope"`
			Exception string `json:"exception"`
		}
		var rows []row
		for range rapid.IntRange(1, 4).Draw(t, "rows") {
			rows = append(rows, row{rapid.SampledFrom(p.Items).Draw(t, "item").ID, rapid.SampledFrom(p.Choices).Draw(t, "choice").Code, text.Draw(t, "memo"), text.Draw(t, "reason"), text.Draw(t, "scope"), text.Draw(t, "exception")})
		}
		data, _ := json.Marshal(map[string]any{"format": "minamori-answers", "version": 1, "pack": star3, "answers": rows})
		id, err := s.Take(ctx, org, star3, uploaded("a.json", data))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Apply(ctx, org, id); err != nil {
			t.Fatal(err)
		}
		var report string
		if err := d.Read(ctx, func(ctx context.Context) (err error) {
			report, err = db.Value[string](ctx, "SELECT report FROM exchange_intake WHERE id = ?", id)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(report, "refused") {
			t.Fatalf("%s: %s", report, data)
		}
	})
}
