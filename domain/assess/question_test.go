package assess

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
)

func TestOneQuestionIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		page := st.want(st.get("hana", question+"1"), 200)
		if page.queries != 2 {
			t.Errorf("the question page asks the database %d times, want 2", page.queries)
		}
		for _, want := range []string{"いつも最新の状態ですか", `name="answer"`, `value="unknown"`, `name="revision" value="0"`, `hx-post="` + question + `1/choice"`} {
			if !strings.Contains(page.body(), want) {
				t.Errorf("page lacks %q", want)
			}
		}
		saved := st.want(st.post("hana", question+"1", "answer", "partly", "memo", "2台だけ\r\nまだです。", "revision", "0"), http.StatusSeeOther)
		if got := saved.Header().Get("Location"); got != question+"2" {
			t.Errorf("goes on to %q", got)
		}
		page = st.want(st.get("hana", question+"1"), 200)
		for _, want := range []string{"2台だけ\nまだです。", `value="partly" checked`, "人:hana", `name="revision" value="1"`} {
			if !strings.Contains(page.body(), want) {
				t.Errorf("page after the answer lacks %q", want)
			}
		}
		if page.queries != 2 {
			t.Errorf("the answered question page asks the database %d times, want 2", page.queries)
		}
	})
}

func TestHistoryKeepsEveryAnswer(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.want(st.post("hana", question+"1", "answer", "not_done", "memo", "はじめ"), http.StatusSeeOther)
		st.want(st.post("hana", question+"1", "answer", "not_done", "memo", "はじめ", "revision", "1"), http.StatusSeeOther)
		st.want(st.post("taro", question+"1", "answer", "done", "revision", "1"), http.StatusSeeOther)
		var v ItemView
		if err := json.Unmarshal(st.want(st.get("mori", "/api/v1"+question+"1"), 200).Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		if v.Answer == nil || v.Answer.Choice != Done || v.Answer.Revision != 2 || v.Answer.By != "人:taro" {
			t.Errorf("answer %+v", v.Answer)
		}
		if len(v.History) != 1 || v.History[0].Memo != "はじめ" || v.History[0].By != "人:hana" {
			t.Errorf("history %+v", v.History)
		}
		noted := st.noted("mihon")
		if len(noted) != 2 { // the same answer twice is one answer
			t.Errorf("%d entries in the journal, want 2: %+v", len(noted), noted)
		}
		if e := noted[0]; e.Verb != "assess.answered" || e.Subject != pack25+"/1" || e.Actor != "taro" {
			t.Errorf("entry %+v", e)
		}
	})
}

func (st *stage) noted(org string) (all []journal.Entry) {
	st.t.Helper()
	if err := st.DB.Read(context.Background(), func(ctx context.Context) (err error) {
		all, err = journal.Before(ctx, org, 0, 100)
		return err
	}); err != nil {
		st.t.Fatal(err)
	}
	return all
}

func TestConflictShowsBoth(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.want(st.post("hana", question+"1", "answer", "done"), http.StatusSeeOther)
		page := st.want(st.post("taro", question+"1", "answer", "not_done", "memo", "見ていません", "revision", "0"), http.StatusConflict)
		for _, want := range []string{"いまの答えは「実施している」", "人:hana", "見ていません", `value="not_done" checked`, `name="revision" value="1"`} {
			if !strings.Contains(page.body(), want) {
				t.Errorf("conflict lacks %q", want)
			}
		}
		st.want(st.post("taro", question+"1/choice", "answer", "not_done", "revision", "0"), http.StatusConflict)
		st.want(st.post("taro", question+"1", "answer", "not_done", "memo", "見ていません", "revision", "1"), http.StatusSeeOther)
		// One's own answer saved a moment ago is no conflict.
		st.want(st.post("taro", question+"1", "answer", "partly", "revision", "1"), http.StatusSeeOther)
	})
}

func TestChoiceIsSavedAtOnce(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.want(st.post("hana", question+"3", "answer", "done", "memo", "残るメモ"), http.StatusSeeOther)
		saved := st.want(st.post("hana", question+"3/choice", "answer", "unknown", "memo", "半分の", "revision", "1"), 200)
		if strings.Contains(saved.body(), "<html") || !strings.Contains(saved.body(), "11時42分") {
			t.Errorf("fragment %q", saved.body())
		}
		if page := st.get("hana", question+"3").body(); !strings.Contains(page, "残るメモ") || strings.Contains(page, "半分の") {
			t.Error("the memo was not left alone")
		}
	})
}

