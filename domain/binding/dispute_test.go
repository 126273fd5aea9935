package binding_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/minamori-project/minamori/domain/org"
	"github.com/minamori-project/minamori/internal/journal"
)

// dispute is two companies with proofs of one strength for one number.
func (s *stage) dispute() (a, b, id string) {
	s.t.Helper()
	a, b = s.company("甲", number), s.company("乙", number)
	s.byDomain(a, "甲", "kou.example")
	s.bound(a, true)
	s.told = nil
	s.byDomain(b, "乙", "otsu.example")
	return a, b, s.value("SELECT id FROM binding_dispute WHERE decided_at IS NULL")
}

func (s *stage) side(dispute, org string) string {
	return s.value("SELECT id FROM binding_side WHERE dispute_id = ? AND org_id = ?", dispute, org)
}

func TestSecondProofFreezesTheNumber(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		a, b, _ := s.dispute()
		s.bound(a, false)
		s.bound(b, false)
		slices.Sort(s.told)
		want := []string{a, b}
		slices.Sort(want)
		if d := cmp.Diff(want, s.told); d != "" {
			t.Errorf("told: %s", d)
		}
		// Each sees that there is a dispute, and nothing of the other.
		s.get("/orgs/"+a+"/binding", "甲-owner").want(200, "同じ法人番号を、ほかの会社も名乗っています").wantNot("乙", "otsu", b)
		s.get("/orgs/"+b+"/binding", "乙-owner").want(200, "同じ法人番号を、ほかの会社も名乗っています").wantNot("甲", "kou", a)
		s.get("/api/v1/orgs/"+b+"/binding", "乙-owner").want(200).wantNot("甲", "kou", a)
		// Its journal neither.
		err := s.d.Read(context.Background(), func(ctx context.Context) error {
			entries, err := journal.Before(ctx, a, 0, 100)
			for _, e := range entries {
				if text := string(e.Body) + e.Subject + e.Actor; strings.Contains(text, b) || strings.Contains(text, "乙") {
					t.Errorf("the journal of one side names the other: %s", text)
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestTwoOperatorsDecide(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		a, b, id := s.dispute()
		s.upload("/orgs/"+a+"/binding/case", "甲-manager", "登記の写しを送ります").want(303)
		s.get("/orgs/"+a+"/binding", "甲-owner").want(200, "登記の写しを送ります", "送った書類：1枚")
		s.get("/orgs/"+b+"/binding", "乙-owner").wantNot("写しを送ります", "送った書類")
		s.get("/operator/disputes", "op-a").want(200, string(number), "まだだれも選んでいません")
		page := "/operator/disputes/" + id
		s.get(page, "op-a").want(200, "登記の写しを送ります", "株式会社甲", "株式会社乙")
		s.get(page, "甲-owner").want(404)
		paper := s.value("SELECT id FROM binding_paper WHERE org_id = ?", a)
		s.get(page+"/papers/"+paper, "op-a").want(200, "%PDF")
		s.get("/operator/disputes/another/papers/"+paper, "op-a").want(404)
		if n := s.value("SELECT CAST(COUNT(*) AS TEXT) FROM journal_entry WHERE org_id = ? AND verb IN ('binding.looked', 'binding.paper-opened')", a); n != "2" {
			t.Errorf("%s looks in the company's journal, want 2", n)
		}

		mine, theirs := s.side(id, a), s.side(id, b)
		s.post(page+"/choose", "op-a!", "side", mine).want(403) // step-up
		s.post(page+"/choose", "op-a", "side", "somebody").want(422)
		s.post(page+"/choose", "op-a", "side", mine).want(303)
		s.post(page+"/choose", "op-a", "side", mine).want(303) // one person twice is one
		s.bound(a, false)
		s.post(page+"/choose", "op-b", "side", theirs).want(303) // another choice takes its place
		s.bound(a, false)
		s.get(page, "op-a").want(200, "もう1人の運営者が選びました")
		s.post(page+"/choose", "op-a", "side", mine).want(303)
		s.bound(a, false)
		s.told = nil
		s.post(page+"/choose", "op-b", "side", mine).want(303)
		s.bound(a, true)
		s.bound(b, false)
		if len(s.told) != 2 {
			t.Errorf("%d told of the decision", len(s.told))
		}
		s.get(page, "op-a").want(404)
		s.get(page+"/papers/"+paper, "op-a").want(404)
		// Who lost does not come again with this number.
		s.post("/orgs/"+b+"/binding/domains", "乙-manager", "domain", "otsu2.example").want(409)
		s.bound(a, true)
		if report, err := journal.Verify(context.Background(), s.d, nil, nil); err != nil || !report.OK() {
			t.Errorf("journal: %+v, %v", report, err)
		}
	})
}

func TestNobodyHasShownEnough(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		a, b, id := s.dispute()
		for _, op := range []string{"op-a", "op-b"} {
			s.post("/operator/disputes/"+id+"/choose", op, "side", "nobody").want(303)
		}
		s.bound(a, false)
		s.bound(b, false)
		s.byDomain(a, "甲", "kou.example")
		s.bound(a, true)
	})
}

func TestWithdrawingGivesTheNumberToTheOther(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		a, b, _ := s.dispute()
		s.post("/orgs/"+a+"/binding/withdraw", "甲-manager").want(403)
		s.post("/orgs/"+a+"/binding/withdraw", "甲-owner").want(303)
		s.bound(a, false)
		s.bound(b, true)
		s.get("/operator/disputes", "op-a").want(200, "いま、重なった番号はありません")
		s.post("/orgs/"+a+"/binding/withdraw", "甲-owner").want(409)
	})
}

