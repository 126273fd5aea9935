package mapping

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/domain/assess"
	"github.com/minamori-project/minamori/internal/db"
)

const (
	mappedB = "/orgs/mihon/mapped/tri-b"
	verb    = "SELECT COUNT(*) FROM journal_entry WHERE verb = ?"
)

func TestOneAnswerServesAnotherFramework(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-a/1=met", "tri-a/2=met", "tri-a/3=met")
		rule := st.prove("tri-a", "2", assess.FormRule, "")
		st.get("mori", "/orgs/mihon/mapped").want(http.StatusOK, "/orgs/mihon/mapped/tri-b")
		st.get("mori", mappedB).want(http.StatusOK, "tri-ab 1.0.0").wantNot(`type="checkbox"`)
		page := st.get("hana", mappedB).want(http.StatusOK, `type="checkbox"`, "「裏付け2」を足します")
		if n := strings.Count(page.Body.String(), "checked"); n != 3 {
			t.Errorf("%d lines are ticked, want 3: what is open", n)
		}
		lines := st.preview("hana", "tri-b")
		if l := lines["4"]; l.Kind != Hinted || l.Key != "" || l.Level != "hint" {
			t.Errorf("a machine's word: %+v", l)
		}
		st.post("hana", mappedB, "rows", lines["1"].Key, "rows", lines["2"].Key, "rows", lines["3"].Key).want(http.StatusSeeOther)
		for item, want := range map[string]assess.State{"1": assess.Word, "2": assess.Shown, "3": assess.PartlyMet, "4": assess.Open} {
			if s := st.standing("tri-b", item); s.State != want {
				t.Errorf("%s: %s, want %s", item, s.State, want)
			}
		}
		a := st.answer("tri-b", "2")
		if a.Source != assess.SourceMapped || a.SourceNote != "tri-a 2 (tri-ab 1.0.0)" || a.By != "hana" {
			t.Errorf("it does not say where it is from: %+v", a)
		}
		if e := st.standing("tri-b", "2").Proofs; len(e) != 1 || e[0].ID != rule {
			t.Errorf("the rule does not show it: %+v", e)
		}
		if n := st.value(verb, "mapping.applied"); n != 1 {
			t.Errorf("%d entries", n)
		}
		again := st.preview("hana", "tri-b")
		if again["1"].Kind != Standing || again["1"].Key != "" || len(again["1"].MadeFrom) != 1 {
			t.Errorf("it is not shown as mapped: %+v", again["1"])
		}
		st.get("hana", mappedB).want(http.StatusOK, "前に当てはめた項目")
	})
}

func TestOwnWordStaysUnlessTicked(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-a/1=met", "tri-a/2=partly", "tri-a/3=met", "tri-b/1=not_met", "tri-b/2=met", "tri-b/3=not_applicable")
		lines := st.preview("hana", "tri-b")
		if l := lines["1"]; l.Kind != Replace || l.Ticked || l.Key == "" {
			t.Errorf("the company says no here: %+v", l)
		}
		if _, ok := lines["2"]; ok {
			t.Error("the company says more here, and is asked")
		}
		if l := lines["3"]; l.Kind != Replace || l.Ticked {
			t.Errorf("the company says something else here: %+v", l)
		}
		page := st.get("hana", mappedB).want(http.StatusOK, "今の答えとちがう項目").wantNot("checked")
		_ = page
		st.post("hana", mappedB, "rows", lines["1"].Key).want(http.StatusSeeOther)
		if a := st.answer("tri-b", "1"); a.Choice != assess.Met || a.Memo != "めも1" || a.Revision != 2 {
			t.Errorf("ticked, it is %+v", a)
		}
		if a := st.answer("tri-b", "3"); a.Choice != assess.NotApplicable {
			t.Errorf("not ticked, it became %+v", a)
		}
	})
}

func TestNothingIsAppliedUnseen(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-a/1=met", "tri-a/3=met")
		seen := st.preview("hana", "tri-b")
		st.say("tri-a/1=partly")
		st.post("hana", mappedB, "rows", seen["1"].Key, "rows", seen["3"].Key).want(http.StatusConflict, "見ている間に", `type="checkbox"`)
		if a := st.answer("tri-b", "3"); a.Revision != 0 {
			t.Errorf("a part of it was applied: %+v", a)
		}
		now := st.preview("hana", "tri-b")
		st.say("tri-b/1=not_met")
		st.post("hana", mappedB, "rows", now["1"].Key).want(http.StatusConflict)
		for _, forged := range []string{"4|met|0|", "1|met|0|", "nothing", "2|met|0|", strings.Repeat("x", 5000)} {
			st.post("hana", mappedB, "rows", forged).want(http.StatusConflict)
		}
		st.post("hana", mappedB).want(http.StatusUnprocessableEntity, "印を1つ以上")
		if a := st.answer("tri-b", "1"); a.Choice != assess.NotMetChoice {
			t.Errorf("an answer given meanwhile was lost: %+v", a)
		}
		if n := st.value("SELECT COUNT(*) FROM mapping_applied"); n != 0 {
			t.Errorf("%d were applied", n)
		}
	})
}