func TestBadAnswersKeepWhatWasTyped(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		tests := []struct {
			name, choice, memo string
			status             int
			want               []string
		}{
			{"no choice", "", "大事なメモ", 422, []string{"答えを1つ選んでください", "大事なメモ", `href="#f-answer"`}},
			{"foreign choice", "5", "大事なメモ", 422, []string{"答えを1つ選んでください", "大事なメモ"}},
			{"long memo", "done", strings.Repeat("長", MaxMemo+1), 422, []string{"2000字まで", `value="done" checked`, "長長長"}},
			{"turned around", "done", "abc\u202edef", 422, []string{"目に見えない文字", "abc\u202edef"}},
			{"zero width", "done", "abc\u200bdef", 422, []string{"目に見えない文字"}},
			{"ten megabytes", "done", strings.Repeat("a", 11<<20), 413, []string{"too-large"}},
			{"not UTF-8", "done", "abc\xff", 422, nil},
		}
		for _, tt := range tests {
			a := st.post("hana", question+"2", "answer", tt.choice, "memo", tt.memo)
			if a.Code != tt.status && !(tt.name == "not UTF-8" && a.Code == 400) {
				t.Errorf("%s: status %d, want %d", tt.name, a.Code, tt.status)
			}
			for _, want := range tt.want {
				if !strings.Contains(a.body(), want) {
					t.Errorf("%s: answer lacks %q: %.200s", tt.name, want, a.body())
				}
			}
		}
		st.want(st.post("hana", question+"2", "answer", "done", "memo", "葛󠄀城さんと👩‍🔧"), http.StatusSeeOther)
		if n := len(st.noted("mihon")); n != 1 {
			t.Errorf("%d entries, want that of the good answer alone", n)
		}
	})
}

func TestResumeOnAnotherDevice(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		to := func() string {
			return st.want(st.get("taro", here+"/start"), http.StatusSeeOther).Header().Get("Location")
		}
		if got := to(); got != question+"1" {
			t.Errorf("start leads to %q", got)
		}
		for _, i := range []string{"1", "2", "4"} {
			st.want(st.post("hana", question+i, "answer", "done"), http.StatusSeeOther)
		}
		if got := to(); got != question+"3" {
			t.Errorf("start leads to %q, want the first without an answer", got)
		}
		st.fill("mihon", "hana", Done)
		if got := to(); got != here+"/result" {
			t.Errorf("start leads to %q, want the result", got)
		}
	})
}

func TestEvidence(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.want(st.upload("hana", question+"1", `C:\写真\設定`+"\u202e"+`.png`, []byte("png"), "answer", "done"), http.StatusSeeOther)
		st.want(st.upload("hana", question+"1/evidence", "記録.pdf", []byte("pdf"), "note", "9月分"), http.StatusSeeOther)
		st.want(st.post("hana", question+"1/evidence", "note", " "), 422)
		page := st.want(st.get("hana", question+"1"), 200)
		if !strings.Contains(page.body(), "設定.png") || !strings.Contains(page.body(), "記録.pdf") || page.queries != 2 {
			t.Errorf("page after %d queries: %.200s", page.queries, page.body())
		}
		var v ItemView
		if err := json.Unmarshal(st.get("mori", "/api/v1"+question+"1").Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		for _, e := range v.Evidence {
			f := st.want(st.get("mori", question+"1/evidence/"+e.ID), 200)
			if !strings.HasPrefix(f.Header().Get("Content-Disposition"), "attachment") {
				t.Errorf("%s is opened in the page", e.Name)
			}
			st.want(st.get("hana", "/orgs/betsu/frameworks/"+pack25+"/items/1/evidence/"+e.ID), 404)
			st.want(st.get("hana", question+"2/evidence/"+e.ID), 404)
		}
		if len(v.Evidence) != 2 {
			t.Fatalf("evidence %+v", v.Evidence)
		}
		first := question + "1/evidence/" + v.Evidence[0].ID
		if ask := st.want(st.get("hana", first+"/remove"), 200).body(); !strings.Contains(ask, v.Evidence[0].Name) {
			t.Error("the question before removing does not name the file")
		}
		st.want(st.post("hana", "/orgs/betsu/frameworks/"+pack25+"/items/1/evidence/"+v.Evidence[0].ID+"/remove"), 404)
		st.want(st.post("hana", first+"/remove"), http.StatusSeeOther)
		st.want(st.get("hana", first), 404)
		if len(st.files) != 1 {
			t.Errorf("%d files are kept, want 1", len(st.files))
		}
	})
}

