package binding_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/binding"
	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/db"
	"github.com/minamori-project/minamori/internal/i18n"
	"github.com/minamori-project/minamori/internal/journal"
	"github.com/minamori-project/minamori/internal/problem"
	"github.com/minamori-project/minamori/internal/web"
)

var number = org.Fictional(7)

const day = 24 * time.Hour

func TestDomainBindsAndIsLookedAtAgain(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		id := s.company("甲", number)
		s.bound(id, false)
		s.get("/orgs/"+id+"/binding", "甲-viewer").want(200, "まだ確かめていません").wantNot("minamori=")
		s.post("/orgs/"+id+"/binding/domains", "甲-manager", "domain", "kou").want(422, "会社のドメインを書いて", `value="kou"`)
		s.byDomain(id, "甲", "kou.example")
		s.bound(id, true)
		s.get("/orgs/"+id+"/binding", "甲-viewer").want(200, "この会社の名乗りを確かめました", "kou.example")

		record := s.dns["_minamori.kou.example"]
		due := func() int {
			s.queued = nil
			if err := s.QueueDue(ctx); err != nil {
				t.Fatal(err)
			}
			return len(s.queued)
		}
		s.now = s.now.Add(29 * day)
		if due() != 0 {
			t.Error("looked for before its time")
		}
		s.now = s.now.Add(day)
		if due() != 1 {
			t.Error("not looked for after 30 days")
		}
		// No answer is not "gone".
		s.silent = true
		s.checks()
		s.bound(id, true)
		s.get("/orgs/"+id+"/binding", "甲-viewer").wantNot("記録が見つかりません")
		// Gone: 30 days of grace, the owners are told once.
		s.silent = false
		delete(s.dns, "_minamori.kou.example")
		for i := range 31 {
			s.now = s.now.Add(day)
			due()
			s.checks()
			if i == 0 {
				s.get("/orgs/"+id+"/binding", "甲-viewer").want(200, "記録が見つかりません")
				s.bound(id, true)
			}
		}
		s.bound(id, false)
		if d := cmp.Diff([]string{id}, s.told); d != "" {
			t.Errorf("told: %s", d)
		}
		if why := s.value("SELECT ended_why FROM binding_proof WHERE org_id = ?", id); why != "gone" {
			t.Errorf("ended because %s", why)
		}
		// Back again, as a new proof with a new record: the old text proves nothing.
		s.post("/orgs/"+id+"/binding/domains", "甲-manager", "domain", "https://www.kou.example/about").want(303)
		s.dns["_minamori.kou.example"] = record
		s.checks()
		s.bound(id, false)
		if report, err := journal.Verify(ctx, s.d, nil, nil); err != nil || !report.OK() {
			t.Errorf("journal: %+v, %v", report, err)
		}
	})
}

func TestRecordComesBackWithinTheGrace(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		id := s.company("甲", number)
		proof := s.byDomain(id, "甲", "kou.example")
		record := s.dns["_minamori.kou.example"]
		delete(s.dns, "_minamori.kou.example")
		s.post("/orgs/"+id+"/binding/domains/"+proof+"/check", "甲-manager").want(303)
		s.checks()
		s.get("/orgs/"+id+"/binding", "甲-viewer").want(200, "記録が見つかりません")
		s.dns["_minamori.kou.example"] = record
		s.now = s.now.Add(20 * day)
		s.post("/orgs/"+id+"/binding/domains/"+proof+"/check", "甲-manager").want(303)
		s.checks()
		s.now = s.now.Add(20 * day)
		s.bound(id, true)
		s.get("/orgs/"+id+"/binding", "甲-viewer").wantNot("記録が見つかりません")
	})
}

