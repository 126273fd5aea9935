package record_test

import (
	"strings"
	"testing"

	"github.com/minamori-project/minamori/domain/assess"
)

var newID = []string{"cells.person", "新人 花子", "cells.act", "new", "cells.system", "会計ソフト", "cells.reason", "経理の仕事", "cells.from", "2026-10-20"}

func TestRequestIsApprovedBySomebodyElse(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		form, all := "/orgs/"+id+"/records/forms/user-id", "/orgs/"+id+"/records/requests"
		s.met(id, "4-1-1-1")
		s.get(form, "甲-viewer").want(403)
		s.get(form, "甲-member").want(200, "利用者IDの申請", "4-1-1-1").wantNot("紙で承認したものを入力する")
		s.post(form, "甲-viewer", newID...).want(403)
		s.post(form, "甲-member", "cells.person", "新人 花子").want(422, "ここを書いて", `value="新人 花子"`)
		at := s.post(form, "甲-manager", newID...).next()
		s.get(all, "甲-viewer").want(200, "承認を待っている申請が1件", "新人 花子", "承認待ち")
		s.get(at, "甲-manager").want(200, "自分の申請は、自分では承認できません").wantNot("承認する</span>")
		s.post(at+"/approve", "甲-manager").want(409, "自分の申請")
		s.post(at+"/approve", "甲-member").want(403)
		s.post(at+"/refuse", "甲-owner", "reason", " ").want(422, "ここを書いて")
		if got := s.stands(id, "4-1-1-1"); got != assess.Word {
			t.Errorf("asked: %s", got)
		}
		s.post(at+"/approve", "甲-owner").want(303)
		if got := s.stands(id, "4-1-1-1"); got != assess.Shown {
			t.Errorf("approved: %s", got)
		}
		s.post(at+"/approve", "甲-owner").want(409, "もう先に進んで")
		s.post(at+"/refuse", "甲-owner", "reason", "x").want(409)
		s.post(at+"/withdraw", "甲-manager").want(409)
		s.post(at+"/done", "甲-viewer").want(403)
		s.post(at+"/done", "甲-member").want(303)
		s.post(at+"/end", "甲-member", "reason", "退職").want(303)
		s.get(at, "甲-viewer").want(200, "終わりにしました", "退職", "甲-ownerさん")
		s.post(at+"/end", "甲-member", "reason", "退職").want(409)
		if got := s.stands(id, "4-1-1-1"); got != assess.Shown {
			t.Errorf("ended: %s", got)
		}
		s.now = s.now.AddDate(1, 0, 1)
		if got := s.stands(id, "4-1-1-1"); got != assess.Expired {
			t.Errorf("after a year: %s", got)
		}
		s.sound()
	})
}

func TestRequestRefusedAndWithdrawnShowNothing(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		form := "/orgs/" + id + "/records/forms/user-id"
		s.met(id, "4-1-1-1")
		refused := s.post(form, "甲-member", newID...).next()
		s.post(refused+"/refuse", "甲-manager", "reason", "共用のIDで足ります").want(303)
		s.get(refused, "甲-member").want(200, "承認されませんでした", "共用のIDで足ります")
		taken := s.post(form, "甲-member", newID...).next()
		s.post(taken+"/withdraw", "甲-manager").want(403)
		s.post(taken+"/withdraw", "甲-member").want(303)
		s.post(taken+"/approve", "甲-manager").want(409)
		if got := s.stands(id, "4-1-1-1"); got != assess.Word {
			t.Errorf("%s", got)
		}
	})
}

// A company of one person approves what it asked for, and the record says so.
func TestRequestOfACompanyOfOne(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.small("一", 9)
		at := s.post("/orgs/"+id+"/records/forms/user-id", "一-owner", newID...).next()
		s.get(at, "一-owner").want(200, "会社に1人しかいないので")
		s.post(at+"/approve", "一-owner").want(303)
		s.get(at, "一-owner").want(200, "申請した人が自分で承認しました")
	})
}

func TestRequestOnPaper(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", 7)
		form := "/orgs/" + id + "/records/forms/admin-id"
		s.met(id, "4-1-2-7")
		page := s.get(form+"/blank.pdf", "甲-viewer").want(200).Body.String()
		if !strings.HasPrefix(page, "%PDF") {
			t.Error("the form is no PDF")
		}
		cells := []string{"cells.person", "山田 太郎", "cells.act", "new", "cells.device", "ルーター", "cells.right", "設定の変更", "cells.reason", "保守", "cells.from", "2026-10-01"}
		with := func(asker, on, decider, approved string) []string {
			return append([]string{"asker", asker, "asked_on", on, "decider", decider, "approved_on", approved}, cells...)
		}
		s.get(form+"/paper", "甲-member").want(403)
		s.get(form+"/paper", "甲-manager").want(200, "紙に書いてあるとおり")
		s.post(form+"/paper", "甲-member", with("山田 太郎", "2026-10-01", "社長 一郎", "2026-10-02")...).want(403)
		s.post(form+"/paper", "甲-manager", with("山田 太郎", "2026-10-01", "山田　太郎", "2026-10-02")...).want(422, "別の人の承認")
		s.post(form+"/paper", "甲-manager", with("山田 太郎", "2026-10-02", "社長 一郎", "2026-10-01")...).want(422, "申請した日より後")
		s.post(form+"/paper", "甲-manager", with("山田 太郎", "2026-10-02", "社長 一郎", "2026-12-01")...).want(422, "今日までの日")
		at := s.upload(form+"/paper", "甲-manager", "signed.pdf", []byte("%PDF-1.4"), with("山田 太郎", "2026-10-01", "社長 一郎", "2026-10-02")...).next()
		s.get(at, "甲-viewer").want(200, "社長 一郎", "紙で承認。甲-managerさんさんが入力", "2026年10月2日")
		s.get(at+"/file", "甲-viewer").want(200, "%PDF")
		if got := s.stands(id, "4-1-2-7"); got != assess.Shown {
			t.Errorf("on paper: %s", got)
		}
		for _, form := range []string{"user-id", "access-right", "change"} {
			s.get("/orgs/"+id+"/records/forms/"+form+"/blank.pdf", "甲-viewer").want(200)
		}
		s.sound()
	})
}

func TestRequestIsThatOfItsCompany(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id, other := s.company("甲", 7), s.company("乙", 8)
		at := s.post("/orgs/"+id+"/records/forms/user-id", "甲-member", newID...).next()
		theirs := strings.Replace(at, id, other, 1)
		for _, path := range []string{at, theirs, at + "/file", "/orgs/" + id + "/records/requests", "/orgs/" + id + "/records/forms/user-id", "/orgs/" + id + "/records/forms/user-id/blank.pdf"} {
			s.get(path, "乙-owner").want(404)
		}
		for _, act := range []string{"/approve", "/refuse", "/withdraw", "/done", "/end"} {
			s.post(at+act, "乙-owner", "reason", "x").want(404)
			s.post(theirs+act, "乙-owner", "reason", "x").want(404)
			s.post(theirs+act, "乙-owner").want(404)
		}
		s.get("/orgs/"+other+"/records/requests?before="+at[strings.LastIndex(at, "/")+1:], "乙-owner").want(404)
		s.get(at+"/file", "甲-owner").want(404)
		s.get("/orgs/"+id+"/records/forms/none", "甲-owner").want(404)
	})
}