// Who goes on changing an answer or adding files must not make a page of any size:
// others would wait for it, and it would fill the memory.
func TestPageOfAnItemStaysBounded(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for i := range maxPast + 12 {
			st.want(st.post("hana", question+"1", "answer", []string{Done, Partly}[i%2], "memo", "回"+strconv.Itoa(i), "revision", strconv.Itoa(i)), http.StatusSeeOther)
		}
		var v ItemView
		if err := json.Unmarshal(st.want(st.get("mori", "/api/v1"+question+"1"), 200).Body.Bytes(), &v); err != nil {
			t.Fatal(err)
		}
		newest, oldest := "回"+strconv.Itoa(maxPast+10), "回11"
		if n := len(v.History); n != maxPast || v.History[0].Memo != newest || v.History[n-1].Memo != oldest {
			t.Errorf("%d earlier answers from %q to %q, want %d from %q to %q", n, v.History[0].Memo, v.History[n-1].Memo, maxPast, newest, oldest)
		}
		for i := range MaxEvidence {
			st.want(st.upload("hana", question+"1/evidence", "f"+strconv.Itoa(i)+".txt", []byte("x")), http.StatusSeeOther)
		}
		st.want(st.upload("hana", question+"1/evidence", "more.txt", []byte("x")), 422)
		page := st.want(st.upload("hana", question+"1", "more.txt", []byte("x"), "answer", "done", "revision", strconv.Itoa(maxPast+12)), 422).body()
		if !strings.Contains(page, "いらないものを外してから") {
			t.Error("the page does not say what to do")
		}
		if len(st.files) != MaxEvidence {
			t.Errorf("%d files are kept, want %d", len(st.files), MaxEvidence)
		}
	})
}

// A file that cannot be kept takes nothing else with it.
func TestRefusedFileKeepsTheRest(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		page := st.want(st.upload("hana", question+"1", "x.exe", []byte("MZ"), "answer", "done", "memo", "大事なメモ"), http.StatusTooManyRequests).body()
		for _, want := range []string{"say-warn", "大事なメモ", `value="done" checked`, `name="revision" value="1"`} {
			if !strings.Contains(page, want) {
				t.Errorf("page lacks %q", want)
			}
		}
		if strings.Contains(page, "⟦") {
			t.Error("a text is missing")
		}
	})
}

// Two people answer at the same moment: one is saved, the other is told, and
// nothing that was saved is lost from the history.
func TestTwoAtTheSameMoment(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for round := range 10 {
			seen, errs := st.revision("mihon", "1"), make(chan error, 2)
			for i, who := range []string{"hana", "taro"} {
				go func() {
					_, err := st.Answer(context.Background(), AnswerInput{
						Org: "mihon", Pack: pack25, Item: "1", Choice: []string{Done, NotDone}[(i+round)%2], Memo: who + strconv.Itoa(round), Revision: seen, Actor: who,
					})
					errs <- err
				}()
			}
			conflicts := 0
			for range 2 {
				if err := <-errs; problem.Is(err, "assess-conflict") {
					conflicts++
				} else if err != nil {
					t.Fatal(err)
				}
			}
			if conflicts != 1 {
				t.Fatalf("round %d: %d conflicts, want 1", round, conflicts)
			}
		}
		var past []Answer
		if err := st.DB.Read(context.Background(), func(ctx context.Context) (err error) {
			past, err = st.History(ctx, "mihon", pack25, "1")
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if len(past) != 9 || st.revision("mihon", "1") != 10 || len(st.noted("mihon")) != 10 {
			t.Errorf("ten answers left %d in the history, revision %d, %d entries", len(past), st.revision("mihon", "1"), len(st.noted("mihon")))
		}
	})
}