func TestLetterAndVoucher(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		body, id, sole := s.body("会議所"), s.company("甲", number), s.company("乙", "")
		if err := s.ByLetter(ctx, sole, id, s.now); !problem.Is(err, "binding-no-body") {
			t.Errorf("a letter of nobody: %v", err)
		}
		if err := s.ByLetter(ctx, sole, body, s.now); err != nil {
			t.Fatal(err)
		}
		s.bound(sole, true) // no number: the letter binds the organisation alone
		s.post("/orgs/"+sole+"/binding/domains", "乙-manager", "domain", "otsu.example").want(409)

		s.vouch(body, "会議所", id, "甲")
		s.bound(id, true)
		s.get("/orgs/"+id+"/binding", "甲-viewer").want(200, "株式会社会議所", "会員名簿と照らした")
		s.get("/orgs/"+body+"/vouching", "会議所-manager").want(200, "株式会社甲", string(number)).wantNot("株式会社乙")
		// Used codes do not work, and look like unknown ones.
		s.post("/orgs/"+body+"/vouching/look", "会議所-manager", "code", "AAAA-BBBB-CCCC-DDDD").want(422, "この番号は使えません")
		// Who is no body cannot even look.
		s.post("/orgs/"+id+"/binding/voucher-code", "甲-manager").want(303)
		code := s.codeOn("/orgs/"+id+"/binding", "甲-manager")
		s.post("/orgs/"+id+"/vouching/look", "甲-manager", "code", code).want(403)
		s.post("/orgs/"+body+"/vouching", "会議所-manager!", "code", code, "reason", "x").want(403) // step-up
		s.post("/orgs/"+body+"/vouching", "会議所-manager", "code", code, "reason", " ").want(422, "どうやって確かめたか")

		// The body takes it back: the company is told and no longer bound.
		proof := s.value("SELECT id FROM binding_proof WHERE org_id = ? AND kind = 'voucher' AND ended_at IS NULL", id)
		s.post("/orgs/"+id+"/vouching/"+proof+"/end", "甲-manager").want(404)
		s.told = nil
		s.post("/orgs/"+body+"/vouching/"+proof+"/end", "会議所-manager").want(303)
		s.bound(id, false)
		if d := cmp.Diff([]string{id}, s.told); d != "" {
			t.Error(d)
		}
	})
}

func TestOperatorTakesABodyBack(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		body, id := s.body("会議所"), s.company("甲", number)
		s.vouch(body, "会議所", id, "甲")
		s.get("/operator/bodies", "op-a").want(200, "株式会社会議所").wantNot("株式会社甲")
		s.get("/operator/bodies", "甲-owner").want(404)
		row := s.value("SELECT id FROM binding_body WHERE org_id = ?", body)
		s.post("/operator/bodies/nobody/end", "op-a").want(404)
		s.post("/operator/bodies/"+row+"/end", "op-a", "also", "true").want(303)
		s.bound(id, false)
		if err := s.ByLetter(context.Background(), id, body, s.now); !problem.Is(err, "binding-no-body") {
			t.Errorf("after its end: %v", err)
		}
		s.post("/orgs/"+body+"/vouching/look", "会議所-manager", "code", "x").want(403)
	})
}

func TestGBizID(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		id := s.company("甲", number)
		if err := s.ByGBizID(ctx, id, "https://gbiz.example", "s1", string(number)); !problem.Is(err, "forbidden") {
			t.Errorf("a provider that the operator did not mark: %v", err)
		}
		s.provider = "https://gbiz.example"
		if err := s.ByGBizID(ctx, id, s.provider, "s1", string(org.Fictional(8))); !problem.Is(err, "binding-number") {
			t.Errorf("another number: %v", err)
		}
		s.bound(id, false)
		for range 2 { // each login says it again
			if err := s.ByGBizID(ctx, id, s.provider, "s1", string(number)); err != nil {
				t.Fatal(err)
			}
		}
		s.bound(id, true)
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM binding_proof WHERE org_id = ?", id); n != "1" {
			t.Errorf("%s proofs", n)
		}
	})
}

