package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
)

// singStars goes through the rooms on the way to a star with canaries: what is
// frozen and confirmed, policies, plans, records, evidence, uploads.
func (s *stage) singStars(c *canaries) {
	owner := s.login(s.cast["owner"])
	s.singReview(c, owner)
	s.singPolicy(c, owner)
	s.singRecords(c, owner)
	s.singExchange(c, owner)
	s.singMistakes(c, owner)
}

// must303 fails when a form or a file was not taken.
func (s *stage) must303(path string, code int) {
	s.t.Helper()
	if code != http.StatusSeeOther {
		s.t.Fatalf("%s: %d", path, code)
	}
}

func (s *stage) singReview(c *canaries, owner string) {
	all := "/orgs/" + s.a + "/snapshots"
	frozen := s.send(owner, all, map[string]any{"framework": pack25, "scope": c.plant("カナリヤの本社と工場")})
	seat := s.send(owner, all+"/"+frozen["id"].(string)+"/specialists", map[string]any{"email": c.plant("canary.specialist@example.jp"), "files": true, "words": c.plant("カナリヤの頼み")})["id"].(string)
	letter, err := s.Review.InvitationMail(context.Background(), seat)
	if err != nil {
		s.t.Fatal(err)
	}
	_, code, _ := strings.Cut(letter.Path, "code=")
	specialist := s.login(s.cast["helper"])
	accept := url.Values{"code": {c.plant(code)}, "name": {c.plant("カナリヤ専門")}, "organisation": {c.plant("カナリヤ監査事務所")}}
	w := s.do(asked{session: specialist, method: "POST", path: "/review-invitations/" + seat, kind: form, body: accept.Encode()})
	s.must303("seat", w.Code)
	s.send(specialist, "/reviewing/"+seat+"/findings", map[string]any{"verdict": map[string]string{"11": "confirmed"}, "advice": map[string]string{"11": c.plant("カナリヤの確認メモ")}})
	s.send(specialist, "/reviewing/"+seat+"/confirm", map[string]any{"name": c.plant("カナリヤ確認太郎"), "number": c.plant("CANARY-RISS-9"), "qualification": "riss", "tie": "none", "looked": c.plant("カナリヤの台帳")})
	s.send(specialist, "/helping/"+s.ids["{grant}"]+"/frameworks/"+pack25+"/items/3/propose", map[string]any{"choice": "partly", "words": c.plant("カナリヤの案")})
	proposal := s.value("SELECT id FROM review_proposal WHERE words = ?", "カナリヤの案")
	s.send(owner, "/orgs/"+s.a+"/proposals/"+proposal+"/refuse", map[string]any{"reason": c.plant("カナリヤの見送り")})
}

func (s *stage) singPolicy(c *canaries, owner string) {
	one := "/orgs/" + s.a + "/policies/" + s.ids["{policy}"]
	s.send(owner, one+"/sections/passwords", map[string]any{"revision": s.revisionOf(s.ids["{policy}"]), "ja": c.plant("カナリヤの合言葉の章"), "en": c.plant("canary chapter")})
	basic := s.value("SELECT id FROM policy_document WHERE org_id = ? AND id <> ?", s.a, s.ids["{policy}"])
	one = "/orgs/" + s.a + "/policies/" + basic
	s.send(owner, one+"/next", map[string]any{})
	s.send(owner, one+"/settings", map[string]any{"values": map[string]string{"representative": c.plant("カナリヤ代表")}})
	plan := "/orgs/" + s.a + "/plan"
	s.send(owner, plan, map[string]any{"pack": pack25, "item": "17", "what": c.plant("カナリヤの用事"), "name": c.plant("カナリヤ商会"), "due": i18n.ISO(s.clock.AddDate(0, 1, 0))})
	made := s.send(owner, plan+"/calendars", map[string]any{"name": c.plant("カナリヤの手帳")})
	_, address, _ := strings.Cut(made["url"].(string), "/calendar/")
	c.plant(strings.TrimSuffix(address, ".ics"))
	if w := s.do(asked{method: "GET", path: "/calendar/" + address}); w.Code != http.StatusOK {
		s.t.Errorf("calendar: %d", w.Code)
	}
	s.send(owner, "/orgs/"+s.a+"/stars/registrations", map[string]any{"number": c.plant("CANARY-STAR-3"), "on": i18n.ISO(*s.clock), "valid_until": i18n.ISO(s.clock.AddDate(1, 0, 0))})
}

