package account_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/minamori-project/minamori/internal/auth"
	"github.com/minamori-project/minamori/internal/web"
)

// token makes a key through the API, with the session of a browser that has
// just logged in.
func (b *browser) token(org string, body map[string]any) string {
	b.s.t.Helper()
	a := b.api("/orgs/"+org+"/tokens", body).want(b.s.t, 200)
	var made struct{ Token string }
	must(b.s.t, json.Unmarshal([]byte(a.body), &made))
	return made.Token
}

func (s *stage) bearer(method, path, token string) answer {
	return s.browser().send(method, "/api/v1"+path, "application/json", "", "Authorization", "Bearer "+token)
}

func TestTokenDoesNoMoreThanItsMakerMay(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		me := s.person(email)
		s.roles["a "+me] = web.Manager
		b := s.browser()
		b.login(email)
		reads := b.token("a", map[string]any{"label": "表計算", "role": "viewer", "days": 30})
		writes := b.token("a", map[string]any{"label": "取込み", "role": "manager", "write": true, "days": 30})
		b.api("/orgs/a/tokens", map[string]any{"label": "x", "role": "owner", "days": 30}).want(t, 422, `"role"`)
		b.api("/orgs/a/tokens", map[string]any{"label": "", "role": "viewer", "days": 400}).want(t, 422, `"label"`, `"days"`)

		s.bearer("GET", "/orgs/a/probe", reads).want(t, 200, `"viewer"`)
		s.bearer("POST", "/orgs/a/probe", reads).want(t, 403)
		s.bearer("POST", "/orgs/a/probe", writes).want(t, 200, `"manager"`)
		s.bearer("POST", "/orgs/a/grave", writes).want(t, 403)
		s.bearer("GET", "/orgs/b/probe", writes).want(t, 404)
		s.bearer("POST", "/passkeys/step-up/begin", writes).want(t, 403)
		s.bearer("GET", "/orgs/a/probe", "mnm_x").want(t, 401)
		s.browser().send("GET", "/orgs/a/probe", "", "", "Authorization", "Bearer "+writes).want(t, 303, "/login")

		s.roles["a "+me] = web.Viewer
		s.bearer("GET", "/orgs/a/probe", writes).want(t, 200, `"viewer"`)
		s.bearer("POST", "/orgs/a/probe", writes).want(t, 403)
		delete(s.roles, "a "+me)
		s.bearer("GET", "/orgs/a/probe", reads).want(t, 404)
		s.roles["a "+me] = web.Manager
		s.now = s.now.AddDate(0, 0, 30)
		s.bearer("GET", "/orgs/a/probe", reads).want(t, 401)
	})
}

func TestTokensAreTheOrganisations(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		me, other := s.person(email), s.person("other@mihon.example")
		s.roles["a "+me], s.roles["b "+other], s.roles["a "+other] = web.Manager, web.Manager, web.Member
		b, o := s.browser(), s.browser()
		b.login(email)
		o.login("other@mihon.example")
		secret := b.token("a", map[string]any{"label": "表計算", "role": "member", "days": 30})
		list := b.send("GET", "/api/v1/orgs/a/tokens", "", "").want(t, 200, "表計算", "見本 さくら")
		var tokens struct{ Tokens []auth.APIToken }
		must(t, json.Unmarshal([]byte(list.body), &tokens))
		b.get("/orgs/a/tokens").want(t, 200, "表計算")
		id := tokens.Tokens[0].ID

		o.get("/orgs/a/tokens").want(t, 403)                  // a member is no manager
		b.get("/orgs/b/tokens").want(t, 404)                  // a stranger learns nothing
		o.post("/orgs/b/tokens/"+id+"/revoke").want(t, 404)   // a foreign key under one's own organisation
		s.bearer("GET", "/orgs/a/probe", secret).want(t, 200) // and it still works
		b.post("/orgs/a/tokens/"+id+"/revoke").want(t, 303, "/orgs/a/tokens")
		s.bearer("GET", "/orgs/a/probe", secret).want(t, 401)
		b.post("/orgs/a/tokens/"+id+"/revoke").want(t, 404)
		if n := s.count("SELECT COUNT(*) FROM journal_entry WHERE org_id = 'a'"); n != 2 {
			t.Errorf("%d entries in the organisation's journal", n)
		}
	})
}

func TestTokenFormShowsTheKeyOnce(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		s.roles["a "+s.person(email)] = web.Member + 1
		b := s.browser()
		b.login(email)
		b.get("/orgs/a/tokens/new").want(t, 200, `value="manager"`)
		b.post("/orgs/a/tokens", "label", "", "role", "viewer", "days", "30").want(t, 422, "f-label-e")
		b.post("/orgs/a/tokens", "label", "表計算", "role", "viewer", "days", "30").want(t, 200, `<code id="token">mnm_`)
		s.now = s.now.Add(web.StepUpFor + time.Second)
		b.get("/orgs/a/tokens/new").want(t, 303, "/step-up")
		b.post("/orgs/a/tokens", "label", "x", "role", "viewer", "days", "30").want(t, 403, "step-up")
	})
}
