package assess

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

func (st *stage) told() Behalf {
	return Behalf{Words: "港 花子", Channel: Phone, Told: st.now.AddDate(0, 0, -1)}
}

// wholeSheet answers the first n items.
func (st *stage) wholeSheet(n int, choice string) (all []SheetAnswer) {
	for _, x := range st.Packs.ByID(pack25).Items[:n] {
		all = append(all, SheetAnswer{Item: x.ID, Choice: choice, Revision: st.revision("mihon", x.ID)})
	}
	return all
}

func code(err error) string {
	var p *problem.Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return ""
}

func (st *stage) count(query string) (n int) {
	st.t.Helper()
	err := st.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, query)
		return err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return n
}

func TestASheetIsEnteredWholeOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		ctx := context.Background()
		sheet := st.wholeSheet(25, Partly)
		// The owner answers one item himself, after the sheet was looked at.
		st.want(st.post("owner", question+"20", "answer", Done), http.StatusSeeOther)
		if _, err := st.AnswerAll(ctx, "mihon", pack25, "desk", st.told(), sheet); code(err) != "assess-conflict" {
			t.Fatalf("an owner's answer was overwritten unseen: %v", err)
		}
		if n := st.count("SELECT COUNT(*) FROM assess_answer"); n != 1 {
			t.Fatalf("%d answers after a sheet that was refused", n)
		}
		n, err := st.AnswerAll(ctx, "mihon", pack25, "desk", st.told(), st.wholeSheet(25, Partly))
		if n != 25 || err != nil {
			t.Fatal(n, err)
		}
		if n := st.count("SELECT COUNT(*) FROM journal_entry WHERE verb = 'assess.answered' AND actor = 'desk'"); n != 25 {
			t.Errorf("%d of 25 answers are journaled", n)
		}
		if n, err := st.AnswerAll(ctx, "mihon", pack25, "desk", st.told(), st.wholeSheet(25, Partly)); n != 0 || err != nil {
			t.Errorf("the same sheet again changed %d, %v", n, err)
		}
		if past := st.count("SELECT COUNT(*) FROM assess_answer_past"); past != 1 {
			t.Errorf("%d earlier answers, want the owner's one", past)
		}
	})
}

func TestWhatASheetMustSay(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for name, change := range map[string]func(*Behalf, *[]SheetAnswer){
			"nobody's words":       func(b *Behalf, _ *[]SheetAnswer) { b.Words = " " },
			"hidden sign":          func(b *Behalf, _ *[]SheetAnswer) { b.Words = "花\u202e子" },
			"no channel":           func(b *Behalf, _ *[]SheetAnswer) { b.Channel = "" },
			"unknown channel":      func(b *Behalf, _ *[]SheetAnswer) { b.Channel = "fax" },
			"told tomorrow":        func(b *Behalf, _ *[]SheetAnswer) { b.Told = st.now.AddDate(0, 0, 1) },
			"told before a year":   func(b *Behalf, _ *[]SheetAnswer) { b.Told = st.now.AddDate(-2, 0, 0) },
			"no such choice":       func(_ *Behalf, all *[]SheetAnswer) { (*all)[3].Choice = "yes" },
			"no such item":         func(_ *Behalf, all *[]SheetAnswer) { (*all)[3].Item = "99" },
			"an item twice (same)": func(_ *Behalf, all *[]SheetAnswer) { *all = append(*all, (*all)[0]) },
		} {
			how, all := st.told(), st.wholeSheet(25, Done)
			change(&how, &all)
			if _, err := st.AnswerAll(context.Background(), "mihon", pack25, "desk", how, all); code(err) == "" {
				t.Errorf("%s: taken (%v)", name, err)
			}
		}
		item := st.Packs.ByID(pledge6).Items[0].ID
		_, err := st.AnswerAll(context.Background(), "mihon", pledge6, "desk", st.told(), []SheetAnswer{{Item: item, Choice: Done}})
		if code(err) != "assess-behalf-pledge" {
			t.Errorf("a pledge on behalf: %v", err)
		}
		how := st.told()
		_, err = st.Answer(context.Background(), AnswerInput{Org: "mihon", Pack: pledge6, Item: item, Choice: Done, Actor: "desk", Behalf: &how})
		if code(err) != "assess-behalf-pledge" {
			t.Errorf("a pledged answer on behalf: %v", err)
		}
		if n := st.count("SELECT COUNT(*) FROM assess_answer"); n != 0 {
			t.Errorf("%d answers of refused sheets", n)
		}
	})
}