func TestSourceThatChangesIsShownWithTheOfferToRenew(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-a/1=met", "tri-a/2=met")
		lines := st.preview("hana", "tri-b")
		st.post("hana", mappedB, "rows", lines["1"].Key, "rows", lines["2"].Key).want(http.StatusSeeOther)
		st.say("tri-a/1=partly", "tri-a/2=not_met")
		page := st.get("hana", mappedB).want(http.StatusOK, "もとの答えが変わりました", "もう言えません")
		_ = page
		lines = st.preview("hana", "tri-b")
		if l := lines["1"]; l.Kind != Renew || !l.Ticked || l.Choice != assess.Partly || l.MadeFrom[0].Choice != assess.Met {
			t.Errorf("renew: %+v", l)
		}
		if l := lines["2"]; l.Kind != Lost || l.Key != "" {
			t.Errorf("lost: %+v", l)
		}
		st.post("hana", mappedB, "rows", lines["1"].Key).want(http.StatusSeeOther)
		if a := st.answer("tri-b", "1"); a.Choice != assess.Partly || a.Source != assess.SourceMapped {
			t.Errorf("renewed: %+v", a)
		}
		if l := st.preview("hana", "tri-b")["1"]; l.Kind != Standing {
			t.Errorf("after renewing: %+v", l)
		}
		st.say("tri-b/2=not_met") // now the company's own word
		if l, ok := st.preview("hana", "tri-b")["2"]; ok {
			t.Errorf("the company's own word is shown as applied: %+v", l)
		}
	})
}

func TestNewerMapOffersToRenew(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-a/1=met")
		st.post("hana", mappedB, "rows", st.preview("hana", "tri-b")["1"].Key).want(http.StatusSeeOther)
		newer := mapOf("tri-ab", "tri-a", "tri-b", "1 equal-to 1")
		newer.Version = "1.1.0"
		st.Room.Atlas = NewAtlas(st.Assess.Packs, []*Map{newer})
		st.get("hana", mappedB).want(http.StatusOK, "対応表が新しくなりました")
		st.post("hana", mappedB, "rows", st.preview("hana", "tri-b")["1"].Key).want(http.StatusSeeOther)
		if l := st.preview("hana", "tri-b")["1"]; l.Kind != Standing {
			t.Errorf("after renewing: %+v", l)
		}
	})
}

func TestEvidenceAloneIsOfferedAndSecretsOnlyToManagers(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-a/1=met", "tri-b/1=met")
		secret := st.prove("tri-a", "1", "", assess.Secret)
		if _, ok := st.preview("hana", "tri-b")["1"]; ok {
			t.Error("a member is told of secret evidence")
		}
		st.get("hana", mappedB).want(http.StatusOK).wantNot("裏付け1secret", secret)
		key := st.preview("taro", "tri-b")["1"].Key
		st.post("hana", mappedB, "rows", key).want(http.StatusConflict).wantNot("裏付け1secret")
		st.post("taro", mappedB, "rows", key).want(http.StatusSeeOther)
		s := st.standing("tri-b", "1")
		if s.State != assess.Shown || s.Answer.Source != "" || s.Answer.Revision != 1 {
			t.Errorf("the answer is not the company's own any more: %+v", s)
		}
	})
}

func TestAppliedAnswersAreNoOrigins(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.Room.Atlas = NewAtlas(st.Assess.Packs, []*Map{mapOf("tri-ab", "tri-a", "tri-b", "1 equal-to 1"), mapOf("tri-bc", "tri-b", "tri-new", "1 equal-to 1")})
		st.say("tri-a/1=met")
		st.post("hana", mappedB, "rows", st.preview("hana", "tri-b")["1"].Key).want(http.StatusSeeOther)
		l := st.preview("hana", "tri-new")["1"]
		if len(l.Sources) != 1 || l.Sources[0].Pack != "tri-a" || len(l.Sources[0].Path) != 2 {
			t.Errorf("%+v", l.Sources)
		}
	})
}

