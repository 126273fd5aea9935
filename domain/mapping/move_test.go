package mapping

import (
	"net/http"
	"strings"
	"testing"

	"github.com/minamori-project/minamori/domain/assess"
)

const moveOld = "/orgs/mihon/mapped/tri-old/move"

// moves is the lines of a move, by item of the new edition or "-" and the old one.
func (st *stage) moves(path string) map[string]MoveLineView {
	st.t.Helper()
	var v MoveView
	st.json("hana", path, &v)
	all := map[string]MoveLineView{}
	for _, l := range v.Lines {
		name := l.New
		if name == "" {
			name = "-" + l.Old
		}
		all[name] = l
	}
	return all
}

func TestMoveToNextEdition(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.say("tri-old/1=met", "tri-old/2=not_met", "tri-old/3=not_applicable", "tri-old/4=met", "tri-new/3=met")
		proof := st.prove("tri-old", "1", "", "")
		page := st.get("hana", moveOld+"?to=tri-new").want(http.StatusOK, "同じ", "言い方が変わった", "新しい項目", "なくなった項目", "題がちがいます", "「裏付け1」を足します")
		if n := strings.Count(page.Body.String(), "checked"); n != 1 {
			t.Errorf("%d lines are ticked, want 1: the same, and not answered yet", n)
		}
		lines := st.moves(moveOld)
		for item, want := range map[string]string{"1": Same, "2": Reworded, "3": Same, "5": Added, "-4": Gone} {
			if lines[item].Kind != want {
				t.Errorf("%s: %s, want %s", item, lines[item].Kind, want)
			}
		}
		st.post("hana", moveOld, "to", "tri-new", "rows", lines["1"].Key, "rows", lines["2"].Key).want(http.StatusSeeOther)
		s := st.standing("tri-new", "1")
		if s.State != assess.Shown || s.Answer.Memo != "めも1" || s.Answer.Source != "" || s.Answer.SourceNote != "tri-old 1" || s.Proofs[0].ID != proof {
			t.Errorf("moved: %+v", s)
		}
		if a := st.answer("tri-new", "2"); a.Choice != assess.NotMetChoice {
			t.Errorf("ticked, it is %+v", a)
		}
		if a := st.answer("tri-new", "3"); a.Choice != assess.Met {
			t.Errorf("an answer in the new edition was lost: %+v", a)
		}
		if old := st.standing("tri-old", "1"); old.State != assess.Shown || old.Answer.Choice != assess.Met {
			t.Errorf("the old edition lost its answer: %+v", old)
		}
		if n := st.value(verb, "mapping.moved"); n != 1 {
			t.Errorf("%d entries", n)
		}
		st.post("hana", moveOld, "to", "tri-new", "rows", lines["1"].Key).want(http.StatusConflict)
		after := st.moves(moveOld)
		st.post("hana", moveOld, "to", "tri-new", "rows", after["3"].Key).want(http.StatusSeeOther)
		if a := st.answer("tri-new", "3"); a.Choice != assess.NotApplicable || a.Reason != "ありません" {
			t.Errorf("ticked, it is %+v", a)
		}
	})
}

// A moved answer is the company's own word about the same thing: it goes on to
// other frameworks.
func TestMovedAnswerIsAnOrigin(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.Room.Atlas = NewAtlas(st.Assess.Packs, []*Map{mapOf("tri-nb", "tri-new", "tri-b", "1 equal-to 1")})
		st.say("tri-old/1=met")
		st.post("hana", moveOld, "to", "tri-new", "rows", st.moves(moveOld)["1"].Key).want(http.StatusSeeOther)
		if l := st.preview("hana", "tri-b")["1"]; l.Kind != Fill {
			t.Errorf("%+v", l)
		}
	})
}

// What asks for more is moved as a part, and is then a value from elsewhere.
func TestMoveByMapOfChangedItem(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.Room.Atlas = NewAtlas(st.Assess.Packs, []*Map{mapOf("tri-move", "tri-old", "tri-new", "1 equal-to 1", "4 subset-of 5")})
		st.say("tri-old/1=unknown", "tri-old/4=met", "tri-old/3=not_met")
		st.prove("tri-old", "4", "", "")
		lines := st.moves(moveOld)
		if l := lines["5"]; l.Kind != Changed || l.Choice != assess.Partly || len(l.Evidence) != 0 {
			t.Errorf("%+v", l)
		}
		if l := lines["3"]; l.Kind != Added || l.Key != "" {
			t.Errorf("a map decides what is the same: %+v", l)
		}
		st.post("hana", moveOld, "to", "tri-new", "rows", lines["5"].Key, "rows", lines["1"].Key).want(http.StatusSeeOther)
		if a := st.answer("tri-new", "5"); a.Choice != assess.Partly || a.Source != assess.SourceMapped || a.SourceNote != "tri-old 4 (tri-move 1.0.0)" {
			t.Errorf("%+v", a)
		}
		if a := st.answer("tri-new", "1"); a.Choice != assess.Unknown {
			t.Errorf("unknown became %+v", a)
		}
	})
}

func TestFiveArticlesBecomeSix(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		const move = "/orgs/mihon/mapped/security-action-articles-5/move"
		for _, i := range []string{"1", "2", "3", "4", "5"} {
			st.say("security-action-articles-5/" + i + "=partly")
		}
		st.get("hana", "/orgs/mihon/mapped").want(http.StatusOK, move+"?to=security-action-articles-6")
		lines := st.moves(move)
		pairs := []string{"to", "security-action-articles-6"}
		for _, i := range []string{"1", "2", "3", "4", "5"} {
			if l := lines[i]; l.Kind != Same || !l.Ticked {
				t.Errorf("%s: %+v", i, l)
			}
			pairs = append(pairs, "rows", lines[i].Key)
		}
		if l := lines["6"]; l.Kind != Added || l.Key != "" {
			t.Errorf("6: %+v", l)
		}
		st.post("hana", move, pairs...).want(http.StatusSeeOther)
		for _, i := range []string{"1", "5"} {
			if a := st.answer("security-action-articles-6", i); a.Choice != assess.Partly || a.SourceNote != "security-action-articles-5 "+i+" (articles-5-to-6 1.0.0)" {
				t.Errorf("%s: %+v", i, a)
			}
		}
		if a := st.answer("security-action-articles-6", "6"); a.Revision != 0 {
			t.Errorf("the new article has an answer: %+v", a)
		}
	})
}

func TestPackWithoutLaterEdition(t *testing.T) {
	each(t, func(t *testing.T, st *stage) {
		st.get("mori", "/orgs/mihon/mapped/self-diagnosis-25/move").want(http.StatusOK, "これより新しい版はありません")
		st.post("hana", "/orgs/mihon/mapped/self-diagnosis-25/move", "rows", "x").want(http.StatusConflict)
	})
}