func TestWhoseWordsIsSaidWhereverAuthorsAre(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		if _, err := st.AnswerAll(context.Background(), "mihon", pack25, "desk", st.told(), st.wholeSheet(25, Partly)); err != nil {
			t.Fatal(err)
		}
		const said = "窓口の人:deskさんが、港 花子さんの話を電話で聞いて入力（2026年10月13日）"
		for _, path := range []string{question + "1", here, here + "/result", here + "/result/print", here + "/result.csv", "/api/v1" + here + "/result"} {
			if a := st.want(st.get("mori", path), 200); !strings.Contains(a.body(), said) {
				t.Errorf("%s does not say whose words: %.400s", path, a.body())
			}
		}
		if a := st.get("mori", "/api/v1"+question+"1"); !strings.Contains(a.body(), `"on_behalf":{"words":"港 花子","channel":"phone"`) {
			t.Errorf("API: %s", a.body())
		}
		for lang, want := range map[string]string{"ja-x-easy": "港 花子さんの", "en": "as told by 港 花子 on the telephone"} {
			if a := st.do("mori", lang, httptest.NewRequest("GET", here, nil)); !strings.Contains(a.body(), want) {
				t.Errorf("%s: %q is missing", lang, want)
			}
		}
		entries := st.words()
		if !strings.Contains(entries, `"on_behalf":"phone"`) || strings.Contains(entries, "花子") {
			t.Errorf("journal: %.300s", entries)
		}
	})
}

// words is every text of the journal.
func (st *stage) words() string {
	st.t.Helper()
	var b strings.Builder
	err := st.DB.Read(context.Background(), func(ctx context.Context) error {
		return journal.Export(ctx, "mihon", func(e journal.Entry) error {
			b.Write(e.Body)
			return nil
		})
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return b.String()
}

func TestTheCompanyMakesAnswersItsOwn(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		if _, err := st.AnswerAll(context.Background(), "mihon", pack25, "desk", st.told(), st.wholeSheet(2, Partly)); err != nil {
			t.Fatal(err)
		}
		st.want(st.post("owner", question+"1", "answer", Partly, "revision", "1"), http.StatusSeeOther)
		a := st.answers()
		if got := a["1"]; !got.Behalf.none() || got.By != "owner" || got.Revision != 2 {
			t.Errorf("after the owner's word: %+v", got)
		}
		want := st.told()
		if d := cmp.Diff(want, a["2"].Behalf); d != "" {
			t.Error(d)
		}
	})
}

func (st *stage) answers() (all map[string]Answer) {
	st.t.Helper()
	err := st.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = st.Answers(ctx, "mihon", pack25)
		return err
	})
	if err != nil {
		st.t.Fatal(err)
	}
	return all
}

func TestNamesOfTellersCanBeErased(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		ctx := context.Background()
		for _, choice := range []string{Partly, Done} {
			if _, err := st.AnswerAll(ctx, "mihon", pack25, "desk", st.told(), st.wholeSheet(3, choice)); err != nil {
				t.Fatal(err)
			}
		}
		if err := st.EraseWords(ctx, "mihon", "owner"); err != nil {
			t.Fatal(err)
		}
		left := st.count("SELECT (SELECT COUNT(*) FROM assess_answer WHERE behalf_words <> '') + (SELECT COUNT(*) FROM assess_answer_past WHERE behalf_words <> '')")
		if left != 0 {
			t.Errorf("%d names are left", left)
		}
		if a := st.get("mori", here); !strings.Contains(a.body(), "会社の人の話を電話で聞いて入力") {
			t.Error("an erased name leaves a hole in the sentence")
		}
		// A restored copy that still has the name forgets it again; later ones stay.
		erased := st.now
		st.now = st.now.Add(time.Hour)
		if _, err := st.AnswerAll(ctx, "mihon", pack25, "desk", st.told(), st.wholeSheet(1, NotDone)); err != nil {
			t.Fatal(err)
		}
		if err := st.Replay(ctx, journal.Entry{Org: "mihon", Verb: "assess.words_erased", At: erased}); err != nil {
			t.Fatal(err)
		}
		if got := st.answers()["1"].Behalf.Words; got != "港 花子" {
			t.Errorf("a name given later: %q", got)
		}
	})
}
