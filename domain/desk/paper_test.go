package desk

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/content"
	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/db/dbtest"
	"github.com/minamori-project/minamori/internal/job"
	"github.com/minamori-project/minamori/internal/journal"
)

// onPaper is onStage with real answers and a real queue, which is not started.
func onPaper(t *testing.T, f func(t *testing.T, s *stage)) {
	schemas := []db.Schema{journal.Schema(), org.Schema(), assess.Schema(), job.Schema(), Schema()}
	dbtest.Each(t, schemas, func(t *testing.T, d *db.DB) {
		s := newStage(t, d)
		s.must(job.Migrate(context.Background(), d))
		packs, err := assess.LoadPacks(content.Frameworks())
		s.must(err)
		q, err := job.New(d, slog.New(slog.DiscardHandler), job.Options{Poll: 20 * time.Millisecond})
		s.must(err)
		s.Paper = PaperConfig{Assess: assess.New(assess.Config{DB: d, Now: s.Now, Packs: packs}), Jobs: q}
		s.must(job.Handle(q, job.Spec{}, s.Import))
		f(t, s)
	})
}

const items25 = "self-diagnosis-25"

func (s *stage) sheet(choice string) url.Values {
	form := url.Values{"words": {"見本 太郎"}, "channel": {"paper"}, "told": {"2026-11-20"}}
	for _, x := range s.Paper.Assess.Packs.ByID(items25).Items {
		form.Set("answers."+x.ID, choice)
	}
	return form
}

func (s *stage) answers(company org.ID) (all map[string]assess.Answer) {
	s.t.Helper()
	s.must(s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = s.Paper.Assess.Answers(ctx, string(company), items25)
		return err
	}))
	return all
}

func (s *stage) opened() (CaseIn, org.ID) {
	s.t.Helper()
	in := s.add(mihon)
	s.must(s.OpenCompany(context.Background(), in))
	return in, s.stored(in).Company
}

func TestAFilledSheetIsEntered(t *testing.T) {
	onPaper(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		s.want(s.get(in.path("/entry"), "clerk"), 409, "desk-entry")
		s.must(s.OpenCompany(context.Background(), in))
		company := s.stored(in).Company
		w := s.want(s.get(in.path("/entry"), "clerk"), 200, `value="見本 太郎"`, `name="answers.25"`, "data-sheet", "一部実施している")
		if n := strings.Count(w.Body.String(), "data-sheet-row"); n != 25 {
			t.Errorf("%d questions", n)
		}
		form := s.sheet(assess.Partly)
		form.Set("answers.7", "") // not answered
		w = s.want(s.post(in.path("/entry"), "clerk", form), 303)
		s.want(s.get(w.Header().Get("Location"), "clerk"), 200, "25問のうち24問")
		all := s.answers(company)
		if a := all["1"]; len(all) != 24 || a.By != "clerk" || a.Behalf.Words != "見本 太郎" || a.Behalf.Channel != "paper" || a.Choice != assess.Partly {
			t.Errorf("%d answers, the first %+v", len(all), a)
		}
		// Nobody's words, a wrong answer, an item that is not there, nothing at all.
		for name, change := range map[string]func(url.Values){
			"words":   func(f url.Values) { f.Set("words", "") },
			"day":     func(f url.Values) { f.Set("told", "2026-11-30") },
			"channel": func(f url.Values) { f.Set("channel", "fax") },
			"choice":  func(f url.Values) { f.Set("answers.3", "yes") },
		} {
			f := s.sheet(assess.Done)
			change(f)
			s.want(s.post(in.path("/entry"), "clerk", f), 422, `id="errors"`)
			if got := s.answers(company)["1"].Choice; got != assess.Partly {
				t.Errorf("%s: half a sheet was kept", name)
			}
		}
		f := s.sheet(assess.Done)
		f.Set("answers.99", assess.Done)
		s.want(s.post(in.path("/entry"), "clerk", f), 404)
		s.want(s.post(in.path("/entry"), "clerk", url.Values{"words": {"a"}, "channel": {"phone"}, "told": {"2026-11-20"}}), 422, "答えが1つも")
		// Nobody pledges for another.
		f = s.sheet(assess.Done)
		f.Set("framework", "security-action-articles-6")
		s.want(s.post(in.path("/entry"), "clerk", f), 409)
		s.want(s.get(in.path("/entry?framework=security-action-articles-6"), "clerk"), 409, "assess-behalf-pledge")
	})
}