// A domain of one's own does not silence a company that came by letter.
func TestWeakerProofDoesNotFreeze(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		body, a, b := s.body("会議所"), s.company("甲", number), s.company("乙", number)
		if err := s.ByLetter(context.Background(), a, body, s.now); err != nil {
			t.Fatal(err)
		}
		s.byDomain(b, "乙", "otsu.example")
		s.bound(a, true)
		s.bound(b, false)
		s.get("/orgs/"+a+"/binding", "甲-owner").want(200, "同じ法人番号について、確認を待っています")
		s.vouch(body, "会議所", b, "乙")
		s.bound(a, false)
		s.bound(b, false)
	})
}

// Many may claim; a third one joins the same dispute.
func TestThirdSide(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		a, b, id := s.dispute()
		c := s.company("丙", number)
		s.byDomain(c, "丙", "hei.example")
		for _, who := range []string{a, b, c} {
			s.bound(who, false)
		}
		s.post("/orgs/"+a+"/binding/withdraw", "甲-owner").want(303)
		s.bound(b, false)
		s.bound(c, false)
		for _, op := range []string{"op-a", "op-b"} {
			s.post("/operator/disputes/"+id+"/choose", op, "side", s.side(id, c)).want(303)
		}
		s.bound(a, false)
		s.bound(b, false)
		s.bound(c, true)
	})
}

// The company's own end of its last proof frees the number and the dispute.
func TestEndingOnesOwnProof(t *testing.T) {
	each(t, func(t *testing.T, s *stage) {
		a, b, _ := s.dispute()
		proof := s.value("SELECT id FROM binding_proof WHERE org_id = ? AND ended_at IS NULL", b)
		s.post("/orgs/"+a+"/binding/"+proof+"/end", "甲-owner").want(404)
		s.post("/orgs/"+b+"/binding/"+proof+"/end", "乙-manager").want(403)
		s.post("/orgs/"+b+"/binding/"+proof+"/end", "乙-owner").want(303)
		s.bound(b, false)
		s.bound(a, true)
		if err := s.EndAll(context.Background(), a, "closed"); err != nil {
			t.Fatal(err)
		}
		s.bound(a, false)
		s.bound(s.company("丁", org.Fictional(99)), false)
	})
}
