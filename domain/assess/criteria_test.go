package assess

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/problem"
)

const (
	star3 = "scs-star3-2026"
	star  = "/orgs/mihon/frameworks/" + star3
)

// criterionState reads the state of a criterion as the API tells it.
func (st *stage) criterionState(as, item string) (State, Tally) {
	st.t.Helper()
	var v ListView
	if err := json.Unmarshal(st.want(st.get(as, "/api/v1"+star), 200).Body.Bytes(), &v); err != nil {
		st.t.Fatal(err)
	}
	for _, row := range v.Rows {
		if row.Item == item {
			return row.State, *v.Tally
		}
	}
	st.t.Fatalf("no row for %s", item)
	return "", Tally{}
}

func TestAnEveningOnACriterion(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		want := func(want State) {
			t.Helper()
			if got, _ := st.criterionState("mori", "4-1-5-1"); got != want {
				t.Errorf("4-1-5-1 is %s, want %s", got, want)
			}
		}
		want(Open)
		at := star + "/items/4-1-5-1"
		page := st.want(st.get("hana", at), 200).body()
		for _, part := range []string{"4-1-5-1", "決まり（規程）", "当てはまらない理由"} {
			if !strings.Contains(page, part) {
				t.Errorf("the page of the criterion lacks %q", part)
			}
		}
		st.want(st.post("hana", at, "answer", Met), http.StatusSeeOther)
		want(Word)
		// The picture of a setting supports the rule and never meets it.
		st.want(st.upload("hana", at+"/evidence", "設定.png", []byte("png"), "form", FormSetting), http.StatusSeeOther)
		want(Word)
		st.want(st.upload("hana", at+"/evidence", "規程.pdf", []byte("pdf"), "form", FormRule, "valid_until", "2026-12-31"), http.StatusSeeOther)
		want(Shown)
		st.now = time.Date(2026, 12, 31, 14, 59, 0, 0, time.UTC) // the last minute of the day in Japan
		want(Shown)
		st.now = st.now.Add(time.Minute)
		want(Expired)
		if page := st.get("hana", at).body(); !strings.Contains(page, "期限切れ") {
			t.Error("the page does not say that the evidence has ended")
		}
	})
}

func TestNotApplicableNeedsAReason(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		at := star + "/items/4-1-2-4"
		st.want(st.post("hana", at, "answer", NotApplicable), 422)
		if said := st.want(st.post("hana", at+"/choice", "answer", NotApplicable), 200).body(); !strings.Contains(said, "理由を書いて") {
			t.Errorf("the choice says %q", said)
		}
		if state, _ := st.criterionState("hana", "4-1-2-4"); state != Open {
			t.Errorf("without a reason it is %s", state)
		}
		st.want(st.post("hana", at, "answer", NotApplicable, "reason", "自社で開発をしていない。"), http.StatusSeeOther)
		state, tally := st.criterionState("hana", "4-1-2-4")
		if state != Inapplicable || tally.Blocking() != 80 {
			t.Errorf("%s, %d in the way", state, tally.Blocking())
		}
		var v ItemView
		if err := json.Unmarshal(st.get("mori", "/api/v1"+at).Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if v.Answer.Reason != "自社で開発をしていない。" {
			t.Errorf("reason %q", v.Answer.Reason)
		}
		// A choice kept at once keeps the reason: the form was not sent.
		st.want(st.post("hana", at+"/choice", "answer", NotApplicable, "revision", "1"), 200)
	})
}

func TestSecretEvidenceIsForManagers(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		at := star + "/items/4-1-2-5"
		st.want(st.upload("taro", at+"/evidence", "管理者ID一覧.xlsx", []byte("x"), "form", FormLedger, "sensitivity", Secret), http.StatusSeeOther)
		var v ItemView
		read := func(as string) EvidenceView {
			v = ItemView{}
			if err := json.Unmarshal(st.want(st.get(as, "/api/v1"+at), 200).Body.Bytes(), &v); err != nil {
				t.Fatal(err)
			}
			return v.Evidence[0]
		}
		if e := read("taro"); e.Name != "管理者ID一覧.xlsx" {
			t.Errorf("a manager sees %+v", e)
		}
		e := read("hana")
		if e.Name != "" || !e.Secret {
			t.Errorf("a member sees %+v", e)
		}
		st.want(st.get("hana", at+"/evidence/"+e.ID), 404)
		st.want(st.get("taro", at+"/evidence/"+e.ID), 200)
		if page := st.get("hana", at).body(); strings.Contains(page, "管理者ID一覧") {
			t.Error("the page names it")
		}
		st.want(st.get("hana", at+"/evidence/"+e.ID+"/remove"), 404) // the question would name it
		st.want(st.post("hana", at+"/evidence/"+e.ID+"/remove"), 404)
		if files, err := rowsOf(st, func(ctx context.Context) ([]SharedFile, error) { return st.SharedFiles(ctx, "mihon", star3, "4-1-2-5") }); err != nil || len(files) != 0 {
			t.Errorf("a helper would see %v, %v", files, err)
		}
	})
}