// Nothing tells who has no proof whether a number is taken: same pages, same
// answers, same number of queries.
func TestATakenNumberGivesNoHint(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		holder := s.company("甲", number)
		s.byDomain(holder, "甲", "kou.example")
		taken, free := s.company("偽", number), s.company("真", org.Fictional(8))
		plain := func(id, name string, a answer) string {
			text := strings.NewReplacer(id, "ID", name, "NAME", string(number), "N", string(org.Fictional(8)), "N").Replace(a.Body.String())
			for _, cut := range []string{"SELECT id FROM binding_proof WHERE org_id = ?"} {
				if n := s.value("SELECT COALESCE(MAX(id), '') FROM binding_proof WHERE org_id = ?", id); n != "" {
					text = strings.ReplaceAll(text, n, "PROOF")
				}
				_ = cut
			}
			if at := strings.Index(text, "minamori="); at >= 0 {
				text = text[:at] + text[at+len("minamori=")+32:]
			}
			return text
		}
		steps := []func(id, name string) answer{
			func(id, name string) answer { return s.get("/orgs/"+id+"/binding", name+"-owner") },
			func(id, name string) answer {
				return s.post("/orgs/"+id+"/binding/domains", name+"-owner", "domain", "some.example")
			},
			func(id, name string) answer { return s.get("/orgs/"+id+"/binding", name+"-owner") },
			func(id, name string) answer { s.checks(); return s.get("/orgs/"+id+"/binding", name+"-owner") },
			func(id, name string) answer { return s.get("/api/v1/orgs/"+id+"/binding", name+"-owner") },
		}
		for i, step := range steps {
			a, b := step(taken, "偽"), step(free, "真")
			if d := cmp.Diff(plain(free, "真", b), plain(taken, "偽", a)); d != "" || a.Code != b.Code {
				t.Errorf("step %d differs (%d, %d): %s", i, b.Code, a.Code, d)
			}
		}
		count := func(f func(ctx context.Context) error) int {
			ctx, c := db.Counted(context.Background())
			if err := f(ctx); err != nil {
				t.Fatal(err)
			}
			return c.N()
		}
		for what, f := range map[string]func(id string) func(context.Context) error{
			"asking for a domain": func(id string) func(context.Context) error {
				return func(ctx context.Context) error { _, err := s.AskDomain(ctx, id, "other.example"); return err }
			},
			"being bound": func(id string) func(context.Context) error {
				return func(ctx context.Context) error {
					return s.d.Read(ctx, func(ctx context.Context) error { _, err := s.Bound(ctx, id); return err })
				}
			},
		} {
			if a, b := count(f(taken)), count(f(free)); a != b {
				t.Errorf("%s: %d queries where the number is taken, %d where it is free", what, a, b)
			}
		}
	})
}

// A change of name or number ends the proofs; other changes do not.
func TestEditedCompanyIsCheckedAgain(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		id := s.company("甲", number)
		s.byDomain(id, "甲", "kou.example")
		was := org.Profile{Kind: org.KindCompany, Name: "株式会社甲", CorporateNumber: number}
		is := was
		is.Kana = "カブシキガイシャコウ"
		if err := s.Edited(ctx, id, was, is); err != nil {
			t.Fatal(err)
		}
		s.bound(id, true)
		is.Name = "株式会社甲乙"
		if err := s.Edited(ctx, id, was, is); err != nil {
			t.Fatal(err)
		}
		s.bound(id, false)
		// The number is free again.
		other := s.company("乙", number)
		s.byDomain(other, "乙", "otsu.example")
		s.bound(other, true)
	})
}

func TestReplay(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		ctx := context.Background()
		body, id := s.body("会議所"), s.company("甲", number)
		s.vouch(body, "会議所", id, "甲")
		proof := s.value("SELECT id FROM binding_proof WHERE org_id = ?", id)
		row := s.value("SELECT id FROM binding_body WHERE org_id = ?", body)
		replay := func(verb, org, subject string) {
			t.Helper()
			for range 2 { // twice is once
				if err := s.Replay(ctx, journal.Entry{Org: org, At: s.now, Actor: "system", Verb: verb, Subject: subject}); err != nil {
					t.Fatalf("%s: %v", verb, err)
				}
			}
		}
		replay("binding.ended", id, "unknown")
		replay("binding.body-ended", body, "unknown")
		replay("binding.shown", id, proof)
		s.bound(id, true)
		replay("binding.frozen", id, "a-dispute")
		s.bound(id, false)
		replay("binding.ended", id, proof)
		replay("binding.body-ended", body, row)
		s.bound(id, false)
		if err := s.ByLetter(ctx, id, body, s.now); !problem.Is(err, "binding-no-body") {
			t.Errorf("the body is back: %v", err)
		}
	})
}