// Staff are asked before an answer of the company's own goes, and learn neither
// what it is nor whether their own is the same.
func TestAnOwnersAnswerIsShownBeforeItGoes(t *testing.T) {
	onPaper(t, func(t *testing.T, s *stage) {
		in := s.add(mihon)
		company := s.claimed(in, "taro", url.Values{"share": {"true"}, "behalf": {"true"}})
		_, err := s.Paper.Assess.Answer(context.Background(), assess.AnswerInput{Org: string(company), Pack: items25, Item: "3", Choice: assess.NotDone, Actor: "taro"})
		s.must(err)
		if w := s.want(s.get(in.path("/entry"), "clerk"), 200); strings.Contains(w.Body.String(), `value="not_done" data-key="3" checked`) {
			t.Error("staff see what a company answered before they have asked")
		}
		for _, guess := range []string{assess.NotDone, assess.Done, assess.Unknown} {
			s.want(s.post(in.path("/entry"), "clerk", s.sheet(guess)), 409, "会社の人が自分で答えています", `name="replace.3" value="1"`)
		}
		form := s.sheet(assess.Partly)
		s.want(s.post(in.path("/entry"), "clerk", form), 409, "会社の人が自分で答えています", `name="replace.3" value="1"`)
		if n := len(s.answers(company)); n != 1 {
			t.Fatalf("%d answers after a question", n)
		}
		// It changed again while the clerk looked.
		_, err = s.Paper.Assess.Answer(context.Background(), assess.AnswerInput{Org: string(company), Pack: items25, Item: "3", Choice: assess.Done, Actor: "taro", Revision: 1})
		s.must(err)
		form.Set("replace.3", "1")
		s.want(s.post(in.path("/entry"), "clerk", form), 409, `name="replace.3" value="2"`)
		form.Set("replace.3", "2")
		s.want(s.post(in.path("/entry"), "clerk", form), 303)
		if a := s.answers(company)["3"]; a.Choice != assess.Partly || a.Behalf.Channel != "paper" || a.Revision != 3 {
			t.Errorf("%+v", a)
		}
		// The company sees that they entered something; withdrawn consent ends it.
		s.want(s.get("/orgs/"+string(company)+"/desk", "taro"), 200, "人:clerk")
		s.want(s.post("/orgs/"+string(company)+"/desk/"+s.north+"/revoke", "taro", url.Values{"behalf_only": {"true"}}), 303)
		s.want(s.post(in.path("/entry"), "clerk", s.sheet(assess.Done)), 409)
		s.want(s.get(in.path("/entry"), "clerk"), 409, "desk-entry")
		if a := s.answers(company)["1"]; a.Choice != assess.Partly {
			t.Error("entered after the consent was withdrawn")
		}
	})
}

func TestPaperHasTheWallsOfTheDesk(t *testing.T) {
	onPaper(t, func(t *testing.T, s *stage) {
		in, _ := s.opened()
		up := s.uploaded(s.desk(), "会員番号,会社名\n1,架空商店\n")
		for name, c := range map[string]struct {
			in      CaseIn
			account string
			code    int
		}{
			"a viewer":                 {in, "reader", 403},
			"a stranger":               {in, "stranger", 404},
			"through another circle":   {CaseIn{s.chamber, s.south, in.Case}, "clerk", 404},
			"through another desk":     {CaseIn{s.other, s.far, in.Case}, "stranger", 404},
			"through a foreign circle": {CaseIn{s.chamber, s.far, in.Case}, "clerk", 404},
		} {
			list := ImportIn{c.in.desk(), up.Import}
			for _, path := range []string{c.in.path("/entry"), c.in.path("/sheet.pdf"), list.path("")} {
				if w := s.get(path, c.account); w.Code != c.code {
					t.Errorf("%s: GET %s answers %d", name, path, w.Code)
				}
			}
			for _, path := range []string{c.in.path("/entry"), list.path("/confirm"), list.path("/columns"), list.path("/stop")} {
				if w := s.post(path, c.account, s.sheet(assess.Done)); w.Code != c.code {
					t.Errorf("%s: POST %s answers %d", name, path, w.Code)
				}
			}
		}
		if w := s.get(DeskIn{s.chamber, s.south}.path("/sheet?code="+caseCode(in.Case)), "clerk"); w.Code != 200 {
			t.Errorf("a sheet of the north was found in the south: %d", w.Code)
		}
		typed := strings.ToLower(strings.ReplaceAll(caseCode(in.Case), "-", "　"))
		w := s.want(s.get(s.desk().path("/sheet?code="+url.QueryEscape(typed)), "clerk"), 303)
		if got := w.Header().Get("Location"); got != in.path("/entry") {
			t.Errorf("the code leads to %s", got)
		}
		if w := s.want(s.get(in.path("/sheet.pdf?easy=yes"), "clerk"), 200); !bytes.HasPrefix(w.Body.Bytes(), []byte("%PDF")) {
			t.Error("no PDF")
		}
	})
}

