package helper

import (
	"context"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/db"
)

func (s *site) looks(grant string) (n int) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, "SELECT CAST(COALESCE(SUM(looks), 0) AS BIGINT) FROM helper_look WHERE grant_id = ?", grant)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *site) journalled(verb string) (n int) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) (err error) {
		n, err = db.Value[int](ctx, "SELECT COUNT(*) FROM journal_entry WHERE org_id = ? AND verb = ?", s.a, verb)
		return err
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// A helper's month: invited, looks, advises, is extended, revoked.
func TestHelpersMonth(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		s.get(s.helpers(), "vi").want(200, "いまは、社外のだれも見られません。").lacks("支援者を招く")
		s.get(s.helpers()+"/new", "ann").want(200, "裏付けのファイル")
		s.get(s.helpers()+"/new", "man").want(200, "ファイルを見せられるのは、経営者だけです。").lacks(`value="files"`)
		s.post(s.helpers(), "ann", "email", "hana@example.jp", "parts", "profile", "parts", "answers", "parts", "files", "days", "30", "reason", "結果の見方\n25問").leadsTo(s.helpers())
		id := s.queued[0]
		link := invitationPath(id, derive(invitationPurpose, id))
		s.get(link, "").want(200, "甲社", "結果の見方", "/account/new?next=")
		s.get(link, "hana").want(200, "乙商工会議所", "名前 hana", "いつ何を見たかは、会社に見えます。")
		s.get("/help-invitations/"+id+"?code=wrong", "hana").want(404)
		s.get(s.helpers(), "vi").want(200, "招いている人").lacks("hana@example.jp")
		s.get(s.helpers(), "man").want(200, "hana@example.jp")
		s.get("/helping/"+id, "hana").want(404)
		s.post("/help-invitations/"+id, "hana", "code", derive(invitationPurpose, id), "name", "支援 はなこ", "own_organisation", string(s.b), "qualification", "登録セキスペ 第012345号").leadsTo("/helping/" + id)
		s.get(link, "hana").want(410)

		s.get("/helping", "hana").want(200, "甲社", "あと30日", "名前 ann")
		pages := s.pages(Helper, id)
		s.get(pages[0], "hana").want(200, "甲社", "製造業", "東京都", "12人", "2 / 25", "結果の見方", "会社の記録に残ります")
		s.get(pages[1], "hana").want(200, "まだ答えていません。").lacks("名前 mem", "canary-memo")
		s.get(pages[2], "hana").want(200, "canary-memo", "canary-file.pdf").lacks("名前 mem")
		s.get(pages[3], "hana").want(200, "canary-bytes")
		if got := s.looks(id); got != 4 {
			t.Errorf("%d looks, want 4", got)
		}

		s.post(pages[2]+"/advice", "hana", "advice", "").want(422, "ここに書いてください。")
		s.post(pages[2]+"/advice", "hana", "advice", "パスワードを長くしましょう。\nhttps://example.jp/").leadsTo(pages[2])
		s.get(pages[2], "hana").want(200, "パスワードを長くしましょう。")
		s.get(s.helpers(), "vi").want(200, "パスワードを長くしましょう。", "支援 はなこ").lacks(`href="https://example.jp`, "済みにする")
		advice := s.value("SELECT MAX(id) FROM helper_advice")
		s.post("/orgs/"+string(s.a)+"/advice/"+advice+"/done", "vi").want(403)
		s.post("/orgs/"+string(s.a)+"/advice/"+advice+"/done", "mem").leadsTo(s.helpers())
		s.get(pages[0], "hana").want(200, "に済みました")
		s.post("/orgs/"+string(s.a)+"/advice/"+advice+"/delete", "mem").want(403)
		s.post("/orgs/"+string(s.a)+"/advice/"+advice+"/delete", "man").leadsTo(s.helpers())
		s.get(s.helpers(), "vi").want(200, "まだ助言はありません。")

		s.post("/helping/"+id+"/plan", "hana", "call_on", "2026-10-20", "memo", "電話で").leadsTo("/helping/" + id)
		s.get("/helping", "hana").want(200, "2026年10月20日（火）に連絡", "電話で")
		s.post("/helping/"+id+"/plan", "hana", "call_on", "soon").want(422, "日付を選んでください。")

		s.get(s.helpers(), "ann").want(200, "支援 はなこ", "乙商工会議所", "登録セキスペ 第012345号", "確かめていません").lacks("電話で")
		s.get(s.helpers()+"/"+id, "man").want(200, "質問と答え", "名前 hana")
		s.post(s.helpers()+"/"+id+"/extend", "man", "days", "60").want(403) // files are an owner's to grant
		s.post(s.helpers()+"/"+id+"/extend", "ann", "days", "91").want(422)
		s.post(s.helpers()+"/"+id+"/extend", "ann", "days", "60").leadsTo(s.helpers() + "/" + id)
		s.clock = s.clock.Add(45 * 24 * time.Hour)
		s.get(pages[2], "hana").want(200)
		s.post(s.helpers()+"/"+id+"/revoke", "man").leadsTo(s.helpers())
		for _, p := range pages {
			s.get(p, "hana").want(404).lacks("甲社", "canary")
			s.get("/api/v1"+p, "hana").want(404).lacks("甲社", "canary")
		}
		s.get("/helping", "hana").want(200, "いま支援している会社はありません。").lacks("甲社", "電話で")
		s.get(s.helpers(), "vi").want(200, "に会社が止めました", "いまは、社外のだれも見られません。")
		s.post(s.helpers()+"/"+id+"/extend", "ann", "days", "60").want(409)
	})
}