// Each route refuses strangers, lesser roles and, where it asks, stale proofs of
// identity.
func TestWhoMay(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		body, id := s.body("会議所"), s.company("甲", number)
		s.vouch(body, "会議所", id, "甲")
		proof := s.value("SELECT id FROM binding_proof WHERE org_id = ?", id)
		n := 0
		for _, r := range s.Routes() {
			path := strings.NewReplacer("{org}", id, "{proof}", proof, "{body}", "x", "{dispute}", "x", "{paper}", "x").Replace(r.Path)
			ask := func(as string) int {
				if r.Method == http.MethodGet {
					return s.get(path, as).Code
				}
				return s.post(path, as).Code
			}
			if !r.Role.InOrganisation() {
				if got := ask("甲-owner"); got != http.StatusNotFound {
					t.Errorf("%s %s as owner: %d", r.Method, path, got)
				}
				continue
			}
			for _, stranger := range []string{"会議所-owner", "op-a", "nobody"} {
				if got := ask(stranger); got != http.StatusNotFound {
					t.Errorf("%s %s as %s: %d", r.Method, path, stranger, got)
				}
			}
			for lesser := web.Viewer; lesser < r.Role; lesser++ {
				n++
				if got := ask("甲-" + lesser.String()); got != http.StatusForbidden {
					t.Errorf("%s %s as %s: %d", r.Method, path, lesser, got)
				}
			}
			if r.StepUp && !r.PageOnly {
				req := httptest.NewRequest(r.Method, "/api/v1"+path, strings.NewReader("{}"))
				req.Header.Set("Content-Type", "application/json")
				if got := s.send(req, "甲-owner!").Code; got != http.StatusForbidden {
					t.Errorf("%s %s with an old proof: %d", r.Method, path, got)
				}
			}
		}
		if n < 15 {
			t.Errorf("only %d", n)
		}
		s.bound(id, true)
	})
}

// Every page renders in every register and says no word of a certificate.
func TestPagesInThreeRegisters(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		body, a, b := s.body("会議所"), s.company("甲", number), s.company("乙", number)
		s.byDomain(a, "甲", "kou.example")
		s.byDomain(b, "乙", "otsu.example")
		s.vouch(body, "会議所", s.company("丙", org.Fictional(3)), "丙")
		dispute := s.value("SELECT id FROM binding_dispute WHERE decided_at IS NULL")
		for path, as := range map[string]string{
			"/orgs/" + a + "/binding": "甲-owner", "/orgs/" + body + "/vouching": "会議所-owner", "/orgs/" + a + "/vouching": "甲-owner",
			"/operator/bodies": "op-a", "/operator/disputes": "op-a", "/operator/disputes/" + dispute: "op-a",
		} {
			for _, l := range i18n.Langs {
				r := httptest.NewRequest(http.MethodGet, path, nil)
				r.AddCookie(&http.Cookie{Name: web.LanguageCookie, Value: string(l)})
				s.send(r, as).want(200, "<h1").wantNot("認定", "認証", "certif")
			}
		}
	})
}

func TestStatesIsOneQuery(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		body, a, b := s.body("会議所"), s.company("甲", number), s.company("乙", "")
		s.byDomain(a, "甲", "kou.example")
		s.vouch(body, "会議所", a, "甲")
		ctx, c := db.Counted(context.Background())
		var got map[string]binding.State
		err := s.d.Read(ctx, func(ctx context.Context) (err error) {
			got, err = s.States(ctx, []string{a, b, "unknown"})
			return err
		})
		if err != nil || len(got) != 1 || got[a].Kind != binding.Voucher || c.N() != 1 {
			t.Errorf("%v in %d queries, %v", got, c.N(), err)
		}
	})
}