func rowsOf[T any](st *stage, f func(context.Context) ([]T, error)) (all []T, err error) {
	err = st.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = f(ctx)
		return err
	})
	return all, err
}

func TestRecordFromAnotherRoom(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		ctx := context.Background()
		st.want(st.post("hana", star+"/items/3-1-1-1", "answer", Met), http.StatusSeeOther)
		in := Recorded{
			Org: "mihon", Actor: "hana", Source: "record", Ref: "devices", Kind: KindPaper, Form: FormLedger, Name: "機器の台帳", URL: "/orgs/mihon/records",
			CollectedAt: st.now, ValidUntil: st.now.AddDate(1, 0, 0), Proves: []Place{{star3, "3-1-1-1"}, {star3, "3-1-1-2"}},
		}
		for range 2 { // again: it takes the place of what stood there
			if _, err := st.Record(ctx, in); err != nil {
				t.Fatal(err)
			}
		}
		var v ItemView
		if err := json.Unmarshal(st.get("mori", "/api/v1"+star+"/items/3-1-1-1").Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if len(v.Evidence) != 1 || v.Evidence[0].Source != "record" {
			t.Fatalf("evidence %+v", v.Evidence)
		}
		st.want(st.post("hana", star+"/items/3-1-1-1/evidence/"+v.Evidence[0].ID+"/remove"), http.StatusConflict)
		if got, _ := st.criterionState("hana", "3-1-1-1"); got != Shown {
			t.Errorf("3-1-1-1 is %s", got)
		}
		if got, _ := st.criterionState("hana", "3-1-1-2"); got != Open {
			t.Errorf("evidence answered for the company: %s", got)
		}
		in.Proves = append(in.Proves, Place{star3, "9-9-9-9"})
		if _, err := st.Record(ctx, in); !problem.Is(err, "not-found") {
			t.Errorf("a place that is not there: %v", err)
		}
		if err := st.Withdraw(ctx, "mihon", "record", "devices", "hana"); err != nil {
			t.Fatal(err)
		}
		if got, _ := st.criterionState("hana", "3-1-1-1"); got != Word {
			t.Errorf("after the withdrawal 3-1-1-1 is %s", got)
		}
		if err := st.Withdraw(ctx, "betsu", "record", "devices", "hana"); !problem.Is(err, "not-found") {
			t.Errorf("another company's: %v", err)
		}
	})
}

// TestTheDayIsKept: evidence that comes and goes moves the trend without an answer.
func TestTheDayIsKept(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		at := star + "/items/1-2-1-2"
		st.want(st.post("hana", at, "answer", Met), http.StatusSeeOther)
		st.now = st.now.AddDate(0, 0, 1)
		st.want(st.upload("hana", at+"/evidence", "連絡先.pdf", []byte("x"), "form", library(t).ByID(star3).Item("1-2-1-2").Needs[0]), http.StatusSeeOther)
		trend, err := rowsOf(st, func(ctx context.Context) ([]DayResult, error) { return st.Trend(ctx, "mihon", star3) })
		if err != nil || len(trend) != 2 || trend[0].Points != 0 || trend[1].Points != 1 {
			t.Errorf("%+v %v", trend, err)
		}
	})
}

func TestDepthFollowsTheSizeOfTheCompany(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		small := st.want(st.get("hana", star), 200).body()
		all := st.want(st.get("hana", star+"?depth=3"), 200).body()
		deep := ""
		for _, x := range library(t).ByID(star3).Items {
			if x.Depth == 3 {
				deep = x.ID
			}
		}
		if strings.Contains(small, "/items/"+deep+`"`) || !strings.Contains(all, "/items/"+deep+`"`) {
			t.Errorf("%s: shown to a small company at once, or never", deep)
		}
		if !strings.Contains(small, "depth=3") || strings.Contains(all, "depth=3") {
			t.Error("more is not offered, or offered twice")
		}
		st.want(st.post("hana", star+"/items/"+deep, "answer", Unknown), http.StatusSeeOther)
		if !strings.Contains(st.get("hana", star).body(), "/items/"+deep+`"`) {
			t.Error("what was answered is hidden again")
		}
	})
}

func TestFrameworksPageSaysWhatIsNotVerified(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		page := st.want(st.get("mori", "/orgs/mihon/frameworks"), 200).body()
		for _, part := range []string{star3, "scs-star4-2026", "見本", "番号と見出しだけ", "公式の文との照合は、まだ済んでいません"} {
			if !strings.Contains(page, part) {
				t.Errorf("lacks %q", part)
			}
		}
		st.want(st.get("stranger", "/orgs/mihon/frameworks"), 404)
		st.want(st.get("hana", star+"/result"), 404)
	})
}
