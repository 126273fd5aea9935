package main

import (
	"net/http"
	"net/url"
	"strings"

	"github.com/minamori-project/minamori/internal/i18n"
)

// singHosts goes through the rooms of a host with canaries: desk, letters, import,
// helpers, webhooks, bindings, paper, logins elsewhere.
func (s *stage) singHosts(c *canaries) {
	owner, helper := s.login(s.cast["owner"]), s.login(s.cast["helper"])
	org := "/orgs/" + s.a
	room := org + "/circles/" + s.ids["{circle}"] + "/desk"
	added := s.send(owner, room+"/cases", map[string]any{"name": c.plant("カナリヤ商店"), "kana": c.plant("カナリヤショウテン"), "member_number": c.plant("CANARY-77"),
		"person": c.plant("カナリヤ三郎"), "phone": "03-0000-7777", "email": c.plant("canary.case@example.jp"), "address": c.plant("架空県カナリヤ市1-1"), "note": c.plant("カナリヤの名簿メモ")})
	one := added["next"].(string)
	s.send(owner, one+"/contacts", map[string]any{"kind": "phone", "words": c.plant("カナリヤの電話のメモ"), "next_note": c.plant("カナリヤの次の用件"), "next_date": ""})
	s.send(owner, room+"/sender", map[string]any{"section": c.plant("カナリヤ支援課"), "phone": "03-0000-7778"})
	s.send(owner, one+"/letter", map[string]any{}) // its true code is looked for in TestCodeIsKeptNowhere
	s.send(owner, org+"/webhooks", map[string]any{"url": "https://" + c.plant("canary-hook.example.jp") + "/" + c.plant("canary-hook-path"), "verbs": []string{"org.edited"}})
	c.plant(s.lastSecret(owner, org))
	s.send(owner, org+"/helpers", map[string]any{"email": c.plant("canary.helper@example.jp"), "parts": []string{"profile"}, "days": 30, "reason": c.plant("カナリヤの頼みごと")})
	s.send(helper, "/helping/"+s.ids["{grant}"]+"/frameworks/"+pack25+"/items/3/advice", map[string]any{"advice": c.plant("カナリヤの助言")})
	s.send(helper, "/helping/"+s.ids["{grant}"]+"/plan", map[string]any{"memo": c.plant("カナリヤの予定"), "call_on": ""})
	s.send(owner, org+"/emergency/numbers", map[string]any{"name": []string{c.plant("カナリヤ警備")}, "phone": []string{"03-0000-7779"}, "note": []string{c.plant("カナリヤの夜間")}})
	sheet := s.send(owner, org+"/papers", map[string]any{"act": "org.owner-invitation", "input": []string{c.plant("canary.paper@example.jp")}})
	signed := map[string]string{"signer": c.plant("カナリヤ署名太郎"), "signed_on": s.clock.In(i18n.Tokyo).Format("2006-01-02")}
	if w := s.upload(owner, org+"/papers/"+sheet["id"].(string)+"/signed", "file", c.plant("カナリヤ署名.pdf"), signed); w.Code != http.StatusSeeOther {
		s.t.Fatalf("paper: %d %s", w.Code, w.Body)
	}
	if w := s.upload(owner, room+"/import", "file", c.plant("カナリヤ名簿.csv"), nil); w.Code >= 500 {
		s.t.Fatalf("import: %d", w.Code)
	}
	sealed, _ := s.send(owner, org+"/recovery/code", map[string]any{})["code"].(string)
	if len(sealed) < 20 {
		s.t.Fatalf("no sealed code: %q", sealed)
	}
	s.do(asked{method: "POST", path: "/recovery/sealed", kind: form, body: url.Values{"code": {c.plant(sealed)}}.Encode()})
	s.singOutside(c, owner)
}

// lastSecret is the secret of a new webhook, which its answer shows once.
func (s *stage) lastSecret(owner, org string) string {
	made := s.send(owner, org+"/webhooks", map[string]any{"url": "https://hook.example.jp/second", "verbs": []string{"org.edited"}})
	secret, _ := made["secret"].(string)
	if !strings.HasPrefix(secret, "whsec_") {
		s.t.Fatalf("no secret in %v", made)
	}
	return secret
}

// singOutside is what strangers and mistaken people send to the same rooms.
func (s *stage) singOutside(c *canaries, owner string) {
	org := "/orgs/" + s.a
	typed := func(fields ...string) string {
		v := url.Values{}
		for i := 0; i < len(fields); i += 2 {
			v.Set(fields[i], fields[i+1])
		}
		return v.Encode()
	}
	for _, a := range []asked{
		{method: "GET", path: "/claim?number=" + c.plant("CANARY-0001") + "&code=" + c.plant("CANA-RYCO-DE77")},
		{method: "POST", path: "/claim/letter", kind: form, body: typed("number", c.plant("CANARY-0002"), "code", c.plant("CANA-RYCO-DE78"))},
		{session: owner, method: "POST", path: "/claim", kind: form, body: typed("number", c.plant("CANARY-0003"), "code", c.plant("CANA-RYCO-DE79"))},
		{session: owner, method: "GET", path: "/help-invitations/x?code=" + c.plant("canary-help-code")},
		{session: owner, method: "POST", path: "/help-invitations/x", kind: form, body: typed("code", c.plant("canary-help-code-2"))},
		{session: owner, method: "POST", path: org + "/binding/domains", kind: form, body: typed("domain", c.plant("canary-domain.example.jp"))},
		{session: owner, method: "POST", path: org + "/binding/domains", kind: form, body: typed("domain", c.plant("http://canary domain"))},
		{session: owner, method: "POST", path: org + "/vouching", kind: form, body: typed("code", c.plant("canary-vouch-code"), "reason", c.plant("カナリヤの推薦"))},
		{session: owner, method: "POST", path: org + "/vouching/look", kind: form, body: typed("code", c.plant("canary-look-code"))},
		{session: owner, method: "POST", path: org + "/webhooks", kind: form, body: typed("url", c.plant("ftp://canary-hook"))},
		{method: "POST", path: "/login/with/" + c.plant("canary-provider"), kind: form},
		{method: "GET", path: "/login/with/nobody/back?state=" + c.plant("canary-state") + "&code=" + c.plant("canary-oidc-code") + "&iss=" + c.plant("canary-issuer")},
		{method: "POST", path: "/login/with/nobody/back", kind: form, body: typed("state", c.plant("canary-state-2"), "code", c.plant("canary-oidc-code-2"))},
		{method: "POST", path: "/recovery/sealed", kind: form, body: typed("code", c.plant("CANARY-SEALED-CODE"))},
		{session: owner, method: "POST", path: "/recovery/take", kind: form, body: typed("slip", c.plant("canary-recovery-slip"))},
		{session: owner, method: "POST", path: "/recovery/x/prove", kind: form, body: typed("code", c.plant("CANARY-PROOF-CODE"))},
		{method: "POST", path: "/recovery/ask", kind: form, body: typed("number", c.plant("canary-company-number"))},
		{method: "GET", path: "/account/confirm?code=" + c.plant("canary-confirm-code")},
		{method: "POST", path: "/account/confirm", kind: form, body: typed("code", c.plant("canary-confirm-code-2"))},
		{method: "GET", path: "/reminders/x?code=" + c.plant("canary-stop-code")},
	} {
		if w := s.do(a); w.Code >= 500 {
			s.t.Errorf("%s %s: %d", a.method, a.path, w.Code)
		}
	}
}