func TestRolesAndStrangers(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-a/1=met", "tri-old/1=met")
		key := st.preview("hana", "tri-b")["1"].Key
		for _, path := range []string{"/orgs/mihon/mapped", mappedB, mappedB + "/items/1", "/orgs/mihon/mapped/tri-old/move?to=tri-new"} {
			st.get("mori", path).want(http.StatusOK)
			st.get("yoso-owner", path).want(http.StatusNotFound)
		}
		st.post("mori", mappedB, "rows", key).want(http.StatusForbidden)
		st.post("mori", "/orgs/mihon/mapped/tri-old/move", "to", "tri-new", "rows", "x").want(http.StatusForbidden)
		st.post("yoso-owner", mappedB, "rows", key).want(http.StatusNotFound)
		st.post("yoso-owner", "/orgs/mihon/mapped/tri-old/move", "to", "tri-new", "rows", "x").want(http.StatusNotFound)
		// Another company's answers serve nobody else.
		st.post("yoso-owner", "/orgs/yoso/mapped/tri-b", "rows", key).want(http.StatusConflict)
		st.get("yoso-owner", "/orgs/yoso/mapped").want(http.StatusOK, "まだ答えがありません").wantNot("mihon")
		for _, path := range []string{"/orgs/mihon/mapped/nowhere", mappedB + "/items/99", "/orgs/mihon/mapped/nowhere/move", "/orgs/mihon/mapped/tri-old/move?to=tri-b", "/orgs/mihon/mapped/tri-new/move?to=tri-old"} {
			st.get("mori", path).want(http.StatusNotFound)
		}
	})
}

func TestRelationsOfAnItem(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.get("mori", "/orgs/mihon/mapped/scs-star3-2026/items/4-4-4-2").want(http.StatusOK, "diagnosis25-to-scs-star3 1.0.0", "14日以内", "下書き", "一部が重なる")
		st.get("mori", "/orgs/mihon/mapped/tri-new/items/1").want(http.StatusOK, "まだ書かれていません")
	})
}

func TestShippedAnswersServeThreeStars(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		for _, x := range st.Assess.Packs.ByID("self-diagnosis-25").Items {
			st.say("self-diagnosis-25/" + x.ID + "=done")
		}
		lines := st.preview("hana", "scs-star3-2026")
		pairs := []string{}
		for _, l := range lines {
			if l.Choice != assess.Partly {
				t.Errorf("%s would be %q", l.Item, l.Choice)
			}
			pairs = append(pairs, "rows", l.Key)
		}
		if len(lines) < 10 {
			t.Errorf("%d criteria", len(lines))
		}
		st.post("hana", "/orgs/mihon/mapped/scs-star3-2026", pairs...).want(http.StatusSeeOther)
		st.get("hana", "/orgs/mihon/mapped").want(http.StatusOK)
		st.get("hana", "/orgs/mihon/mapped/scs-star3-2026").want(http.StatusOK, "前に当てはめた項目")
	})
}

func TestExportAndClose(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-a/1=met")
		st.post("hana", mappedB, "rows", st.preview("hana", "tri-b")["1"].Key).want(http.StatusSeeOther)
		var out bytes.Buffer
		export := func(org string) {
			t.Helper()
			err := st.DB.Read(context.Background(), func(ctx context.Context) error {
				return st.Export(ctx, org, func(_ string, write func(io.Writer) error) error { return write(&out) })
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		export("mihon")
		if !strings.Contains(out.String(), `"maps":["tri-ab 1.0.0"]`) {
			t.Errorf("export: %s", out.String())
		}
		if err := st.Close(context.Background(), "yoso"); err != nil || st.value("SELECT COUNT(*) FROM mapping_applied") != 1 {
			t.Errorf("closing another company took it away: %v", err)
		}
		if err := st.Close(context.Background(), "mihon"); err != nil || st.value("SELECT COUNT(*) FROM mapping_applied") != 0 {
			t.Errorf("closing left rows: %v", err)
		}
	})
}

func TestPagesAskFewQuestions(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-a/1=met", "self-diagnosis-25/1=done", "tri-old/1=met")
		for name, look := range map[string]func(context.Context) error{
			"overview": func(ctx context.Context) error { _, err := st.overview(ctx, orgIn{"mihon"}); return err },
			"pack":     func(ctx context.Context) error { _, err := st.show(ctx, packIn{"mihon", "scs-star3-2026"}); return err },
			"move": func(ctx context.Context) error {
				_, err := st.showMove(ctx, showMoveIn{"mihon", "tri-old", ""})
				return err
			},
		} {
			err := st.DB.Read(context.Background(), func(ctx context.Context) error {
				ctx, n := db.Counted(ctx)
				err := look(ctx)
				if n.N() > 3 {
					t.Errorf("%s asks %d questions", name, n.N())
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
