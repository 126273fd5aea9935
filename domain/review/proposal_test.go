package review

import (
	"context"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/web"
)

// A qualification counts as not checked until a named body looked it up.
func TestQualificationIsChecked(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		s.confirmed(s.seated(path, "sam", false), "sam")
		checks := "/orgs/" + string(s.b) + "/qualification-checks"
		code := s.checkCode(s.value("SELECT id FROM review_qualification"))
		s.get("/reviewing", "sam").want(200, code)
		s.post(checks+"/look", "ben", "code", code).want(404) // not yet a named body
		s.get(checks, "ben").want(200, "運営者が認めた団体です。").lacks("確かめるための番号")
		s.post(checks, "ben", "code", code, "how", "登録簿").want(404)
		s.bodies[string(s.b)] = true
		s.get(checks, "ben").want(200, "まだありません。")
		s.post(checks+"/look", "ben", "code", "AAAA-AAAA-AAAA-AAAA").want(422, "この番号は見つかりません。")
		s.post(checks+"/look", "ben", "code", strings.ToLower(code)).want(200, "専門 sam", "第000001号", "登録セキスペ").lacks("甲社")
		s.post(checks, "ben", "code", code, "how", "").want(422)
		s.post(checks, "ben", "code", code, "how", "公開の登録簿で検索").want(303)
		s.get(checks, "ben").want(200, "専門 sam", "公開の登録簿で検索")
		s.get(path, "vi").want(200, "乙商工会議所が2026年11月24日に確かめました。").lacks("まだだれも確かめていません")
		note := func() string { return s.value("SELECT note FROM assess_evidence WHERE source = 'review'") }
		if !strings.Contains(note(), "乙商工会議所") {
			t.Errorf("the evidence says %q", note())
		}
		s.post(checks+"/"+s.value("SELECT id FROM review_qualification")+"/take-back", "ben").want(303)
		s.get(path, "vi").want(200, "まだだれも確かめていません")
		if !strings.Contains(note(), "まだだれも確かめていません") {
			t.Errorf("the evidence says %q", note())
		}

		// Nobody looks up his own.
		s.must(s.orgs.AddMember(context.Background(), s.b, "sam", web.Manager))
		s.post(checks, "sam", "code", code, "how", "自分で").want(403)
	})
}

// What a helper proposes is nothing until a member accepts it.
func TestProposals(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		ctx := context.Background()
		page := "/orgs/" + string(s.a) + "/proposals"
		s.grants = []string{"g1"}
		propose := func(item, choice, words string) string {
			id, err := s.Propose(ctx, Proposal{Org: string(s.a), Grant: "g1", Account: "hana", Helper: "支援 はなこ", Pack: pack5, Item: item, Choice: choice, Words: words})
			s.must(err)
			return id
		}
		answerOf := func(item string) assess.Answer {
			var all map[string]assess.Answer
			s.must(s.d.Read(ctx, func(ctx context.Context) (err error) {
				all, err = s.assess.Answers(ctx, string(s.a), pack5)
				return err
			}))
			return all[item]
		}
		propose("1", assess.Partly, "前の案")
		first := propose("1", assess.Done, "自動更新を見ました。")
		s.get(page, "mem").want(200, "支援 はなこ", "自動更新を見ました。", "まだ答えていません").lacks("前の案")
		if answerOf("1").Choice != "" {
			t.Error("a proposal is an answer before anybody accepted it")
		}
		s.post(page+"/"+first+"/accept", "ben", "revision", "0").want(404)
		s.post("/orgs/"+string(s.b)+"/proposals/"+first+"/accept", "ben", "revision", "0").want(404)
		s.post(page+"/"+first+"/accept", "mem", "revision", "0", "words", "直した言葉").want(303)
		a := answerOf("1")
		if a.Choice != assess.Done || a.Memo != "直した言葉" || a.Source != assess.SourceHelper || a.SourceNote != "支援 はなこ" || a.By != "mem" {
			t.Errorf("the accepted answer: %+v", a)
		}
		s.post(page+"/"+first+"/accept", "mem", "revision", "1").want(404)

		second := propose("2", assess.Partly, "")
		s.post(page+"/"+second+"/refuse", "mem", "reason", "").want(422)
		s.post(page+"/"+second+"/refuse", "mem", "reason", "もう済んでいます。").want(303)
		s.get(page, "mem").want(200, "採用しませんでした", "もう済んでいます。")
		if answerOf("2").Choice != "" {
			t.Error("a refused proposal is an answer")
		}

		// Who answered meanwhile is not overwritten.
		third := propose("3", assess.Done, "")
		_, err := s.assess.Answer(ctx, assess.AnswerInput{Org: string(s.a), Pack: pack5, Item: "3", Choice: assess.NotDone, Actor: "ann"})
		s.must(err)
		s.post(page+"/"+third+"/accept", "mem", "revision", "0").want(409)

		// With the grant, what waits under it goes.
		s.grants = nil
		s.get(page, "mem").want(200, "返事を待っている提案はありません。")
		s.post(page+"/"+third+"/accept", "mem", "revision", "1").want(404)
		s.must(s.d.Read(ctx, func(ctx context.Context) error {
			n, err := s.CountProposals(ctx, string(s.a))
			if n != 0 {
				t.Errorf("%d proposals wait", n)
			}
			return err
		}))

		for _, bad := range []Proposal{{Pack: pack5, Item: "99", Choice: assess.Done}, {Pack: pack5, Item: "1", Choice: "m3"}, {Pack: pack, Item: s.items[0], Choice: assess.NotApplicable}} {
			bad.Org, bad.Grant = string(s.a), "g1"
			if _, err := s.Propose(ctx, bad); err == nil {
				t.Errorf("%+v was taken", bad)
			}
		}
		s.must(s.Erase(ctx, "hana"))
		s.get(page, "mem").want(200).lacks("支援 はなこ")
	})
}