// uploaded puts a list up and returns the import.
func (s *stage) uploaded(at DeskIn, data string) ImportIn {
	s.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	f, _ := m.CreateFormFile("file", "名簿.xlsx")
	_, _ = f.Write([]byte(data))
	s.must(m.Close())
	w := s.want(s.do(http.MethodPost, at.path("/import"), "clerk", m.FormDataContentType(), b.String()), 303)
	to := w.Header().Get("Location")
	return ImportIn{at, to[strings.LastIndex(to, "/")+1:]}
}

func (s *stage) cases() (n int) {
	s.t.Helper()
	s.must(s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, "SELECT COUNT(*) FROM desk_case")
		return err
	}))
	return n
}

// until waits for an import to end, with the queue running.
func (s *stage) until(in ImportIn, state string) memberImport {
	s.t.Helper()
	for range 500 {
		if m := s.imported(in); m.State == state {
			return m
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("the import is %+v", s.imported(in).State)
	return memberImport{}
}

func (s *stage) imported(in ImportIn) (m memberImport) {
	s.t.Helper()
	s.must(s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		m, err = s.importOf(ctx, in)
		return err
	}))
	return m
}

func (s *stage) run(t *testing.T) {
	t.Helper()
	s.must(s.Paper.Jobs.Start(context.Background()))
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := s.Paper.Jobs.Stop(ctx); err != nil {
			t.Error(err)
		}
	})
}

func TestThreeHundredMembersAreImported(t *testing.T) {
	onPaper(t, func(t *testing.T, s *stage) {
		s.add(CaseData{Name: "架空商店", MemberNumber: "09999"})
		s.add(CaseData{Name: "見本1商事株式会社", MemberNumber: "00001", Phone: "03-0000-0000", Note: "むかしの名前"})
		up := s.uploaded(s.desk(), string(messyList(t, 320)))
		s.want(s.get(up.path(""), "clerk"), 200, "320件を取り込めます", "この一覧にない会社が1件あります", "09999 架空商店", "合計の行のようです")
		if n := s.cases(); n != 2 {
			t.Fatalf("%d cases before anybody confirmed", n)
		}
		s.want(s.post(up.path("/confirm"), "clerk", nil), 303)
		s.want(s.get(up.path(""), "clerk"), 200, "取り込んでいます", "320件のうち0件", `hx-trigger="every 2s"`)
		s.want(s.post(up.path("/confirm"), "clerk", nil), 409)
		s.run(t)
		m := s.until(up, importDone)
		if m.Added != 319 || m.Changed != 1 || m.Done != 320 || m.Missing != 1 || len(m.Cells) != 0 || m.File != "" || s.cases() != 321 {
			t.Errorf("%d cases, %+v", s.cases(), m)
		}
		s.want(s.get(up.path(""), "clerk"), 200, "取り込みました", "319", "合計の行のようです")
		if strings.Contains(fmt.Sprintf("%+v", m.Report), "商") {
			t.Errorf("the report names somebody: %+v", m.Report)
		}
		// The same list again changes nothing, and what staff wrote stays.
		again := s.uploaded(s.desk(), string(messyList(t, 320)))
		s.want(s.get(again.path("?show=same"), "clerk"), 200, "新しく取り込む会社はありません", "見本1商事株式会社")
		s.want(s.post(again.path("/confirm"), "clerk", nil), 409)
		var note string
		s.must(s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
			note, err = db.Value[string](ctx, "SELECT note FROM desk_case WHERE member_number = '00001'")
			return err
		}))
		if note != "むかしの名前" {
			t.Errorf("note %q", note)
		}
	})
}