// revisionOf is that of the draft of a policy.
func (s *stage) revisionOf(policy string) (n int) {
	_, err := fmt.Sscan(s.value("SELECT CAST(MAX(revision) AS TEXT) FROM policy_version WHERE document_id = ? AND state = 'draft'", policy), &n)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func (s *stage) singRecords(c *canaries, owner string) {
	records, today := "/orgs/"+s.a+"/records", i18n.ISO(*s.clock)
	s.send(owner, records+"/ledgers/devices/rows", map[string]any{"cells": map[string]string{
		"name": c.plant("カナリヤPC-1"), "kind": "pc", "maker": "みほん", "os": "Windows", "count": "1", "person": c.plant("カナリヤ使用者")}})
	s.send(owner, records+"/ledgers/devices/look", map[string]any{"note": c.plant("カナリヤの棚卸し")})
	s.send(owner, records+"/forms/user-id", map[string]any{"cells": map[string]string{
		"person": c.plant("カナリヤ新人"), "act": "new", "system": c.plant("カナリヤ会計"), "reason": c.plant("カナリヤの理由"), "from": today}})
	training := map[string]string{"cells.content": c.plant("カナリヤの教育"), "cells.method": "class", "cells.minutes": "30", "on": today,
		"who": c.plant("カナリヤ講師"), "found": c.plant("カナリヤの気づき"), "attendees": c.plant("カナリヤ出席者")}
	s.must303("training", s.upload(owner, records+"/duties/training", "file", c.plant("カナリヤ出席簿.pdf"), training).Code)
	item := "/orgs/" + s.a + "/frameworks/" + pack25 + "/items/11"
	secret := map[string]string{"note": c.plant("カナリヤの秘密の覚え"), "sensitivity": "secret"}
	s.must303("evidence", s.upload(owner, item+"/evidence", "evidence", c.plant("カナリヤ秘密.pdf"), secret).Code)
	s.send(owner, item+"/comments", map[string]any{"words": c.plant("カナリヤの相談"), "to": []string{s.cast["member"]}})
}

func (s *stage) singExchange(c *canaries, owner string) {
	room := "/orgs/" + s.a + "/exchange"
	ctx := s.t.Context()
	pack := s.Assess.Packs.Current(pack25, s.now())
	table := "番号,回答,メモ\n1,○," + c.plant("カナリヤの表のメモ") + "\n"
	if _, err := s.Exchange.Take(ctx, s.a, pack.ID, demoUpload(c.plant("カナリヤ回答.csv"), []byte(table))); err != nil {
		s.t.Fatal(err)
	}
	sheet, err := demoSheet(pack)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.Exchange.AddLayout(ctx, s.a, pack.ID, c.plant("カナリヤ取引先"), demoUpload(c.plant("カナリヤ様式.xlsx"), sheet)); err != nil {
		s.t.Fatal(err)
	}
	list := []byte("名前・管理番号,種類,メーカー・機種,OSと版,台数\n" + c.plant("カナリヤ端末") + ",パソコン,みほん,Windows,1\n")
	if _, err := s.Record.TakeList(ctx, s.a, "devices", demoUpload(c.plant("カナリヤ台帳.csv"), list)); err != nil {
		s.t.Fatal(err)
	}
	s.send(owner, room+"/takeouts", map[string]any{})
}

// singMistakes is what strangers and mistaken people send to the same rooms.
func (s *stage) singMistakes(c *canaries, owner string) {
	org := "/orgs/" + s.a
	for _, a := range []asked{
		{method: "GET", path: "/calendar/" + c.plant("canary-calendar-secret-1234") + ".ics"},
		{method: "GET", path: "/policies/" + c.plant("canarypublicpage")},
		{method: "GET", path: "/review-invitations/x?code=" + c.plant("canary-seat-code")},
		{session: owner, method: "POST", path: "/review-invitations/x", kind: form, body: "code=" + c.plant("canary-seat-code-2")},
		{session: owner, method: "GET", path: "/reviewing/" + c.plant("canary-seat")},
		{session: owner, method: "GET", path: org + "/snapshots?after=" + c.plant("canary-after")},
		{session: owner, method: "GET", path: org + "/snapshots/" + s.ids["{snapshot}"] + "/compare?with=" + c.plant("canary-with")},
		{session: owner, method: "GET", path: org + "/plan?who=" + c.plant("canary-who") + "&state=" + c.plant("canary-state-of-a-step")},
		{session: owner, method: "POST", path: org + "/plan", kind: form, body: "pack=" + c.plant("canary-pack") + "&item=1&what=x"},
		{session: owner, method: "POST", path: org + "/stars/declarations", kind: form, body: "stars=2&number=" + c.plant("canary-id")},
		{session: owner, method: "POST", path: org + "/qualification-checks/look", kind: form, body: "code=" + c.plant("canary-check-code")},
		{session: owner, method: "POST", path: org + "/records/forms/user-id", kind: form, body: "cells.person=" + c.plant("canary-cell") + "&cells.from=" + c.plant("canary-day")},
		{session: owner, method: "POST", path: org + "/mapped/" + pack25, kind: form, body: "rows=" + c.plant("canary-row-key")},
		{session: owner, method: "GET", path: "/exchange/companies.xlsx?framework=" + c.plant("canary-framework")},
		{session: owner, method: "POST", path: org + "/policies", kind: form, body: "template=" + c.plant("canary-template")},
		{session: owner, method: "POST", path: org + "/evidence/" + c.plant("canary-evidence") + "/renew", kind: form, body: "valid_until=" + c.plant("canary-until")},
	} {
		if w := s.do(a); w.Code >= 500 {
			s.t.Errorf("%s %s: %d", a.method, a.path, w.Code)
		}
	}
}
