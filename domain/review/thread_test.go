package review

import (
	"context"
	"testing"

	"github.com/minamori-project/minamori/domain/assess"
)

// From answers to an oath: what a company goes through before it applies for ★3.
func TestFromAnswersToOath(t *testing.T) {
	eachSite(t, func(t *testing.T, s *site) {
		_, path := s.frozen()
		s.get(s.list(), "vi").want(200, "第1号", "確定しました")
		s.get(path, "vi").want(200, "第1号", "canary-memo", "canary-file.pdf", "見られる人が限られた資料", "本社", "宣誓は、まだありません").lacks("canary-secret")
		s.get(path, "man").want(200, "canary-secret.pdf")
		s.get(path+"/oath", "ann").want(409)
		s.lastConfirmed(0)
		seat := s.seated(path, "sam", true)
		s.get("/reviewing", "sam").want(200, "甲社")
		s.get("/reviewing/"+seat, "sam").want(200, "第1号", "canary-memo", "canary-file.pdf", "台帳を見てください。").lacks("canary-secret")
		s.get("/reviewing/"+seat+"/items/"+s.items[0]+"/evidence/"+s.file, "sam").want(200, "canary-bytes")
		s.get("/reviewing/"+seat+"/items/"+s.items[0]+"/evidence/"+s.secret, "sam").want(404)
		s.get("/reviewing/"+seat+"/confirm", "sam").want(200, "登録セキスペ")
		s.confirmed(seat, "sam")
		s.lastConfirmed(1)
		s.get(path, "vi").want(200, "専門 sam", "資格は、まだだれも確かめていません。", "canary-advice", "社外の人です。")
		s.get(path+"/oath", "ann").want(200, "私は甲社の代表者です。")
		s.post(path+"/oath", "ann").want(422)
		s.post(path+"/oath", "ann", "read", "on").want(303)
		s.get(path, "vi").want(200, "名前 ann", "代表者の自己適合宣誓を記録しています。", "公式の様式")
		s.get(s.list(), "vi").want(200, "代表者が宣誓しました")
		s.post(path+"/oath", "ann", "read", "on").want(409)
		s.lastConfirmed(1)

		stand, err := s.standingNow()
		s.must(err)
		if e := stand.Items[0].Examined; e == nil || e.Source != "review" || e.By != "sam" {
			t.Errorf("the third line of %s: %+v", s.items[0], e)
		}
		if e := stand.Items[1].Examined; e != nil {
			t.Errorf("%s was not confirmed: %+v", s.items[1], e)
		}
	})
}

// lastConfirmed asks for the newest snapshot that is confirmed by its number; 0 is none.
func (s *site) lastConfirmed(number int) {
	s.t.Helper()
	err := s.d.Read(context.Background(), func(ctx context.Context) error {
		x, ok, err := s.LastConfirmed(ctx, string(s.a), pack)
		if ok != (number > 0) || x.Number != number {
			s.t.Errorf("the newest confirmed snapshot is %d, %v; want %d", x.Number, ok, number)
		}
		return err
	})
	s.must(err)
}

func (s *site) standingNow() (stand assess.Standing, err error) {
	err = s.d.Read(context.Background(), func(ctx context.Context) error {
		stand, err = s.assess.Standing(ctx, string(s.a), pack)
		return err
	})
	return stand, err
}