func TestDoubtfulRowsWaitForAWord(t *testing.T) {
	onPaper(t, func(t *testing.T, s *stage) {
		const data = "会員番号,会社名,メール\n1,架空商店,\n2,=1+1,\n3,見本商店,info@\n3,見本食堂,\n"
		up := s.uploaded(s.desk(), data)
		s.want(s.get(up.path(""), "clerk"), 200, "1件を取り込めます", "確かめたい2件も", "4行目と同じ番号", "計算式の記号")
		s.want(s.post(up.path("/confirm"), "clerk", url.Values{"doubtful": {"yes"}}), 303)
		s.run(t)
		if m := s.until(up, importDone); m.Added != 3 || m.Done != 3 || s.cases() != 3 || len(m.Report) != 1 {
			t.Errorf("%d cases, %+v", s.cases(), m)
		}
	})
}

func TestColumnsCanBeChosen(t *testing.T) {
	onPaper(t, func(t *testing.T, s *stage) {
		up := s.uploaded(s.desk(), "ア,イ\n架空商店,7\n見本商店,8\n")
		s.want(s.get(up.path(""), "clerk"), 200, "どの列が何か")
		s.want(s.post(up.path("/confirm"), "clerk", nil), 409)
		s.want(s.post(up.path("/columns"), "clerk", url.Values{"row": {"1"}, "columns.name": {"0"}}), 422, `id="errors"`)
		s.want(s.post(up.path("/columns"), "clerk", url.Values{"row": {"1"}, "columns.name": {"0"}, "columns.key": {"1"}}), 303)
		s.want(s.get(up.path(""), "clerk"), 200, "2件を取り込めます")
	})
}

func TestAnImportCanBeStopped(t *testing.T) {
	onPaper(t, func(t *testing.T, s *stage) {
		waits := s.uploaded(s.desk(), "会員番号,会社名\n1,架空商店\n")
		s.want(s.post(waits.path("/stop"), "clerk", nil), 303)
		s.want(s.get(waits.path(""), "clerk"), 200, "取り込みを取りやめました")
		up := s.uploaded(s.desk(), string(messyList(t, 60)))
		s.want(s.post(up.path("/confirm"), "clerk", nil), 303)
		// One step as the job takes it, then a stop, then the job.
		s.must(s.DB.Write(context.Background(), func(ctx context.Context) error {
			_, err := s.takeSome(ctx, up)
			return err
		}))
		s.want(s.get(up.path(""), "clerk"), 200, "60件のうち25件")
		s.want(s.post(up.path("/stop"), "clerk", nil), 303)
		s.run(t)
		time.Sleep(200 * time.Millisecond)
		if m := s.imported(up); m.State != importStopped || len(m.Cells) != 0 || s.cases() != 25 {
			t.Errorf("%d cases, %+v", s.cases(), m)
		}
		// The same file goes on from there.
		more := s.uploaded(s.desk(), string(messyList(t, 60)))
		s.want(s.post(more.path("/confirm"), "clerk", nil), 303)
		if m := s.until(more, importDone); m.Added != 35 || s.cases() != 60 {
			t.Errorf("%d cases, %+v", s.cases(), m)
		}
	})
}

func TestAListIsForgottenAfterADay(t *testing.T) {
	onPaper(t, func(t *testing.T, s *stage) {
		up := s.uploaded(s.desk(), "会員番号,会社名\n1,架空商店\n")
		s.clock = s.clock.Add(keepList + time.Minute)
		s.want(s.get(up.path(""), "clerk"), 404)
		s.want(s.post(up.path("/confirm"), "clerk", nil), 404)
		s.must(s.SweepImports(context.Background()))
		var left int
		s.must(s.DB.Read(context.Background(), func(ctx context.Context) (err error) {
			left, err = db.Value[int](ctx, "SELECT COUNT(*) FROM desk_import WHERE cells <> '' OR file <> ''")
			return err
		}))
		if left != 0 {
			t.Error("the cells are still there")
		}
	})
}

func TestAFileThatIsNoListIsSaid(t *testing.T) {
	onPaper(t, func(t *testing.T, s *stage) {
		var b bytes.Buffer
		m := multipart.NewWriter(&b)
		f, _ := m.CreateFormFile("file", "a.xls")
		_, _ = f.Write([]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 old"))
		s.must(m.Close())
		s.want(s.do(http.MethodPost, s.desk().path("/import"), "clerk", m.FormDataContentType(), b.String()), 422, "古い形のExcel")
		s.want(s.post(s.desk().path("/import"), "clerk", nil), 422, "ファイルを選んでください")
	})
}
